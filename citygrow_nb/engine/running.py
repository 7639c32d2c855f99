"""One workbook from its file to the executed notebook, or to the sentence that says why not.

papermill changes the current folder while it runs, so a process runs one workbook at a time.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

from citygrow_nb import exceptions
from citygrow_nb.engine import kernels
from citygrow_nb.engine.traces import settle_outputs, without_traces
from citygrow_nb.exceptions import Problem, ReportError, UsageError, one_line

if TYPE_CHECKING:
    from nbformat import NotebookNode

    from citygrow_nb.engine.papermill_adapter import Source

TIMEOUT = 120
"""Seconds that one cell may take."""

START_TIMEOUT = 60
"""Seconds that a kernel may take to start."""

KERNEL = "kernel"
WARM = "warm"

ENGINES: Mapping[str, str] = {WARM: "citygrow-warm", KERNEL: "nbclient"}
"""Engines by the name people use, with the name each is registered under with papermill."""

DEFAULT_ENGINE = WARM

_LATE = "the cell took more than {} s"
_DIED = "its process died"
_MEMORY = "it may have run out of memory; try fewer --jobs"


@dataclass(frozen=True)
class Workbook:
    """One of several workbooks to run.

    Parameters
    ----------
    name
        What to call it in errors.
    content
        The notebook as in its file.
    trusted
        Whether it is known to leave nothing behind: such workbooks share one process.
    """

    name: str
    content: bytes
    trusted: bool = False


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
        If there is no such engine.
    """
    if name in ENGINES:
        return name
    todo = f"use --engine {DEFAULT_ENGINE}"
    raise UsageError(Problem(f"engine “{name}”", "there is no such engine", one_line(ENGINES), todo))


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
        The executed notebook, and why it failed if it did. Its process has ended either way.

    Raises
    ------
    ReportError
        If the workbook cannot be read or has no such parameters; nothing was started.
    """
    registered = ENGINES[checked_engine(engine)]
    source = _read(workbook, name)
    _check_parameters(source.parameters, parameters, name)
    through = _run_warm if engine == WARM else _run_in_kernel
    done, failure = through(
        source,
        name,
        timeout,
        {
            "parameters": dict(parameters),
            "engine_name": registered,
            "request_save_on_cell_execute": False,
            "autosave_cell_every": 0,
            "progress_bar": False,
            "execution_timeout": timeout,
            "cwd": cwd,
        },
    )
    return Run(without_traces(done, source.notebook), failure)


def run_all(
    workbooks: Sequence[Workbook],
    parameters: Mapping[str, object],
    *,
    cwd: Path,
    engine: str = DEFAULT_ENGINE,
    timeout: int = TIMEOUT,
) -> Generator[Run, None, None]:
    """Run workbooks, one after the other, each as if it were the only one.

    Where processes can be forked, trusted workbooks that follow each other share one. One in which something goes wrong
    there is run once more in a process of its own, and that is what counts.

    Parameters
    ----------
    workbooks
        The workbooks, in order.
    parameters, cwd, engine, timeout
        As for :func:`run`.

    Yields
    ------
    Run
        What came of each. Close the iterator to run no more of them.

    Raises
    ------
    ReportError
        As :func:`run`, when it is a workbook's turn.
    """
    left = list(workbooks)
    while left:
        for done in _in_turn(left, parameters, cwd, timeout) if checked_engine(engine) == WARM else ():
            del left[0]
            yield done
        if left:
            alone = left.pop(0)
            yield run(alone.content, parameters, name=alone.name, cwd=cwd, engine=engine, timeout=timeout)


def _in_turn(
    workbooks: Sequence[Workbook], parameters: Mapping[str, object], cwd: Path, timeout: int
) -> Generator[Run, None, None]:
    """Run the trusted ones with which these begin in one process, up to the first in which something goes wrong."""
    from citygrow_nb.engine import papermill_adapter

    if not papermill_adapter.engine().forks():
        return
    from citygrow_nb.engine.sequence import run_in_turn

    names, ready = tuple(parameters), []
    for workbook in workbooks:
        try:
            known = _read(workbook.content, workbook.name).parameters
        except ReportError:
            break
        if not workbook.trusted or not set(names) <= set(known):
            break
        ready.append(papermill_adapter.template(workbook.content, names).filled(parameters))
    with closing(run_in_turn(ready, cwd, timeout)) as executed:
        for notebook in executed:
            for cell in notebook.cells:
                settle_outputs(cell)
            yield Run(notebook)


def _run_warm(
    source: Source, name: str, timeout: int, options: Mapping[str, Any]
) -> tuple[NotebookNode, Problem | None]:
    from citygrow_nb.engine import papermill_adapter

    outcome = papermill_adapter.engine().Outcome()
    failure = None
    try:
        papermill_adapter.execute(source, None, outcome=outcome, **options)
    except Exception as error:  # noqa: BLE001 - whatever papermill raises is this one workbook's failure
        failure = _failure(error, name, outcome.notebook or source.copy(), late="", last_words="")
    where = f"{name}, In [{outcome.cell}]"
    if outcome.took_too_long:
        failure = Problem(where, _LATE.format(timeout))
    elif outcome.died:
        failure = Problem(where, f"{_DIED}{outcome.last_words}", todo=_MEMORY)
    return outcome.notebook or source.copy(), failure


def _run_in_kernel(
    source: Source, name: str, timeout: int, options: Mapping[str, Any]
) -> tuple[NotebookNode, Problem | None]:
    from citygrow_nb.engine import papermill_adapter

    # Never below the workbook's folder: sockets need a short path, and that folder stays as it was.
    with tempfile.TemporaryDirectory(prefix="cg-", ignore_cleanup_errors=True) as folder:
        broken = Path(folder, "broken.ipynb")
        begun = monotonic()
        try:
            with kernels.options(Path(folder), timeout) as own:
                done = papermill_adapter.execute(source, broken, start_timeout=START_TIMEOUT, **own, **options)
            return done, None
        except Exception as error:  # noqa: BLE001 - whatever papermill, nbclient or the kernel raise is this one workbook's failure
            late = _LATE.format(timeout) if monotonic() - begun >= timeout else ""
            done = papermill_adapter.read(broken.read_bytes()).copy() if broken.exists() else source.copy()
            return done, _failure(error, name, done, late=late, last_words=kernels.last_words(Path(folder)))


@contextmanager
def warming() -> Iterator[None]:
    """Warm this process: what notebooks import inside this block, with the engine ``warm``, later ones find imported.

    They run in this very process, so they must be trusted. When the block ends, the process is as it was otherwise.
    """
    from citygrow_nb.engine import papermill_adapter

    with papermill_adapter.engine().warming():
        yield


def dump(notebook: NotebookNode) -> bytes:
    """Return a notebook as the bytes of its file, in one line: the same notebook always gives the same bytes."""
    # nbformat's own writer takes ten times as long to indent what nobody edits by hand.
    return f"{json.dumps(notebook, ensure_ascii=False, sort_keys=True, separators=(',', ':'))}\n".encode()


def _read(content: bytes, name: str) -> Source:
    from citygrow_nb.engine import papermill_adapter

    try:
        return papermill_adapter.read(content)
    except ValueError as error:
        raise ReportError(
            Problem(name, "this is not a notebook", todo="build the workbooks again with “citygrow workbooks build”")
        ) from error


def _check_parameters(known: Sequence[str], parameters: Mapping[str, object], name: str) -> None:
    # papermill only warns about a parameter that the notebook does not have, and would run it with the default.
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


def _failure(error: Exception, name: str, done: NotebookNode, *, late: str, last_words: str) -> Problem:
    """Say what went wrong.

    ``late`` is the sentence about a cell that took too long, and empty if none can have.
    """
    from nbclient.exceptions import CellTimeoutError, DeadKernelError
    from papermill.exceptions import PapermillExecutionError

    if isinstance(error, CellTimeoutError):
        return Problem(name, late or "a cell took too long")
    if isinstance(error, DeadKernelError):
        return Problem(name, f"{_DIED}{last_words}", todo=_MEMORY)
    if isinstance(error, PapermillExecutionError):
        where = f"{name}, In [{error.exec_count or error.cell_index + 1}]"
        # A cell that takes too long is interrupted, so that the notebook shows where it hung.
        if late and error.ename in {kernels.TIMED_OUT, "CellExecutionError", "KeyboardInterrupt", "CancelledError"}:
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
