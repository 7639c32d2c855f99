"""Which cells are shown, and which outputs stand in the way."""

from __future__ import annotations

import copy

from citygrow_nb.exporting.cells import faults, shown
from tests.notebooks import code, notebook, prose, shows

VIEW = "application/vnd.jupyter.widget-view+json"


def test_hidden_cells_go_and_the_notebook_stays_as_it_is() -> None:
    """What is shown is a copy; the executed notebook is published as it ran."""
    full = notebook(
        prose("a"),
        prose("b", "form-only"),
        code("c", shows(**{VIEW.replace("/", "_", 1): {}, "text_html": "x"})),
        code("d", tags=("parameters",)),
        widgets={"state": 1},
    )
    before = copy.deepcopy(full)
    kept = shown(full)
    assert [cell.source for cell in kept.cells] == ["a", "c"]
    assert list(kept.cells[1].outputs[0].data) == ["text/html"]
    assert "widgets" not in kept.metadata
    assert full == before


def test_widget_in_a_hidden_cell_is_no_fault() -> None:
    """A form that no report shows may be a widget; an error is a fault wherever it stands."""
    widget = shows(**{VIEW.replace("/", "_", 1): {}})
    error = {"output_type": "error", "ename": "E", "evalue": "", "traceback": []}
    assert faults(notebook(code("x", widget, tags=("form-only",))), "x") == []
    assert [str(problem) for problem in faults(notebook(code("x", error, tags=("form-only",))), "x")] == [
        "x, cell “c0”: the cell failed: E"
    ]
