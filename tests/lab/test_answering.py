"""An analyst answers in a real JupyterLab, with the mouse and with the keyboard, alone and beside others."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.factories import rated
from tests.lab.lab_server import ROUND, SAVED, Analyst, LabServer

pytestmark = pytest.mark.slow


def test_mouse_answer_is_saved_and_survives_reload_and_kernel_restart(analyst: Analyst, lab_server: LabServer) -> None:
    """What was clicked and typed is on disk, and in the form again after a reload and after a kernel restart."""
    file = lab_server.workbook("01", "mouse")
    analyst.open(file)
    analyst.menu("Run", "Run All Cells")
    form = analyst.form("KF1.Q2")
    form.get_by_label("2 · ").check()
    analyst.status(form, SAVED)
    assert lab_server.level("mouse", "KF1.Q2") == 2

    form.get_by_role("textbox", name="Comment").fill("Adopted by the council.")
    form.get_by_role("button", name="Add evidence").click()
    form.get_by_label("Title").fill("Minutes")
    form.get_by_label("Link").fill("https://example.org/minutes")
    form.get_by_label("Link").blur()
    analyst.status(form, SAVED)
    saved = lab_server.on_disk("mouse").answer("KF1.Q2")
    assert saved is not None
    assert saved.comment == "Adopted by the council."
    assert [(item.title, item.url) for item in saved.evidence] == [("Minutes", "https://example.org/minutes")]

    analyst.open(file, anew=True)
    analyst.run_all()
    form = analyst.form("KF1.Q2")
    assert form.get_by_label("2 · ").is_checked()
    assert form.get_by_role("textbox", name="Comment").input_value() == "Adopted by the council."

    form.evaluate("(form) => { form.dataset.old = 'yes'; }")
    analyst.menu("Kernel", "Restart Kernel and Run All Cells")
    analyst.page.click('.jp-Dialog button:has-text("Restart")')
    analyst.page.locator('form[aria-label$=" KF1.Q2"]:not([data-old])').wait_for()
    assert analyst.form("KF1.Q2").get_by_label("2 · ").is_checked()


PLAIN = ("j", "k", "d", "d", "x", "a", "b", "c", "v", "m", "y", "r", "z", "0", "0", "i", "i", "Enter", "Escape")
HELD = (
    *("Shift+Enter", "Control+Enter", "Alt+Enter", "Control+z", "Control+Shift+z", "Control+y", "Control+a"),
    *("Control+Backspace", "Control+Shift+m", "Control+Shift+ArrowUp", "Control+Shift+ArrowDown", "Control+Shift+-"),
    *("Shift+ArrowDown", "Shift+j", "Shift+m", "Shift+a", "Shift+b", "Shift+Home", "Control+m"),
)


def test_keys_in_the_form_never_touch_the_cells(analyst: Analyst, lab_server: LabServer) -> None:
    """Whatever is pressed in any control, no cell is moved, made, merged, changed, run or deleted."""
    calls = ('question("KF2.Q1")', 'question("KF2.Q2")', 'context("CF1")', "city()", "actions()", "exports()")
    analyst.work(lab_server.leaflet("keys", *calls))
    page = analyst.page
    form, reading = analyst.form("KF2.Q1"), analyst.form("CF1")
    head, plan = page.locator(".cgw-session"), page.get_by_role("form", name="Action plan")
    form.get_by_role("button", name="Add evidence").click()
    plan.get_by_role("button", name="Add an action").click()
    counts = page.locator(".jp-CodeCell .jp-InputPrompt").all_inner_texts()
    before = analyst.cells()
    arrows = ("ArrowDown", "ArrowUp", "ArrowLeft", "ArrowRight", "Delete", "Backspace")
    for control in (
        form.get_by_label("0 · "),
        form.get_by_role("textbox", name="Comment"),
        form.get_by_label("Link"),
        form.get_by_role("button", name="Take this answer back"),
        head.get_by_label("I answer as"),
        head.get_by_role("link", name="Download my answers"),
        page.get_by_label("City", exact=True),
        page.get_by_label("Go on from answers you downloaded"),
        reading.get_by_label("hindering", exact=True),
        reading.get_by_label("KF6"),
        plan.get_by_label("For which questions"),
        page.get_by_role("button", name="Answers as JSON"),
    ):
        leads_on = control.evaluate("(control) => control.type === 'file' || control.form?.ariaLabel === 'The city'")
        for key in (*PLAIN, *HELD, *arrows):
            if leads_on and key.endswith("Enter"):
                continue  # the system's own window would open, or another city
            control.focus()
            page.keyboard.press(key)
            assert page.locator(".jp-Dialog").count() == 0, key
        assert analyst.cells() == before
        assert page.locator(".jp-Notebook.jp-mod-editMode").count() == 0
    page.evaluate("() => jupyterapp.shell.currentWidget.sessionContext.session.kernel.requestKernelInfo()")
    assert page.locator(".jp-CodeCell .jp-InputPrompt").all_inner_texts() == counts


@pytest.fixture
def alone(analyst: Analyst, lab_server: LabServer) -> Analyst:
    """Return an analyst at work for a city with a few questions, each for one test."""
    analyst.work(lab_server.leaflet("alone", *(f'question("KF3.Q{number}")' for number in range(1, 6))))
    return analyst


def test_keyboard_answer_is_saved(alone: Analyst, lab_server: LabServer) -> None:
    """Arrow keys choose a level, typing writes the comment, and both are on disk."""
    form, page = alone.form("KF3.Q2"), alone.page
    form.get_by_label("0 · ").focus()
    page.keyboard.press("ArrowDown")
    alone.status(form, SAVED)
    form.get_by_role("textbox", name="Comment").focus()
    page.keyboard.type("dd jj xx\nab")
    alone.status(form, SAVED)
    answer = lab_server.on_disk("alone").answer("KF3.Q2")
    assert answer is not None
    assert (answer.level, answer.comment) == (1, "dd jj xx\nab")


def test_not_applicable_asks_for_its_reason_before_it_is_saved(alone: Analyst, lab_server: LabServer) -> None:
    """“Not applicable” is saved with its reason and not before."""
    form = alone.form("KF3.Q1")
    form.get_by_label("Not applicable").check()
    alone.status(form, "say why")
    assert lab_server.on_disk("alone").answer("KF3.Q1") is None
    form.get_by_role("textbox", name="Reason").fill("There are no such services here.")
    alone.status(form, SAVED)
    saved = lab_server.on_disk("alone").answer("KF3.Q1")
    assert saved is not None
    assert saved.state == "not_applicable"


def test_what_somebody_else_saves_appears_and_a_clash_shows_both(alone: Analyst, lab_server: LabServer) -> None:
    """Another's answer appears without a restart; of two at once the first stays until the second decides."""
    form = alone.form("KF3.Q3")
    lab_server.say("alone", "KF3.Q3", rated(1))
    form.get_by_label("1 · ").and_(alone.page.locator(":checked")).wait_for()

    second = alone.form("KF3.Q4")
    second.get_by_role("textbox", name="Comment").fill("Still thinking.")  # so the form is being changed
    alone.status(second, "choose a level")
    lab_server.say("alone", "KF3.Q4", rated(0, "Not here."))
    second.get_by_label("3 · ").check()
    said = alone.status(second, "somebody else")
    assert "level 3" in said
    assert "level 0" in said
    assert "Not here." in said
    assert lab_server.level("alone", "KF3.Q4") == 0
    second.get_by_role("button", name="Keep mine").click()
    alone.status(second, SAVED)
    assert lab_server.level("alone", "KF3.Q4") == 3
    assert alone.page.evaluate("document.activeElement.closest('form')?.getAttribute('aria-label')").endswith("KF3.Q4")

    third = alone.form("KF3.Q5")
    third.get_by_role("textbox", name="Comment").fill("Mine.")
    alone.status(third, "choose a level")
    lab_server.say("alone", "KF3.Q5", rated(2, "Theirs."))
    third.get_by_label("1 · ").check()
    third.get_by_role("button", name="Take the other").click()
    assert third.get_by_label("2 · ").is_checked()
    assert third.get_by_role("textbox", name="Comment").input_value() == "Theirs."
    assert lab_server.level("alone", "KF3.Q5") == 2


def test_answers_in_two_notebooks_at_once_are_both_there(analyst: Analyst, lab_server: LabServer) -> None:
    """Two workbooks of one city, answered in turn, do not undo each other, and each shows the other's progress."""
    analyst.work(lab_server.workbook("05", "both"))
    lab_server.workbook("06", "both")
    second = Analyst(analyst.page.context, lab_server)
    second.load(window="two")
    second.work(lab_server.workbook("06", "both"))
    one, two = analyst.form("KF5.Q1"), second.form("KF6.Q1")
    for number in (1, 2, 3, 0, 2):
        one.get_by_label(f"{number} · ").check()
        two.get_by_label(f"{number} · ").check()
    analyst.status(one, SAVED)
    second.status(two, SAVED)
    assert lab_server.level("both", "KF5.Q1") == 2
    assert lab_server.level("both", "KF6.Q1") == 2
    for hands in (analyst, second):
        hands.page.locator(".cgw-session").get_by_text("2 of 40 questions answered").wait_for()
    second.page.close()


def test_respondents_answer_for_themselves(analyst: Analyst, lab_server: LabServer) -> None:
    """A department's answers are its own; the form says whose they are."""
    analyst.work(lab_server.workbook("07", "respondents"))
    head = analyst.page.locator(".cgw-session")
    analyst.reach(head)
    head.get_by_label("I answer as").select_option(label="Somebody else …")
    head.get_by_label("Department, partner or role").fill("Economic development")
    head.get_by_role("button", name="Answer as this one").click()
    head.locator(".cgw-status").filter(has_text="this respondent").wait_for()
    form = analyst.form("KF7.Q1")
    form.get_by_role("group", name="Economic development: answer to KF7.Q1").wait_for()
    form.get_by_label("1 · ").check()
    analyst.status(form, SAVED)
    saved = lab_server.on_disk("respondents")
    assert saved.answer("KF7.Q1") is None
    assert saved.answer("KF7.Q1", "economic-development").level == 1  # type: ignore[union-attr]


def test_context_results_and_downloads(analyst: Analyst, lab_server: LabServer, tmp_path: Path) -> None:
    """A context reading, a first action, and the answers as files."""
    analyst.work(lab_server.workbook("10", "results"))
    form = analyst.form("CF1")
    form.get_by_label("hindering", exact=True).check()
    form.get_by_label("KF6").check()
    analyst.status(form, SAVED)
    assert lab_server.on_disk("results").context["CF1"].bears_on == ("KF6",)

    analyst.work(lab_server.workbook("12", "results"))
    plan = analyst.page.get_by_role("form", name="Action plan")
    analyst.reach(plan)
    plan.get_by_role("button", name="Add an action").click()
    plan.get_by_label("What will be done").fill("Adopt a strategy")
    plan.get_by_label("What will be done").blur()
    analyst.status(plan, SAVED)
    assert [action.what for action in lab_server.on_disk("results").actions] == ["Adopt a strategy"]

    buttons = analyst.page.get_by_role("group", name="Report and downloads")
    analyst.reach(buttons)
    for name, ending in (("Answers as JSON", ".json"), ("Answers as XLSX", ".xlsx")):
        buttons.get_by_role("button", name=name).click()
        link = buttons.get_by_role("link", name=f"Download results-{ROUND}{ending}")
        with analyst.page.expect_download() as download:
            link.click()
        assert download.value.suggested_filename == f"results-{ROUND}{ending}"
        download.value.save_as(tmp_path / f"got{ending}")
    assert json.loads((tmp_path / "got.json").read_bytes())["city"]["slug"] == "results"


def test_action_plan_follows_others_and_shows_a_clash(analyst: Analyst, lab_server: LabServer) -> None:
    """Actions that others write, change or remove appear; the same action changed by both is told with both."""
    from citygrow_nb.model import Action

    def theirs(*actions: Action) -> None:
        known = lab_server.on_disk("plan")
        lab_server.store.save(known.model_copy(update={"actions": actions}), known)

    analyst.work(lab_server.workbook("12", "plan"))
    plan = analyst.page.get_by_role("form", name="Action plan")
    what = plan.get_by_label("What will be done")
    theirs(Action(id="a1", what="Ask the bank"), Action(id="a2", what="Ask the chamber"))
    what.nth(1).wait_for()
    theirs(Action(id="a2", what="Ask the chamber of crafts"))
    expected = "(input) => [...document.querySelectorAll('form input')].some((i) => i.value === input)"
    analyst.page.wait_for_function(expected, arg="Ask the chamber of crafts")
    assert what.count() == 1

    what.fill("")
    analyst.status(plan, "say what will be done")
    theirs(Action(id="a2", what="Ask both chambers"))
    what.fill("Ask nobody")
    what.blur()
    said = analyst.status(plan, "somebody else")
    assert "Ask nobody" in said
    assert "Ask both chambers" in said
    plan.get_by_role("button", name="Keep mine").click()
    analyst.status(plan, SAVED)
    assert [action.what for action in lab_server.on_disk("plan").actions] == ["Ask nobody"]
    plan.get_by_role("button", name="Remove this action").click()
    analyst.status(plan, "is removed")
    assert lab_server.on_disk("plan").actions == ()
