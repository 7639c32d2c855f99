"""Rows of a table as they stand in a file, and where they stand. Knows no file format and no benchmark."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from citygrow_nb.exceptions import Problem
from citygrow_nb.tables.cells import Cell


class Row(NamedTuple):
    """One row.

    Parameters
    ----------
    number
        As a spreadsheet program counts it, from 1.
    cells
        Its cells; empty ones at the end may be missing.
    fault
        Why the row cannot be read at all, if it cannot.
    """

    number: int
    cells: Sequence[Cell]
    fault: Problem | None = None

    @property
    def is_blank(self) -> bool:
        """Whether nothing stands in it."""
        return self.fault is None and not any(filled(cell) for cell in self.cells)


@dataclass(frozen=True)
class Sheet:
    """One sheet of a file.

    Parameters
    ----------
    where
        File, and the sheet's name where there are several.
    rows
        Gives its rows from the first one on, as often as it is called.
    name
        The sheet's name; empty for a CSV file.
    note
        What people should know of how it was read.
    """

    where: str
    rows: Callable[[], Iterator[Row]]
    name: str = ""
    note: str = ""


class Note(NamedTuple):
    """What people should know of how a file was read."""

    text: str


class Fault(NamedTuple):
    """A problem and its place, for sorting."""

    sheet: int
    row: int
    column: int
    problem: Problem


class Place(NamedTuple):
    """A cell, named only when it must be told.

    Parameters
    ----------
    sheet, row, column
        Number of the sheet, row as a spreadsheet program counts it, column from 0; -1 stands for the whole row.
    city
        The city of the row.
    tell
        Gives the place's name from row, city and column.
    """

    sheet: int
    row: int
    column: int
    city: str
    tell: Callable[[int, str, int], str]

    @property
    def where(self) -> str:
        """What to call it."""
        return self.tell(self.row, self.city, self.column)

    def seen_from(self, other: Place) -> str:
        """Return the name of its row, as short as another place of the file allows."""
        return f"row {self.row}" if self.sheet == other.sheet else self.tell(self.row, "", -1)

    def fault(self, found: str, allowed: str = "", todo: str = "") -> Fault:
        """Return a fault at this place."""
        return Fault(self.sheet, self.row, self.column, Problem(self.where, found, allowed, todo))


def filled(cell: Cell) -> bool:
    """Tell whether something stands in a cell."""
    return cell is not None and cell != "" and not (isinstance(cell, str) and cell.isspace())


def letter(column: int) -> str:
    """Return the letters of a column, counted from 0.

    >>> letter(0), letter(25), letter(26), letter(701), letter(702)
    ('A', 'Z', 'AA', 'ZZ', 'AAA')
    """
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(ord("A") + rest) + name
    return name
