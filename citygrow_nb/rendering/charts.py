"""The chart of all key factors, and the tables that hold the same figures."""

from __future__ import annotations

from collections.abc import Mapping

from citygrow_nb.model import Benchmark, Scorecard
from citygrow_nb.rendering.environment import STANDING_WORDS, interval, number, render
from citygrow_nb.rendering.fragments import Fragment, standing_note
from citygrow_nb.scoring import Changes

ROW, NOTE = 46, 12
"""Height of a row of the chart, and of the line that some need below."""


def factors_chart(benchmark: Benchmark, card: Scorecard, *, chart_id: str = "factors") -> Fragment:
    """Draw every key factor as an interval with its score.

    Parameters
    ----------
    benchmark, card
        What was asked and how it was scored.
    chart_id
        Id within the page, for the chart's title and description.
    """
    rows, top, lines = [], 0, []
    for factor in benchmark.key_factors:
        result = card.factor(factor.code)
        note = standing_note(benchmark, result)
        rows.append((factor, result, note, top))
        top += ROW + NOTE * bool(note)
        reason = f" ({note})" if note else ""
        lines.append(
            f"{factor.short_title}: {STANDING_WORDS[result.standing]}{reason}, score {number(result.score)}, "
            f"bounds {interval(result.lower, result.upper)}"
        )
    html = render(
        "chart.html.j2",
        rows=rows,
        bottom=top,
        disputed=card.disputed,
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
    results = [(factor, card.factor(factor.code)) for factor in benchmark.key_factors]
    html = render(
        "factors.html.j2",
        rows=[(factor, result, standing_note(benchmark, result)) for factor, result in results],
        card=card,
        links=links or {},
        id="factors-table",
        caption="Key factors: standing, score, bounds, coverage",
    )
    return Fragment(html, f"overall {number(card.score)}, {card.met} of {len(results)} met")


def standings(
    benchmark: Benchmark, card: Scorecard, links: Mapping[str, str], changes: Changes | None = None
) -> Fragment:
    """Show chart and figures in one table, a key factor to a row: what the summary begins with.

    Parameters
    ----------
    benchmark, card
        What was asked and how it was scored.
    links
        Address of each key factor's page by code.
    changes
        What changed since the round before (optional).
    """
    changed = {change.code: change for change in changes.factors} if changes else {}
    results = [(factor, card.factor(factor.code)) for factor in benchmark.key_factors]
    html = render(
        "standings.html.j2",
        rows=[(f, result, standing_note(benchmark, result), changed.get(f.code)) for f, result in results],
        links=links,
        changes=changes,
        disputed=card.disputed,
        thresholds=benchmark.scale.thresholds,
    )
    return Fragment(html, "\n".join(f"{f.code}: {STANDING_WORDS[r.standing]}, {number(r.score)}" for f, r in results))
