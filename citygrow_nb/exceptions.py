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

This module knows nothing of the others, but for how addresses and texts of others are told.
"""

from __future__ import annotations

import contextlib
import errno
import logging
import traceback
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from citygrow_nb.addresses import has_password, without_secrets
from citygrow_nb.invisible import write_out

_log = logging.getLogger(__name__)


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

    def __post_init__(self) -> None:
        # Whoever tells of an address, and whatever a library's own words repeat of it: no secret in it is told.
        for name in ("where", "found", "allowed", "todo"):
            object.__setattr__(self, name, without_secrets(getattr(self, name)))

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


def require_no_password(address: str) -> None:
    """Make sure that no password stands in an address, which would go into logs and to whoever is asked.

    Raises
    ------
    UsageError
        If one does.
    """
    if has_password(address):
        todo = "take it out; credentials come from this machine's own settings"
        raise UsageError(Problem(address, "a password stands in this address", todo=todo))


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
    errno.ELOOP: (
        "a link stands here or on the way here, and links are not followed",
        "put the file or folder itself in its place",
    ),
    errno.ENODEV: ("this is a device or a pipe, not a file", "copy what it gives into a file"),
    errno.EFBIG: ("", "split it, or take out what does not belong there"),
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
    return Problem(str(where), found or str(error.strerror), todo=todo or advice)


@contextlib.contextmanager
def contained(where: Callable[[], object], note: Callable[[Problem], object]) -> Iterator[None]:
    """Let whatever goes wrong within cost only what is named: one row, city or file of many.

    Parameters
    ----------
    where
        Gives the name of that row, city or file; called only when something went wrong.
    note
        Takes each problem; what was not foreseen becomes one, too, told by kind and place in our code and not by its
        own words, which may repeat what people wrote. ``--debug`` shows all of it.

    Examples
    --------
    >>> problems = []
    >>> for row in ("1", "x", "3"):
    ...     with contained(lambda: f"row {row}", problems.append):
    ...         number = int(row)
    >>> number, [problem.where for problem in problems]
    (3, ['row x'])
    """
    try:
        yield
    except CitygrowError as error:
        for problem in error.problems:
            note(problem if problem.where else replace(problem, where=str(where())))
    except OSError as error:
        note(problem_of(error, where()))
    except Exception as error:  # noqa: BLE001 - the one border: whatever happens to one must not cost the others
        _log.debug("an unexpected fault", exc_info=error)
        note(_unexpected(error, where()))


def _unexpected(error: Exception, where: object) -> Problem:
    last = traceback.extract_tb(error.__traceback__)[-1:]
    place = "".join(f" in {Path(frame.filename).name}, line {frame.lineno}" for frame in last)
    found = f"an unexpected fault ({type(error).__name__}{place})"
    return Problem(str(where), found, todo="run the same with --debug, and report what it shows")


def one_line(items: Iterable[object], limit: int = 8) -> str:
    """Join items with commas; after ``limit`` of them say how many more there are."""
    texts = [str(item) for item in items]
    rest = len(texts) - limit
    return ", ".join(texts[:limit]) + (f" and {rest} more" if rest > 0 else "")
