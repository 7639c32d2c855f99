"""How nbclient's kernels are started here: quietly, out of others' reach, and never left behind."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jupyter_client.manager import AsyncKernelManager

TIMED_OUT = "TookTooLong"
"""Name of the error of a cell that was interrupted, where the kernel gives no other."""

_LOG = "kernel.log"

# Above this a socket's path may not fit: 104 bytes on macOS, 108 on Linux, name and number of the socket included.
_LONGEST_SOCKET_FOLDER = 80


@contextmanager
def options(folder: Path, timeout: int) -> Iterator[dict[str, Any]]:
    """Yield nbclient's options for one workbook; its kernel has ended when the block ends, however that is.

    Parameters
    ----------
    folder
        Temporary folder for what the kernel needs.
    timeout
        Seconds that one cell may handle, for the sentence about it.
    """
    from traitlets.config import Config

    config = Config()
    if sys.platform != "win32" and len(os.fsencode(folder)) <= _LONGEST_SOCKET_FOLDER:
        # Sockets in a folder of our own: no races for ports, nobody listens in, and ipykernel has nothing to warn of.
        config.KernelManager.transport = "ipc"
        config.KernelManager.ip = str(folder / "k")
    config.KernelManager.connection_file = str(folder / "k.json")
    # The user's own IPython settings and start-up files must not leak into a report.
    settings = folder / "ipython"
    settings.mkdir()
    managers: list[AsyncKernelManager] = []
    try:
        yield {
            "config": config,
            "kernel_manager_class": _noted(managers, folder / _LOG),
            "extra_arguments": [f"--ipython-dir={settings}"],
            "interrupt_on_timeout": True,
            "error_on_timeout": {"ename": TIMED_OUT, "evalue": f"more than {timeout} s", "traceback": []},
        }
    finally:
        # nbclient ends its kernel, except when it is stopped while the kernel is still starting.
        for manager in managers:
            process = getattr(manager.provisioner, "process", None)
            if process is not None and process.poll() is None:
                process.kill()
                process.wait()


def last_words(folder: Path) -> str:
    """Return what a kernel that died said last, to follow on a sentence; empty if it said nothing."""
    try:
        text = (folder / _LOG).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    lines = [" ".join(line.split()) for line in text.splitlines() if line.strip()]
    return f": {lines[-1][:200]}" if lines else ""


def _noted(managers: list[AsyncKernelManager], log: Path) -> type[AsyncKernelManager]:
    """Return nbclient's own kind of kernel manager; each is noted, and its kernel speaks into a file."""
    from jupyter_client.manager import AsyncKernelManager

    class Noted(AsyncKernelManager):
        async def start_kernel(self, **options: Any) -> None:  # type: ignore[override]
            managers.append(self)
            with log.open("ab") as file:
                await super().start_kernel(**options, stdout=file, stderr=file)

    return Noted
