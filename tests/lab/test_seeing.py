"""Everyone can use the forms: no accessibility violation in any state, light and dark, and targets of a good size."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from citygrow_nb.model import Action
from tests.factories import rated
from tests.lab.lab_server import SAVED, Analyst, LabServer

pytestmark = pytest.mark.slow

RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice")
THEMES = ("Light", "Dark")
# JupyterLab's body has no height of its own, so that axe takes everything in it for cut off and judges no contrast.
BODY = "body { height: 100vh !important; } .jp-WindowedPanel-outer { padding-bottom: 0 !important; }"
# Axe judges only what can be seen, so the window becomes as tall as the workbook.
WHOLE = """async () => {
  const inner = document.querySelector('.jp-WindowedPanel-inner');
  for (const outer of document.querySelectorAll('.jp-WindowedPanel-outer')) outer.scrollTop = 0;
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  return Math.ceil(inner.getBoundingClientRect().height) + 400;
}"""
SMALLEST = 24
"""Pixels that a target needs in both directions (WCAG 2.2, 2.5.8)."""


@pytest.fixture
def themes(analyst: Analyst) -> Iterator[Any]:
    """Yield a function that checks the page in both themes."""

    def check(scope: str = ".cgw") -> None:
        for theme in THEMES:
            analyst.theme(theme)
            violations(analyst, theme, scope)

    yield check
    analyst.theme("Light")
    analyst.page.set_viewport_size({"width": 1280, "height": 1000})


def violations(analyst: Analyst, theme: str, scope: str, least: int = 20) -> None:
    """Fail on any violation that axe finds within our own elements, and if it looked at too few of them."""
    from axe_playwright_python.sync_playwright import Axe

    analyst.page.add_style_tag(content=BODY)
    analyst.page.set_viewport_size({"width": 1280, "height": analyst.page.evaluate(WHOLE)})
    analyst.page.evaluate(WHOLE)
    options = {"runOnly": list(RULES), "rules": {"target-size": {"enabled": True}}}
    found = Axe().run(analyst.page, context=scope, options=options)
    assert found.response["violations"] == [], f"{theme}: {found.generate_report()}"
    looked = {rule["id"]: len(rule["nodes"]) for rule in found.response["passes"]}
    assert looked["color-contrast"] >= least, looked
    # What axe could not judge because something lies over it is no proof of contrast.
    # Letters on the shapes of a chart it never judges; their figures stand in the table below it.
    unsure = [rule for rule in found.response["incomplete"] if rule["id"] == "color-contrast"]
    nodes = [node for rule in unsure for node in rule["nodes"] if not node["html"].startswith("<text")]
    assert nodes == [], theme


@pytest.mark.parametrize("stem", ["00", "08"])
def test_workbook_is_accessible_as_it_opens(analyst: Analyst, lab_server: LabServer, stem: str, themes: Any) -> None:
    """The first workbook and one of a key factor have no violation before anything is answered."""
    analyst.work(lab_server.workbook(stem, f"open-{stem}"))
    themes()


def test_every_kind_of_panel_is_accessible_as_it_opens(analyst: Analyst, lab_server: LabServer, themes: Any) -> None:
    """Forms of context and results, and all that is drawn beside the forms, have no violation."""
    lab_server.begin("panels")
    lab_server.say("panels", "KF1.Q1", rated(3))
    lab_server.say("panels", "KF2.Q1", rated(0))
    lab_server.differ("panels", "KF3.Q1")
    drawn = ("headline", "chart", "table", "strengths", "gaps", "unknowns", "agree_first", "minutes")
    calls = (
        "agree()",
        "meetings()",
        'context("CF1")',
        'context("CF2")',
        "actions()",
        "exports()",
        'scorecard("KF1")',
        'practices("KF1")',
    )
    analyst.work(lab_server.leaflet("panels", *calls, *(f"{name}()" for name in (*drawn, "context_beside_factors"))))
    themes()


def test_cities_side_by_side_are_accessible(analyst: Analyst, lab_server: LabServer, themes: Any) -> None:
    """The portfolio has no violation, whatever the standing of a city, and with bounds."""
    lab_server.workbook("01", "side-by-side")
    for code, level in (("KF2.Q1", 0), ("KF2.Q2", 1), ("KF6.Q1", 2), ("KF7.Q1", 3), ("KF7.Q2", 3)):
        lab_server.say("side-by-side", code, rated(level))
    analyst.open("13-portfolio.ipynb")  # which the guide runs
    analyst.page.wait_for_function("document.querySelectorAll('.jp-NotebookPanel .cg').length >= 3")
    analyst.idle()
    themes(".cg")


def test_every_state_of_a_form_is_accessible(analyst: Analyst, lab_server: LabServer, themes: Any) -> None:
    """Saved, reason needed, evidence rows, a clash, trouble, a new respondent, action cards, a file to download."""
    city, page = "states", analyst.page
    lab_server.begin(city)
    known = lab_server.on_disk(city)
    lab_server.store.save(known.model_copy(update={"actions": (Action(id="a1", what="Ask the bank"),)}), known)
    questions = tuple(f'question("KF1.Q{number}")' for number in range(1, 5))
    analyst.work(lab_server.leaflet(city, *questions, 'context("CF1")', "actions()", "exports()"))

    saved = analyst.form("KF1.Q1")
    saved.get_by_label("2 · ").check()
    for number in (0, 1):
        saved.get_by_role("button", name="Add evidence").click()
        saved.get_by_label("Title").nth(number).fill("Minutes")
        saved.get_by_label("Link").nth(number).fill("https://example.org/minutes")
    saved.get_by_label("Title").first.click()
    analyst.status(saved, SAVED)

    reason = analyst.form("KF1.Q2")
    reason.get_by_label("Not applicable").check()
    analyst.status(reason, "say why")

    clash = analyst.form("KF1.Q3")
    clash.get_by_role("textbox", name="Comment").fill("Mine.")
    analyst.status(clash, "choose a level")
    lab_server.say(city, "KF1.Q3", rated(1, "Theirs."))
    clash.get_by_label("3 · ").check()
    analyst.status(clash, "somebody else")

    reading = analyst.form("CF1")
    reading.get_by_label("strongly enabling").check()
    reading.get_by_label("KF1").check()
    analyst.status(reading, SAVED)

    plan = page.get_by_role("form", name="Action plan")
    plan.get_by_role("button", name="Add an action").click()
    plan.get_by_label("Who is responsible").nth(1).fill("Council")
    analyst.status(plan, "say what will be done")
    page.get_by_role("button", name="Answers as JSON").click()
    page.get_by_role("link", name="Download states-2026.json").wait_for()

    page.locator(".cgw-session").get_by_label("I answer as").select_option(label="Somebody else …")
    trouble = analyst.form("KF1.Q4")
    content = lab_server.document(city).read_bytes()
    lab_server.document(city).write_text("{")
    trouble.get_by_label("0 · ").check()
    analyst.status(trouble, "cannot be understood")
    themes()
    lab_server.document(city).write_bytes(content)


SIZES = """() => {
  const controls = document.querySelectorAll('.cgw :is(input, button, select, textarea, a.cgw-button)');
  return [...controls].filter((control) => control.checkVisibility()).map((control) => {
    const labels = control.type === 'radio' || control.type === 'checkbox' ? control.labels : [];
    const boxes = [control, ...labels].map((element) => element.getBoundingClientRect());
    return {
      name: control.textContent.trim() || control.labels?.[0]?.textContent || control.outerHTML,
      width: Math.max(...boxes.map((b) => b.right)) - Math.min(...boxes.map((b) => b.left)),
      height: Math.max(...boxes.map((b) => b.bottom)) - Math.min(...boxes.map((b) => b.top)),
    };
  });
}"""


@pytest.mark.parametrize("width", [1280, 640])
def test_every_target_is_big_enough(analyst: Analyst, lab_server: LabServer, width: int) -> None:
    """Every control, with the label that works like it, measures at least 24 by 24 pixels, on narrow screens too."""
    analyst.page.set_viewport_size({"width": width, "height": 1000})
    calls = ('question("KF8.Q1")', 'context("CF1")', "actions()", "exports()", "city()")
    analyst.work(lab_server.leaflet("targets", *calls))
    analyst.form("KF8.Q1").get_by_role("button", name="Add evidence").click()
    analyst.page.get_by_role("button", name="Add an action").click()
    found = analyst.page.evaluate(SIZES)
    assert len(found) > 30
    assert [target for target in found if min(target["width"], target["height"]) < SMALLEST] == []
    analyst.page.set_viewport_size({"width": 1280, "height": 1000})
