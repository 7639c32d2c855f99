"""What differs in an executed notebook from run to run, though nothing else does: taken away."""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from citygrow_nb.model.published import without_paths

if TYPE_CHECKING:
    from nbformat import NotebookNode

INJECTED = "injected-parameters"
"""Tag of the cell into which papermill writes the values of parameters."""

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"

_ERROR_MARKER = "papermill-error-cell-tag"
_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")


def without_traces(notebook: NotebookNode, source: NotebookNode) -> NotebookNode:
    """Take away papermill's paths and times, random ids, widget state, versions.

    Parameters
    ----------
    notebook
        The executed notebook; changed in place.
    source
        The workbook.
    """
    for key in notebook.metadata.keys() - (source.metadata.keys() - {"papermill", "widgets"}):
        del notebook.metadata[key]
    if "language_info" in source.metadata:
        notebook.metadata["language_info"] = source.metadata["language_info"]
    for place, cell in enumerate(notebook.cells):
        tags = cell.metadata.get("tags", [])
        for key in ("papermill", "execution"):
            cell.metadata.pop(key, None)
        if INJECTED in tags or _ERROR_MARKER in tags:
            cell["id"] = INJECTED if INJECTED in tags else f"error-{place}"
        if not tags:
            cell.metadata.pop("tags", None)
        settle_outputs(cell)
    return notebook


def settle_outputs(cell: NotebookNode) -> None:
    """Do the same with the outputs of one cell, in place, and with where on this machine an error came from."""
    if "outputs" not in cell:
        return
    cell["outputs"] = _joined(cell.outputs)
    for output in cell.outputs:
        if output.output_type == "error":
            output["evalue"] = _without_places(output.evalue)
            output["traceback"] = [_without_places(line) for line in output.traceback]
        elif output.get("name") == "stderr":
            output["text"] = _without_places(output.text)
        data = output.get("data", {})
        if "text/html" in data:
            data.pop(WIDGET_VIEW, None)
        if "text/plain" in data:
            data["text/plain"] = _ADDRESS.sub("", data["text/plain"])


def _without_places(text: str) -> str:
    # A failed notebook is kept among the reports.
    return without_paths(text, [str(Path.cwd()), str(Path.home()), sys.prefix, tempfile.gettempdir()])


def _joined(outputs: Iterable[NotebookNode]) -> list[NotebookNode]:
    # Where a stream is cut depends on the clock.
    joined: list[NotebookNode] = []
    for output in outputs:
        if joined and output.output_type == "stream" and joined[-1].get("name") == output.name:
            joined[-1].text += output.text
        else:
            joined.append(output)
    return joined
