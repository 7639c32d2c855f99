"""What a draft leaves open: filled in with general words, so that it can be used at once, and listed as to do.

Nothing of this is written anywhere: a benchmark's files hold only what somebody wrote.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from citygrow_nb.benchmarks.faults import Loc

SHORT = 28
"""Most letters of a short title."""

NOT_SAID = "not said yet"
"""Stands for what people have still to say."""

_DANGLING = re.compile(r"([\s,;:/&–-]+(an?|the|of|to|for|in|on|at|by|and|or|with|from))*[\s,;:/&–-]*$", re.IGNORECASE)


class Todo(NamedTuple):
    """Something that is still to do in a draft.

    Parameters
    ----------
    loc
        Where in the data.
    what
        What is open, or why somebody should look.
    """

    loc: Loc
    what: str


def is_draft(data: dict[str, Any]) -> bool:
    """Tell whether a benchmark's data say that it is a draft."""
    return data.get("status") == "draft"


def completed(data: dict[str, Any]) -> tuple[dict[str, Any], list[Todo]]:
    """Fill in what a draft leaves open.

    Parameters
    ----------
    data
        The whole benchmark as plain values; what of it is malformed stays as it is.

    Returns
    -------
    tuple
        The data with general words in the open places, and everything that is still to do, in reading order.
    """
    made = dict(data)
    todos: list[Todo] = []
    for name, words in (("how_to_use", []), ("introduction", []), ("provenance", [NOT_SAID])):
        if not made.get(name):
            made[name] = words
            todos.append(Todo((), f"“{name}” is open"))
    made["publications"] = [
        _filled(item, {"publisher": NOT_SAID}, ("publications", number), todos)
        for number, item in _items(data, "publications")
    ]
    made["standard"] = _looked(data.get("standard"), ("standard",), todos)
    made["terms"] = [_looked(item, ("terms", number), todos) for number, item in _items(data, "terms")]
    general = _general_levels(data)
    titles: set[str] = set()
    made["key_factors"] = [
        _factor(item, ("key_factors", number), general, titles, todos) for number, item in _items(data, "key_factors")
    ]
    titles = set()
    made["context_factors"] = [
        _context(item, ("context_factors", number), titles, todos) for number, item in _items(data, "context_factors")
    ]
    return made, todos


def _factor(item: Any, loc: Loc, levels: list[str], titles: set[str], todos: list[Todo]) -> Any:
    if not isinstance(item, dict):
        return item
    words = {"short_title": _short(item, titles), "statement": NOT_SAID, "rationale": NOT_SAID}
    made = _looked(_filled(item, words, loc, todos), loc, todos)
    made["questions"] = [
        _looked(
            _filled(each, {"levels": levels, "evidence_hint": NOT_SAID, "who_knows": NOT_SAID}, place, todos),
            place,
            todos,
        )
        for place, each in _within(item, loc, "questions")
    ]
    made["practices"] = [
        _looked(_filled(each, {"title": _beginning(each), "country": None}, place, todos), place, todos)
        for place, each in _within(item, loc, "practices")
    ]
    return made


def _context(item: Any, loc: Loc, titles: set[str], todos: list[Todo]) -> Any:
    if not isinstance(item, dict):
        return item
    title = str(item.get("title", ""))
    words = {
        "short_title": _short(item, titles),
        "text": f"{title}.",
        "hindering": NOT_SAID,
        "enabling": NOT_SAID,
    }
    made = _looked(_filled(item, words, loc, todos), loc, todos)
    made["prompts"] = [_looked(each, place, todos) for place, each in _within(item, loc, "prompts")]
    for place, each in _within(item, loc, "prompts"):
        if isinstance(each, dict) and not str(each.get("text", "")).rstrip().endswith("?"):
            todos.append(Todo((*place, "text"), "word the point as a question"))
    return made


def _filled(item: Any, words: dict[str, Any], loc: Loc, todos: list[Todo]) -> Any:
    if not isinstance(item, dict):
        return item
    missing = [name for name in words if not item.get(name)]
    if missing:
        todos.append(Todo(loc, f"open: {', '.join(missing)}"))
    return {**item, **{name: words[name] for name in missing}}


def _looked(item: Any, loc: Loc, todos: list[Todo]) -> Any:
    marks = item.get("check") if isinstance(item, dict) else None
    for number, reason in enumerate(marks if isinstance(marks, list) else []):
        todos.append(Todo((*loc, "check", number), f"check: {reason}"))
    return dict(item) if isinstance(item, dict) else item


def _general_levels(data: dict[str, Any]) -> list[str]:
    scale = data.get("scale")
    levels = scale.get("levels") if isinstance(scale, dict) else None
    return [str(level.get("meaning", "")) for level in levels or [] if isinstance(level, dict)]


def _short(item: dict[str, Any], taken: set[str]) -> str:
    """Return a short title that no other has: the beginning of the title."""
    words = str(item.get("title", "")).split()
    if words and all(word.isupper() for word in words if word.isalpha()):
        words = " ".join(words).capitalize().split()
    short = ""
    for word in words:
        if len(f"{short} {word}".strip()) > SHORT:
            break
        short = f"{short} {word}".strip()
    if short != " ".join(words):
        # Nor does it break off within “access to | money”.
        short = _DANGLING.sub("", short)
    short = short or " ".join(words)[:SHORT] or NOT_SAID
    number, made = 2, short
    while made.casefold() in taken:
        made = f"{short[: SHORT - 3].rstrip()} {number}"
        number += 1
    taken.add(made.casefold())
    return made


def _beginning(practice: Any) -> str:
    words = str(practice.get("text", "") if isinstance(practice, dict) else "").split()
    return " ".join(words[:8]) + ("…" if len(words) > 8 else "") or NOT_SAID


def _items(data: dict[str, Any], name: str) -> Iterator[tuple[int, Any]]:
    found = data.get(name)
    yield from enumerate(found if isinstance(found, list) else [])


def _within(item: dict[str, Any], loc: Loc, name: str) -> Iterator[tuple[Loc, Any]]:
    yield from (((*loc, name, number), each) for number, each in _items(item, name))
