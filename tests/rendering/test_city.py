"""The summary holds what a mayor asks first; the whole report holds everything once."""

from __future__ import annotations

import re

from markupsafe import Markup

from citygrow_nb import rendering
from citygrow_nb.model import Action, Benchmark, ContextReading
from citygrow_nb.rendering import Chapter, NavLink
from citygrow_nb.scoring import compare
from tests.factories import assessment_of, dont_know, rated
from tests.rendering.test_pages import Outline

NAV = (NavLink("index.html", "Summary", current=True), NavLink("02-b.html", "B"))


def links(benchmark: Benchmark) -> dict[str, str]:
    return {code: f"{code}.html" for code in benchmark.factors}


def test_summary_has_one_h1_no_heading_jump_and_links_to_every_page(benchmark: Benchmark) -> None:
    html = rendering.summary(benchmark, assessment_of(benchmark), links=links(benchmark), pages=NAV, more="r.html")
    outline = Outline()
    outline.feed(html)
    assert outline.headings.count(1) == 1
    assert all(after - before <= 1 for before, after in zip(outline.headings, outline.headings[1:], strict=False))
    for page in ("02-b.html", "report.html", "method.html", "r.html", *links(benchmark).values()):
        assert f'href="{page}' in html


def test_summary_shows_plan_context_and_change(benchmark: Benchmark) -> None:
    code, factor = next(iter(benchmark.contexts)), benchmark.key_factors[0]
    now = assessment_of(benchmark).with_context(code, ContextReading(direction=-2, bears_on=(factor.code,)))
    now = now.model_copy(update={"actions": (Action(id="a", what="Open a desk"),)})
    then = assessment_of(benchmark).model_copy(update={"round": "2024"})
    for question in factor.questions:
        now, then = now.with_answer(question.code, rated(3)), then.with_answer(question.code, rated(1))
    html = rendering.summary(benchmark, now, links=links(benchmark), past=rendering.Past(compare(benchmark, then, now)))
    for words in ("Open a desk", benchmark.scale.directions[0].name, "up from 33", "Since <bdi>2024</bdi>"):
        assert words in html


def test_lists_are_short_where_there_is_a_page_with_all_and_else_complete(benchmark: Benchmark) -> None:
    assessment = assessment_of(benchmark)
    for code in list(benchmark.questions)[:6]:
        assessment = assessment.with_answer(code, rated(0))
    wording = [str(Markup.escape(benchmark.questions[code].levels[1])) for code in list(benchmark.questions)[:6]]
    short = rendering.summary(benchmark, assessment, links=links(benchmark), more="r.html")
    whole = rendering.summary(benchmark, assessment, links=links(benchmark))
    assert [text in short for text in wording] == [True] * 3 + [False] * 3
    assert all(text in whole for text in wording)


def test_every_bar_has_a_name_a_description_and_its_figures_beside_it(benchmark: Benchmark) -> None:
    assessment = assessment_of(benchmark)
    first, second = benchmark.key_factors[0].questions[:2]
    assessment = assessment.with_answer(first.code, rated(3)).with_answer(second.code, dont_know())
    html = rendering.summary(benchmark, assessment, links=links(benchmark))
    drawings = re.findall(r'role="img" aria-labelledby="(\S+) (\S+)"><title id="\1">[^<]+</title><desc id="\2">', html)
    assert len(drawings) == len(benchmark.key_factors)
    assert html.count('data-head="Bounds"') == len(benchmark.key_factors)


def test_reason_stands_beside_a_score_that_looks_high_enough(benchmark: Benchmark) -> None:
    factor = benchmark.key_factors[3]
    assessment = assessment_of(benchmark)
    for place, question in enumerate(factor.questions):
        assessment = assessment.with_answer(question.code, rated(0 if place == 0 else 3))
    card = rendering.factors_table(benchmark, rendering.cards.card_of(benchmark, assessment)).html
    assert "one question at level 0" in card
    assert "one question at level 0" in rendering.summary(benchmark, assessment, links=links(benchmark))


def test_whole_report_lists_and_holds_its_chapters(benchmark: Benchmark) -> None:
    chapters = [Chapter("page-a", "A & B", Markup('<h2 id="page-a">A</h2>'))]
    html = rendering.report(benchmark, assessment_of(benchmark), chapters)
    assert '<a href="#page-a">A &amp; B</a>' in html
    assert html.index("<h1><bdi>Żabia Góra</bdi></h1>") < html.index('<h2 id="page-a">A</h2>')
