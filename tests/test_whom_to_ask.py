"""Whom to ask: each department gets just its open questions, and what it fills in can be imported as it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from citygrow_nb import tables, whom_to_ask
from citygrow_nb.model import Benchmark, Respondent
from tests import checking
from tests.factories import HOSTILE, assessment_of, dont_know, rated
from tests.looking import in_views, violations


@pytest.fixture
def sheets(tmp_path: Path, benchmark: Benchmark) -> list[Path]:
    """Return the pages for a city with a hostile name."""
    made = assessment_of(benchmark, name=HOSTILE[:100])
    return [path.with_suffix(".html") for _, path in whom_to_ask.write(tmp_path, benchmark, made)]


def test_each_gets_the_open_questions_that_it_knows(benchmark: Benchmark) -> None:
    """Named anywhere under “who knows”, whatever the case; not what it has answered itself."""
    made = assessment_of(benchmark)
    for code in benchmark.questions:
        made = made.with_answer(code, rated(1))
    opened = list(benchmark.questions)[:2]
    made = made.with_answer(opened[0], dont_know()).with_answer(opened[1], None)
    asked = whom_to_ask.whom_to_ask(benchmark, made)
    told = {item.name: [question.code for question in item.questions] for item in asked}
    for code in opened:
        for name in benchmark.questions[code].whom_to_ask:
            assert code in told[next(known for known in told if known.casefold() == name.casefold())]
    assert {code for codes in told.values() for code in codes} == set(opened)
    assert len({name.casefold() for name in told}) == len(told)
    first = asked[0]
    own = made.with_respondent("own", first.name, kind="institution")
    own = own.with_answer(opened[0], None).with_answer(opened[0], dont_know(), "own")
    after = {
        item.name: [question.code for question in item.questions] for item in whom_to_ask.whom_to_ask(benchmark, own)
    }
    assert opened[0] not in after.get(first.name, [])
    assert opened[0] in {code for codes in after.values() for code in codes}


def test_filled_in_sheet_comes_back_as_the_departments(tmp_path: Path, benchmark: Benchmark) -> None:
    """By name; with comments and evidence; the questions and levels on it do not disturb."""
    made = assessment_of(benchmark, name='=Żabia "Góra"')
    written = list(whom_to_ask.write(tmp_path, benchmark, made))
    assert len({path for _, path in written}) == len(written)
    asked, path = written[0]
    book = load_workbook(path)
    sheet: Any = book["answers"]
    names = [cell.value for cell in sheet[1]]
    assert sheet.cell(2, names.index("city") + 1).data_type == "s"
    for row, (level, comment) in enumerate(((2, "Seen."), ("dk", None), ("na", "No port.")), start=2):
        sheet.cell(row, names.index("level") + 1, level)
        sheet.cell(row, names.index("comment") + 1, comment)
    sheet.cell(2, names.index("evidence_url") + 1, "https://example.org")
    book.save(path)
    found = tables.read(path, benchmark)
    assert [str(problem) for problem in found.problems] == []
    (city,) = found.assessments
    ((key, answers),) = city.responses.items()
    assert city.respondents[key] == Respondent(role=asked.name, kind="institution")
    assert [answer.state.value for answer in answers.values()] == ["rated", "dont_know", "not_applicable"]
    assert answers[asked.questions[0].code].evidence[0].url == "https://example.org"


def test_page_to_print_has_every_level_to_tick(tmp_path: Path, benchmark: Benchmark) -> None:
    made = assessment_of(benchmark, name="<b>Town</b>")
    for asked, path in whom_to_ask.write(tmp_path, benchmark, made):
        page = path.with_suffix(".html").read_text("utf-8")
        assert "<b>Town" not in page
        assert page.count('class="cg cg-asked"') == len(asked.questions)
        assert all(question.code in page for question in asked.questions)


@pytest.mark.slow
def test_page_to_print_is_accessible(browser: Any, sheets: list[Path]) -> None:
    """In all views: no violation, no sideways scrolling."""
    faults = []
    with browser.new_context() as context:
        page = context.new_page()
        for path in sheets:
            page.goto(path.as_uri())
            for width, scheme in in_views(page):
                faults += [f"{path}, {width} {scheme}: {found}" for found in violations(page)]
                if page.evaluate("document.documentElement.scrollWidth") > width:
                    faults.append(f"{path}: wider than {width} pixels")
    assert faults == []


def test_checker_finds_no_fault_in_the_page_to_print(sheets: list[Path]) -> None:
    assert checking.faults(sheets[0].parent) == []
