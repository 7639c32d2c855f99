"""XLS and XLSB files as they occur: which sheets, which rows. Knows no column.

What the library that reads them believes, and would wait or take memory for without end, is checked before: it is
handed a file that holds only what was counted. A formula with an error cannot be told from an empty cell here, so it is
said.
"""

from __future__ import annotations

import contextlib
import datetime
import io
import os
import struct
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

from citygrow_nb.exceptions import Problem, TableError
from citygrow_nb.tables import compound
from citygrow_nb.tables.cells import Cell, Unusable
from citygrow_nb.tables.kept import Shelf, trimmed
from citygrow_nb.tables.odsfile import protected
from citygrow_nb.tables.packed import DAMAGED, damaged
from citygrow_nb.tables.sheet import Sheet
from citygrow_nb.tables.tally import MAX_COLUMNS, MAX_ROWS, MAX_SHEETS, Tally, too_many_sheets

WORKBOOK = "xl/workbook.bin"
"""The part by which an XLSB file is known."""

_NOTE = "in this format a formula with an error reads as an empty cell; if there are formulas, save it as XLSX"
_TYPE_IT = "format the cell as text and type it again"

_SHEET, _BOF, _EOF, _DIMENSIONS, _MANY_NUMBERS = 0x85, 0x809, 0x0A, 0x200, 0xBD
_XLS_CELLS = frozenset({0x06, 0xFD, 0xD6, 0x203, 0x204, 0x205, 0x27E, _MANY_NUMBERS})
_ROW, _BEGIN_DATA, _END_DATA = 0, 145, 146
_XLSB_CELLS = frozenset(range(1, 12))
_WHOLE = frozenset({WORKBOOK, "xl/styles.bin", "xl/sharedstrings.bin"})
_SHEETS = ("xl/worksheets/", "xl/chartsheets/", "xl/dialogsheets/")
_LINKS = frozenset({"[content_types].xml", "_rels/.rels", "xl/_rels/workbook.bin.rels"})
_MAX_XLSB = 256 << 20


def open_xls(path: Path, stack: contextlib.ExitStack) -> list[Sheet]:
    """Read the visible sheets of an XLS file; parameters, result and errors as in :func:`open_xlsb`."""
    with _sentences(path):
        stream = compound.stream(path.read_bytes(), ("Workbook", "Book", "WORKBOOK", "BOOK"))
        counted = _counted_xls(path, bytearray(stream))
        return _read(path, io.BytesIO(compound.file_of(counted)), stack)


def open_xlsb(path: Path, stack: contextlib.ExitStack) -> list[Sheet]:
    """Read the visible sheets of an XLSB file.

    Parameters
    ----------
    path
        The file.
    stack
        Keeps the temporary files; once it is closed, the rows are gone.

    Returns
    -------
    list of Sheet
        In their order; at least one. Results of formulas stand for the formulas.

    Raises
    ------
    TableError
        If it has a password, is damaged, or has too many cells.
    OSError
        If it cannot be read.
    """
    with _sentences(path), path.open("rb") as file:
        clean = io.BytesIO()
        with zipfile.ZipFile(file) as archive, zipfile.ZipFile(clean, "w") as copy:
            # The library does not stop where an entry says that it ends.
            plain = {name: name.replace("\\", "/").lower() for name in archive.namelist()}
            read = {name: plain[name] for name in plain if plain[name] in _WHOLE | _LINKS or _is_sheet(plain[name])}
            if sum(archive.getinfo(name).file_size for name in read) > _MAX_XLSB:
                raise TableError(Problem(str(path), "the file is too large to be unpacked", todo="save it as CSV"))
            for name, meant in read.items():
                content = archive.read(name)
                if meant not in _LINKS:
                    _count_xlsb(f"{path}, {name}", content)
                copy.writestr(name, content)
        clean.seek(0)
        return _read(path, clean, stack)


def _is_sheet(part: str) -> bool:
    return part.startswith(_SHEETS) and part.endswith(".bin")


def _read(path: Path, file: IO[bytes], stack: contextlib.ExitStack) -> list[Sheet]:
    from python_calamine import CalamineWorkbook, SheetVisibleEnum

    with _quiet():
        book = CalamineWorkbook.from_filelike(file)
        visible = [each.name for each in book.sheets_metadata if each.visible is SheetVisibleEnum.Visible]
        if not visible:
            raise TableError(Problem(str(path), "no sheet of the file is to be seen", todo="unhide the answers"))
        if len(visible) > MAX_SHEETS:
            raise TableError(too_many_sheets(path))
        sheets: list[Sheet] = []
        for name in visible:
            shelf = Shelf(stack)
            table = book.get_sheet_by_name(name)
            first, left = table.start or (0, 0)
            rows = enumerate(table.iter_rows() if table.start else (), first + 1)
            shelf.fill((number, cells) for number, row in rows if (cells := _cells(row, left)))
            sheets.append(shelf.sheet(f"{path}, sheet “{name}”", name, "" if sheets else f"{path}: {_NOTE}"))
    return sheets


@contextlib.contextmanager
def _sentences(path: Path) -> Iterator[None]:
    from python_calamine import CalamineError, PasswordError

    try:
        yield
    except PasswordError as error:
        raise TableError(protected(path)) from error
    except (CalamineError, StopIteration, struct.error, *DAMAGED) as error:
        raise TableError(damaged(path)) from error
    except BaseException as error:
        # The library gives up on some damaged files with an exception that is none of Python's own kinds.
        if type(error).__name__ != "PanicException":
            raise
        raise TableError(damaged(path)) from error


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


class _Reach:
    """How far the cells of a sheet reach: the library lays out all between the first and the last."""

    def __init__(self) -> None:
        self._count = 0
        self._rows, self._columns = [MAX_ROWS, -1], [MAX_COLUMNS, -1]

    def add(self, row: int, column: int, last: int) -> None:
        if row >= MAX_ROWS or max(column, last) >= MAX_COLUMNS:
            raise ValueError(row, column, last)
        self._count += 1 + last - column
        self._rows = [min(self._rows[0], row), max(self._rows[1], row)]
        self._columns = [min(self._columns[0], column), max(self._columns[1], last)]

    def tell(self, tally: Tally) -> None:
        if self._count:
            height, width = (last + 1 - first for first, last in (self._rows, self._columns))
            tally.add(self._count, height * width)


def _counted_xls(path: Path, stream: bytearray) -> bytes:
    """Count the cells of all sheets, and take out what the workbook claims of them."""
    tally = Tally(str(path))
    sheets = [
        struct.unpack_from("<I", stream, at)[0] for kind, at, size in _xls(stream, 0) if kind == _SHEET and size > 4
    ]
    if len(sheets) > MAX_SHEETS:
        raise TableError(too_many_sheets(path))
    for start in sheets:
        reach = _Reach()
        depth = 0
        for kind, at, size in _xls(stream, start):
            if kind in {_BOF, _EOF}:
                depth += 1 if kind == _BOF else -1
                if depth <= 0:
                    break
            elif kind == _DIMENSIONS and size >= 8:
                # Room would be made for as many cells as this says.
                stream[at : at + size] = bytes(size)
            elif kind in _XLS_CELLS and size >= 6:
                row, column = struct.unpack_from("<HH", stream, at)
                last = struct.unpack_from("<H", stream, at + size - 2)[0] if kind == _MANY_NUMBERS else column
                reach.add(row, column, max(column, last))
        reach.tell(tally)
    return bytes(stream)


def _xls(stream: bytearray, at: int) -> Iterator[tuple[int, int, int]]:
    """Yield kind, place and size of each record: two numbers, and as many bytes as the second says."""
    while at + 4 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, at)
        yield kind, at + 4, min(size, len(stream) - at - 4)
        at += 4 + size


def _count_xlsb(where: str, content: bytes) -> None:
    """Count the cells of a part: records, each with a kind and a length of one to four bytes.

    One that is longer than what is there is refused: the library makes room for it before it looks.
    """
    reach = _Reach()
    row, within = 0, False
    for kind, at, size in _records(content):
        if kind in {_BEGIN_DATA, _END_DATA}:
            within = kind == _BEGIN_DATA
        elif within and kind == _ROW:
            row = struct.unpack_from("<I", content, at)[0]
        elif within and kind in _XLSB_CELLS and size >= 4:
            column = struct.unpack_from("<I", content, at)[0]
            reach.add(row, column, column)
    reach.tell(Tally(where))


def _records(content: bytes) -> Iterator[tuple[int, int, int]]:
    at = 0
    while at < len(content):
        kind = content[at]
        at += 1
        if kind & 0x80:
            kind, at = (kind & 0x7F) | (content[at] & 0x7F) << 7, at + 1
        size = 0
        for i in range(4):
            byte, at = content[at], at + 1
            size |= (byte & 0x7F) << 7 * i
            if not byte & 0x80:
                break
        if at + size > len(content):
            raise ValueError(size)
        yield kind, at, size
        at += size


def _cells(row: Sequence[object], left: int) -> list[Cell]:
    cells = trimmed([_cell(value) for value in row])
    return [None] * left + cells if cells else []


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
