"""Voices: who counts as one where the city has not agreed, and what contests an answer that it has agreed.

An institution is one voice, shown by name. All groups of persons of one role are together one voice. A reviewer from
another city is none. All functions here are pure, and all sums exact: only what is shown is rounded.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import fsum, log2

from citygrow_nb.model import AGREED, MAX_LEVEL, Answer, Assessment, QuestionResult, QuestionState, State, Voice

_HALF = Fraction(1, 2)

Exact = int | Fraction


@dataclass(frozen=True, slots=True)
class Taken:
    """All answers to one question taken together.

    Parameters
    ----------
    shown
        What is shown of it.
    state
        State that counts.
    level
        Level that counts, exact; none unless rated.
    low, high
        The lowest and highest level that the question can turn out to have; none where it does not apply.
    """

    shown: QuestionResult
    state: QuestionState
    level: Exact | None
    low: int | None
    high: int | None

    @property
    def is_rated(self) -> bool:
        """Whether a level counts."""
        return self.state is QuestionState.RATED


@dataclass(frozen=True)
class Statement:
    """One answer of an institution, or one comment of persons, as it stands beside a question.

    Parameters
    ----------
    name
        Role of the institution; ``""`` for persons, whose words stand without names.
    answer
        What was answered; none for a comment of persons, whose levels stand together.
    comment
        The words.
    """

    name: str
    answer: Answer | None
    comment: str


@dataclass(frozen=True, slots=True)
class _Heard:
    voice: Voice
    level: Exact | None


def take_together(code: str, assessment: Assessment) -> Taken:
    """Take all answers to one question together.

    The agreed answer counts; an agreed “don't know” gives way where a voice knows. Where nothing is agreed: the mean
    over the voices that rate; else not applicable if all say so; else don't know.

    Parameters
    ----------
    code
        Code of the question.
    assessment
        What was answered.
    """
    agreed = assessment.answer(code)
    heard, reviews = _heard(code, assessment)
    voices = tuple(item.voice for item in heard)
    told: dict[str, object] = {"voices": voices, "reviews": reviews} if heard or reviews else {}
    if len(voices) > 1 or (voices and voices[0].levels):
        told["consensus"] = _consensus(voices)
    knows = any(voice.state is not State.DONT_KNOW for voice in voices)
    if agreed is not None and not (agreed.state is State.DONT_KNOW and knows):
        return _agreed(code, agreed, heard, told)
    rated = [item for item in heard if item.level is not None]
    if rated:
        level = Fraction(sum(item.level or 0 for item in rated), len(rated))
        if any(voice.state is State.NOT_APPLICABLE for voice in voices):
            return _taken(code, QuestionState.RATED, level, (0, MAX_LEVEL), told | {"disputed": True})
        ends = _ends([item.voice for item in rated])
        return _taken(code, QuestionState.RATED, level, ends, told | {"disputed": ends[0] < ends[1]})
    if voices and all(voice.state is State.NOT_APPLICABLE for voice in voices):
        return _taken(code, QuestionState.NOT_APPLICABLE, None, None, told)
    state = QuestionState.DONT_KNOW if voices else QuestionState.UNANSWERED
    return _taken(code, state, None, (0, MAX_LEVEL), told)


def levels_of_voices(code: str, assessment: Assessment) -> dict[str, float | None]:
    """Return the level of each voice on a question: what an answer that is agreed now is agreed over."""
    heard, _ = _heard(code, assessment)
    return {item.voice.key: None if item.level is None else float(item.level) for item in heard}


def agreed_over_voices(assessment: Assessment) -> Assessment:
    """Return a copy in which all agreed answers are agreed over the voices that it holds, as in an import."""
    agreed = {
        code: answer.model_copy(update={"over": levels_of_voices(code, assessment)})
        for code, answer in assessment.responses.get(AGREED, {}).items()
    }
    if not any(answer.over for answer in agreed.values()):
        return assessment
    return assessment.model_copy(update={"responses": {**assessment.responses, AGREED: agreed}})


def statements(code: str, assessment: Assessment) -> list[Statement]:
    """Return what stands beside one question: institutions and reviewers by name, comments of persons without.

    Parameters
    ----------
    code
        Code of the question.
    assessment
        What was answered; the agreed answer is not among them.
    """
    named = [
        Statement(f"{who.role} ({who.from_city})" if who.from_city else who.role, answer, answer.comment)
        for key, who in assessment.respondents.items()
        if key != AGREED and (answer := assessment.answer(code, key)) is not None
    ]
    words = [Statement("", None, text) for group in assessment.groups if group.code == code for text in group.comments]
    return sorted(named, key=lambda said: said.name.casefold()) + sorted(words, key=lambda said: said.comment)


def reviewers(assessment: Assessment) -> frozenset[str]:
    """Return the keys of those who review for another city."""
    return frozenset(key for key, who in assessment.respondents.items() if who.from_city)


def _heard(code: str, assessment: Assessment) -> tuple[list[_Heard], tuple[Voice, ...]]:
    """Return the voices on a question, and what reviewers say."""
    found = []
    for key, answers in assessment.responses.items():
        if key != AGREED and code in answers:
            who, answer = assessment.respondents[key], answers[code]
            level = answer.level
            found.append(
                _Heard(
                    Voice(
                        key=key,
                        name=who.role,
                        kind="institution",
                        state=answer.state,
                        level=level,
                        low=level,
                        high=level,
                        from_city=who.from_city,
                    ),
                    level,
                )
            )
    if not (found or assessment.groups):
        return [], ()
    found.sort(key=lambda item: (item.voice.name.casefold(), item.voice.from_city, item.voice.key))
    own = [item for item in found if not item.voice.from_city]
    persons = list(_persons(code, assessment, {item.voice.key for item in found}))
    return own + persons, tuple(item.voice for item in found if item.voice.from_city)


def _persons(code: str, assessment: Assessment, keys: set[str]) -> Iterator[_Heard]:
    roles: dict[str, tuple[str, list[int]]] = {}
    for group in assessment.groups:
        if group.code == code:
            _, counts = roles.setdefault(group.role.casefold(), (group.role, [0] * (MAX_LEVEL + 1)))
            for level, count in enumerate(group.levels):
                counts[level] += count
    for folded, (role, counts) in sorted(roles.items()):
        people = sum(counts)
        mean = Fraction(sum(level * count for level, count in enumerate(counts)), people)
        low, high = quartiles(counts)
        yield _Heard(
            Voice(
                key=f"{folded} (persons)" if folded in keys else folded,
                name=role,
                kind="persons",
                state=State.RATED,
                level=round(float(mean), 6),
                low=low,
                high=high,
                levels=(counts[0], counts[1], counts[2], counts[3]),
            ),
            mean,
        )


def quartiles(counts: Sequence[int]) -> tuple[int, int]:
    """Return the lower and the upper quartile of persons by level.

    The lower one is the lowest level at which, with all below it, a quarter of them stands; the upper one the highest
    level at which, with all above it, a quarter stands.

    Parameters
    ----------
    counts
        How many persons gave each level from 0 up; at least one in all.

    Examples
    --------
    >>> quartiles([3, 0, 0, 3]), quartiles([1, 0, 5, 0])
    ((0, 3), (2, 2))
    """
    people, levels = sum(counts), range(len(counts))
    low = next(level for level in levels if 4 * sum(counts[: level + 1]) >= people)
    high = next(level for level in reversed(levels) if 4 * sum(counts[level:]) >= people)
    return low, high


def _agreed(code: str, agreed: Answer, heard: Sequence[_Heard], told: dict[str, object]) -> Taken:
    told = {**told, "basis": "agreed"}
    state, level = QuestionState(agreed.state), agreed.level
    if state is QuestionState.DONT_KNOW:
        return _taken(code, state, None, (0, MAX_LEVEL), told)
    against = [item.voice for item in heard if _is_news(item, agreed) and _differs(item, agreed)]
    if against:
        told |= {"disputed": True, "contested": True}
    if level is None:
        return _taken(code, state, None, (0, MAX_LEVEL) if against else None, told)
    if not against:
        return _taken(code, state, level, (level, level), told)
    if any(voice.state is State.NOT_APPLICABLE for voice in against):
        return _taken(code, state, level, (0, MAX_LEVEL), told)
    low, high = _ends([item.voice for item in heard if item.level is not None])
    return _taken(code, state, level, (min(low, level), max(high, level)), told)


def against(result: QuestionResult, agreed: Answer) -> list[Voice]:
    """Return the voices that contest an agreed answer, of a question's result."""
    heard = [_Heard(voice, _exact(voice)) for voice in result.voices]
    return [item.voice for item in heard if _is_news(item, agreed) and _differs(item, agreed)]


def _exact(voice: Voice) -> Exact | None:
    if voice.levels:
        return Fraction(sum(level * count for level, count in enumerate(voice.levels)), sum(voice.levels))
    return None if voice.level is None else int(voice.level)


def _is_news(item: _Heard, agreed: Answer) -> bool:
    key = item.voice.key
    return key not in agreed.over or agreed.over[key] != (None if item.level is None else float(item.level))


def _differs(item: _Heard, agreed: Answer) -> bool:
    voice = item.voice
    if voice.state is State.DONT_KNOW:
        return False
    level, city = item.level, agreed.level
    if level is None or city is None:
        return voice.state is not agreed.state
    return level != city if voice.levels is None else abs(Fraction(level) - city) >= _HALF


def _ends(voices: Sequence[Voice]) -> tuple[int, int]:
    return min(voice.low or 0 for voice in voices), max(voice.high or 0 for voice in voices)


def _taken(
    code: str, state: QuestionState, level: Exact | None, ends: tuple[int, int] | None, told: dict[str, object]
) -> Taken:
    low, high = ends or (None, None)
    told.setdefault("basis", "voices" if told.get("voices") else None)
    shown = QuestionResult.model_validate(
        {
            "code": code,
            "state": state,
            "level": None if level is None else round(float(level), 6),
            "low": low,
            "high": high,
            **told,
        }
    )
    return Taken(shown, state, level, low, high)


def _consensus(voices: Sequence[Voice]) -> float | None:
    rated = [voice for voice in voices if voice.level is not None]
    if not rated or (len(rated) == 1 and rated[0].levels is None):
        return None
    return round(consensus(_shares(rated)), 4)


def _shares(voices: Sequence[Voice]) -> list[float]:
    shares = [0.0] * (MAX_LEVEL + 1)
    for voice in voices:
        for level, share in _shares_of(voice):
            shares[level] += share / len(voices)
    return shares


def _shares_of(voice: Voice) -> Iterator[tuple[int, float]]:
    if voice.levels is None:
        yield int(voice.level or 0), 1.0
    else:
        yield from ((level, count / sum(voice.levels)) for level, count in enumerate(voice.levels))


def consensus(shares: Sequence[float]) -> float:
    """Return how far opinions on an ordered scale agree: 1 when all are alike, 0 when they stand half at either end.

    Source: W. J. Tastle and M. J. Wierman, *Consensus and dissention: a measure of ordinal dispersion*, International
    Journal of Approximate Reasoning 45 (2007): 1 + Σ p log2(1 - |x - μ| / d), where d is the width of the scale.

    Parameters
    ----------
    shares
        Share of opinions at each level from 0 up; together 1.

    Examples
    --------
    >>> consensus([0, 0, 1, 0]), consensus([0.5, 0, 0, 0.5]), round(consensus([0, 0.5, 0.5, 0]), 3)
    (1.0, 0.0, 0.737)
    """
    width = len(shares) - 1
    mean = fsum(level * share for level, share in enumerate(shares))
    terms = (share * log2(1 - abs(level - mean) / width) for level, share in enumerate(shares) if share)
    return min(1.0, max(0.0, 1 + fsum(terms)))
