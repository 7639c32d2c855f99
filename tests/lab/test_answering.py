"""An analyst answers in a real JupyterLab, with the mouse, the keyboard, and without ever losing anything."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from citygrow_nb.model import Benchmark
from tests.factories import rated
from tests.lab.laboratory import Analyst, Laboratory, at_work

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def laboratory(tmp_path_factory: pytest.TempPathFactory, benchmark: Benchmark) -> Iterator[Laboratory]:
    made = Laboratory(tmp_path_factory.mktemp("lab"), benchmark)
    made.begin()
    made.start()
    yield made
    made.kill()


@pytest.fixture
def analyst(browser: Any, laboratory: Laboratory) -> Iterator[Analyst]:
    with at_work(browser, laboratory) as hands:
        yield hands
        assert hands.outside == []


def level(laboratory: Laboratory, code: str) -> int | None:
    answer = laboratory.on_disk().answer(code)
    return None if answer is None else answer.level


def test_mouse_answer_is_saved_and_survives_reload_and_kernel_restart(analyst: Analyst, laboratory: Laboratory) -> None:
    analyst.open("01-strategy.ipynb")
    analyst.run_all()
    form = analyst.form("KF1.Q2")
    form.get_by_label("2 · ").check()
    analyst.status(form, r"Saved \d\d:\d\d")
    assert level(laboratory, "KF1.Q2") == 2

    form.get_by_role("textbox", name="Comment").fill("Adopted by the council.")
    form.get_by_role("textbox", name="Comment").blur()
    form.get_by_role("button", name="Add evidence").click()
    form.get_by_label("Title").fill("Minutes")
    form.get_by_label("Link").fill("https://example.org/minutes")
    form.get_by_label("Link").blur()
    analyst.page.wait_for_timeout(1000)
    analyst.status(form, r"Saved \d\d:\d\d")
    saved = laboratory.on_disk().answer("KF1.Q2")
    assert saved is not None
    assert saved.comment == "Adopted by the council."
    assert saved.evidence[0].url == "https://example.org/minutes"

    analyst.open("01-strategy.ipynb")
    analyst.run_all()
    form = analyst.form("KF1.Q2")
    assert form.get_by_label("2 · ").is_checked()
    assert form.get_by_role("textbox", name="Comment").input_value() == "Adopted by the council."

    analyst.menu("Kernel", "Restart Kernel and Run All Cells")
    analyst.page.click('.jp-Dialog button:has-text("Restart")')
    analyst.page.wait_for_timeout(1500)
    analyst.page.wait_for_selector(".jp-Notebook-ExecutionIndicator[data-status=idle]", timeout=30_000)
    form = analyst.form("KF1.Q2")
    assert form.get_by_label("2 · ").is_checked()


def test_keys_in_the_form_never_touch_the_cells(analyst: Analyst, laboratory: Laboratory) -> None:
    analyst.open("02-mapping.ipynb")
    analyst.run_all()
    before = analyst.cells()
    form = analyst.form("KF2.Q1")
    form.get_by_label("0 · ").focus()
    page = analyst.page
    for key in (
        "ArrowDown",
        "ArrowUp",
        "ArrowDown",
        "j",
        "k",
        "d",
        "d",
        "x",
        "a",
        "b",
        "m",
        "y",
        "z",
        "Enter",
        "Escape",
    ):
        page.keyboard.press(key)
    for _ in range(2):
        page.keyboard.press("d")
    assert analyst.cells() == before
    assert page.evaluate("document.activeElement.closest('.cgw') !== null")
    form.get_by_role("textbox", name="Comment").focus()
    page.keyboard.type("dd jj xx\nab Shift")
    page.keyboard.press("Shift+Enter")
    page.keyboard.press("Escape")
    assert analyst.cells() == before
    assert form.get_by_role("textbox", name="Comment").input_value().startswith("dd jj xx\nab Shift")
    form.get_by_role("textbox", name="Comment").blur()
    analyst.status(form, "Saved")
    assert level(laboratory, "KF2.Q1") == 1


def test_not_applicable_asks_for_its_reason_before_it_is_saved(analyst: Analyst, laboratory: Laboratory) -> None:
    analyst.open("03-comprehensive-support.ipynb")
    analyst.run_all()
    form = analyst.form("KF3.Q1")
    form.get_by_label("Not applicable").check()
    analyst.status(form, "say why")
    assert laboratory.on_disk().answer("KF3.Q1") is None
    form.get_by_role("textbox", name="Reason").fill("There are no such services here.")
    analyst.status(form, r"Saved \d\d:\d\d")
    saved = laboratory.on_disk().answer("KF3.Q1")
    assert saved is not None
    assert saved.state == "not_applicable"


def test_what_somebody_else_saves_appears_and_a_clash_shows_both(analyst: Analyst, laboratory: Laboratory) -> None:
    analyst.open("04-inclusive-services.ipynb")
    analyst.run_all()
    form = analyst.form("KF4.Q1")
    laboratory.store.record("zabia-gora", "2026", "agreed", "KF4.Q1", rated(1), None)
    form.get_by_label("1 · ").and_(analyst.page.locator(":checked")).wait_for(timeout=10_000)

    # Both at once: the other is quicker than the look every two seconds.
    analyst.page.evaluate("window.before = Date.now()")
    seen = laboratory.on_disk().answer("KF4.Q1")
    laboratory.store.record("zabia-gora", "2026", "agreed", "KF4.Q1", rated(0), seen)
    form.get_by_label("3 · ").check()
    said = form.locator(".cgw-status")
    said.filter(has_text="somebody else").or_(said.filter(has_text="Saved")).first.wait_for(timeout=10_000)
    if "somebody else" in said.inner_text():
        assert level(laboratory, "KF4.Q1") == 0
        form.get_by_role("button", name="Keep mine").click()
        analyst.status(form, r"Saved \d\d:\d\d")
    assert level(laboratory, "KF4.Q1") == 3


def test_answers_in_two_notebooks_at_once_are_both_there(browser: Any, laboratory: Laboratory) -> None:
    with at_work(browser, laboratory) as one, at_work(browser, laboratory) as two:
        one.open("05-networks-and-voice.ipynb")
        one.run_all()
        two.open("06-access-to-money.ipynb")
        two.run_all()
        first, second = one.form("KF5.Q1"), two.form("KF6.Q1")
        for number in (1, 2, 3, 0, 2):
            first.get_by_label(f"{number} · ").check()
            second.get_by_label(f"{number} · ").check()
        one.status(first, r"Saved \d\d:\d\d")
        two.status(second, r"Saved \d\d:\d\d")
    assert level(laboratory, "KF5.Q1") == 2
    assert level(laboratory, "KF6.Q1") == 2


def test_respondents_answer_for_themselves(analyst: Analyst, laboratory: Laboratory) -> None:
    analyst.open("07-communication.ipynb")
    analyst.run_all()
    page = analyst.page
    head = page.locator(".cgw-desk")
    analyst.reach(head)
    head.get_by_label("I answer as").select_option(label="Somebody else …")
    head.get_by_label("Department or partner").fill("Economic development")
    head.get_by_role("button", name="Answer as this one").click()
    head.locator(".cgw-status").filter(has_text="this respondent").wait_for()
    form = analyst.form("KF7.Q1")
    form.get_by_label("1 · ").check()
    analyst.status(form, r"Saved \d\d:\d\d")
    saved = laboratory.on_disk()
    assert saved.answer("KF7.Q1") is None
    assert saved.answer("KF7.Q1", "economic-development").level == 1  # type: ignore[union-attr]


def test_context_results_and_downloads(analyst: Analyst, laboratory: Laboratory, tmp_path: Path) -> None:
    analyst.open("10-context-factors.ipynb")
    analyst.run_all()
    form = analyst.form("CF1")
    form.get_by_label("hindering", exact=True).check()
    form.get_by_label("KF6").check()
    analyst.status(form, r"Saved \d\d:\d\d")
    assert laboratory.on_disk().context["CF1"].bears_on == ("KF6",)

    analyst.open("11-results.ipynb")
    analyst.run_all()
    page = analyst.page
    plan = page.get_by_role("form", name="Action plan")
    analyst.reach(plan)
    plan.get_by_role("button", name="Add an action").click()
    plan.get_by_label("What will be done").fill("Adopt a strategy")
    plan.get_by_label("What will be done").blur()
    analyst.status(plan, r"Saved \d\d:\d\d")
    assert [action.what for action in laboratory.on_disk().actions] == ["Adopt a strategy"]

    buttons = page.get_by_role("group", name="Report and downloads")
    analyst.reach(buttons)
    for name, ending in (("Answers as JSON", ".json"), ("Answers as XLSX", ".xlsx")):
        buttons.get_by_role("button", name=name).click()
        link = buttons.get_by_role("link", name=f"Download zabia-gora-2026{ending}")
        with page.expect_download() as download:
            link.click()
        assert download.value.suggested_filename == f"zabia-gora-2026{ending}"
        download.value.save_as(tmp_path / f"got{ending}")
    assert json.loads((tmp_path / "got.json").read_bytes())["city"]["slug"] == "zabia-gora"


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize(
    "file", ["00-start.ipynb", "08-monitoring-and-review.ipynb", "10-context-factors.ipynb", "11-results.ipynb"]
)
def test_every_form_is_accessible(browser: Any, laboratory: Laboratory, file: str, dark: bool) -> None:
    from axe_playwright_python.sync_playwright import Axe

    with at_work(browser, laboratory, dark=dark) as analyst:
        analyst.open(file)
        if dark:
            analyst.page.evaluate(
                "window.jupyterapp.commands.execute('apputils:change-theme', {theme: 'JupyterLab Dark'})"
            )
            analyst.page.wait_for_selector("body[data-jp-theme-light=false]", state="attached")
        analyst.run_all()
        analyst.page.wait_for_timeout(2000)
        analyst.reach(analyst.page.locator(".cgw").first)
        options = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
        found = Axe().run(analyst.page, context=".cgw", options=options)
        assert found.response["violations"] == [], found.generate_report()
