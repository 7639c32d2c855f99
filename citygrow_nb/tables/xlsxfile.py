"""XLSX files as they occur: which sheets, which rows, what spreadsheet programs make of cells. Knows no column.

Cells are counted before anything is read, then rows are read once and put aside.
"""

from __future__ import annotations

import contextlib
import functools
import re
import warnings
import zipfile
from collections.abc import Iterator, Mapping
from datetime import date, time, timedelta
from itertools import zip_longest
from pathlib import Path
from typing import Any
from xml.parsers import expat

from citygrow_nb.exceptions import Problem, TableError
from citygrow_nb.tables.cells import Cell, Unusable
from citygrow_nb.tables.kept import Shelf, trimmed
from citygrow_nb.tables.packed import DAMAGED, damaged, parse
from citygrow_nb.tables.sheet import Sheet
from citygrow_nb.tables.tally import MAX_ADDED, MAX_COLUMNS, MAX_ROWS, MAX_SHEETS, Tally, too_many_sheets

MAX_CELL = 32_767
"""Characters of a cell, by the format."""

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
            counting = _Counting(path)
            with zipfile.ZipFile(file) as archive:
                counting.look_through(archive)
            book = load_workbook(file, read_only=True, data_only=True, keep_links=False)
            formulas = load_workbook(file, read_only=True, keep_links=False) if counting.has_formulas else None
            sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
            if not sheets:
                raise TableError(Problem(str(path), "no sheet of the file is to be seen", todo="unhide the answers"))
            if len(sheets) > MAX_SHEETS:
                raise TableError(too_many_sheets(path))
            return [_kept(path, sheet, formulas and formulas[sheet.title], stack) for sheet in sheets]
        except DAMAGED as error:
            raise TableError(damaged(path)) from error


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


class _Counting:
    """Looks through all parts of a file: how many cells each holds, and whether there are formulas.

    What openpyxl reads is counted as it lays it out: a row up to its last cell.
    """

    def __init__(self, path: Path) -> None:
        self.has_formulas = False
        self._path = path
        self._all_cells = self._texts = 0
        self._cells = self._column = self._last = 0

    def look_through(self, archive: zipfile.ZipFile) -> None:
        for name in archive.namelist():
            self._tally = Tally(f"{self._path}, {name}")
            self._within_row = False
            self._others = 0
            # What is no XML is nothing that openpyxl reads; what breaks off, it finds at the same place.
            with contextlib.suppress(expat.ExpatError), archive.open(name) as part:
                parse(part, self._start, self._end)
            self._all_cells += self._tally.written
        if self._texts > self._all_cells + MAX_ADDED // 100:
            found = f"there are {self._texts:,} texts in it, and {self._all_cells:,} cells"
            raise TableError(Problem(str(self._path), found, todo="open it in a spreadsheet program and save it again"))

    def _start(self, name: str, attributes: Mapping[str, str]) -> None:
        name = name.rpartition(":")[2]
        if name == "c" and self._within_row:
            self._cells += 1
            place = attributes.get("r")
            self._column = _column(place.rstrip("0123456789")) if place else self._column + 1
            self._last = max(self._last, self._column)
            if max(self._last, self._cells) > MAX_COLUMNS:
                raise ValueError(self._last)
        elif name == "row":
            if int(attributes.get("r", "1")) > MAX_ROWS:
                raise ValueError(attributes["r"])
            self._within_row = True
            self._cells = self._column = self._last = 0
        elif self._within_row:
            self.has_formulas = self.has_formulas or name == "f"
        else:
            self._texts += name == "si"
            self._others += 1
            if self._others > MAX_ADDED:
                raise ValueError(self._others)

    def _end(self, name: str) -> None:
        if self._within_row and name.rpartition(":")[2] == "row":
            self._tally.add(self._cells, self._last)
            self._within_row = False


@functools.lru_cache(maxsize=MAX_COLUMNS)
def _column(letters: str) -> int:
    from openpyxl.utils import column_index_from_string

    return int(column_index_from_string(letters))


def _kept(path: Path, sheet: Any, formulas: Any, stack: contextlib.ExitStack) -> Sheet:
    shelf = Shelf(stack)
    shelf.fill(_cells(sheet, formulas))
    return shelf.sheet(f"{path}, sheet “{sheet.title}”", sheet.title)


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
        if trimmed(cells):
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
