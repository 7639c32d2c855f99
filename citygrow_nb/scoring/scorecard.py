"""Scoring: from answers to a scorecard. Pure functions of a benchmark and an assessment; docs/method.md defines all.

Source of the rules: this project; the publication defines no scale. Context never enters here. Exact fractions decide,
what is shown is rounded.

- Score of a key factor: 100 × mean(level) / 3 over rated questions; none rated, no score.
- Bounds: each question that applies runs from the lowest to the highest level that it can turn out to have. L and U are
  100 × sum / 3n of these over the n questions that apply.
- Standing: ``met`` where L reaches its limit, no question can be at level 0 and enough are rated; else ``close``
  where L reaches its limit; ``gap`` where U does not; else ``unknown``. ``not_applicable`` when no question applies.
- Overall: weighted means of the factors' scores and bounds.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import fsum

from citygrow_nb.model import (
    MAX_LEVEL,
    Assessment,
    Benchmark,
    FactorResult,
    KeyFactor,
    QuestionResult,
    QuestionState,
    Scorecard,
    Standing,
)
from citygrow_nb.model.benchmark import Thresholds
from citygrow_nb.scoring.voices import Exact, Taken, reviewers, take_together


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
    thresholds = benchmark.scale.thresholds
    factors = tuple(_factor(factor, thresholds, assessment) for factor in benchmark.key_factors)
    weighted = [(factor, benchmark.scale.weights.get(factor.code, 1.0)) for factor in factors]
    rated = sum(factor.rated for factor in factors)
    applicable = rated + sum(factor.open for factor in factors)
    return Scorecard(
        factors=factors,
        score=_weighted_mean((factor.score, weight) for factor, weight in weighted),
        lower=_weighted_mean((factor.lower, weight) for factor, weight in weighted),
        upper=_weighted_mean((factor.upper, weight) for factor, weight in weighted),
        coverage=round(rated / applicable, 6) if applicable else None,
        met=sum(factor.standing is Standing.MET for factor in factors),
        open_width=_weighted_mean((factor.open_width, weight) for factor, weight in weighted if factor.applies) or 0.0,
        disputed_width=_weighted_mean((factor.disputed_width, weight) for factor, weight in weighted if factor.applies)
        or 0.0,
    )


def question_result(code: str, assessment: Assessment) -> QuestionResult:
    """Take all respondents' answers to one question together.

    Parameters
    ----------
    code
        Code of the question.
    assessment
        What was answered.

    Returns
    -------
    QuestionResult
        What counts, how far it can reach, and who said what.

    Examples
    --------
    >>> from citygrow_nb.model import Answer, BenchmarkRef, City, State
    >>> city = Assessment(
    ...     benchmark=BenchmarkRef(id="demo", version="1.0.0"), city=City(name="Żabia", slug="zabia"), round="2026"
    ... )
    >>> for key, role, level in (("econ", "Economic development", 1), ("jobs", "Employment", 2)):
    ...     city = city.with_respondent(key, role, kind="institution")
    ...     city = city.with_answer("KF1.Q1", Answer(state=State.RATED, level=level), key)
    >>> two = question_result("KF1.Q1", city)
    >>> two.level, two.disputed, two.low, two.high
    (1.5, True, 1, 2)
    >>> question_result("KF1.Q1", city.with_answer("KF1.Q1", Answer(state=State.RATED, level=3))).level
    3.0
    """
    return take_together(code, assessment).shown


def self_and_peers(benchmark: Benchmark, assessment: Assessment) -> tuple[Scorecard, Scorecard] | None:
    """Return how the city sees itself and how reviewers from other cities see it; None where nobody reviewed."""
    outside = reviewers(assessment)
    views = {key: answers for key, answers in assessment.responses.items() if key in outside}
    if not any(views.values()):
        return None
    people = {
        key: who.model_copy(update={"from_city": ""}) for key, who in assessment.respondents.items() if key in outside
    }
    seen = assessment.model_copy(update={"respondents": people, "responses": views, "groups": ()})
    return score(benchmark, assessment), score(benchmark, seen)


def weakest(result: FactorResult, most: int = 3) -> tuple[QuestionResult, ...]:
    """Return the rated questions below the highest level, lowest first, at most ``most`` of them."""
    rated = [question for question in result.questions if question.level is not None and question.level < MAX_LEVEL]
    return tuple(sorted(rated, key=lambda question: question.level or 0.0)[:most])


def unknown(result: FactorResult) -> tuple[QuestionResult, ...]:
    """Return the questions that nobody could answer or nobody has answered yet, in order."""
    states = (QuestionState.DONT_KNOW, QuestionState.UNANSWERED)
    return tuple(question for question in result.questions if question.state in states)


def disputed(card: Scorecard) -> tuple[QuestionResult, ...]:
    """Return the disputed questions: those whose voices are furthest apart first, then in the benchmark's order."""
    found = (question for factor in card.factors for question in factor.questions if question.disputed)
    return tuple(sorted(found, key=lambda question: -width(question)))


def to_agree(card: Scorecard) -> tuple[QuestionResult, ...]:
    """Return what a meeting has to talk about: what is disputed, then where persons of a role are divided."""
    divided = (
        question
        for factor in card.factors
        for question in factor.questions
        if question.basis == "voices" and not question.disputed and (question.consensus or 1) < 1
    )
    return (*disputed(card), *divided)


def width(question: QuestionResult) -> int:
    """Return how many levels apart a question's lowest and highest possible levels are; 0 where it does not apply."""
    return (question.high or 0) - (question.low or 0)


def agreed_on(card: Scorecard) -> tuple[QuestionResult, ...]:
    """Return the questions with an agreed answer on which others had spoken, in order."""
    questions = (question for factor in card.factors for question in factor.questions)
    return tuple(question for question in questions if question.basis == "agreed" and question.voices)


@dataclass(frozen=True)
class Sums:
    """What the answers to one key factor's questions come to, exactly.

    Parameters
    ----------
    total
        Sum of the levels that count.
    rated
        How many questions are rated.
    lows, highs
        The lowest and the highest level that each question that applies can turn out to have.
    """

    total: Exact
    rated: int
    lows: tuple[int, ...]
    highs: tuple[int, ...]

    @classmethod
    def of(cls, taken: Iterable[Taken]) -> Sums:
        """Add up the answers to a key factor's questions."""
        there = [item for item in taken if item.low is not None and item.high is not None]
        rated = [item.level for item in there if item.level is not None]
        return cls(
            sum(rated), len(rated), tuple(item.low or 0 for item in there), tuple(item.high or 0 for item in there)
        )

    @property
    def applicable(self) -> int:
        """Number of questions that apply, or may."""
        return len(self.lows)

    @property
    def score(self) -> float | None:
        """Score, 0 to 100; none when no question is rated."""
        return _percent(self.total, self.rated)

    @property
    def lower(self) -> float | None:
        """Lower bound; none when no question applies."""
        return _percent(sum(self.lows), self.applicable)

    @property
    def upper(self) -> float | None:
        """Upper bound; none when no question applies."""
        return _percent(sum(self.highs), self.applicable)

    @property
    def coverage(self) -> float | None:
        """Share of rated questions; none when no question applies."""
        return round(self.rated / self.applicable, 6) if self.applicable else None


def _factor(factor: KeyFactor, thresholds: Thresholds, assessment: Assessment) -> FactorResult:
    taken = [take_together(question.code, assessment) for question in factor.questions]
    found = Sums.of(taken)
    questions = tuple(item.shown for item in taken)
    agreement = [question.consensus for question in questions if question.consensus is not None]
    unanswered = sum(question.state is QuestionState.UNANSWERED for question in questions)
    widest = max(questions, key=width)
    return FactorResult(
        code=factor.code,
        score=found.score,
        lower=found.lower,
        upper=found.upper,
        coverage=found.coverage,
        standing=standing(found, thresholds),
        could_be=could_be(found, thresholds),
        decides=widest.code if width(widest) else None,
        rated=found.rated,
        not_applicable=len(taken) - found.applicable,
        dont_know=found.applicable - found.rated - unanswered,
        unanswered=unanswered,
        disputed=sum(question.disputed for question in questions),
        open_width=_percent(sum(width(q) for q in questions if not q.disputed), found.applicable) or 0.0,
        disputed_width=_percent(sum(width(q) for q in questions if q.disputed), found.applicable) or 0.0,
        consensus=round(fsum(agreement) / len(agreement), 4) if agreement else None,
        questions=questions,
    )


def standing(found: Sums, thresholds: Thresholds) -> Standing:
    """Return where a key factor stands, whatever its open and disputed questions turn out to be."""
    n, enough = found.applicable, Fraction(thresholds.known_coverage)
    if not n:
        return Standing.NOT_APPLICABLE
    if _reaches(found.lows, thresholds.met_lower_bound) and 0 not in found.lows and 100 * found.rated >= enough * n:
        return Standing.MET
    if _reaches(found.lows, thresholds.close_score):
        return Standing.CLOSE
    return Standing.UNKNOWN if _reaches(found.highs, thresholds.close_score) else Standing.GAP


def could_be(found: Sums, thresholds: Thresholds) -> Standing:
    """Return where it would stand if everything open and disputed turned out as well as it can."""
    if not found.applicable:
        return Standing.NOT_APPLICABLE
    if _reaches(found.highs, thresholds.met_lower_bound) and 0 not in found.highs:
        return Standing.MET
    return Standing.CLOSE if _reaches(found.highs, thresholds.close_score) else Standing.GAP


def _reaches(levels: Sequence[int], limit: float) -> bool:
    return 100 * sum(levels) >= Fraction(limit) * MAX_LEVEL * len(levels)


def _percent(total: Exact, count: int) -> float | None:
    return round(float(Fraction(100 * total, MAX_LEVEL * count)), 6) if count else None


def _weighted_mean(pairs: Iterable[tuple[float | None, float]]) -> float | None:
    known = [(value, weight) for value, weight in pairs if value is not None]
    whole = fsum(weight for _, weight in known)
    return round(fsum(value * weight for value, weight in known) / whole, 6) if whole else None
