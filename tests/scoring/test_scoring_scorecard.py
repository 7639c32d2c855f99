"""Scoring: exact at its thresholds, and with the properties that let people trust a half-answered self-test."""

from __future__ import annotations

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


WHOLE_PERCENTS = [(some, all_) for all_ in range(1, 100) for some in range(1, all_ + 1) if 100 * some % all_ == 0]


# --- numbers of one case ----------------------------------------------------------------------------------------------


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
