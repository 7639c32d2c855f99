"""An empty table to fill in: one city a row, one column for each question, with help in the spreadsheet itself."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

from citygrow_nb import atomic
from citygrow_nb.model import Benchmark, ContextFactor, GuideQuestion
from citygrow_nb.tables.csvfile import inert
from citygrow_nb.tables.forms.selection import Selection
from citygrow_nb.tables.sheet import letter
from citygrow_nb.tables.spreadsheet import dress, heading, save, text_cell

_ROWS = 5_000
_MAX_HINT = 255
_HELP = {
    "city": "Name of the city, as the city writes it.",
    "round": "Label of the self-test, usually the year.",
    "country": "Country, two letters as in PL (may stay empty).",
    "population": "Number of inhabitants (may stay empty).",
    "role": "Department or partner that answers.",
    "kind": "An institution is shown by name; a person never alone.",
}
_WHO = ("role", "kind")
_EXPLAINED = ("code", "question", "0", "1", "2", "3", "evidence", "who usually knows")


def write(path: Path, benchmark: Benchmark, selection: Selection) -> None:
    """Write an empty wide table: CSV has only the column names, XLSX lists to choose from and a sheet that explains.

    Parameters and errors as of :func:`citygrow_nb.tables.forms.template`.
    """
    own = {"city": selection.city, "round": selection.round, "role": selection.role}
    own |= {"kind": "institution"} if selection.role else {}
    columns = [*(name for name in _HELP if name not in _WHO or selection.role), *selection.codes]
    # An institution's row is begun, or nothing would say whose it is.
    filled_in = [own.get(column, "") for column in columns] if any(own.values()) else []
    if path.suffix.lower() == ".csv":
        text = io.StringIO(newline="")
        csv.writer(text).writerows([columns, *([list(map(inert, filled_in))] if filled_in else [])])
        atomic.write(path, text.getvalue().encode("utf-8-sig"))
        return
    from openpyxl import Workbook

    book = Workbook()
    sheet: Any = book.active
    sheet.title = "answers"
    dress(sheet, columns, frozen=2)
    sheet.append([heading(sheet, column) for column in columns])
    for i, column in enumerate(columns):
        sheet.add_data_validation(_choice(column, benchmark, i))
    if filled_in:
        sheet.append([text_cell(sheet, value) if value else None for value in filled_in])
    _explain(book.create_sheet("codes"), selection)
    with atomic.replacing(path) as file:
        save(book, file)


def _choice(column: str, benchmark: Benchmark, position: int) -> Any:
    """Return what may be chosen in a column, with a hint that shows when a cell is entered."""
    from openpyxl.worksheet.datavalidation import DataValidation

    question, context = benchmark.questions.get(column), benchmark.contexts.get(column)
    item = question or context
    hint = item.text if item else _HELP[column]
    choices = "0,1,2,3,dk,na" if question else "-2,-1,0,1,2"
    rule = DataValidation(
        type="list" if item else None,
        formula1=f'"{choices}"' if item else None,
        allow_blank=True,
        showErrorMessage=True,
        errorTitle=column,
        error=f"Allowed: {choices.replace(',', ', ')}, or empty.",
        showInputMessage=True,
        promptTitle=column,
        # The format allows no more.
        prompt=hint if len(hint) <= _MAX_HINT else f"{hint[: _MAX_HINT - 1]}…",
    )
    rule.add(f"{letter(position)}2:{letter(position)}{_ROWS}")
    return rule


def _explain(sheet: Any, selection: Selection) -> None:
    from openpyxl.styles import Alignment

    dress(sheet, _EXPLAINED, frozen=1)
    for column in "CDEFGH":
        sheet.column_dimensions[column].width = 36
    sheet.append([heading(sheet, name) for name in _EXPLAINED])
    rows = [
        ("dk", "Don't know: for any question. Better than a guess, and it shows whom to ask."),
        ("na", "Not applicable: for any question that cannot arise in the city."),
        *((question.code, *_told(question)) for question in selection.questions),
        *((factor.code, _asked(factor)) for factor in selection.contexts),
    ]
    for row in rows:
        cells = [text_cell(sheet, value) for value in row]
        for cell in cells:
            cell.alignment = Alignment(vertical="top", wrap_text=True)
        sheet.append(cells)


def _told(question: GuideQuestion) -> tuple[str, ...]:
    text = f"{question.text}\n{question.help}".strip()
    return (text, *question.levels, question.evidence_hint, question.who_knows)


def _asked(factor: ContextFactor) -> str:
    prompts = "\n".join(f"– {prompt.text}" for prompt in factor.prompts)
    return f"{factor.text}\n{prompts}\n-2: {factor.hindering}\n2: {factor.enabling}"
