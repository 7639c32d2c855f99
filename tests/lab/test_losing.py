"""The server or the page is lost in mid-answer: nothing that was typed is, and nothing of anybody else's either."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.factories import rated
from tests.lab.lab_server import SAVED, Analyst, LabServer

pytestmark = pytest.mark.slow


FOUR = tuple(f'question("KF1.Q{number}")' for number in range(1, 5))


def test_answers_outlive_their_server(doomed: Analyst, tmp_path: Path) -> None:
    """With the server dead all that was typed can be downloaded, and restored on a server that knows nothing of it."""
    lab_server, page = doomed.lab_server, doomed.page
    doomed.work(lab_server.leaflet("lost", *FOUR))
    lab_server.say("lost", "KF1.Q4", rated(2))
    form = doomed.form("KF1.Q1")
    form.get_by_label("1 · ").check()
    doomed.status(form, SAVED)
    taken = doomed.form("KF1.Q4")
    taken.get_by_label("2 · ").and_(page.locator(":checked")).wait_for()
    lab_server.kill()
    doomed.form("KF1.Q2").get_by_label("3 · ").check()
    taken.get_by_role("button", name="Take this answer back").click()
    doomed.form("KF1.Q3").get_by_role("textbox", name="Comment").fill("No level yet.")
    page.get_by_text("3 changes are not saved").wait_for()
    head = page.locator(".cgw-session")
    doomed.reach(head)
    with page.expect_download() as download:
        head.get_by_role("link", name="Download my answers").click()
    file = tmp_path / download.value.suggested_filename
    download.value.save_as(file)
    doomed.status(doomed.form("KF1.Q2"), "does not answer")
    assert doomed.form("KF1.Q2").get_by_label("3 · ").is_checked()

    shutil.rmtree(lab_server.document("lost").parent)
    lab_server.start()
    doomed.open("00-start.ipynb", anew=True)  # which the guide runs
    upload = page.get_by_label("Go on from answers you downloaded")
    doomed.reach(upload)
    upload.set_input_files(file)
    page.locator(".cgw-status").filter(has_text="taken over").wait_for()
    assert [lab_server.level("lost", f"KF1.Q{n}") for n in (1, 2, 3, 4)] == [1, 3, None, None]
    assert list(lab_server.on_disk("lost").respondents) == ["agreed"]

    # The comment without a level is still in this browser.
    doomed.work(lab_server.leaflet("lost"))
    third = doomed.form("KF1.Q3")
    doomed.status(third, "choose a level")
    assert third.get_by_role("textbox", name="Comment").input_value() == "No level yet."


def test_typing_is_there_again_after_a_reload_when_the_server_was_lost(doomed: Analyst) -> None:
    """An answer, a context reading and an action given while the server was away are saved once it is back."""
    lab_server, page = doomed.lab_server, doomed.page
    doomed.work(lab_server.leaflet("back", 'question("KF1.Q1")', 'context("CF2")', "actions()"))
    lab_server.kill()
    answer, reading = doomed.form("KF1.Q1"), doomed.form("CF2")
    actions = page.get_by_role("form", name="Action plan")
    answer.get_by_role("textbox", name="Comment").fill("Typed into the void.")
    answer.get_by_label("2 · ").check()
    reading.get_by_label("strongly hindering").check()
    actions.get_by_role("button", name="Add an action").click()
    actions.get_by_label("What will be done").fill("Ask the bank")
    page.get_by_text("3 changes are not saved").wait_for()
    assert lab_server.on_disk("back").responses == {}

    lab_server.start()
    doomed.loaded = False
    doomed.work(lab_server.leaflet("back"))
    for form in (answer, reading, actions):
        doomed.status(form, SAVED)
    saved = lab_server.on_disk("back")
    assert saved.answer("KF1.Q1") is not None
    assert saved.answer("KF1.Q1").says_the_same(rated(2, "Typed into the void."))  # type: ignore[union-attr]
    assert saved.context["CF2"].direction == -2
    assert [action.what for action in saved.actions] == ["Ask the bank"]


def leave_draft(analyst: Analyst, lab_server: LabServer, slug: str, level: int, code: str = "KF1.Q1") -> None:
    """Choose a level that cannot be saved, and leave the workbook."""
    document = lab_server.document(slug)
    content = document.read_bytes()
    document.write_bytes(b"")
    form = analyst.form(code)
    form.get_by_label(f"{level} · ").check()
    analyst.status(form, "Not saved")
    analyst.put_away()
    document.write_bytes(content)


def test_old_typing_never_overwrites_a_newer_answer_of_somebody_else(analyst: Analyst, lab_server: LabServer) -> None:
    """A draft and an answer that has changed since end as a visible clash, with the other's answer on disk."""
    analyst.work(lab_server.leaflet("stale", *FOUR))
    form = analyst.form("KF1.Q1")
    form.get_by_label("0 · ").check()
    analyst.status(form, SAVED)
    leave_draft(analyst, lab_server, "stale", 3)
    lab_server.say("stale", "KF1.Q1", rated(1, "Decided in June."))

    analyst.loaded = False
    analyst.work(lab_server.leaflet("stale", *FOUR))
    form = analyst.form("KF1.Q1")
    said = analyst.status(form, "somebody else")
    assert "level 3" in said
    assert "Decided in June." in said
    assert lab_server.level("stale", "KF1.Q1") == 1
    form.get_by_role("button", name="Take the other").click()
    assert form.get_by_label("1 · ").is_checked()

    analyst.put_away()
    analyst.work(lab_server.leaflet("stale", *FOUR))
    form = analyst.form("KF1.Q1")
    assert form.get_by_label("1 · ").is_checked()
    assert form.locator(".cgw-status").inner_text() == ""  # nothing is left of the draft


def test_typing_that_says_the_same_as_the_newer_answer_is_no_clash(analyst: Analyst, lab_server: LabServer) -> None:
    """Where both came to the same answer nobody is asked anything."""
    analyst.work(lab_server.leaflet("agree", *FOUR))
    leave_draft(analyst, lab_server, "agree", 2)
    lab_server.say("agree", "KF1.Q1", rated(2))
    analyst.work(lab_server.leaflet("agree", *FOUR))
    analyst.status(analyst.form("KF1.Q1"), SAVED)


def test_an_answer_taken_back_stays_so_over_a_reload(analyst: Analyst, lab_server: LabServer) -> None:
    """Taking an answer back is something typed, too."""
    analyst.work(lab_server.leaflet("back-again", *FOUR))
    lab_server.say("back-again", "KF1.Q1", rated(2))
    form = analyst.form("KF1.Q1")
    form.get_by_label("2 · ").and_(analyst.page.locator(":checked")).wait_for()
    document = lab_server.document("back-again")
    content = document.read_bytes()
    document.write_bytes(b"")
    form.get_by_role("button", name="Take this answer back").click()
    analyst.status(form, "Not saved")
    analyst.put_away()
    document.write_bytes(content)
    analyst.work(lab_server.leaflet("back-again", *FOUR))
    form = analyst.form("KF1.Q1")
    analyst.status(form, SAVED)
    assert form.locator(":checked").count() == 0
    assert lab_server.on_disk("back-again").answer("KF1.Q1") is None


def test_typing_is_never_shown_for_another_city_or_respondent(analyst: Analyst, lab_server: LabServer) -> None:
    """What was typed for one city's agreed answer appears in no other city's form and under no other name."""
    analyst.work(lab_server.leaflet("one-city", *FOUR))
    leave_draft(analyst, lab_server, "one-city", 3)
    document = lab_server.document("one-city")
    content = document.read_bytes()

    analyst.work(lab_server.leaflet("other-city", *FOUR))
    form = analyst.form("KF1.Q1")
    assert form.locator("input:checked").count() == 0
    assert lab_server.on_disk("other-city").answer("KF1.Q1") is None
    analyst.put_away()

    document.write_bytes(content)
    file = lab_server.leaflet("one-city", *FOUR)
    analyst.open(file)
    analyst.run_all()
    analyst.status(analyst.form("KF1.Q1"), SAVED)
    head = analyst.page.locator(".cgw-session")
    document.write_bytes(b"")
    form = analyst.form("KF1.Q2")
    form.get_by_label("1 · ").check()
    analyst.status(form, "Not saved")
    document.write_bytes(content)
    analyst.reach(head)
    head.get_by_label("I answer as").select_option(label="Somebody else …")
    head.get_by_label("Department, partner or role").fill("Chamber")
    head.get_by_role("button", name="Answer as this one").click()
    analyst.page.get_by_role("group", name="Chamber: answer to KF1.Q2").wait_for()
    form = analyst.form("KF1.Q2")
    assert form.locator("input:checked").count() == 0
    assert lab_server.on_disk("one-city").answer("KF1.Q2", "chamber") is None

    # Back to the agreed answer the typing is there again, and saved.
    head.get_by_label("I answer as").select_option(value="agreed")
    form.get_by_role("group", name="Your answer to KF1.Q2").wait_for()
    analyst.status(form, SAVED)
    assert lab_server.level("one-city", "KF1.Q2") == 1
    assert lab_server.on_disk("one-city").answer("KF1.Q2", "chamber") is None


def test_notebook_that_is_reopened_and_saved_keeps_the_answers(analyst: Analyst, lab_server: LabServer) -> None:
    """Saving the notebook, opening it without running it, and saving it again costs no answer."""
    file = lab_server.leaflet("reopened", *FOUR)
    analyst.open(file)
    analyst.run_all()
    form = analyst.form("KF1.Q1")
    form.get_by_label("2 · ").check()
    analyst.status(form, SAVED)
    content = lab_server.document("reopened").read_bytes()
    for _ in range(2):
        analyst.page.evaluate("jupyterapp.commands.execute('docmanager:save')")
        analyst.put_away()
        analyst.open(file)
    assert lab_server.document("reopened").read_bytes() == content
    analyst.run_all()
    assert analyst.form("KF1.Q1").get_by_label("2 · ").is_checked()


def test_closed_workbook_gives_its_memory_back(analyst: Analyst, lab_server: LabServer) -> None:
    """Closing a workbook's tab ends its kernel, which Binder's memory needs, and what was typed last is saved."""
    before = lab_server.kernels()
    analyst.work(lab_server.leaflet("closed", *FOUR))
    [kernel] = [kernel for kernel in lab_server.kernels() if kernel not in before]
    form = analyst.form("KF1.Q1")
    form.get_by_label("2 · ").check()
    form.get_by_role("textbox", name="Comment").fill("Typed and closed at once.")
    analyst.page.evaluate("() => { jupyterapp.shell.currentWidget.context.model.dirty = false; }")
    analyst.page.keyboard.press("Alt+w")
    kernel.wait(timeout=60)
    analyst.at = ""
    analyst.work(lab_server.leaflet("closed"))
    analyst.status(analyst.form("KF1.Q1"), SAVED)


def test_two_windows_on_one_workbook_stay_in_step(analyst: Analyst, lab_server: LabServer) -> None:
    """Two browser tabs with the same kernel show the same answers, whichever was used, also after running all again."""
    file = lab_server.leaflet("two-windows", *FOUR)
    analyst.open(file)
    analyst.run_all()
    analyst.page.evaluate("jupyterapp.commands.execute('docmanager:save')")
    second = Analyst(analyst.page.context, lab_server)
    second.load(window="two")
    second.open(file)
    second.page.locator('form[aria-label$=" KF1.Q1"]').wait_for()

    def in_step(code: str, level: int, giving: Analyst, taking: Analyst) -> None:
        form = giving.form(code)
        form.get_by_label(f"{level} · ").check()
        giving.status(form, SAVED)
        taking.form(code).get_by_label(f"{level} · ").and_(taking.page.locator(":checked")).wait_for()

    in_step("KF1.Q1", 1, analyst, second)
    in_step("KF1.Q1", 2, second, analyst)
    in_step("KF1.Q1", 3, analyst, second)
    second.run_all()
    in_step("KF1.Q2", 0, analyst, second)
    in_step("KF1.Q2", 2, second, analyst)
    assert [lab_server.level("two-windows", f"KF1.Q{n}") for n in (1, 2)] == [3, 2]
    second.page.close()
