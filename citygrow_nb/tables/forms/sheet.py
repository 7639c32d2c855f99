"""One sheet with questions for one department or partner: a row for each, with its levels to choose from."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from citygrow_nb import atomic
from citygrow_nb.model import Assessment, GuideQuestion
from citygrow_nb.tables.header import SHOWN
from citygrow_nb.tables.sheet import letter
from citygrow_nb.tables.spreadsheet import dress, heading, save, text_cell

_COLUMNS = (
    *("code", *SHOWN, "level", "comment", "evidence_title", "evidence_url"),
    *("city", "round", "slug", "role", "kind"),
)
_ANSWER = _COLUMNS.index("level")


def question_sheet(path: Path, assessment: Assessment, role: str, questions: Sequence[GuideQuestion]) -> None:
    """Write an XLSX file that one department or partner fills in, and that can be imported as it comes back.

    Parameters
    ----------
    path
        The file.
    assessment
        City and round that are asked about.
    role
        Who is asked; the answers will be this institution's.
    questions
        What is asked.

    Raises
    ------
    StoreError
        If it cannot be written.
    """
    from openpyxl import Workbook
    from openpyxl.styles import Alignment
    from openpyxl.worksheet.datavalidation import DataValidation

    book = Workbook()
    sheet: Any = book.active
    sheet.title = "answers"
    dress(sheet, _COLUMNS, frozen=2)
    for position in range(2, 2 + len(SHOWN) - 1):
        sheet.column_dimensions[letter(position)].width = 30
    sheet.append([heading(sheet, name) for name in _COLUMNS])
    city = assessment.city
    for question in questions:
        text = f"{question.text}\n{question.help}".strip()
        told = (question.code, text, *question.levels, None, None, None, None)
        row = [*told, city.name, assessment.round, city.slug, role, "institution"]
        cells = [None if value is None else text_cell(sheet, value) for value in row]
        for cell in filter(None, cells):
            cell.alignment = Alignment(vertical="top", wrap_text=True)
        sheet.append(cells)
    rule = DataValidation(type="list", formula1='"0,1,2,3,dk,na"', allow_blank=True, showErrorMessage=True)
    rule.error, rule.errorTitle = "Allowed: 0, 1, 2, 3, dk (don't know), na (not applicable), or empty.", "level"
    rule.prompt, rule.promptTitle = "0 to 3, as described to the left; dk: don't know; na: not applicable", "level"
    rule.showInputMessage = True
    rule.add(f"{letter(_ANSWER)}2:{letter(_ANSWER)}{len(questions) + 1}")
    sheet.add_data_validation(rule)
    with atomic.replacing(path) as file:
        save(book, file)
