"""One workbook from its file to the executed notebook, or to the sentence that says why not.

papermill changes the current folder while it runs, so a process runs one workbook at a time.
"""

from __future__ import annotations

import logging
import re
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from citygrow_nb import exceptions
from citygrow_nb.engine import kernels
from citygrow_nb.exceptions import Problem, ReportError, UsageError, one_line

if TYPE_CHECKING:
    from nbformat import NotebookNode

TIMEOUT = 120
"""Seconds that one cell may take."""

START_TIMEOUT = 60
"""Seconds that a kernel may take to start."""

KERNEL = "kernel"
WARM = "warm"

ENGINES: Mapping[str, str | None] = {WARM: None, KERNEL: "nbclient"}
"""Engines by the name people use, with the name each is registered under with papermill; None while it is to come."""

DEFAULT_ENGINE = KERNEL

INJECTED = "injected-parameters"
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"

_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")


@dataclass(frozen=True)
class Run:
    """What came of running a workbook.

    Parameters
    ----------
    notebook
        The executed notebook without anything specific to machine or moment.
    failure
        Why it failed, or None. The notebook then shows how far it came.
    """

    notebook: NotebookNode
    failure: Problem | None = None


def checked_engine(name: str) -> str:
    """Return an engine's name unchanged if it can be used.

    Raises
    ------
    UsageError
        If there is no such engine, or not yet.
    """
    usable = [engine for engine, registered in ENGINES.items() if registered]
    if name in usable:
        return name
    found = "this engine is not there yet" if name in ENGINES else "there is no such engine"
    raise UsageError(Problem(f"engine “{name}”", found, one_line(usable), f"use --engine {DEFAULT_ENGINE}"))


def run(
    workbook: bytes,
    parameters: Mapping[str, object],
    *,
    name: str,
    cwd: Path,
    engine: str = DEFAULT_ENGINE,
    timeout: int = TIMEOUT,
) -> Run:
    """Run one workbook.

    Parameters
    ----------
    workbook
        The notebook as in its file.
    parameters
        Values for the variables in its ``parameters`` cell.
    name
        What to call it in errors.
    cwd
        Folder in which it runs.
    engine
        One of :data:`ENGINES`.
    timeout
        Seconds that one cell may take.

    Returns
    -------
    Run
        The executed notebook, and why it failed if it did. The kernel is shut down either way.

    Raises
    ------
    ReportError
        If the workbook cannot be read or has no such parameters; nothing was started.
    """
    import papermill

    _silence()
    registered = ENGINES[checked_engine(engine)]
    source = _read(workbook, name)
    _check_parameters(source, parameters, name)
    # Never below `cwd`: sockets need a short path, and the workbook's folder stays as it was.
    with tempfile.TemporaryDirectory(prefix="cg-", ignore_cleanup_errors=True) as folder:
        broken = Path(folder, "broken.ipynb")
        try:
            with kernels.options(Path(folder), timeout) as options:
                done = papermill.execute_notebook(
                    source,
                    broken,
                    parameters=dict(parameters),
                    engine_name=registered,
                    request_save_on_cell_execute=False,
                    autosave_cell_every=0,
                    progress_bar=False,
                    start_timeout=START_TIMEOUT,
                    execution_timeout=timeout,
                    cwd=cwd,
                    **options,
                )
            failure = None
        except Exception as error:  # noqa: BLE001 - whatever papermill, nbclient or the kernel raise is this one workbook's failure
            done = _read(broken.read_bytes(), name) if broken.exists() else source
            failure = _failure(error, name, timeout, kernels.last_words(Path(folder)))
    return Run(_without_traces(done, source), failure)


def dump(notebook: NotebookNode) -> bytes:
    """Return a notebook as the bytes of its file: the same notebook always gives the same bytes."""
    import nbformat

    return f"{nbformat.v4.writes(notebook)}\n".encode()  # type: ignore[no-untyped-call]


@cache
def _silence() -> None:
    # What papermill and nbclient log when a workbook fails stands in the failure's sentence already.
    logging.getLogger("papermill").addHandler(logging.NullHandler())


def _read(content: bytes, name: str) -> NotebookNode:
    import nbformat

    try:
        notebook: NotebookNode = nbformat.reads(content.decode(), as_version=4)  # type: ignore[no-untyped-call]
    except (ValueError, nbformat.ValidationError) as error:
        raise ReportError(
            Problem(name, "this is not a notebook", todo="build the workbooks again with “citygrow workbooks build”")
        ) from error
    return notebook


def _check_parameters(notebook: NotebookNode, parameters: Mapping[str, object], name: str) -> None:
    # papermill only warns about a parameter that the notebook does not have, and would run it with the default.
    import papermill

    known = list(papermill.inspect_notebook(notebook))
    unknown = [parameter for parameter in parameters if parameter not in known]
    if unknown:
        raise ReportError(
            Problem(
                name,
                f"it has no parameter {one_line(unknown)}",
                one_line(known) or "none, because no cell is tagged “parameters”",
                "build the workbooks again with “citygrow workbooks build”",
            )
        )


def _failure(error: Exception, name: str, timeout: int, last_words: str) -> Problem:
    from nbclient.exceptions import CellTimeoutError, DeadKernelError
    from papermill.exceptions import PapermillExecutionError

    if isinstance(error, CellTimeoutError):
        return Problem(name, f"a cell took more than {timeout} s")
    if isinstance(error, DeadKernelError):
        return Problem(name, f"its kernel died{last_words}", todo="it may have run out of memory; try fewer --jobs")
    if isinstance(error, PapermillExecutionError):
        where = f"{name}, In [{error.exec_count or error.cell_index + 1}]"
        # A cell that takes too long is interrupted, so that the notebook shows where it hung.
        if error.ename in {kernels.TIMED_OUT, "CellExecutionError", "KeyboardInterrupt"}:
            return Problem(where, f"the cell took more than {timeout} s")
        # Our own errors are sentences already.
        ours = isinstance(getattr(exceptions, error.ename, None), type)
        return Problem(where, error.evalue if ours else f"{error.ename}: {error.evalue}".removesuffix(": "))
    return Problem(name, f"it could not be run: {type(error).__name__}: {error}{last_words}")


def _without_traces(notebook: NotebookNode, source: NotebookNode) -> NotebookNode:
    """Take away what differs from run to run: papermill's paths, times, random ids, widget state, versions."""
    for key in notebook.metadata.keys() - (source.metadata.keys() - {"papermill", "widgets"}):
        del notebook.metadata[key]
    if "language_info" in source.metadata:
        notebook.metadata["language_info"] = source.metadata["language_info"]
    for cell in notebook.cells:
        tags = cell.metadata.get("tags", [])
        for key in ("papermill", "execution"):
            cell.metadata.pop(key, None)
        if INJECTED in tags:
            cell["id"] = INJECTED
        if not tags:
            cell.metadata.pop("tags", None)
        for output in _bundles(cell.get("outputs", [])):
            if "text/html" in output.data:
                output.data.pop(WIDGET_VIEW, None)
            if "text/plain" in output.data:
                output.data["text/plain"] = _ADDRESS.sub("", output.data["text/plain"])
    return notebook


def _bundles(outputs: Iterable[NotebookNode]) -> Iterable[NotebookNode]:
    return (output for output in outputs if "data" in output)
