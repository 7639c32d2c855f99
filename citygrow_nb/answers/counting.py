"""Counting persons: five or more of one role on one question become a group, once and for all. Pure functions.

A person is counted once a question. Whatever she changes afterwards, or takes back, changes nothing that was counted.
So two states of what is published never differ by fewer than five persons.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from citygrow_nb.model import LEVELS, SMALLEST_GROUP, Group, Person, Persons
from citygrow_nb.model.fields import natural

SEVERAL_ROLES = "persons of several roles"
"""Role of the last group of a question: those of all roles who still waited when the city ended asking."""


@dataclass(frozen=True)
class Counted:
    """What counting has come to.

    Parameters
    ----------
    groups
        The groups that are new.
    waiting
        How many persons of each role have given a level that is not counted yet.
    """

    groups: tuple[Group, ...]
    waiting: Mapping[str, int]


def count(persons: Persons, counted_at: datetime, *, last: bool = False) -> tuple[Persons, tuple[Group, ...]]:
    """Count all who wait, where they are enough.

    Parameters
    ----------
    persons
        All persons of a city and round.
    counted_at
        The moment.
    last
        Whether the city ends asking: what then still waits of several roles becomes one group a question, if it is
        large enough.

    Returns
    -------
    tuple
        The persons, marked; and the new groups, by question and role.
    """
    made = list(_groups(persons, counted_at, by_role=True))
    if last:
        rest = persons
        for group, keys in made:
            rest = _marked(rest, group.code, keys)
        made += _groups(rest, counted_at, by_role=False)
    for group, keys in made:
        persons = _marked(persons, group.code, keys)
    return persons, tuple(group for group, _ in made)


def waiting(persons: Persons) -> dict[str, int]:
    """Return how many persons of each role have given a level that is not counted yet; roles as first written."""
    names: dict[str, str] = {}
    found: dict[str, int] = {}
    for person in persons.persons.values():
        if any(_waits(person, code) for code in person.answers):
            name = names.setdefault(person.role.casefold(), person.role)
            found[name] = found.get(name, 0) + 1
    return found


def _groups(persons: Persons, counted_at: datetime, *, by_role: bool) -> Iterator[tuple[Group, list[str]]]:
    waiting: dict[tuple[str, str], list[str]] = {}
    for key, person in persons.persons.items():
        for code in person.answers:
            if _waits(person, code):
                waiting.setdefault((code, person.role.casefold() if by_role else ""), []).append(key)
    for (code, _), keys in sorted(waiting.items(), key=lambda item: (natural(item[0][0]), item[0][1])):
        if len(keys) >= SMALLEST_GROUP:
            given = [persons.persons[key].answers[code] for key in keys]
            levels = [sum(answer.level == level for answer in given) for level in LEVELS]
            role = min(persons.persons[key].role for key in keys) if by_role else SEVERAL_ROLES
            group = Group(
                role=role,
                code=code,
                levels=(levels[0], levels[1], levels[2], levels[3]),
                comments=tuple(sorted(answer.comment for answer in given if answer.comment)),
                counted_at=counted_at,
            )
            yield group, keys


def _waits(person: Person, code: str) -> bool:
    return person.answers[code].level is not None and code not in person.counted


def _marked(persons: Persons, code: str, keys: list[str]) -> Persons:
    marked = {
        key: persons.persons[key].model_copy(
            update={"counted": {**persons.persons[key].counted, code: persons.persons[key].answers[code].comment}}
        )
        for key in keys
    }
    return persons.model_copy(update={"persons": {**persons.persons, **marked}})
