"""All errors of citygrow, and the one form their sentences have.

    CitygrowError
    ├── UsageError            the call itself is wrong (exit code 2)
    ├── DocumentError         a document's content cannot be used
    │   ├── DocumentTooNew    written by a newer citygrow or for a newer benchmark
    │   ├── DocumentTooOld    older than any version this citygrow can read
    │   └── UnknownCode       a code that the benchmark does not have
    ├── BenchmarkError        a benchmark's files are incomplete or contradict each other
    ├── StoreError            answers could not be read from or written to disk
    │   └── StoreBusy         somebody else holds the lock
    ├── TableError            a CSV or XLSX file cannot be read as answers
    ├── DraftError            a published toolkit cannot be read
    ├── ReportError           a workbook failed to run or a page may not be published
    └── SiteError             the static site could not be built

This module knows nothing of the others, but for how texts of others are told.
"""

from __future__ import annotations

import errno
from collections.abc import Iterable
from dataclasses import dataclass

from citygrow_nb.invisible import write_out


@dataclass(frozen=True)
class Problem:
    """One fault, told so that its reader can mend it.

    Parameters
    ----------
    where
        File, row, column, code or command in question.
    found
        What was found there.
    allowed
        What may stand there (optional).
    todo
        What to do about it (optional).
    """

    where: str
    found: str
    allowed: str = ""
    todo: str = ""

    def __str__(self) -> str:
        parts = [self.found]
        if self.allowed:
            parts.append(f"allowed: {self.allowed}")
        if self.todo:
            parts.append(self.todo)
        text = "; ".join(" ".join(part.split()) for part in parts)
        # What is told of a file also goes into records and notebooks, which others open.
        return write_out(f"{self.where}: {text}" if self.where else text)


class CitygrowError(Exception):
    """Base of all errors that citygrow raises on purpose.

    Parameters
    ----------
    problems
        All faults found, not only the first. Their sentences, one a line, are the message.
    """

    def __init__(self, *problems: Problem | str) -> None:
        self.problems: tuple[Problem, ...] = tuple(
            problem if isinstance(problem, Problem) else Problem("", problem) for problem in problems
        )
        super().__init__("\n".join(str(problem) for problem in self.problems))

    def __reduce__(self) -> tuple[type[CitygrowError], tuple[Problem, ...]]:
        # Errors cross process borders in a batch.
        return type(self), self.problems


class UsageError(CitygrowError):
    """The call itself is wrong: nothing was started."""


class DocumentError(CitygrowError):
    """A document's content cannot be used."""


class DocumentTooNew(DocumentError):
    """The document was written by a newer citygrow, or for a newer benchmark, than this one."""


class DocumentTooOld(DocumentError):
    """The document is older than any version this citygrow can read."""


class UnknownCode(DocumentError):
    """A code that the benchmark does not have; the sentence names the nearest one."""


class BenchmarkError(CitygrowError):
    """A benchmark's files are incomplete or contradict each other."""


class StoreError(CitygrowError):
    """Answers could not be read from or written to disk."""


class StoreBusy(StoreError):
    """Somebody else holds the lock on a document."""


class TableError(CitygrowError):
    """A CSV or XLSX file cannot be read as a table of answers."""


class DraftError(CitygrowError):
    """A published toolkit cannot be read."""


class ReportError(CitygrowError):
    """A workbook failed to run, or a page may not be published as it is."""


class SiteError(CitygrowError):
    """The static site could not be built."""


_OS_REASONS = {
    errno.ENOSPC: ("the disk is full", "free some space and try again"),
    errno.EDQUOT: ("your disk quota is used up", "free some space and try again"),
    errno.EACCES: ("writing or reading is not permitted here", "check the rights of the file and its folder"),
    errno.EPERM: ("writing or reading is not permitted here", "check the rights of the file and its folder"),
    errno.EROFS: ("the folder is read-only", "choose a folder in which you may write"),
    errno.ENOENT: ("there is no such file or folder", "check the path"),
    errno.ENOTDIR: ("a file stands where a folder is needed", "check the path"),
    errno.EEXIST: ("a file stands where a folder is needed", "check the path"),
    errno.EISDIR: ("a folder stands where a file is needed", "check the path"),
    errno.ENAMETOOLONG: ("the path is too long for this system", "choose a shorter folder"),
}


def problem_of(error: OSError, where: object, *, todo: str = "") -> Problem:
    """Turn an operating-system error into a sentence.

    Parameters
    ----------
    error
        What the system said.
    where
        The path that was being read or written.
    todo
        Advice that replaces the general one.

    Returns
    -------
    Problem
        A sentence in plain words; unknown errors keep the system's own words.
    """
    code = error.errno if error.errno is not None else 0
    found, advice = _OS_REASONS.get(code, (error.strerror or str(error), "try again, or choose another folder"))
    return Problem(str(where), found, todo=todo or advice)


def one_line(items: Iterable[object], limit: int = 8) -> str:
    """Join items with commas; after ``limit`` of them say how many more there are."""
    texts = [str(item) for item in items]
    rest = len(texts) - limit
    return ", ".join(texts[:limit]) + (f" and {rest} more" if rest > 0 else "")
