"""What a run needs of its workers, wherever they are; and what comes of a job that they could not do."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Protocol

from citygrow_nb.exceptions import Problem, ReportError

LIMIT = 900.0
"""Seconds that one job may take unless told otherwise."""

Work = Callable[[Any], Any]
"""What is done to each job; must be able to travel, with all that jobs share. It goes to each worker once."""


class Workers(Protocol):
    """Workers for as long as a run needs them."""

    def each(self, jobs: Iterable[Any]) -> Iterator[tuple[Any, Any]]:
        """Do every job; a job whose worker dies is done once more.

        Parameters
        ----------
        jobs
            What to do; asked for as workers become free.

        Yields
        ------
        tuple
            Each job with its result, or with the exception that it raised, in the order in which they end.
        """

    def let_go(self) -> None:
        """Let the workers go home; who needs some after that gets new ones, which hold nothing yet."""


def cores() -> int:
    """Return how many workers this machine can keep busy."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0)) or 1
    return os.cpu_count() or 1


def died_twice() -> ReportError:
    """Return what comes of a job that killed its worker, and the next one, too."""
    todo = "it may need more memory than there is; try fewer --jobs"
    return ReportError(Problem("", "the process that made it died twice", todo=todo))


def took_too_long(limit: float) -> ReportError:
    """Return what comes of a job beyond its limit."""
    return ReportError(Problem("", f"it took longer than {limit:g} s"))
