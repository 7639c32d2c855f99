"""A city's own facts, which several documents tell: whether it is one city, and what they say differently. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple, Protocol

from citygrow_nb.model.assessment import City
from citygrow_nb.model.fields import natural
from citygrow_nb.slugs import same_name, slugify
from citygrow_nb.typed import is_typed_as_shown


class Named(Protocol):
    """Whatever has the name of a city, and perhaps a country."""

    @property
    def name(self) -> str:
        """Name of the city."""

    @property
    def country(self) -> str | None:
        """Country; None if it is not known."""


def is_same(one: Named, other: Named) -> bool:
    """Tell whether two are one city, as far as name and country say; the folder name has to agree as well.

    A country that is not told contradicts none.

    >>> graz = City(name="Graz", slug="graz", country="AT")
    >>> is_same(graz, City(name="GRAZ", slug="graz")), is_same(graz, City(name="Graz", slug="graz", country="DE"))
    (True, False)
    """
    return same_name(one.name) == same_name(other.name) and (
        not one.country or not other.country or one.country == other.country
    )


def called(city: Named) -> str:
    """Return a city's name with its country, as it stands in lists and after ``--same``.

    >>> called(City(name="Halle", slug="halle", country="DE"))
    'Halle (DE)'
    """
    return f"{city.name} ({city.country})" if city.country else city.name


def same_option(city: Named, meant: str) -> str:
    """Return the option that says which city one of a file is.

    Names of others are typed into no shell that would run or change them: the folder name stands for such a one.

    >>> same_option(City(name="Halle", slug="halle", country="BE"), "halle-be")
    '--same "Halle (BE)=halle-be"'
    >>> same_option(City(name="H$(reboot)", slug="h", country=None), "h-2")
    '--same "h-reboot=h-2"'
    """
    typed = called(city).replace(city.name, _typed(city.name), 1)
    return f'--same "{typed}={_typed(meant)}"'


def _typed(name: str) -> str:
    return name if is_typed_as_shown(name) else slugify(name)


class Alias(NamedTuple):
    """What somebody said of a city: which one it is, whatever a file calls it.

    Parameters
    ----------
    alias
        Name that stands in files, alone or with the country, as in ``Halle (DE)``.
    name
        The city's name; empty if the file's own is right.
    slug
        Its folder name; empty if it follows from the name.
    """

    alias: str
    name: str
    slug: str

    def means(self, city: Named) -> bool:
        """Tell whether a city of a file is meant.

        >>> Alias("Halle (BE)", "", "halle-be").means(City(name="Halle", slug="halle", country="BE"))
        True
        """
        names = {same_name(city.name), same_name(_typed(city.name))}
        if same_name(self.alias) in names:
            return True
        parted = re.fullmatch(r"(.+) \((..)\)", self.alias.strip())
        return parted is not None and same_name(parted[1]) in names and city.country == parted[2].upper()


class Told(NamedTuple):
    """What one document says of its city.

    Parameters
    ----------
    benchmark, round
        Which document of the city it is.
    city
        The facts.
    """

    benchmark: str
    round: str
    city: City


def today(told: Iterable[Told]) -> City | None:
    """Return what counts: the facts of the latest round, with what it leaves out filled in from those before.

    Parameters
    ----------
    told
        All documents of one city, in any order; of one round the benchmark first in the alphabet counts.
    """
    ordered = sorted(told, key=lambda item: item.benchmark)
    ordered.sort(key=lambda item: natural(item.round), reverse=True)
    if not ordered:
        return None
    known = [item.city for item in ordered]
    return known[0].model_copy(
        update={
            "country": next((city.country for city in known if city.country), None),
            "population": next((city.population for city in known if city.population is not None), None),
        }
    )


def differences(told: Iterable[Told]) -> list[str]:
    """Return a sentence for each fact that documents of one city tell differently.

    The name is compared over the latest round of each benchmark, since a city may be renamed; the country over all,
    since no city moves; inhabitants, which change over the years, only within one round.

    Parameters
    ----------
    told
        All documents of one city, in any order.

    Examples
    --------
    >>> graz = City(name="Graz", slug="graz", country="AT")
    >>> differences([Told("jobs", "2026", graz), Told("parks", "2026", graz.model_copy(update={"country": "DE"}))])
    ['country: AT (jobs 2026), DE (parks 2026)']
    """
    ordered = sorted(told, key=lambda item: (item.benchmark, natural(item.round)))
    latest = list({item.benchmark: item for item in ordered}.values())
    found = [
        *_unlike("name", [(same_name(item.city.name), item.city.name, item) for item in latest]),
        *_unlike("country", [(item.city.country, item.city.country, item) for item in ordered if item.city.country]),
    ]
    for label in sorted({item.round for item in ordered}, key=natural):
        people = [item for item in ordered if item.round == label and item.city.population is not None]
        found += _unlike("inhabitants", [(item.city.population, f"{item.city.population:,}", item) for item in people])
    return found


def _unlike(what: str, said: list[tuple[object, object, Told]]) -> list[str]:
    if len({value for value, _, _ in said}) < 2:
        return []
    return [f"{what}: " + ", ".join(f"{shown} ({item.benchmark} {item.round})" for _, shown, item in said)]
