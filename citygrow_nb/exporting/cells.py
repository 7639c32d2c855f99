"""Which cells of an executed workbook reach its page, and what must not stand in their outputs."""

from __future__ import annotations

import copy

from nbformat import NotebookNode

from citygrow_nb.exceptions import Problem

HIDDEN = frozenset({"form-only", "parameters", "injected-parameters"})
"""Tags of cells that help while answering, or that papermill needs, and that no report shows."""

_WIDGET_PREFIX = "application/vnd.jupyter.widget"


def shown(notebook: NotebookNode) -> NotebookNode:
    """Return a copy that holds only what a report shows: no hidden cells, no widgets, no widget state."""
    kept = copy.copy(notebook)
    kept["metadata"] = {key: value for key, value in notebook.metadata.items() if key != "widgets"}
    kept["cells"] = [_bare(cell) for cell in notebook.cells if not HIDDEN & set(cell.metadata.get("tags", []))]
    return kept


def faults(notebook: NotebookNode, where: str) -> list[Problem]:
    """Return the outputs for which a workbook must not become a page: errors, scripts, and widgets that stand alone.

    Parameters
    ----------
    notebook
        An executed notebook.
    where
        What to call it.
    """
    problems = []
    for cell in notebook.cells:
        place = f"{where}, cell “{cell.get('id', '?')}”"
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                problems.append(Problem(place, f"the cell failed: {output.ename}: {output.evalue}".removesuffix(": ")))
            elif "application/javascript" in output.get("data", {}):
                problems.append(Problem(place, "the cell shows a script, and reports hold none"))
            elif _is_only_widget(output) and not HIDDEN & set(cell.metadata.get("tags", [])):
                problems.append(
                    Problem(
                        place,
                        "the cell shows a widget and nothing else, and a report cannot show widgets",
                        todo="run it with form=False",
                    )
                )
    return problems


def _is_only_widget(output: NotebookNode) -> bool:
    return _widgets(output) and "text/html" not in output.data


def _widgets(output: NotebookNode) -> bool:
    return any(kind.startswith(_WIDGET_PREFIX) for kind in output.get("data", ()))


def _bare(cell: NotebookNode) -> NotebookNode:
    if not any(map(_widgets, cell.get("outputs", ()))):
        return cell
    bare = copy.copy(cell)
    bare["outputs"] = [_without_widgets(output) for output in cell.outputs]
    return bare


def _without_widgets(output: NotebookNode) -> NotebookNode:
    if not _widgets(output):
        return output
    plain = copy.copy(output)
    plain["data"] = {kind: data for kind, data in output.data.items() if not kind.startswith(_WIDGET_PREFIX)}
    return plain
