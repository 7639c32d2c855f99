"""What opens an executor for a run, and what tells that one of its workers died."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Executor
from contextlib import AbstractContextManager
from typing import Protocol

WarmUp = Callable[[], object]
"""What each worker does once, before its first job."""


class Pool(Protocol):
    """Opens an executor; leaving it by an exception stops its workers at once."""

    @property
    def shares_disk(self) -> bool:
        """Whether its workers see the folders of this machine."""

    def __call__(
        self, workers: int, *, limit: float = 0.0, warm_up: WarmUp | None = None
    ) -> AbstractContextManager[Executor]:
        """Open the executor.

        Parameters
        ----------
        workers
            How many jobs to do at the same time.
        limit
            Seconds that one job may take; 0 for as long as it likes.
        warm_up
            What to do once in each worker before its first job; must be able to travel.
        """


class WorkerDied(BrokenExecutor):
    """The process that did a job is gone; the executor goes on without it."""


def cores() -> int:
    """Return how many workers this machine can keep busy."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0)) or 1
    return os.cpu_count() or 1
