"""What one cell may hold: from what people type, or a spreadsheet makes of it, to values, and back without harm."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from pydantic import ValidationError

from citygrow_nb.model import AGREED, MAX_LEVEL, State, countries
from citygrow_nb.model.fields import MAX_LINE, MAX_TEXT, RESPONDENT, can_be_seen, clean, clean_line, clean_name
from citygrow_nb.model.links import LINK_ADVICE, fault_of_link
from citygrow_nb.slugs import MAX_SLUG, is_round, is_slug, slugify, suggest_round
from citygrow_nb.tables import labels


@dataclass(frozen=True)
class Unusable:
    """What a spreadsheet has in a cell that is neither text nor number.

    Parameters
    ----------
    found
        What it is, in words.
    todo
        What to do about it.
    """

    found: str
    todo: str


Cell = str | int | float | Unusable | None


_KINDS = {
    "institution": ("institution", "organisation", "organization", labels.INSTITUTION_CODE, labels.INSTITUTION),
    "person": ("person", "persons", labels.PERSON_CODE, labels.PERSON),
}


class CellError(ValueError):
    """A cell holds what it may not hold; its parts are those of a Problem."""

    def __init__(self, found: str, allowed: str = "", todo: str = "") -> None:
        super().__init__(found)
        self.found = found
        self.allowed = allowed
        self.todo = todo


# What a spreadsheet program takes for a formula; apostrophes before it count, so that the escape can be undone.
RISKY = "[=+\\-@\\t\\r\\n＝＋－＠]"
"""What a formula begins with, for some spreadsheet program."""

_RISKY = re.compile(f"'*{RISKY}")

_WORDS = {
    "rated": State.RATED,
    "dk": State.DONT_KNOW,
    "dontknow": State.DONT_KNOW,
    "donotknow": State.DONT_KNOW,
    "notknown": State.DONT_KNOW,
    "unknown": State.DONT_KNOW,
    "na": State.NOT_APPLICABLE,
    "notapplicable": State.NOT_APPLICABLE,
    "doesnotapply": State.NOT_APPLICABLE,
}
SHORT = {State.DONT_KNOW: "dk", State.NOT_APPLICABLE: "na"}

_ANSWERS = f"0 to {MAX_LEVEL}, dk (don't know), na (not applicable), or empty (no answer)"
_STATES = "rated, dont_know (or dk), not_applicable (or na), or empty"
_DIRECTIONS = "-2, -1, 0, 1, 2, or empty (not judged)"
_TIME = "date, time and zone, as in 2026-11-22T10:15:00Z"

_NARROW = {0xFF01 + i: chr(0x21 + i) for i in range(94)} | {ord("\N{MINUS SIGN}"): "-"}

# The same few values fill most cells of a column. Typed, because to Python 1, 1.0 and True are the same.
_remembered = lru_cache(maxsize=4096, typed=True)


def harmless(text: str) -> str:
    """Return a text that no spreadsheet program runs as a formula.

    >>> harmless("=1+1"), harmless("'=1+1"), harmless("'s-Hertogenbosch")
    ("'=1+1", "''=1+1", "'s-Hertogenbosch")
    """
    return f"'{text}" if _RISKY.match(text) else text


def original(text: str) -> str:
    """Undo :func:`harmless`.

    >>> [original(harmless(text)) for text in ("=1", "'=1", "''-2", "'s")]
    ['=1', "'=1", "''-2", "'s"]
    """
    return text[1:] if text[:1] == "'" and _RISKY.match(text) else text


def shown(cell: Cell) -> str:
    """Return a cell's content as people would quote it, cut where it gets long."""
    value = "" if cell is None else cell.found if isinstance(cell, Unusable) else str(cell)
    value = " ".join(value.split())
    return f"“{value[:57]}…”" if len(value) > 60 else f"“{value}”"


def text(cell: Cell, limit: int = MAX_TEXT) -> str:
    """Return a cell as text; a whole number loses its ``.0``.

    >>> text(2026.0)
    '2026'
    """
    if isinstance(cell, Unusable):
        raise CellError(cell.found, todo=cell.todo)
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    result = str(clean("" if cell is None else str(cell)))
    if len(result) > limit:
        raise CellError(f"{len(result):,} characters are too many", f"at most {limit:,}", "shorten the text")
    return result


@_remembered
def line(cell: Cell) -> str:
    """Return a cell as one line of text."""
    return _cleaned(cell, clean_line)


def link(cell: Cell) -> str:
    """Return a cell as a link, or what stands in its place; one that deceives is refused."""
    address = _cleaned(cell, clean_name)
    if fault := fault_of_link(address):
        raise CellError(f"{fault}: {shown(address)}", todo=LINK_ADVICE)
    return address


@_remembered
def answer(cell: Cell) -> tuple[State, int | None]:
    """Return the state and level that a cell of a question holds.

    >>> answer(2.0), answer(" 3,0 "), answer("Don't know"), answer("n/a")
    ((<State.RATED: 'rated'>, 2), (<State.RATED: 'rated'>, 3), (<State.DONT_KNOW: 'dont_know'>, None), \
(<State.NOT_APPLICABLE: 'not_applicable'>, None))
    """
    level = number(cell)
    if level is not None and 0 <= level <= MAX_LEVEL:
        return State.RATED, level
    word = _word(cell)
    if level is None and word in _WORDS and word != "rated":
        return _WORDS[word], None
    raise CellError(f"{shown(cell)} is not an answer", _ANSWERS)


@_remembered
def state(cell: Cell) -> State:
    """Return the state that a cell of the column ``state`` holds."""
    if (word := _word(cell)) in _WORDS:
        return _WORDS[word]
    raise CellError(f"{shown(cell)} is not a state", _STATES)


@_remembered
def direction(cell: Cell) -> int:
    """Return the reading that a cell of a context factor holds."""
    value = number(cell)
    if value is None or not -2 <= value <= 2:
        raise CellError(f"{shown(cell)} is not a reading of a context factor", _DIRECTIONS)
    return value


@_remembered
def name(cell: Cell) -> str:
    """Return the name of a city or of a respondent."""
    found = _cleaned(cell, clean_name)
    if found and not can_be_seen(found):
        raise CellError("nothing of this name can be seen", todo="write it in letters")
    return found


@_remembered
def round_label(cell: Cell) -> str:
    """Return the label of a round.

    >>> round_label(2026.0), round_label("2026.0"), round_label("2026.1")
    ('2026', '2026', '2026.1')
    """
    label = line(cell)
    if whole := re.fullmatch(r"(\d{4})[.,]0+", label):  # a number that went through a spreadsheet
        return whole[1]
    if re.fullmatch(r"\d{1,2}([./-])\d{1,2}\1\d{4}", label):
        raise CellError(f"{shown(label)} is a date, not a round", "the round's label, usually the year, as in 2026")
    if not is_round(label):
        raise CellError(
            f"{shown(label)} cannot name a round",
            "small letters, digits, and single dots, hyphens or underscores between them",
            f"did you mean “{suggest_round(label)}”?",
        )
    return label


@_remembered
def slug(cell: Cell) -> str:
    """Return a city's folder name."""
    result = line(cell)
    if not is_slug(result):
        raise CellError(
            f"{shown(result)} is not a city's folder name",
            "small letters a-z, digits and single hyphens",
            f"did you mean “{slugify(result)}”?",
        )
    return result


@_remembered
def respondent(cell: Cell) -> tuple[str, str]:
    """Return a respondent's short name, and the role where a name in full was written.

    >>> respondent("econ"), respondent("Economic development")
    (('econ', ''), ('economic-development', 'Economic development'))
    """
    written = name(cell)
    if len(written) <= MAX_SLUG and re.fullmatch(RESPONDENT, written):
        return written, ""
    key = slugify(written)
    return key, "" if key == AGREED else written


@_remembered
def kind(cell: Cell) -> str:
    """Return whether a respondent is an institution or a person."""
    written = _word(cell)
    for found, words in _KINDS.items():
        if written in map(folded, words):
            return found
    raise CellError(f"{shown(cell)} is no kind of respondent", "institution, person")


@_remembered
def country(cell: Cell) -> str:
    """Return a country code."""
    try:
        return countries.find(line(cell))
    except ValueError as error:
        raise CellError(str(error)) from error


@_remembered
def population(cell: Cell) -> int:
    """Return a number of inhabitants, with or without thousands marks.

    >>> population("655 000"), population("655,000"), population(655000.0)
    (655000, 655000, 655000)
    """
    digits = text(cell)
    if re.fullmatch(r"\d{1,3}([\s.,'’]\d{3})+", digits):
        digits = re.sub(r"\D", "", digits)
    value = number(digits)
    if value is None or not 0 <= value <= 10**9:
        raise CellError(f"{shown(cell)} is not a number of inhabitants", "a whole number")
    return value


@_remembered
def when(cell: Cell) -> datetime:
    """Return a time with its zone."""
    try:
        result = datetime.fromisoformat(line(cell))
    except CellError:
        raise
    except ValueError as error:
        raise CellError(f"{shown(cell)} is not a time", _TIME) from error
    if result.tzinfo is None:
        raise CellError(f"{shown(cell)} is a time without a zone", _TIME)
    return result


def words(cell: Cell) -> list[str]:
    """Return codes that stand in one cell, separated by spaces, commas or semicolons."""
    return [word for word in re.split(r"[\s,;]+", text(cell).upper()) if word]


def message_of(error: ValidationError) -> str:
    """Return what the model says against values, as a sentence goes on: which of them, and why."""
    told = []
    for fault in error.errors(include_url=False, include_input=False):
        name = str(next((step for step in reversed(fault["loc"]) if isinstance(step, str)), ""))
        message = fault["msg"].removeprefix("Value error, ")
        told.append(f"{name and f'{name}: '}{message[:1].lower()}{message[1:]}")
    return "; ".join(dict.fromkeys(told))


def time_text(time: datetime | None) -> str | None:
    """Return a time as :func:`when` reads it."""
    return None if time is None else time.isoformat().replace("+00:00", "Z")


def folded(text: str) -> str:
    """Return a text without case, width, spaces and marks: what people copy loses these first.

    >>> folded("Don’t  know!") == folded("don't know") == folded("ＤＯＮＴ ＫＮＯＷ")
    True
    """
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text).casefold())


def _cleaned(cell: Cell, how: Callable[[str], Any]) -> str:
    # Cleaned first: what is dropped does not count for the length.
    return text(str(how(text(cell, 10**9))), MAX_LINE)


def _word(cell: Cell) -> str:
    return folded(text(cell))


def number(cell: Cell) -> int | None:
    """Return the whole number that a cell holds; None if it holds none."""
    """Return a whole number, or None for anything else."""
    if isinstance(cell, int):
        return cell
    if isinstance(cell, float):
        return int(cell) if cell.is_integer() else None
    # An apostrophe tells a spreadsheet program that a number is text; wide digits come from East Asian keyboards.
    digits = text(cell).lstrip("'’").translate(_NARROW)
    return int(re.split("[.,]", digits)[0]) if re.fullmatch(r"[+-]?\d{1,15}([.,]0+)?", digits) else None
