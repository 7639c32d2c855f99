"""The summary names strengths, gaps, open questions and context."""

from markupsafe import escape

from citygrow_nb import rendering
from citygrow_nb.model import Benchmark, ContextReading
from tests.factories import assessment_of, rated


def test_gaps_come_lowest_first_with_their_next_level(benchmark: Benchmark) -> None:
    low, lower = list(benchmark.questions)[:2]
    assessment = assessment_of(benchmark)
    assessment = assessment.with_answer(low, rated(1))
    assessment = assessment.with_answer(lower, rated(0))
    html = rendering.gaps(benchmark, assessment, {}).html
    assert html.index(lower) < html.index(low)
    assert escape(benchmark.questions[lower].levels[1]) in html


def test_strengths_name_a_met_factor(benchmark: Benchmark) -> None:
    factor = benchmark.key_factors[0]
    assessment = assessment_of(benchmark)
    for question in factor.questions:
        assessment = assessment.with_answer(question.code, rated(3))
    assert factor.title in rendering.strengths(benchmark, assessment).html


def test_unknowns_are_grouped_by_whom_to_ask_first(benchmark: Benchmark) -> None:
    html = rendering.unknowns(benchmark, assessment_of(benchmark)).html
    assert all(code in html for code in benchmark.questions)
    assert html.count("Ask: ") == len({q.who_knows.split(";")[0] for q in benchmark.questions.values()})


def test_context_stands_beside_the_factor_it_bears_on(benchmark: Benchmark) -> None:
    code, factor = next(iter(benchmark.contexts)), benchmark.key_factors[1]
    reading = ContextReading(direction=1, comment="New funds.", bears_on=(factor.code,))
    html = rendering.context_beside_factors(benchmark, assessment_of(benchmark).with_context(code, reading)).html
    assert html.index(factor.short_title) < html.index("New funds.")
