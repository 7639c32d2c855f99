"""End processes with everything that they started."""

from __future__ import annotations

import contextlib
import os
import signal

import psutil


class Tree:
    """A process and what it starts, known from now on: its number may be another's once it has ended.

    Parameters
    ----------
    pid
        Its number.
    """

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._root: psutil.Process | None = None
        with contextlib.suppress(psutil.Error):
            self._root = psutil.Process(pid)

    def kill(self) -> None:
        """Kill it, what descends from it, and what is left of its group."""
        if self._pid <= 0:
            return  # that would be this process and its own group
        is_there = self._root is not None and self._root.is_running()
        if self._root is not None:
            with contextlib.suppress(psutil.Error):
                self._root.suspend()  # so that it starts nothing meanwhile
                for process in (*self._root.children(recursive=True), self._root):
                    with contextlib.suppress(psutil.Error):
                        process.kill()
        # No process gets a number that a group still has.
        if hasattr(os, "killpg") and (is_there or not psutil.pid_exists(self._pid)):
            with contextlib.suppress(OSError):
                os.killpg(self._pid, signal.SIGKILL)
