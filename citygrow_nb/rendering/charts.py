"""The chart of all key factors, and the table that holds the same figures."""

from __future__ import annotations

from collections.abc import Mapping

from citygrow_nb.model import Benchmark, Scorecard
from citygrow_nb.rendering.environment import STANDING_WORDS, interval, number, render
from citygrow_nb.rendering.fragments import Fragment


def factors_chart(benchmark: Benchmark, card: Scorecard, *, chart_id: str = "factors") -> Fragment:
    """Draw every key factor as an interval with its score.

    Parameters
    ----------
    benchmark, card
        What was asked and how it was scored.
    chart_id
        Id within the page, for the chart's title and description.
    """
    rows = [(factor, card.factor(factor.code)) for factor in benchmark.key_factors]
    lines = [
        f"{factor.short_title}: {STANDING_WORDS[result.standing]}, score {number(result.score)}, "
        f"bounds {interval(result.lower, result.upper)}"
        for factor, result in rows
    ]
    html = render(
        "chart.html.j2",
        rows=rows,
        thresholds=benchmark.scale.thresholds,
        id=chart_id,
        title=f"Where the city stands on {len(rows)} key factors",
        description=". ".join(lines) + ".",
    )
    return Fragment(html, "\n".join(lines))


def factors_table(benchmark: Benchmark, card: Scorecard, links: Mapping[str, str] | None = None) -> Fragment:
    """Show the chart's figures as a table.

    Parameters
    ----------
    benchmark, card
        What was asked and how it was scored.
    links
        Address of each key factor's page by code (optional).
    """
    rows = [(factor, card.factor(factor.code)) for factor in benchmark.key_factors]
    html = render(
        "factors.html.j2",
        rows=rows,
        card=card,
        links=links or {},
        caption="Key factors: standing, score, bounds, coverage",
    )
    return Fragment(html, f"overall {number(card.score)}, {card.met} of {len(rows)} met")
