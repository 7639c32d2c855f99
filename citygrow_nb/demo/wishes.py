"""What a fictitious city offers to others and would like from them."""

from __future__ import annotations

from random import Random

from citygrow_nb.model import Assessment, Benchmark, Mentoring, Need, Offer, Standing
from citygrow_nb.scoring import score

_OFFERS, _OFFERS_TOO_MUCH = 0.6, 0.02
_APART = 0.03


def wishes(
    benchmark: Benchmark, assessment: Assessment, random: Random, languages: tuple[str, ...], neighbour: str
) -> Mentoring:
    """Return the wishes of a city: it offers some of what it has met, and needs what is weakest.

    Parameters
    ----------
    benchmark, assessment
        What was asked and answered.
    random
        Gives what is by chance.
    languages
        Languages of the country.
    neighbour
        A city with which it may not want to work; empty for none.
    """
    found = score(benchmark, assessment).factors
    offers = tuple(
        Offer(factor=factor.code, capacity=random.choice((1, 1, 2, 3)))
        for factor in found
        if random.random() < (_OFFERS if factor.standing is Standing.MET else _OFFERS_TOO_MUCH)
    )
    weak = sorted(
        (factor for factor in found if factor.score is not None and factor.standing is not Standing.MET),
        key=lambda factor: factor.score or 0.0,
    )
    needs = tuple(
        Need(factor=factor.code, priority=random.choice((1, 2, 2, 3))) for factor in weak[: random.choice((0, 1, 2, 3))]
    )
    spoken = dict.fromkeys(
        (*languages, *(("en",) if random.random() < 0.7 else ()), *random.choice(((), (), ("fr",), ("de",))))
    )
    return Mentoring(
        offers=offers,
        needs=tuple(sorted(needs, key=lambda need: list(benchmark.factors).index(need.factor))),
        languages=tuple(spoken),
        not_with=(neighbour,) if neighbour and random.random() < _APART else (),
    )
