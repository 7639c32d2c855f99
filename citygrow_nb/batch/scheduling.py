"""Do jobs on an executor: a few ahead of the workers, results as they come, and no job lost when a worker dies."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from contextlib import ExitStack
from functools import partial
from itertools import chain
from types import TracebackType
from typing import Self, TypeVar

from citygrow_nb.batch.pools import Pool, stoppable
from citygrow_nb.exceptions import Problem, ReportError

Job = TypeVar("Job")
Result = TypeVar("Result")

_AHEAD = 2
"""Jobs in hand per worker: enough that none waits, few enough that memory stays flat."""

_PATIENCE = 0.5
"""Seconds between looks at the keyboard: on Windows nothing else lets Ctrl-C through."""


class Crew:
    """Workers for as long as they are needed; a context manager.

    Parameters
    ----------
    pool
        Opens an executor.
    workers
        How many workers to use.
    """

    def __init__(self, pool: Pool, workers: int) -> None:
        self._pool, self._workers = pool, workers
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

        When a worker dies, one cannot know which of the jobs in hand killed it. Each of them is then done alone, in a
        pool of its own; only one that kills its worker there twice has failed.

        Parameters
        ----------
        work
            Function of a job that can travel to another process.
        jobs
            What to do.

        Yields
        ------
        tuple
            Each job with its result, or with the exception that it raised, in the order in which they end.
        """
        waiting: Iterator[Job] | None = iter(jobs)
        task = partial(stoppable, work)
        while waiting is not None:
            suspects, waiting = yield from _drain(self._members(), waiting, task, _AHEAD * self._workers)
            if suspects or waiting is not None:
                self._dismiss()
            for suspect in suspects:
                yield from self._alone(suspect, task)

    def _alone(self, job: Job, task: Callable[[Job], Result]) -> Generator[tuple[Job, Result | Exception], None, None]:
        # Twice, because it may not have had its turn before another job killed the worker.
        for _ in range(2):
            with self._pool(1) as executor:
                died, _ = yield from _drain(executor, iter([job]), task, 1)
            if not died:
                return
        found = "the process that made it died twice, although nothing else was running"
        yield job, ReportError(Problem("", found, todo="it may need more memory than there is"))

    def _members(self) -> Executor:
        if self._executor is None:
            self._executor = self._open.enter_context(self._pool(self._workers))
        return self._executor

    def _dismiss(self) -> None:
        self._executor = None
        self._open.close()


def _drain(
    executor: Executor, waiting: Iterator[Job], task: Callable[[Job], Result], window: int
) -> Generator[tuple[Job, Result | Exception], None, tuple[list[Job], Iterator[Job] | None]]:
    """Do jobs until there are none or the executor breaks.

    Returns the jobs that were in hand when it broke, and those still to do; None when all have been handed out.
    """
    running: dict[Future[Result], Job] = {}
    in_hand: list[Job] = []
    rest: Iterator[Job] | None = waiting
    broken = False
    while True:
        while rest is not None and not broken and len(running) < window:
            try:
                job = next(rest)
            except StopIteration:
                rest = None
                break
            try:
                running[executor.submit(task, job)] = job
            except BrokenExecutor:
                broken = True
                rest = chain([job], rest)
        if not running:
            return in_hand, rest
        done, _ = wait(running, timeout=_PATIENCE, return_when=FIRST_COMPLETED)
        for future in done:
            job = running.pop(future)
            try:
                result = future.result()
            except BrokenExecutor:
                broken = True
                in_hand.append(job)
            except Exception as error:  # noqa: BLE001 - whatever a job raises is that job's failure
                yield job, error
            else:
                yield job, result
