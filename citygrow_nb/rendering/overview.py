"""Pages over several benchmarks: the front page, and each city on all its toolkits and rounds. No ranking."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from citygrow_nb.model import Benchmark, City, CityFigures, FactorFigures, Standing, countries
from citygrow_nb.model.fields import natural
from citygrow_nb.plan import factor_files
from citygrow_nb.rendering.environment import render
from citygrow_nb.rendering.finder import STYLE
from citygrow_nb.rendering.pages import Extra, NavLink, draft_notice, page
from citygrow_nb.rendering.trend import trend_charts
from citygrow_nb.scoring import trend_of
from citygrow_nb.slugs import slugify
from citygrow_nb.workspace import CITIES, INDEX

PAGE = 250
"""Most cities on one page of the front page's table; where there are more, it is continued on pages of its own."""

MOST_NEXT = 4
"""Most key factors that stand under what comes next."""

_NEXT = {Standing.GAP: 0, Standing.CLOSE: 1, Standing.UNKNOWN: 2}
"""In which order key factors that are not met come next: a gap first."""


@dataclass(frozen=True)
class FrontToolkit:
    """One benchmark on the front page.

    Parameters
    ----------
    benchmark
        What is asked.
    cities, tests
        How many cities answered it, in how many self-tests.
    rounds
        Labels of their rounds.
    """

    benchmark: Benchmark
    cities: int
    tests: int
    rounds: tuple[str, ...]


@dataclass(frozen=True)
class Taken:
    """A city's latest self-test on one benchmark.

    Parameters
    ----------
    page
        Address of its report.
    round
        Its round.
    met, factors
        How many of how many key factors are met.
    """

    page: str
    round: str
    met: int
    factors: int


@dataclass(frozen=True)
class FrontCity:
    """One city on the front page.

    Parameters
    ----------
    name, slug, country
        The city.
    taken
        Its latest self-test on each benchmark, by id.
    """

    name: str
    slug: str
    country: str | None
    taken: Mapping[str, Taken]

    @property
    def page(self) -> str:
        """Address of the city's own page."""
        return f"{CITIES}/{self.slug}.html"


@dataclass(frozen=True)
class _Part:
    number: int
    cities: Sequence[FrontCity]

    @property
    def file(self) -> str:
        return INDEX if self.number == 1 else f"cities-{self.number:02}.html"

    @property
    def first(self) -> str:
        return self.cities[0].name

    @property
    def last(self) -> str:
        return self.cities[-1].name


def front_page(toolkits: Sequence[FrontToolkit], cities: Sequence[FrontCity]) -> dict[str, str]:
    """Return the front page, and the pages on which its table of cities goes on.

    Parameters
    ----------
    toolkits
        The benchmarks; with one, the page leads straight on to its portfolio.
    cities
        All cities, in any order.

    Returns
    -------
    dict
        Pages by file name.
    """
    if len(toolkits) == 1:
        (only,) = toolkits
        address = f"{only.benchmark.id}/{INDEX}"
        body = render("onward.html.j2", address=address, title=only.benchmark.title)
        return {INDEX: page(title="Self-tests of cities", body=body, lang=only.benchmark.language, onward=address)}
    ordered = sorted(cities, key=lambda city: (slugify(city.name), city.slug))
    starts = range(0, max(1, len(ordered)), PAGE)
    parts = [_Part(number, ordered[start : start + PAGE]) for number, start in enumerate(starts, start=1)]
    made = {}
    for part in parts:
        first = part is parts[0]
        body = render(
            "front.html.j2" if first else "front-page.html.j2",
            toolkits=toolkits,
            part=part,
            pages=parts,
            countries=countries.names(),
            search=first,
        )
        names = [[city.name, city.slug] for city in ordered] if first else []
        data = json.dumps(names, ensure_ascii=False, separators=(",", ":"))
        made[part.file] = page(
            title="Self-tests of cities" if first else f"Cities and their toolkits: {part.first} to {part.last}",
            body=body,
            crumbs=() if first else (NavLink(INDEX, "All toolkits"),),
            notice=draft_notice(*(toolkit.benchmark for toolkit in toolkits)),
            extra=Extra(styles=(STYLE,), script="front.js" if first else "", data=data),
        )
    return made


@dataclass(frozen=True)
class _Row:
    title: str
    page: str
    figures: FactorFigures


def city_page(
    city: City,
    tests: Mapping[str, Sequence[CityFigures]],
    benchmarks: Mapping[str, Benchmark],
    differences: Sequence[str],
    *,
    front: bool,
) -> str:
    """Return the page of one city on all its benchmarks and rounds.

    Parameters
    ----------
    city
        What is known of it today.
    tests
        Its self-tests by benchmark, in any order.
    benchmarks
        The benchmarks by id.
    differences
        Sentences on facts that its documents tell differently.
    front
        Whether there is a front page over several benchmarks to lead back to.
    """
    toolkits = [_toolkit(benchmarks[name], tests[name]) for name in sorted(tests)]
    body = render(
        "city-overview.html.j2",
        city=city,
        toolkits=toolkits,
        tests=sum(map(len, tests.values())),
        differences=differences,
        countries=countries.names(),
    )
    only = next(iter(tests))
    up = NavLink(f"../{INDEX}", "All toolkits") if front else NavLink(f"../{only}/{INDEX}", "All cities")
    language = benchmarks[only].language
    notice = draft_notice(*(benchmarks[name] for name in tests))
    return page(title=f"{city.name}: all self-tests", body=body, lang=language, crumbs=(up,), notice=notice)


def _toolkit(benchmark: Benchmark, tests: Sequence[CityFigures]) -> dict[str, object]:
    ordered = sorted(tests, key=lambda test: natural(test.round), reverse=True)
    last = ordered[0]
    place = f"../{benchmark.id}/{last.city.slug}"
    files = factor_files(benchmark, "html")
    rows = [
        _Row(
            benchmark.factors[figures.code].short_title if figures.code in benchmark.factors else figures.code,
            f"{place}/{last.round}/{files[figures.code]}" if figures.code in files else "",
            figures,
        )
        for figures in last.factors
    ]
    # Rounds made with other key factors than the last cannot stand on one chart with it.
    codes = [figures.code for figures in last.factors]
    trend = trend_of([test for test in tests if [figures.code for figures in test.factors] == codes])
    following = [row for row in rows if row.figures.standing in _NEXT]
    following.sort(key=lambda row: (_NEXT[row.figures.standing], row.figures.score or 0.0))
    return {
        "id": benchmark.id,
        "title": benchmark.title,
        "page": f"{place}/{last.round}/{INDEX}",
        "last": last,
        "rows": rows,
        "thresholds": benchmark.scale.thresholds,
        "strong": [row for row in rows if row.figures.standing is Standing.MET],
        "following": following[:MOST_NEXT],
        "trend": trend and trend_charts(benchmark, trend, chart_id=f"{benchmark.id}-trend"),
        "tests": [{"page": f"{place}/{test.round}/{INDEX}", "figures": test} for test in ordered],
    }
