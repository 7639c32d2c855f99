"""What an analyst does works on the site, and stays in the browser: driven in a real one."""

from __future__ import annotations

import json
import re
import threading
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from citygrow_nb import answers
from citygrow_nb.cli.entry import cli
from citygrow_nb.model import Assessment, Benchmark
from tests.lab.lab_server import SAVED
from tests.proof import times
from tests.site.conftest import PATIENCE, Visitor

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]

KILLS, PARTICIPANTS = times(1, 20), times(2, 30)

FULL = """() => {
  self.put = IDBObjectStore.prototype.put;
  IDBObjectStore.prototype.put = () => { throw new DOMException("no room", "QuotaExceededError"); };
}"""
FORBIDDEN = '() => { indexedDB.open = () => { throw new DOMException("not allowed", "SecurityError"); }; }'


def name_city(page: Any, name: str) -> None:
    """Name a city in the first workbook, which is open, and go on to the first key factor."""
    form = page.locator('form[aria-label="The city"]')
    form.get_by_label("City", exact=True).fill(name)
    form.get_by_label("Country").select_option("PL")
    form.get_by_label("Round").fill("2026")
    form.get_by_label("Round").press("Enter")


def choose(page: Any, code: str, level: int, comment: str = "") -> None:
    """Answer a question, and wait until it is said to be saved."""
    form = page.locator(f'.jp-NotebookPanel:visible form[aria-label="Answer to {code}"]')
    form.locator(f'input[type=radio][value="{level}"]').check()
    if comment:
        form.get_by_role("textbox", name="Comment").fill(comment)
        form.get_by_role("textbox", name="Comment").press("Tab")
    form.locator(".cgw-status").filter(has_text=re.compile(SAVED)).wait_for()


def downloaded(page: Any, benchmark: Benchmark) -> Assessment:
    """Return what the link to download answers gives."""
    with page.expect_download() as download:
        page.get_by_role("region", name="Guide").get_by_role("button", name="Download my answers").click()
    return answers.parse(Path(download.value.path()).read_bytes(), "download", benchmark)


def begun(visitor: Visitor, name: str = "Żabia Góra") -> Any:
    """Return the window of somebody who has named a city, with the first key factor open."""
    page = visitor.open("00-start.ipynb")
    name_city(page, name)
    page.locator('.jp-NotebookPanel:visible form[aria-label="Answer to KF1.Q1"]').wait_for()
    return page


def without_versions(report: bytes) -> list[bytes]:
    """Return the lines of a report but for the one that names the versions of libraries."""
    lines = report.splitlines()
    kept = [line for line in lines if b"papermill" not in line]
    assert len(kept) == len(lines) - 1
    return kept


def report_of(folder: Path, document: bytes) -> bytes:
    """Return the report in one file that the batch makes of a document."""
    (folder / "file.json").write_bytes(document)
    outcome = CliRunner().invoke(cli, ["batch", str(folder / "file.json"), "--out", str(folder / "out"), "--jobs", "1"])
    assert outcome.exit_code == 0, outcome.output
    (made,) = (folder / "out").rglob("report.html")
    return made.read_bytes()


def in_a_thread(work: Any) -> Any:
    """Do what starts an event loop of its own, which the thread of the browser has already."""
    found: list[Any] = []
    thread = threading.Thread(target=lambda: found.append(work()))
    thread.start()
    thread.join()
    return found[0]


def test_answers_are_there_after_the_browser_was_killed(visitor: Visitor, benchmark: Benchmark) -> None:
    """Whatever was said to be saved a moment before the browser is killed is there when it is started again."""
    page = begun(visitor)
    for number in range(KILLS):
        choose(page, "KF1.Q1", number % 4, f"Before kill {number}.")
        visitor.kill()
        visitor.start()
        page = visitor.open("01-strategy.ipynb")
        page.locator('form[aria-label="Answer to KF1.Q1"]').wait_for()
        answer = downloaded(page, benchmark).answer("KF1.Q1")
        assert answer is not None
        assert (answer.level, answer.comment) == (number % 4, f"Before kill {number}.")


def test_report_is_the_one_of_the_batch(visitor: Visitor, tmp_path: Path) -> None:
    """The report that is made in the browser has the bytes of the batch's, but for the versions of libraries."""
    page = begun(visitor)
    choose(page, "KF1.Q1", 2, "Seen <b>, ąęß.")
    guide = page.get_by_role("region", name="Guide")
    guide.get_by_role("button", name="Make the report").click()
    page.get_by_role("button", name="Make the HTML report").click()
    with page.expect_download() as download:
        page.get_by_role("link", name=re.compile(r"^Download .*-report\.html$")).click()
    report = Path(download.value.path()).read_bytes()
    with page.expect_download() as download:
        guide.get_by_role("button", name="Download my answers").click()
    document = Path(download.value.path()).read_bytes()
    made = in_a_thread(lambda: report_of(tmp_path, document))
    assert b"Seen &lt;b&gt;" in report
    assert without_versions(report) == without_versions(made)


def test_two_windows_do_not_undo_each_other(visitor: Visitor, benchmark: Benchmark) -> None:
    """Two workbooks in two windows save to one document, and each shows what the other has saved."""
    one = begun(visitor)
    other = visitor.open("02-mapping.ipynb")
    other.locator('form[aria-label="Answer to KF2.Q1"]').wait_for()
    for level in (0, 1, 2):
        one.locator(f'form[aria-label="Answer to KF1.Q{level + 1}"] input[value="{level}"]').check()
        other.locator(f'form[aria-label="Answer to KF2.Q{level + 1}"] input[value="{level}"]').check()
    for page, factor in ((one, "KF1"), (other, "KF2")):
        for level in (0, 1, 2):
            form = page.locator(f'form[aria-label="Answer to {factor}.Q{level + 1}"]')
            form.locator(".cgw-status").filter(has_text=re.compile(SAVED)).wait_for()
    found = downloaded(one, benchmark)
    for factor in ("KF1", "KF2"):
        for level in (0, 1, 2):
            answer = found.answer(f"{factor}.Q{level + 1}")
            assert answer is not None
            assert answer.level == level
    panel = one.get_by_role("region", name="Guide")
    panel.locator('button[data-code="KF2.Q3"]', has_text=", answered").wait_for(state="attached")


def test_refusals_of_the_browser_are_told_and_lose_nothing(visitor: Visitor, benchmark: Benchmark) -> None:
    """With no room left the form says so, and saves once there is; without storage the guide says so from the start."""
    page = begun(visitor)
    for kernel in page.workers:
        kernel.evaluate(FULL)
    form = page.locator('.jp-NotebookPanel:visible form[aria-label="Answer to KF1.Q1"]')
    form.locator('input[value="2"]').check()
    form.locator(".cgw-status").filter(has_text="there is no room left in it").wait_for()
    for kernel in page.workers:
        kernel.evaluate("() => { IDBObjectStore.prototype.put = self.put; }")
    form.get_by_role("button", name="Try again").click()
    form.locator(".cgw-status").filter(has_text=re.compile(SAVED)).wait_for()
    answer = downloaded(page, benchmark).answer("KF1.Q1")
    assert answer is not None
    assert answer.level == 2

    visitor.context.on("page", lambda page: page.on("worker", lambda kernel: kernel.evaluate(FORBIDDEN)))
    page = visitor.open("00-start.ipynb")
    page.get_by_role("status").filter(has_text="an ordinary window, not a private one").wait_for()
    page.locator('form[aria-label="The city"]').wait_for()


def test_files_of_participants_become_one_portfolio(visitor: Visitor, benchmark: Benchmark, tmp_path: Path) -> None:
    """What participants download is what the batch reads: a portfolio with all of them."""
    page = begun(visitor, "City 1")
    folder = tmp_path / "files"
    folder.mkdir()
    for number in range(1, PARTICIPANTS + 1):
        choose(page, "KF1.Q1", number % 4)
        found = downloaded(page, benchmark)
        assert found.city.name == f"City {number}"
        (folder / f"{found.city.slug}.json").write_bytes(answers.dump(found))
        if number < PARTICIPANTS:
            page.get_by_role("region", name="Guide").get_by_role("button", name="Start", exact=True).click()
            name_city(page, f"City {number + 1}")
            page.get_by_role("button", name="Another city").click()
            page.get_by_role("heading", name=f"City {number + 1}").first.wait_for(timeout=PATIENCE)
            page.locator('.jp-NotebookPanel:visible form[aria-label="Answer to KF1.Q1"]').wait_for()
    command = ["batch", str(folder), "--out", str(tmp_path / "out")]
    outcome = in_a_thread(lambda: CliRunner().invoke(cli, command))
    assert outcome.exit_code == 0, outcome.output
    (portfolio,) = (tmp_path / "out").rglob("portfolio.json")
    assert len(json.loads(portfolio.read_bytes())["cities"]) == PARTICIPANTS


def test_what_a_killed_browser_kept_of_earlier_typing_is_not_shown_over_the_answer(
    visitor: Visitor, benchmark: Benchmark
) -> None:
    """A browser that is killed has kept what was typed for some seconds too long: the later answer stands."""
    page = begun(visitor)
    page.evaluate("() => { Storage.prototype.removeItem = () => {}; }")
    choose(page, "KF1.Q1", 0, "Earlier.")
    page.evaluate("() => { Storage.prototype.setItem = () => {}; }")
    choose(page, "KF1.Q1", 1, "Later.")
    kept = page.evaluate("() => Object.entries(localStorage).filter(([key]) => key.includes('KF1.Q1')).map(String)")
    assert len(kept) == 1
    assert "Earlier." in kept[0]
    page.close()

    page = visitor.open("01-strategy.ipynb")
    form = page.locator('form[aria-label="Answer to KF1.Q1"]')
    form.get_by_label("1 · ").and_(page.locator(":checked")).wait_for()
    assert form.get_by_role("textbox", name="Comment").input_value() == "Later."
    assert form.locator(".cgw-status").inner_text() == ""
    answer = downloaded(page, benchmark).answer("KF1.Q1")
    assert answer is not None
    assert (answer.level, answer.comment) == (1, "Later.")
