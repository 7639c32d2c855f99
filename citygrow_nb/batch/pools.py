"""Worker processes on this machine, behind the interface of ``concurrent.futures``.

Each worker is known by the job it has. So one that dies costs that job and no other, and one that takes too long can be
killed, even where Python itself hangs. Workers leave no kernel and no temporary folder behind: they end in an orderly
way when they are told to, and when the process that started them is gone.
"""

from __future__ import annotations

import contextlib
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
from concurrent.futures import BrokenExecutor, Executor, Future
from contextlib import AbstractContextManager
from functools import partial
from multiprocessing.connection import Connection, wait
from queue import SimpleQueue
from typing import Any, Protocol, TypeVar

from citygrow_nb.exceptions import Problem, ReportError

Result = TypeVar("Result")
WarmUp = Callable[[], object]

PRELOAD = "citygrow_nb.batch.preload"
"""What workers have in common: loaded once, and shared by all of them where the system can fork."""

_START = 120.0
"""Seconds that a worker may take until it is warm."""

_GRACE = 10.0
"""Seconds that a worker has to shut its kernel down."""

_LOOK = 1.0
"""Seconds between looks whether a silent worker is still there: what it started may hold its end of the line."""


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


class LocalPool:
    """Processes on this machine."""

    shares_disk = True

    @contextlib.contextmanager
    def __call__(self, workers: int, *, limit: float = 0.0, warm_up: WarmUp | None = None) -> Iterator[Executor]:
        """Open them, as :class:`Pool` says."""
        executor = Processes(workers, limit=limit, warm_up=warm_up)
        try:
            yield executor
            executor.shutdown()
        except BaseException:
            executor.stop()
            raise


local_pool = LocalPool()


class Processes(Executor):
    """An executor with a process for each worker.

    A function that is given to :meth:`submit` again and again travels to each worker once; only its arguments travel
    each time. So what all jobs share belongs to the function.

    Parameters
    ----------
    workers
        How many.
    limit, warm_up
        As in :class:`Pool`.
    """

    def __init__(self, workers: int, *, limit: float = 0.0, warm_up: WarmUp | None = None) -> None:
        self._limit = limit
        # What a killed worker leaves lying goes with the others' things.
        self._scratch = tempfile.mkdtemp(prefix="cg-")
        self._orders = pickle.dumps((warm_up, self._scratch))
        self._work: tuple[object, bytes] = (None, b"")
        self._calls: SimpleQueue[_Call | None] = SimpleQueue()
        self._closed = self._stopped = False
        self._staff: dict[int, _Worker] = {}
        self._threads = [threading.Thread(target=self._serve, args=(seat,), daemon=True) for seat in range(workers)]
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
        staff = list(self._staff.values())
        for worker in staff:
            worker.process.terminate()
        deadline = time.monotonic() + _GRACE
        for worker in staff:
            worker.process.join(max(0.0, deadline - time.monotonic()))
            worker.kill()
        self.shutdown()

    def _cancel(self) -> None:
        while not self._calls.empty():
            if (call := self._calls.get()) is not None and call[0].cancel():
                # Or whoever waits for it would not be told.
                call[0].set_running_or_notify_cancel()
        self._calls.put(None)

    def _serve(self, seat: int) -> None:
        """Hand calls to one worker, and put another in its place when it has gone."""
        with contextlib.suppress(Exception):
            self._seated(seat)
        while (call := self._calls.get()) is not None:
            future, work, arguments = call
            if not future.set_running_or_notify_cancel():
                continue
            try:
                worker = self._seated(seat)
                if worker is None:
                    raise WorkerDied("the workers are being stopped")
                result = worker.do(work, arguments, self._limit)
            except BaseException as error:  # noqa: BLE001 - whatever it is, it is this call's outcome
                if isinstance(error, WorkerDied | _TooLong) and (worker := self._staff.pop(seat, None)):
                    if isinstance(error, _TooLong):
                        worker.end()
                    worker.kill()
                future.set_exception(_sentence(error, self._limit))
            else:
                future.set_result(result)
        # One sign is enough for all.
        self._calls.put(None)
        if worker := self._staff.pop(seat, None):
            worker.dismiss()

    def _seated(self, seat: int) -> _Worker | None:
        if (idle := self._staff.get(seat)) and not idle.process.is_alive():
            # Died without a job; the next job is not to blame.
            self._staff.pop(seat).kill()
        if seat not in self._staff and not self._stopped:
            try:
                self._staff[seat] = _Worker(self._orders)
            except (OSError, EOFError) as error:
                raise WorkerDied("the process could not be started") from error
            if self._stopped:
                self._staff.pop(seat).kill()
        return self._staff.get(seat)


_Call = tuple[Future[Any], bytes, bytes]


class _TooLong(Exception):
    pass


class _Worker:
    """One process, seen from here."""

    _starting = threading.Lock()

    def __init__(self, orders: bytes) -> None:
        context = _context()
        self._line, theirs = context.Pipe()
        self._work = b""
        self._warm = False
        with self._starting, _may_have_children():
            self.process = context.Process(target=_attend, args=(theirs, orders, dict(os.environ)))
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
                self._hear_from_it()
                self._warm = True
            self._line.send_bytes(b"" if work == self._work else work)
            self._line.send_bytes(arguments)
            self._work = work
            # What it takes to load the work is not the job's time.
            self._hear_from_it()
            self._await(limit)
            succeeded, outcome = heard(self._line.recv_bytes())
        except (EOFError, OSError) as error:
            raise WorkerDied("the process is gone") from error
        if succeeded:
            return outcome
        raise outcome

    def dismiss(self) -> None:
        """Let it go home; it has nothing to do."""
        self._line.close()
        self.process.join(_GRACE)
        self.kill()

    def end(self) -> None:
        """Tell it to stop what it is at, and give it time to shut down what it started."""
        self.process.terminate()
        self.process.join(_GRACE)

    def kill(self) -> None:
        """End it and all that it started."""
        with contextlib.suppress(OSError, ValueError):
            if hasattr(os, "killpg"):
                os.killpg(self.process.pid or 0, signal.SIGKILL)
        self.process.kill()
        self.process.join()
        self._line.close()

    def _hear_from_it(self) -> None:
        try:
            self._await(_START)
        except _TooLong as error:
            raise WorkerDied("the process does not get going") from error
        self._line.recv_bytes()

    def _await(self, limit: float) -> None:
        deadline = time.monotonic() + limit if limit else float("inf")
        while not wait([self._line, self.process.sentinel], min(_LOOK, max(0.0, deadline - time.monotonic()))):
            if not self.process.is_alive():
                raise EOFError
            if time.monotonic() >= deadline:
                raise _TooLong
        if not self._line.poll():
            raise EOFError


def _sentence(error: BaseException, limit: float) -> BaseException:
    return ReportError(Problem("", f"it took longer than {limit:g} s")) if isinstance(error, _TooLong) else error


def _context() -> Any:
    if sys.platform != "linux":
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([PRELOAD])
    return context


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


# --- in the worker --------------------------------------------------------------------------------------------------


class _Stopped(SystemExit):
    """Raised in a worker that is told to stop."""


def _attend(line: Connection, orders: bytes, environment: dict[str, str]) -> None:
    """Do what comes down the line until it is closed."""
    with contextlib.suppress(_Stopped, EOFError, OSError):
        _begin(environment)
        warm_up, tempfile.tempdir = heard(orders)
        told(warm_up or _nothing)
        line.send_bytes(b"")
        work: Callable[..., object] = _nothing
        while True:
            content, arguments = line.recv_bytes(), line.recv_bytes()
            if content:
                work = _arrived(content)
            line.send_bytes(b"")
            line.send_bytes(told(_do, work, arguments))
    parent = multiprocessing.parent_process()
    if parent is not None and not parent.is_alive() and tempfile.tempdir:
        # Nobody else is left to do it.
        shutil.rmtree(tempfile.tempdir, ignore_errors=True)


def told(work: Callable[..., object], *args: Any, **kwargs: Any) -> bytes:
    """Call a function, and return what it returned or raised as it travels."""
    try:
        return pickle.dumps((True, work(*args, **kwargs)))
    except _Stopped:
        raise
    except BaseException as error:  # noqa: BLE001 - it goes to whoever asked
        return _failure(error)


def _failure(error: BaseException) -> bytes:
    with contextlib.suppress(Exception):
        content = pickle.dumps((False, error))
        heard(content)
        return content
    return pickle.dumps((False, RuntimeError(f"{type(error).__name__}: {error}")))


def heard(content: bytes) -> Any:
    """Return what another process of this run told."""
    return pickle.loads(content)  # noqa: S301


def _arrived(content: bytes) -> Callable[..., object]:
    try:
        work: Callable[..., object] = heard(content)
    except Exception as error:  # noqa: BLE001 - it is what comes of every job that needs it
        return partial(_raise, error)
    return work


def _raise(error: Exception, *_args: object, **_kwargs: object) -> None:
    raise error


def _do(work: Callable[..., object], arguments: bytes) -> object:
    args, kwargs = heard(arguments)
    return work(*args, **kwargs)


def _nothing() -> None:
    pass


def _begin(environment: dict[str, str]) -> None:
    # Whatever this worker starts goes with it.
    if hasattr(os, "setpgid"):
        os.setpgid(0, 0)
    # Ctrl-C reaches every process of a terminal; only the one that started us decides. A function, because "ignore"
    # would be passed on to kernels, which must be interruptible.
    signal.signal(signal.SIGINT, _pass)
    signal.signal(signal.SIGTERM, _raise_stopped)
    # What the process that started us has now, not what it had when the first worker began.
    os.environ.clear()
    os.environ.update(environment)
    # A kernel of the same Python, whatever else the user has installed.
    os.environ["JUPYTER_PREFER_ENV_PATH"] = "1"
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_follow, args=(parent.sentinel,), daemon=True).start()


def _follow(sentinel: int) -> None:
    # A worker waits for work for ever, also when its parent was killed.
    wait([sentinel])
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(_GRACE)
    if hasattr(os, "killpg"):
        os.killpg(0, signal.SIGKILL)
    os._exit(1)


def _pass(_number: int, _frame: object) -> None:
    pass


def _raise_stopped(_number: int, _frame: object) -> None:
    # Once only, because cleaning up must not be cut short.
    signal.signal(signal.SIGTERM, _pass)
    raise _Stopped(1)
