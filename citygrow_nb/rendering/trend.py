"""Three and more rounds as small charts, one for each key factor, with their figures in a table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from citygrow_nb.model import Benchmark, Break, Direction
from citygrow_nb.rendering.environment import interval, number, render
from citygrow_nb.rendering.fragments import Fragment
from citygrow_nb.scoring import Line, Point, Trend

WIDTH, HEIGHT, EDGE = 168, 76, 12
"""Size of one chart in pixels, and how far its outermost points are from its edges."""

BREAK_WORDS = {Break.WORDING: "a question was worded anew", Break.VOICES: "others answered"}

_WAYS = {
    Direction.UP: "up",
    Direction.DOWN: "down",
    Direction.SAME: "unchanged",
    Direction.UNCLEAR: "not clear, the bounds overlap",
}


class _Chart(NamedTuple):
    title: str
    line: Line
    ranges: str
    scores: str
    dots: str
    breaks: str
    description: str
    way: str
    cells: list[str]


def trend_charts(
    benchmark: Benchmark, trend: Trend, links: Mapping[str, str] | None = None, *, chart_id: str = "trend"
) -> Fragment:
    """Show how every key factor went over the rounds, which questions moved, and where lines break.

    Parameters
    ----------
    benchmark, trend
        What was asked, and what became of it.
    links
        Page of each key factor by code (optional).
    chart_id
        Beginning of ids within the page.
    """
    titles = {factor.code: factor.short_title for factor in benchmark.key_factors}
    charts = [_chart("Overall", trend.overall)]
    charts += [_chart(titles.get(line.code, line.code), line) for line in trend.factors]
    breaks = [
        (chart.title, point.round, " and ".join(BREAK_WORDS[kind] for kind in point.breaks))
        for chart in charts[1:]
        for point in chart.line.points
        if point.breaks
    ]
    html = render(
        "trend.html.j2",
        charts=charts,
        rounds=trend.rounds,
        thresholds=[
            _height(at) for at in (benchmark.scale.thresholds.close_score, benchmark.scale.thresholds.met_lower_bound)
        ],
        width=WIDTH,
        height=HEIGHT,
        foot=HEIGHT + 16,
        breaks=breaks,
        moved=trend.moved,
        links=links or {},
        id=chart_id,
    )
    return Fragment(html, "\n".join(f"{chart.title}: {chart.description}" for chart in charts))


def brief_trend(trend: Trend, more: str) -> Fragment:
    """Say in one sentence how many key factors went up and down over the rounds.

    Parameters
    ----------
    trend
        What became of the city.
    more
        Page with the charts.
    """
    tally = {way: sum(line.direction is way for line in trend.factors) for way in _WAYS}
    told = [f"{tally[way]} {words.split(',')[0]}" for way, words in _WAYS.items() if tally[way]]
    alone = sum(line.direction is None for line in trend.factors)
    told += [f"{alone} cannot be compared"] if alone else []
    sentence = (
        f"Over {len(trend.rounds)} rounds, {trend.rounds[0]} to {trend.rounds[-1]}, by key factor: {', '.join(told)}."
    )
    return Fragment(render("brief-trend.html.j2", sentence=sentence, more=more), sentence)


def _chart(title: str, line: Line) -> _Chart:
    step = (WIDTH - 2 * EDGE) / (len(line.points) - 1)
    at = {point.round: round(EDGE + step * place) for place, point in enumerate(line.points)}
    # One path for all marks of a kind: a page has ten charts.
    ranges = "".join(
        f"M{at[point.round]} {_height(point.upper)}V{_height(point.lower) + 1}"
        for point in line.points
        if point.lower is not None and point.upper is not None
    )
    dots = [[point for point in stretch if point.score is not None] for stretch in line.stretches]
    scores = [
        "M" + "L".join(f"{at[point.round]} {_height(point.score)}" for point in stretch) for stretch in dots if stretch
    ]
    breaks = "".join(f"M{at[point.round] - round(step / 2)} 0V{HEIGHT}" for point in line.points[1:] if point.breaks)
    way = "" if line.direction is None else _WAYS[line.direction]
    described = f"Since {line.since}: {way}." if way else "The last two rounds cannot be compared."
    return _Chart(
        title,
        line,
        ranges,
        "".join(scores),
        "".join(f"M{at[point.round]} {_height(point.score)}h0" for stretch in dots for point in stretch),
        breaks,
        described,
        way,
        [_figures(point) for point in line.points],
    )


def _figures(point: Point) -> str:
    bounds = interval(point.lower, point.upper)
    if point.lower is None:
        return "does not apply"
    return number(point.score) if bounds == number(point.score) else f"{number(point.score)} ({bounds})"


def _height(value: float | None) -> int:
    return round(HEIGHT - (value or 0) / 100 * HEIGHT)
