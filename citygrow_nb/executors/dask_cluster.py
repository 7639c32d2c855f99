"""A Dask cluster behind the interface of ``concurrent.futures``.

Everything that can be wrong with a cluster is found out before the first job: that there is a scheduler, that it has
workers, and that these would make the same pages as this machine. When the scheduler is lost in the middle, its jobs
are lost with it; whoever handed them in does so again, and here one waits a while for the scheduler to come back.
"""

from __future__ import annotations

import contextlib
import logging
import platform
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import BrokenExecutor, CancelledError, Executor, Future, InvalidStateError
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import uuid4

from citygrow_nb.exceptions import Problem, ReportError, UsageError, one_line, require_no_password
from citygrow_nb.executors.pool import WarmUp, WorkerDied
from citygrow_nb.executors.transfer import unpack
from citygrow_nb.versions import LIBRARIES, code_sha256

if TYPE_CHECKING:
    from distributed import Client, WorkerPlugin

Result = TypeVar("Result")

PACKAGE = "citygrow-nb"

CONNECT = 10.0
"""Seconds to wait for the scheduler of a new run, and for its workers."""

RETURN = 300.0
"""Seconds to wait for a scheduler that was lost in mid-run, and for its workers."""

_FRESH = 5.0
"""Seconds for which the number of workers is taken to be what it was."""


class DaskPool:
    """The workers of a Dask scheduler.

    Parameters
    ----------
    address
        Of the scheduler, such as ``tcp://10.0.0.1:8786``.
    preload
        As in :class:`~citygrow_nb.executors.ProcessPool`.
    connect, back
        Seconds to wait for it at the beginning, and when it was lost.
    """

    shares_disk = False

    def __init__(self, address: str, preload: str = "", *, connect: float = CONNECT, back: float = RETURN) -> None:
        self._address, self._preload = address, preload
        self._patience, self._back = connect, back
        self._was_there = False

    @contextlib.contextmanager
    def __call__(
        self,
        workers: int,  # noqa: ARG002 - a cluster has as many as it has
        *,
        limit: float = 0.0,
        warm_up: WarmUp | None = None,
    ) -> Iterator[Executor]:
        """Open it, as :class:`~citygrow_nb.executors.Pool` says.

        Raises
        ------
        UsageError
            If the cluster can't be used; nothing was started.
        ReportError
            If it was lost in mid-run and did not come back.
        """
        try:
            client = _connected(self._address, self._patience)
            executor = _Cluster(client, self._preload, limit, warm_up)
        except UsageError as error:
            if not self._was_there:
                raise
            found = f"the scheduler was lost, and did not come back within {self._back:g} s with workers of use"
            todo = "the reports finished so far are complete, and the same command makes the rest"
            raise ReportError(Problem(self._address, found, todo=todo), *error.problems) from error
        self._was_there, self._patience = True, self._back
        try:
            yield executor
        finally:
            executor.shutdown(wait=False)
            with contextlib.suppress(Exception):
                client.close(timeout=CONNECT / 5)


def dask_pool(address: str, preload: str = "") -> DaskPool:
    """Return the pool of the cluster at an address; nothing is asked yet.

    Raises
    ------
    UsageError
        If what it takes is not installed.
    """
    require_no_password(address)
    if find_spec("distributed") is None:
        found = "it takes more to work on a cluster"
        raise UsageError(Problem(address, found, todo='install it: pip install "citygrow-nb[cluster]"'))
    return DaskPool(address, preload)


class _Cluster(Executor):
    def __init__(self, client: Client, preload: str, limit: float, warm_up: WarmUp | None) -> None:
        from citygrow_nb.executors import dask_worker

        self._client = client
        self._dask = client.get_executor(pure=False)
        self._processes = f"citygrow-processes-{uuid4().hex}"
        self._works: dict[str, object] = {}
        self._counted, self._slots = 0.0, 0
        self._waiting: set[Future[Any]] = set()
        self._comm, self._heard = client.scheduler_comm, time.monotonic()
        self._patience = limit + RETURN if limit else float("inf")
        self._register(dask_worker.JobProcesses(code_sha256(), preload, limit, warm_up), self._processes)

    @property
    def slots(self) -> int:
        """How many jobs the cluster can do at the same time now."""
        self._give_up_lost_jobs()
        if time.monotonic() - self._counted > _FRESH:
            with contextlib.suppress(Exception):
                self._slots = sum(self._client.nthreads().values())
            self._counted = time.monotonic()
        return self._slots

    def submit(self, fn: Callable[..., Result], /, *args: Any, **kwargs: Any) -> Future[Result]:
        """Have a function called in a worker; it travels to each of them once."""
        from citygrow_nb.executors import dask_worker

        name = next((name for name, known in self._works.items() if known is fn), "")
        outer: Future[Result] = Future()
        try:
            if not name:
                name = f"citygrow-work-{uuid4().hex}"
                self._register(dask_worker.JobFunction(fn), name)
                self._works[name] = fn
            if not self._waiting:
                self._heard = time.monotonic()
            inner = self._dask.submit(dask_worker.do_job, self._processes, name, dask_worker.packed(*args, **kwargs))
        except BrokenExecutor:
            raise
        except Exception as error:
            raise BrokenExecutor(f"the cluster does not take any more: {error}") from error
        self._waiting.add(outer)
        outer.add_done_callback(self._ended)
        inner.add_done_callback(partial(_pass_on, outer))
        return outer

    def _ended(self, outer: Future[Any]) -> None:
        self._waiting.discard(outer)
        self._heard = time.monotonic()

    def _give_up_lost_jobs(self) -> None:
        """Fail what nobody will answer any more.

        Dask tells most futures when their scheduler is lost, but not those whose result was just on its way; and a
        cluster without a worker of use says nothing at all.
        """
        lost = self._client.status != "running" or self._client.scheduler_comm is not self._comm
        silent = time.monotonic() - self._heard > self._patience
        if lost or (silent and self._waiting):
            for outer in tuple(self._waiting):
                _settle(outer.set_exception, BrokenExecutor("the scheduler was lost, or no worker does anything"))

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: ARG002 - as an executor's
        """Forget what is not done, and send our processes away."""
        with contextlib.suppress(Exception):
            self._dask.shutdown(wait=wait)
        for name in (*self._works, self._processes):
            with contextlib.suppress(Exception):
                self._client.unregister_worker_plugin(name)
        for outer in tuple(self._waiting):
            _settle(outer.set_exception, BrokenExecutor("the executor was closed"))

    def _register(self, plugin: WorkerPlugin, name: str) -> None:
        answers: Mapping[str, Any] = self._client.register_plugin(plugin, name=name)
        faults = [f"{worker} ({answer})" for worker, answer in answers.items() if answer.get("status") != "OK"]
        if faults:
            raise BrokenExecutor(one_line(faults))


def _pass_on(outer: Future[Result], inner: Future[bytes]) -> None:
    """Give the outcome to whoever waits, with Dask's errors in the terms of ``concurrent.futures``."""
    from distributed import KilledWorker
    from distributed.client import FutureCancelledError

    try:
        succeeded, outcome = unpack(inner.result())
    except KilledWorker as error:
        _settle(outer.set_exception, WorkerDied(str(error)))
    except (CancelledError, FutureCancelledError) as error:
        _settle(outer.set_exception, BrokenExecutor(f"the scheduler was lost: {error}"))
    except Exception as error:  # noqa: BLE001 - an error of Dask's is this job's outcome
        _settle(outer.set_exception, error)
    else:
        _settle(outer.set_result if succeeded else outer.set_exception, outcome)


def _settle(how: Callable[[Any], None], outcome: object) -> None:
    # Given up and answered after all: the first word counts.
    with contextlib.suppress(InvalidStateError):
        how(outcome)


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


_SAME = "install the same on all machines, best from requirements.lock or as one image"


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
