"""Persons who answered for themselves: the document that holds them, and under which id each is kept in it.

It stands beside the assessment, never leaves the city, and only forms, imports and *count* read it.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Literal

from citygrow_nb.model.assessment import Answer, BenchmarkRef, Group
from citygrow_nb.model.fields import Document, Name, QuestionCode, RespondentKey, RoundLabel, Slug, Text
from citygrow_nb.slugs import same_name

PERSONS_FORMAT: Final = "citygrow-persons"

_TELLING = ("start", "end", "token", "address")
_ID = re.compile(r"(p-[0-9a-f]{16}(?:-\d+)?)(?:-r(\d+))?")


def person_key(survey: str, marks: Mapping[str, str], enough: Sequence[str] = ()) -> str:
    """Return the key of the person who gave a response.

    It is made of the survey's name, if it has one, and of what the survey tool says of the response: its uuid; else its
    number together with its times and its address. So the same response has the same key whenever it is exported, and
    two surveys that both count from 1 have no key in common. A number alone tells nobody apart, unless the survey is
    named.

    The key is a hash: nobody reads an address off it, and to try addresses out one needs number and times as well.
    Where a table has nothing but an address, a list of addresses is enough. So keys stay where the persons are, in the
    city's own folder.

    Parameters
    ----------
    survey
        What its people call the survey; may be empty.
    marks
        What the response has, in a form that does not depend on file format and language: ``uuid``, ``number``,
        ``seed``, ``start``, ``end``, ``token``, ``address``; and its ``content``, which counts where a named survey has
        no other.
    enough
        Which of these is enough beside the number, the best first, where an export need not have them all; without it
        all count that are there.

    Returns
    -------
    str
        ``p-`` and 16 hexadecimal digits; empty where nothing tells the response from those of other surveys.

    Examples
    --------
    >>> person_key("", {"number": "1"}), person_key("A", {"number": "1"}) == person_key("B", {"number": "1"})
    ('', False)
    """
    there = {mark: value for mark, value in marks.items() if value}
    name = same_name(survey)
    if "uuid" in there:
        telling = ["uuid"]
    else:
        telling = [mark for mark in enough if mark in there][:1] if enough else [m for m in _TELLING if m in there]
        if not telling and not name:
            return ""
        telling += ["number"] if "number" in there else []
    made_of = [name, {mark: there[mark] for mark in telling or ["content"] if mark in there}]
    return f"p-{hashlib.sha256(json.dumps(made_of, sort_keys=True).encode()).hexdigest()[:16]}"


def answered_again(key: str, times: int) -> str:
    """Return the id of a person's last response, of so many.

    >>> answered_again("p-0123456789abcdef", 1), answered_again("p-0123456789abcdef", 2)
    ('p-0123456789abcdef', 'p-0123456789abcdef-r2')
    """
    return f"{key}-r{times}" if times > 1 else key


def outdated(ids: Iterable[str], others: Iterable[str]) -> frozenset[str]:
    """Return those ids whose persons answered again later, by the ids of others.

    >>> sorted(outdated(["p-0123456789abcdef", "chamber"], ["p-0123456789abcdef-r2", "chamber"]))
    ['p-0123456789abcdef']
    """
    last: dict[str, int] = {}
    for other in others:
        key, times = _parts(other)
        last[key] = max(times, last.get(key, 0))
    return frozenset(i for i in ids for key, times in [_parts(i)] if times < last.get(key, 0))


def _parts(respondent: str) -> tuple[str, int]:
    found = _ID.fullmatch(respondent)
    return (found[1], int(found[2] or 1)) if found else (respondent, 1)


class Person(Document):
    """One person who answered for herself."""

    role: Name
    """What she is to the city; shared with others, and no personal name."""
    answers: dict[QuestionCode, Answer] = {}
    """Her answers, by question."""
    counted: dict[QuestionCode, Text] = {}
    """Questions on which she was counted in a group, each with her comment as it went into it."""
    finished: bool = False
    """Whether she has said that she is ready; her answers are then not opened again."""
    forgotten: bool = False
    """Whether she was erased; what is left keeps her from being counted a second time."""


class Persons(Document):
    """All persons of one city, benchmark and round: ``<round>.persons.json``."""

    format: Literal["citygrow-persons"] = PERSONS_FORMAT
    """Name of the document format."""
    version: Literal[1] = 1
    """Version of the document format."""
    benchmark: BenchmarkRef
    """Which benchmark they answered."""
    city: Slug
    """Folder name of the city."""
    round: RoundLabel
    """The round."""
    persons: dict[RespondentKey, Person] = {}
    """The persons, by key."""
    pending: tuple[Group, ...] = ()
    """Groups that are counted and may not have reached the assessment yet: a process may be killed in between."""

    def with_person(self, key: str, person: Person) -> Persons:
        """Return a copy in which this person stands under this key."""
        return self.model_copy(update={"persons": {**self.persons, key: person}})
