"""An empty table to fill in: one city a row, one column for each question, with help in the spreadsheet itself."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

from citygrow_nb import atomic
from citygrow_nb.model import Benchmark, ContextFactor, GuideQuestion
from citygrow_nb.tables.header import asked
from citygrow_nb.tables.sheet import letter
from citygrow_nb.tables.spreadsheet import dress, heading, save, text_cell
from citygrow_nb.tables.writing import checked_ending

_ROWS = 5_000
_MAX_HINT = 255
_HELP = {
    "city": "Name of the city, as the city writes it.",
    "round": "Label of the self-test, usually the year.",
    "country": "Country, two letters as in PL (may stay empty).",
    "population": "Number of inhabitants (may stay empty).",
}
_EXPLAINED = ("code", "question", "0", "1", "2", "3", "evidence", "who usually knows")


def template(path: Path, benchmark: Benchmark) -> None:
    """Write an empty wide table.

    Parameters
    ----------
    path
        The file; by its ending it becomes CSV (only the column names) or XLSX (with lists to choose from, and a second
        sheet that explains each column).
    benchmark
        What is asked.

    Raises
    ------
    TableError
        If the ending is not known.
    StoreError
        If it cannot be written; a file of this name then stands as it was.
    """
    columns = [*_HELP, *asked(benchmark)]
    if checked_ending(path) == ".csv":
        text = io.StringIO(newline="")
        csv.writer(text).writerow(columns)
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
    _explain(book.create_sheet("codes"), benchmark)
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


def _explain(sheet: Any, benchmark: Benchmark) -> None:
    from openpyxl.styles import Alignment

    dress(sheet, _EXPLAINED, frozen=1)
    for column in "CDEFGH":
        sheet.column_dimensions[column].width = 36
    sheet.append([heading(sheet, name) for name in _EXPLAINED])
    rows = [
        ("dk", "Don't know: for any question. Better than a guess, and it shows whom to ask."),
        ("na", "Not applicable: for any question that cannot arise in the city."),
        *((question.code, *_told(question)) for question in benchmark.questions.values()),
        *((factor.code, _asked(factor)) for factor in benchmark.context_factors),
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
