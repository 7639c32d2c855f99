"""A Dask worker's part of a run: a process of our own below each of its threads, which does the jobs of that thread.

A workbook may hang in native code, and changes its process. So none runs within Dask's own.
"""

from __future__ import annotations

import pickle
import threading
import time
from typing import Any

from distributed import Reschedule, Worker, WorkerPlugin, get_worker

from citygrow_nb.running.processes import Abandoned, Processes
from citygrow_nb.versions import code_sha256

_WAIT = 10.0
"""Seconds that a job waits for what all jobs share; Dask may send it to a new worker first."""

_IDLE = 300.0
"""Seconds without a job after which processes go: a run that was killed can't send them away."""


class JobPlace(WorkerPlugin):
    """What all jobs of a run share, on one Dask worker; comes to those that join late as well.

    Parameters
    ----------
    code
        Fingerprint of the package; a worker with another one does nothing.
    work
        What to do to each job, pickled.
    limit, preload
        As for :class:`~citygrow_nb.running.processes.Processes`.
    """

    def __init__(self, code: str, work: bytes, limit: float, preload: str) -> None:
        self._code, self._work, self._limit, self._preload = code, work, limit, preload

    def setup(self, worker: Worker) -> None:  # noqa: ARG002 - Dask wants it so
        """Take up the post; processes start with the first job."""
        self.is_fit = code_sha256() == self._code
        self._lock = threading.Lock()
        self._rested: list[tuple[float, Processes]] = []
        self._busy: set[Processes] = set()
        self._closed = False

    def teardown(self, worker: Worker) -> None:  # noqa: ARG002
        """Send the processes away, whatever they are at; Dask's loop must not wait for them."""
        with self._lock:
            self._closed = True
            for processes in self._busy:
                processes.abandon()
        threading.Thread(target=self._dismiss, daemon=True).start()

    def do(self, job: bytes) -> bytes:
        """Do one job in a process, and return what came of it; called by as many threads as Dask has."""
        with self._lock:
            if self._closed:
                raise Reschedule
            processes = self._rested.pop()[1] if self._rested else self._new()
            self._busy.add(processes)
        try:
            ((_, outcome),) = processes.each([pickle.loads(job)])  # noqa: S301 - of the run that sent it
        except BaseException as error:
            with self._lock:
                self._busy.discard(processes)
            processes.__exit__(RuntimeError, None, None)
            if isinstance(error, Abandoned):
                raise Reschedule from error
            raise
        with self._lock:
            self._busy.discard(processes)
            self._rested.append((time.monotonic(), processes))
        if self._closed:
            self._dismiss()
        else:
            timer = threading.Timer(_IDLE, self._dismiss, [_IDLE / 2])
            timer.daemon = True
            timer.start()
        return pickle.dumps(outcome)

    def _new(self) -> Processes:
        return Processes(pickle.loads(self._work), 1, limit=self._limit, preload=self._preload)  # noqa: S301

    def _dismiss(self, idle: float = 0.0) -> None:
        """Send those away that had nothing to do for so long."""
        latest = time.monotonic() - idle
        with self._lock:
            gone = [each for each in self._rested if each[0] <= latest]
            self._rested = [each for each in self._rested if each[0] > latest]
        for _, processes in gone:
            processes.let_go()


def do_job(name: str, job: bytes) -> bytes:
    """Do one job in a Dask worker.

    Parameters
    ----------
    name
        Of the plugin.
    job
        The job, pickled.

    Returns
    -------
    bytes
        What it came to or raised, pickled.
    """
    deadline = time.monotonic() + _WAIT
    while time.monotonic() < deadline:
        place: Any = get_worker().plugins.get(name)
        if isinstance(place, JobPlace) and getattr(place, "is_fit", False):
            return place.do(job)
        time.sleep(0.1)
    raise Reschedule
