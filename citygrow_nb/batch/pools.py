"""Worker processes on this machine.

Processes are spawned, not forked, so that they work alike on every system. They leave no kernel and no temporary folder
behind: they end in an orderly way when they are told to, and when the process that started them is gone.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import multiprocessing.connection
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import AbstractContextManager
from typing import Any, TypeVar

Job = TypeVar("Job")
Result = TypeVar("Result")
Pool = Callable[[int], AbstractContextManager[Executor]]
"""Opens an executor with so many workers; leaving it by an exception stops them at once."""

_GRACE = 10.0
"""Seconds that a worker has to shut its kernel down."""


class _Stopped(SystemExit):
    """Raised in a worker that is told to stop."""


def cores() -> int:
    """Return how many workers this machine can keep busy."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0)) or 1
    return os.cpu_count() or 1


@contextlib.contextmanager
def local_pool(workers: int) -> Iterator[Executor]:
    """Open a pool of processes on this machine.

    Parameters
    ----------
    workers
        How many.
    """
    others = set(multiprocessing.active_children())
    context = multiprocessing.get_context("spawn")
    executor = ProcessPoolExecutor(workers, mp_context=context, initializer=_begin)
    try:
        yield executor
    except BaseException:
        executor.shutdown(wait=False, cancel_futures=True)
        _stop([child for child in multiprocessing.active_children() if child not in others])
        raise
    executor.shutdown()


def stoppable(work: Callable[[Job], Result], job: Job) -> Result:
    """Do a job in a worker that may be told to stop while it is at it.

    Parameters
    ----------
    work
        Function of the job.
    job
        Its argument.
    """
    try:
        return work(job)
    except _Stopped:
        # The pool would take it for the job's failure and begin the next one.
        os._exit(1)


def _stop(children: list[Any]) -> None:
    for child in children:
        child.terminate()
    deadline = time.monotonic() + _GRACE
    for child in children:
        child.join(max(0.0, deadline - time.monotonic()))
    for child in children:
        if child.is_alive():
            child.kill()


def _begin() -> None:
    """Prepare a worker."""
    # Ctrl-C reaches every process of a terminal; only the one that started us decides. A function, because "ignore"
    # would be passed on to kernels, which must be interruptible.
    signal.signal(signal.SIGINT, _pass)
    signal.signal(signal.SIGTERM, _raise_stopped)
    # A kernel of the same Python, whatever else the user has installed.
    os.environ["JUPYTER_PREFER_ENV_PATH"] = "1"
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_follow, args=(parent.sentinel,), daemon=True).start()


def _follow(sentinel: int) -> None:
    # A worker waits for work for ever, also when its parent was killed.
    multiprocessing.connection.wait([sentinel])
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(_GRACE)
    os._exit(1)


def _pass(_number: int, _frame: object) -> None:
    pass


def _raise_stopped(_number: int, _frame: object) -> None:
    # Once only: the pool tells everybody again when the first worker has gone, and cleaning up must not be cut short.
    signal.signal(signal.SIGTERM, _pass)
    raise _Stopped(1)
