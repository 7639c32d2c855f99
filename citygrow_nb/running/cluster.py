"""The workers of a Dask cluster, as processes of our own below each of Dask's.

Everything that can be wrong with a cluster is found out before the first job: that there is a scheduler, that it has
workers, and that these would make the same pages as this machine. Dask hands out the jobs, and those of a worker that
is lost once more. What all jobs share travels to each worker once.
"""

from __future__ import annotations

import contextlib
import logging
import pickle
import platform
import time
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from itertools import islice
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self
from uuid import uuid4

from citygrow_nb.exceptions import Problem, ReportError, UsageError, one_line, require_no_password
from citygrow_nb.running.workers import LIMIT, Work, died_twice
from citygrow_nb.versions import LIBRARIES, code_sha256

if TYPE_CHECKING:
    from distributed import Client

PACKAGE = "citygrow-nb"

CONNECT = 10.0
"""Seconds to wait for the scheduler, and for its workers."""

_AHEAD = 2
"""Jobs in hand for each thread of the cluster: enough that none waits, few enough that memory stays flat."""

_SILENCE = 120.0
"""Seconds beyond a job's limit after which a cluster that says nothing is given up."""

_SAME = "install the same on all machines, best from requirements.lock or as one image"


def require_cluster(address: str) -> None:
    """Make sure that a cluster's address holds no secret, and that what it takes is installed; nothing is asked yet.

    Raises
    ------
    UsageError
        If one is not so.
    """
    require_no_password(address)
    if find_spec("distributed") is None:
        found = "it takes more to work on a cluster"
        raise UsageError(Problem(address, found, todo='install it: pip install "citygrow-nb[cluster]"'))


class Cluster:
    """The workers of a Dask scheduler; a context manager. They see the folders of this machine only by chance.

    Parameters
    ----------
    work
        What to do to each job.
    address
        Of the scheduler, such as ``tcp://10.0.0.1:8786``.
    limit, preload
        As for :class:`~citygrow_nb.running.processes.Processes`.
    connect
        Seconds to wait for scheduler and workers.

    Raises
    ------
    UsageError
        On entering, if the cluster can't be used; nothing was started.
    """

    def __init__(
        self, work: Work, address: str, *, limit: float = LIMIT, preload: str = "", connect: float = CONNECT
    ) -> None:
        self._work, self._address, self._limit, self._preload = work, address, limit, preload
        self._connect = connect
        self._name = f"citygrow-{uuid4().hex}"
        self._client: Client | None = None

    def __enter__(self) -> Self:
        from citygrow_nb.running.cluster_worker import JobPlace

        self._client = _connected(self._address, self._connect)
        place = JobPlace(code_sha256(), pickle.dumps(self._work), self._limit, self._preload)
        answers: dict[str, Any] = self._client.register_plugin(place, name=self._name)
        faults = [f"{worker} ({answer})" for worker, answer in answers.items() if answer.get("status") != "OK"]
        if faults:
            self.__exit__(None, None, None)
            raise UsageError(Problem(self._address, f"workers did not take the work: {one_line(faults)}"))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        client, self._client = self._client, None
        if client is not None:
            with contextlib.suppress(Exception):
                client.unregister_worker_plugin(self._name)
            with contextlib.suppress(Exception):
                client.close(timeout=CONNECT / 5)

    def let_go(self) -> None:
        """Leave the workers as they are: their memory is not this machine's."""

    def each(self, jobs: Iterable[Any]) -> Iterator[tuple[Any, Any]]:
        """Do every job, as :class:`~citygrow_nb.running.workers.Workers` says.

        Raises
        ------
        ReportError
            If the scheduler is lost in mid-run, or no worker does anything any more.
        """
        from distributed import as_completed

        client = self._client
        assert client is not None  # noqa: S101 - for the type checker: whoever calls this has entered
        waiting: dict[Any, Any] = {}
        fresh = iter(jobs)
        done = as_completed(loop=client.loop)
        while True:
            for job in islice(fresh, max(0, self._room(client) - len(waiting))):
                waiting[future := self._submitted(client, job)] = job
                done.add(future)
            if not waiting:
                return
            future = self._next(client, done, waiting)
            yield waiting.pop(future), self._outcome(future)

    def _room(self, client: Client) -> int:
        """Return how many jobs the cluster can have in hand now; it grows and shrinks under way."""
        try:
            threads: int = sum(client.nthreads().values())
        except Exception as error:
            raise self._lost() from error
        return _AHEAD * max(1, threads)

    def _submitted(self, client: Client, job: object) -> Any:
        from citygrow_nb.running.cluster_worker import do_job

        try:
            return client.submit(do_job, self._name, pickle.dumps(job), pure=False)
        except Exception as error:
            raise self._lost() from error

    def _next(self, client: Client, done: Any, waiting: dict[Any, Any]) -> Any:
        """Return the next future that is done; Dask tells nothing of those that went with their scheduler."""
        heard, before = time.monotonic(), client.scheduler_comm
        while True:
            if done.has_ready():
                future = next(done)
                if future.status == "cancelled" or future not in waiting:
                    raise self._lost()
                return future
            silent = self._limit and time.monotonic() - heard > self._limit + _SILENCE
            if client.status != "running" or client.scheduler_comm is not before or silent:
                raise self._lost()
            time.sleep(0.02)

    def _outcome(self, future: Any) -> Any:
        """Return what came of a job, with Dask's errors in our own words."""
        from distributed import KilledWorker
        from distributed.client import FutureCancelledError

        try:
            return pickle.loads(future.result())  # noqa: S301 - of a worker of this run
        except KilledWorker:
            return died_twice()
        except FutureCancelledError as error:  # the scheduler went while the outcome was on its way
            raise self._lost() from error
        except Exception as error:  # noqa: BLE001 - an error of Dask's is this job's outcome
            return error

    def _lost(self) -> ReportError:
        found = "the scheduler was lost, or no worker does anything any more"
        todo = "the reports finished so far are complete, and the same command makes the rest"
        return ReportError(Problem(self._address, found, todo=todo))


def _connected(address: str, patience: float) -> Client:
    """Return a client once there are a scheduler and workers that are fit."""
    from distributed import Client
    from distributed.comm.registry import backends

    if address.partition("://")[0] not in backends or not address.partition("://")[2]:
        raise UsageError(Problem(address, "this is no address of a scheduler", "such as tcp://10.0.0.1:8786"))
    # What it would log stands in our own sentences.
    for name in ("distributed", "distributed.client"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    deadline = time.monotonic() + patience
    while True:
        client = None
        try:
            client = Client(address, timeout=min(CONNECT, patience), set_as_default=False, name="citygrow")
            client.wait_for_workers(1, timeout=max(0.1, deadline - time.monotonic()))
            _check(client, address)
        except Exception as error:
            if client is not None:
                with contextlib.suppress(Exception):
                    client.close(timeout=CONNECT / 5)
            if isinstance(error, UsageError):
                raise
            if time.monotonic() >= deadline:
                raise UsageError(_absence(address, client is not None)) from error
            time.sleep(min(1.0, patience / 10))
        else:
            return client


def _absence(address: str, connected: bool) -> Problem:
    if connected:
        todo = f"start some with “dask worker {address}” where citygrow is installed"
        return Problem(address, "the scheduler has no workers", todo=todo)
    todo = "start one with “dask scheduler”, or check the address and the way there"
    return Problem(address, "there is no scheduler", todo=todo)


def _check(client: Client, address: str) -> None:
    """Make sure that every worker would make the same pages as this machine."""
    problems = [
        *_differences(client, "Python", platform.python_version, _minor),
        *(problem for name in (PACKAGE, "distributed", *LIBRARIES) for problem in _of_package(client, name)),
    ]
    if not problems:
        problems = _differences(client, "code of citygrow", code_sha256, lambda code: code[:12])
    if problems:
        raise UsageError(*(Problem(address, problem, todo=_SAME) for problem in problems))


def _of_package(client: Client, name: str) -> list[str]:
    return _differences(client, name, partial(version, name), str)


def _differences(client: Client, what: str, ask: Callable[[], str], shown: Callable[[str], str]) -> list[str]:
    """Return a sentence for each thing that workers have and this machine has not; they need not know this package."""
    try:
        here = shown(ask())
    except PackageNotFoundError:
        here = ""
    others: dict[str, list[str]] = {}
    for worker, answer in client.run(ask, on_error="return").items():
        there = shown(answer) if isinstance(answer, str) else ""
        if there != here:
            others.setdefault(there, []).append(worker)
    return [
        f"{one_line(workers, 3)} {f'has {what} {there}' if there else f'lacks {what}'}, here is {here or 'none'}"
        for there, workers in others.items()
    ]


def _minor(python: str) -> str:
    return ".".join(python.split(".")[:2])
