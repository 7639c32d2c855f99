"""Scoring: from answers to a scorecard. Pure functions of a benchmark and an assessment.

Source of the rules: this project; the publication defines no scale. Context never enters here.

- Score of a key factor: 100 × mean(level) / 3 over rated questions; none rated, no score.
- Bounds: the score if every "don't know" and unanswered question were at level 0, and if it were at level 3.
- Coverage: (rated + not applicable) / all questions.
- Standing: ``unknown`` when coverage is below its threshold or nothing is rated; else ``met`` when the lower bound
  reaches its threshold and no rated question is at level 0; else ``close`` when the score reaches its threshold; else
  ``gap``. ``not_applicable`` when no question applies.
- Overall: weighted means of the factors' scores and bounds.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import fsum

from citygrow_nb.model import (
    AGREED,
    MAX_LEVEL,
    Answer,
    Assessment,
    Benchmark,
    BenchmarkRef,
    FactorResult,
    KeyFactor,
    QuestionResult,
    QuestionState,
    Results,
    Scorecard,
    Spread,
    Standing,
    State,
)
from citygrow_nb.model.benchmark import Thresholds

SMALLEST_GROUP = 5
"""Anything about fewer respondents than this is shown only as a whole."""


def score(benchmark: Benchmark, assessment: Assessment) -> Scorecard:
    """Score one assessment.

    Parameters
    ----------
    benchmark
        What was asked, with thresholds and weights.
    assessment
        What was answered. Answers to questions the benchmark does not have are passed over.

    Returns
    -------
    Scorecard
        Key factors in the benchmark's order; scores and bounds 0 to 100, coverage 0 to 1.
    """
    factors = tuple(_factor(factor, benchmark.scale.thresholds, assessment) for factor in benchmark.key_factors)
    weights = [benchmark.scale.weights.get(factor.code, 1.0) for factor in factors]
    weighted = list(zip(factors, weights, strict=True))
    questions = sum(len(factor.questions) for factor in factors)
    covered = sum(factor.rated + factor.not_applicable for factor in factors)
    return Scorecard(
        factors=factors,
        score=_weighted_mean((factor.score, weight) for factor, weight in weighted),
        lower=_weighted_mean((factor.lower, weight) for factor, weight in weighted),
        upper=_weighted_mean((factor.upper, weight) for factor, weight in weighted),
        coverage=covered / questions,
        met=sum(factor.standing is Standing.MET for factor in factors),
    )


def results(benchmark: Benchmark, assessment: Assessment) -> Results:
    """Return the scorecard with what a program needs to know about it (``results.json``)."""
    return Results(
        benchmark=BenchmarkRef(id=benchmark.id, version=benchmark.version),
        city=assessment.city,
        round=assessment.round,
        scorecard=score(benchmark, assessment),
        context={code: assessment.context[code] for code in benchmark.contexts if code in assessment.context},
    )


def question_result(code: str, assessment: Assessment) -> QuestionResult:
    """Take all respondents' answers to one question together.

    The agreed answer counts. Where there is none: the mean over those who rated; else not applicable if all who
    answered say so; else don't know.

    Parameters
    ----------
    code
        Code of the question.
    assessment
        What was answered.

    Returns
    -------
    QuestionResult
        Level 0 to 3, or none; a spread only where at least five respondents rated.

    Examples
    --------
    >>> from citygrow_nb.model import City
    >>> city = Assessment(
    ...     benchmark=BenchmarkRef(id="demo", version="1.0.0"), city=City(name="Żabia", slug="zabia"), round="2026"
    ... )
    >>> two = city.with_answer("KF1.Q1", Answer(state=State.RATED, level=1), "econ")
    >>> two = two.with_answer("KF1.Q1", Answer(state=State.RATED, level=2), "jobs")
    >>> question_result("KF1.Q1", two).level
    1.5
    >>> agreed = two.with_answer("KF1.Q1", Answer(state=State.RATED, level=3))
    >>> question_result("KF1.Q1", agreed).level
    3.0
    """
    others = [answers[code] for key, answers in assessment.responses.items() if key != AGREED and code in answers]
    counted = voices(code, assessment)
    state, level = _together(list(counted.values()))
    return QuestionResult(
        code=code,
        state=state,
        level=level,
        basis=None if not counted else "agreed" if AGREED in counted else "respondents",
        respondents=len(others),
        raters=sum(answer.level is not None for answer in others),
        spread=_spread(others),
    )


def voices(code: str, assessment: Assessment) -> dict[str, Answer]:
    """Return the answers that count for a question, by respondent: the agreed one, or where there is none all others.

    Parameters
    ----------
    code
        Code of the question.
    assessment
        What was answered.
    """
    agreed = assessment.answer(code)
    if agreed is not None:
        return {AGREED: agreed}
    return {key: answers[code] for key, answers in assessment.responses.items() if code in answers}


def weakest(result: FactorResult, most: int = 3) -> tuple[QuestionResult, ...]:
    """Return the rated questions below the highest level, lowest first, at most ``most`` of them."""
    rated = [question for question in result.questions if question.level is not None and question.level < MAX_LEVEL]
    return tuple(sorted(rated, key=lambda question: question.level or 0.0)[:most])


def unknown(result: FactorResult) -> tuple[QuestionResult, ...]:
    """Return the questions that nobody could answer or nobody has answered yet, in order."""
    states = (QuestionState.DONT_KNOW, QuestionState.UNANSWERED)
    return tuple(question for question in result.questions if question.state in states)


def _together(answers: list[Answer]) -> tuple[QuestionState, float | None]:
    levels = [answer.level for answer in answers if answer.level is not None]
    if levels:
        return QuestionState.RATED, sum(levels) / len(levels)
    if not answers:
        return QuestionState.UNANSWERED, None
    if all(answer.state is State.NOT_APPLICABLE for answer in answers):
        return QuestionState.NOT_APPLICABLE, None
    return QuestionState.DONT_KNOW, None


def _spread(answers: list[Answer]) -> Spread | None:
    levels = [answer.level for answer in answers if answer.level is not None]
    return Spread(low=min(levels), high=max(levels)) if len(levels) >= SMALLEST_GROUP else None


def _factor(factor: KeyFactor, thresholds: Thresholds, assessment: Assessment) -> FactorResult:
    questions = tuple(question_result(question.code, assessment) for question in factor.questions)
    count = {state: sum(question.state is state for question in questions) for state in QuestionState}
    rated, absent = count[QuestionState.RATED], count[QuestionState.NOT_APPLICABLE]
    open_ = len(questions) - rated - absent
    applicable = rated + open_
    total = fsum(question.level for question in questions if question.level is not None)
    value = _percent(total, rated)
    lower = _percent(total, applicable)
    upper = _percent(total + MAX_LEVEL * open_, applicable)
    coverage = (rated + absent) / len(questions)
    at_zero = any(question.level == 0 for question in questions)
    return FactorResult(
        code=factor.code,
        score=value,
        lower=lower,
        upper=upper,
        coverage=coverage,
        standing=_standing(value, lower, coverage, at_zero, thresholds),
        rated=rated,
        not_applicable=absent,
        dont_know=count[QuestionState.DONT_KNOW],
        unanswered=count[QuestionState.UNANSWERED],
        questions=questions,
    )


def _standing(
    value: float | None, lower: float | None, coverage: float, at_zero: bool, thresholds: Thresholds
) -> Standing:
    if lower is None:
        return Standing.NOT_APPLICABLE
    # Rounded, because 100 × (29 / 50) is less than 58 to a computer.
    if value is None or round(100 * coverage, 6) < thresholds.known_coverage:
        return Standing.UNKNOWN
    if lower >= thresholds.met_lower_bound and not at_zero:
        return Standing.MET
    return Standing.CLOSE if value >= thresholds.close_score else Standing.GAP


def _percent(total: float, count: int) -> float | None:
    # Rounded so that 100 × 2.25 / 3 is 75 on every machine and in every order of summation.
    return round(100 * total / (MAX_LEVEL * count), 6) if count else None


def _weighted_mean(pairs: Iterable[tuple[float | None, float]]) -> float | None:
    known = [(value, weight) for value, weight in pairs if value is not None]
    whole = fsum(weight for _, weight in known)
    return round(fsum(value * weight for value, weight in known) / whole, 6) if whole else None
