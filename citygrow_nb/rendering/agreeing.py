"""For the meeting: what was said on one question beside the levels, and the minutes."""

from __future__ import annotations

from collections.abc import Mapping

from citygrow_nb import scoring
from citygrow_nb.model import Assessment, Benchmark, Voice
from citygrow_nb.rendering.cards import card_of, question_result
from citygrow_nb.rendering.environment import render
from citygrow_nb.rendering.fragments import Fragment, contested_line, voice_line

_MOST_WORDS = 40
"""Most comments that stand under a question; a survey may have thousands."""


def side_by_side(benchmark: Benchmark, assessment: Assessment, code: str) -> Fragment:
    """Show one question with its levels side by side, and under each who chose it.

    Parameters
    ----------
    benchmark, assessment, code
        What was asked, what was answered, and which question is shown.
    """
    question = benchmark.questions[code]
    result = question_result(benchmark, assessment, code)
    levels = [
        (level, text, _at(result.voices, level.level))
        for level, text in zip(benchmark.scale.levels, question.levels, strict=True)
    ]
    html = render(
        "side-by-side.html.j2",
        question=question,
        result=result,
        levels=levels,
        silent=[voice for voice in result.voices if voice.level is None],
        reviews=[voice_line(voice) for voice in result.reviews],
        words=[(said.name, said.comment) for said in scoring.statements(code, assessment) if said.comment],
        agreed=assessment.answer(code),
        contested=contested_line(result, assessment.answer(code)),
        most=_MOST_WORDS,
    )
    return Fragment(html, "\n".join(voice_line(voice) for voice in result.voices))


def _at(voices: tuple[Voice, ...], level: int) -> list[tuple[Voice, int]]:
    """Return who chose a level: institutions, and persons with how many of them."""
    found = []
    for voice in voices:
        many = voice.levels[level] if voice.levels else int(voice.level == level)
        if many:
            found.append((voice, many))
    return found


def minutes(benchmark: Benchmark, assessment: Assessment, links: Mapping[str, str] | None = None) -> Fragment:
    """Show who met and when, what was agreed with its reason, and what is left.

    Parameters
    ----------
    benchmark, assessment
        What was asked and answered.
    links
        Page of each key factor by code (optional).
    """
    card = card_of(benchmark, assessment)
    agreed = [(benchmark.questions[item.code], item, assessment.answer(item.code)) for item in scoring.agreed_on(card)]
    left = len(scoring.to_agree(card))
    meetings = [meeting for _, meeting in sorted(assessment.meetings.items()) if not meeting.is_empty]
    html = render(
        "minutes.html.j2",
        meetings=meetings,
        agreed=agreed,
        left=left,
        names=benchmark.scale.levels,
        links=links or {},
    )
    return Fragment(html, f"{len(meetings)} meetings, {len(agreed)} agreed, {left} left")
