"""Kernels forked from a process that has imported everything, so that not each of some hundred has to.

Apart from that they are kernels like any other: a process each, which starts, dies and is killed for itself.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psutil

PROJECT = Path(__file__).parents[2]
CONFIG = f"""import sys
sys.path.insert(0, {str(PROJECT)!r})
from tests.lab import nursery
del sys.path[0]
nursery.serve({{root!r}}, {{folders!r}})
"""
"""What a JupyterLab reads at its start whose kernels are to be forked."""


class Nursery:
    """The process that forks kernels.

    Parameters
    ----------
    root
        The workspace that they will work in.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        pipe = subprocess.PIPE
        self._process = subprocess.Popen([sys.executable, __file__, root], stdin=pipe, stdout=pipe, text=True)

    def fork(self, arguments: Sequence[str], folder: str, variables: dict[str, str] | None = None) -> psutil.Process:
        """Start a kernel in some folder."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        wanted = [arguments, folder, variables or dict(os.environ)]
        print(json.dumps(wanted), file=self._process.stdin, flush=True)
        return psutil.Process(int(self._process.stdout.readline()))

    def close(self) -> None:
        """Leave nothing behind."""
        self._process.kill()
        self._process.communicate()


class Forked:
    """A forked kernel, as jupyter_client expects a process of its own."""

    stdin = stdout = stderr = None

    def __init__(self, process: psutil.Process) -> None:
        self._process = process
        self.pid = process.pid

    def poll(self) -> int | None:
        """Return None as long as it lives; with what it ended only the nursery could know."""
        return None if self._process.is_running() else 1

    def send_signal(self, number: int) -> None:
        """Send a signal, unless it has ended already."""
        with contextlib.suppress(psutil.NoSuchProcess):
            self._process.send_signal(number)

    def kill(self) -> None:
        """Kill it, unless it has ended already."""
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        """Ask it to end, unless it has ended already."""
        self.send_signal(signal.SIGTERM)

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end."""
        self._process.wait(timeout)
        return 1


def serve(root: str, folders: Sequence[str]) -> None:
    """In a JupyterLab, have the kernels of some folders forked; those of other folders start as ever."""
    from jupyter_client.provisioning import local_provisioner

    launch = local_provisioner.launch_kernel
    if launch.__module__ == __name__:
        return  # JupyterLab reads its settings twice
    nursery = Nursery(Path(root))

    def launched(command: list[str], **options: Any) -> Any:
        if "ipykernel_launcher" in command and options.get("cwd") in folders:
            arguments = command[command.index("ipykernel_launcher") + 1 :]
            return Forked(nursery.fork(arguments, options["cwd"], options.get("env")))
        return launch(command, **options)

    local_provisioner.launch_kernel = launched


def forked(processes: list[psutil.Process]) -> list[psutil.Process]:
    """Return those among some processes that are forked kernels."""
    found = []
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            if __file__ in process.cmdline()[:2] and __file__ in process.parent().cmdline()[:2]:
                found.append(process)
    return found


def main(root: Path) -> None:
    """For every line with what a kernel needs fork it; it says its number."""
    del sys.path[0]  # the folder of this file
    from ipykernel.kernelapp import launch_new_instance

    from citygrow_nb import benchmarks
    from citygrow_nb.workbook.place import find_benchmark
    from citygrow_nb.workspace import Workspace

    find_benchmark(benchmarks.chosen(Workspace(root)), Workspace(root))
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for them
    for line in sys.stdin:
        if not os.fork():
            arguments, folder, variables = json.loads(line)
            os.setsid()
            print(os.getpid(), flush=True)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            os.dup2(os.open(os.devnull, os.O_RDWR), 0)
            os.dup2(2, 1)
            os.environ.clear()
            os.environ.update(variables | {"JPY_PARENT_PID": str(os.getppid())})
            os.chdir(folder)
            launch_new_instance(argv=arguments)
            os._exit(0)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
