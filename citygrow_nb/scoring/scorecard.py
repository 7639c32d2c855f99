"""Scoring: from answers to a scorecard. Pure functions of a benchmark and an assessment.

Source of the rules: this project; the publication defines no scale. Context never enters here.

- Score of a key factor: 100 × mean(level) / 3 over rated questions; none rated, no score.
- Bounds: the score if every "don't know" and unanswered question were at level 0, and if it were at level 3; and if
  every disputed question, on which voices differ and nothing is agreed, were at its lowest and at its highest voice.
- Coverage: (rated + not applicable) / all questions.
- Standing: ``unknown`` when coverage is below its threshold or nothing is rated; else ``met`` when the lower bound
  reaches its threshold and no rated question is at level 0; else ``close`` when the score reaches its threshold; else
  ``gap``. ``not_applicable`` when no question applies.
- Overall: weighted means of the factors' scores and bounds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
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
from citygrow_nb.scoring.voices import Together, peers, take_together


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
    return _score(benchmark, assessment, hidden=True)


def _score(benchmark: Benchmark, assessment: Assessment, *, hidden: bool) -> Scorecard:
    thresholds = benchmark.scale.thresholds
    factors = tuple(_factor(factor, thresholds, assessment, hidden) for factor in benchmark.key_factors)
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
        open_width=_weighted_mean(_widths(weighted, "open_width")) or 0.0,
        disputed_width=_weighted_mean(_widths(weighted, "disputed_width")) or 0.0,
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
        Only what may be shown: of fewer than five persons nothing.

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
    >>> two.level, two.disputed, two.spread.low, two.spread.high
    (1.5, True, 1.0, 2.0)
    >>> question_result("KF1.Q1", city.with_answer("KF1.Q1", Answer(state=State.RATED, level=3))).level
    3.0
    """
    return take_together(code, assessment).shown


def self_and_peers(benchmark: Benchmark, assessment: Assessment) -> tuple[Scorecard, Scorecard] | None:
    """Return how the city sees itself and how reviewers from other cities see it; None where nobody reviewed.

    Parameters
    ----------
    benchmark, assessment
        What was asked and answered. Of persons, only those who may be shown count here: the difference from the whole
        would tell of the others.
    """
    reviewers = peers(assessment)
    outside = {key: answers for key, answers in assessment.responses.items() if key in reviewers}
    if not any(outside.values()):
        return None
    own = {key: answers for key, answers in assessment.responses.items() if key not in reviewers}
    views = (assessment.model_copy(update={"responses": responses}) for responses in (own, outside))
    seen_by_itself, seen_by_others = (_score(benchmark, view, hidden=False) for view in views)
    return seen_by_itself, seen_by_others


def weakest(result: FactorResult, most: int = 3) -> tuple[QuestionResult, ...]:
    """Return the rated questions below the highest level, lowest first, at most ``most`` of them."""
    rated = [question for question in result.questions if question.level is not None and question.level < MAX_LEVEL]
    return tuple(sorted(rated, key=lambda question: question.level or 0.0)[:most])


def unknown(result: FactorResult) -> tuple[QuestionResult, ...]:
    """Return the questions that nobody could answer or nobody has answered yet, in order."""
    states = (QuestionState.DONT_KNOW, QuestionState.UNANSWERED)
    return tuple(question for question in result.questions if question.state in states)


def disputed(card: Scorecard) -> tuple[QuestionResult, ...]:
    """Return the questions on which respondents differ and the city has not agreed, where they agree least first."""
    return tuple(question for question in to_agree(card) if question.disputed)


def to_agree(card: Scorecard) -> tuple[QuestionResult, ...]:
    """Return what a meeting has to talk about: what is disputed, then where persons are divided."""
    found = [
        (not question.disputed, 1.0 if question.consensus is None else question.consensus, question)
        for factor in card.factors
        for question in factor.questions
        if question.basis == "respondents"
    ]
    # So many may agree that what is left of a dispute is less than is kept of the consensus.
    wanted = [item for item in found if not item[0] or item[1] < 1]
    return tuple(question for _, _, question in sorted(wanted, key=lambda item: item[:2]))


def agreed_on(card: Scorecard) -> tuple[QuestionResult, ...]:
    """Return the questions with an agreed answer on which others had spoken, in order."""
    questions = (question for factor in card.factors for question in factor.questions)
    return tuple(question for question in questions if question.basis == "agreed" and question.voices)


@dataclass(frozen=True)
class Sums:
    """What the answers to one key factor's questions come to.

    Parameters
    ----------
    total
        Sum of the levels that count.
    lowest, highest
        The same with every disputed question at its lowest, and at its highest voice.
    rated, absent, open
        How many questions are rated, do not apply, are not known.
    at_zero
        Whether a question is at level 0, or may be by what the score says of those who are not shown.
    """

    total: float
    lowest: float
    highest: float
    rated: int
    absent: int
    open: int
    at_zero: bool

    @property
    def applicable(self) -> int:
        """Number of questions that apply."""
        return self.rated + self.open

    @property
    def score(self) -> float | None:
        """Score, 0 to 100; none when no question is rated."""
        return _percent(self.total, self.rated)

    @property
    def lower(self) -> float | None:
        """Lower bound; none when no question applies."""
        return _percent(self.lowest, self.applicable)

    @property
    def upper(self) -> float | None:
        """Upper bound; none when no question applies."""
        return _percent(self.highest + MAX_LEVEL * self.open, self.applicable)

    @property
    def coverage(self) -> float:
        """Share of questions that are rated or do not apply."""
        return (self.rated + self.absent) / (self.applicable + self.absent)

    def moved(self, change: float, taken: Sequence[Together]) -> Sums:
        """Return the same with a sum of levels that is so much higher, through answers that are not shown."""
        total = self.total + change
        return replace(
            self,
            total=total,
            lowest=max(0.0, self.lowest + change),
            highest=min(MAX_LEVEL * self.rated, self.highest + change),
            at_zero=_may_be_at_zero(taken, total),
        )


def sums(taken: Sequence[Together]) -> Sums:
    """Add up the answers to one key factor's questions."""
    count = {state: sum(item.state is state for item in taken) for state in QuestionState}
    rated, absent = count[QuestionState.RATED], count[QuestionState.NOT_APPLICABLE]
    total = fsum(item.level for item in taken if item.level is not None)
    return Sums(
        total=total,
        lowest=max(0.0, total - fsum(item.below for item in taken)),
        highest=min(MAX_LEVEL * rated, total + fsum(item.above for item in taken)),
        rated=rated,
        absent=absent,
        open=len(taken) - rated - absent,
        at_zero=_may_be_at_zero(taken, total),
    )


def _factor(factor: KeyFactor, thresholds: Thresholds, assessment: Assessment, hidden: bool) -> FactorResult:
    taken = [take_together(question.code, assessment) for question in factor.questions]
    if not hidden:
        taken = [_without_hidden(item) for item in taken]
    withheld = any(item.hidden for item in taken)
    questions = tuple(_shown(item, withheld) for item in taken)
    found = sums(taken)
    # Where voices say that they do not know, persons who are not shown may have rated all the same.
    nobody_knows = min(found.open, sum(question.state is QuestionState.DONT_KNOW for question in questions))
    agreement = [question.consensus for question in questions if question.consensus is not None]
    return FactorResult(
        code=factor.code,
        score=found.score,
        lower=found.lower,
        upper=found.upper,
        coverage=found.coverage,
        standing=standing(found, thresholds),
        rated=found.rated,
        not_applicable=found.absent,
        dont_know=nobody_knows,
        unanswered=found.open - nobody_knows,
        disputed=sum(question.disputed for question in questions),
        open_width=_percent(MAX_LEVEL * found.open, found.applicable) or 0.0,
        disputed_width=_percent(found.highest - found.lowest, found.applicable) or 0.0,
        consensus=round(fsum(agreement) / len(agreement), 4) if agreement else None,
        withheld=withheld,
        questions=questions,
    )


def _without_hidden(item: Together) -> Together:
    level = item.shown.level
    return replace(item, state=item.shown.state, level=level, hidden=False) if item.hidden else item


def _shown(item: Together, withheld: bool) -> QuestionResult:
    # Which questions the few have answered is not to be seen either, so all that nobody else answered look alike.
    if withheld and item.shown.state is QuestionState.UNANSWERED:
        return item.shown.model_copy(update={"state": QuestionState.WITHHELD})
    return item.shown


def _may_be_at_zero(taken: Sequence[Together], total: float) -> bool:
    """Tell whether a question is at level 0, or may be by all that the score says of those who are not shown."""
    if any(item.shown.level == 0 for item in taken):
        return True
    alone = [item for item in taken if item.state is QuestionState.RATED and item.shown.level is None]
    others = fsum(item.ceiling for item in taken if item.shown.level is not None)
    return bool(alone) and total - others <= MAX_LEVEL * (len(alone) - 1)


def standing(found: Sums, thresholds: Thresholds) -> Standing:
    """Return where a key factor stands by its sums."""
    score, lower = found.score, found.lower
    if lower is None:
        return Standing.NOT_APPLICABLE
    # Rounded, because 100 × (29 / 50) is less than 58 to a computer.
    if score is None or round(100 * found.coverage, 6) < thresholds.known_coverage:
        return Standing.UNKNOWN
    if lower >= thresholds.met_lower_bound and not found.at_zero:
        return Standing.MET
    return Standing.CLOSE if score >= thresholds.close_score else Standing.GAP


def _widths(weighted: Iterable[tuple[FactorResult, float]], name: str) -> Iterator[tuple[float | None, float]]:
    return ((None if factor.lower is None else getattr(factor, name), weight) for factor, weight in weighted)


def _percent(total: float, count: int) -> float | None:
    # Rounded so that 100 × 2.25 / 3 is 75 on every machine and in every order of summation.
    return round(100 * total / (MAX_LEVEL * count), 6) if count else None


def _weighted_mean(pairs: Iterable[tuple[float | None, float]]) -> float | None:
    known = [(value, weight) for value, weight in pairs if value is not None]
    whole = fsum(weight for _, weight in known)
    return round(fsum(value * weight for value, weight in known) / whole, 6) if whole else None
