"""How many cells a sheet has, counted before they are laid out. Knows no file format.

A few hundred bytes can stand for millions of cells: a cell that repeats, or one far away from the others.
"""

from __future__ import annotations

from citygrow_nb.exceptions import Problem, TableError

MAX_CELLS = 20_000_000
"""Cells of a sheet, with the empty ones between others."""
MAX_ADDED = 4_000_000
"""How many of these may be there only because others stand far away or repeat; nobody fills in so few of so many."""
MAX_ROWS = 1_048_576
"""Rows of a sheet, by the formats."""
MAX_COLUMNS = 16_384
"""Columns of a sheet, by the formats."""
MAX_COPIES = 10_000
"""Rows that only repeat another one; more come about when somebody fills a column down to the end of the sheet."""

MAX_SHEETS = 250
"""Sheets of a file; each may be one that is read again and again."""


def too_many_sheets(where: object) -> Problem:
    """Return the problem of a file with more sheets than that."""
    return Problem(str(where), f"the file has more than {MAX_SHEETS} sheets", todo="keep those with the answers")


class Tally:
    """The cells of one sheet.

    Parameters
    ----------
    where
        The sheet's place, for the sentence.
    """

    def __init__(self, where: str) -> None:
        self.written = 0
        self._where = where
        self._laid_out = self._copies = 0

    def add(self, written: int, laid_out: int, copies: int = 0) -> None:
        """Count some cells.

        Parameters
        ----------
        written
            Cells that stand in the file.
        laid_out
            Cells that they take in a table.
        copies
            Rows among them that only repeat another one.

        Raises
        ------
        TableError
            If the sheet has too many.
        """
        self.written += written
        self._laid_out += laid_out
        self._copies += copies
        if self._copies > MAX_COPIES:
            found = f"more than {MAX_COPIES:,} rows only repeat the one above them"
            raise TableError(Problem(self._where, found, todo="delete the rows below the last city"))
        if self._laid_out > MAX_CELLS:
            found = f"the sheet has more than {MAX_CELLS:,} cells"
            raise TableError(Problem(self._where, found, todo="split it, or delete rows and columns that say nothing"))
        if self._laid_out - self.written > MAX_ADDED:
            found = f"a few cells stand so far away, or repeat so often, that they take more than {MAX_ADDED:,} others"
            todo = "delete what stands far below the answers or to the right of them"
            raise TableError(Problem(self._where, found, todo=todo))
