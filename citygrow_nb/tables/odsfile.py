"""ODS, XLS and XLSB files as they occur: which sheets, which rows. Knows no column.

XLSX has a reader of its own, which tells a formula without a result, or with an error, from an empty cell. Here that
cannot be told, so it is said.
"""

from __future__ import annotations

import contextlib
import datetime
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from citygrow_nb.exceptions import Problem, TableError
from citygrow_nb.tables.cells import Cell, Unusable
from citygrow_nb.tables.sheet import Row, Sheet
from citygrow_nb.tables.xlsxfile import DAMAGED, check_packed

OLE = b"\xd0\xcf\x11\xe0"
"""What old XLS files begin with, and files with a password."""

_NOTE = "in this format a formula with an error reads as an empty cell; if there are formulas, save it as XLSX"
_TYPE_IT = "format the cell as text and type it again"


def open_ods(path: Path) -> list[Sheet]:
    """Read the visible sheets of an ODS, XLS or XLSB file.

    Parameters
    ----------
    path
        The file; what it holds counts, not its ending.

    Returns
    -------
    list of Sheet
        In their order; at least one. Results of formulas stand for the formulas. They are kept in memory.

    Raises
    ------
    TableError
        If it is none of these files, has a password, or is damaged.
    OSError
        If it cannot be read.
    """
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetVisibleEnum

    with path.open("rb") as file, _quiet():
        try:
            if file.read(len(OLE)) != OLE:
                check_packed(path, file)
            file.seek(0)
            book = CalamineWorkbook.from_filelike(file)
            visible = [each.name for each in book.sheets_metadata if each.visible is SheetVisibleEnum.Visible]
            if not visible:
                raise TableError(Problem(str(path), "no sheet of the file is to be seen", todo="unhide the answers"))
            tables = {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in visible}
            return [_sheet(path, name, table, "" if i else _NOTE) for i, (name, table) in enumerate(tables.items())]
        except PasswordError as error:
            raise TableError(protected(path)) from error
        except (CalamineError, *DAMAGED) as error:
            raise TableError(_damaged(path)) from error
        except BaseException as error:
            # The library gives up on some damaged files with an exception that is none of Python's own kinds.
            if type(error).__name__ != "PanicException":
                raise
            raise TableError(_damaged(path)) from error


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep what the library writes to the terminal itself, when it gives up, from people."""
    with contextlib.ExitStack() as stack, Path(os.devnull).open("wb") as nothing:
        try:
            kept = os.dup(2)
        except OSError:  # there is no such channel, as in a window without a console
            yield
            return
        stack.callback(os.close, kept)
        os.dup2(nothing.fileno(), 2)
        stack.callback(os.dup2, kept, 2)
        yield


def _damaged(path: Path) -> Problem:
    return Problem(str(path), "the file is damaged", todo="open it in a spreadsheet program and save it as XLSX")


def protected(path: Path) -> Problem:
    """Return the problem of a file that only a password opens."""
    return Problem(str(path), "the file has a password", todo="save it without one, as XLSX")


def _sheet(path: Path, name: str, table: Iterable[Sequence[object]], note: str) -> Sheet:
    rows = [Row(number, cells) for number, row in enumerate(table, 1) if (cells := _cells(row))]

    def again() -> Iterator[Row]:
        return iter(rows)

    return Sheet(f"{path}, sheet “{name}”", again, name, note and f"{path}: {note}")


def _cells(row: Sequence[object]) -> list[Cell]:
    cells = [_cell(value) for value in row]
    while cells and cells[-1] is None:
        cells.pop()
    return cells


def _cell(value: object) -> Cell:
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, (int, float)):
        return value if abs(value) < float("inf") else str(value)
    if isinstance(value, (datetime.date, datetime.time)):
        return Unusable(f"a date or time ({value.isoformat()})", _TYPE_IT)
    if isinstance(value, datetime.timedelta):
        return Unusable(f"a date or time ({value})", _TYPE_IT)
    return str(value)
