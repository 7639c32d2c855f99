"""Which city each row of a file is of, and which slug the city has.

Rows of one city need not stand together. So a first pass over the file notes, for each row, its city, and for each city
its last row; then the second pass can hand over each city as soon as it is complete. Held in memory: a number for each
row, and name and slug of each city.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from citygrow_nb.exceptions import Problem, one_line
from citygrow_nb.model import City
from citygrow_nb.model.city_facts import is_same, same_option
from citygrow_nb.slugs import same_name, slugify, unique_slug
from citygrow_nb.tables.sheet import Fault, Place

NOBODY = -1
"""Stands for the city of a row that is blank or cannot be read."""


class Stated(NamedTuple):
    """What a row says of its city.

    Parameters
    ----------
    name
        Its name; empty if it is missing or cannot be read.
    slug
        Its folder name, if the row or somebody gives one.
    country
        Its country, if the row gives one.
    """

    name: str
    slug: str = ""
    country: str | None = None


@dataclass(slots=True)
class Entry:
    """One city of a file.

    Parameters
    ----------
    name
        Its name, as it stands in its first row; empty if it is missing.
    slug
        Its slug; empty until somebody chose or derived one.
    country
        Its country, as soon as a row tells it.
    last
        Its last row, counted over all sheets.
    unsaid
        Where a row of it has no slug, and the country that this row gives; one that gives none, if there is any.
    spoiled
        Whether a value of it stands in a column that nothing is known of, so that it must be left out.
    faults
        Faults found in the first pass.
    """

    name: str
    slug: str = ""
    country: str | None = None
    last: int = 0
    unsaid: tuple[Place, str | None] | None = None
    spoiled: bool = False
    faults: list[Fault] = field(default_factory=list)


def plain_spelling(name: str) -> str:
    """Return what several spellings of a name have in common.

    >>> plain_spelling("München") == plain_spelling("Munchen") == plain_spelling("Muenchen")
    True
    """
    return re.sub(r"([aou])e", r"\1", slugify(name))


class Register:
    """All cities of one file, in the order of their first rows.

    Parameters
    ----------
    here
        Gives the cities that have a name where the file is taken to.
    """

    def __init__(self, here: Callable[[str], Sequence[City]]) -> None:
        self._here = here
        self.entries: list[Entry] = []
        self.owners: array[int] = array("l")
        self._by_slug: dict[str, int] = {}
        self._by_name: dict[str, list[int]] = {}

    def skip(self) -> None:
        """Note a row that is of no city."""
        self.owners.append(NOBODY)

    def add(self, stated: Stated, place: Place) -> Entry:
        """Note a row of a city, and return the city."""
        index = self._find(stated) if stated.name else self._new(stated)
        entry = self.entries[index]
        entry.last = len(self.owners)
        entry.country = entry.country or stated.country
        if not stated.slug and (entry.unsaid is None or (entry.unsaid[1] and not stated.country)):
            entry.unsaid = place, stated.country
        self.owners.append(index)
        return entry

    def settle(self) -> None:
        """Give a slug to every city that has none, chosen ones first; where nobody can tell which city, it is asked."""
        for namesakes in self._by_name.values():
            if len(namesakes) > 1:
                self._ask([self.entries[i] for i in namesakes])
        taken = {entry.slug: entry.name for entry in self.entries if entry.slug}
        for entry in self.entries:
            if entry.name and not entry.slug:
                entry.slug = unique_slug(entry.name, taken)
                if same_name(taken.setdefault(entry.slug, entry.name)) != same_name(entry.name):
                    where, found = f"city “{entry.name}”", f"the folder name “{entry.slug}” is taken by another city"
                    entry.faults.append(Fault(0, 0, 0, Problem(where, found, todo="add a column “slug”")))

    def alike(self) -> Iterator[str]:
        """Yield a sentence for names that may be one city's in two spellings, such as München, Munchen and Muenchen."""
        spellings: dict[str, dict[str, str]] = {}
        for entry in self.entries:
            if entry.name:
                spellings.setdefault(plain_spelling(entry.name), {}).setdefault(same_name(entry.name), entry.name)
        for names in spellings.values():
            if len(names) > 1:
                first, *others = names.values()
                quoted = " and ".join(f"“{name}”" for name in names.values())
                yield (
                    f"{quoted} are read as {len(names)} cities; if they are one, write it in one way, or import with "
                    + " ".join(same_option(Stated(other), first) for other in others)
                )

    def _ask(self, namesakes: list[Entry]) -> None:
        """Ask which city rows without a slug are of, where several have the name and the country does not tell."""
        name = namesakes[0].name
        countries = sorted({entry.country for entry in namesakes if entry.country})
        slugs = {code: f"{slugify(name)}-{code.lower()}" for code in countries}
        slugs |= {city.country: city.slug for city in self._here(name) if city.country in slugs}
        own = [entry.slug for entry in namesakes if entry.slug] or list(slugs.values())
        found, todo = "several cities have this name", f"write which one in the column “slug”: {one_line(own)}"
        if len(countries) > 1:
            found = f"{found}, in {' and '.join(countries)}"
            pairs = [same_option(Stated(name, country=code), slug) for code, slug in slugs.items()]
            todo += f", or import with {' '.join(pairs)}; if they are one city, write one country in all its rows"
        for entry in namesakes:
            if entry.unsaid is None:
                continue
            place, country = entry.unsaid
            row = Stated(entry.name, country=country)
            if any(not other.slug or is_same(other, row) for other in namesakes if other is not entry):
                entry.faults.append(place.fault(found, todo=todo))

    def _find(self, stated: Stated) -> int:
        namesakes = self._by_name.setdefault(same_name(stated.name), [])
        fitting = [i for i in namesakes if is_same(self.entries[i], stated)]
        if stated.slug:
            index = self._by_slug.get(stated.slug, NOBODY)
            if index == NOBODY:
                # A row above, without the slug, was of the same city.
                nameless = [i for i in fitting if not self.entries[i].slug]
                index = nameless[0] if nameless else self._new(stated)
                self.entries[index].slug = stated.slug
                self._by_slug[stated.slug] = index
        elif len(fitting) == 1:
            index = fitting[0]
        else:
            # New, or one of several: what it is said to be in the end, decides whether to ask.
            alike = (i for i in fitting if (self.entries[i].slug, self.entries[i].country) == ("", stated.country))
            index = next(alike, NOBODY)
            index = self._new(stated) if index == NOBODY else index
        if index not in namesakes:
            namesakes.append(index)
        return index

    def _new(self, stated: Stated) -> int:
        self.entries.append(Entry(stated.name, stated.slug, stated.country))
        return len(self.entries) - 1
