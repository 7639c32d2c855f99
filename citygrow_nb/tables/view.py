"""One row of a table as its columns name it, and the draft that it speaks of. Knows no file format."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from citygrow_nb.tables.cells import Cell, CellError
from citygrow_nb.tables.drafts import CityDraft, Item
from citygrow_nb.tables.header import Header
from citygrow_nb.tables.sheet import Place, Row, filled

_T = TypeVar("_T")


class View:
    """One row as its columns name it, and the draft that it speaks of.

    Parameters
    ----------
    header
        What the table's columns hold.
    number
        The sheet's number in the file.
    tell
        Gives a place's name from row, city and column.
    row
        The row.
    name
        The city's name in this row.
    city
        The draft; collects what is wrong with the row.
    """

    def __init__(
        self,
        header: Header,
        number: int,
        tell: Callable[[int, str, int], str],
        row: Row,
        name: str,
        city: CityDraft,
    ) -> None:
        self.row = row
        self._header, self._number, self._tell = header, number, tell
        self._name = name
        self._city = city

    def cell(self, column: str) -> Cell:
        """Return a cell; None if it is empty or there is no such column."""
        cell = self.at(self._header.columns.get(column, len(self.row.cells)))
        return cell if filled(cell) else None

    def at(self, position: int) -> Cell:
        """Return the cell at a position; None where the row is shorter."""
        return self.row.cells[position] if position < len(self.row.cells) else None

    def place(self, column: str | int = -1) -> Place:
        """Return the place of a cell; without a column, or with one that the table lacks, that of the row."""
        position = self._header.columns.get(column, -1) if isinstance(column, str) else column
        return Place(self._number, self.row.number, position, self._name, self._tell)

    def get(self, column: str, convert: Callable[[Cell], _T]) -> _T | None:
        """Return a cell's value; None if it is empty or wrong, which is noted."""
        cell = self.cell(column)
        if cell is None:
            return None
        try:
            return convert(cell)
        except CellError as error:
            self.wrong(column, error.found, error.allowed, error.todo)
            return None

    def say(self, item: Item, column: str, convert: Callable[[Cell], object], name: str = "") -> None:
        """Put what a cell says about something into the draft, under the column's or another name."""
        if self.cell(column) is not None:
            value = self.get(column, convert)
            item.wrong = item.wrong or value is None
            self._city.say(item, name or column, value, self.place(column))

    def wrong(self, column: str | int, found: str, allowed: str = "", todo: str = "") -> None:
        """Note a fault."""
        self._city.faults.append(self.place(column).fault(found, allowed, todo))
