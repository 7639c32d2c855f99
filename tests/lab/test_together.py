"""Several people on one city: whoever answers stays who they are, and nobody's answer is overwritten unseen."""

from __future__ import annotations

import pytest

from tests.factories import rated
from tests.lab.lab_server import SAVED, Analyst, LabServer

pytestmark = pytest.mark.slow


def test_department_goes_on_as_itself_after_a_kernel_restart(analyst: Analyst, lab_server: LabServer) -> None:
    """Or its answers would become the city's agreed ones, which score and hide all others."""
    page = analyst.page
    analyst.work(lab_server.leaflet("department", 'question("KF1.Q1")'))
    head = page.locator(".cgw-session")
    analyst.reach(head)
    head.get_by_label("I answer as").select_option(label="Somebody else …")
    head.get_by_label("Department, partner or role").fill("Chamber")
    head.get_by_role("button", name="Answer as this one").click()
    theirs = page.get_by_role("group", name="Chamber: answer to KF1.Q1")
    theirs.wait_for()
    form = analyst.form("KF1.Q1")
    form.get_by_label("1 · ").check()
    analyst.status(form, SAVED)
    page.evaluate("jupyterapp.shell.currentWidget.sessionContext.restartKernel()")
    analyst.idle()
    analyst.run_all()
    theirs.wait_for()
    form.get_by_label("2 · ").check()
    analyst.status(form, SAVED)
    saved = lab_server.on_disk("department")
    assert saved.answer("KF1.Q1") is None
    assert saved.answer("KF1.Q1", "chamber").level == 2  # type: ignore[union-attr]


def test_whoever_changes_nothing_after_all_sees_what_was_saved_meanwhile(
    analyst: Analyst, lab_server: LabServer
) -> None:
    """A comment is begun and taken away again, while somebody else answers: their answer appears."""
    analyst.work(lab_server.leaflet("meanwhile", 'question("KF1.Q2")'))
    form = analyst.form("KF1.Q2")
    comment = form.get_by_role("textbox", name="Comment")
    comment.fill("Half a")
    analyst.status(form, "choose a level")
    lab_server.say("meanwhile", "KF1.Q2", rated(1))
    comment.fill("")
    analyst.status(form, "Changed elsewhere")
    assert form.get_by_label("1 · ").is_checked()
    assert lab_server.level("meanwhile", "KF1.Q2") == 1


def test_link_to_an_open_question_leads_to_its_form(analyst: Analyst, lab_server: LabServer) -> None:
    analyst.work(lab_server.leaflet("links", 'question("KF1.Q3")', 'scorecard("KF1")'))
    lab_server.say("links", "KF1.Q1", rated(1))
    analyst.form("KF1.Q3")
    analyst.page.get_by_text("How the score comes about, and what is open").click()
    link = analyst.page.locator(".cg-scorecard").get_by_role("link", name="KF1.Q3")
    analyst.reach(link)
    link.click()
    inside = "document.activeElement.closest('form')?.getAttribute('aria-label')"
    analyst.page.wait_for_function(f"{inside} === 'Answer to KF1.Q3'")
