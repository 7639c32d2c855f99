"""A facilitator's hour: six departments differ on twelve questions and agree; the minutes are in the report."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from citygrow_nb.model import Benchmark, Meeting
from tests.lab.lab_server import ROUND, SAVED
from tests.lab.led import Led, at_work

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

CITY, AGREE = "meeting-town", "11-agree.ipynb"


@pytest.fixture
def led(tmp_path_factory: pytest.TempPathFactory, benchmark: Benchmark, context: Any) -> Iterator[Led]:
    """Return a facilitator before the meeting: the departments have answered twelve questions, each in its own way."""
    with at_work(tmp_path_factory.mktemp("meeting"), benchmark, context, CITY) as made:
        for place, code in enumerate(list(benchmark.questions)[:12]):
            spread = (0, 3, 1, 2, 3, 0) if place % 2 else (1, 1, 2, 2, 1, 3)
            made.lab_server.differ(CITY, code, *spread)
        yield made


def test_twelve_questions_are_agreed_on_and_the_minutes_stand_in_the_report(led: Led, benchmark: Benchmark) -> None:
    """Least agreement first; a level and a sentence for each; what was said before stays; nothing is left."""
    server, page = led.lab_server, led.page
    page.set_viewport_size({"width": 1366, "height": 768})
    led.visit(AGREE)
    sides = page.locator(".jp-NotebookPanel:visible .cg-sides")
    sides.nth(11).wait_for()
    order = [text.split()[0] for text in sides.locator("h3").all_inner_texts()]
    codes = list(benchmark.questions)[:12]
    assert sorted(order[:6]) == sorted(codes[1::2])
    assert sorted(order[6:]) == sorted(codes[0::2])
    first = sides.first
    assert "From level 0 to 3" in first.inner_text()
    assert "Association of migrant entrepreneurs" in first.inner_text()
    for place, code in enumerate(order):
        form = led.form(code)
        assert f"answer to {code}" in form.inner_text()
        form.get_by_role("textbox", name="Comment").fill(f"Agreed because of reason {place}.")
        form.get_by_label(f"{place % 3 + 1} · ").check()
        led.status(form, SAVED)
    assert "agreed" in first.locator(".cg-chosen").inner_text()
    minutes = page.locator('.jp-NotebookPanel:visible form[aria-label="Minutes"]')
    minutes.get_by_role("button", name="Add a meeting").click()
    minutes.get_by_label("When").fill("29 November 2026, 10 to 11")
    minutes.get_by_label("Who met").fill("Economic development\nChamber of commerce")
    minutes.get_by_label("What else").fill("<b>To be continued</b>")
    led.status(minutes, SAVED)
    page.get_by_text("Nothing is left to agree on").wait_for()
    saved = server.on_disk(CITY)
    assert [saved.answer(code).comment for code in order] == [  # type: ignore[union-attr]
        f"Agreed because of reason {place}." for place in range(12)
    ]
    assert all(saved.answer(code, "econ") is not None for code in order)
    (meeting,) = saved.meetings.values()
    assert meeting.model_copy(update={"updated_at": None}) == Meeting(
        held_on="29 November 2026, 10 to 11",
        present="Economic development\nChamber of commerce",
        remarks="<b>To be continued</b>",
    )
    subprocess.run([sys.executable, "-m", "citygrow_nb", "batch"], cwd=server.root, check=True)
    folder = server.root / "outputs" / benchmark.id / CITY / ROUND
    for name in ("11-agree.html", "report.html"):
        text = (folder / name).read_text("utf-8")
        for words in ("29 November 2026, 10 to 11", "Chamber of commerce", "Agreed because of reason 11."):
            assert words in text, name
        assert "<b>To be" not in text
    assert "disputed" not in (folder / "index.html").read_text("utf-8").split("</main>")[0].split("<style")[0]


def test_meeting_taken_away_is_gone(led: Led) -> None:
    server, page = led.lab_server, led.page
    led.visit(AGREE)
    minutes = page.locator('.jp-NotebookPanel:visible form[aria-label="Minutes"]')
    minutes.get_by_role("button", name="Add a meeting").click()
    minutes.get_by_label("When").fill("today")
    led.status(minutes, SAVED)
    server.until(lambda: len(server.on_disk(CITY).meetings) == 1)
    minutes.get_by_role("button", name="Remove this meeting").click()
    server.until(lambda: not server.on_disk(CITY).meetings)


def test_person_and_institution_are_told_apart(led: Led) -> None:
    """Who answers says for whom, and is told what that means."""
    server, page = led.lab_server, led.page
    led.visit("01-strategy.ipynb")
    head = page.locator(".jp-NotebookPanel:visible .cgw-session")
    for role, kind in (("Founder", "For myself"), ("Founder", "For myself"), ("Bank", "For a department")):
        head.get_by_label("I answer as").select_option(label="Somebody else …")
        head.get_by_label("Department, partner or role").fill(role)
        head.get_by_label(kind).check()
        head.get_by_role("button", name="Answer as this one").click()
        head.get_by_label("Department, partner or role").wait_for(state="hidden")
    known = server.on_disk(CITY).respondents
    assert (known["bank"].role, known["bank"].kind) == ("Savings bank", "institution")
    assert not any(who.role == "Founder" for who in known.values()), "a self-test knows no persons"
    offered = head.get_by_label("I answer as").locator("option").all_inner_texts()
    assert not any("Founder" in name for name in offered), "nobody opens another's answers"


def test_who_answers_for_herself_is_kept_apart_and_ends_when_she_is_ready(led: Led) -> None:
    """Her answers are in no self-test, and nobody can open them again."""
    server, page = led.lab_server, led.page
    led.visit("01-strategy.ipynb")
    head = page.locator(".jp-NotebookPanel:visible .cgw-session")
    head.get_by_label("I answer as").select_option(label="Somebody else …")
    head.get_by_label("Department, partner or role").fill("Founder")
    head.get_by_label("For myself").check()
    head.get_by_role("button", name="Answer as this one").click()
    head.get_by_role("button", name="I am ready").wait_for()
    form = page.locator(".jp-NotebookPanel:visible .cgw-question").first
    form.get_by_role("radio").nth(2).check()
    form.get_by_text("Saved", exact=False).first.wait_for()
    before = server.on_disk(CITY)
    assert not any(who.role == "Founder" for who in before.respondents.values())
    head.get_by_role("button", name="I am ready").click()
    head.get_by_role("button", name="I am ready").wait_for(state="hidden")
    offered = head.get_by_label("I answer as").locator("option").all_inner_texts()
    assert not any("Founder" in name for name in offered)
    (person,) = [each for each in server.store.persons(CITY, ROUND).persons.values() if each.answers]
    assert (person.role, person.finished, len(person.answers)) == ("Founder", True, 1)
