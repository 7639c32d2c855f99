"""Field types that all documents share: text, codes, slugs, the closed and frozen base.

Codes are permanent, human, and the only keys. Their grammar stands here; which codes exist is the benchmark's matter.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, StringConstraints

from citygrow_nb.invisible import write_out
from citygrow_nb.model import countries
from citygrow_nb.slugs import MAX_ROUND, MAX_SLUG, ROUND_PATTERN, SLUG_PATTERN, is_reserved

KEY_FACTOR = r"^KF[1-9][0-9]?$"
QUESTION = r"^KF[1-9][0-9]?\.Q[1-9][0-9]?$"
PRACTICE = r"^KF[1-9][0-9]?\.P[1-9][0-9]?$"
CONTEXT_FACTOR = r"^CF[1-9][0-9]?$"
PROMPT = r"^CF[1-9][0-9]?\.[1-9][0-9]?$"
TERM = r"^T[1-9][0-9]?$"
RESPONDENT = r"^[a-z0-9]+(-[a-z0-9]+)*$"
VERSION = r"^\d+\.\d+\.\d+$"
COUNTRY = r"^[A-Z]{2}$"

MAX_TEXT = 20_000
MAX_LINE = 500

# Control and format characters, spaces, marks that need a letter to stand on; and fillers.
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Mn", "Zl", "Zp", "Zs"})
_FILLERS = frozenset("\u115f\u1160\u2800\u3164\uffa0")

# C0 and C1 control characters except tab and newline: no form can show them and no spreadsheet can hold them.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")

# Soft hyphen, zero-width space, marks of direction, word joiner, byte order mark; isolates, as phones put around names.
_LEFT_BY_COPYING = re.compile("[\u00ad\u061c\u200b\u200e\u200f\u2060\u2066-\u2069\ufeff]")


def clean(value: Any) -> Any:
    """Normalise what a person typed: composed letters, plain line ends, no control characters, no outer white space."""
    if not isinstance(value, str):
        return value
    text = (
        value.replace("\r\n", "\n")
        .replace("\r", "\n")
        .replace("\x85", "\n")
        .replace("\u2028", "\n")
        .replace("\u2029", "\n")
    )
    return unicodedata.normalize("NFC", _CONTROL.sub("", text)).strip()


def clean_line(value: Any) -> Any:
    """Normalise like :func:`clean`, and fold line ends and tabs into single spaces."""
    return " ".join(clean(value).split()) if isinstance(value, str) else value


def clean_name(value: Any) -> Any:
    r"""Normalise like :func:`clean_line`, drop what copying leaves in names, and write out what else nobody sees.

    So a name reads the same on a page, in a table, on a terminal and in a file. Joiners stay where they belong to the
    spelling.

    >>> print(clean_name("Gr\u00adaz\u200b"), clean_name("Ha\u202even"))
    Graz Ha\u202even
    """
    if not isinstance(value, str):
        return value
    name: str = clean_line(_LEFT_BY_COPYING.sub("", value)) or clean_line(value)
    return write_out(name) if can_be_seen(name) else name


def not_a_switch(value: Any) -> Any:
    """Refuse ``true`` and ``false`` where a whole number is meant; Python takes them for 1 and 0."""
    if isinstance(value, bool):
        raise ValueError("a whole number belongs here, not true or false")
    return value


def can_be_seen(text: str) -> bool:
    r"""Tell whether a text has something to see; a name without would be an empty link.

    >>> can_be_seen("Ą"), can_be_seen("\u200b\u0301")
    (True, False)
    """
    return any(unicodedata.category(character) not in _UNSEEN and character not in _FILLERS for character in text)


def _seen(text: str) -> str:
    if not can_be_seen(text):
        raise ValueError("nothing of this name can be seen")
    return text


def _unreserved(name: str) -> str:
    if is_reserved(name):
        raise ValueError(f"Windows keeps the name “{name}” for a device")
    return name


def _country(value: Any) -> Any:
    return countries.normalised(value) if isinstance(value, str) else value


Level = Annotated[Literal[0, 1, 2, 3], BeforeValidator(not_a_switch)]
Reading = Annotated[Literal[-2, -1, 0, 1, 2], BeforeValidator(not_a_switch)]

Text = Annotated[str, BeforeValidator(clean), StringConstraints(max_length=MAX_TEXT)]
Line = Annotated[str, BeforeValidator(clean_line), StringConstraints(max_length=MAX_LINE)]
FullText = Annotated[str, BeforeValidator(clean), StringConstraints(min_length=1, max_length=MAX_TEXT)]
FullLine = Annotated[str, BeforeValidator(clean_line), StringConstraints(min_length=1, max_length=MAX_LINE)]
Name = Annotated[FullLine, BeforeValidator(clean_name), AfterValidator(_seen)]
ShortTitle = Annotated[str, BeforeValidator(clean_line), StringConstraints(min_length=1, max_length=28)]

KeyFactorCode = Annotated[str, StringConstraints(pattern=KEY_FACTOR)]
QuestionCode = Annotated[str, StringConstraints(pattern=QUESTION)]
PracticeCode = Annotated[str, StringConstraints(pattern=PRACTICE)]
ContextCode = Annotated[str, StringConstraints(pattern=CONTEXT_FACTOR)]
PromptCode = Annotated[str, StringConstraints(pattern=PROMPT)]
TermCode = Annotated[str, StringConstraints(pattern=TERM)]
MeetingKey = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]{1,16}$")]
RespondentKey = Annotated[str, StringConstraints(pattern=RESPONDENT, max_length=MAX_SLUG)]
Slug = Annotated[str, StringConstraints(pattern=SLUG_PATTERN, max_length=MAX_SLUG), AfterValidator(_unreserved)]
RoundLabel = Annotated[str, StringConstraints(pattern=ROUND_PATTERN, max_length=MAX_ROUND), AfterValidator(_unreserved)]
Version = Annotated[str, StringConstraints(pattern=VERSION)]
CountryCode = Annotated[str, StringConstraints(pattern=COUNTRY), BeforeValidator(_country)]


class Document(BaseModel):
    """Base of everything that stands in a document: closed (no unknown fields) and frozen (a change returns a copy)."""

    # Each is built when it is used first: a command needs some of them only. What stands below a field describes it in
    # the published schemas; `schemas.making` reads it, since reading it here would take most of the time of an import.
    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="null", defer_build=True)


def build_documents(kind: type[Document] = Document) -> None:
    """Build all kinds of documents that are known by now; processes forked off this one need not."""
    for each in kind.__subclasses__():
        each.model_rebuild()
        build_documents(each)


def natural(code: str) -> list[tuple[int, int | str]]:
    """Return a sort key that puts ``KF2`` before ``KF10``.

    >>> sorted(["KF10", "KF2.Q1", "KF2"], key=natural)
    ['KF2', 'KF2.Q1', 'KF10']
    """
    return [(0, int(part)) if part.isdigit() else (1, part) for part in re.split(r"(\d+)", code) if part]


def nearest(code: str, known: Iterable[str]) -> str:
    """Return the known code that looks most like the given one, or ``""``.

    >>> nearest("kf1-q01", ["KF1.Q1", "KF1.Q2", "KF2.Q1"])
    'KF1.Q1'
    """
    known = list(known)
    tidy = re.sub(r"(?<=[A-Z.])0+(?=[1-9])", "", re.sub(r"[^A-Z0-9]+", ".", code.upper().strip()))
    return next(iter(get_close_matches(tidy, known, n=1, cutoff=0.0)), "")
