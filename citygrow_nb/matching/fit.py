"""How well a mentor fits a need: points for each part, alike for one pair and for all of a network at once.

- distance: the mentor's lower bound less where the city stands, of 100.
- context: how near their readings are, over the context factors that both judged, on average; 1 where all are alike, 0
  where they are at either end.
- size: 1 for as many inhabitants, 0 for ten times as many, by the logarithm in between.
- language: 1 for a shared one, else 0.
- urgency: 1 urgent, ½ soon, 0 when it suits.

What is not known brings no points. Each part is multiplied by its weight and rounded to hundredths of a point.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from citygrow_nb.matching.network import Member, Network
from citygrow_nb.model import Benchmark, Fit
from citygrow_nb.model.languages import name_of
from citygrow_nb.model.mentoring import PRIORITIES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Cents = NDArray[Any]

PARTS = ("distance", "context", "size", "language", "urgency")

_READINGS = 4  # steps from the lowest to the highest reading
_URGENCY = {1: 1.0, 2: 0.5, 3: 0.0}


class Fits:
    """Points for any pairs of a network.

    Parameters
    ----------
    benchmark
        What was asked, with the weights.
    network
        The cities.
    """

    def __init__(self, benchmark: Benchmark, network: Network) -> None:
        import numpy as np

        self._np = np
        self._benchmark, self._network = benchmark, network
        members = network.members
        self._people = np.array([np.log10(m.population) if m.population else np.nan for m in members])
        self._context = [
            np.array([m.context.get(code, np.nan) for m in members], dtype=float) for code in benchmark.contexts
        ]
        spoken = sorted({language for m in members for language in m.mentoring.languages})
        self._speaks = [np.array([language in m.mentoring.languages for m in members]) for language in spoken]
        self._lower = {
            code: np.array([_known(m.stands[code].lower) for m in members], dtype=float) for code in benchmark.factors
        }
        self._level = {
            code: np.array([_known(m.stands[code].level) for m in members], dtype=float) for code in benchmark.factors
        }

    def cents(self, factor: str, mentees: Cents, mentors: Cents, priorities: Cents) -> dict[str, Cents]:
        """Return the points of pairs by part, in hundredths.

        Parameters
        ----------
        factor
            The key factor.
        mentees, mentors
            Places of the cities, as arrays of shapes that can be combined.
        priorities
            How urgent each need is, 1 to 3, in the shape of ``mentees``.

        Returns
        -------
        dict
            Whole numbers by part, in the combined shape.
        """
        np = self._np
        shape = np.broadcast_shapes(mentees.shape, mentors.shape)
        further = np.clip(self._lower[factor][mentors] - self._level[factor][mentees], 0, 100) / 100
        near, judged, shared = np.zeros(shape), np.zeros(shape), np.zeros(shape, dtype=bool)
        for reading in self._context:
            apart = np.abs(reading[mentees] - reading[mentors])
            known = ~np.isnan(apart)
            near += np.where(known, 1 - apart / _READINGS, 0.0)
            judged += known
        for speaks in self._speaks:
            shared |= speaks[mentees] & speaks[mentors]
        urgency = np.array([0.0, *_URGENCY.values()])[priorities]
        parts = {
            "distance": further,
            "context": near / np.maximum(judged, 1),
            "size": np.clip(1 - np.abs(self._people[mentees] - self._people[mentors]), 0, 1),
            "language": shared.astype(float),
            "urgency": np.broadcast_to(urgency, shape),
        }
        weights = self._benchmark.scale.mentoring
        return {
            name: np.rint(np.nan_to_num(part) * getattr(weights, name) * 100).astype(np.int64)
            for name, part in parts.items()
        }

    def of(self, factor: str, mentee: int, mentor: int, priority: int) -> Fit:
        """Return the points of one pair."""
        np = self._np
        found = self.cents(factor, *(np.array([value]) for value in (mentee, mentor, priority)))
        return Fit(**{name: int(part[0]) / 100 for name, part in found.items()})

    def reasons(self, factor: str, mentee: int, mentor: int, priority: int) -> tuple[str, ...]:
        """Return in sentences why a pair has its points, part by part."""
        to, by = self._network.members[mentee], self._network.members[mentor]
        return (
            _distance(self._benchmark, factor, to, by),
            _context(to, by),
            _size(to, by),
            _language(to, by),
            f"{to.party.name} wants a mentor on it: {PRIORITIES[priority]}.",
        )


def _known(value: float | None) -> float:
    return float("nan") if value is None else value


def _distance(benchmark: Benchmark, factor: str, to: Member, by: Member) -> str:
    title = benchmark.factors[factor].short_title
    there, here = by.stands[factor], to.stands[factor]
    met = f"{by.party.name} has met {title}: {there.lower or 0:.0f} of 100 at least"
    if here.level is None:
        return f"{met}; no question of it applies to {to.party.name}."
    return f"{met}; {to.party.name} stands at {here.level:.0f}."


def _context(to: Member, by: Member) -> str:
    both = [code for code in to.context if code in by.context]
    if not both:
        return "There is no context factor that both have judged."
    alike = sum(to.context[code] == by.context[code] for code in both)
    near = sum(abs(to.context[code] - by.context[code]) == 1 for code in both)
    return f"Of {len(both)} context factors that both judged, they read {alike} alike and {near} one step apart."


def _size(to: Member, by: Member) -> str:
    if not (to.population and by.population):
        return "Their sizes cannot be compared: inhabitants are not known of both."
    return f"{by.party.name} has {by.population:,} inhabitants, {to.party.name} {to.population:,}."


def _language(to: Member, by: Member) -> str:
    shared = [name_of(code) for code in by.mentoring.languages if code in to.mentoring.languages]
    return f"Both can work in {' and '.join(shared)}." if shared else "They have named no language in common."
