"""Outputs stand where a front end would put them."""

from __future__ import annotations

from typing import Any

import pytest

from citygrow_nb.engine.outputs import Outputs
from citygrow_nb.engine.streams import Event
from tests.notebooks import code, notebook


def text(value: str) -> Event:
    return {"type": "stream", "name": "stdout", "text": value}


def display(value: str, name: str | None = None, kind: str = "display_data") -> Event:
    return {"type": kind, "data": {"text/plain": value}, "metadata": {}, "display_id": name}


def shown(*cells: list[Event]) -> list[list[Any]]:
    nodes = notebook(*(code("x") for _ in cells)).cells
    outputs = Outputs(nodes)
    for index, events in enumerate(cells):
        outputs.begin(index, index + 1)
        for event in events:
            outputs.handle(event)
    return [[output.get("text") or output.data["text/plain"] for output in cell.outputs] for cell in nodes]


CLEAR, LATER = {"type": "clear_output", "wait": False}, {"type": "clear_output", "wait": True}


@pytest.mark.parametrize(
    ("events", "left"),
    [
        ([text("a"), display("b"), text("c")], ["a", "b", "c"]),
        ([text("a"), CLEAR], []),
        ([text("a"), CLEAR, text("b")], ["b"]),
        ([text("a"), LATER], ["a"]),
        ([text("a"), LATER, text("b"), text("c")], ["b", "c"]),
        ([display("a", "n"), display("b", "n", "update_display_data")], ["b"]),
        ([display("a", "n"), display("b", "n")], ["b", "b"]),
        ([display("a", "n"), CLEAR, display("b", "n", "update_display_data")], []),
        ([display("a", "other", "update_display_data")], []),
    ],
)
def test_events_of_one_cell(events: list[Event], left: list[str]) -> None:
    """Outputs stay in order; clearing and updating do to them what they do on a screen."""
    assert shown(events) == [left]


def test_update_reaches_an_earlier_cell() -> None:
    """A display changes where it stands, whichever cell updates it."""
    assert shown([display("a", "n")], [display("b", "n", "update_display_data"), text("c")]) == [["b"], ["c"]]


def test_clearing_does_not_wait_for_the_next_cell() -> None:
    """A cell that asked for clearing and showed nothing more leaves the next one alone."""
    assert shown([text("a"), LATER], [text("b"), text("c")]) == [["a"], ["b", "c"]]
