"""Many cities side by side by key factor. No ranking: cities stand in the order of their names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from citygrow_nb.model import Benchmark, Results, Standing
from citygrow_nb.rendering.environment import count, render, stylesheet
from citygrow_nb.rendering.fragments import Fragment
from citygrow_nb.slugs import same_name

Links = Mapping[tuple[str, str], str]


def portfolio_opening(
    benchmark: Benchmark, cities: Sequence[Results], left_out: Sequence[str], *, styled: bool
) -> Fragment:
    """Say how many cities there are and what could not be read.

    Parameters
    ----------
    benchmark, cities
        What was asked, and the results.
    left_out
        Sentences on what could not be read.
    styled
        Whether to bring the style sheet along, as a notebook needs and a page does not.
    """
    html = render(
        "portfolio-opening.html.j2",
        tests=len(cities),
        cities=len({item.city.slug for item in cities}),
        rounds=sorted({item.round for item in cities}),
        benchmark=benchmark,
        left_out=left_out,
        style=stylesheet("fragments.css") if styled else "",
    )
    return Fragment(html, count(len(cities), "self-test"))


def heatmap(benchmark: Benchmark, cities: Sequence[Results], links: Links | None = None) -> Fragment:
    """Show all cities by key factor in a table with the figures in its cells.

    Parameters
    ----------
    benchmark
        What was asked.
    cities
        Results of this benchmark, in any order.
    links
        Address of each city's report by slug and round (optional).
    """
    html = render("heatmap.html.j2", cities=_by_name(cities), factors=benchmark.key_factors, links=links or {})
    return Fragment(html, count(len(cities), "self-test"))


def advice(benchmark: Benchmark, cities: Sequence[Results], links: Links | None = None) -> Fragment:
    """Show for each key factor which cities meet it, and could be asked, and which have it as a gap.

    Parameters
    ----------
    benchmark
        What was asked.
    cities
        Results of this benchmark, in any order.
    links
        Address of each city's report by slug and round (optional).
    """
    rows = []
    for position, factor in enumerate(benchmark.key_factors):
        by_standing: dict[Standing, list[Results]] = {standing: [] for standing in Standing}
        for item in _by_name(cities):
            by_standing[item.scorecard.factors[position].standing].append(item)
        rows.append((factor, by_standing))
    html = render("advice.html.j2", rows=rows, links=links or {})
    return Fragment(html, "\n".join(f"{factor.code}: {len(by[Standing.MET])} met" for factor, by in rows))


def _by_name(cities: Sequence[Results]) -> list[Results]:
    return sorted(cities, key=lambda item: (same_name(item.city.name), item.city.slug, item.round))
