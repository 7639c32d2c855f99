"""Wishes and targets in JupyterLab are saved as they are chosen; the secretariat finds mentors there, and decides."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from citygrow_nb import tables
from citygrow_nb.model import ActionStatus, Benchmark, Mentoring, Need, Offer
from tests.factories import assessment_of, rated
from tests.lab.lab_server import SAVED
from tests.lab.led import Led, at_work

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

CITY, MENTORING, RESULTS = "help-town", "14-mentoring.ipynb", "12-results.ipynb"


@pytest.fixture(scope="module")
def led(tmp_path_factory: pytest.TempPathFactory, benchmark: Benchmark, context: Any) -> Iterator[Led]:
    """Return an analyst in a workspace with two cities that could help with strategies."""
    with at_work(tmp_path_factory.mktemp("mentoring"), benchmark, context, CITY) as made:
        for name in ("Graz", "Linz"):
            city = assessment_of(benchmark, name, name.lower())
            for code in benchmark.questions:
                city = city.with_answer(code, rated(3))
            languages = ("en",) if name == "Graz" else ()
            wishes = Mentoring(offers=(Offer(factor="KF1"),), languages=languages)
            made.lab_server.store.create(city.model_copy(update={"mentoring": wishes}))
        made.lab_server.store.mark(CITY, "2026")
        yield made


def test_wishes_are_saved_and_mentors_found(led: Led) -> None:
    server, page = led.lab_server, led.page
    page.set_viewport_size({"width": 1366, "height": 768})
    led.visit(MENTORING)
    form = page.locator('.jp-NotebookPanel:visible form[aria-label="What the city offers and needs"]')
    strategy = form.get_by_role("group", name="KF1 Strategy")
    strategy.get_by_label("Would like a mentor").select_option("urgent")
    led.status(form, SAVED)
    form.get_by_label("Languages").fill("english")
    form.get_by_label("Cities with which").focus()
    server.until(lambda: server.on_disk(CITY).mentoring.languages == ("en",))
    assert server.on_disk(CITY).mentoring.needs == (Need(factor="KF1", priority=1),)
    desk = page.get_by_role("group", name="Mentors for the whole network")
    desk.get_by_role("button", name="Find mentors for all cities").click()
    matches = desk.get_by_role("table", name="Matches")
    matches.get_by_role("row", name="Help-Town").get_by_text("Graz").wait_for()
    desk.get_by_role("button", name="Never Graz for Help-Town").click()
    matches.get_by_role("row", name="Help-Town").get_by_text("Linz").wait_for()
    decided = tables.decisions(server.root / "pins.csv")[0]
    assert [(item.decision, item.mentor, item.mentee) for item in decided] == [("ban", "graz", CITY)]
    why = desk.get_by_role("form", name="Why not another mentor")
    why.get_by_label("City that wants a mentor").fill("Help-Town")
    why.get_by_label("Why not this one?").fill("Graz")
    page.keyboard.press("Enter")
    desk.get_by_text("The secretariat has decided").wait_for()
    desk.get_by_role("button", name="Take back: ban graz for help-town").click()
    matches.get_by_role("row", name="Help-Town").get_by_text("Graz").wait_for()
    assert tables.decisions(server.root / "pins.csv") == ((), ())


def test_language_that_nobody_knows_is_told_beside_the_form(led: Led) -> None:
    led.visit(MENTORING)
    form = led.page.locator('.jp-NotebookPanel:visible form[aria-label="What the city offers and needs"]')
    form.get_by_label("Languages").fill("Elvish")
    form.get_by_label("Cities with which").focus()
    form.get_by_text("“Elvish” is no language that is known here").wait_for()
    form.get_by_label("Languages").fill("English")
    form.get_by_label("Cities with which").focus()
    led.status(form, SAVED)


def test_targets_are_saved_and_what_is_overdue_is_said(led: Led) -> None:
    server, page = led.lab_server, led.page
    led.visit(RESULTS)
    plan = page.locator('.jp-NotebookPanel:visible form[aria-label="Action plan"]')
    plan.get_by_role("button", name="Add an action").click()
    plan.get_by_label("What will be done").fill("Ask the bank")
    plan.get_by_label("Question", exact=True).first.select_option("KF6.Q1")
    plan.get_by_label("Level to reach").first.select_option("2")
    month = plan.get_by_label("By (year and month").first
    month.fill("soon")
    plan.get_by_label("How far it is").select_option("under way")
    plan.get_by_text("write the month as in 2027-12").wait_for()
    month.fill("2020-01")
    plan.get_by_label("How far it is").focus()
    led.status(plan, SAVED)
    (action,) = server.on_disk(CITY).actions
    assert [(item.code, item.level, item.by) for item in action.targets] == [("KF6.Q1", 2, "2020-01")]
    assert action.status is ActionStatus.UNDER_WAY
    led.visit(RESULTS)
    plan.get_by_text("Overdue: a target's month has passed.").wait_for()
    assert plan.get_by_label("Level to reach").first.input_value() == "2"
