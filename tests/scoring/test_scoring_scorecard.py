"""Scoring: exact at its thresholds, and with the properties that let people trust a half-answered self-test."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from citygrow_nb import scoring
from citygrow_nb.model import (
    AGREED,
    Answer,
    Assessment,
    Benchmark,
    BenchmarkRef,
    City,
    ContextReading,
    FactorResult,
    QuestionState,
    Respondent,
    Scorecard,
    Standing,
    State,
)
from tests.benchmarks.tiny import tiny

DONT_KNOW = Answer(state=State.DONT_KNOW)
NOT_APPLICABLE = Answer(state=State.NOT_APPLICABLE, comment="no night flights here")
UNKNOWN = (QuestionState.DONT_KNOW, QuestionState.UNANSWERED)
DEFAULTS = {"met_lower_bound": 75, "close_score": 50, "known_coverage": 50}


def rated(level: int) -> Answer:
    return Answer(state=State.RATED, level=level)  # type: ignore[arg-type]


# --- made benchmarks and assessments ----------------------------------------------------------------------------------

MODEL = tiny()


def benchmark(*sizes: int, weights: list[float] | None = None, thresholds: dict[str, float] | None = None) -> Benchmark:
    """Return a benchmark with key factors of these numbers of questions."""
    factor, question = MODEL.key_factors[0], MODEL.key_factors[0].questions[0]
    factors = tuple(
        factor.model_copy(
            update={
                "code": f"KF{number}",
                "questions": tuple(question.model_copy(update={"code": f"KF{number}.Q{n + 1}"}) for n in range(size)),
            }
        )
        for number, size in enumerate(sizes, start=1)
    )
    given_weights = {f"KF{number}": weight for number, weight in enumerate(weights or [1.0] * len(sizes), start=1)}
    scale = MODEL.scale.model_dump() | {"weights": given_weights, "thresholds": thresholds or DEFAULTS}
    return Benchmark.model_validate(
        {name: getattr(MODEL, name) for name in Benchmark.model_fields} | {"key_factors": factors, "scale": scale}
    )


def assessment(responses: dict[str, dict[str, Answer]], **more: Any) -> Assessment:
    return Assessment(
        benchmark=BenchmarkRef(id="quiet-nights", version="0.3.0"),
        city=City(name="Żabia Góra", slug="zabia-gora"),
        round="2026",
        respondents={key: Respondent(role=key) for key in responses},
        responses=responses,
        **more,
    )


def agreed(*answers: Answer | None, factor: int = 1) -> dict[str, Answer]:
    """Return answers to the questions of one key factor, in order; None leaves a question open."""
    return {f"KF{factor}.Q{n}": answer for n, answer in enumerate(answers, start=1) if answer is not None}


def result(*answers: Answer | None, thresholds: dict[str, float] | None = None) -> FactorResult:
    """Return the result of a city's agreed answers to one key factor."""
    return scoring.score(
        benchmark(len(answers), thresholds=thresholds), assessment({AGREED: agreed(*answers)})
    ).factors[0]


any_answer = st.integers(0, 3).map(rated) | st.sampled_from([DONT_KNOW, NOT_APPLICABLE])
knowledge = st.integers(0, 3).map(rated) | st.just(NOT_APPLICABLE)
sizes = st.lists(st.integers(1, 5), min_size=1, max_size=4)
weight = st.floats(0.01, 1000) | st.integers(1, 9).map(float)
others = st.sampled_from(["econ", "jobs", "ngo", "police", "chamber", "youth"])
respondents = st.just(AGREED) | others


@st.composite
def benchmarks(draw: st.DrawFn) -> Benchmark:
    shape = draw(sizes)
    met, close = sorted(draw(st.lists(st.integers(0, 100), min_size=2, max_size=2)), reverse=True)
    thresholds = {"met_lower_bound": met, "close_score": close, "known_coverage": draw(st.integers(0, 100))}
    weights = draw(st.lists(weight, min_size=len(shape), max_size=len(shape)))
    return benchmark(*shape, weights=weights, thresholds=thresholds)


@st.composite
def cases(draw: st.DrawFn, who: st.SearchStrategy[str] = respondents) -> tuple[Benchmark, Assessment]:
    asked = draw(benchmarks())
    some = st.dictionaries(st.sampled_from(list(asked.questions)), any_answer)
    return asked, assessment(draw(st.dictionaries(who, some)))


def intervals(card: Scorecard) -> list[tuple[float | None, float | None, float | None]]:
    """Return lower bound, score and upper bound of every key factor and of the whole."""
    return [(part.lower, part.score, part.upper) for part in (*card.factors, card)]


# --- properties -------------------------------------------------------------------------------------------------------


@given(cases())
def test_bounds_contain_the_score(case: tuple[Benchmark, Assessment]) -> None:
    """For each key factor and the whole; where there are no bounds there is no score either."""
    for lower, score, upper in intervals(scoring.score(*case)):
        assert (lower is None) == (upper is None)
        if lower is None or upper is None:
            assert score is None
        else:
            assert 0 <= lower <= upper <= 100
            assert score is None or lower <= score <= upper


@given(cases(), st.data())
def test_what_the_city_learns_never_widens_bounds(case: tuple[Benchmark, Assessment], data: st.DataObject) -> None:
    """An agreed answer to an open question leaves every interval within the one before."""
    asked, answered = case
    before = scoring.score(asked, answered)
    unknown = [question.code for factor in before.factors for question in factor.questions if question.state in UNKNOWN]
    assume(unknown)
    learnt = answered.with_answer(data.draw(st.sampled_from(unknown)), data.draw(knowledge))
    for (low, _, high), (new_low, _, new_high) in zip(
        intervals(before), intervals(scoring.score(asked, learnt)), strict=True
    ):
        if new_low is not None and new_high is not None:
            assert low is not None
            assert high is not None
            assert low <= new_low <= new_high <= high


@given(cases(), others, st.data())
def test_what_a_respondent_learns_never_widens_bounds(
    case: tuple[Benchmark, Assessment], who: str, data: st.DataObject
) -> None:
    """Where anybody comes to know what they did not, no interval gets longer."""
    asked, answered = case
    open_codes = [
        code
        for code in asked.questions
        if (answer := answered.answer(code, who)) is None or answer.state is State.DONT_KNOW
    ]
    assume(open_codes)
    learnt = answered.with_answer(data.draw(st.sampled_from(open_codes)), data.draw(knowledge), who)
    pairs = zip(intervals(scoring.score(asked, answered)), intervals(scoring.score(asked, learnt)), strict=True)
    for (low, _, high), (new_low, _, new_high) in pairs:
        if None not in {low, high, new_low, new_high}:
            assert new_high - new_low <= high - low + 2e-6  # type: ignore[operator]


@given(cases(), st.randoms(use_true_random=False))
def test_order_never_matters(case: tuple[Benchmark, Assessment], random: Any) -> None:
    """Neither the order of respondents nor that of their answers changes anything at all."""
    asked, answered = case

    def shuffled(section: dict[str, Any]) -> dict[str, Any]:
        keys = list(section)
        random.shuffle(keys)
        return {key: section[key] for key in keys}

    mixed = shuffled({key: shuffled(answers) for key, answers in answered.responses.items()})
    assert scoring.score(asked, assessment(mixed)) == scoring.score(asked, answered)


readings = st.builds(
    ContextReading,
    direction=st.none() | st.sampled_from([-2, -1, 0, 1, 2]),
    comment=st.text(max_size=5),
    bears_on=st.sampled_from([(), ("KF1",)]),
)


@given(cases(), st.dictionaries(st.sampled_from(["CF1", "CF2"]), readings))
def test_context_never_matters(case: tuple[Benchmark, Assessment], context: dict[str, ContextReading]) -> None:
    """Context explains a score and never changes it."""
    asked, answered = case
    assert scoring.score(asked, assessment(answered.responses, context=context)) == scoring.score(asked, answered)


@given(cases(), st.data())
def test_not_applicable_never_lowers(case: tuple[Benchmark, Assessment], data: st.DataObject) -> None:
    """Setting an open question aside lowers neither a score nor a lower bound, nor the coverage."""
    asked, answered = case
    before = scoring.score(asked, answered)
    unknown = [question.code for factor in before.factors for question in factor.questions if question.state in UNKNOWN]
    assume(unknown)
    after = scoring.score(asked, answered.with_answer(data.draw(st.sampled_from(unknown)), NOT_APPLICABLE))
    for (low, score, _), (new_low, new_score, _) in zip(intervals(before), intervals(after), strict=True):
        assert new_score == score
        assert new_low is None or (low is not None and new_low >= low)
    assert after.coverage > before.coverage


@given(cases(st.just(AGREED)))
def test_dont_know_scores_like_no_answer(case: tuple[Benchmark, Assessment]) -> None:
    """Admitting not to know costs nothing; it is counted apart, no more."""
    asked, answered = case
    silent = {
        key: {code: answer for code, answer in answers.items() if answer.state is not State.DONT_KNOW}
        for key, answers in answered.responses.items()
    }
    one, other = scoring.score(asked, answered), scoring.score(asked, assessment(silent))
    assert intervals(one) == intervals(other)
    assert [factor.standing for factor in one.factors] == [factor.standing for factor in other.factors]


@given(cases())
def test_coverage_is_the_share_of_what_is_settled(case: tuple[Benchmark, Assessment]) -> None:
    """(rated + not applicable) / all questions, for each key factor and the whole; the counts add up."""
    card = scoring.score(*case)
    for factor in card.factors:
        assert factor.coverage == (factor.rated + factor.not_applicable) / len(factor.questions)
        assert factor.rated + factor.not_applicable + factor.dont_know + factor.unanswered == len(factor.questions)
    settled = sum(factor.rated + factor.not_applicable for factor in card.factors)
    assert card.coverage == settled / sum(len(factor.questions) for factor in card.factors)


@given(cases())
def test_agreed_answer_wins(case: tuple[Benchmark, Assessment]) -> None:
    """Where a city has agreed on an answer, nobody else's changes the score."""
    asked, answered = case
    alone = scoring.score(asked, assessment({AGREED: answered.responses.get(AGREED, {})}))
    together = scoring.score(asked, answered)
    for code in answered.responses.get(AGREED, {}):
        one, other = (
            next(question for factor in card.factors for question in factor.questions if question.code == code)
            for card in (alone, together)
        )
        assert (one.state, one.level, one.basis) == (other.state, other.level, "agreed")


@given(cases())
def test_score_is_what_the_rules_say(case: tuple[Benchmark, Assessment]) -> None:
    """Computed again in exact fractions, straight from the rules."""
    asked, answered = case
    card = scoring.score(asked, answered)
    sums = {"score": Fraction(0), "lower": Fraction(0), "upper": Fraction(0)}
    weights = dict.fromkeys(sums, Fraction(0))
    for factor in card.factors:
        levels: list[Fraction] = []
        unknown = 0
        for question in factor.questions:
            voices = [answers[question.code] for answers in answered.responses.values() if question.code in answers]
            if (own := answered.answer(question.code)) is not None:
                voices = [own]
            given_levels = [voice.level for voice in voices if voice.level is not None]
            if given_levels:
                levels.append(Fraction(sum(given_levels), len(given_levels)))
            elif not voices or any(voice.state is State.DONT_KNOW for voice in voices):
                unknown += 1
        count = len(levels) + unknown
        expected = {
            "score": 100 * sum(levels) / (3 * len(levels)) if levels else None,
            "lower": 100 * sum(levels) / (3 * count) if count else None,
            "upper": 100 * (sum(levels) + 3 * unknown) / (3 * count) if count else None,
        }
        for name, value in expected.items():
            found = getattr(factor, name)
            assert (found is None) == (value is None)
            if value is not None:
                assert found == pytest.approx(float(value), abs=1e-6)
                sums[name] += Fraction(asked.scale.weights[factor.code]) * Fraction(value)
                weights[name] += Fraction(asked.scale.weights[factor.code])
    for name, whole in weights.items():
        found = getattr(card, name)
        assert found == (pytest.approx(float(sums[name] / whole), abs=2e-6) if whole else None)
    assert card.met == sum(factor.standing is Standing.MET for factor in card.factors)


@given(cases())
def test_only_proportions_of_weights_matter(case: tuple[Benchmark, Assessment]) -> None:
    """Weights of 1, 2 and weights of 0.25, 0.5 say the same."""
    asked, answered = case
    quarter = {code: weight / 4 for code, weight in asked.scale.weights.items()}
    lighter = asked.model_copy(update={"scale": asked.scale.model_copy(update={"weights": quarter})})
    for one, other in zip(
        intervals(scoring.score(asked, answered)), intervals(scoring.score(lighter, answered)), strict=True
    ):
        assert other == pytest.approx(one, abs=1e-6)


# --- standings --------------------------------------------------------------------------------------------------------

NA, DK = NOT_APPLICABLE, DONT_KNOW


@pytest.mark.parametrize(
    ("answers", "standing"),
    [
        # Lower bound 75 exactly, from 9 of 12 points.
        ([rated(3), rated(3), rated(2), rated(1)], Standing.MET),
        # The same 75, but one question at 0.
        ([rated(3), rated(3), rated(3), rated(0)], Standing.CLOSE),
        # The same 75 as lower bound of an open question.
        ([rated(3), rated(3), rated(3), None], Standing.MET),
        ([rated(3), rated(3), rated(3), DK], Standing.MET),
        # Just below.
        ([rated(3), rated(2), rated(2), rated(1)], Standing.CLOSE),
        ([rated(3), rated(3), rated(2), None], Standing.CLOSE),
        # Score 50 exactly, and just below.
        ([rated(3), rated(3), rated(0), rated(0)], Standing.CLOSE),
        ([rated(2), rated(1), rated(2), rated(1)], Standing.CLOSE),
        ([rated(2), rated(1), rated(1), rated(1)], Standing.GAP),
        ([rated(0), rated(0), rated(0), rated(0)], Standing.GAP),
        # Coverage 50 % exactly, and below.
        ([rated(3), rated(3), None, None], Standing.CLOSE),
        ([rated(0), rated(1), DK, None], Standing.GAP),
        ([rated(3), None, None, None], Standing.UNKNOWN),
        ([rated(3), DK, DK, DK], Standing.UNKNOWN),
        # Not applicable counts as covered, and for nothing else.
        ([rated(3), NA, None, None], Standing.CLOSE),
        ([rated(3), NA, NA, NA], Standing.MET),
        ([rated(0), NA, NA, NA], Standing.GAP),
        # Nothing rated is no score, whatever the coverage.
        ([NA, NA, NA, None], Standing.UNKNOWN),
        ([None, None, None, None], Standing.UNKNOWN),
        ([NA, NA, NA, NA], Standing.NOT_APPLICABLE),
    ],
)
def test_standing_at_and_beside_its_thresholds(answers: list[Answer | None], standing: Standing) -> None:
    """Reaching a threshold exactly is enough, and a question at 0 keeps a key factor from being met."""
    assert result(*answers).standing is standing


def test_thresholds_are_data() -> None:
    """The same answers stand elsewhere in a benchmark with other thresholds."""
    answers = [rated(3), rated(2), None]
    assert result(*answers, thresholds={"met_lower_bound": 55, "close_score": 40, "known_coverage": 60}).standing is (
        Standing.MET
    )
    assert result(*answers, thresholds={"met_lower_bound": 90, "close_score": 90, "known_coverage": 60}).standing is (
        Standing.GAP
    )
    assert result(*answers, thresholds={"met_lower_bound": 55, "close_score": 40, "known_coverage": 67}).standing is (
        Standing.UNKNOWN
    )


WHOLE_PERCENTS = [(some, all_) for all_ in range(1, 100) for some in range(1, all_ + 1) if 100 * some % all_ == 0]


@given(st.sampled_from(WHOLE_PERCENTS))
def test_coverage_at_its_threshold_is_enough(part: tuple[int, int]) -> None:
    """Exactly, for every number of questions that a key factor can have."""
    covered, questions = part
    answers = [rated(3)] * covered + [None] * (questions - covered)
    thresholds = {"met_lower_bound": 100, "close_score": 0, "known_coverage": 100 * covered // questions}
    assert result(*answers, thresholds=thresholds).standing is not Standing.UNKNOWN


def test_coverage_threshold_that_a_computer_misses() -> None:
    """29 of 50 is 58 %, but 100 × (29 / 50) is less than 58 in floating point."""
    thresholds = {"met_lower_bound": 100, "close_score": 0, "known_coverage": 58}
    assert result(*[rated(3)] * 29, *[None] * 21, thresholds=thresholds).standing is Standing.CLOSE


def test_means_of_respondents_reach_a_threshold_exactly() -> None:
    """Means of 0.6, 2.8, 2.8 and 1 are 60 % of 12 points, whatever their sum is in floating point."""
    columns = [(0, 0, 1, 1, 1), (3, 3, 3, 3, 2), (3, 3, 3, 3, 2), (1, 1, 1, 1, 1)]
    responses = {f"dept-{n}": agreed(*(rated(column[n]) for column in columns)) for n in range(5)}
    asked = benchmark(4, thresholds={"met_lower_bound": 60, "close_score": 40, "known_coverage": 50})
    made = assessment(responses)
    made = made.model_copy(update={"respondents": dict.fromkeys(responses, Respondent(role="founder"))})
    factor = scoring.score(asked, made).factors[0]
    assert [question.level for question in factor.questions] == [0.6, 2.8, 2.8, 1]
    assert factor.score == factor.lower == factor.upper == 60
    assert factor.standing is Standing.MET


# --- numbers of one case ----------------------------------------------------------------------------------------------


def test_half_answered_factor_is_an_interval() -> None:
    """Two rated, one don't know, one open, one set aside: score over two, bounds over four."""
    factor = result(rated(3), rated(1), DK, None, NA)
    assert factor.score == pytest.approx(100 * 4 / 6, abs=1e-6)
    assert factor.lower == pytest.approx(100 * 4 / 12, abs=1e-6)
    assert factor.upper == pytest.approx(100 * 10 / 12, abs=1e-6)
    assert factor.coverage == 3 / 5
    assert (factor.rated, factor.not_applicable, factor.dont_know, factor.unanswered) == (2, 1, 1, 1)


def test_nothing_rated_is_no_score() -> None:
    """No score is not zero, and an untouched key factor may be anything."""
    factor = result(None, DK)
    assert (factor.score, factor.lower, factor.upper) == (None, 0, 100)


def test_nothing_applies() -> None:
    """Then there are no bounds, and the whole is made of the other key factors."""
    asked = benchmark(2, 1)
    card = scoring.score(asked, assessment({AGREED: agreed(NA, NA) | agreed(rated(2), factor=2)}))
    assert (card.factors[0].score, card.factors[0].lower, card.factors[0].upper) == (None, None, None)
    assert card.score == card.lower == card.upper == pytest.approx(200 / 3, abs=1e-6)
    assert card.coverage == 1


def test_overall_is_weighted() -> None:
    """Weights 3 and 0.5, as the second benchmark has them."""
    answers = agreed(rated(3), rated(3)) | {"KF2.Q1": rated(0), "KF2.Q3": rated(0)}
    card = scoring.score(tiny(), assessment({AGREED: answers}))
    assert card.score == card.lower == card.upper == pytest.approx(100 * 3 / 3.5, abs=1e-6)
    assert (card.met, card.coverage) == (1, 1)


def test_empty_assessment() -> None:
    """Nobody has answered anything: no score, everything possible, coverage 0."""
    card = scoring.score(benchmark(2, 3), assessment({}))
    assert (card.score, card.lower, card.upper, card.coverage, card.met) == (None, 0, 100, 0, 0)
    assert {factor.standing for factor in card.factors} == {Standing.UNKNOWN}


def test_answers_to_other_questions_are_passed_over() -> None:
    """A retired question's answer is kept in the document and counts for nothing."""
    answers = agreed(rated(1), rated(2))
    assert scoring.score(tiny(), assessment({AGREED: answers | {"KF2.Q2": rated(3)}})) == scoring.score(
        tiny(), assessment({AGREED: answers})
    )


def test_results_say_what_was_scored() -> None:
    """``results.json`` names the benchmark that scored, and holds the readings of its context factors alone."""
    reading = ContextReading(direction=-1)
    old = assessment({}, context={"CF1": reading, "CF7": reading})
    made = scoring.results(
        tiny(), old.model_copy(update={"benchmark": BenchmarkRef(id="quiet-nights", version="0.1.0")})
    )
    assert made.benchmark.version == "0.3.0"
    assert made.context == {"CF1": reading}
    assert made.scorecard == scoring.score(tiny(), old)
    assert (made.city, made.round) == (old.city, "2026")


# --- several respondents ----------------------------------------------------------------------------------------------


def voices(*answers: Answer, agreed_answer: Answer | None = None) -> Assessment:
    """Return what institutions said to the first question."""
    responses = {f"dept-{number}": agreed(answer) for number, answer in enumerate(answers)}
    made = assessment(responses | ({AGREED: agreed(agreed_answer)} if agreed_answer else {}))
    kinds = {key: Respondent(role=key, kind="institution") for key in responses}
    return made.model_copy(update={"respondents": made.respondents | kinds})


@pytest.mark.parametrize(
    ("answers", "state", "level"),
    [
        ([rated(1), rated(2)], QuestionState.RATED, 1.5),
        ([rated(1), DK, NA], QuestionState.RATED, 1),
        ([NA, NA], QuestionState.NOT_APPLICABLE, None),
        ([NA, DK], QuestionState.DONT_KNOW, None),
        ([DK], QuestionState.DONT_KNOW, None),
        ([], QuestionState.UNANSWERED, None),
    ],
)
def test_respondents_are_taken_together(answers: list[Answer], state: QuestionState, level: float | None) -> None:
    """Without an agreed answer those who rated are averaged; only all together can set a question aside."""
    question = scoring.question_result("KF1.Q1", voices(*answers))
    assert (question.state, question.level) == (state, level)
    assert question.basis == ("respondents" if answers else None)


@pytest.mark.parametrize("agreed_answer", [rated(0), DK, NA])
def test_agreed_answer_of_any_kind_wins(agreed_answer: Answer) -> None:
    """Also an agreed "don't know" stands against levels that others gave."""
    question = scoring.question_result("KF1.Q1", voices(rated(3), rated(3), agreed_answer=agreed_answer))
    assert (question.state.value, question.level, question.basis) == (
        agreed_answer.state.value,
        agreed_answer.level,
        "agreed",
    )
    assert (question.respondents, question.raters) == (2, 2)


def test_count_is_told_for_answers_and_for_levels() -> None:
    """A mean says over how many it is, however many said that they do not know."""
    question = scoring.question_result("KF1.Q1", voices(rated(1), rated(2), DK, NA))
    assert (question.respondents, question.raters) == (4, 2)


# --- what to look at first --------------------------------------------------------------------------------------------


def test_weakest_questions_come_lowest_first() -> None:
    """Rated below the top alone, in the order of the questions where levels are equal, no more than asked for."""
    factor = result(rated(2), rated(0), rated(3), None, rated(2), DK)
    assert [question.code for question in scoring.weakest(factor)] == ["KF1.Q2", "KF1.Q1", "KF1.Q5"]
    assert [question.code for question in scoring.weakest(factor, most=1)] == ["KF1.Q2"]
    assert scoring.weakest(result(rated(3), None)) == ()


def test_unknown_questions() -> None:
    """Those that nobody could or did answer, in order."""
    assert [question.code for question in scoring.unknown(result(None, rated(0), DK, NA))] == ["KF1.Q1", "KF1.Q3"]
