"""A process for one piece of work, forked off this one: what it tells arrives here, and nothing else does.

The child cannot change its parent, whatever it does. It tells events through a pipe, one JSON text each, and leaves
without running anything that its parent had registered or buffered.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import os
import select
import signal
import sys
import threading
import time
import traceback
import warnings
from collections.abc import Callable, Generator
from typing import NoReturn

from citygrow_nb.engine.streams import Emit, Event, pack, unpack

POSSIBLE = sys.platform == "linux"
"""Whether a process can be forked here. macOS can, but its own libraries break in the child."""

GRACE = 3.0
"""Seconds that an interrupted piece of work has to come to an end."""

_LOOK = 1.0
"""Seconds between looks whether a silent child is still there."""

_OVER = "over"
_HEAD = 4


class Died(Exception):
    """The child ended before its work did."""


class TookTooLong(Exception):
    """The child was silent about its next step for too long, and has been stopped."""


def run_in_child(
    work: Callable[[Emit], None], timeout: float | None, *, batch: str = ""
) -> Generator[Event, None, None]:
    """Do work in a child, and yield its events.

    Parameters
    ----------
    work
        Called in the child with the function to emit events by.
    timeout
        Seconds that may go by between two events ``begin`` or ``end``, such as those around a cell.
    batch
        Type of the events with which those before them are sent, all in one; empty to send each at once.

    Yields
    ------
    Event
        Each in its turn. The child has ended when the last one was taken, or when nobody wants more and this is closed.

    Raises
    ------
    Died
        If the child ended before the work did.
    TookTooLong
        If a cell took more time and did not end when it was interrupted either.
    """
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError, AttributeError):
            stream.flush()
    die_with_parent = _parent_death_signal(os.getpid())
    inlet, outlet = os.pipe()
    with warnings.catch_warnings():
        # Python 3.12 and later warn of other threads. The child never waits for any: it runs the notebook and goes.
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        _child_main(work, inlet, _EventWriter(outlet, batch), die_with_parent)
    os.close(outlet)
    with contextlib.suppress(ProcessLookupError):
        # Both set it, because nobody knows who is first.
        os.setpgid(child, child)
    try:
        yield from _follow(child, inlet, timeout)
    finally:
        os.close(inlet)
        _end(child)


def _follow(child: int, inlet: int, timeout: float | None) -> Generator[Event, None, None]:
    """Yield events until the work is over."""
    poll = select.poll()
    poll.register(inlet, select.POLLIN)
    pending = bytearray()
    # Between cells and after the last one there is a limit, too: what runs then may hang as well.
    deadline = time.monotonic() + timeout if timeout else None
    interrupted = False
    while True:
        while len(pending) >= _HEAD and len(pending) >= (end := _HEAD + int.from_bytes(pending[:_HEAD], "big")):
            event = unpack(bytes(pending[_HEAD:end]))
            del pending[:end]
            if event["type"] == _OVER:
                return
            if event["type"] in {"begin", "end"} and timeout:
                deadline = time.monotonic() + timeout
            if event["type"] == "end":
                event["interrupted"] = interrupted
            handed = time.monotonic()
            yield event
            if deadline is not None:
                # What is done with an event is not the child's time.
                deadline += time.monotonic() - handed
            if interrupted and event["type"] == "end":
                return
        left = _LOOK if deadline is None else min(_LOOK, deadline - time.monotonic())
        if left <= 0:
            if interrupted:
                raise TookTooLong
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child, signal.SIGINT)
            interrupted, deadline = True, time.monotonic() + GRACE
            continue
        if poll.poll(left * 1000):
            data = os.read(inlet, 1 << 16)
            if not data:
                raise Died
            pending += data
        elif os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT):
            # A process that outlives the child may keep the pipe open.
            raise Died


def _end(child: int) -> None:
    # With everything that it started and left behind. It keeps its number until it is waited for.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child, signal.SIGKILL)
    with contextlib.suppress(ProcessLookupError):
        os.kill(child, signal.SIGKILL)
    with contextlib.suppress(ChildProcessError):
        os.waitpid(child, 0)


def _child_main(
    work: Callable[[Emit], None], inlet: int, emit: _EventWriter, die_with_parent: Callable[[], None]
) -> NoReturn:
    """Be the child."""
    try:
        gc.freeze()
        gc.enable()
        os.setpgid(0, 0)
        die_with_parent()
        os.close(inlet)
        signal.set_wakeup_fd(-1)
        signal.pthread_sigmask(signal.SIG_SETMASK, [])
        atexit._clear()
        emit.begin()
        work(emit)
        # What the work itself registered.
        atexit._run_exitfuncs()
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        emit({"type": _OVER})
    except BrokenPipeError:
        os._exit(1)  # whoever listened has heard enough, or is gone
    except BaseException:  # noqa: BLE001 - nothing may get out of the child
        with contextlib.suppress(BaseException):
            os.write(2, traceback.format_exc().encode(errors="replace"))
        os._exit(1)
    finally:
        os._exit(0)


def _parent_death_signal(parent: int) -> Callable[[], None]:
    """Return what makes a child end when its parent has ended, also when it hangs."""
    # Imported and looked up before the fork, or every child would do it again.
    import ctypes

    prctl, set_death_signal = ctypes.CDLL(None).prctl, 1

    def set_it() -> None:
        prctl(set_death_signal, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)

    return set_it


class _EventWriter:
    """Writes events into the pipe; only from the child itself, not from what it forks in turn."""

    def __init__(self, outlet: int, batch: str) -> None:
        self._outlet, self._last = outlet, {batch, _OVER}
        self._owner = 0
        self._held = bytearray()
        self._lock = threading.RLock()

    def begin(self) -> None:
        """Belong to this process."""
        self._owner = os.getpid()

    def __call__(self, event: Event) -> None:
        if os.getpid() != self._owner:
            return
        text = pack(event)
        with self._lock:
            self._held += len(text).to_bytes(_HEAD, "big") + text
            if event["type"] in self._last or not all(self._last):
                self._send()

    def _send(self) -> None:
        data = memoryview(self._held)
        while data:
            data = data[os.write(self._outlet, data) :]
        self._held = bytearray()
