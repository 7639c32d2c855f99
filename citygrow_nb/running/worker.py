"""A worker process: what runs in it, and how it looks from outside.

Jobs go down a connection of its own, outcomes come back, until the connection closes. So one that is killed costs the
job that it has and no other. It leaves no kernel and no temporary folder behind: it ends in an orderly way when it is
told to, and when the process that started it is gone.
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
from collections.abc import Iterator
from multiprocessing import forkserver
from multiprocessing.connection import Connection, wait
from typing import Any

from citygrow_nb.running.ending import Tree
from citygrow_nb.running.workers import Work

GRACE = 10.0
"""Seconds that a worker has to end what it started."""

START = 120.0
"""Seconds that a worker may take until it is ready."""


class Stopped(SystemExit):
    """Raised in a worker that is told to stop."""


class Gone(Exception):
    """The worker is there no more."""


class Worker:
    """One process, seen from the one that started it.

    Parameters
    ----------
    work
        What it does to each job, pickled.
    preload
        Module that workers have in common: loaded once, and shared by all of them where the system can fork.
    """

    def __init__(self, work: bytes, preload: str) -> None:
        # A folder of its own, so that one that ends takes nothing from another; a short name, for sockets.
        self._folder = tempfile.mkdtemp(prefix="cg-")
        self.is_ready = False
        self.jobs = 0
        # Sent when it asks: one that does not get going would hold up whoever sends more than a connection takes in.
        self._held = [work]
        context = _context(preload)
        self.connection, theirs = context.Pipe()
        try:
            with theirs, _starting() as environment, _may_have_children():
                self.process = context.Process(target=serve, args=(theirs, self._folder, environment))
                self.process.start()
            self._tree = Tree(self.process.pid or 0)
        except BaseException:
            shutil.rmtree(self._folder, ignore_errors=True)
            raise

    def give(self, job: bytes) -> None:
        """Give it a job, pickled; it has none.

        Raises
        ------
        Gone
            If it is not there any more.
        """
        self.jobs += 1
        self._held.append(job)
        if self.is_ready:
            self._send()

    def take(self) -> tuple[bool, Any] | None:
        """Return what it tells: whether its job succeeded, and what came of it; None if it only gets going.

        Raises
        ------
        Gone
            If it is not there any more.
        """
        try:
            if not self.connection.poll():
                raise Gone
            content = self.connection.recv_bytes()
        except (EOFError, OSError) as error:
            raise Gone from error
        if not content:
            self._send()
            self.is_ready = not self._held
            return None
        try:
            outcome: tuple[bool, Any] = pickle.loads(content)  # noqa: S301 - of a process of this run
        except Exception as error:  # noqa: BLE001 - it costs this job and no other
            return False, RuntimeError(f"its outcome cannot be read: {type(error).__name__}: {error}")
        return outcome

    def close(self) -> None:
        """Let it go home; it has nothing to do."""
        self.connection.close()
        try:
            self.process.join(GRACE)
        finally:
            self._remove()

    def stop(self, *, patience: float = GRACE) -> None:
        """Tell it to stop what it is at, give it time to end what it started, and end it."""
        try:
            self.process.terminate()
            self.process.join(patience)
        finally:  # at once where somebody presses Ctrl-C again
            self.connection.close()
            self._remove()

    def _remove(self) -> None:
        self._tree.kill()
        self.process.join()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _send(self) -> None:
        try:
            self.connection.send_bytes(self._held.pop(0))
        except OSError as error:
            raise Gone from error


def prepare(preload: str) -> None:
    """Begin to load what workers have in common, in a process of its own; what is done meanwhile does not wait."""
    if sys.platform == "linux":
        _context(preload)
        with _starting():
            forkserver.ensure_running()


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


# In the worker


def serve(connection: Connection, folder: str, environment: dict[str, str]) -> None:
    """Do the jobs that come down the connection until it is closed; the first thing that comes is the work.

    An empty message asks for work and first job: this process is there to read them.
    """
    with contextlib.suppress(Stopped, EOFError, OSError):
        _begin(environment)
        tempfile.tempdir = folder
        connection.send_bytes(b"")
        work = _unpacked(connection.recv_bytes())
        connection.send_bytes(b"")
        while True:
            connection.send_bytes(_done(work, connection.recv_bytes()))
    parent = multiprocessing.parent_process()
    if parent is not None and not parent.is_alive():
        # Nobody else is left to do it. Never what `tempfile` names: that may be the folder of everybody.
        shutil.rmtree(folder, ignore_errors=True)


def _unpacked(content: bytes) -> Work:
    try:
        work: Work = pickle.loads(content)  # noqa: S301 - of the process that started this one
    except Exception as error:  # noqa: BLE001 - it is what comes of every job that needs it
        reason = error

        def work(_job: object) -> None:
            raise reason

    return work


def _done(work: Work, job: bytes) -> bytes:
    """Do a job, and return what it came to or raised as it travels."""
    try:
        return pickle.dumps((True, work(pickle.loads(job))))  # noqa: S301 - of the process that started this one
    except Stopped:
        raise
    except BaseException as error:  # noqa: BLE001 - it goes to whoever asked
        if isinstance(error, Exception):  # an exit is one of the job, not of whoever asked
            with contextlib.suppress(Exception):
                content = pickle.dumps((False, error))
                pickle.loads(content)  # noqa: S301 - just packed; not every error can be unpacked
                return content
        return pickle.dumps((False, RuntimeError(f"{type(error).__name__}: {error}")))


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
