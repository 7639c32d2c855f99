"""What could turn the message: other weights, other thresholds, one answer one level off. Exact, without sampling.

- Overall score: lowest and highest over all weights, each between half and double its own. The ends of a weighted mean
  over such a box lie at its corners, and there the key factors above some score have one end and those below the other.
- Standings: a threshold matters only by whether a figure reaches it, so the ends of its range tell of all between.
- One level: every rated question, one lower and one higher where the scale allows it, all else as it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from math import fsum
from typing import Literal

from citygrow_nb.model import (
    MAX_LEVEL,
    Assessment,
    Benchmark,
    FactorSensitivity,
    KeyFactor,
    LevelTurn,
    QuestionState,
    Scorecard,
    Sensitivity,
    Standing,
)
from citygrow_nb.model.benchmark import Thresholds
from citygrow_nb.scoring.scorecard import Sums, score, standing, sums
from citygrow_nb.scoring.voices import Together, take_together

SHIFT = 5.0
"""By how many points each threshold may be lower or higher."""

WEIGHT = 2.0
"""By which factor each weight may be smaller or larger."""


def sensitivity(benchmark: Benchmark, assessment: Assessment, card: Scorecard | None = None) -> Sensitivity:
    """Return what could turn a result.

    Parameters
    ----------
    benchmark, assessment
        What was asked and answered.
    card
        Its scorecard, where this is known already.

    Returns
    -------
    Sensitivity
        Key factors in the benchmark's order. Of fewer than five persons no more than their key factor's score counts.
    """
    weighted = [
        (factor.score, benchmark.scale.weights.get(factor.code, 1.0))
        for factor in (card or score(benchmark, assessment)).factors
        if factor.score is not None
    ]
    low, high = weight_range(weighted) if weighted else (None, None)
    return Sensitivity(
        lowest=low,
        highest=high,
        factors=tuple(_factor(factor, benchmark.scale.thresholds, assessment) for factor in benchmark.key_factors),
    )


def weight_range(weighted: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Return the lowest and highest weighted mean over all weights between half and double.

    Parameters
    ----------
    weighted
        Pairs of score and weight, at least one.

    Examples
    --------
    >>> weight_range([(0.0, 1.0), (100.0, 1.0)])
    (20.0, 80.0)
    """
    ordered = sorted(weighted)
    means = [
        (_mean(ordered, cut, WEIGHT, 1 / WEIGHT), _mean(ordered, cut, 1 / WEIGHT, WEIGHT))
        for cut in range(len(ordered) + 1)
    ]
    return min(low for low, _ in means), max(high for _, high in means)


def _mean(ordered: Sequence[tuple[float, float]], cut: int, below: float, above: float) -> float:
    weights = [weight * (below if place < cut else above) for place, (_, weight) in enumerate(ordered)]
    return round(fsum(w * s for w, (s, _) in zip(weights, ordered, strict=True)) / fsum(weights), 6)


def _factor(factor: KeyFactor, thresholds: Thresholds, assessment: Assessment) -> FactorSensitivity:
    taken = [take_together(question.code, assessment) for question in factor.questions]
    here = sums(taken)
    now = standing(here, thresholds)
    if now is Standing.NOT_APPLICABLE:
        return FactorSensitivity(code=factor.code)
    others = {standing(here, shifted) for shifted in _shifted(thresholds)} - {now}
    turns = ((turn, standing(changed, thresholds)) for turn, changed in _one_off(taken, here))
    return FactorSensitivity(
        code=factor.code,
        by_level=tuple(
            LevelTurn(question=question, change=change, standing=then)
            for (question, change), then in turns
            if then is not now
        ),
        by_thresholds=tuple(other for other in Standing if other in others),
    )


def _shifted(thresholds: Thresholds) -> Iterator[Thresholds]:
    for met, close, known in product((-SHIFT, SHIFT), repeat=3):
        yield Thresholds.model_construct(
            met_lower_bound=thresholds.met_lower_bound + met,
            close_score=thresholds.close_score + close,
            known_coverage=thresholds.known_coverage + known,
        )


_Change = Literal[-1, 1]
_Which = tuple[str | None, _Change]
_CHANGES: tuple[_Change, _Change] = (-1, 1)


def _one_off(taken: Sequence[Together], here: Sums) -> Iterator[tuple[_Which, Sums]]:
    """Yield which answer is how far off, and what the key factor's sums are then."""
    rated = [item for item in taken if item.state is QuestionState.RATED]
    # Where few persons have answered, nobody is to know which questions: only what is agreed is surely without them.
    few = any(item.hidden for item in taken)
    told = [item for item in rated if not few or item.shown.basis == "agreed"]
    for item in told:
        now = item.level or 0.0
        for change in _CHANGES:
            level = _clipped(now + change)
            if level == now:
                continue
            low, high = _clipped(now - item.below + change), _clipped(now + item.above + change)
            moved = item.moved(level, level - low, high - level)
            yield (item.shown.code, change), sums([moved if other is item else other for other in taken])
    rest = len(rated) - len(told)
    own = here.total - fsum(item.level or 0.0 for item in told)
    for change in _CHANGES if rest else ():
        if 0 <= own + change <= MAX_LEVEL * rest:
            yield (None, change), here.moved(change, taken)


def _clipped(level: float) -> float:
    return min(float(MAX_LEVEL), max(0.0, level))
