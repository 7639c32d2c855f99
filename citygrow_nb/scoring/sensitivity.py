"""What could turn the message: other weights, other thresholds, one answer one level off. Exact, without sampling.

- Overall score: lowest and highest over all weights, each between half and double its own. The ends of a weighted mean
  over such a box lie at its corners, and there the key factors above some score have one end and those below the other.
- Standings: both limits together, each 5 points lower or higher, within 0 to 100. A limit matters only by whether a
  figure reaches it, so the ends of its range tell of all between.
- One level: every rated question, one lower and one higher where the scale allows it, all else as it is. A disputed
  one moves with both its ends. What open questions could do stands apart, in *could be*.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
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
    Scorecard,
    Sensitivity,
    Standing,
)
from citygrow_nb.model.benchmark import Thresholds
from citygrow_nb.scoring.scorecard import Sums, score, standing
from citygrow_nb.scoring.voices import Exact, Taken, take_together

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
        Key factors in the benchmark's order.
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
    here = Sums.of(taken)
    now = standing(here, thresholds)
    others = {standing(here, shifted) for shifted in _shifted(thresholds)} - {now}
    return FactorSensitivity(
        code=factor.code,
        by_level=tuple(
            LevelTurn(question=code, change=change, standing=then)
            for code, change, changed in _one_off(taken)
            if (then := standing(changed, thresholds)) is not now
        ),
        by_thresholds=tuple(other for other in Standing if other in others),
    )


def _shifted(thresholds: Thresholds) -> Iterator[Thresholds]:
    for met, close in product((-SHIFT, SHIFT), repeat=2):
        yield thresholds.model_copy(
            update={
                "met_lower_bound": min(100.0, max(0.0, thresholds.met_lower_bound + met)),
                "close_score": min(100.0, max(0.0, thresholds.close_score + close)),
            }
        )


_Change = Literal[-1, 1]
_CHANGES: tuple[_Change, _Change] = (-1, 1)


def _one_off(taken: Sequence[Taken]) -> Iterator[tuple[str, _Change, Sums]]:
    """Yield which rated question is how far off, and what the key factor's sums are then; what is open stays open."""
    for item in taken:
        if item.level is None or item.low is None or item.high is None:
            continue
        for change in _CHANGES:
            moved = replace(
                item,
                level=_clipped(item.level + change),
                low=int(_clipped(item.low + change)),
                high=int(_clipped(item.high + change)),
            )
            if moved.level != item.level:
                yield item.shown.code, change, Sums.of([moved if other is item else other for other in taken])


def _clipped(level: Exact) -> Exact:
    return min(MAX_LEVEL, max(0, level))
