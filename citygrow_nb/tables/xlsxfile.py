"""XLSX files as they occur: which sheets, which rows, what spreadsheet programs make of cells. Knows no column.

Rows are read once and kept in a temporary file, not in memory, because reading XLSX is slow and rows are needed twice.
"""

from __future__ import annotations

import contextlib
import json
import re
import tempfile
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, time, timedelta
from itertools import zip_longest
from pathlib import Path
from typing import IO, Any

from citygrow_nb.exceptions import Problem, TableError
from citygrow_nb.tables.cells import Cell, Unusable
from citygrow_nb.tables.sheet import Row, Sheet

MAX_ROWS = 1_048_576
"""Rows of a sheet, by the format."""
MAX_CELL = 32_767
"""Characters of a cell, by the format."""

_MAX_UNPACKED = 4 << 30
_SUSPICIOUS, _MAX_RATIO = 64 << 20, 250
"""What spreadsheets hold packs to a tenth or a fiftieth; only what is made to fill the memory packs to a thousandth."""
_FORMULA = re.compile(rb"<(?:\w+:)?f[ />]")
# What a damaged file makes openpyxl, its XML parser or zipfile raise.
DAMAGED = (
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    zipfile.BadZipFile,
    zlib.error,
)
# How the format writes characters that XML cannot hold, and how it writes what looks like that.
_CODED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_TO_CODE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)|[\ufffe\uffff]")

_TYPE_IT = "format the cell as text and type it again"


def open_xlsx(path: Path, stack: contextlib.ExitStack) -> list[Sheet]:
    """Read the visible sheets of an XLSX file.

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
        If it is no XLSX file, or damaged.
    OSError
        If it cannot be read.
    """
    from openpyxl import load_workbook

    with path.open("rb") as file, warnings.catch_warnings():
        # About parts of the file that are not read here.
        warnings.simplefilter("ignore")
        try:
            check_packed(path, file)
            book = load_workbook(file, read_only=True, data_only=True)
            formulas = load_workbook(file, read_only=True) if _has_formulas(file) else None
            sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
            if not sheets:
                raise TableError(Problem(str(path), "no sheet of the file is to be seen", todo="unhide the answers"))
            return [_kept(path, sheet, formulas and formulas[sheet.title], stack) for sheet in sheets]
        except DAMAGED as error:
            raise TableError(
                Problem(str(path), "the file is damaged", todo="open it in a spreadsheet program and save it again")
            ) from error


def coded(text: str) -> str:
    """Return a text as the format can hold it.

    >>> coded("_x0041_")
    '_x005F_x0041_'
    """
    return _TO_CODE.sub(lambda match: f"_x{ord(match[0]):04X}_", text)


def plain(text: str) -> str:
    """Undo :func:`coded`, and what spreadsheet programs code by themselves.

    >>> plain("a_x000D_b") == "a" + chr(13) + "b", plain(coded("_x0041_"))
    (True, '_x0041_')
    """
    return _CODED.sub(_letter, text) if "_x" in text else text


def _letter(match: re.Match[str]) -> str:
    number = int(match[1], 16)
    return match[0] if 0xD800 <= number <= 0xDFFF else chr(number)


def check_packed(path: Path, file: IO[bytes]) -> None:
    """Refuse what is no packed file, or would fill the memory; raise TableError."""
    if not zipfile.is_zipfile(file):
        kind = path.suffix.removeprefix(".").upper()
        raise TableError(Problem(str(path), f"this is not an {kind} file", todo="if it is a CSV file, name it .csv"))
    with zipfile.ZipFile(file) as archive:
        if any(
            info.file_size > _SUSPICIOUS and info.file_size > _MAX_RATIO * info.compress_size
            for info in archive.infolist()
        ):
            raise TableError(
                Problem(str(path), "the file would unpack to far too much", todo="ask whoever sent it for another one")
            )
        if sum(info.file_size for info in archive.infolist()) > _MAX_UNPACKED:
            raise TableError(Problem(str(path), "the file is too large to be unpacked", todo="save it as CSV"))


def _has_formulas(file: IO[bytes]) -> bool:
    with zipfile.ZipFile(file) as archive:
        for name in archive.namelist():
            if name.startswith("xl/worksheets/") and name.endswith(".xml"):
                with archive.open(name) as part:
                    end = b""
                    while chunk := part.read(1 << 20):
                        if _FORMULA.search(end + chunk):
                            return True
                        end = chunk[-20:]
    return False


def _kept(path: Path, sheet: Any, formulas: Any, stack: contextlib.ExitStack) -> Sheet:
    store = tempfile.TemporaryFile("w+", encoding="utf-8", prefix="citygrow-")  # noqa: SIM115 - the stack closes it
    stack.enter_context(store)
    for number, cells in _cells(sheet, formulas):
        store.write(json.dumps([number, [vars(c) if isinstance(c, Unusable) else c for c in cells]]) + "\n")

    def rows() -> Iterator[Row]:
        store.seek(0)
        while line := store.readline():
            number, cells = json.loads(line)
            yield Row(number, [Unusable(**cell) if isinstance(cell, dict) else cell for cell in cells])

    return Sheet(f"{path}, sheet “{sheet.title}”", rows, sheet.title)


def _cells(sheet: Any, formulas: Any) -> Iterator[tuple[int, list[Cell]]]:
    # Some programs write wrong dimensions.
    sheet.reset_dimensions()
    if formulas is not None:
        formulas.reset_dimensions()
    pairs = zip_longest(sheet.iter_rows(), formulas.iter_rows() if formulas is not None else (), fillvalue=())
    for number, (row, source) in enumerate(pairs, 1):
        if number > MAX_ROWS:
            raise ValueError(number)
        cells = [_cell(cell) for cell in row]
        for i, cell in enumerate(source):
            if cell.data_type == "f" and (i >= len(cells) or cells[i] is None):
                cells += [None] * (i + 1 - len(cells))
                cells[i] = Unusable(
                    "a formula without a result", "open the file in a spreadsheet program and save it again"
                )
        while cells and cells[-1] is None:
            cells.pop()
        if cells:
            yield number, cells


def _cell(cell: Any) -> Cell:
    value = cell.value
    if value is None or value == "":
        return None
    if cell.data_type == "e":
        return Unusable(f"the formula's error {value}", "correct the formula or type the value")
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, (int, float)):
        return value if abs(value) < float("inf") else str(value)
    if isinstance(value, (date, time, timedelta)):
        with contextlib.suppress(AttributeError):
            return Unusable(f"a date or time ({value.isoformat()})", _TYPE_IT)  # type: ignore[union-attr]
        return Unusable(f"a date or time ({value})", _TYPE_IT)
    return plain(str(value))
