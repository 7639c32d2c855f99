"""What a notebook keeps of the events of its cells, by the rules of nbclient.

A display that is updated changes wherever it stands; clearing may wait for the next output.
"""

# mypy: disable-error-code="no-untyped-call"

from __future__ import annotations

from collections.abc import Sequence

from nbformat import NotebookNode
from nbformat.notebooknode import from_dict

from citygrow_nb.engine.streams import Event

_SHOWN = ("display_data", "execute_result")
_KEPT = {
    "stream": ("name", "text"),
    "display_data": ("data", "metadata"),
    "execute_result": ("data", "metadata", "execution_count"),
    "error": ("ename", "evalue", "traceback"),
}


class Outputs:
    """The outputs of a notebook's cells while they run.

    Parameters
    ----------
    cells
        The notebook's cells; changed in place.
    """

    def __init__(self, cells: Sequence[NotebookNode]) -> None:
        self._cells = cells
        self._index = 0
        self._clear_first = False
        self._displays: dict[str, dict[int, list[NotebookNode]]] = {}

    def begin(self, index: int, execution_count: int) -> NotebookNode:
        """Turn to a cell that begins to run, and return it.

        Parameters
        ----------
        index
            Which of the cells.
        execution_count
            Its number in square brackets.
        """
        self._index = index
        self._clear_first = False
        cell = self._cells[index]
        cell.outputs = []
        cell.execution_count = execution_count
        return cell

    def handle(self, event: Event) -> None:
        """Do what an event of the running cell says.

        Parameters
        ----------
        event
            An output, an update of a display, or a request to clear the cell's outputs.
        """
        kind, display = event["type"], event.get("display_id")
        if kind == "clear_output":
            self._clear_first = event["wait"]
            if not event["wait"]:
                self._clear()
            return
        if display and kind in (*_SHOWN, "update_display_data"):
            for output in (output for outputs in self._displays.get(display, {}).values() for output in outputs):
                output["data"], output["metadata"] = from_dict(event["data"]), from_dict(event["metadata"])
        if kind == "update_display_data":
            return
        if self._clear_first:
            self._clear()
        output = NotebookNode(output_type=kind, **{key: from_dict(event[key]) for key in _KEPT[kind]})
        self._cells[self._index].outputs.append(output)
        if display:
            self._displays.setdefault(display, {}).setdefault(self._index, []).append(output)

    def _clear(self) -> None:
        self._clear_first = False
        self._cells[self._index].outputs.clear()
        for outputs in self._displays.values():
            outputs.pop(self._index, None)
