"""Mentors for a whole network: hard constraints, decisions of the secretariat, the best matches, and why not others."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from citygrow_nb.exceptions import Problem, UsageError
from citygrow_nb.matching.assignment import Solver, best, bound, greedy
from citygrow_nb.matching.fit import PARTS, Fits
from citygrow_nb.matching.network import Network
from citygrow_nb.model import Alternative, Benchmark, Decision, Match, Matching, Unserved

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Table = NDArray[Any]

LIMIT = 600.0
"""Seconds after which key factors that are left are matched by taking the best pair first."""

MOST_ALTERNATIVES = 3
"""How many other mentors are named with a match."""

_NOBODY = "no city that has met it offers to mentor on it"
_TAKEN = "all places of the cities that could mentor on it go to others"
_APART = "no city that could mentor on it is left for this one"


@dataclass
class _Market:
    """One key factor: who needs, who offers, and what became of it.

    Parameters
    ----------
    factor
        The key factor.
    needs
        Place and priority of each city that wants a mentor.
    offers
        Place and number of places of each city that can mentor.
    points
        Hundredths of points, needs by offers; below 0 where the two must not meet.
    chosen
        For each need the number of its offer, or -1.
    """

    factor: str
    needs: list[tuple[int, int]]
    offers: list[tuple[int, int]]
    points: Table
    chosen: list[int] = field(default_factory=list)

    @cached_property
    def rows(self) -> dict[int, int]:
        """Number of each need by the place of its city."""
        return {place: row for row, (place, _) in enumerate(self.needs)}

    @cached_property
    def columns(self) -> dict[int, int]:
        """Number of each offer by the place of its city."""
        return {place: column for column, (place, _) in enumerate(self.offers)}

    @cached_property
    def served(self) -> dict[int, list[int]]:
        """Needs that each offer serves, once they are chosen."""
        found: dict[int, list[int]] = {}
        for need, offer in enumerate(self.chosen):
            found.setdefault(offer, []).append(need)
        return found

    def part(self, points: Table, to: int, by: int) -> None:
        """Mark in a table of points that two cities must not meet, if one needs and the other offers."""
        if to in self.rows and by in self.columns:
            points[self.rows[to], self.columns[by]] = -1


class Pairing:
    """Matches of a network, with what is needed to ask about them.

    Parameters
    ----------
    benchmark, network
        What was asked, and of whom.
    decisions
        What the secretariat decided; of what cannot be honoured :attr:`refused` says why.
    solver
        Finds the assignment on one key factor.
    limit
        Seconds after which the key factors that are left are matched by taking the best pair first.
    """

    def __init__(
        self,
        benchmark: Benchmark,
        network: Network,
        decisions: Sequence[Decision] = (),
        *,
        solver: Solver = best,
        limit: float = LIMIT,
    ) -> None:
        self.benchmark, self.network = benchmark, network
        self._fits = Fits(benchmark, network)
        self._solver = solver
        self.refused: list[Problem] = []
        self._pins: dict[tuple[str, int], int] = {}
        self._bans: set[tuple[str, int, int]] = set()
        self._markets = {factor: self._market(factor) for factor in benchmark.factors}
        self._decide(decisions)
        self._gap = 0
        until = time.monotonic() + limit
        for market in self._markets.values():
            late = time.monotonic() > until
            self._solve(market, greedy if late else solver)
            if late:
                self._gap += bound(market.points, self._places(market)) - self._total(market)

    def matching(self) -> Matching:
        """Return the matches as data."""
        matches = [match for market in self._markets.values() for match in self._matches(market)]
        offering = sum(bool(member.mentoring.offers) for member in self.network.members)
        return Matching(
            benchmark=self.benchmark.id,
            benchmark_version=self.benchmark.version,
            cities=len(self.network.members),
            offering=offering,
            matches=tuple(matches),
            unserved=tuple(item for market in self._markets.values() for item in self._unserved(market)),
            total=round(sum(match.fit.total for match in matches), 2),
            gap=round(self._gap / 100, 2),
            notes=tuple(self._notes()),
        )

    def strangers(self) -> tuple[Problem, ...]:
        """Return what is wrong with wishes not to work with cities: for whoever finds mentors, and for no page."""
        return tuple(
            Problem(member.party.name, f"does not want to work with “{name}”, which is not in the network")
            for member in self.network.members
            for name in member.mentoring.not_with
            if not self.network.places(name)
        )

    def why_not(self, factor: str, mentee: str, mentor: str) -> str:
        """Say why a city is not the mentor of another one on a key factor: which constraint, or how many points.

        Parameters
        ----------
        factor
            The key factor.
        mentee, mentor
            The cities, by name or folder name.

        Raises
        ------
        UsageError
            If there is no such key factor or city, or the city does not want a mentor on it.
        """
        if factor not in self._markets:
            raise UsageError(Problem(factor, "the benchmark has no such key factor", ", ".join(self._markets)))
        market = self._markets[factor]
        to, by = self._called(mentee), self._called(mentor)
        name, other = (self.network.members[place].party.name for place in (to, by))
        need = market.rows.get(to)
        if need is None:
            raise UsageError(Problem(name, f"does not want a mentor on {factor}"))
        if wrong := self._wrong(market, to, by):
            return wrong
        offer = market.columns[by]
        if (factor, to, by) in self._bans:
            return f"The secretariat has decided that {other} and {name} do not meet on {factor}."
        now = market.chosen[need]
        if now == offer:
            return f"{other} is the mentor of {name} on {factor}."
        before = self._total(market)
        forced = _Market(market.factor, market.needs, market.offers, market.points)
        self._solve(forced, self._solver, {**self._pinned(market), need: offer})
        lost = (before - self._total(forced)) / 100
        own = f"{other} would fit {name} with {market.points[need, offer] / 100:.1f} points"
        chosen = "" if now < 0 else f", {self._mentor(market, now)} does with {market.points[need, now] / 100:.1f}"
        others = [self._mentee(market, served) for served in market.served.get(offer, ())]
        places = f" Its {_places(len(others))} to {_listed(others)}." if others else ""
        return f"{own}{chosen}.{places} With {other} for {name} the network would lose {lost:.1f} points in all."

    def _called(self, name: str) -> int:
        place = self.network.place(name)
        if place is None:
            raise UsageError(self.network.unclear(name))
        return place

    def _market(self, factor: str) -> _Market:
        import numpy as np

        members = list(enumerate(self.network.members))
        needs: list[tuple[int, int]] = [
            (place, need.priority)
            for place, member in members
            for need in member.mentoring.needs
            if need.factor == factor
        ]
        offers = [
            (place, offer.capacity)
            for place, member in members
            for offer in member.mentoring.offers
            if offer.factor == factor and member.stands[factor].met
        ]
        mentees = np.array([[place] for place, _ in needs], dtype=int).reshape(-1, 1)
        priorities = np.array([[priority] for _, priority in needs], dtype=int).reshape(-1, 1)
        mentors = np.array([[place for place, _ in offers]], dtype=int).reshape(1, -1)
        cents = self._fits.cents(factor, mentees, mentors, priorities)
        points = sum((cents[part] for part in PARTS), np.zeros((len(needs), len(offers)), dtype=np.int64))
        points[mentees == mentors] = -1
        market = _Market(factor, needs, offers, points)
        for pair in self.network.apart:
            one, *rest = pair
            other = rest[0] if rest else one
            market.part(points, one, other)
            market.part(points, other, one)
        return market

    def _decide(self, decisions: Sequence[Decision]) -> None:
        taken: dict[tuple[str, int], int] = {}
        for decision in decisions:
            where = f"{decision.decision} {decision.factor} {decision.mentor} → {decision.mentee}"
            market = self._markets.get(decision.factor)
            to, by = self.network.place(decision.mentee), self.network.place(decision.mentor)
            if market is None:
                known = ", ".join(self._markets)
                self.refused.append(Problem(where, "the benchmark has no such key factor", known))
                continue
            if to is None or by is None:
                missing = decision.mentee if to is None else decision.mentor
                problem = self.network.unclear(missing)
                self.refused.append(replace(problem, where=f"{where}, {problem.where}"))
                continue
            if decision.decision == "ban":
                self._bans.add((decision.factor, to, by))
                continue
            wrong = self._wrong(market, to, by)
            if to not in market.rows:
                wrong = f"{self.network.members[to].party.name} does not want a mentor on {decision.factor}."
            capacity = market.offers[market.columns[by]][1] if by in market.columns else 0
            if not wrong and (decision.factor, to) in self._pins:
                wrong = "Another mentor is pinned for this need."
            elif not wrong and taken.get((decision.factor, by), 0) >= capacity:
                wrong = f"Its {_places(capacity)} to others that are pinned."
            if wrong:
                self.refused.append(Problem(where, wrong[0].lower() + wrong[1:].rstrip("."), todo="take the pin out"))
                continue
            taken[decision.factor, by] = taken.get((decision.factor, by), 0) + 1
            self._pins[decision.factor, to] = by
        # Sorted, because the order of a set is not the same in every process.
        for factor, to, by in sorted(ban for ban in self._bans if self._pins.get(ban[:2]) == ban[2]):
            del self._pins[factor, to]
            names = " → ".join(self.network.members[place].party.name for place in (by, to))
            self.refused.append(Problem(f"pin {factor} {names}", "the two are banned from each other as well"))

    def _wrong(self, market: _Market, to: int, by: int) -> str:
        """Return which hard constraint keeps two cities apart; empty if none does."""
        name, other = (self.network.members[place].party.name for place in (to, by))
        title = self.benchmark.factors[market.factor].short_title
        if to == by:
            return "No city mentors itself."
        if by not in market.columns:
            offered = any(item.factor == market.factor for item in self.network.members[by].mentoring.offers)
            why = "has not met it by its lower bound" if offered else "does not offer it"
            return f"{other} cannot mentor on {title}: it {why}."
        if frozenset((to, by)) in self.network.apart:
            return f"One of {name} and {other} does not want to be brought together with the other."
        return ""

    def _pinned(self, market: _Market) -> dict[int, int]:
        return {
            row: market.columns[self._pins[market.factor, place]]
            for row, (place, _) in enumerate(market.needs)
            if (market.factor, place) in self._pins
        }

    def _places(self, market: _Market) -> Table:
        import numpy as np

        return np.array([capacity for _, capacity in market.offers], dtype=int)

    def _solve(self, market: _Market, solver: Solver, fixed: dict[int, int] | None = None) -> None:
        """Find the best mentors where some needs have theirs already; all else is solved around these."""
        fixed = self._pinned(market) if fixed is None else fixed
        points, places = market.points.copy(), self._places(market)
        for factor, to, by in self._bans:
            if factor == market.factor:
                market.part(points, to, by)
        for offer in fixed.values():
            places[offer] -= 1
        free = [row for row in range(len(market.needs)) if row not in fixed]
        market.chosen = [fixed.get(row, -1) for row in range(len(market.needs))]
        # Who was fixed beyond the places takes one from the others.
        found = solver(points[free], places.clip(min=0))
        for row, offer in zip(free, found, strict=True):
            market.chosen[row] = offer

    def _total(self, market: _Market) -> int:
        return sum(int(market.points[need, offer]) for need, offer in enumerate(market.chosen) if offer >= 0)

    def _mentor(self, market: _Market, offer: int) -> str:
        return self.network.members[market.offers[offer][0]].party.name

    def _mentee(self, market: _Market, need: int) -> str:
        return self.network.members[market.needs[need][0]].party.name

    def _matches(self, market: _Market) -> Iterator[Match]:
        pinned = self._pinned(market)
        for need, offer in enumerate(market.chosen):
            if offer < 0:
                continue
            to, priority = market.needs[need]
            by = market.offers[offer][0]
            yield Match.model_validate(
                {
                    "factor": market.factor,
                    "mentor": self.network.members[by].party,
                    "mentee": self.network.members[to].party,
                    "priority": priority,
                    "pinned": need in pinned,
                    "fit": self._fits.of(market.factor, to, by, priority),
                    "reasons": self._fits.reasons(market.factor, to, by, priority),
                    "alternatives": tuple(self._alternatives(market, need, offer)),
                }
            )

    def _alternatives(self, market: _Market, need: int, offer: int) -> Iterator[Alternative]:
        row = market.points[need]
        order = (-row).argsort(kind="stable")
        others = (other for other in order.tolist() if other != offer and row[other] >= 0)
        to = market.needs[need][0]
        open_ = (other for other in others if (market.factor, to, market.offers[other][0]) not in self._bans)
        for other, _ in zip(open_, range(MOST_ALTERNATIVES), strict=False):
            less = (int(row[offer]) - int(row[other])) / 100
            served = [self._mentee(market, item) for item in market.served.get(other, ())]
            how = (
                f"{less:.1f} points less" if less > 0 else f"{-less:.1f} points more" if less < 0 else "as many points"
            )
            places = f"; its {_places(len(served))} to {_listed(served)}" if served else ""
            member = self.network.members[market.offers[other][0]]
            yield Alternative(mentor=member.party, points=int(row[other]) / 100, reason=f"{how}{places}")

    def _unserved(self, market: _Market) -> Iterator[Unserved]:
        for need, offer in enumerate(market.chosen):
            if offer >= 0:
                continue
            to, priority = market.needs[need]
            row = market.points[need]
            may_not = all(
                row[place] < 0 or (market.factor, to, by) in self._bans for place, (by, _) in enumerate(market.offers)
            )
            reason = _NOBODY if not market.offers else _APART if may_not else _TAKEN
            yield Unserved.model_validate(
                {
                    "factor": market.factor,
                    "mentee": self.network.members[to].party,
                    "priority": priority,
                    "reason": reason,
                }
            )

    def _notes(self) -> Iterator[str]:
        for member in self.network.members:
            for offer in member.mentoring.offers:
                if offer.factor in member.stands and not member.stands[offer.factor].met:
                    title = self.benchmark.factors[offer.factor].short_title
                    yield f"{member.party.name} offers {title}, but has not met it by its lower bound; not used"
        yield from map(str, self.refused)


def _places(count: int) -> str:
    return "place goes" if count == 1 else f"{count} places go"


def _listed(names: Sequence[str]) -> str:
    shown = list(names[:3])
    rest = len(names) - len(shown)
    if rest:
        return f"{', '.join(shown)} and {rest} more"
    return " and ".join([", ".join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)
