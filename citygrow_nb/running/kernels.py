"""Run somebody's own workbook as any notebook runs: by papermill and nbclient, in a Jupyter kernel of its own.

A kernel is started quietly, out of others' reach, and ends with everything that it started. The next one starts while
the one before runs, because a kernel takes longer to start than most workbooks to run.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import tempfile
from collections.abc import Mapping
from multiprocessing.util import Finalize
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

from jupyter_core.utils import run_sync

from citygrow_nb import exceptions
from citygrow_nb.exceptions import Problem
from citygrow_nb.exporting.traces import without_traces
from citygrow_nb.running.ending import Tree
from citygrow_nb.running.notebooks import Run, execute, papermill, read

if TYPE_CHECKING:
    from jupyter_client.manager import AsyncKernelManager
    from nbformat import NotebookNode

TIMEOUT = 120
"""Seconds that one cell may take, unless metadata allow more: ``{"citygrow": {"timeout": 600}}``."""

START_TIMEOUT = 60
"""Seconds that a kernel may take to start."""

_PYTHON = "python"
_LOG = "kernel.log"

_TIMED_OUT = "TookTooLong"
"""Name of the error of a cell that was interrupted, where the kernel gives no other."""

# Above this a socket's path may not fit: 104 bytes on macOS, 108 on Linux, name and number of the socket included.
_LONGEST_SOCKET_FOLDER = 80

_MEMORY = "it may have run out of memory; try fewer --jobs"


class Kernels:
    """The kernels of a process, one after the other, and at most one more that is on its way.

    Parameters
    ----------
    cwd
        Their current folder.
    modules
        Folder whose modules they may import, last in Python's path; None for none.
    """

    def __init__(self, cwd: Path, modules: Path | None = None) -> None:
        self._cwd, self._modules = cwd, modules
        self._next: _Kernel | None = None
        Finalize(self, self.close, exitpriority=1)  # also when this process is told to stop

    def run(
        self, workbook: bytes, parameters: Mapping[str, object], *, name: str, timeout: int = TIMEOUT, more: bool = True
    ) -> Run:
        """Run a workbook.

        Parameters
        ----------
        workbook
            The notebook as in its file.
        parameters
            Values for variables: in its ``parameters`` cell, or at its top where there is none.
        name
            What to call it in errors.
        timeout
            Seconds that one cell may take.
        more
            Whether there is likely to be another one after it.

        Returns
        -------
        Run
            The executed notebook, and why it failed if it did. Its kernel has ended either way.

        Raises
        ------
        ReportError
            If the workbook cannot be read; nothing was started.
        """
        source = read(workbook, name)
        others = _other_language(source)
        kernel = None
        try:
            if not others:
                kernel, self._next = self._next or _Kernel(self._cwd, self._modules), None
                if more:
                    self._next = _Kernel(self._cwd, self._modules)
            return _run(source, parameters, name, timeout, kernel, self._cwd)
        finally:
            if kernel is not None:
                kernel.end()

    def close(self) -> None:
        """End the kernel that is on its way."""
        if self._next is not None:
            self._next.end()
            self._next = None


class _Kernel:
    """A kernel that was started; it may not be ready yet."""

    def __init__(self, cwd: Path, modules: Path | None) -> None:
        from citygrow_nb.server.extension import with_safe_path

        self.folder = Path(tempfile.mkdtemp(prefix="cg-"))  # a short name, for sockets
        self.manager = _manager(self.folder)
        spec = self.manager.kernel_spec
        assert spec is not None  # noqa: S101 - for the type checker: a manager with a name has one, or raises
        spec.argv = [sys.executable, *with_safe_path(spec.argv)[1:]]
        # The user's own IPython settings and start-up files must not leak into a report.
        arguments = [f"--ipython-dir={self.folder}"]
        if modules is not None:
            line = f"import sys; sys.path.append({str(modules)!r})"
            arguments.append(f"--IPKernelApp.exec_lines={line}")
        with (self.folder / _LOG).open("ab") as log:
            run_sync(self.manager.start_kernel)(cwd=str(cwd), extra_arguments=arguments, stdout=log, stderr=log)

    def last_words(self) -> str:
        """Return what a kernel that died said last, to follow on a sentence; empty if it said nothing."""
        with contextlib.suppress(OSError):
            text = (self.folder / _LOG).read_text(encoding="utf-8", errors="replace")
            lines = [" ".join(line.split()) for line in text.splitlines() if line.strip()]
            return f": {lines[-1][:200]}" if lines else ""
        return ""

    def end(self) -> None:
        """End it with everything that it started."""
        process = getattr(self.manager.provisioner, "process", None)
        if process is not None:
            Tree(process.pid).kill()
            process.wait()
        run_sync(self.manager.cleanup_resources)()
        shutil.rmtree(self.folder, ignore_errors=True)


def _manager(folder: Path) -> AsyncKernelManager:
    from jupyter_client.manager import AsyncKernelManager
    from traitlets.config import Config

    config = Config()
    if sys.platform != "win32" and len(os.fsencode(folder)) <= _LONGEST_SOCKET_FOLDER:
        # Sockets in a folder of our own: no races for ports, nobody listens in, and ipykernel has nothing to warn of.
        config.KernelManager.transport = "ipc"
        config.KernelManager.ip = str(folder / "k")
    config.KernelManager.connection_file = str(folder / "k.json")
    return AsyncKernelManager(config=config, kernel_name="python3")


def _run(
    source: NotebookNode,
    parameters: Mapping[str, object],
    name: str,
    timeout: int,
    kernel: _Kernel | None,
    cwd: Path,
) -> Run:
    from papermill.exceptions import PapermillExecutionError

    options: dict[str, Any] = {"cwd": cwd}
    if kernel is not None:
        options = {"km": kernel.manager, "kernel_name": "python3", "language": _PYTHON}
    longest = max(timeout, _allowed(source.metadata), *(_allowed(cell.metadata) for cell in source.cells), 0)
    begun = monotonic()
    with tempfile.TemporaryDirectory(prefix="cg-", ignore_cleanup_errors=True) as folder:
        kept = Path(folder, "broken.ipynb")
        try:
            done = execute(
                source,
                output_path=kept,
                parameters=dict(parameters),
                engine_name="nbclient",
                request_save_on_cell_execute=False,
                autosave_cell_every=0,
                start_timeout=START_TIMEOUT,
                timeout_func=lambda cell: max(timeout, _allowed(source.metadata), _allowed(cell.metadata)),
                interrupt_on_timeout=True,
                error_on_timeout={"ename": _TIMED_OUT, "evalue": f"more than {timeout} s", "traceback": []},
                **options,
            )
        except Exception as error:  # noqa: BLE001 - whatever papermill, nbclient or the kernel raise is this one workbook's failure
            done = read(kept.read_bytes(), name) if isinstance(error, PapermillExecutionError) else source
            if isinstance(error, PapermillExecutionError) and _errors_are_allowed(done):
                return Run(without_traces(papermill().execute.remove_error_markers(done), source))
            late = f"the cell took more than {longest} s" if monotonic() - begun >= timeout else ""
            said = kernel.last_words() if kernel else ""
            return Run(without_traces(done, source), _failure(error, name, done, late, said))
    return Run(without_traces(done, source))


def _errors_are_allowed(notebook: NotebookNode) -> bool:
    """Tell whether the cells that failed may do so: papermill takes every error for a failure, whatever the tags."""
    failed = [cell for cell in notebook.cells if any(each.output_type == "error" for each in cell.get("outputs", []))]
    return bool(failed) and all("raises-exception" in cell.metadata.get("tags", []) for cell in failed)


def _allowed(metadata: Mapping[str, Any]) -> int:
    """Return how many seconds the metadata of a notebook or cell allow for a cell."""
    own = metadata.get("citygrow")
    seconds = own.get("timeout") if isinstance(own, Mapping) else 0
    return int(seconds) if isinstance(seconds, int | float) and 0 < seconds < sys.maxsize else 0


def _other_language(notebook: NotebookNode) -> bool:
    """Tell whether a notebook needs another kernel than Python's, whatever the one it was saved with is called."""
    spec = notebook.metadata.get("kernelspec", {})
    language = spec.get("language") or notebook.metadata.get("language_info", {}).get("name") or _PYTHON
    return bool(str(language).lower() not in {_PYTHON, "ipython"})


def _failure(error: Exception, name: str, done: NotebookNode, late: str, last_words: str) -> Problem:
    """Say what went wrong.

    ``late`` is the sentence about a cell that took too long, and empty if none can have.
    """
    from jupyter_client.kernelspec import NoSuchKernel
    from nbclient.exceptions import CellTimeoutError, DeadKernelError
    from papermill.exceptions import PapermillExecutionError

    if isinstance(error, NoSuchKernel):
        todo = "install it, or write the workbook in Python"
        return Problem(name, f"it needs the Jupyter kernel “{error.name}”, which is not there", todo=todo)
    if isinstance(error, CellTimeoutError):
        return Problem(name, late or "a cell took too long")
    if isinstance(error, DeadKernelError):
        return Problem(name, f"its process died{last_words}", todo=_MEMORY)
    if isinstance(error, PapermillExecutionError):
        where = f"{name}, In [{error.exec_count or error.cell_index + 1}]"
        # A cell that takes too long is interrupted, so that the notebook shows where it hung.
        if late and error.ename in {_TIMED_OUT, "CellExecutionError", "KeyboardInterrupt", "CancelledError"}:
            return Problem(where, late)
        if error.ename == "CellExecutionError":
            # IPython's own sentences, such as about an unknown magic, are text and not an error.
            return Problem(where, _last_complaint(done) or "the cell failed")
        # Our own errors are sentences already.
        ours = isinstance(getattr(exceptions, error.ename, None), type)
        return Problem(where, error.evalue if ours else f"{error.ename}: {error.evalue}".removesuffix(": "))
    return Problem(name, f"it could not be run: {type(error).__name__}: {error}{last_words}")


def _last_complaint(notebook: NotebookNode) -> str:
    lines = [
        line.strip(" |+-")
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if output.get("name") == "stderr"
        for line in output.text.splitlines()
    ]
    return next((line for line in reversed(lines) if line), "")
