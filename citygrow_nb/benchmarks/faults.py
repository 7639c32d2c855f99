"""Faults of a benchmark's content: where they are in the data, and the model's own errors turned into sentences.

Knows nothing of files; see ``places`` for how a location becomes a file and a line.
"""

from __future__ import annotations

import math
import types
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Annotated, Any, TypeGuard, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from citygrow_nb.exceptions import one_line
from citygrow_nb.model import fields
from citygrow_nb.slugs import SLUG_PATTERN

Loc = tuple[str | int, ...]
"""Field names and list positions that lead to a place in the data."""


@dataclass(frozen=True)
class Fault:
    """One fault of the content.

    Parameters
    ----------
    loc
        Where it is.
    found
        What was found there.
    allowed
        What may stand there.
    todo
        What to do about it.
    other
        A second place that the fault is about, such as the first use of a code.
    """

    loc: Loc
    found: str
    allowed: str = ""
    todo: str = ""
    other: Loc | None = None


def of_model(error: ValidationError, model: type[BaseModel]) -> Iterator[Fault]:
    """Turn pydantic's errors into faults.

    Parameters
    ----------
    error
        What validating against ``model`` raised.
    model
        The outermost model.

    Yields
    ------
    Fault
        One for each error, in words that name fields as they stand in the files.
    """
    for details in error.errors(include_url=False):
        yield _fault(details, model)


def shown(value: object) -> str:
    """Return a value as an error may show it: short, and recognisable for who wrote YAML."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return f"the number {value}"
    if isinstance(value, list):
        return f"a list of {len(value)}" if value else "an empty list"
    if isinstance(value, dict):
        return "a block of fields"
    text = " ".join(str(value).split())
    return f"“{text if len(text) <= 60 else text[:57] + '…'}”"


_CODES = {
    fields.KEY_FACTOR: "a code such as KF1",
    fields.QUESTION: "a code such as KF1.Q1",
    fields.PRACTICE: "a code such as KF1.P1",
    fields.CONTEXT_FACTOR: "a code such as CF1",
    fields.PROMPT: "a code such as CF1.1",
    fields.TERM: "a code such as T1",
    SLUG_PATTERN: "small letters a-z, digits and single hyphens",
    fields.VERSION: "three numbers with points between them, such as 1.0.0",
    fields.COUNTRY: "two capital letters, ISO 3166-1",
}

_BELONGS = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "finite_number": "a finite number",
    "tuple_type": "a list",
    "dict_type": "a block of fields",
    "model_type": "a block of fields",
    "model_attributes_type": "a block of fields",
}

_LIMITS = {
    "greater_than": ("above", "gt"),
    "greater_than_equal": ("at least", "ge"),
    "less_than": ("below", "lt"),
    "less_than_equal": ("at most", "le"),
}


def _fault(details: ErrorDetails, model: type[BaseModel]) -> Fault:
    kind, loc, value, context = details["type"], details["loc"], details["input"], details.get("ctx", {})
    is_key = bool(loc) and loc[-1] == "[key]"
    if is_key:
        loc = loc[:-1]
    name = "the key" if is_key else _name(loc)
    if kind == "missing":
        return Fault(loc[:-1], f"{name} is missing", todo="add it")
    if kind == "extra_forbidden":
        return _unknown_field(loc, model)
    if kind in _BELONGS:
        # 1.0 and NO mean something else to YAML than to their writer.
        todo = "write it in quotes" if kind == "string_type" and isinstance(value, bool | int | float) else ""
        return Fault(loc, f"{name} is {shown(value)}", _BELONGS[kind], todo)
    if kind in _LIMITS:
        word, limit = _LIMITS[kind]
        return Fault(loc, f"{name} is {shown(value)}", f"{word} {context[limit]:g}")
    if kind == "string_pattern_mismatch":
        pattern = str(context["pattern"])
        return Fault(loc, f"{name} is {shown(value)}", _CODES.get(pattern, f"text of the form {pattern}"))
    if kind == "literal_error":
        return Fault(loc, f"{name} is {shown(value)}", str(context["expected"]).replace("'", ""))
    if "too_short" in kind:
        if isinstance(value, list):
            return Fault(loc, f"{name} has too few items", f"at least {context['min_length']}")
        return Fault(loc, f"{name} is empty", todo="write the text or leave the field out, if it may be left out")
    if "too_long" in kind:
        things = "items" if isinstance(value, list) else "characters"
        count = len(value) if isinstance(value, list | str) else "too many"
        return Fault(loc, f"{name} has {count} {things}", f"at most {context['max_length']}")
    return Fault(loc, f"{name}: {details['msg'].removeprefix('Value error, ')}")


def _name(loc: Loc) -> str:
    field = next((step for step in reversed(loc) if isinstance(step, str)), "the whole")
    if loc and isinstance(loc[-1], int):
        return f"item {loc[-1] + 1} of “{field}”"
    return f"“{field}”" if loc else "the whole"


def _unknown_field(loc: Loc, model: type[BaseModel]) -> Fault:
    holder = _type_at(model, loc[:-1])
    names = list(holder.model_fields) if isinstance(holder, type) and issubclass(holder, BaseModel) else []
    near = get_close_matches(str(loc[-1]), names, n=1, cutoff=0.5)
    todo = f"did you mean “{near[0]}”?" if near else "remove it"
    return Fault(loc, f"“{loc[-1]}” is not a field here", one_line(names, limit=20), todo)


def _type_at(annotation: Any, loc: Loc) -> Any:
    for step in loc:
        annotation = _bare(annotation)
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            field = annotation.model_fields.get(str(step))
            annotation = None if field is None else field.annotation
        else:
            # tuple[Item, ...] or dict[Code, Item]
            inner = get_args(annotation)
            annotation = inner[-1 if get_origin(annotation) is dict else 0] if inner else None
    return _bare(annotation)


def _bare(annotation: Any) -> Any:
    while get_origin(annotation) in {Annotated, Union, types.UnionType}:
        annotation = get_args(annotation)[0]
    return annotation


def is_number(value: object) -> TypeGuard[float]:
    """Tell whether a value is a finite number; ``true`` is none."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
