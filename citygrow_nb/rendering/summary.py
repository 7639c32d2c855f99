"""The city's summary: headline, strengths, gaps, what nobody knows yet, context beside the factors it bears on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from itertools import islice

from citygrow_nb import scoring
from citygrow_nb.model import Assessment, Benchmark, GuideQuestion, QuestionResult, Scorecard, Standing, State
from citygrow_nb.rendering.cards import card_of
from citygrow_nb.rendering.environment import interval, number, render
from citygrow_nb.rendering.fragments import Fragment, bearing_on, voice_line

MOST_GAPS = 8
BRIEF = 3
"""How many entries the short lists of the summary have."""

Links = Mapping[str, str]
Groups = list[tuple[str, list[tuple[GuideQuestion, str]]]]


def headline(benchmark: Benchmark, assessment: Assessment) -> Fragment:
    """Say in one sentence where the city stands, and count the standings."""
    card = card_of(benchmark, assessment)
    tally = Counter(result.standing.value for result in card.factors)
    low, high = range_of_met(card)
    html = render("headline.html.j2", card=card, total=len(card.factors), tally=tally, low=low, high=high)
    return Fragment(
        html,
        f"{card.met} of {len(card.factors)} met, overall {number(card.score)} ({interval(card.lower, card.upper)})",
    )


def range_of_met(card: Scorecard) -> tuple[int, int]:
    """Return how many key factors are met, and how many could be once everything is known and agreed."""
    return card.met, sum(factor.could_be is Standing.MET for factor in card.factors)


def strengths(benchmark: Benchmark, assessment: Assessment, links: Links | None = None, *, more: str = "") -> Fragment:
    """List the key factors that are met, and the questions that are in place elsewhere.

    Parameters
    ----------
    benchmark, assessment
        What was asked and answered.
    links
        Page of each key factor by code (optional).
    more
        Page with the complete list; with it the list is a short one.
    """
    card = card_of(benchmark, assessment)
    met = [benchmark.factors[result.code] for result in card.factors if result.standing is Standing.MET]
    top: list[tuple[GuideQuestion, QuestionResult]] = [
        (benchmark.questions[question.code], question)
        for result in card.factors
        if result.standing is not Standing.MET
        for question in result.questions
        if question.level == 3
    ]
    template = "brief-strengths.html.j2" if more else "strengths.html.j2"
    html = render(template, met=met, top=top, links=links or {}, more=more)
    return Fragment(html, "\n".join(factor.short_title for factor in met) or "no key factor met yet")


def gaps(benchmark: Benchmark, assessment: Assessment, links: Links | None = None, *, more: str = "") -> Fragment:
    """List the weakest questions of the city, lowest first, with what the next level would be.

    Parameters
    ----------
    benchmark, assessment, links, more
        As for :func:`strengths`.
    """
    ordered = _weakest(benchmark, card_of(benchmark, assessment))
    text = "\n".join(f"{question.code} level {level:g}" for question, level in ordered)
    if not more:
        shown, rest = ordered[:MOST_GAPS], len(ordered[MOST_GAPS:])
        return Fragment(render("gaps.html.j2", gaps=shown, more=rest, links=links or {}), text)
    factors = {question.code: factor for factor in benchmark.key_factors for question in factor.questions}
    brief = [(factors[question.code], question, level) for question, level in ordered[:BRIEF]]
    html = render("brief-gaps.html.j2", gaps=brief, rest=len(ordered) - len(brief), links=links or {}, more=more)
    return Fragment(html, text)


def _weakest(benchmark: Benchmark, card: Scorecard) -> list[tuple[GuideQuestion, float]]:
    rated = [
        (benchmark.questions[question.code], question.level)
        for result in card.factors
        for question in result.questions
        if question.level is not None and question.level < 2
    ]
    return sorted(rated, key=lambda pair: pair[1])


def unknowns(benchmark: Benchmark, assessment: Assessment, links: Links | None = None, *, more: str = "") -> Fragment:
    """List what nobody knows or has answered yet, grouped by whom to ask first.

    Parameters
    ----------
    benchmark, assessment, links, more
        As for :func:`strengths`.
    """
    groups = _by_source(benchmark, card_of(benchmark, assessment))
    text = "\n".join(question.code for _, questions in groups for question, _ in questions)
    if not more:
        return Fragment(render("unknowns.html.j2", groups=groups, links=links or {}), text)
    rest = sum(len(questions) for _, questions in islice(groups, BRIEF, None))
    html = render("brief-unknowns.html.j2", groups=groups[:BRIEF], rest=rest, links=links or {}, more=more)
    return Fragment(html, text)


def agree_first(
    benchmark: Benchmark, assessment: Assessment, links: Links | None = None, *, more: str = ""
) -> Fragment:
    """List the questions on which respondents differ and the city has not agreed, least agreement first.

    The complete list names those, too, on which only persons of one role are divided.

    Parameters
    ----------
    benchmark, assessment, links, more
        As for :func:`strengths`.
    """
    card = card_of(benchmark, assessment)
    found = scoring.disputed(card) if more else scoring.to_agree(card)
    shown = found[:BRIEF] if more else found
    rows = [(benchmark.questions[item.code], item, _ends(item)) for item in shown]
    html = render(
        "agree-first.html.j2", rows=rows, rest=len(found) - len(shown), links=links or {}, more=more, brief=bool(more)
    )
    return Fragment(html, "\n".join(item.code for item in found) or "nothing is disputed")


def _ends(item: QuestionResult) -> list[str]:
    """Return who is lowest and who is highest, with their levels, and who says that it does not apply."""
    rated = sorted((voice for voice in item.voices if voice.level is not None), key=lambda voice: voice.level or 0.0)
    aside = [voice for voice in item.voices if voice.state is State.NOT_APPLICABLE]
    return [voice_line(voice) for voice in (*rated[:1], *rated[1:][-1:], *aside[:1])]


def _by_source(benchmark: Benchmark, card: Scorecard) -> Groups:
    by_source: dict[str, list[tuple[GuideQuestion, str]]] = {}
    for result in card.factors:
        for item in scoring.unknown(result):
            question = benchmark.questions[item.code]
            first = question.who_knows.split(";")[0].strip()
            by_source.setdefault(first, []).append((question, item.state))
    return sorted(by_source.items(), key=lambda group: (-len(group[1]), group[0]))


def context_beside_factors(benchmark: Benchmark, assessment: Assessment, *, comments: bool = True) -> Fragment:
    """Show each key factor's standing beside the context that the city says bears on it.

    Parameters
    ----------
    benchmark, assessment
        What was asked and answered.
    comments
        Whether to show what the city said on each context factor.
    """
    card = card_of(benchmark, assessment)
    rows = [
        (factor, card.factor(factor.code), bearing_on(benchmark, assessment, factor.code))
        for factor in benchmark.key_factors
    ]
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
        comments=comments,
    )
    return Fragment(html, "\n".join(f"{factor.code}: {len(readings)}" for factor, _, readings in rows))
