"""Which city each row of a file is of, and which slug the city has.

Rows of one city need not stand together. So a first pass over the file notes, for each row, its city, and for each city
its last row; then the second pass can hand over each city as soon as it is complete. Held in memory: a number for each
row, and name and slug of each city.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field

from citygrow_nb.exceptions import Problem
from citygrow_nb.slugs import same_name, slugify, unique_slug
from citygrow_nb.tables.sheet import Fault

NOBODY = -1
"""Stands for the city of a row that is blank or cannot be read."""


@dataclass(slots=True)
class Entry:
    """One city of a file.

    Parameters
    ----------
    name
        Its name, as it stands in its first row; empty if it is missing.
    slug
        Its slug; empty until somebody chose or derived one.
    last
        Its last row, counted over all sheets.
    spoiled
        Whether a value of it stands in a column that nothing is known of, so that it must be left out.
    faults
        Faults found in the first pass.
    """

    name: str
    slug: str = ""
    last: int = 0
    spoiled: bool = False
    faults: list[Fault] = field(default_factory=list)


def plain_spelling(name: str) -> str:
    """Return what several spellings of a name have in common.

    >>> plain_spelling("München") == plain_spelling("Munchen") == plain_spelling("Muenchen")
    True
    """
    return re.sub(r"([aou])e", r"\1", slugify(name))


class Register:
    """All cities of one file, in the order of their first rows."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.owners: array[int] = array("l")
        self._by_slug: dict[str, int] = {}
        self._by_name: dict[str, list[int]] = {}

    def skip(self) -> None:
        """Note a row that is of no city."""
        self.owners.append(NOBODY)

    def add(self, name: str, slug: str) -> tuple[Entry, str]:
        """Note a row of a city.

        Parameters
        ----------
        name
            The city's name; empty if it is missing or cannot be read.
        slug
            The slug that stands in the row, if any.

        Returns
        -------
        tuple
            The city, and what is wrong with the row, if anything.
        """
        index, wrong = self._find(name, slug) if name else (self._new(name, ""), "")
        entry = self.entries[index]
        entry.last = len(self.owners)
        self.owners.append(index)
        return entry, wrong

    def derive_slugs(self) -> None:
        """Give a slug to every city that has none; chosen ones come first."""
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
                    + " ".join(f'--same "{other}={first}"' for other in others)
                )

    def _find(self, name: str, slug: str) -> tuple[int, str]:
        namesakes = self._by_name.setdefault(same_name(name), [])
        if not slug:
            if len(namesakes) > 1:
                slugs = ", ".join(self.entries[i].slug for i in namesakes)
                return self._new(
                    name, ""
                ), f"several cities have this name; write which one in the column “slug”: {slugs}"
            if not namesakes:
                namesakes.append(self._new(name, ""))
            return namesakes[0], ""
        if slug not in self._by_slug:
            # A row above, without the slug, was of the same city.
            nameless = [i for i in namesakes if not self.entries[i].slug]
            self._by_slug[slug] = nameless[0] if nameless else self._new(name, slug)
            self.entries[self._by_slug[slug]].slug = slug
        index = self._by_slug[slug]
        if index not in namesakes:
            namesakes.append(index)
        return index, ""

    def _new(self, name: str, slug: str) -> int:
        self.entries.append(Entry(name, slug))
        return len(self.entries) - 1
