"""Voices: who counts as one where the city has not agreed, and what of it may be shown.

An institution is one voice, shown by name. Persons of one role are together one voice, their mean, and are never shown
alone: fewer than five of a role join persons of other roles, and bounds run over each of these; fewer than five in all
count in the key factor's score, and nothing else tells of them. All functions here are pure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import fsum, log2

from citygrow_nb.model import (
    AGREED,
    MAX_LEVEL,
    Answer,
    Assessment,
    QuestionResult,
    QuestionState,
    Respondent,
    Spread,
    State,
    Voice,
)

SMALLEST_GROUP = 5
"""Fewer persons than this are never shown by themselves."""

SEVERAL_ROLES = "persons of several roles"

_Given = tuple[Respondent, Answer]


@dataclass(frozen=True)
class Together:
    """All answers to one question taken together.

    Parameters
    ----------
    shown
        What may be shown.
    state, level
        What counts, with those who are never shown.
    below, above
        How far the lowest and the highest voice that may be shown are from their mean; 0 where nothing is disputed.
    hidden
        Whether fewer than five persons have a part in it.
    ceiling
        The highest level that may count, whatever those who are not shown say.
    """

    shown: QuestionResult
    state: QuestionState
    level: float | None
    below: float
    above: float
    hidden: bool
    ceiling: float

    def moved(self, level: float, below: float, above: float) -> Together:
        """Return the same at another level, with other distances to the lowest and the highest voice."""
        shown = self.shown.model_copy(update={"level": level})
        return replace(self, shown=shown, level=level, below=below, above=above, ceiling=max(level, self.ceiling))


@dataclass(frozen=True)
class Statement:
    """One answer that may be shown in full.

    Parameters
    ----------
    name
        Role of an institution, or ``""``: words of persons stand without names.
    answer
        What was answered.
    """

    name: str
    answer: Answer


def take_together(code: str, assessment: Assessment) -> Together:
    """Take all answers to one question together.

    The agreed answer counts. Where there is none: the mean over the voices that rate; else not applicable if all say
    so; else don't know.

    Parameters
    ----------
    code
        Code of the question.
    assessment
        What was answered.
    """
    institutions, groups, hidden = _parties(code, assessment)
    if not (institutions or groups or hidden):
        return _of_the_city(code, assessment.answer(code))
    voices = tuple(_institution(*given) for given in institutions) + tuple(_persons(*group) for group in groups)
    agreed = assessment.answer(code)
    everyone = (*voices, _persons("", hidden)) if hidden and agreed is None else voices
    low, high = _ends(voices)
    disputed = agreed is None and low != high
    state, level = _outcome(everyone) if agreed is None else (QuestionState(agreed.state), agreed.level)
    visible, mean = _outcome(voices) if agreed is None else (state, level)
    persons = sum(len(group) for _, group in groups)
    raters = len([voice for voice in voices if voice.levels is None and voice.level is not None])
    result = QuestionResult(
        code=code,
        state=visible,
        level=None if mean is None else round(mean, 2),
        basis="agreed" if agreed else "respondents" if voices else None,
        respondents=len(institutions) + persons,
        raters=raters + sum(sum(voice.levels or ()) for voice in voices),
        voices=voices,
        spread=Spread(low=low, high=high) if low is not None and high is not None else None,
        disputed=disputed,
        consensus=_consensus(voices),
    )
    return Together(
        shown=result,
        state=state,
        level=level,
        below=mean - low if disputed and mean is not None and low is not None else 0.0,
        above=high - mean if disputed and mean is not None and high is not None else 0.0,
        hidden=bool(hidden) and agreed is None,
        ceiling=_ceiling(voices) if agreed is None else agreed.level or 0.0,
    )


def _of_the_city(code: str, agreed: Answer | None) -> Together:
    """Return the same where nobody else has answered, as is so for most cities."""
    if agreed is None:
        shown = QuestionResult(code=code, state=QuestionState.UNANSWERED)
        return Together(shown, shown.state, None, 0.0, 0.0, hidden=False, ceiling=float(MAX_LEVEL))
    shown = QuestionResult(code=code, state=QuestionState(agreed.state), level=agreed.level, basis="agreed")
    return Together(shown, shown.state, agreed.level, 0.0, 0.0, hidden=False, ceiling=float(agreed.level or 0))


def statements(code: str, assessment: Assessment) -> list[Statement]:
    """Return the answers to one question that may be shown in full: institutions by name, persons without.

    Parameters
    ----------
    code
        Code of the question.
    assessment
        What was answered; the agreed answer is not among them.
    """
    institutions, groups, _ = _parties(code, assessment)
    named = [Statement(_full_name(respondent), answer) for respondent, answer in institutions]
    words = [Statement("", answer) for _, group in groups for _, answer in group]
    # Neither the order nor a name may tell whose words these are.
    words.sort(key=lambda said: (said.answer.comment, [(item.title, item.url) for item in said.answer.evidence]))
    return named + words


def peers(assessment: Assessment) -> dict[str, Respondent]:
    """Return the respondents that review for another city, by key."""
    return {key: respondent for key, respondent in assessment.respondents.items() if respondent.from_city}


def has_few_persons(assessment: Assessment) -> bool:
    """Tell whether fewer than five persons have answered, so that nothing may be made public that depends on them.

    A fingerprint of the whole document does: who knows all answers but one could try out the rest.
    """
    persons = [
        key
        for key, answers in assessment.responses.items()
        if answers and key != AGREED and assessment.respondents[key].kind == "person"
    ]
    return 0 < len(persons) < SMALLEST_GROUP


def _full_name(respondent: Respondent) -> str:
    return f"{respondent.role} ({respondent.from_city})" if respondent.from_city else respondent.role


def _parties(code: str, assessment: Assessment) -> tuple[list[_Given], list[tuple[str, list[_Given]]], list[_Given]]:
    """Return institutions, groups of persons that may be shown, and persons that may not."""
    given = [
        (assessment.respondents[key], answers[code])
        for key, answers in assessment.responses.items()
        if key != AGREED and code in answers
    ]
    if not given:
        return [], [], []
    institutions = [pair for pair in given if pair[0].kind == "institution"]
    groups, hidden = _groups([pair for pair in given if pair[0].kind == "person"])
    return sorted(institutions, key=lambda pair: _full_name(pair[0]).casefold()), groups, hidden


def _groups(persons: list[_Given]) -> tuple[list[tuple[str, list[_Given]]], list[_Given]]:
    counted = _size if any(answer.level is not None for _, answer in persons) else len
    if counted(persons) < SMALLEST_GROUP:
        return [], persons
    roles: dict[str, list[_Given]] = {}
    for pair in persons:
        roles.setdefault(pair[0].role.casefold(), []).append(pair)
    large = [group for group in roles.values() if counted(group) >= SMALLEST_GROUP]
    rest = [pair for group in roles.values() if counted(group) < SMALLEST_GROUP for pair in group]
    large.sort(key=lambda group: (-counted(group), group[0][0].role))
    if rest and counted(rest) < SMALLEST_GROUP:
        # Shown beside the whole, so few could be subtracted from it.
        rest += large.pop()
    named = [(group[0][0].role, group) for group in large]
    return named + ([("", rest)] if rest else []), []


def _size(group: Sequence[_Given]) -> int:
    return sum(answer.level is not None for _, answer in group)


def _institution(respondent: Respondent, answer: Answer) -> Voice:
    return Voice(
        name=respondent.role,
        kind="institution",
        state=answer.state,
        level=answer.level,
        from_city=respondent.from_city,
    )


def _persons(name: str, group: list[_Given]) -> Voice:
    levels = [answer.level for _, answer in group if answer.level is not None]
    each = Counter(levels)
    all_set_aside = all(answer.state is State.NOT_APPLICABLE for _, answer in group)
    return Voice(
        name=name or SEVERAL_ROLES,
        pooled=not name,
        kind="persons",
        state=State.RATED if levels else State.NOT_APPLICABLE if all_set_aside else State.DONT_KNOW,
        level=fsum(levels) / len(levels) if levels else None,
        levels=(each[0], each[1], each[2], each[3]) if levels else None,
    )


def _outcome(voices: Sequence[Voice]) -> tuple[QuestionState, float | None]:
    levels = [voice.level for voice in voices if voice.level is not None]
    if levels:
        return QuestionState.RATED, fsum(levels) / len(levels)
    if not voices:
        return QuestionState.UNANSWERED, None
    if all(voice.state is State.NOT_APPLICABLE for voice in voices):
        return QuestionState.NOT_APPLICABLE, None
    return QuestionState.DONT_KNOW, None


def _ends(voices: Sequence[Voice]) -> tuple[float | None, float | None]:
    levels = [level for voice in voices if voice.level is not None for level in _extent(voice)]
    return (min(levels), max(levels)) if len(levels) > 1 else (None, None)


def _extent(voice: Voice) -> list[float]:
    # Persons of several roles stand together to hide each, not because they are of one mind.
    if voice.pooled:
        return [float(level) for level, count in enumerate(voice.levels or ()) if count for _ in range(min(count, 2))]
    return [voice.level or 0.0]


def _ceiling(voices: Sequence[Voice]) -> float:
    levels = [voice.level for voice in voices if voice.level is not None]
    return (fsum(levels) + MAX_LEVEL) / (len(levels) + 1)


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
