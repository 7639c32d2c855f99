"""Worker processes on this machine, behind the interface of ``concurrent.futures``.

Each worker is known by the job it has. So one that dies costs that job and no other, and one that takes too long can be
killed, even where Python itself hangs. Workers leave no kernel and no temporary folder behind: they end in an orderly
way when they are told to, and when the process that started them is gone.
"""

from __future__ import annotations

import contextlib
import itertools
import multiprocessing
import os
import pickle
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from multiprocessing import forkserver
from multiprocessing.connection import wait
from queue import SimpleQueue
from typing import Any, TypeVar

from citygrow_nb.exceptions import Problem, ReportError
from citygrow_nb.executors.pool import WarmUp, WorkerDied
from citygrow_nb.executors.transfer import unpack
from citygrow_nb.executors.worker_process import GRACE, serve_jobs

Result = TypeVar("Result")

_START = 120.0
"""Seconds that a worker may take until it is warm."""

_LOOK = 1.0
"""Seconds between looks whether a silent worker is still there: what it started may hold its end of the connection."""


@dataclass(frozen=True)
class ProcessPool:
    """Processes on this machine.

    Parameters
    ----------
    preload
        Module that workers have in common: loaded once, and shared by all of them where the system can fork.
    """

    preload: str = ""

    @property
    def shares_disk(self) -> bool:
        """They see this machine's folders."""
        return True

    def prepare(self) -> None:
        """Begin to load what workers have in common, in a process of its own; what is done meanwhile does not wait."""
        if sys.platform == "linux":
            _context(self.preload)
            with _starting():
                forkserver.ensure_running()

    @contextlib.contextmanager
    def __call__(self, workers: int, *, limit: float = 0.0, warm_up: WarmUp | None = None) -> Iterator[Executor]:
        """Open them, as :class:`~citygrow_nb.executors.Pool` says."""
        executor = WorkerProcesses(workers, self.preload, limit=limit, warm_up=warm_up)
        try:
            yield executor
            executor.shutdown()
        except BaseException:
            executor.stop()
            raise


class WorkerProcesses(Executor):
    """An executor with a process for each worker.

    A function that is given to :meth:`submit` again and again travels to each worker once; only its arguments travel
    each time. So what all jobs share belongs to the function.

    Parameters
    ----------
    workers
        How many.
    preload
        As in :class:`ProcessPool`.
    limit, warm_up
        As in :class:`~citygrow_nb.executors.Pool`.
    """

    def __init__(self, workers: int, preload: str = "", *, limit: float = 0.0, warm_up: WarmUp | None = None) -> None:
        self._limit, self._preload = limit, preload
        self._scratch, self._numbers = tempfile.mkdtemp(prefix="cg-"), itertools.count()
        self._warm_up = warm_up
        self._work: tuple[object, bytes] = (None, b"")
        self._calls: SimpleQueue[_Call | None] = SimpleQueue()
        self._closed = self._stopped = False
        self._workers: dict[int, _Worker] = {}
        self._threads = [threading.Thread(target=self._feed, args=(slot,), daemon=True) for slot in range(workers)]
        for thread in self._threads:
            thread.start()

    def submit(self, fn: Callable[..., Result], /, *args: Any, **kwargs: Any) -> Future[Result]:
        """Have a function called in a worker."""
        if self._closed:
            raise RuntimeError("this executor is closed")
        if self._work[0] is not fn:
            self._work = (fn, pickle.dumps(fn))
        future: Future[Result] = Future()
        self._calls.put((future, self._work[1], pickle.dumps((args, kwargs))))
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Let the workers go when they have done what is in hand."""
        if not self._closed:
            self._closed = True
            self._calls.put(None)
        if cancel_futures:
            self._cancel()
        if wait:
            for thread in self._threads:
                thread.join()
            shutil.rmtree(self._scratch, ignore_errors=True)

    def stop(self) -> None:
        """Tell the workers to stop what they are at, and wait until they have gone."""
        self._stopped = True
        self.shutdown(wait=False, cancel_futures=True)
        workers = list(self._workers.values())
        for worker in workers:
            worker.process.terminate()
        deadline = time.monotonic() + GRACE
        for worker in workers:
            worker.process.join(max(0.0, deadline - time.monotonic()))
            worker.kill()
        self.shutdown()

    def _cancel(self) -> None:
        while not self._calls.empty():
            if (call := self._calls.get()) is not None and call[0].cancel():
                # Or whoever waits for it would not be call_and_pack.
                call[0].set_running_or_notify_cancel()
        self._calls.put(None)

    def _feed(self, slot: int) -> None:
        """Hand calls to one worker, and put another in its place when it has gone."""
        with contextlib.suppress(Exception):
            self._in_slot(slot)
        while (call := self._calls.get()) is not None:
            future, work, arguments = call
            if not future.set_running_or_notify_cancel():
                continue
            try:
                worker = self._in_slot(slot)
                if worker is None:
                    raise WorkerDied("the workers are being stopped")
                result = worker.do(work, arguments, self._limit)
            except BaseException as error:  # noqa: BLE001 - whatever it is, it is this call's outcome
                if isinstance(error, WorkerDied | _TooLong) and (worker := self._workers.pop(slot, None)):
                    if isinstance(error, _TooLong):
                        worker.end()
                    worker.release()
                future.set_exception(_explained(error, self._limit))
            else:
                future.set_result(result)
        # One sign is enough for all.
        self._calls.put(None)
        if worker := self._workers.pop(slot, None):
            worker.close()

    def _in_slot(self, slot: int) -> _Worker | None:
        if (idle := self._workers.get(slot)) and not idle.process.is_alive():
            # Died without a job; the next job is not to blame.
            self._workers.pop(slot).release()
        if slot not in self._workers and not self._stopped:
            try:
                # A folder of its own, so that one that ends takes nothing from another; a short name, for sockets.
                folder = os.path.join(self._scratch, str(next(self._numbers)))  # noqa: PTH118
                self._workers[slot] = _Worker(self._warm_up, folder, self._preload)
            except (OSError, EOFError) as error:
                raise WorkerDied("the process could not be started") from error
            if self._stopped:
                self._workers.pop(slot).release()
        return self._workers.get(slot)


_Call = tuple[Future[Any], bytes, bytes]


class _TooLong(Exception):
    pass


class _Worker:
    """One process, seen from here."""

    def __init__(self, warm_up: WarmUp | None, folder: str, preload: str) -> None:
        context = _context(preload)
        self._folder = folder
        os.mkdir(folder)  # noqa: PTH102
        setup = pickle.dumps((warm_up, folder))
        self._connection, theirs = context.Pipe()
        self._work = b""
        self._warm = False
        with _starting() as environment, _may_have_children():
            self.process = context.Process(target=serve_jobs, args=(theirs, setup, environment))
            self.process.start()
        theirs.close()

    def do(self, work: bytes, arguments: bytes, limit: float) -> Any:
        """Have one call done.

        Raises
        ------
        WorkerDied
            If the process is gone.
        _TooLong
            If it takes longer than the limit; the process is then still at it.
        """
        try:
            if not self._warm:
                self._await_signal()
                self._warm = True
            self._connection.send_bytes(b"" if work == self._work else work)
            self._connection.send_bytes(arguments)
            self._work = work
            # What it takes to load the work is not the job's time.
            self._await_signal()
            self._await(limit)
            succeeded, outcome = unpack(self._connection.recv_bytes())
        except (EOFError, OSError) as error:
            raise WorkerDied("the process is gone") from error
        if succeeded:
            return outcome
        raise outcome

    def close(self) -> None:
        """Let it go home; it has nothing to do."""
        self._connection.close()
        self.process.join(GRACE)
        self.kill()

    def release(self) -> None:
        """End it and all that it started, close the connection, and remove what it leaves lying.

        For the one thread that talks to it.
        """
        self.kill()
        self._connection.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def end(self) -> None:
        """Tell it to stop what it is at, and give it time to shut down what it started."""
        self.process.terminate()
        self.process.join(GRACE)

    def kill(self) -> None:
        """End it and all that it started; from any thread, so the connection stays: closing twice may hit another's."""
        with contextlib.suppress(OSError, ValueError):
            if hasattr(os, "killpg"):
                os.killpg(self.process.pid or 0, signal.SIGKILL)
        self.process.kill()
        self.process.join()

    def _await_signal(self) -> None:
        try:
            self._await(_START)
        except _TooLong as error:
            raise WorkerDied("the process does not get going") from error
        self._connection.recv_bytes()

    def _await(self, limit: float) -> None:
        deadline = time.monotonic() + limit if limit else float("inf")
        while not wait([self._connection, self.process.sentinel], min(_LOOK, max(0.0, deadline - time.monotonic()))):
            if not self.process.is_alive():
                raise EOFError
            if time.monotonic() >= deadline:
                raise _TooLong
        if not self._connection.poll():
            raise EOFError


def _explained(error: BaseException, limit: float) -> BaseException:
    return ReportError(Problem("", f"it took longer than {limit:g} s")) if isinstance(error, _TooLong) else error


def _context(preload: str) -> Any:
    if sys.platform != "linux":
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([preload] if preload else [])
    return context


_one_at_a_time = threading.Lock()


@contextlib.contextmanager
def _starting() -> Iterator[dict[str, str]]:
    """Have what is started meanwhile import nothing from the current folder; yields the environment without that.

    Python puts it first in the path of what multiprocessing starts, and anybody's files may lie there. The worker then
    takes the environment that is yielded: programs that its kernels start are not concerned.
    """
    with _one_at_a_time:
        before = dict(os.environ)
        os.environ["PYTHONSAFEPATH"] = "1"
        try:
            yield before
        finally:
            del os.environ["PYTHONSAFEPATH"]
            os.environ.update(before)


@contextlib.contextmanager
def _may_have_children() -> Iterator[None]:
    # Dask marks its workers as daemons, so that they go with their nanny, and Python then refuses them processes of
    # their own. Ours follow whoever started them.
    config: dict[str, Any] = getattr(multiprocessing.current_process(), "_config", {})
    daemon = config.pop("daemon", None)
    try:
        yield
    finally:
        if daemon is not None:
            config["daemon"] = daemon
