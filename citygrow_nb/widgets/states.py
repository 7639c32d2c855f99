"""Between the model and plain data: what a form shows, and what it sends back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from pydantic import ValidationError

from citygrow_nb.exceptions import DocumentError, Problem
from citygrow_nb.model import Action, Answer, Benchmark, ContextReading, KeyFactor, Meeting, Practice
from citygrow_nb.model.fields import Document
from citygrow_nb.model.links import link_text, safe_url

Plain = dict[str, Any]
_D = TypeVar("_D", bound=Document)


def plain(item: Answer | ContextReading | Action | Meeting | None) -> Plain | None:
    """Return an answer, context reading or action as a form knows it: what was said, not when or over what."""
    return None if item is None else item.model_dump(mode="json", exclude={"updated_at", "over"})


def stamp(item: Answer | ContextReading | Action | Meeting | None) -> str:
    """Return when an item was changed: by it a draft knows that what it began with was changed, and changed back."""
    return "" if item is None or item.updated_at is None else item.updated_at.isoformat()


def answer_of(data: Mapping[str, Any] | None, code: str) -> Answer | None:
    """Return the answer that a form sent; None for no answer.

    Raises
    ------
    DocumentError
        In words fit to stand beside the question.
    """
    return None if data is None else validated(Answer, data, code)


def reading_of(data: Mapping[str, Any] | None, code: str) -> ContextReading | None:
    """Return the context reading that a form sent; None for none; errors as in :func:`answer_of`."""
    reading = None if data is None else validated(ContextReading, data, code)
    return None if reading is None or reading.is_empty else reading


def action_of(data: Mapping[str, Any] | None) -> Action | None:
    """Return the action that a form sent; None for one that was removed; errors as in :func:`answer_of`."""
    return None if data is None else validated(Action, data, "action")


def meeting_of(data: Mapping[str, Any] | None) -> Meeting | None:
    """Return the minutes of a meeting that a form sent; None where nothing is noted; errors as in :func:`answer_of`."""
    meeting = None if data is None else validated(Meeting, data, "minutes")
    return None if meeting is None or meeting.is_empty else meeting


def question_state(benchmark: Benchmark, code: str, answer: Answer | None) -> Plain:
    """Return what the form of one guide question shows."""
    question = benchmark.questions[code]
    levels: Sequence[Plain] = [
        {"level": level.level, "name": level.name, "text": text}
        for level, text in zip(benchmark.scale.levels, question.levels, strict=True)
    ]
    return {
        "code": code,
        "question": question.text,
        "levels": levels,
        "help": question.help,
        "evidenceHint": question.evidence_hint,
        "whoKnows": question.who_knows,
        "notes": list(question.notes),
        "practices": [_practice(item) for item in _factor_of(benchmark, code).practices if code in item.inspires],
        "answer": plain(answer),
        "stamp": stamp(answer),
    }


def context_state(benchmark: Benchmark, code: str, reading: ContextReading | None) -> Plain:
    """Return what the form of one context factor shows."""
    factor = benchmark.contexts[code]
    return {
        "code": code,
        "title": factor.title,
        "directions": [{"value": item.value, "name": item.name} for item in benchmark.scale.directions],
        "factors": [{"code": item.code, "title": item.short_title} for item in benchmark.key_factors],
        "reading": plain(reading),
        "stamp": stamp(reading),
    }


def _factor_of(benchmark: Benchmark, code: str) -> KeyFactor:
    return benchmark.factors[code.partition(".")[0]]


def _practice(practice: Practice) -> Plain:
    links = [{"title": link_text(link.title, link.url), "url": safe_url(link.url)} for link in practice.links]
    head = f"{practice.city}: {practice.title}{f' ({practice.year})' if practice.year else ''}"
    return {"head": head, "text": practice.text, "links": links}


def validated(kind: type[_D], data: Mapping[str, Any], where: str) -> _D:
    """Return what a form sent as a document of the model; errors as in :func:`answer_of`."""
    try:
        return kind.model_validate(data)
    except ValidationError as error:
        reasons = [fault["msg"].removeprefix("Value error, ").rstrip(".") for fault in error.errors()]
        raise DocumentError(Problem(where, "; ".join(dict.fromkeys(reasons)))) from error
