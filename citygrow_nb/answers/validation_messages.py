"""What is wrong with a document, in sentences: pydantic's errors for people who never saw one.

A place is named as in ``responses.agreed.KF1.Q1.level``; items of a list are counted from 1: ``actions no. 2.what``.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from citygrow_nb.exceptions import Problem, one_line
from citygrow_nb.model import fields
from citygrow_nb.slugs import ROUND_PATTERN, SLUG_PATTERN

Step = str | int

_SLUG = "small letters a-z, digits and single hyphens, as in “zabia-gora”"
_SHAPES = {
    SLUG_PATTERN: _SLUG,
    ROUND_PATTERN: "small letters, digits, and single dots, hyphens or underscores between them, as in “2026”",
    fields.KEY_FACTOR: "the code of a key factor, as in “KF1”",
    fields.QUESTION: "the code of a guide question, as in “KF1.Q1”",
    fields.CONTEXT_FACTOR: "the code of a context factor, as in “CF1”",
    r"^[A-Z]{2}$": "a country code of two capital letters, as in “PL”",
    r"^\d+\.\d+\.\d+$": "a version of three numbers, as in “1.0.0”",
    r"^[a-z0-9]{1,16}$": "1 to 16 small letters and digits",
}
_WANTED = {
    "string_type": "a text in double quotes",
    "int_type": "a whole number without quotes",
    "int_from_float": "a whole number",
    "tuple_type": "a list in square brackets",
    "dict_type": "an object in curly brackets",
    "model_type": "an object in curly brackets",
    "datetime_type": "date, time and zone in double quotes, as in “2026-11-22T10:15:00Z”",
    "datetime_parsing": "date, time and zone, as in “2026-11-22T10:15:00Z”",
    "datetime_from_date_parsing": "date, time and zone, as in “2026-11-22T10:15:00Z”",
    "timezone_aware": "a time with its zone, as in “2026-11-22T10:15:00Z”",
}


class Repeated(dict[str, Any]):
    """A JSON object in which a name stands more than once; ``names`` says which."""

    names: tuple[str, ...] = ()


def place(steps: Iterable[Step]) -> str:
    """Return the name of a place in a document.

    >>> place(("responses", "agreed", "KF1.Q1", "evidence", 0, "url"))
    'responses.agreed.KF1.Q1.evidence no. 1.url'
    """
    text = ""
    for step in steps:
        if isinstance(step, int):
            text += f" no. {step + 1}"
        elif step != "[key]":
            text += f".{_plain(step)}" if text else _plain(step)
    return text


def located(where: str, steps: Iterable[Step]) -> str:
    """Return file and place, for the beginning of a sentence."""
    name = place(steps)
    return f"{where}, {name}" if name else where


def shown(value: object) -> str:
    """Return a value as people would quote it, cut where it gets long."""
    if value is None:
        return "nothing (null)"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, str):
        text = _plain(value)
        return f"“{text[:57]}…”" if len(text) > 60 else f"“{text}”"
    return "a list" if isinstance(value, (list, tuple)) else "an object"


def _plain(text: str) -> str:
    # Half a surrogate pair cannot be printed anywhere.
    return " ".join(text.encode("utf-8", "backslashreplace").decode("utf-8").split())


def raw_problems(raw: object, where: str) -> Iterator[Problem]:
    """Yield what is wrong with parsed JSON whatever it is about.

    Parameters
    ----------
    raw
        Parsed JSON, with :class:`Repeated` for objects in which a name stands twice.
    where
        The file.

    Yields
    ------
    Problem
        A name twice in one object, a number that is none, a text that is broken, true or false for a level.
    """
    todo: list[tuple[tuple[Step, ...], object]] = [((), raw)]
    while todo:
        steps, value = todo.pop()
        if isinstance(value, dict):
            if isinstance(value, Repeated):
                for name in value.names:
                    yield Problem(
                        located(where, (*steps, name)),
                        "this name stands more than once in the same object",
                        todo="keep one of the entries",
                    )
            for name in value:
                if not _printable(name):
                    yield Problem(located(where, (*steps, name)), "this name holds half a character", todo="rename it")
            todo.extend(((*steps, name), item) for name, item in reversed(value.items()))
        elif isinstance(value, list):
            todo.extend(((*steps, i), item) for i, item in reversed(list(enumerate(value))))
        elif isinstance(value, str):
            if not _printable(value):
                yield Problem(located(where, steps), "the text holds half a character", todo="type it again")
        elif isinstance(value, float):
            if not math.isfinite(value):
                yield Problem(
                    located(where, steps), f"{value} is not a number that can be used", todo="mend or delete it"
                )
        elif isinstance(value, bool) and steps and steps[-1] in {"level", "direction"}:
            # Python takes true for 1.
            yield Problem(located(where, steps), f"found {shown(value)}", "a whole number")


def _printable(text: str) -> bool:
    return text.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in text)


def model_problems(error: ValidationError, model: type[BaseModel], where: str) -> Iterator[Problem]:
    """Yield pydantic's errors as sentences.

    Parameters
    ----------
    error
        What pydantic found.
    model
        The model it was validating.
    where
        The file.

    Yields
    ------
    Problem
        One for each error.
    """
    for details in error.errors(include_url=False):
        if details["type"] != "json_invalid":  # the parsed JSON was checked before
            found, allowed, todo = _sentence(details, model)
            yield Problem(located(where, details["loc"]), found, allowed, todo)


def _sentence(details: ErrorDetails, model: type[BaseModel]) -> tuple[str, str, str]:
    kind, value, context = details["type"], details["input"], details.get("ctx", {})
    if kind == "missing":
        return "this field is missing", "", "add it"
    if kind == "extra_forbidden":
        names = _field_names(model, details["loc"][:-1])
        near = get_close_matches(str(details["loc"][-1]), names, n=1)
        return "there is no field of this name", one_line(names, 12), f"did you mean “{near[0]}”?" if near else ""
    if kind in {"enum", "literal_error"}:
        return f"found {shown(value)}", str(context["expected"]).replace("'", "").replace(" or ", ", "), ""
    if kind == "string_pattern_mismatch":
        shape = _SHAPES.get(context["pattern"], f"the pattern {context['pattern']}")
        return f"{shown(value)} is not of the right form", shape, ""
    if kind in {"too_short", "string_too_short"}:
        return "this is empty", "", "fill it in"
    if kind in {"too_long", "string_too_long"}:
        length = context.get("actual_length") or len(str(value))
        return f"{length:,} characters are too many", f"at most {context['max_length']:,}", "shorten it"
    if kind in {"greater_than_equal", "less_than_equal"}:
        limit = f"at least {context['ge']:,}" if "ge" in context else f"at most {context['le']:,}"
        return f"found {shown(value)}", limit, ""
    if kind == "value_error":
        return str(context["error"]), "", ""
    return f"found {shown(value)}", _WANTED.get(kind, details["msg"]), ""


def _field_names(model: type[BaseModel], steps: Iterable[Step]) -> list[str]:
    kind: Any = model
    for step in steps:
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            kind = kind.model_fields[str(step)].annotation
        elif get_origin(kind) is dict:
            kind = get_args(kind)[1]
        elif get_origin(kind) is tuple:
            kind = get_args(kind)[0]
    return list(kind.model_fields) if isinstance(kind, type) and issubclass(kind, BaseModel) else []
