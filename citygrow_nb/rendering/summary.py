"""The city's summary: headline, strengths, gaps, what nobody knows yet, context beside the factors it bears on."""

from __future__ import annotations

from collections.abc import Mapping

from citygrow_nb import scoring
from citygrow_nb.model import Assessment, Benchmark, GuideQuestion, Scorecard, Standing
from citygrow_nb.rendering.environment import interval, number, render
from citygrow_nb.rendering.fragments import Fragment

MOST_GAPS = 8


def headline(benchmark: Benchmark, assessment: Assessment) -> Fragment:
    """Say in three figures where the city stands."""
    card = scoring.score(benchmark, assessment)
    html = render("headline.html.j2", card=card, total=len(card.factors), round=assessment.round)
    return Fragment(
        html,
        f"{card.met} of {len(card.factors)} met, overall {number(card.score)} ({interval(card.lower, card.upper)})",
    )


def strengths(benchmark: Benchmark, assessment: Assessment, links: Mapping[str, str] | None = None) -> Fragment:
    """List the key factors that are met, and the questions that are in place elsewhere."""
    card = scoring.score(benchmark, assessment)
    met = [benchmark.factors[result.code] for result in card.factors if result.standing is Standing.MET]
    top = [
        (benchmark.questions[question.code], question)
        for result in card.factors
        if result.standing is not Standing.MET
        for question in result.questions
        if question.level == 3
    ]
    html = render("strengths.html.j2", met=met, top=top, links=links or {})
    return Fragment(html, "\n".join(factor.short_title for factor in met) or "no key factor met yet")


def gaps(benchmark: Benchmark, assessment: Assessment, links: Mapping[str, str] | None = None) -> Fragment:
    """List the weakest questions of the city, lowest first, with what the next level would be."""
    ordered = _weakest(benchmark, scoring.score(benchmark, assessment))
    html = render("gaps.html.j2", gaps=ordered[:MOST_GAPS], more=len(ordered[MOST_GAPS:]), links=links or {})
    return Fragment(html, "\n".join(f"{question.code} level {level:g}" for question, level in ordered))


def _weakest(benchmark: Benchmark, card: Scorecard) -> list[tuple[GuideQuestion, float]]:
    rated = [
        (benchmark.questions[question.code], question.level)
        for result in card.factors
        for question in result.questions
        if question.level is not None and question.level < 2
    ]
    return sorted(rated, key=lambda pair: pair[1])


def unknowns(benchmark: Benchmark, assessment: Assessment, links: Mapping[str, str] | None = None) -> Fragment:
    """List what nobody knows or has answered yet, grouped by whom to ask first."""
    by_source: dict[str, list[tuple[GuideQuestion, str]]] = {}
    for result in scoring.score(benchmark, assessment).factors:
        for item in scoring.unknown(result):
            question = benchmark.questions[item.code]
            first = question.who_knows.split(";")[0].strip()
            by_source.setdefault(first, []).append((question, item.state))
    groups = sorted(by_source.items(), key=lambda group: (-len(group[1]), group[0]))
    html = render("unknowns.html.j2", groups=groups, links=links or {})
    return Fragment(html, "\n".join(question.code for _, questions in groups for question, _ in questions))


def context_beside_factors(benchmark: Benchmark, assessment: Assessment) -> Fragment:
    """Show each key factor's standing beside the context that the city says bears on it."""
    card = scoring.score(benchmark, assessment)
    bearing = {
        factor.code: [
            (benchmark.contexts[code], reading)
            for code, reading in assessment.context.items()
            if code in benchmark.contexts and factor.code in reading.bears_on
        ]
        for factor in benchmark.key_factors
    }
    rows = [(factor, card.factor(factor.code), bearing[factor.code]) for factor in benchmark.key_factors]
    loose = [
        (benchmark.contexts[code], reading)
        for code, reading in assessment.context.items()
        if code in benchmark.contexts and not reading.bears_on
    ]
    html = render(
        "context-beside.html.j2",
        rows=[row for row in rows if row[2]],
        loose=loose,
        directions=benchmark.scale.directions,
        unread=len(benchmark.contexts) - len(assessment.context),
    )
    return Fragment(html, "\n".join(f"{factor.code}: {len(readings)}" for factor, _, readings in rows))
