"""Do jobs on an executor: a few ahead of the workers, results as they come, and no job lost when a worker dies."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, CancelledError, Executor, Future, wait
from contextlib import ExitStack
from dataclasses import dataclass
from types import TracebackType
from typing import Generic, Self, TypeVar

from citygrow_nb.exceptions import Problem, ReportError
from citygrow_nb.executors.pool import Pool, WarmUp, WorkerDied

Job = TypeVar("Job")
Result = TypeVar("Result")

LIMIT = 900.0
"""Seconds that one job may take unless told otherwise."""

_AHEAD = 2
"""Jobs in hand per worker: enough that none waits, few enough that memory stays flat."""

_TRIES = 2
"""How often a job may kill its worker."""

_LOSSES = 5
"""How often a job may be lost because the whole executor broke; such a job need not be to blame."""

_PATIENCE = 0.5
"""Seconds between looks at the keyboard: on Windows nothing else lets Ctrl-C through."""


class JobRunner:
    """Workers for as long as they are needed; a context manager.

    Parameters
    ----------
    pool
        Opens an executor.
    workers
        How many workers to use.
    limit
        Seconds that one job may take; then its worker is killed, and it has failed.
    warm_up
        What each worker does before its first job.
    """

    def __init__(self, pool: Pool, workers: int, *, limit: float = LIMIT, warm_up: WarmUp | None = None) -> None:
        self._pool, self._workers = pool, workers
        self._limit, self._warm_up = limit, warm_up
        self._open = ExitStack()
        self._executor: Executor | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.__exit__(kind, error, trace)

    def each(self, work: Callable[[Job], Result], jobs: Iterable[Job]) -> Iterator[tuple[Job, Result | Exception]]:
        """Do every job.

        A job whose worker dies is done once more; when that one dies too, the job has failed. When the whole executor
        breaks, what was in hand is done by a new one.

        Parameters
        ----------
        work
            Function of a job that can travel to another process. It goes to each worker once, so what all jobs share
            should be part of it.
        jobs
            What to do; asked for as workers become free.

        Yields
        ------
        tuple
            Each job with its result, or with the exception that it raised, in the order in which they end.
        """
        fresh = map(_Task, jobs)
        again: deque[_Task[Job]] = deque()
        running: dict[Future[Result], tuple[_Task[Job], Executor]] = {}
        while True:
            while self._has_room(len(running)) and (task := again.popleft() if again else next(fresh, None)):
                executor = self._members()
                running[_submitted(executor, work, task.job)] = task, executor
            if not running:
                return
            done, _ = wait(running, timeout=_PATIENCE, return_when=FIRST_COMPLETED)
            for future in done:
                task, executor = running.pop(future)
                outcome = _outcome(future)
                if isinstance(outcome, BrokenExecutor | CancelledError):
                    if not isinstance(outcome, WorkerDied):
                        self._dismiss(executor)
                    if (final := task.lost(outcome)) is None:
                        again.append(task)
                        continue
                    outcome = final
                yield task.job, outcome

    def restart(self, workers: int) -> None:
        """Let the workers go; what is still to be done is done by so many new ones, which hold nothing yet."""
        self._open.close()
        self._executor, self._workers, self._warm_up = None, workers, None

    def _members(self) -> Executor:
        if self._executor is None:
            opened = self._pool(self._workers, limit=self._limit, warm_up=self._warm_up)
            self._executor = self._open.enter_context(opened)
        return self._executor

    def _has_room(self, in_hand: int) -> bool:
        # A cluster grows and shrinks under way; none is opened before there is a job.
        slots = getattr(self._executor, "slots", self._workers)
        return in_hand < (_AHEAD * max(1, slots) if self._executor else 1)

    def _dismiss(self, broken: Executor) -> None:
        if self._executor is broken:
            self._executor = None
            self._open.close()


@dataclass(eq=False)
class _Task(Generic[Job]):
    job: Job
    deaths: int = 0
    losses: int = 0

    def lost(self, reason: BaseException) -> ReportError | None:
        """Take note that it came to nothing; return the failure once that is final."""
        if isinstance(reason, WorkerDied):
            self.deaths += 1
        else:
            self.losses += 1
        if self.deaths >= _TRIES:
            found = "the process that made it died twice"
            return ReportError(Problem("", found, todo="it may need more memory than there is; try fewer --jobs"))
        if self.losses >= _LOSSES:
            return ReportError(Problem("", f"all workers were lost {_LOSSES} times before it was done"))
        return None


def _submitted(executor: Executor, work: Callable[[Job], Result], job: Job) -> Future[Result]:
    try:
        return executor.submit(work, job)
    except BrokenExecutor as error:
        future: Future[Result] = Future()
        future.set_exception(error)
        return future


def _outcome(future: Future[Result]) -> Result | Exception:
    try:
        return future.result()
    except (Exception, CancelledError) as error:  # noqa: BLE001 - whatever a job raises is that job's failure
        return error
