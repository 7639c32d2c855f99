"""End processes with everything that they started."""

from __future__ import annotations

import contextlib
import os
import signal

import psutil


def kill_tree(pid: int) -> None:
    """Kill a process, what descends from it, and what is left of its group."""
    if pid <= 0:
        return  # that would be this process and its own group
    with contextlib.suppress(psutil.Error):
        parent = psutil.Process(pid)
        parent.suspend()  # so that it starts nothing meanwhile
        for process in (*parent.children(recursive=True), parent):
            with contextlib.suppress(psutil.Error):
                process.kill()
    if hasattr(os, "killpg"):
        with contextlib.suppress(OSError):
            os.killpg(pid, signal.SIGKILL)
