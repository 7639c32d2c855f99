"""How far a city has come, item by item, as the guide shows it; and what last round's answers were."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from citygrow_nb import scoring
from citygrow_nb.model import AGREED, Answer, Assessment, Benchmark, State
from citygrow_nb.plan import plan
from citygrow_nb.widgets import plain

Progress = Literal["answered", "dont_know", "not_applicable", "disputed", "confirm", "open"]
"""How a question or context factor stands for the one who is answering; the last two count as open."""


_OF_STATE: dict[State, Progress] = {
    State.RATED: "answered",
    State.DONT_KNOW: "dont_know",
    State.NOT_APPLICABLE: "not_applicable",
}


def workbooks(
    benchmark: Benchmark, assessment: Assessment | None, respondent: str, earlier: Assessment | None
) -> list[dict[str, Any]]:
    """Return all workbooks in reading order with what is asked in them, and how each item stands.

    Parameters
    ----------
    benchmark
        What is asked.
    assessment
        What was answered; None while no city is open.
    respondent
        Who is answering.
    earlier
        The city's round before, if there is one.

    Returns
    -------
    list of dict
        ``file``, ``title``, ``kind`` and ``items``, each with ``code``, ``text`` and ``state`` (:data:`Progress`).
    """
    found = []
    for name in plan(benchmark):
        items: list[dict[str, Any]] = []
        if assessment is not None and name.kind == "factor":
            items = [
                {"code": q.code, "text": q.text, "state": of_question(assessment, respondent, earlier, q.code)}
                for q in benchmark.factors[name.code].questions
            ]
        elif assessment is not None and name.kind == "context":
            items = [
                {"code": code, "text": factor.title, "state": _of_context(assessment, earlier, code)}
                for code, factor in benchmark.contexts.items()
            ]
        found.append({"file": name.file, "title": name.title, "kind": name.kind, "items": items})
    return found


def of_question(assessment: Assessment, respondent: str, earlier: Assessment | None, code: str) -> Progress:
    """Return how a question stands for the one who is answering; parameters as of :func:`workbooks`."""
    answer = assessment.answer(code, respondent)
    if respondent == AGREED and scoring.question_result(code, assessment).disputed:
        return "disputed"
    if answer is not None:
        return _OF_STATE[answer.state]
    return "confirm" if earlier is not None and earlier.answer(code, respondent) is not None else "open"


def _of_context(assessment: Assessment, earlier: Assessment | None, code: str) -> Progress:
    if code in assessment.context:
        return "answered"
    return "confirm" if earlier is not None and code in earlier.context else "open"


def answer_before(
    benchmark: Benchmark, earlier: Assessment | None, respondent: str, code: str
) -> dict[str, Any] | None:
    """Return what this respondent answered in the round before, as the form shows it; None if nothing."""
    answer = None if earlier is None else earlier.answer(code, respondent)
    if earlier is None or answer is None:
        return None
    words = _in_words(benchmark, answer)
    return {"round": earlier.round, "answer": plain(answer), "words": words, "comment": answer.comment}


def reading_before(benchmark: Benchmark, earlier: Assessment | None, code: str) -> dict[str, Any] | None:
    """Return how the city read a context factor in the round before, as the form shows it; None if not at all."""
    reading = None if earlier is None else earlier.context.get(code)
    if earlier is None or reading is None:
        return None
    named = {item.value: item.name for item in benchmark.scale.directions}
    words = "no reading" if reading.direction is None else named[reading.direction]
    return {"round": earlier.round, "answer": plain(reading), "words": words, "comment": reading.comment}


def next_round(label: str) -> str:
    """Return the label that a round after this one will most likely have: the year after it, or this year.

    >>> next_round("2999"), next_round("pilot-2")
    ('3000', 'pilot-2-again')
    """
    if not label.isdecimal():
        return f"{label}-again"
    return str(max(int(label) + 1, datetime.now().astimezone().year))


def _in_words(benchmark: Benchmark, answer: Answer) -> str:
    if answer.level is None:
        return "don't know" if answer.state is State.DONT_KNOW else "not applicable"
    return f"{answer.level} · {benchmark.scale.levels[answer.level].name}"
