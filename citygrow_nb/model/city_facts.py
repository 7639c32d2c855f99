"""A city's own facts, which several documents tell: what they agree on, and what they say differently. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from citygrow_nb.model.assessment import City
from citygrow_nb.model.fields import natural
from citygrow_nb.slugs import same_name


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

    Name and country are compared over the latest round of each benchmark; inhabitants, which change over the years,
    only within one round.

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
        *_unlike("country", [(item.city.country, item.city.country, item) for item in latest if item.city.country]),
    ]
    for label in sorted({item.round for item in ordered}, key=natural):
        people = [item for item in ordered if item.round == label and item.city.population is not None]
        found += _unlike("inhabitants", [(item.city.population, f"{item.city.population:,}", item) for item in people])
    return found


def _unlike(what: str, said: list[tuple[object, object, Told]]) -> list[str]:
    if len({value for value, _, _ in said}) < 2:
        return []
    return [f"{what}: " + ", ".join(f"{shown} ({item.benchmark} {item.round})" for _, shown, item in said)]
