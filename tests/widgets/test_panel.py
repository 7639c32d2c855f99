"""A panel answers every message with one reply, whatever goes wrong, and needs no browser to be tested."""

import os
from typing import Any, get_args

import pytest

from citygrow_nb.exceptions import Problem, StoreError
from citygrow_nb.widgets import Panel
from citygrow_nb.widgets.panel import Part, script


def sent(panel: Panel, monkeypatch: pytest.MonkeyPatch, message: dict[str, Any]) -> dict[str, Any]:
    """Send a message as the page does, and return what comes back."""
    replies: list[dict[str, Any]] = []
    monkeypatch.setattr(panel, "send", replies.append)
    panel._received(panel, message, [])
    assert len(replies) == 1
    return replies[0]


def test_reply_carries_the_serial_of_its_message(monkeypatch: pytest.MonkeyPatch) -> None:
    panel = Panel("fragment", {"html": ""}, lambda message: {"ok": True, "text": message["do"]})
    assert sent(panel, monkeypatch, {"do": "x", "serial": "7"}) == {"ok": True, "text": "x", "serial": "7"}


def test_error_becomes_its_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def act(_: dict[str, Any]) -> dict[str, Any]:
        raise StoreError(Problem("answers/a/2026.json", "the disk is full", todo="free some space and try again"))

    reply = sent(Panel("fragment", {}, act), monkeypatch, {"do": "x", "serial": "1"})
    assert reply["ok"] is False
    assert "the disk is full" in reply["text"]


def test_surprise_becomes_a_sentence_too(monkeypatch: pytest.MonkeyPatch) -> None:
    reply = sent(Panel("fragment", {}, lambda _: {}["no"]), monkeypatch, {"do": "x", "serial": "1"})
    assert reply["ok"] is False
    assert "unexpected" in reply["text"]


@pytest.mark.parametrize("part", get_args(Part))
def test_every_part_has_a_script_that_loads_nothing_from_elsewhere(part: Part) -> None:
    text = script(part)
    assert text.count("export default") == 1
    assert "import " not in text
    assert "http://" not in text
    assert "https://" not in text.replace('"https://"', "")


def test_file_is_named_as_people_see_it_and_several_faults_stand_on_lines_of_their_own() -> None:
    def act(_: dict[str, Any]) -> dict[str, Any]:
        raise StoreError(Problem(f"{os.sep}home{os.sep}me{os.sep}a.json", "busy"), Problem("b", "full"))

    panel = Panel("fragment", {}, act, folder=f"{os.sep}home{os.sep}me")
    assert panel.reply({})["text"] == "Not saved:\na.json: busy\nb: full"


def test_links_between_workbooks_open_inside_jupyterlab_at_the_cell_of_the_question() -> None:
    text = script("fragment")
    assert "rendermime:handle-local-link" in text
    assert "#cell-id=" in text
