"""Which cities have answered how much of a round, and which never did. Pure functions."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from citygrow_nb.model import Benchmark, City, CityFigures
from citygrow_nb.model.city_facts import is_same
from citygrow_nb.model.fields import natural
from citygrow_nb.model.status import CityStatus, Expected, Missing
from citygrow_nb.slugs import same_name, slugify


def last_round(figures: Iterable[CityFigures]) -> str:
    """Return the label of the last round that any city has answered; empty for none."""
    return max((item.round for item in figures), key=natural, default="")


def statuses(
    benchmark: Benchmark, figures: Sequence[CityFigures], round_label: str, expected: Sequence[Expected] = ()
) -> tuple[CityStatus, ...]:
    """Return how far each city is in a round: those that took part in any, and those that are expected.

    Parameters
    ----------
    benchmark
        What is asked.
    figures
        Self-tests of all rounds, in any order.
    round_label
        The round.
    expected
        Cities of which a self-test is expected.

    Returns
    -------
    tuple of CityStatus
        In the order of their names.
    """
    rounds: dict[str, dict[str, CityFigures]] = {}
    for item in figures:
        rounds.setdefault(item.city.slug, {})[item.round] = item
    named: dict[str, dict[str, City]] = {}
    for item in figures:
        named.setdefault(same_name(item.city.name), {})[item.city.slug] = item.city
    wanted: dict[str, Expected] = {}
    for city in expected:
        if city.benchmark in {None, benchmark.id}:
            known = [slug for slug, other in named.get(same_name(city.name), {}).items() if is_same(other, city)]
            for slug in known or [_new_slug(city, {*rounds, *wanted})]:
                wanted.setdefault(slug, city)
    found = [
        _status(benchmark, slug, rounds.get(slug, {}), round_label, wanted.get(slug)) for slug in {*rounds, *wanted}
    ]
    return tuple(sorted(found, key=lambda item: (slugify(item.name), item.slug)))


def _new_slug(city: Expected, taken: Collection[str]) -> str:
    plain = slugify(city.name)
    return slugify(f"{city.name} {city.country}") if plain in taken and city.country else plain


def _status(
    benchmark: Benchmark, slug: str, tests: dict[str, CityFigures], label: str, wanted: Expected | None
) -> CityStatus:
    now = tests.get(label)
    last = tests[max(tests, key=natural)] if tests else None
    questions = len(benchmark.questions)
    answered = questions - now.unanswered if now else 0
    country = last.city.country if last else None
    return CityStatus(
        name=last.city.name if last else wanted.name if wanted else slug,
        slug=slug,
        country=country or (wanted.country if wanted else None),
        round=label,
        begun="not_begun" if not answered else "complete" if answered == questions else "begun",
        answered=answered,
        questions=questions,
        missing=tuple(
            Missing(factor=factor.code, questions=factor.unanswered) for factor in now.factors if factor.unanswered
        )
        if now
        else (),
        changed_on=now.changed_on if now else "",
        before=max((other for other in tests if natural(other) < natural(label)), key=natural, default=""),
        expected=wanted is not None,
        more=wanted.more if wanted else {},
    )
