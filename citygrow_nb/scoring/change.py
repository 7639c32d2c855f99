"""What changed between two rounds of one city, and how sure that is. Pure functions of a benchmark and two assessments.

Both rounds are scored by the same benchmark, so a change never comes from another rule. A change counts as clear only
where the bounds of the two rounds do not overlap: whatever the open answers turn out to be, the direction stays.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from citygrow_nb.model import (
    Assessment,
    Benchmark,
    Break,
    Direction,
    FactorResult,
    KeyFactor,
    QuestionResult,
    QuestionState,
    Scorecard,
    Since,
    SinceFactor,
)
from citygrow_nb.scoring.scorecard import score

_OPEN = frozenset({QuestionState.DONT_KNOW, QuestionState.UNANSWERED})

_KNOWN = frozenset({QuestionState.RATED, QuestionState.NOT_APPLICABLE})


@dataclass(frozen=True)
class FactorChange:
    """One key factor in two rounds.

    Parameters
    ----------
    then, now
        Its results, scored by the same benchmark.
    direction
        ``up`` or ``down`` only where the bounds do not overlap, ``same`` where nothing is open and the scores are equal
        or where every question stands as it stood, else ``unclear``.
    breaks
        Why the two rounds cannot be compared on it; none where they can.
    """

    then: FactorResult
    now: FactorResult
    direction: Direction
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
        Which way the overall score went, by the same rule as for key factors.
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
    direction: Direction
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
    pairs = [
        (before, after)
        for old, new in zip(then.factors, now.factors, strict=True)
        for before, after in zip(old.questions, new.questions, strict=True)
    ]
    return Changes(
        then=then,
        now=now,
        round=earlier.round,
        direction=_direction(then, now, _as_it_was(then, now)),
        factors=tuple(
            FactorChange(
                old,
                new,
                _direction(old, new, _stands(old) == _stands(new)),
                tuple(_breaks(factor, (earlier.benchmark.version, assessment.benchmark.version), old, new)),
            )
            for factor, old, new in zip(benchmark.key_factors, then.factors, now.factors, strict=True)
        ),
        moved=tuple(
            QuestionChange(after.code, before.level, after.level)
            for before, after in pairs
            if before.level is not None and after.level is not None and before.level != after.level
        ),
        learned=tuple(after.code for before, after in pairs if before.state in _OPEN and after.state in _KNOWN),
        forgotten=tuple(after.code for before, after in pairs if before.state in _KNOWN and after.state in _OPEN),
        version=earlier.benchmark.version if earlier.benchmark.version != assessment.benchmark.version else "",
        other_voices=any(_other_voices(before, after) for before, after in pairs),
        other_questions=any(
            (before.state is QuestionState.NOT_APPLICABLE) != (after.state is QuestionState.NOT_APPLICABLE)
            for before, after in pairs
        ),
    )


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


def _breaks(factor: KeyFactor, versions: tuple[str, str], then: FactorResult, now: FactorResult) -> Iterator[Break]:
    first, last = sorted(map(_numbers, versions))
    if any(first < _numbers(version) <= last for question in factor.questions for version in question.reworded):
        yield Break.WORDING
    if any(_other_voices(before, after) for before, after in zip(then.questions, now.questions, strict=True)):
        yield Break.VOICES


def _numbers(version: str) -> list[int]:
    return [int(number) for number in version.split(".")]


def _other_voices(then: QuestionResult, now: QuestionResult) -> bool:
    return bool(then.basis and now.basis) and _who(then) != _who(now)


def _direction(then: FactorResult | Scorecard, now: FactorResult | Scorecard, unmoved: bool) -> Direction:
    if unmoved:
        return Direction.SAME
    if then.lower is None or then.upper is None or now.lower is None or now.upper is None:
        return Direction.UNCLEAR
    if now.lower > then.upper:
        return Direction.UP
    if now.upper < then.lower:
        return Direction.DOWN
    return Direction.SAME if then.lower == then.upper == now.lower == now.upper else Direction.UNCLEAR


def _as_it_was(then: Scorecard, now: Scorecard) -> bool:
    return all(_stands(old) == _stands(new) for old, new in zip(then.factors, now.factors, strict=True))


def _stands(result: FactorResult) -> list[object]:
    # An open question is open, whatever the reason. Of those who are not shown, the score is all there is to compare.
    states: list[object] = [
        QuestionState.UNANSWERED if question.state in _OPEN else (question.state, question.level, _range(question))
        for question in result.questions
    ]
    return [*states, result.withheld and (result.score, result.lower, result.upper)]


def _range(question: QuestionResult) -> object:
    return question.disputed and question.spread


def _who(question: QuestionResult) -> object:
    if question.basis == "agreed":
        return question.basis
    return [(voice.name, voice.from_city, sum(voice.levels or ())) for voice in question.voices]
