"""Tables with answers to several benchmarks: a column says which one each row answers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from citygrow_nb.exceptions import Problem
from citygrow_nb.tables.cells import CellError, line
from citygrow_nb.tables.header import BENCHMARK, means_city
from citygrow_nb.tables.sheet import Row, Sheet, filled


def named(sheets: Sequence[Sheet]) -> dict[str, str]:
    """Return the benchmarks that rows name, in order, with the first place of each; none where no sheet has the column.

    Parameters
    ----------
    sheets
        All sheets of a file.
    """
    found: dict[str, str] = {}
    for sheet in sheets:
        column = _column(sheet)
        for row in _body(sheet) if column >= 0 else ():
            if name := _name(row, column):
                found.setdefault(name, f"{sheet.where}, row {row.number}, column {BENCHMARK}")
    return found


def nameless(sheets: Sequence[Sheet]) -> Iterator[Problem]:
    """Yield a problem for each row that names no benchmark, in sheets that have the column."""
    for sheet in sheets:
        column = _column(sheet)
        for row in _body(sheet) if column >= 0 else ():
            if row.fault is None and not row.is_blank and not _name(row, column):
                where = f"{sheet.where}, row {row.number}, column {BENCHMARK}"
                yield Problem(where, "it does not say which benchmark the row answers", todo="fill it in, in every row")


def part(sheet: Sheet, benchmark_id: str) -> Sheet:
    """Return a sheet with the rows of one benchmark only; they keep their numbers."""
    column = _column(sheet)

    def rows() -> Iterator[Row]:
        header = False
        for row in sheet.rows():
            if not header:
                header = not row.is_blank
                yield row
            elif row.fault is not None or row.is_blank or column < 0 or _name(row, column) == benchmark_id:
                yield row

    return Sheet(sheet.where, rows, sheet.name, sheet.note)


def has_column(sheet: Sheet) -> bool:
    """Tell whether a sheet says which benchmark its rows answer."""
    return _column(sheet) >= 0


def _column(sheet: Sheet) -> int:
    first = next((row for row in sheet.rows() if not row.is_blank), Row(0, ()))
    names = [_text(cell).casefold() for cell in first.cells]
    return names.index(BENCHMARK) if BENCHMARK in names and any(map(means_city, names)) else -1


def _body(sheet: Sheet) -> Iterator[Row]:
    rows = (row for row in sheet.rows() if not row.is_blank)
    next(rows, None)
    return rows


def _name(row: Row, column: int) -> str:
    return _text(row.cells[column]).strip().lower() if column < len(row.cells) else ""


def _text(cell: object) -> str:
    try:
        return line(cell) if filled(cell) else ""  # type: ignore[arg-type]
    except CellError:
        return ""
