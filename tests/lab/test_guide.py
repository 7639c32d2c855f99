"""The guide: workbooks that run by themselves, cannot be broken by accident, and show the way."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import anywidget
import pytest

from citygrow_nb.model import Benchmark
from tests.factories import dont_know, not_applicable, rated
from tests.lab.lab_server import SAVED, LabServer
from tests.lab.led import Led
from tests.lab.test_seeing import violations

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

CITY = "zabia-gora"
STRATEGY, MAPPING, START = "01-strategy.ipynb", "02-mapping.ipynb", "00-start.ipynb"


SHOWN_AS = "(elements) => elements.map((element) => element.outerHTML.slice(0, 300))"
# How many forms of workbooks can be used.
USABLE = (
    "() => [...document.querySelectorAll('.jp-NotebookPanel .cgw form')].filter((f) => !f.closest('[inert]')).length"
)


@pytest.fixture(scope="module")
def guided(tmp_path_factory: pytest.TempPathFactory, benchmark: Benchmark) -> Iterator[LabServer]:
    """Return a JupyterLab with the workbooks as they came with citygrow, and one city."""
    made = LabServer(tmp_path_factory.mktemp("guided"), benchmark)
    made.begin(CITY)
    yield made
    made.kill()


@pytest.fixture(scope="module")
def _hands(guided: LabServer, context: Any) -> Led:
    guided.start()
    return Led(context, guided)


@pytest.fixture
def led(_hands: Led, request: pytest.FixtureRequest) -> Iterator[Led]:
    """Return a person who has no workbook open; JupyterLab may be loaded from the test before."""
    yield _hands
    _hands.leave(failed=getattr(request.node, "failed", True))


def test_workbook_runs_when_it_is_opened_and_nothing_else_is_on_the_screen(led: Led) -> None:
    """No button was pressed; there is the panel and the workbook, no file browser, no tools, no prompts, no code."""
    led.visit(STRATEGY)
    led.form("KF1.Q1")
    shown = led.page.locator(".jp-NotebookPanel:visible")
    for hidden in (
        ".jp-Toolbar",
        ".jp-InputPrompt",
        ".jp-OutputPrompt",
        ".jp-CodeCell .jp-InputArea",
        ".jp-cell-toolbar",
    ):
        assert shown.locator(hidden).locator("visible=true").count() == 0, hidden
    for hidden in (".jp-FileBrowser", ".jp-SideBar", "#jp-main-statusbar"):
        assert led.page.locator(hidden).locator("visible=true").count() == 0, hidden
    assert led.panel.is_visible()


def test_factor_fits_one_screen_down_to_its_first_question(led: Led) -> None:
    """At 1366 × 768 the first question's first level is in view, and no text stands twice."""
    led.lab_server.begin("first-screen")
    led.page.set_viewport_size({"width": 1366, "height": 768})
    led.visit(STRATEGY)
    first = led.form("KF1.Q1").get_by_label("0 · ")
    led.page.evaluate("document.querySelector('.jp-WindowedPanel-outer').scrollTo({top: 0})")
    box = first.bounding_box()
    assert 0 < box["y"] < 768 - box["height"]
    level = led.lab_server.benchmark.questions["KF1.Q1"].levels[3]
    assert led.page.get_by_text(level).locator("visible=true").count() == 1
    about = led.page.get_by_text("What good looks like, and why it matters")
    statement = led.page.get_by_text(led.lab_server.benchmark.factors["KF1"].statement[:60])
    assert statement.locator("visible=true").count() == 0
    about.click()
    assert statement.locator("visible=true").count() == 1


def test_narrow_window_shows_the_workbook_and_keeps_the_panel_folded(led: Led) -> None:
    """On a telephone the panel would hide what is to be answered; its tab unfolds it."""
    led.page.set_viewport_size({"width": 360, "height": 740})
    led.visit(STRATEGY)
    form = led.form("KF1.Q1")
    tab = led.page.get_by_role("tab", name="Guide")
    tab.wait_for()
    assert not led.panel.is_visible()
    assert form.bounding_box()["width"] > 240
    form.get_by_label("1 · ").check()
    led.status(form, SAVED)
    tab.click()
    led.panel.wait_for()


def test_practice_can_be_opened_under_the_question_that_it_inspires(led: Led) -> None:
    led.open(STRATEGY)
    practice = led.lab_server.benchmark.factors["KF1"].practices[0]
    form = led.form(practice.inspires[0])
    text = form.get_by_text(practice.text[:60])
    assert not text.is_visible()
    form.locator(".cgw-practices summary").click()
    assert text.is_visible()


def test_panel_shows_every_question_with_its_state_and_moves_with_the_answers(led: Led) -> None:
    """Also with those that somebody else gives."""
    city = "moving"
    led.lab_server.begin(city)
    led.lab_server.say(city, "KF2.Q1", dont_know("Asked."))
    led.open(STRATEGY)
    led.panel.get_by_role("heading", name="Moving").wait_for()
    led.panel.get_by_text("1 of 40 questions answered, 0 of 10 context factors read").wait_for()
    form = led.form("KF1.Q2")
    form.get_by_label("2 · ").check()
    led.panel.get_by_text("1 of 6", exact=True).wait_for()
    led.question("KF1.Q2", "answered").wait_for()
    led.lab_server.say(city, "KF1.Q3", rated(1))
    led.question("KF1.Q3", "answered").wait_for()
    led.panel.get_by_text("Mapping", exact=True).click()
    led.question("KF2.Q1", "don't know").wait_for()
    led.question("KF2.Q2", "open").wait_for()
    led.panel.get_by_text("Everything is saved").wait_for()


def test_panel_leads_to_any_question_and_to_the_next_open_one(led: Led) -> None:
    """By button and by key, within a workbook and into another, which runs by itself; the keyboard is in the form."""
    city = "leading"
    led.lab_server.begin(city)
    for number in range(1, 6):
        led.lab_server.say(city, f"KF1.Q{number}", rated(1))
    led.open(STRATEGY)
    led.form("KF1.Q1")
    led.panel.get_by_role("button", name="Next open question").click()
    led.at("KF1.Q6")
    led.page.keyboard.press("3")
    led.page.keyboard.press("Control+Enter")
    led.at("KF2.Q1")
    assert led.lab_server.level(city, "KF1.Q6") == 3
    led.panel.get_by_text("Policy dialogue", exact=True).click()
    led.question("KF9.Q2", "open").click()
    led.at("KF9.Q2")
    led.panel.get_by_role("button", name="Make the report").click()
    led.page.locator("button:focus", has_text="Make the HTML report").wait_for()


def test_changed_workbook_is_never_run_unasked(led: Led) -> None:
    """Opening a file must not run a stranger's code: it asks once, with a button."""
    folder = led.lab_server.workbooks
    content = json.loads((folder / MAPPING).read_bytes())
    content["cells"][-2]["source"] = ["open('stranger', 'w').close()"]
    content["cells"][-2] |= {"cell_type": "code", "outputs": [], "execution_count": None}
    (folder / "77-changed.ipynb").write_text(json.dumps(content), encoding="utf-8")
    led.open("77-changed.ipynb")
    ask = led.page.get_by_role("button", name="Run this workbook")
    ask.wait_for()
    led.page.wait_for_timeout(3000)
    assert led.page.locator(".cgw").count() == 0
    assert not (folder / "stranger").exists()
    ask.click()
    led.form("KF2.Q1")
    assert (folder / "stranger").exists()
    (folder / "stranger").unlink()

    # Once is enough, for this very code: not for other code.
    led.visit("77-changed.ipynb")
    led.form("KF2.Q1")
    assert (folder / "stranger").exists()
    (folder / "stranger").unlink()
    content["cells"][-2]["source"] = ["open('stranger', 'x').close()"]
    (folder / "77-changed.ipynb").write_text(json.dumps(content), encoding="utf-8")
    led.open("77-changed.ipynb")
    ask.wait_for()
    led.page.wait_for_timeout(2000)
    assert not (folder / "stranger").exists()
    (folder / "77-changed.ipynb").unlink()


SAVED_WIDGET = {
    "_esm": "globalThis.stranger = true; export default { render() {} }",
    **{f"_{part}_module": "anywidget" for part in ("model", "view")},
    **{f"_{part}_module_version": f"~{anywidget.__version__}" for part in ("model", "view")},
    "_model_name": "AnyModel",
    "_view_name": "AnyView",
    "layout": None,
}
WIDGET_STATE = {
    "version_major": 2,
    "version_minor": 0,
    "state": {
        "stranger": {
            "model_name": "AnyModel",
            "model_module": "anywidget",
            "model_module_version": SAVED_WIDGET["_model_module_version"],
            "state": SAVED_WIDGET,
        }
    },
}


def test_widget_that_was_saved_with_a_workbook_does_not_come_back(led: Led) -> None:
    """Its scripts would run when the workbook is opened, also where a server that is not ours hands them over."""
    led.lab_server.begin("widgets")

    def hand_over(route: Any) -> None:
        reply = route.fetch()
        model = reply.json()
        if isinstance(model, dict) and model.get("content"):
            model["content"]["metadata"]["widgets"] = {"application/vnd.jupyter.widget-state+json": WIDGET_STATE}
            handed.append(model["path"])
        route.fulfill(response=reply, json=model)

    handed: list[str] = []
    led.page.route("**/api/contents/**.ipynb**", hand_over)
    led.visit(STRATEGY)
    led.form("KF1.Q1")
    led.page.wait_for_timeout(1000)
    assert handed
    assert led.page.evaluate("globalThis.stranger ?? false") is False
    led.close()


def test_notebook_that_is_nobodys_workbook_is_left_alone(led: Led) -> None:
    """Whoever writes a notebook of their own has JupyterLab as it is."""
    led.visit(led.lab_server.leaflet("own", 'question("KF1.Q1")'))
    led.page.locator(".jp-NotebookPanel:visible .jp-Toolbar").first.wait_for()
    led.page.wait_for_timeout(1500)
    assert led.page.locator(".citygrow-workbook, .citygrow-ask, .cgg, .cgw").evaluate_all(SHOWN_AS) == []


def test_ctrl_s_says_that_answers_are_saved_and_closing_asks_nothing(led: Led) -> None:
    """The file of a workbook stays as it came, whatever was answered in it."""
    path = led.lab_server.workbooks / STRATEGY
    before = path.read_bytes()
    led.open(STRATEGY)
    form = led.form("KF1.Q1")
    form.get_by_label("1 · ").check()
    led.status(form, SAVED)
    led.page.keyboard.press("Control+s")
    led.page.get_by_text("Your answers are saved already").wait_for()
    assert led.page.evaluate("jupyterapp.shell.currentWidget.context.model.dirty") is False
    led.page.keyboard.press("Alt+w")
    led.page.locator(".jp-NotebookPanel").wait_for(state="detached")
    assert led.page.locator(".jp-Dialog").count() == 0
    assert path.read_bytes() == before


def test_code_can_be_shown_and_hidden_again(led: Led) -> None:
    """For whoever wants it everything of JupyterLab is back, and a changed cell is not run by itself any more."""
    led.open(STRATEGY)
    led.form("KF1.Q1")
    page, code = led.page, led.page.locator(".jp-NotebookPanel:visible .jp-CodeCell .jp-InputArea")
    led.menu("View", "Show the Code")
    code.first.wait_for()
    page.locator(".jp-NotebookPanel:visible > .jp-Toolbar").wait_for()
    deletable = "jupyterapp.shell.currentWidget.content.activeCell.model.getMetadata('deletable') ?? true"
    assert page.evaluate(deletable) is True
    led.menu("View", "Show the Code")
    assert code.locator("visible=true").count() == 0
    led.form("KF1.Q1")
    assert page.evaluate(deletable) is False


def comment_of(led: Led, city: str) -> str:
    answer = led.lab_server.on_disk(city).answer("KF1.Q5")
    assert answer is not None
    return answer.comment


def restart_from_the_menu(led: Led) -> None:
    led.menu("Kernel", "Restart Kernel…")
    led.page.click('.jp-Dialog button:has-text("Restart")')


def kill_the_kernel(led: Led) -> None:
    for kernel in led.lab_server.kernels():
        kernel.kill()


def kill_the_server(led: Led) -> None:
    led.lab_server.kill()
    led.page.wait_for_timeout(1500)
    led.lab_server.start()


@pytest.mark.parametrize("end", [restart_from_the_menu, kill_the_kernel, kill_the_server])
def test_forms_come_back_by_themselves(led: Led, end: Callable[[Led], None]) -> None:
    """With what was being typed, where the page was, and with the keyboard in the same field."""
    city = end.__name__.replace("_", "-")
    led.lab_server.begin(city)
    led.open(STRATEGY)
    form = led.form("KF1.Q5")
    form.get_by_label("2 · ").check()
    led.status(form, SAVED)
    comment = form.get_by_role("textbox", name="Comment")
    comment.fill("Typed before the end")
    top = form.bounding_box()["y"]
    form.evaluate("(form) => { form.dataset.old = 'yes'; }")
    end(led)
    again = led.page.locator('form[aria-label="Answer to KF1.Q5"]:not([data-old])')
    again.wait_for()
    assert again.get_by_label("2 · ").is_checked()
    assert again.get_by_role("textbox", name="Comment").input_value() == "Typed before the end"
    led.lab_server.until(lambda: comment_of(led, city) == "Typed before the end")
    led.lab_server.until(lambda: abs(again.bounding_box()["y"] - top) < 50)  # where it was, as soon as all is drawn
    assert led.page.locator(".jp-Dialog").count() == 0
    if end is not restart_from_the_menu:  # whose dialog took the keyboard
        led.at("KF1.Q5")
        led.page.keyboard.type(", and after it")  # where the cursor was
        led.lab_server.until(lambda: comment_of(led, city) == "Typed before the end, and after it")
    again.get_by_label("3 · ").check()
    led.status(again, SAVED)
    assert led.lab_server.level(city, "KF1.Q5") == 3


def test_new_round_begins_with_one_button_and_is_confirmed_with_one_key_each(led: Led) -> None:
    """Last time's answers stand beside; they count as open until they are confirmed."""
    city = "rounds"
    led.lab_server.begin(city)
    led.lab_server.say(city, "KF1.Q1", rated(2, "As adopted."))
    led.lab_server.say(city, "KF1.Q2", dont_know("Asked."))
    led.open(START)
    led.page.get_by_role("button", name="Start 2027 from 2026").click()
    led.at("KF1.Q1")
    led.panel.get_by_text("0 of 40 questions answered").wait_for()
    led.question("KF1.Q1", "to confirm").wait_for()
    form = led.form("KF1.Q1")
    form.get_by_text("2 · partly in place").first.wait_for()
    assert form.get_by_text("As adopted.").is_visible()
    assert form.locator("input:checked").count() == 0
    led.page.keyboard.press("Enter")
    led.at("KF1.Q2")
    led.page.keyboard.press("Enter")
    led.at("KF1.Q3")
    led.panel.get_by_text("2 of 40 questions answered").wait_for()
    begun = led.lab_server.store.load(city, "2027")
    assert begun.answer("KF1.Q1").level == 2  # type: ignore[union-attr]
    assert begun.answer("KF1.Q1").comment == "As adopted."  # type: ignore[union-attr]
    assert begun.answer("KF1.Q2").state == "dont_know"  # type: ignore[union-attr]
    assert led.lab_server.level(city, "KF1.Q1") == 2


def test_forms_of_the_city_before_take_no_answer(led: Led) -> None:
    """From the moment that another city is open until the cells have run again."""
    city = "before"
    led.lab_server.begin(city)
    led.open(STRATEGY)
    led.form("KF1.Q1")
    assert led.page.evaluate(USABLE) > 0
    another = "document.dispatchEvent(new CustomEvent('citygrow:opened'))"
    assert led.page.evaluate(f"() => {{ {another}; return ({USABLE})(); }}") == 0
    led.page.wait_for_function(f"() => ({USABLE})() >= 6")
    form = led.form("KF1.Q1")
    form.get_by_label("2 · ").check()
    led.status(form, SAVED)
    assert led.lab_server.level(city, "KF1.Q1") == 2


def test_what_was_typed_into_the_citys_form_survives_a_reload(led: Led) -> None:
    city = "unnamed"
    led.lab_server.begin(city)
    led.open(START)
    field = led.page.get_by_role("textbox", name="Inhabitants")
    field.fill("41 200")
    led.visit(START)
    assert led.page.get_by_role("textbox", name="Inhabitants").input_value() == "41 200"
    led.page.get_by_role("button", name="Save the city").click()
    led.page.get_by_text("Saved. Go on to the next workbook.").wait_for()
    assert led.lab_server.on_disk(city).city.population == 41200
    led.lab_server.store.save(
        led.lab_server.on_disk(city).model_copy(
            update={"city": led.lab_server.on_disk(city).city.model_copy(update={"population": 9})}
        ),
        led.lab_server.on_disk(city),
    )
    led.open(START)
    assert led.page.get_by_role("textbox", name="Inhabitants").input_value() == "9"


def test_draft_does_not_overwrite_what_was_changed_and_changed_back(led: Led) -> None:
    """What a closing page left behind began with an answer that somebody has given anew since."""
    city = "changed-back"
    led.lab_server.begin(city)
    led.lab_server.say(city, "KF1.Q1", rated(1))
    led.open(STRATEGY)
    form = led.form("KF1.Q1")
    document = led.lab_server.document(city)
    content = document.read_bytes()
    document.write_bytes(b"")
    form.get_by_label("3 · ").check()
    led.status(form, "Not saved")
    led.close()
    document.write_bytes(content)
    led.page.wait_for_timeout(1100)  # times of change are whole seconds
    led.lab_server.say(city, "KF1.Q1", rated(2))
    led.lab_server.say(city, "KF1.Q1", rated(1))
    led.open(STRATEGY)
    form = led.form("KF1.Q1")
    led.status(form, "changed elsewhere")
    assert led.lab_server.level(city, "KF1.Q1") == 1
    form.get_by_role("button", name="Keep mine").click()
    led.status(form, SAVED)
    assert led.lab_server.level(city, "KF1.Q1") == 3


def test_guide_leads_in_notebook_7_too(led: Led) -> None:
    """There each workbook has a window of its own, which runs by itself and begins with what was asked for."""
    led.lab_server.begin("notebook-7")
    led.visit(STRATEGY, app="notebooks")
    form = led.form("KF1.Q1")
    form.get_by_label("2 · ").check()
    led.status(form, SAVED)
    led.panel.get_by_text("1 of 40 questions answered").wait_for()
    assert led.page.locator(".jp-NotebookPanel .jp-Toolbar").locator("visible=true").count() == 0
    led.page.keyboard.press("Control+Enter")
    led.at("KF1.Q2")
    led.form("KF1.Q3").evaluate("(form) => { form.dataset.old = 'yes'; }")
    kill_the_kernel(led)
    led.page.locator('form[aria-label="Answer to KF1.Q3"]:not([data-old])').wait_for()
    form = led.form("KF1.Q3")
    form.get_by_label("1 · ").check()
    led.status(form, SAVED)
    led.panel.get_by_text("Mapping", exact=True).click()
    with led.page.context.expect_page() as opened:
        led.question("KF2.Q3", "open").click()
    led.page.close()
    led.page = opened.value
    led.at("KF2.Q3")


VIEWS = {"Light": "JupyterLab Light", "Dark": "JupyterLab Dark", "contrast": "JupyterLab Dark High Contrast"}


@pytest.mark.parametrize("theme", VIEWS)
def test_panel_and_forms_have_no_violation(led: Led, theme: str) -> None:
    """In light, dark and high contrast, with every state of a question, and with the question whether to run."""
    city = f"axe-{theme.lower()}"
    led.lab_server.begin(city)
    led.lab_server.say(city, "KF1.Q1", rated(2, "As adopted."))
    led.lab_server.say(city, "KF1.Q2", dont_know("Asked."))
    known = led.lab_server.on_disk(city)
    led.lab_server.store.create(known.model_copy(update={"round": "2027", "responses": {}}))
    after = led.lab_server.store.load(city, "2027").with_answer("KF1.Q3", not_applicable("None."))
    for number in range(5):
        after = after.with_answer("KF1.Q4", rated(number % 3), f"office-{number}")
    led.lab_server.store.save(after.with_answer("KF1.Q5", rated(1)), led.lab_server.store.load(city, "2027"))
    led.open(STRATEGY)
    led.form("KF1.Q6")
    for state in ("to confirm", "does not apply", "disputed", "answered", "open"):
        led.panel.locator("button[data-code]", has_text=re.compile(f", {state}")).first.wait_for()
    led.page.evaluate("(theme) => jupyterapp.commands.execute('apputils:change-theme', {theme})", VIEWS[theme])
    led.page.wait_for_function(f"document.body.dataset.jpThemeName === '{VIEWS[theme]}'")
    led.page.wait_for_selector("#jupyterlab-splash", state="detached")
    led.page.get_by_text("What good looks like, and why it matters").click()
    for summary in led.page.locator(".cgw-practices summary").all():
        summary.click()
    for scope in (".cgg", ".cgw"):
        violations(led, theme, scope)  # type: ignore[arg-type]
