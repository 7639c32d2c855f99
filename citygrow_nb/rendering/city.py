"""A city's own pages that need no notebook: the summary, and everything in one file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from citygrow_nb.model import Assessment, Benchmark
from citygrow_nb.rendering.cards import card_of
from citygrow_nb.rendering.change import changes_table
from citygrow_nb.rendering.charts import standings
from citygrow_nb.rendering.environment import render
from citygrow_nb.rendering.fragments import actions
from citygrow_nb.rendering.method import date_of
from citygrow_nb.rendering.pages import NavLink
from citygrow_nb.rendering.peers import peer_review
from citygrow_nb.rendering.summary import agree_first, context_beside_factors, gaps, headline, strengths, unknowns
from citygrow_nb.scoring import Changes
from citygrow_nb.workspace import METHOD, REPORT


@dataclass(frozen=True)
class Chapter:
    """One page as a part of a longer one.

    Parameters
    ----------
    key
        Id of its heading, and beginning of every id within it.
    label
        What the list of contents calls it.
    body
        Safe markup, beginning with its heading of level 2.
    """

    key: str
    label: str
    body: Markup


def summary(
    benchmark: Benchmark,
    assessment: Assessment,
    *,
    links: Mapping[str, str],
    pages: Sequence[NavLink] = (),
    more: str = "",
    changes: Changes | None = None,
) -> str:
    """Return the body of a city's summary: where it stands, what is strong, what is next, what nobody knows.

    Parameters
    ----------
    benchmark, assessment
        What was asked and answered.
    links
        Page of each key factor by code.
    pages
        Pages of the city's site, for its list of contents.
    more
        Page with complete lists; without it the lists are complete here, and there is no list of contents.
    changes
        What changed since the round before (optional).

    Returns
    -------
    str
        Safe markup, beginning with its ``h1``.
    """
    return render(
        "city.html.j2",
        city=assessment.city,
        round=assessment.round,
        date=date_of(assessment),
        benchmark=benchmark,
        headline=headline(benchmark, assessment),
        standings=standings(benchmark, card_of(benchmark, assessment), links, changes),
        strengths=strengths(benchmark, assessment, links, more=more),
        gaps=gaps(benchmark, assessment, links, more=more),
        unknowns=unknowns(benchmark, assessment, links, more=more),
        disputed=card_of(benchmark, assessment).disputed,
        agree_first=agree_first(benchmark, assessment, links, more=more),
        peers=peer_review(benchmark, assessment, links),
        changes=changes and changes_table(benchmark, changes, assessment.round, links),
        changed_since=changes and changes.round,
        actions=actions(benchmark, assessment),
        context=context_beside_factors(benchmark, assessment, comments=False),
        whole=not more,
        pages=[link for link in pages if not link.current],
        report=REPORT,
        method=METHOD,
    )


def report(benchmark: Benchmark, assessment: Assessment, chapters: Sequence[Chapter]) -> str:
    """Return the body of the whole report in one file: cover, contents, all chapters.

    Parameters
    ----------
    benchmark, assessment
        What was asked and answered.
    chapters
        The pages, in reading order.
    """
    return render(
        "report.html.j2",
        city=assessment.city,
        round=assessment.round,
        date=date_of(assessment),
        benchmark=benchmark,
        chapters=chapters,
    )
