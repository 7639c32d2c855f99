"""Worker processes on this machine: one loop hands out jobs, takes outcomes, and sees who died or takes too long."""

from __future__ import annotations

import pickle
import sys
import time
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from multiprocessing.connection import wait
from types import TracebackType
from typing import Any, Self

from citygrow_nb.exceptions import ReportError
from citygrow_nb.running.worker import GRACE, START, Gone, Worker, prepare
from citygrow_nb.running.workers import LIMIT, Work, cores, died_twice, took_too_long

__all__ = ["Processes", "cores", "prepare"]

MOST = 500
"""Jobs after which a new worker takes over, so that whatever libraries never give back goes."""

TRIES = 2
"""How often a job may kill its worker."""

_MOST_ON_WINDOWS = 30
"""Workers at most there: Windows waits for 63 things at a time, and each worker is two."""

_LOOK = 0.5
"""Seconds between looks at clock and keyboard: on Windows nothing else lets Ctrl-C through."""


class Abandoned(Exception):
    """Nobody wants what is being done."""


class Processes:
    """Workers on this machine; a context manager. Leaving it by an exception stops them at once.

    Parameters
    ----------
    work
        What to do to each job.
    workers
        How many to use at most; none is started before there is a job for it.
    limit
        Seconds that one job may take; then its worker is stopped, and the job has failed.
    preload
        Module that workers have in common: loaded once, and shared by all of them where the system can fork.
    most
        Jobs after which a worker is replaced.
    """

    def __init__(self, work: Work, workers: int, *, limit: float = LIMIT, preload: str = "", most: int = MOST) -> None:
        self._work, self._limit, self._preload, self._most = work, limit, preload, most
        self._count = min(workers, _MOST_ON_WINDOWS) if sys.platform == "win32" else workers
        self._packed = b""
        self._is_abandoned = False
        self._idle: list[Worker] = []
        self._busy: dict[Worker, _Task] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None and not self._busy:
            self.let_go()
        else:
            self._stop()

    def let_go(self) -> None:
        """Let the workers go home; new ones are started when there is a job again."""
        while self._idle:
            self._idle.pop().close()

    def abandon(self) -> None:
        """Have :meth:`each`, which runs in another thread, soon stop the workers and raise :class:`Abandoned`."""
        self._is_abandoned = True

    def each(self, jobs: Iterable[Any]) -> Iterator[tuple[Any, Any]]:
        """Do every job, as :class:`~citygrow_nb.running.workers.Workers` says."""
        try:
            yield from self._each(jobs)
        finally:
            if self._busy:  # whoever asked does not want the rest
                self._stop()

    def _each(self, jobs: Iterable[Any]) -> Iterator[tuple[Any, Any]]:
        fresh, again = map(_Task, jobs), deque[_Task]()
        while True:
            while len(self._busy) < self._count and (task := again.popleft() if again else next(fresh, None)):
                try:
                    packed = pickle.dumps(task.job)
                except Exception as error:  # noqa: BLE001 - it costs this job and no other
                    yield task.job, error
                    continue
                if not self._hand_out(task, packed):
                    yield from self._lost(task, again)
            if not self._busy:
                if again:
                    continue
                return
            told = self._told()
            if self._is_abandoned:
                raise Abandoned
            for worker in told:
                task = self._busy[worker]
                try:
                    outcome = worker.take()
                except Gone:
                    del self._busy[worker]
                    worker.stop(patience=0)
                    yield from self._lost(task, again)
                    continue
                if outcome is None:
                    if worker.is_ready:
                        task.deadline = time.monotonic() + (self._limit or float("inf"))
                    continue
                del self._busy[worker]
                self._rest(worker)
                yield task.job, outcome[1]
            for worker, task in [pair for pair in self._busy.items() if time.monotonic() > pair[1].deadline]:
                if worker.connection.poll():
                    continue  # done in time, while whoever asked was busy with the outcomes before
                del self._busy[worker]
                worker.stop()
                if worker.is_ready:
                    yield task.job, took_too_long(self._limit)
                else:
                    yield from self._lost(task, again)

    def _hand_out(self, task: _Task, packed: bytes) -> bool:
        """Give a task to a worker, and tell whether there was one to take it."""
        while self._idle and not self._idle[-1].process.is_alive():
            self._idle.pop().stop(patience=0)  # died without a job; the next job is not to blame
        worker = self._idle.pop() if self._idle else None
        try:
            self._packed = self._packed or pickle.dumps(self._work)
            worker = worker or Worker(self._packed, self._preload)
            worker.give(packed)
        except (Gone, EOFError, OSError):
            if worker is not None:
                worker.stop(patience=0)
            return False
        except BaseException:  # Ctrl-C; nobody else knows of it
            if worker is not None:
                worker.stop(patience=0)
            raise
        task.deadline = time.monotonic() + ((self._limit or float("inf")) if worker.is_ready else START)
        self._busy[worker] = task
        return True

    @staticmethod
    def _lost(task: _Task, again: deque[_Task]) -> Iterator[tuple[Any, ReportError]]:
        """Take note that a task's worker died; yield what comes of it once that is final."""
        task.deaths += 1
        if task.deaths < TRIES:
            again.append(task)
        else:
            yield task.job, died_twice()

    def _told(self) -> list[Worker]:
        """Wait until workers tell something or are gone, or it is time to look at the clock."""
        signs: dict[Any, Worker] = {}
        for worker in self._busy:
            signs[worker.connection] = signs[worker.process.sentinel] = worker
        return list(dict.fromkeys(signs[sign] for sign in wait(list(signs), _LOOK)))

    def _rest(self, worker: Worker) -> None:
        if worker.jobs < self._most:
            self._idle.append(worker)
        else:
            worker.close()

    def _stop(self) -> None:
        workers = [*self._idle, *self._busy]
        self._idle, self._busy = [], {}
        with ExitStack() as ends:
            for worker in workers:
                ends.callback(worker.stop, patience=0)  # all of them, also where somebody presses Ctrl-C again
                worker.process.terminate()
            deadline = time.monotonic() + GRACE
            for worker in workers:
                worker.process.join(max(0.0, deadline - time.monotonic()))


class _Task:
    """A job, how often its worker died, and until when it may take."""

    def __init__(self, job: Any) -> None:
        self.job, self.deaths, self.deadline = job, 0, float("inf")
