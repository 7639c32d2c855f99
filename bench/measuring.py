"""Run a command and say what it took: seconds, processor time and memory of all its processes together."""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

MEGABYTE = 1_000_000
_PR_SET_CHILD_SUBREAPER = 36
_PATIENCE = 10.0


@dataclass(frozen=True)
class Sample:
    """Memory of a tree of processes at one moment.

    Parameters
    ----------
    seconds
        Since the start.
    megabytes
        Of all processes together. On Linux what they share counts once (PSS); elsewhere in each of them (RSS).
    processes
        How many there were.
    done
        How far the work was, by the caller's own count.
    """

    seconds: float
    megabytes: float
    processes: int
    done: int = 0


@dataclass(frozen=True)
class Run:
    """What a command took.

    Parameters
    ----------
    seconds
        By the clock.
    cpu
        Processor seconds, user and system, of all its processes.
    samples
        Memory over time.
    out, errors
        What it printed.
    """

    seconds: float
    cpu: float
    samples: tuple[Sample, ...]
    out: str
    errors: str

    @property
    def peak(self) -> float:
        """Most memory at any moment, in megabytes."""
        return max((sample.megabytes for sample in self.samples), default=0.0)


class Failed(Exception):
    """A command ended with an error."""


def run(
    command: Sequence[object],
    *,
    cwd: Path,
    env: Mapping[str, str] | None = None,
    every: float = 0.25,
    done: Callable[[], int] = lambda: 0,
) -> Run:
    """Run a command to its end.

    Parameters
    ----------
    command
        Program and arguments.
    cwd
        Where to.
    env
        Additions to the environment.
    every
        Seconds between two looks at the memory.
    done
        Counts what is done, at each look.

    Raises
    ------
    Failed
        If the command did not succeed, with the end of what it printed.
    """
    _adopt()
    words = [str(word) for word in command]
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as errors:
        before, begun = _spent(), time.perf_counter()
        process = subprocess.Popen(words, cwd=cwd, env={**os.environ, **(env or {})}, stdout=out, stderr=errors)  # noqa: S603
        watch = Watch(process.pid, every, done)
        watch.start()
        try:
            process.wait()
            seconds = time.perf_counter() - begun
        finally:
            watch.stop()
        _see_out(watch.seen)
        cpu = _spent() - before
        texts = []
        for file in (out, errors):
            file.seek(0)
            texts.append(file.read().decode(errors="replace"))
    if process.returncode:
        raise Failed(f"“{' '.join(words)}” ended with {process.returncode}:\n{(texts[1] or texts[0])[-2000:]}")
    return Run(seconds, cpu, tuple(watch.samples), *texts)


class Watch(threading.Thread):
    """Looks at the memory of a process and its descendants until it is stopped.

    Parameters
    ----------
    pid
        The process.
    every
        Seconds between two looks.
    done
        Counts what is done.
    """

    def __init__(self, pid: int, every: float, done: Callable[[], int] = lambda: 0) -> None:
        super().__init__(daemon=True)
        self.samples: list[Sample] = []
        self.seen: set[int] = set()
        self._pid, self._every, self._done = pid, every, done
        self._ended = threading.Event()

    def run(self) -> None:
        """Look again and again."""
        begun = time.perf_counter()
        while not self._ended.is_set():
            sizes = memory(self._pid)
            self.seen.update(sizes)
            if sizes:
                megabytes = sum(sizes.values()) / MEGABYTE
                self.samples.append(Sample(time.perf_counter() - begun, megabytes, len(sizes), self._done()))
            self._ended.wait(self._every)

    def stop(self) -> None:
        """Look no more."""
        self._ended.set()
        self.join()


def memory(pid: int) -> dict[int, int]:
    """Return the bytes of a process and of each of its descendants; nothing if it has ended."""
    try:
        root = psutil.Process(pid)
        tree = [root, *root.children(recursive=True)]
    except psutil.NoSuchProcess:
        return {}
    return {process.pid: size for process in tree if (size := _size(process))}


def _size(process: psutil.Process) -> int:
    try:
        found = process.memory_full_info()
    except (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
        return 0
    return int(getattr(found, "pss", 0) or found.rss)


def _adopt() -> None:
    """Let this process inherit orphans of its descendants, so that their processor time is counted as well."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _see_out(pids: set[int]) -> None:
    """Wait for those of some processes that have become this one's children."""
    deadline = time.monotonic() + _PATIENCE
    for pid in pids:
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(pid, os.WNOHANG) == (0, 0) and time.monotonic() < deadline:
                time.sleep(0.02)


def _spent() -> float:
    """Return processor seconds of all processes that were waited for, and of those that they waited for."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
