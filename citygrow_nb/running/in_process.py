"""Run a workbook as built in this very process, without a kernel: its cells are calls of ours, and nothing else.

What a cell shows is put into words by IPython's own formatter, so the notebook is the same, byte by byte, as after a
run in a kernel. Each notebook gets a fresh namespace, which goes with it.
"""

from __future__ import annotations

import ast
import contextlib
import copy
import io
import traceback
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from types import CodeType
from typing import TYPE_CHECKING, Any

from IPython.core.formatters import DisplayFormatter

from citygrow_nb.exceptions import CitygrowError, Problem
from citygrow_nb.exporting.traces import INJECTED, settle_outputs, without_traces
from citygrow_nb.running.notebooks import Run, execute, read

if TYPE_CHECKING:
    from nbformat import NotebookNode


def run_built(workbook: bytes, parameters: Mapping[str, object], *, name: str) -> Run:
    """Run a workbook as built; it finds its answers as :meth:`citygrow_nb.workspace.Workspace.find` does.

    Parameters
    ----------
    workbook
        The notebook as in its file.
    parameters
        Values for the variables in its ``parameters`` cell.
    name
        What to call it in errors.

    Returns
    -------
    Run
        The executed notebook, and why it failed if it did.

    Raises
    ------
    ReportError
        If the workbook cannot be read.
    """
    notebook = _filled(workbook, parameters, name)
    for cell, broken in run_cells(notebook):
        settle_outputs(cell)
        if broken is not None:
            return Run(notebook, Problem(f"{name}, In [{cell.execution_count}]", _told(broken)))
    return Run(notebook)


def run_cells(notebook: NotebookNode) -> Iterator[tuple[NotebookNode, Exception | None]]:
    """Run the code cells of a notebook in turn, up to the first that fails.

    Yields
    ------
    tuple
        Each cell with its outputs, and why it failed.
    """
    names: dict[str, Any] = {"__name__": "__main__"}
    cells = (cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip())
    for count, cell in enumerate(cells, 1):
        cell["execution_count"] = count
        broken = _run_cell(cell, names)
        yield cell, broken
        if broken is not None:
            return


def _run_cell(cell: NotebookNode, names: dict[str, Any]) -> Exception | None:
    """Run one cell: what it wrote, what its last line came to and how it failed become its outputs."""
    from nbformat.notebooknode import from_dict

    outputs: list[dict[str, Any]] = []
    written = {"stdout": io.StringIO(), "stderr": io.StringIO()}
    failure = None
    try:
        with contextlib.redirect_stdout(written["stdout"]), contextlib.redirect_stderr(written["stderr"]):
            body, last = _compiled(cell.source)
            exec(body, names)  # noqa: S102 - only what was built from a benchmark comes here
            value = eval(last, names) if last else None  # noqa: S307
            if value is not None:
                data, metadata = _formatter().format(value)  # type: ignore[no-untyped-call]
                outputs = [{"output_type": "execute_result", "data": data, "metadata": metadata}]
                outputs[0]["execution_count"] = cell.execution_count
    except Exception as error:  # noqa: BLE001 - whatever a cell raises is shown as its output, as in a kernel
        failure = error
        lines = [str(error)] if isinstance(error, CitygrowError) else traceback.format_exception(error)
        told = {"ename": type(error).__name__, "evalue": str(error), "traceback": lines}
        outputs = [{"output_type": "error", **told}]
    texts = {name: text.getvalue() for name, text in written.items()}
    streams = [{"output_type": "stream", "name": name, "text": text} for name, text in texts.items() if text]
    cell["outputs"] = [from_dict(output) for output in [*streams, *outputs]]  # type: ignore[no-untyped-call]
    return failure


def _told(error: Exception) -> str:
    # Our own errors are sentences already.
    return str(error) if isinstance(error, CitygrowError) else f"{type(error).__name__}: {error}".removesuffix(": ")


def _filled(workbook: bytes, parameters: Mapping[str, object], name: str) -> NotebookNode:
    """Return a notebook with values for its parameters, to be run; cells that no run changes are shared."""
    prepared, place = _prepared(workbook, tuple(parameters), name)
    from papermill.translators import translate_parameters  # not before papermill was imported as notebooks.py does

    made = copy.copy(prepared)
    made["cells"] = [copy.copy(cell) if cell.cell_type == "code" else cell for cell in prepared.cells]
    made.cells[place]["source"] = translate_parameters("python3", "python", dict(parameters), "Parameters")
    return made


@lru_cache(maxsize=64)
def _prepared(workbook: bytes, names: tuple[str, ...], name: str) -> tuple[NotebookNode, int]:
    """Have papermill prepare a workbook for parameters of certain names, whatever their values; once a process.

    Also returns at which place the cell stands into which it writes the values.
    """
    source = read(workbook, name)
    prepared = without_traces(execute(source, parameters=dict.fromkeys(names, ""), prepare_only=True), source)
    tags = [cell.metadata.get("tags", []) for cell in prepared.cells]
    return prepared, next(place for place, each in enumerate(tags) if INJECTED in each)


@lru_cache(maxsize=4096)
def _compiled(source: str) -> tuple[CodeType, CodeType | None]:
    """Return the code of a cell, and that of its last line apart if it comes to a value; once a process."""
    tree = ast.parse(source)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    shown = compile(ast.Expression(last.value), "<cell>", "eval") if isinstance(last, ast.Expr) else None
    return compile(tree, "<cell>", "exec"), shown


@cache
def _formatter() -> DisplayFormatter:
    return DisplayFormatter()
