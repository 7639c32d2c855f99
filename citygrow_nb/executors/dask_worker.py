"""A Dask worker's part of a batch: processes of our own below it, which do the jobs that its threads receive.

A workbook changes the current folder, forks, and may hang in native code. So none runs within Dask's own process,
however many threads that has. What all jobs share comes once, as plugins, which Dask gives to workers that join later
as well.
"""

from __future__ import annotations

import pickle
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, wait

from distributed import Reschedule, Worker, WorkerPlugin, get_worker

from citygrow_nb.executors.pool import WarmUp
from citygrow_nb.executors.process_pool import WorkerProcesses
from citygrow_nb.executors.transfer import call_and_pack, unpack
from citygrow_nb.versions import code_sha256

_IDLE = 300.0
"""Seconds without a job after which the processes go: a run that was killed can't send them away."""

_WAIT = 10.0
"""Seconds that a job waits for its plugins; Dask may send it to a new worker before them."""

_LOOK = 0.1


class JobProcesses(WorkerPlugin):
    """The processes of one run on one Dask worker, as many as it has threads.

    Parameters
    ----------
    code
        Fingerprint of the package; a worker with another one that joined late does nothing.
    preload
        As in :class:`~citygrow_nb.executors.ProcessPool`.
    limit, warm_up
        As in :class:`~citygrow_nb.executors.Pool`.
    """

    def __init__(self, code: str, preload: str, limit: float, warm_up: WarmUp | None) -> None:
        self._code, self._preload, self._limit, self._warm_up = code, preload, limit, warm_up
        self._slots = 0

    def setup(self, worker: Worker) -> None:
        """Take up the post; processes start with the first job."""
        self._processes: WorkerProcesses | None = None
        self._jobs = 0
        self._rest: threading.Timer | None = None
        self._lock = threading.Lock()
        self._slots = worker.state.nthreads if code_sha256() == self._code else 0

    def teardown(self, worker: Worker) -> None:  # noqa: ARG002 - Dask wants it so
        """Send the processes away; Dask's loop must not wait for them."""
        threading.Thread(target=self._dismiss, daemon=True).start()

    @property
    def ready(self) -> bool:
        """Whether jobs can be done here."""
        return self._slots > 0

    def do(self, work: Callable[..., object], arguments: bytes) -> bytes:
        """Have one job done, and return what came of it; called by many threads."""
        args, kwargs = unpack(arguments)
        with self._lock:
            self._jobs += 1
            if self._rest:
                self._rest.cancel()
            self._processes = self._processes or WorkerProcesses(
                self._slots, self._preload, limit=self._limit, warm_up=self._warm_up
            )
            try:
                future: Future[object] = self._processes.submit(work, *args, **kwargs)
            except RuntimeError as error:
                raise Reschedule from error
        wait([future])
        with self._lock:
            self._jobs -= 1
            if not self._jobs:
                self._rest = threading.Timer(_IDLE, self._dismiss, [False])
                self._rest.daemon = True
                self._rest.start()
        if future.cancelled():
            raise Reschedule
        return call_and_pack(future.result)

    def _dismiss(self, at_once: bool = True) -> None:
        with self._lock:
            if self._jobs and not at_once:
                return  # a job came at the last moment
            processes, self._processes = self._processes, None
        if processes:
            processes.stop()


class JobFunction(WorkerPlugin):
    """What is done to each job, with all that jobs share."""

    def __init__(self, function: Callable[..., object]) -> None:
        self.function = function


def do_job(processes: str, work: str, arguments: bytes) -> bytes:
    """Do one job in a Dask worker.

    Parameters
    ----------
    processes, work
        Names of the plugins.
    arguments
        What to call the function of the work with.

    Returns
    -------
    bytes
        What it returned or raised.
    """
    deadline = time.monotonic() + _WAIT
    while time.monotonic() < deadline:
        plugins = get_worker().plugins
        there, task = plugins.get(processes), plugins.get(work)
        if isinstance(there, JobProcesses) and isinstance(task, JobFunction) and there.ready:
            return there.do(task.function, arguments)
        time.sleep(_LOOK)
    raise Reschedule


def packed(*args: object, **kwargs: object) -> bytes:
    """Return arguments as they travel: the scheduler need not know what is in them."""
    return pickle.dumps((args, kwargs))
