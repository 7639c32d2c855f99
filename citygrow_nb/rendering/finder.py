"""Finding self-tests in a portfolio: what the controls above its table offer, and what their script works on.

The table is complete without the script; where self-tests have pages of their own, it finds them across all pages.
"""

from __future__ import annotations

import json
from collections.abc import Container, Sequence
from typing import NamedTuple

from citygrow_nb.model import (
    SIZE_GROUPS,
    Benchmark,
    CityFigures,
    FactorFigures,
    Standing,
    countries,
    latest,
    size_group,
)
from citygrow_nb.model.fields import natural
from citygrow_nb.rendering.environment import STANDING_WORDS, interval, number, percent
from citygrow_nb.rendering.pages import FRONT_CRUMB, Extra, NavLink, draft_notice, page
from citygrow_nb.workspace import INDEX

SCRIPT = "finder.js"
"""The script, beside the templates."""

STYLE = "portfolio.css"
"""Style sheet of the portfolio's fragments, beside that of all fragments."""

ALL = ("", "all")
LATEST = ("*", "latest of each city")
NOT_GIVEN = ("-", "not given")
ORDERS = (("name", "names"), ("country", "countries"), ("size", "inhabitants"), ("round", "rounds"))
"""In which order self-tests can be put; never in that of their scores."""


def many_cities_page(
    benchmark: Benchmark,
    title: str,
    body: str,
    crumbs: Sequence[NavLink],
    nav: Sequence[NavLink] = (),
    extra: Extra = Extra(styles=(STYLE,)),  # noqa: B008 -- frozen
) -> str:
    """Return a page over many cities on one benchmark; parameters as of :func:`~citygrow_nb.rendering.page`."""
    return page(
        title=title,
        body=body,
        nav=nav,
        lang=benchmark.language,
        crumbs=crumbs,
        notice=draft_notice(benchmark),
        extra=extra,
    )


def crumbs_of(*, front: bool) -> tuple[NavLink, ...]:
    """Return the way up from a page beside that of all cities; ``front``: whether there is a front page above it."""
    return (*((FRONT_CRUMB,) if front else ()), NavLink(INDEX, "All cities"))


class Choice(NamedTuple):
    """One control with which to choose.

    Parameters
    ----------
    name
        By which the script knows it.
    label
        What it chooses.
    options
        Value and words of each option; the first one is chosen at the beginning.
    """

    name: str
    label: str
    options: list[tuple[str, str]]


def choices(benchmark: Benchmark, cities: Sequence[CityFigures]) -> list[Choice]:
    """Return the controls that have something to choose.

    Parameters
    ----------
    benchmark
        What was asked.
    cities
        All self-tests of the portfolio.
    """
    present = {item.city.country for item in cities}
    sizes = {size_group(item.city.population) for item in cities}
    rounds = sorted({item.round for item in cities}, key=natural, reverse=True)
    repeated = len(latest(cities)) < len(cities)
    offered = [
        Choice("country", "Country", [ALL, *((code, name) for code, name in countries.choices() if code in present)]),
        Choice(
            "size",
            "Inhabitants",
            [ALL, *((str(place), group.name) for place, group in enumerate(SIZE_GROUPS) if group in sizes)],
        ),
        Choice("round", "Round", [ALL, *([LATEST] if repeated else []), *((label, label) for label in rounds)]),
        Choice("factor", "Key factor", [("", "any"), *((f.code, f.short_title) for f in benchmark.key_factors)]),
        Choice("standing", "Standing", [("", "any"), *((s.value, STANDING_WORDS[s]) for s in Standing)]),
        Choice("order", "Order", list(ORDERS)),
    ]
    for choice, missing in zip(offered, (None in present, None in sizes), strict=False):
        if missing:
            choice.options.append(NOT_GIVEN)
    return [choice for choice in offered if len(choice.options) > 2]


def finder(benchmark: Benchmark, cities: Sequence[CityFigures], last: Container[tuple[str, str]]) -> Extra:
    """Return style, script and data of a page on which self-tests can be found.

    Parameters
    ----------
    benchmark
        What was asked.
    cities
        The self-tests to be found, in the order of the table's rows.
    last
        Slug and round of each city's latest self-test.
    """
    rows = [
        [
            item.city.name,
            item.city.slug,
            item.city.country or "",
            -1 if item.city.population is None else item.city.population,
            item.round,
            int((item.city.slug, item.round) in last),
            percent(item.coverage),
            ",".join(map(_figures, item.factors)),
            item.could_turn,
        ]
        for item in cities
    ]
    data = {
        "limits": [group.least for group in SIZE_GROUPS],
        "factors": list(benchmark.factors),
        "standings": {_LETTERS[standing]: [standing.value, STANDING_WORDS[standing]] for standing in Standing},
        "rows": rows,
    }
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return Extra(styles=(STYLE,), script=SCRIPT, data=text)


_LETTERS = dict(zip(Standing, "abcdefgh", strict=False))


def _figures(factor: FactorFigures) -> str:
    score, bounds = number(factor.score), interval(factor.lower, factor.upper)
    told = [] if bounds == score else [bounds.replace(" to ", "-")]
    told += [f"{factor.disputed}≠"] if factor.disputed else []
    return " ".join((f"{_LETTERS[factor.standing]}{score}", *told))
