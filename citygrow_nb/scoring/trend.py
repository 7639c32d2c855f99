"""Three or more rounds of one city on one benchmark: how each key factor went, and where its line breaks.

Rounds are compared as in :mod:`citygrow_nb.scoring.change`. Where a question was worded anew or others answered, the
line breaks: what was before is shown and not compared. Pure functions.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from citygrow_nb.model import (
    Assessment,
    Benchmark,
    Break,
    CityFigures,
    Direction,
    FactorFigures,
    FactorResult,
    Scorecard,
)
from citygrow_nb.model.fields import natural
from citygrow_nb.scoring.change import compare, since
from citygrow_nb.scoring.scorecard import score

FEWEST_ROUNDS = 3
"""From so many rounds on there is a trend."""


@dataclass(frozen=True)
class Point:
    """One round on a line.

    Parameters
    ----------
    round
        Label of the round.
    score, lower, upper
        Score and bounds, 0 to 100; none where there is no score, or no question applies.
    breaks
        Why it cannot be compared with the point before it; none where it can.
    """

    round: str
    score: float | None
    lower: float | None
    upper: float | None
    breaks: tuple[Break, ...] = ()


@dataclass(frozen=True)
class Line:
    """One key factor over the rounds, or the overall score.

    Parameters
    ----------
    code
        Code of the key factor; empty for the overall score.
    points
        The rounds, earliest first.
    since
        Label of the round with which the last one is compared.
    direction
        Which way it went since then; none where the two cannot be compared.
    """

    code: str
    points: tuple[Point, ...]
    since: str
    direction: Direction | None

    @property
    def stretches(self) -> tuple[tuple[Point, ...], ...]:
        """The points that can be compared with each other, in pieces of the line."""
        pieces: list[list[Point]] = []
        for point in self.points:
            if point.breaks or not pieces:
                pieces.append([])
            pieces[-1].append(point)
        return tuple(map(tuple, pieces))


@dataclass(frozen=True)
class Moved:
    """A question whose level moved.

    Parameters
    ----------
    code
        Code of the question.
    levels
        Level 0 to 3 in each round; None where it was not known or did not apply.
    """

    code: str
    levels: tuple[float | None, ...]


@dataclass(frozen=True)
class Trend:
    """Three or more rounds of one city.

    Parameters
    ----------
    rounds
        Their labels, earliest first.
    overall, factors
        The lines.
    moved
        Questions whose level is not the same in all rounds in which it is known, in order.
    """

    rounds: tuple[str, ...]
    overall: Line
    factors: tuple[Line, ...]
    moved: tuple[Moved, ...] = ()


def trend(benchmark: Benchmark, assessments: Sequence[Assessment]) -> Trend | None:
    """Return the trend of a city; None while there are fewer than three rounds.

    Parameters
    ----------
    benchmark
        What was asked; all rounds are scored by it.
    assessments
        The city's rounds, earliest first.
    """
    if len(assessments) < FEWEST_ROUNDS:
        return None
    cards = [score(benchmark, assessment) for assessment in assessments]
    steps = [
        since(compare(benchmark, *rounds, scored))
        for rounds, scored in zip(pairwise(assessments), pairwise(cards), strict=True)
    ]
    labels = [assessment.round for assessment in assessments]

    def line(code: str, found: Sequence[Scorecard | FactorResult], breaks: Sequence[tuple[Break, ...]]) -> Line:
        begun = max(place for place, why in enumerate(breaks) if why or not place)
        way = None
        if begun < len(found) - 1:
            over = compare(benchmark, assessments[begun], assessments[-1], (cards[begun], cards[-1]))
            way = over.direction if not code else over.factors[list(benchmark.factors).index(code)].direction
        return Line(code, tuple(map(_point, labels, found, breaks)), labels[begun], way)

    overall = line("", cards, [(), *(step.breaks for step in steps)])
    factors = tuple(
        line(
            factor.code,
            [card.factors[place] for card in cards],
            [(), *(step.factors[place].breaks for step in steps)],
        )
        for place, factor in enumerate(benchmark.key_factors)
    )
    levels = zip(*([question.level for f in card.factors for question in f.questions] for card in cards), strict=True)
    moved = tuple(
        Moved(code, over)
        for code, over in zip(benchmark.questions, levels, strict=True)
        if len({level for level in over if level is not None}) > 1
    )
    return Trend(tuple(labels), overall, factors, moved)


def trend_of(figures: Sequence[CityFigures]) -> Trend | None:
    """Return the trend that a city's figures show, without questions; None for fewer than three rounds.

    Parameters
    ----------
    figures
        The city's rounds on one benchmark, of the same key factors, in any order.
    """
    ordered = sorted(figures, key=lambda item: natural(item.round))
    if len(ordered) < FEWEST_ROUNDS:
        return None
    codes = [factor.code for factor in ordered[-1].factors]
    labels = tuple(item.round for item in ordered)

    def line(code: str, found: Iterable[CityFigures | FactorFigures]) -> Line:
        there = list(found)
        points = tuple(_point(label, item, item.breaks) for label, item in zip(labels, there, strict=True))
        return Line(code, points, labels[-2], there[-1].direction)

    factors = tuple(line(code, (item.factors[place] for item in ordered)) for place, code in enumerate(codes))
    return Trend(labels, line("", ordered), factors)


def _point(
    label: str, found: Scorecard | FactorResult | CityFigures | FactorFigures, breaks: tuple[Break, ...]
) -> Point:
    return Point(label, found.score, found.lower, found.upper, breaks)
