"""The analyst's afternoon, by keyboard alone: name a city, answer everything, add an action, make the report.

Nothing is clicked, no menu is opened, no script sets a value: keys are pressed, and what the page shows is read. Only
the address of the first workbook is opened; from there on *next open question* leads, through all workbooks.
"""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from citygrow_nb.model import Answer, Benchmark
from citygrow_nb.plan import WorkbookName, plan
from tests.factories import dont_know, not_applicable, rated
from tests.lab.lab_server import CELLS, SAVED, LabServer

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]

NAME, SLUG = "Nowe Żórawie", "nowe-zorawie"
MANY_TABS = 90
"""More stops than any workbook has, with JupyterLab's own."""

# What has the keyboard: the form it belongs to, what it is, and its name.
FOCUS = """() => {
  const element = document.activeElement;
  const form = element.closest('form, [role=group][aria-label]:not(form *), section[aria-label]');
  const name = element.labels?.[0]?.textContent ?? element.getAttribute('aria-label') ?? element.textContent;
  return {
    form: form?.getAttribute('aria-label') ?? '', type: element.type || element.tagName, name: name.trim().slice(0, 60),
  };
}"""


@dataclass
class Keyboard:
    """Hands on a keyboard, and eyes on the page."""

    page: Any

    def press(self, *keys: str) -> None:
        """Press keys one after the other."""
        for key in keys:
            self.page.keyboard.press(key)

    def type(self, text: str) -> None:
        """Type a text letter by letter."""
        self.page.keyboard.type(text)

    def go_to(self, name: str = "", *, form: str = "", kind: str = "") -> None:
        """Press Tab until the wanted control has the keyboard."""
        seen = []
        for _ in range(MANY_TABS):
            at = self.page.evaluate(FOCUS)
            seen.append(tuple(at.values()))
            if at["form"] == form and (not kind or at["type"] == kind) and re.match(name, at["name"]):
                return
            self.press("Tab")
        raise AssertionError(f"Tab does not lead to “{name}” of “{form}”, but to {seen}")

    def fill(self, label: str, text: str, form: str) -> None:
        """Go to a text field and type into it."""
        self.go_to(label, form=form)
        self.type(text)

    def next_open(self, form: str) -> None:
        """Go to the next open question, and wait until the keyboard is in the form that it must be."""
        self.press("Control+Enter")
        inside = f"document.activeElement?.closest('form')?.getAttribute('aria-label') === '{form}'"
        try:
            self.page.wait_for_function(inside)
        except Exception as error:
            raise AssertionError(f"not at “{form}”, but at {self.page.evaluate(FOCUS)}") from error

    def cells(self) -> list[str]:
        """Return the cells of the notebook in order, with their text."""
        found: list[str] = self.page.evaluate(CELLS)
        return found

    def saved(self, form: str) -> None:
        """Wait until a form says that its answer is saved."""
        said = self.page.locator(f'.jp-NotebookPanel:visible form[aria-label="{form}"] .cgw-status')
        said.filter(has_text=re.compile(SAVED)).first.wait_for()


def given(number: int, code: str) -> Answer:
    """Return what the analyst answers to one of the questions."""
    if number % 8 == 5:
        return dont_know(f"Asked the office about {code}.")
    if number % 9 == 7:
        return not_applicable(f"No such thing here ({code}).")
    proof = [{"title": f"Minutes {number}", "url": f"https://example.org/{code}?a=1&b=2"}] if number % 4 == 0 else []
    return rated(number % 4, f"Seen in {code}, ąęß <b>." if number % 2 else "", evidence=proof)


def answer(keyboard: Keyboard, code: str, wanted: Answer) -> None:
    """Answer one question by keyboard."""
    form = f"Answer to {code}"
    if wanted.level is not None:
        keyboard.press(str(wanted.level))
    else:
        keyboard.press("3", *["ArrowDown"] * {"dont_know": 1, "not_applicable": 2}[wanted.state])
    if wanted.comment:
        keyboard.fill("Reason" if wanted.state == "not_applicable" else "Comment", wanted.comment, form)
    for proof in wanted.evidence:
        keyboard.go_to("Add evidence", form=form)
        keyboard.press("Enter")
        keyboard.fill("Title", proof.title, form)
        keyboard.fill("Link", proof.url, form)
    keyboard.press("Tab")
    keyboard.saved(form)


class Page(HTMLParser):
    """What a reader finds on a page: its text, and where its links lead."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.links: list[str] = []
        self.skipping = False
        self.feed(html)
        self.text = " ".join(" ".join(self.words).split())

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.skipping = tag in ("style", "script")
        self.links += [value for name, value in attributes if tag == "a" and name == "href" and value]

    def handle_data(self, data: str) -> None:
        if not self.skipping:
            self.words.append(data)

    def handle_endtag(self, tag: str) -> None:
        self.skipping = False


@pytest.fixture
def keyboard(context: Any) -> Iterator[Keyboard]:
    page = context.new_page()
    yield Keyboard(page)
    page.close()


def test_whole_afternoon_by_keyboard_alone(
    keyboard: Keyboard, benchmark: Benchmark, tmp_path_factory: pytest.TempPathFactory, tmp_path: Path
) -> None:
    """Forty answers, ten readings and an action, given with nothing but keys, all stand in the report."""
    lab_server = LabServer(tmp_path_factory.mktemp("afternoon"), benchmark, cold=True)
    lab_server.start()
    try:
        afternoon(keyboard, benchmark, lab_server, tmp_path / "report.zip")
    finally:
        lab_server.kill()


def afternoon(keyboard: Keyboard, benchmark: Benchmark, lab_server: LabServer, file: Path) -> None:
    page, workbooks = keyboard.page, plan(benchmark)
    answers = {code: given(number, code) for number, code in enumerate(benchmark.questions)}
    assert {item.state for item in answers.values()} == {"rated", "dont_know", "not_applicable"}

    made = {name.file: cells_of(lab_server, name) for name in workbooks}

    page.goto(lab_server.url(f"doc/tree/{lab_server.path('00-start.ipynb')}"))
    everything(keyboard, benchmark, answers)

    assert keyboard.cells() == made[workbooks[12].file]
    assert {name.file: cells_of(lab_server, name) for name in workbooks} == made
    saved = lab_server.on_disk(SLUG)
    assert (saved.city.name, saved.city.country, saved.city.population) == (NAME, "PL", 41200)
    for code, wanted in answers.items():
        assert wanted.says_the_same(saved.answer(code)), code
    assert [saved.context[code].direction for code in benchmark.contexts] == [number % 5 - 2 for number in range(10)]

    keyboard.go_to("Make the HTML report", form="Report and downloads")
    keyboard.press("Enter")
    page.locator(f'a:focus:has-text("Download {SLUG}-2026-report.zip")').wait_for(timeout=280_000)
    with page.expect_download() as download:
        keyboard.press("Enter")
    download.value.save_as(file)
    check_report(file, benchmark, answers)


def everything(keyboard: Keyboard, benchmark: Benchmark, answers: dict[str, Answer]) -> None:
    """Name the city in the first workbook, which is open, and go on to the end: answers, readings, an action."""
    page, first = keyboard.page, next(iter(answers))
    page.locator('form[aria-label="The city"] input:focus').wait_for()
    for label, text in (("City", NAME), ("Country", "Pol"), ("Inhabitants", "41 200")):
        keyboard.fill(label, text, "The city")
    keyboard.go_to("Round", form="The city")
    keyboard.press("Control+A")
    keyboard.type("2026")
    keyboard.press("Enter")

    for code, wanted in answers.items():
        if code != first:
            keyboard.next_open(f"Answer to {code}")
        else:
            page.wait_for_function("document.activeElement?.closest('form')?.ariaLabel === 'Answer to KF1.Q1'")
        answer(keyboard, code, wanted)
    for number, code in enumerate(benchmark.contexts):
        form = f"Reading of {code}"
        keyboard.next_open(form)
        keyboard.press("Space", *["ArrowDown"] * (number % 5))
        keyboard.fill("Comment", f"Ground of {code} & more.", form)
        keyboard.go_to(f"KF{1 + number % 9}", form=form, kind="checkbox")
        keyboard.press("Space", "Tab")
        keyboard.saved(form)

    keyboard.press("Control+Enter")  # nothing is open any more: the results
    page.get_by_role("heading", name="Action plan").wait_for()
    page.locator(".cgw-exports").wait_for()
    page.locator(".jp-NotebookPanel:visible .jp-Cell:focus").wait_for(state="attached")
    keyboard.go_to("Add an action", form="Action plan")
    keyboard.press("Enter")
    for label, text in (
        ("What", "Adopt a strategy"),
        ("Who", "The council"),
        ("By when", "June 2027"),
        ("With", "12 000 €"),
        ("How", "It is adopted"),
    ):
        keyboard.fill(label, text, "Action plan")
    keyboard.go_to("For which", form="Action plan")
    keyboard.press("Space", "Tab")
    keyboard.saved("Action plan")


def cells_of(lab_server: LabServer, name: WorkbookName) -> list[str]:
    """Return the cells of a workbook in order, with their text, as its file has them."""
    cells = json.loads((lab_server.workbooks / name.file).read_bytes())["cells"]
    return [f"{cell['id']}: {''.join(cell['source'])}" for cell in cells]


def check_report(file: Path, benchmark: Benchmark, answers: dict[str, Answer]) -> None:
    """Fail unless the report's pages hold everything that was said."""
    with zipfile.ZipFile(file) as archive:
        pages = {Path(name).name: Page(archive.read(name).decode()) for name in archive.namelist()}
    workbooks = plan(benchmark)
    assert {"index.html", *(name.file.replace(".ipynb", ".html") for name in workbooks[:12])} <= set(pages)
    assert NAME in pages["00-start.html"].text
    for name in workbooks:
        if name.kind != "factor":
            continue
        page = pages[f"{name.stem}.html"]
        for question in benchmark.factors[name.code].questions:
            wanted = answers[question.code]
            # The question's own part of the page: from its heading to the next.
            part = page.text.split("Questions and answers", 1)[1].split(f"{question.code} {question.text}", 1)[1]
            part = re.split(r"KF\d+\.Q\d+ |Where the city stands", part)[0]
            said = question.levels[wanted.level] if wanted.level is not None else ""
            words = {"dont_know": "Nobody knows yet", "not_applicable": "oes not apply"}.get(wanted.state, "")
            for text in (said, words, wanted.comment, *(proof.title for proof in wanted.evidence)):
                assert text.lower() in part.lower(), (question.code, text, part)
            for proof in wanted.evidence:
                assert proof.url in page.links
    for number, factor in enumerate(benchmark.contexts.values()):
        text = pages["10-context-factors.html"].text
        assert f"Ground of {factor.code} & more." in text
        assert benchmark.scale.directions[number % 5].name in text.split(f"{factor.code} {factor.title}")[1].lower()
    for text in ("Adopt a strategy", "The council", "June 2027", "12 000 €", "It is adopted", next(iter(answers))):
        assert text in pages["12-results.html"].text
