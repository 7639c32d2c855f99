"""Rows put aside in a temporary file: reading spreadsheets is slow, and rows are needed twice. Knows no file format."""

from __future__ import annotations

import contextlib
import json
import tempfile
from collections.abc import Iterable, Iterator, Sequence

from citygrow_nb.tables.cells import Cell, Unusable
from citygrow_nb.tables.sheet import Row, Sheet


class Shelf:
    """Rows of one sheet, kept until they are needed.

    Parameters
    ----------
    stack
        Keeps the temporary file; once it is closed, the rows are gone.
    """

    def __init__(self, stack: contextlib.ExitStack) -> None:
        self._store = tempfile.TemporaryFile("w+", encoding="utf-8", prefix="citygrow-")  # noqa: SIM115 - the stack closes it
        stack.enter_context(self._store)

    def put(self, number: int, cells: Sequence[Cell], times: int = 1) -> None:
        """Keep a row, and below it as many more like it; one in which nothing stands needs no keeping."""
        written = json.dumps([vars(cell) if isinstance(cell, Unusable) else cell for cell in cells])
        self._store.writelines(f"[{number + i}, {written}]\n" for i in range(times))

    def fill(self, rows: Iterable[tuple[int, Sequence[Cell]]]) -> None:
        """Keep rows."""
        for number, cells in rows:
            self.put(number, cells)

    def sheet(self, where: str, name: str, note: str = "") -> Sheet:
        """Return the rows as a sheet."""
        return Sheet(where, self._rows, name, note)

    def _rows(self) -> Iterator[Row]:
        self._store.seek(0)
        while line := self._store.readline():
            number, cells = json.loads(line)
            yield Row(number, [Unusable(**cell) if isinstance(cell, dict) else cell for cell in cells])


def trimmed(cells: list[Cell]) -> list[Cell]:
    """Return a row without the empty cells at its end."""
    while cells and cells[-1] is None:
        cells.pop()
    return cells
