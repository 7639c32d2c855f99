"""ODS files as they occur: which sheets, which rows. Knows no column.

Read piece by piece, because a few letters can stand for millions of cells; rows are put aside as they come.
"""

from __future__ import annotations

import contextlib
import re
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

from citygrow_nb.exceptions import Problem, TableError
from citygrow_nb.tables.cells import Cell, Unusable
from citygrow_nb.tables.kept import Shelf, trimmed
from citygrow_nb.tables.packed import DAMAGED, damaged, parse
from citygrow_nb.tables.sheet import Sheet
from citygrow_nb.tables.tally import MAX_COLUMNS, MAX_ROWS, MAX_SHEETS, Tally, too_many_sheets

CONTENT = "content.xml"
"""The part of the file that holds its sheets."""

_MANIFEST = "META-INF/manifest.xml"
_ENCRYPTED = b"encryption-data"
_LOOK = 1 << 20
_TYPE_IT = "format the cell as text and type it again"
_CELLS = frozenset({"table:table-cell", "table:covered-table-cell"})
_DEEPEST = 60
"""Elements within elements: groups of rows, and texts within links within texts."""
_BREAKS = {"text:tab": "\t", "text:line-break": "\n"}


def open_ods(path: Path, stack: contextlib.ExitStack) -> list[Sheet]:
    """Read the visible sheets of an ODS file.

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
        If it is no ODS file, has a password, is damaged, or has too many cells.
    OSError
        If it cannot be read.
    """
    with path.open("rb") as file:
        try:
            with zipfile.ZipFile(file) as archive:
                if _MANIFEST in archive.namelist():
                    with archive.open(_MANIFEST) as part:
                        if _ENCRYPTED in part.read(_LOOK):
                            raise TableError(protected(path))
                content = _Content(path, stack)
                with archive.open(CONTENT) as part:
                    parse(part, content.start, content.end, content.text)
        except DAMAGED as error:
            raise TableError(damaged(path)) from error
    if not content.sheets:
        raise TableError(Problem(str(path), "no sheet of the file is to be seen", todo="unhide the answers"))
    return content.sheets


def protected(path: Path) -> Problem:
    """Return the problem of a file that only a password opens."""
    return Problem(str(path), "the file has a password", todo="save it without one, as XLSX")


class _Content:
    """What stands in the sheets, as the parser comes by it."""

    def __init__(self, path: Path, stack: contextlib.ExitStack) -> None:
        self.sheets: list[Sheet] = []
        self._path, self._stack = path, stack
        self._hidden: set[str] = set()
        self._style = ""
        self._open: list[str] = []
        self._aside = 0
        """How many elements are open whose content is not the cell's: comments, pictures, tables within a cell."""
        self._take: Callable[[str], object] | None = None

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if self._aside:
            self._aside += 1
            return
        if len(self._open) > _DEEPEST:
            raise ValueError("elements within elements")
        inner = "table:table-row" in self._open
        if name == "style:style":
            self._style = attributes.get("style:name", "")
        elif name == "style:table-properties" and attributes.get("table:display") == "false":
            self._hidden.add(self._style)
        elif name == "table:table" and not inner:
            self._begin_sheet(attributes)
        elif name == "table:table-row" and not inner and "table:table" in self._open:
            self._times = _times(attributes, "table:number-rows-repeated")
            self._row: list[Cell] = []
            self._gap = self._written = 0
        elif inner and self._open[-1] == "table:table-row" and name in _CELLS:
            self._attributes = dict(attributes)
            self._lines: list[str] = []
        elif self._open and self._open[-1] in _CELLS:
            if name != "text:p":
                self._aside = 1
                return
            self._lines.append("")
        elif inner and self._lines and (name == "text:s" or name in _BREAKS):
            self._lines[-1] += _BREAKS.get(name) or " " * _times(attributes, "text:c", MAX_COLUMNS)
        elif name == "office:annotation":
            self._aside = 1
            return
        self._open.append(name)

    def end(self, name: str) -> None:
        if self._aside:
            self._aside -= 1
            return
        self._open.pop()
        if name in _CELLS and self._open[-1:] == ["table:table-row"]:
            self._end_cell()
        elif name == "table:table-row":
            self._end_row()
        elif name == "table:table" and self._shelf is not None:
            self.sheets.append(self._shelf.sheet(self._where, self._name))

    def text(self, said: str) -> None:
        if not self._aside and "text:p" in self._open and self._lines:
            self._lines[-1] += said

    def _begin_sheet(self, attributes: Mapping[str, str]) -> None:
        if len(self.sheets) >= MAX_SHEETS:
            raise TableError(too_many_sheets(self._path))
        self._name = attributes.get("table:name", "")
        self._where = f"{self._path}, sheet “{self._name}”"
        self._tally = Tally(self._where)
        self._number = 1
        self._shelf = None if attributes.get("table:style-name") in self._hidden else Shelf(self._stack)

    def _end_cell(self) -> None:
        times = _times(self._attributes, "table:number-columns-repeated")
        cell = _cell(self._attributes, "\n".join(self._lines))
        self._lines = []
        if cell is None:
            # Not before something follows: programs fill up each row to its end with one empty cell.
            self._gap += times
            return
        if len(self._row) + self._gap + times > MAX_COLUMNS:
            found = f"row {self._number:,} goes on beyond column {MAX_COLUMNS:,}"
            raise TableError(Problem(self._where, found, todo="delete what stands to the right of the answers"))
        self._row += [None] * self._gap + [cell] * times
        self._gap, self._written = 0, self._written + 1

    def _end_row(self) -> None:
        row, times = trimmed(self._row), self._times
        if row and self._shelf is not None:
            if self._number + times - 1 > MAX_ROWS:
                found = f"something stands below row {MAX_ROWS:,}, where sheets end"
                raise TableError(Problem(self._where, found, todo="delete what stands below the answers"))
            self._tally.add(self._written, len(row) * times, copies=times - 1)
            self._shelf.put(self._number, row, times)
        self._number += times


def _times(attributes: Mapping[str, str], name: str, most: int = 1 << 40) -> int:
    written = attributes.get(name, "1")
    if not re.fullmatch(r"\s*\+?[0-9]+\s*", written):
        raise ValueError(written)
    return min(int(written.strip()[:20]), most) or 1


def _cell(attributes: Mapping[str, str], text: str) -> Cell:
    kind = attributes.get("office:value-type", "")
    if attributes.get("calcext:value-type") == "error":
        return Unusable(f"the formula's error {text[:20]}", "correct the formula or type the value")
    if kind in {"float", "percentage", "currency"}:
        number = float(attributes["office:value"])
        return number if abs(number) < float("inf") else attributes["office:value"]
    if kind == "boolean":
        return attributes["office:boolean-value"].upper()
    if kind in {"date", "time"}:
        return Unusable(f"a date or time ({attributes[f'office:{kind}-value'][:40]})", _TYPE_IT)
    if "table:formula" in attributes and not (kind or text):
        return Unusable("a formula without a result", "open the file in a spreadsheet program and save it again")
    return attributes.get("office:string-value") or text or None
