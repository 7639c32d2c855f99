"""What changed between two rounds of one city, and how sure that is. Pure functions of a benchmark and two assessments.

Both rounds are scored by the same benchmark, so a change never comes from another rule. A change counts only where the
sum of the differences in levels leaves a tolerance: so much that it would hardly come about by answers that are one
level off by chance. The definitions stand in docs/method.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

from citygrow_nb.model import (
    Assessment,
    Benchmark,
    Break,
    Direction,
    FactorResult,
    QuestionResult,
    QuestionState,
    Scorecard,
    Since,
    SinceFactor,
)
from citygrow_nb.scoring.scorecard import score

_OPEN = frozenset({QuestionState.DONT_KNOW, QuestionState.UNANSWERED})
_KNOWN = frozenset({QuestionState.RATED, QuestionState.NOT_APPLICABLE})

MISTAKEN = Fraction(1, 20)
"""Share of answers taken to be one level off by chance, half of them up and half down."""
ERROR = Fraction(1, 20)
"""How often at most a change may be said where there is none."""

Pair = tuple[QuestionResult, QuestionResult]


@dataclass(frozen=True)
class FactorChange:
    """One key factor in two rounds.

    Parameters
    ----------
    then, now
        Its results, scored by the same benchmark.
    direction
        Which way it went; none where the two rounds cannot be compared on it.
    breaks
        Why the two rounds cannot be compared on it; none where they can.
    """

    then: FactorResult
    now: FactorResult
    direction: Direction | None
    breaks: tuple[Break, ...] = ()

    @property
    def code(self) -> str:
        """Code of the key factor."""
        return self.now.code


@dataclass(frozen=True)
class QuestionChange:
    """One question whose level moved.

    Parameters
    ----------
    code
        Code of the question.
    then, now
        Level 0 to 3 in either round.
    """

    code: str
    then: float
    now: float


@dataclass(frozen=True)
class Changes:
    """Everything that changed from one round to the next.

    Parameters
    ----------
    then, now
        Scorecards of both rounds, by the same benchmark.
    round
        Label of the round before.
    direction
        Which way it went over all questions, by the same rule as for key factors; none where some key factor cannot be
        compared.
    factors
        All key factors, in order.
    moved
        Questions rated in both rounds whose level differs, in order.
    learned
        Codes of questions that were open then and are not now.
    forgotten
        Codes of questions that are open now and were not then.
    version
        Version of the benchmark that was answered then, where it is another than now; else ``""``.
    other_voices
        Whether some question counts the agreed answer in one round and a mean over respondents in the other, or the
        mean over other respondents.
    other_questions
        Whether other questions do not apply than in the round before.
    """

    then: Scorecard
    now: Scorecard
    round: str
    direction: Direction | None
    factors: tuple[FactorChange, ...]
    moved: tuple[QuestionChange, ...]
    learned: tuple[str, ...]
    forgotten: tuple[str, ...]
    version: str
    other_voices: bool
    other_questions: bool


def compare(
    benchmark: Benchmark,
    earlier: Assessment,
    assessment: Assessment,
    cards: tuple[Scorecard, Scorecard] | None = None,
) -> Changes:
    """Compare two rounds of one city.

    Parameters
    ----------
    benchmark
        What was asked; both rounds are scored by it.
    earlier, assessment
        The round before, and this one.
    cards
        Their scorecards, where these are known already.

    Returns
    -------
    Changes
        Key factors and questions in the benchmark's order.
    """
    then, now = cards or (score(benchmark, earlier), score(benchmark, assessment))
    pairs = [pair for old, new in zip(then.factors, now.factors, strict=True) for pair in _pairs(old, new)]
    factors = tuple(
        factor_change(benchmark, (earlier, assessment), old, new)
        for old, new in zip(then.factors, now.factors, strict=True)
    )
    return Changes(
        then=then,
        now=now,
        round=earlier.round,
        direction=None if any(change.breaks for change in factors) else direction(pairs),
        factors=factors,
        moved=tuple(
            QuestionChange(after.code, before.level, after.level)
            for before, after in pairs
            if before.level is not None and after.level is not None and before.level != after.level
        ),
        learned=tuple(after.code for before, after in pairs if before.state in _OPEN and after.state in _KNOWN),
        forgotten=tuple(after.code for before, after in pairs if before.state in _KNOWN and after.state in _OPEN),
        version=earlier.benchmark.version if earlier.benchmark.version != assessment.benchmark.version else "",
        other_voices=any(Break.VOICES in change.breaks for change in factors),
        other_questions=any(
            (before.state is QuestionState.NOT_APPLICABLE) != (after.state is QuestionState.NOT_APPLICABLE)
            for before, after in pairs
        ),
    )


def factor_change(
    benchmark: Benchmark, rounds: tuple[Assessment, Assessment], then: FactorResult, now: FactorResult
) -> FactorChange:
    """Compare two rounds on one key factor.

    Parameters
    ----------
    benchmark
        What was asked.
    rounds
        The earlier round and the later one; none, one or more may lie between them.
    then, now
        What they came to, scored by this benchmark.
    """
    pairs = _pairs(then, now)
    versions = rounds[0].benchmark.version, rounds[1].benchmark.version
    breaks = tuple(_breaks(benchmark, versions, pairs))
    return FactorChange(then, now, None if breaks else direction(pairs), breaks)


def since(changes: Changes) -> Since:
    """Return what became of a city since the round before, as data."""
    return Since(
        round=changes.round,
        direction=changes.direction,
        breaks=tuple(dict.fromkeys(kind for change in changes.factors for kind in change.breaks)),
        factors=tuple(
            SinceFactor(code=change.code, direction=change.direction, breaks=change.breaks)
            for change in changes.factors
        ),
    )


def direction(pairs: Sequence[Pair]) -> Direction:
    """Tell which way questions went from one round to another.

    Parameters
    ----------
    pairs
        Each question in the earlier round and in the later one.

    Returns
    -------
    Direction
        ``unclear`` where fewer than half of the questions that apply in either round are rated in both, or where what
        is disputed could turn it.
    """
    compared = _compared(pairs)
    applicable = sum(before.applies or after.applies for before, after in pairs)
    if not compared or 2 * len(compared) < applicable:
        return Direction.UNCLEAR
    least = sum((after.low or 0) - (before.high or 0) for before, after in compared)
    most = sum((after.high or 0) - (before.low or 0) for before, after in compared)
    limit = tolerance(len(compared))
    if least > limit:
        return Direction.UP
    if most < -limit:
        return Direction.DOWN
    return Direction.SAME if -limit <= least and most <= limit else Direction.UNCLEAR


@cache
def tolerance(questions: int) -> int:
    """Return by how many levels in all so many questions may differ between two rounds without counting as a change.

    The smallest number that the difference exceeds in at most 5 % of cases if nothing changed and each answer of either
    round is one level off in 5 % of cases, up or down alike. By exact convolution.

    Examples
    --------
    >>> [tolerance(questions) for questions in (1, 5, 6, 16, 17, 40)]
    [1, 1, 2, 2, 3, 4]
    """
    ways = ways_to_differ(questions)
    most = sum(ways.values()) * ERROR
    return next(
        limit
        for limit in range(2 * questions + 1)
        if sum(count for moved, count in ways.items() if abs(moved) > limit) <= most
    )


def ways_to_differ(questions: int) -> dict[int, int]:
    """Return in how many of all equally probable ways questions differ by each sum where nothing changed."""
    wrong, all_ = MISTAKEN.numerator, MISTAKEN.denominator
    total = {0: 1}
    for _ in range(2 * questions):
        added: dict[int, int] = {}
        for moved, count in total.items():
            for step, ways in ((-1, wrong), (0, 2 * (all_ - wrong)), (1, wrong)):
                added[moved + step] = added.get(moved + step, 0) + count * ways
        total = added
    return total


def _pairs(then: FactorResult, now: FactorResult) -> list[Pair]:
    return list(zip(then.questions, now.questions, strict=True))


def _compared(pairs: Sequence[Pair]) -> list[Pair]:
    """Return the questions that are rated in both rounds."""
    rated = QuestionState.RATED
    return [(before, after) for before, after in pairs if before.state is rated and after.state is rated]


def _breaks(benchmark: Benchmark, versions: tuple[str, str], pairs: Sequence[Pair]) -> Iterator[Break]:
    first, last = sorted(map(_numbers, versions))
    compared = _compared(pairs)
    worded = (version for before, _ in compared for version in benchmark.questions[before.code].reworded)
    if any(first < _numbers(version) <= last for version in worded):
        yield Break.WORDING
    if any(_who(before) != _who(after) for before, after in compared):
        yield Break.VOICES


def _numbers(version: str) -> list[int]:
    return [int(number) for number in version.split(".")]


def _who(question: QuestionResult) -> object:
    """Return whose answer counts: the city's, or that of these institutions and roles."""
    if question.basis == "agreed":
        return "agreed"
    return {(voice.kind, voice.key) for voice in question.voices if voice.level is not None}
