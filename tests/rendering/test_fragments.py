"""Each fragment says what was answered, and hides what must not be shown."""

import pytest
from markupsafe import escape

from citygrow_nb import rendering, scoring
from citygrow_nb.model import Assessment, Benchmark, ContextReading, Evidence, Group
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


def several(benchmark: Benchmark, code: str, kind: str, *levels: int) -> Assessment:
    """Return what institutions, or persons of one role each, said."""
    made = assessment_of(benchmark)
    for key, level in zip(FIVE, levels, strict=False):
        role = f"Department {key}" if kind == "institution" else "citizens"
        made = made.with_respondent(key, role, kind=kind).with_answer(code, rated(level, f"Words {key}."), key)
    return made


def test_institutions_stand_by_name_with_what_they_said(benchmark: Benchmark, code: str) -> None:
    html = shown(benchmark, several(benchmark, code, "institution", 0, 3), code)
    for text in (
        "Disputed:",
        "from level 0 to level 3",
        "Department econ",
        "Words econ.",
        "Who said what",
        "consensus",
    ):
        assert text in html
    agreed = several(benchmark, code, "institution", 0, 3).with_answer(code, rated(2, "So be it."))
    assert "The city agreed on level 2. Since then: Department econ: level 0." in shown(benchmark, agreed, code)
    html = shown(benchmark, scoring.agreed_over_voices(agreed), code)
    assert "Disputed" not in html
    assert html.index("So be it.") < html.index("What was said before the city agreed") < html.index("Words econ.")


def test_persons_are_dots_and_their_words_stand_without_names(benchmark: Benchmark, code: str) -> None:
    group = Group(role="Founders", code=code, levels=(1, 1, 0, 3), comments=("Words <b>",))
    html = shown(benchmark, assessment_of(benchmark, groups=(group,)), code)
    assert "5\N{NO-BREAK SPACE}persons" in html or "5 persons" in html
    assert "●●●" in html
    assert "Words &lt;b&gt;" in html


def test_scorecard_tells_open_and_disputed_apart(benchmark: Benchmark, code: str) -> None:
    factor = benchmark.key_factors[0]
    disputed = several(benchmark, code, "institution", 0, 3)
    html = rendering.scorecard(benchmark, disputed, factor.code).html
    size = len(factor.questions)
    open_, width = round(100 * (size - 1) / size), round(100 / size)
    assert f"{open_} are open, {width} disputed" in html
    assert "cg-disputed" in html
    assert "cg-open" in html
    assert "Disputed:" in html


def test_what_to_agree_on_first_is_what_voices_are_furthest_apart_on(benchmark: Benchmark) -> None:
    first, second = list(benchmark.questions)[:2]
    made = several(benchmark, first, "institution", 1, 2)
    for key, level in (("econ", 0), ("social", 3)):
        made = made.with_answer(second, rated(level), key)
    fragment = rendering.agree_first(benchmark, made)
    assert fragment.text.splitlines() == [second, first]
    assert "Department econ: level 0. Department social: level 3." in fragment.html
    assert "Nothing is disputed" in rendering.agree_first(benchmark, assessment_of(benchmark)).html


def test_whoever_says_that_it_does_not_apply_is_named_among_those_to_agree(benchmark: Benchmark, code: str) -> None:
    """Also where nobody else gave a level but the city itself; every page of the question can be made."""
    made = assessment_of(benchmark).with_respondent("port", "Port office").with_answer(code, not_applicable(), "port")
    made = made.with_answer(code, rated(2))
    for brief in ("", "12-results.html"):
        assert "Port office: does not apply." in rendering.agree_first(benchmark, made, more=brief).html
    assert "Since then: Port office: does not apply." in shown(benchmark, made, code)
    assert "Contested" in rendering.side_by_side(benchmark, made, code).html
    assert "does not apply" in rendering.side_by_side(benchmark, made.with_answer(code, not_applicable()), code).html


def test_mean_between_two_levels_shows_both_wordings(benchmark: Benchmark, code: str) -> None:
    assert "Between level 1" in shown(benchmark, several(benchmark, code, "institution", 1, 2), code)


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
