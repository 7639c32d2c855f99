"""The further pages of a portfolio: self-tests where they are too many for one page, and advice on each key factor."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence

from citygrow_nb.model import Benchmark, CityFigures, KeyFactor, Standing, latest
from citygrow_nb.rendering.environment import render
from citygrow_nb.rendering.finder import crumbs_of, finder, many_cities_page
from citygrow_nb.rendering.pages import NavLink
from citygrow_nb.rendering.portfolio import (
    NAMED,
    CityPage,
    advice_page,
    by_country,
    by_standing,
    city_pages,
    heatmap,
)


def further_pages(
    benchmark: Benchmark, cities: Sequence[CityFigures], *, front: bool = False
) -> Iterator[tuple[str, str]]:
    """Yield file name and content of each page to which the portfolio's first page leads.

    Parameters
    ----------
    benchmark
        What was asked.
    cities
        Self-tests of this benchmark, in any order.
    front
        Whether there is a front page over several benchmarks to lead back to.
    """
    crumbs = crumbs_of(front=front)
    pages, last = city_pages(cities), latest(cities)
    for part in pages:
        yield part.file, _city_page(benchmark, part, pages, last, crumbs)
    if len(cities) > NAMED:
        for factor, by in by_standing(benchmark, cities):
            yield advice_page(factor.code), _advice_page(benchmark, factor, by[Standing.MET], by[Standing.GAP], crumbs)


def _city_page(
    benchmark: Benchmark,
    part: CityPage,
    pages: Sequence[CityPage],
    last: Container[tuple[str, str]],
    crumbs: Sequence[NavLink],
) -> str:
    body = render(
        "portfolio-page.html.j2", part=part, pages=pages, heatmap=heatmap(benchmark, part.cities, linked=True)
    )
    title = f"Cities side by side: {part.first} to {part.last}"
    return many_cities_page(benchmark, title, body, crumbs, extra=finder(benchmark, part.cities, last))


def _advice_page(
    benchmark: Benchmark,
    factor: KeyFactor,
    met: Sequence[CityFigures],
    gap: Sequence[CityFigures],
    crumbs: Sequence[NavLink],
) -> str:
    body = render(
        "portfolio-advice-page.html.j2",
        factor=factor,
        met=len(met),
        gap=len(gap),
        met_by=by_country(met),
        gap_by=by_country(gap),
    )
    nav = [NavLink(advice_page(each.code), each.short_title, each is factor) for each in benchmark.key_factors]
    title = f"{factor.title}: who could advise whom"
    return many_cities_page(benchmark, title, body, crumbs, nav)
