"""Many cities side by side by key factor. No ranking: cities stand in the order of their names, in Latin letters.

Distribution and advice count each city once, with its latest round; the table of figures holds every round.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import groupby

from markupsafe import Markup

from citygrow_nb.model import Benchmark, CityFigures, Direction, FactorFigures, KeyFactor, Standing, latest
from citygrow_nb.model.fields import natural
from citygrow_nb.rendering.environment import FRAGMENTS, STANDING_WORDS, count, interval, number, render, stylesheet
from citygrow_nb.rendering.finder import STYLE, choices
from citygrow_nb.rendering.fragments import Fragment
from citygrow_nb.slugs import slugify
from citygrow_nb.workspace import MENTORING, PORTFOLIO, PORTFOLIO_CSV, PORTFOLIO_XLSX, STATUS

PAGE = 250
"""Most self-tests on one page; where there are more, they get pages of their own."""

_WAYS = {
    Direction.UP: "Up",
    Direction.DOWN: "Down",
    Direction.SAME: "Unchanged",
    Direction.UNCLEAR: "Not clear",
}

NAMED = 12
"""Most cities that the advice on a key factor names one by one."""


def portfolio_opening(
    benchmark: Benchmark, cities: Sequence[CityFigures], left_out: Sequence[str], *, live: bool
) -> Fragment:
    """Say how many cities there are and what could not be read.

    Parameters
    ----------
    benchmark, cities
        What was asked, and the results.
    left_out
        Sentences on what could not be read.
    live
        Whether it stands in a notebook, which needs the style sheet and has no files of figures beside it.
    """
    html = render(
        "portfolio-opening.html.j2",
        tests=len(cities),
        cities=len({item.city.slug for item in cities}),
        countries=len({item.city.country for item in cities} - {None}),
        rounds=sorted({item.round for item in cities}, key=natural),
        benchmark=benchmark,
        left_out=left_out,
        status="" if live else STATUS,
        files=() if live else ((PORTFOLIO_XLSX, "Excel"), (PORTFOLIO_CSV, "CSV"), (PORTFOLIO, "JSON")),
        style=stylesheet(*FRAGMENTS, STYLE) if live else "",
    )
    return Fragment(html, count(len(cities), "self-test"))


def distribution(benchmark: Benchmark, cities: Sequence[CityFigures]) -> Fragment:
    """Show for each key factor how many cities stand where, as a chart and as its table.

    Parameters
    ----------
    benchmark
        What was asked.
    cities
        Self-tests of this benchmark, in any order.
    """
    rows = [(factor, {s: len(by[s]) for s in Standing}) for factor, by in by_standing(benchmark, cities)]
    lines = [
        f"{factor.short_title}: " + ", ".join(f"{n} {STANDING_WORDS[s]}" for s, n in counts.items() if n)
        for factor, counts in rows
    ]
    total = len({item.city.slug for item in cities})
    html = render("portfolio-distribution.html.j2", rows=rows, total=total, description=". ".join(lines) + ".")
    return Fragment(html, "\n".join(lines))


def advice(
    benchmark: Benchmark, cities: Sequence[CityFigures], *, linked: bool = False, mentoring: bool = False
) -> Fragment:
    """Show for each key factor which cities meet it, and could be asked, and which have it as a gap.

    Parameters
    ----------
    benchmark
        What was asked.
    cities
        Self-tests of this benchmark, in any order.
    linked
        Whether reports, and :func:`~citygrow_nb.rendering.parts.further_pages`, stand where links to them lead.
    mentoring
        Whether the page of who mentors whom stands there, too.
    """
    rows = by_standing(benchmark, cities)
    html = render(
        "advice.html.j2",
        rows=rows,
        linked=linked,
        most=NAMED,
        page=advice_page,
        mentoring=MENTORING if mentoring else "",
    )
    return Fragment(html, "\n".join(f"{factor.code}: {len(by[Standing.MET])} met" for factor, by in rows))


def movement(benchmark: Benchmark, cities: Sequence[CityFigures]) -> Fragment:
    """Show for each key factor how many cities went up or down since their round before.

    Parameters
    ----------
    benchmark
        What was asked.
    cities
        Self-tests of this benchmark, in any order; of each city the latest counts, if it had one before.
    """
    last = latest(cities)
    repeated = [item for item in cities if (item.city.slug, item.round) in last and item.direction is not None]
    rows = []
    for position, factor in enumerate(benchmark.key_factors):
        found = [item.factors[position] for item in repeated]
        ways = [sum(f.direction is way and not f.breaks for f in found) for way in _WAYS]
        rows.append((factor, [*ways, sum(bool(f.breaks) for f in found)]))
    heads = [*_WAYS.values(), "Not comparable"]
    html = render("movement.html.j2", rows=rows if repeated else [], heads=heads, cities=len(repeated))
    text = [f"{factor.code}: {counts[0]} up, {counts[1]} down" for factor, counts in rows]
    return Fragment(html, "\n".join(text) if repeated else "no city has taken part in two rounds yet")


def heatmap(
    benchmark: Benchmark, cities: Sequence[CityFigures], *, linked: bool = False, pages: Sequence[CityPage] = ()
) -> Fragment:
    """Show all self-tests by key factor in a table with the figures in its cells.

    Parameters
    ----------
    benchmark
        What was asked.
    cities
        Self-tests of this benchmark, in any order.
    linked
        Whether reports stand where links to them lead.
    pages
        Pages of their own that the self-tests have; the table is then empty until the page's script fills it.
    """
    shown = () if pages else by_name(cities)[:PAGE]
    html = render(
        "heatmap.html.j2",
        rows=[(item, _cells(item.factors)) for item in shown],
        factors=benchmark.key_factors,
        left=0 if pages else len(cities) - len(shown),
        total=len(cities),
        pages=pages,
        linked=linked,
        choices=choices(benchmark, cities),
    )
    return Fragment(html, count(len(cities), "self-test"))


class CityPage:
    """A page of a portfolio with some of its self-tests.

    Parameters
    ----------
    number
        Its place among the pages, from 1.
    cities
        Its self-tests, by name.
    """

    def __init__(self, number: int, cities: Sequence[CityFigures]) -> None:
        self.number = number
        self.cities = tuple(cities)
        self.file = f"cities-{number:02}.html"
        self.first, self.last = cities[0].city.name, cities[-1].city.name


def city_pages(cities: Sequence[CityFigures]) -> tuple[CityPage, ...]:
    """Return the pages over which self-tests are spread; none where one page holds them all."""
    if len(cities) <= PAGE:
        return ()
    ordered = by_name(cities)
    return tuple(
        CityPage(number, ordered[start : start + PAGE])
        for number, start in enumerate(range(0, len(ordered), PAGE), start=1)
    )


def advice_page(code: str) -> str:
    """Return the name of the page with all cities that could advise, or need advice, on a key factor."""
    return f"advice-{code.lower()}.html"


def by_name(cities: Sequence[CityFigures]) -> list[CityFigures]:
    """Return self-tests in the order of the cities' names, as they would be written in Latin letters."""
    return sorted(cities, key=lambda item: (slugify(item.city.name), item.city.slug, natural(item.round)))


def by_standing(
    benchmark: Benchmark, cities: Sequence[CityFigures]
) -> list[tuple[KeyFactor, dict[Standing, list[CityFigures]]]]:
    """Return for each key factor the cities by where they stand in their latest round, by name."""
    last = latest(cities)
    current = [item for item in by_name(cities) if (item.city.slug, item.round) in last]
    rows = []
    for position, factor in enumerate(benchmark.key_factors):
        found: dict[Standing, list[CityFigures]] = {standing: [] for standing in Standing}
        for item in current:
            found[item.factors[position].standing].append(item)
        rows.append((factor, found))
    return rows


def by_country(cities: Sequence[CityFigures]) -> list[tuple[str, list[CityFigures]]]:
    """Return self-tests by country code, those without one last; within a country in the order given."""
    ordered = sorted(cities, key=lambda item: (item.city.country is None, item.city.country or ""))
    return [(code, list(items)) for code, items in groupby(ordered, key=lambda item: item.city.country or "")]


def _cells(factors: Sequence[FactorFigures]) -> Markup:
    return Markup("").join(_cell(f.standing, number(f.score), interval(f.lower, f.upper), f.disputed) for f in factors)


# The same few figures fill nearly all cells.
@lru_cache(maxsize=20_000)
def _cell(standing: Standing, score: str, bounds: str, disputed: int) -> Markup:
    bounds = "" if bounds == score else bounds
    cell = render("portfolio-cell.html.j2", standing=standing, score=score, bounds=bounds, disputed=disputed)
    return Markup(cell)  # noqa: S704 -- made by our own template
