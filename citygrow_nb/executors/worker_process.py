"""What runs in a worker process: calls come in over a connection, outcomes go back, until the connection closes."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import shutil
import signal
import tempfile
import threading
import time
from collections.abc import Callable
from functools import partial
from multiprocessing.connection import Connection, wait
from pathlib import Path

from citygrow_nb.executors.transfer import Stopped, call_and_pack, unpack

GRACE = 10.0
"""Seconds that a worker has to shut down what it started."""


def serve_jobs(connection: Connection, setup: bytes, environment: dict[str, str]) -> None:
    """Do what comes down the connection until it is closed."""
    folder = ""
    with contextlib.suppress(Stopped, EOFError, OSError):
        _begin(environment)
        warm_up, folder = unpack(setup)
        tempfile.tempdir = folder
        call_and_pack(warm_up or _nothing)
        connection.send_bytes(b"")
        work: Callable[..., object] = _nothing
        while True:
            content, arguments = connection.recv_bytes(), connection.recv_bytes()
            if content:
                work = _arrived(content)
            connection.send_bytes(b"")
            connection.send_bytes(call_and_pack(_do, work, arguments))
    parent = multiprocessing.parent_process()
    if parent is not None and not parent.is_alive() and folder:
        # Nobody else is left to do it. Never what `tempfile` names: that may be the folder of everybody.
        shutil.rmtree(folder, ignore_errors=True)
        with contextlib.suppress(OSError):
            Path(folder).parent.rmdir()  # the last worker can


def _arrived(content: bytes) -> Callable[..., object]:
    try:
        work: Callable[..., object] = unpack(content)
    except Exception as error:  # noqa: BLE001 - it is what comes of every job that needs it
        return partial(_raise, error)
    return work


def _raise(error: Exception, *_args: object, **_kwargs: object) -> None:
    raise error


def _do(work: Callable[..., object], arguments: bytes) -> object:
    args, kwargs = unpack(arguments)
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
        threading.Thread(target=_end_with_parent, args=(parent.sentinel,), daemon=True).start()


def _end_with_parent(sentinel: int) -> None:
    # A worker waits for work for ever, also when its parent was killed.
    wait([sentinel])
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE)
    if hasattr(os, "killpg"):
        os.killpg(0, signal.SIGKILL)
    os._exit(1)


def _pass(_number: int, _frame: object) -> None:
    pass


def _raise_stopped(_number: int, _frame: object) -> None:
    # Once only, because cleaning up must not be cut short.
    signal.signal(signal.SIGTERM, _pass)
    raise Stopped(1)
