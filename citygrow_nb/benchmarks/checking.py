"""What the model cannot see: whether the parts of a benchmark fit together.

Works on plain values, valid or not, so that all faults of a benchmark come at once. What has the wrong type
is passed over here, because the model names it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import urlsplit

from citygrow_nb.benchmarks.faults import Fault, Loc, is_number, shown
from citygrow_nb.exceptions import one_line
from citygrow_nb.model import LEVELS, fields
from citygrow_nb.model.fields import natural, nearest

Item = tuple[Loc, dict[str, Any]]

_CODE = "|".join(
    f"(?:{pattern})"
    for pattern in (
        fields.KEY_FACTOR,
        fields.QUESTION,
        fields.PRACTICE,
        fields.CONTEXT_FACTOR,
        fields.PROMPT,
        fields.TERM,
    )
)
_LEFTOVER = re.compile(r"\b(?:TODO|FIXME|TBD|XXX|[Ll]orem ipsum)\b")
# The same sign in other scripts: full-width, Arabic, Greek.
_QUESTION_MARKS = ("?", "？", "؟", ";")
_DIRECTIONS = [-2, -1, 0, 1, 2]


def check(data: dict[str, Any]) -> Iterator[Fault]:
    """Find everything that does not fit together.

    Parameters
    ----------
    data
        The whole benchmark as plain values.

    Yields
    ------
    Fault
        In no particular order.
    """
    for name in ("format", "format_version"):
        if name not in data:
            yield Fault((), f"“{name}” is missing", todo="add it")
    yield from _codes(data)
    yield from _retired(data)
    yield from _references(data)
    yield from _publications(data)
    yield from _wording(data)
    yield from _alike(data)
    yield from _scale(data)
    if data.get("status") != "draft":
        yield from _unfinished(data)
    for loc, value in _walk(data, ()):
        if isinstance(value, str):
            yield from _text(loc, value)


# --- codes ----------------------------------------------------------------------------------------------------------


def _codes(data: dict[str, Any]) -> Iterator[Fault]:
    retired = {code for code in _list(data.get("retired")) if isinstance(code, str)}
    first: dict[str, Loc] = {}
    for prefix, items in _series(data):
        number = 0
        for place, item in items:
            number = _following(prefix, number, retired)
            code, due = item.get("code"), f"{prefix}{number}"
            if not isinstance(code, str) or not re.fullmatch(_CODE, code):
                continue
            loc = (*place, "code")
            tail = code.removeprefix(prefix)
            if code in first:
                yield Fault(loc, f"the code {code} is used twice", due, "give every item its own code", first[code])
                continue
            first[code] = loc
            if code in retired or any(code.startswith(f"{old}.") for old in retired):
                yield Fault(loc, f"the code {code} is retired and never used again", due, "take a new code")
                number = int(tail) if tail.isdigit() else number
            elif not code.startswith(prefix) or not tail.isdigit():
                yield Fault(loc, f"the code {code} stands among the {prefix}…", due, "move the item or mend its code")
            elif code != due:
                todo = f"number in order and without gaps, or name {due} under “retired”"
                yield Fault(loc, f"the code {code} stands where {due} is due", due, todo)
                number = max(number, int(tail))


def _series(data: dict[str, Any]) -> Iterator[tuple[str, list[Item]]]:
    """Yield every run of numbered items with what their codes begin with."""
    yield "T", _items(data, (), "terms")
    factors, contexts = _items(data, (), "key_factors"), _items(data, (), "context_factors")
    yield "KF", factors
    for loc, factor in factors:
        yield f"{factor.get('code')}.Q", _items(factor, loc, "questions")
        yield f"{factor.get('code')}.P", _items(factor, loc, "practices")
    yield "CF", contexts
    for loc, context in contexts:
        yield f"{context.get('code')}.", _items(context, loc, "prompts")


def _following(prefix: str, number: int, retired: set[str]) -> int:
    number += 1
    while f"{prefix}{number}" in retired:
        number += 1
    return number


def _retired(data: dict[str, Any]) -> Iterator[Fault]:
    codes = _list(data.get("retired"))
    for number, code in enumerate(codes):
        loc: Loc = ("retired", number)
        if isinstance(code, str) and not re.fullmatch(_CODE, code):
            yield Fault(loc, f"{shown(code)} is no code", "a code that was in use once, such as KF1.Q1")
        elif code in codes[:number]:
            yield Fault(loc, f"{code} is named twice", todo="remove one of the two")


def _unfinished(data: dict[str, Any]) -> Iterator[Fault]:
    """Find what only a draft may have."""
    for loc, value in _walk(data, ()):
        if loc and loc[-1] == "check" and value:
            todo = "look at it and take the mark away, or write “draft” as the status"
            yield Fault(loc, "there is still a mark to check something", todo=todo)
    for loc, factor in _items(data, (), "key_factors"):
        for place, practice in _items(factor, loc, "practices"):
            if "country" not in practice:
                yield Fault(place, "“country” is missing", "a code of ISO 3166-1 alpha-2", "add it")


# --- references -----------------------------------------------------------------------------------------------------


def _references(data: dict[str, Any]) -> Iterator[Fault]:
    factors = _items(data, (), "key_factors")
    codes = [str(factor["code"]) for _, factor in factors if "code" in factor]
    questions = [str(item.get("code")) for loc, factor in factors for _, item in _items(factor, loc, "questions")]
    for loc, factor in factors:
        own = [str(item.get("code")) for _, item in _items(factor, loc, "questions")]
        for place, practice in _items(factor, loc, "practices"):
            yield from _named(practice, place, "inspires", own, questions)
    for loc, context in _items(data, (), "context_factors"):
        yield from _named(context, loc, "often_bears_on", codes, codes)


def _named(item: dict[str, Any], loc: Loc, name: str, allowed: list[str], known: list[str]) -> Iterator[Fault]:
    codes = _list(item.get(name))
    for number, code in enumerate(codes):
        place = (*loc, name, number)
        if not isinstance(code, str) or not re.fullmatch(_CODE, code):
            continue
        if code in codes[:number]:
            yield Fault(place, f"{code} is named twice under “{name}”", todo="remove one of the two")
        elif code not in allowed:
            found = f"{code} under “{name}” belongs to another key factor" if code in known else f"there is no {code}"
            near = nearest(code, allowed)
            yield Fault(place, found, one_line(allowed, limit=12), f"did you mean {near}?" if near else "")


def _publications(data: dict[str, Any]) -> Iterator[Fault]:
    known: list[str] = []
    for loc, publication in _items(data, (), "publications"):
        if publication.get("id") in known:
            yield Fault((*loc, "id"), f"two publications have the id {shown(publication['id'])}", todo="rename one")
        known.append(str(publication.get("id")))
    for loc, value in _walk(data, ()):
        if loc[-2:] == ("source", "publication") and isinstance(value, str) and value not in known:
            yield Fault(
                loc, f"there is no publication {shown(value)}", one_line(known), "describe it under “publications”"
            )


# --- texts ----------------------------------------------------------------------------------------------------------


def _text(loc: Loc, text: str) -> Iterator[Fault]:
    name = loc[-1] if isinstance(loc[-1], str) else f"item {loc[-1] + 1} of “{loc[-2]}”"
    if leftover := _LEFTOVER.search(text):
        yield Fault(loc, f"“{leftover[0]}” was left in the text", todo="finish the text")
    if text.strip() and not any(char.isalnum() for char in text):
        yield Fault(loc, f"{name} says nothing: {shown(text)}", todo="write the text")
    if name == "url" and text.strip() and (fault := _link(text.strip())):
        yield Fault(loc, f"{shown(text)} {fault}", "http or https, two slashes, a host name", "mend the link")


def _link(url: str) -> str:
    """Say what is wrong with a link, or nothing."""
    if any(char.isspace() for char in url):
        return "has a space in it"
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return "is no address"
    if parts.scheme not in {"http", "https"}:
        return "is neither http nor https"
    if not re.fullmatch(r"[^\W_]([\w-]*[^\W_])?(\.[^\W_]([\w-]*[^\W_])?)+", host):
        return "names no host"
    return ""


def _wording(data: dict[str, Any]) -> Iterator[Fault]:
    if data.get("status") == "draft":
        return  # the published points are seldom questions
    asked = [("questions", item) for item in _items(data, (), "key_factors")]
    asked += [("prompts", item) for item in _items(data, (), "context_factors")]
    for name, (loc, holder) in asked:
        for place, item in _items(holder, loc, name):
            text = item.get("text")
            if isinstance(text, str) and text.strip() and not text.strip().endswith(_QUESTION_MARKS):
                yield Fault((*place, "text"), "the question does not end with a question mark", todo="ask it")


def _alike(data: dict[str, Any]) -> Iterator[Fault]:
    """Texts by which people tell things apart must differ; in a draft general words may stand for many."""
    if data.get("status") == "draft":
        return
    factors, contexts = _items(data, (), "key_factors"), _items(data, (), "context_factors")
    questions = [question for loc, factor in factors for question in _items(factor, loc, "questions")]
    levels = [
        ((*loc, "levels", number), level)
        for loc, question in questions
        for number, level in enumerate(_list(question.get("levels")))
    ]
    yield from _same("the text of the level", levels, "word each level of each question on its own")
    for name, items in (("the question", questions), ("the text", contexts), ("the statement", factors)):
        field = "statement" if items is factors else "text"
        yield from _same(name, [((*loc, field), item.get(field)) for loc, item in items], "word it on its own")
    for items in (factors, contexts):
        for field in ("title", "short_title"):
            yield from _same(f"“{field}”", [((*loc, field), item.get(field)) for loc, item in items], "give it its own")


def _same(name: str, texts: Iterable[tuple[Loc, object]], todo: str) -> Iterator[Fault]:
    first: dict[str, Loc] = {}
    for loc, text in texts:
        if isinstance(text, str) and text.strip():
            folded = " ".join(re.findall(r"\w+", text.casefold()))
            if folded in first:
                yield Fault(loc, f"{name} is the same", todo=todo, other=first[folded])
            first.setdefault(folded, loc)


# --- scale ----------------------------------------------------------------------------------------------------------


def _scale(data: dict[str, Any]) -> Iterator[Fault]:
    scale = data.get("scale")
    if not isinstance(scale, dict):
        return
    yield from _ordered(scale, "levels", "level", list(LEVELS))
    yield from _ordered(scale, "directions", "value", _DIRECTIONS)
    thresholds, weights = scale.get("thresholds"), scale.get("weights")
    if isinstance(thresholds, dict):
        close, met = thresholds.get("close_score"), thresholds.get("met_lower_bound")
        if is_number(close) and is_number(met) and close > met:
            found = f"“close_score” is {close}, above “met_lower_bound”, which is {met}"
            yield Fault(("scale", "thresholds", "close_score"), found, f"at most {met}")
    if isinstance(weights, dict):
        codes = [str(factor["code"]) for _, factor in _items(data, (), "key_factors") if "code" in factor]
        for code in sorted(set(codes) - set(weights), key=natural):
            yield Fault(("scale", "weights"), f"{code} has no weight", todo="give every key factor a weight above 0")
        for code in weights:
            if code not in codes:
                near = nearest(code, codes)
                yield Fault(
                    ("scale", "weights", code),
                    f"there is no key factor {shown(code)}",
                    one_line(codes),
                    f"did you mean {near}?",
                )


def _ordered(scale: dict[str, Any], name: str, field: str, due: list[int]) -> Iterator[Fault]:
    for (loc, item), value in zip(_items(scale, ("scale",), name), due, strict=False):
        if is_number(item.get(field)) and item[field] != value:
            yield Fault((*loc, field), f"{item[field]} stands where {value} is due", one_line(due), "put them in order")


# --- plain values ---------------------------------------------------------------------------------------------------


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _items(holder: dict[str, Any], loc: Loc, name: str) -> list[Item]:
    return [
        ((*loc, name, number), item) for number, item in enumerate(_list(holder.get(name))) if isinstance(item, dict)
    ]


def _walk(value: object, loc: Loc) -> Iterator[tuple[Loc, object]]:
    yield loc, value
    if isinstance(value, dict):
        for name, item in value.items():
            yield from _walk(item, (*loc, name))
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _walk(item, (*loc, number))
