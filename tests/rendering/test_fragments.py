"""Each fragment says what was answered, and hides what must not be shown."""

import pytest
from markupsafe import escape

from citygrow_nb import rendering
from citygrow_nb.model import Assessment, Benchmark, ContextReading, Evidence
from tests.factories import assessment_of, not_applicable, rated

FIVE = ("econ", "social", "chamber", "schools", "jobs")


@pytest.fixture
def code(benchmark: Benchmark) -> str:
    return next(iter(benchmark.questions))


def shown(benchmark: Benchmark, assessment: Assessment, code: str) -> str:
    return rendering.question(benchmark, assessment, code).html


def test_rated_answer_shows_level_wording_next_level_comment_evidence_and_who(benchmark: Benchmark, code: str) -> None:
    answer = rated(2, comment="Adopted in May.", evidence=(Evidence(title="Minutes", url="https://example.org/m"),))
    html = shown(benchmark, assessment_of(benchmark).with_answer(code, answer), code)
    levels = benchmark.questions[code].levels
    for text in ("Level 2 of 3", "Adopted in May.", 'href="https://example.org/m"', "Minutes", "agreed answer"):
        assert text in html
    assert html.index(str(escape(levels[2]))) < html.index(str(escape(levels[3])))


def test_highest_level_names_no_next_one(benchmark: Benchmark, code: str) -> None:
    assert "would take" not in shown(benchmark, assessment_of(benchmark).with_answer(code, rated(3)), code)


def test_open_question_names_whom_to_ask(benchmark: Benchmark, code: str) -> None:
    html = shown(benchmark, assessment_of(benchmark), code)
    assert "Not answered yet" in html
    assert escape(benchmark.questions[code].who_knows) in html


def test_not_applicable_shows_its_reason(benchmark: Benchmark, code: str) -> None:
    answer = not_applicable("There is no such body.")
    html = shown(benchmark, assessment_of(benchmark).with_answer(code, answer), code)
    assert "There is no such body." in html
    assert "Reason" in html


def test_small_group_is_shown_as_a_whole_and_a_larger_one_with_its_spread(benchmark: Benchmark, code: str) -> None:
    few = assessment_of(benchmark)
    for key, level in zip(FIVE[:4], (0, 1, 3, 3), strict=True):
        few = few.with_answer(code, rated(level), key)
    few = few.with_answer(code, rated(3, "Mine."), FIVE[3]).with_answer(code, not_applicable("Ours."), FIVE[0])
    html = shown(benchmark, few, code)
    assert "levels" not in html
    assert "4 respondents, taken together" in html
    # Nothing tells whose words are whose, or who gave no level.
    assert html.index("Mine.") < html.index("Ours.")
    assert html.count("<dt>Comment</dt>") == 2
    assert "gave a level" not in html
    assert not any(key in html for key in FIVE)
    few = few.with_answer(code, rated(0), FIVE[0])
    many = few.with_answer(code, rated(3), FIVE[4])
    assert "levels 0 to 3" in shown(benchmark, many, code)


def test_mean_between_two_levels_shows_both_wordings(benchmark: Benchmark, code: str) -> None:
    both = assessment_of(benchmark).with_answer(code, rated(1), "econ").with_answer(code, rated(2), "social")
    assert "Between level 1" in shown(benchmark, both, code)


@pytest.mark.parametrize(
    "hostile", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "javascript:alert(1)"]
)
def test_hostile_text_stays_text(benchmark: Benchmark, code: str, hostile: str) -> None:
    answer = rated(1, comment=hostile, evidence=(Evidence(title=hostile, url=hostile),))
    html = shown(benchmark, assessment_of(benchmark).with_answer(code, answer), code)
    assert "<script" not in html
    assert "<img" not in html
    assert "href" not in html


def test_scorecard_lists_what_is_open_and_gives_the_reason(benchmark: Benchmark) -> None:
    factor = benchmark.key_factors[0]
    html = rendering.scorecard(benchmark, assessment_of(benchmark), factor.code).html
    assert "not known yet" in html
    assert all(question.code in html for question in factor.questions)
    assert 'role="img"' in html


def test_practices_for_the_weakest_question_come_first(benchmark: Benchmark) -> None:
    factor = benchmark.key_factors[0]
    last = factor.practices[-1]
    weak = next(code for code in last.inspires if all(code not in p.inspires for p in factor.practices[:-1]))
    assessment = assessment_of(benchmark)
    for question in factor.questions:
        assessment = assessment.with_answer(question.code, rated(0 if question.code == weak else 3))
    html = rendering.practices(benchmark, assessment, factor.code).html
    assert html.index(last.code) < html.index(factor.practices[0].code)


def test_context_reading_is_shown_with_the_factors_it_bears_on(benchmark: Benchmark) -> None:
    code, bears_on = next(iter(benchmark.contexts)), benchmark.key_factors[0]
    reading = ContextReading(direction=-2, comment="The law changes yearly.", bears_on=(bears_on.code,))
    html = rendering.context(benchmark, assessment_of(benchmark).with_context(code, reading), code).html
    for text in (benchmark.scale.directions[0].name, "The law changes yearly.", bears_on.short_title):
        assert text in html
