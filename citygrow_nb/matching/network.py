"""A network of cities as those see it who look for mentors: where each stands, what it offers and needs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from citygrow_nb.exceptions import Problem
from citygrow_nb.model import Assessment, Benchmark, FactorResult, Mentoring, Party, Standing
from citygrow_nb.scoring import score
from citygrow_nb.slugs import same_name, slugify


@dataclass(frozen=True)
class Stand:
    """Where a city stands on one key factor.

    Parameters
    ----------
    met
        Whether it has met it, which its lower bound decides.
    lower
        Lower bound, 0 to 100; none where no question applies.
    level
        Score, 0 to 100, or the middle of the bounds where nothing is rated; none where no question applies.
    """

    met: bool
    lower: float | None
    level: float | None

    @classmethod
    def of(cls, result: FactorResult) -> Stand:
        """Return where a key factor's result stands."""
        level = result.score
        if level is None and result.lower is not None and result.upper is not None:
            level = (result.lower + result.upper) / 2
        return cls(result.standing is Standing.MET, result.lower, level)


@dataclass(frozen=True)
class Member:
    """One city of a network.

    Parameters
    ----------
    party
        The city, with the round that counts.
    population
        Inhabitants; None where nobody said.
    context
        Direction of each context factor that it judged, by code.
    stands
        Where it stands, by key factor.
    mentoring
        What it offers, needs and wishes.
    """

    party: Party
    population: int | None
    context: Mapping[str, int]
    stands: Mapping[str, Stand]
    mentoring: Mentoring

    @classmethod
    def of(cls, benchmark: Benchmark, assessment: Assessment) -> Member:
        """Return a city by its self-test."""
        city = assessment.city
        return cls(
            Party(name=city.name, slug=city.slug, round=assessment.round),
            city.population,
            {code: item.direction for code, item in assessment.context.items() if item.direction is not None},
            {result.code: Stand.of(result) for result in score(benchmark, assessment).factors},
            assessment.mentoring,
        )

    @property
    def order(self) -> tuple[str, str]:
        """By which cities are ordered: the name in Latin letters."""
        return slugify(self.party.name), self.party.slug


class Network:
    """All cities, in the order of their names.

    Parameters
    ----------
    members
        The cities, each once.
    """

    def __init__(self, members: Iterable[Member]) -> None:
        self.members = tuple(sorted(members, key=lambda member: member.order))

    @cached_property
    def _by_name(self) -> dict[str, tuple[int, ...]]:
        places: dict[str, tuple[int, ...]] = {}
        for place, member in enumerate(self.members):
            name = same_name(member.party.name)
            places[name] = (*places.get(name, ()), place)
        return places

    @cached_property
    def _by_slug(self) -> dict[str, tuple[int, ...]]:
        return {member.party.slug: (place,) for place, member in enumerate(self.members)}

    def places(self, called: str) -> tuple[int, ...]:
        """Return the places of all cities that have this folder name or this name."""
        # A folder name is one city's alone, and goes before a name.
        return self._by_slug.get(called) or self._by_name.get(same_name(called), ())

    def place(self, called: str) -> int | None:
        """Return the place of the one city of this folder name or name; None if there is none, or several."""
        found = self.places(called)
        return found[0] if len(found) == 1 else None

    def unclear(self, called: str) -> Problem:
        """Say why no one city is meant."""
        if several := [self.members[place].party.slug for place in self.places(called)]:
            found = "several cities in the network have this name"
            return Problem(f"“{called}”", found, ", ".join(several), "write the folder name")
        return Problem(f"“{called}”", f"there is no city “{called}” in the network", todo="check the name")

    @cached_property
    def apart(self) -> frozenset[frozenset[int]]:
        """Pairs of cities of which one does not want the other."""
        return frozenset(
            frozenset((place, other))
            for place, member in enumerate(self.members)
            for name in member.mentoring.not_with
            for other in self.places(name)  # of several with this name, whichever was meant
        )
