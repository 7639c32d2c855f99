"""A city's own pages that need no notebook: the summary, and everything in one file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from citygrow_nb.model import Assessment, Benchmark, Matching
from citygrow_nb.rendering.cards import card_of
from citygrow_nb.rendering.change import changes_table
from citygrow_nb.rendering.charts import standings
from citygrow_nb.rendering.environment import render
from citygrow_nb.rendering.follow_up import followed_up
from citygrow_nb.rendering.fragments import Fragment, actions
from citygrow_nb.rendering.mentoring import mentors_of
from citygrow_nb.rendering.method import date_of
from citygrow_nb.rendering.pages import NavLink
from citygrow_nb.rendering.peers import peer_review
from citygrow_nb.rendering.summary import agree_first, context_beside_factors, gaps, headline, strengths, unknowns
from citygrow_nb.rendering.trend import brief_trend, trend_charts
from citygrow_nb.scoring import Changes, FollowUp, Trend
from citygrow_nb.workspace import METHOD, REPORT

NETWORK = "../../"
"""The pages of all cities as seen from a city's folder."""


@dataclass(frozen=True)
class Past:
    """What the rounds before say of a city.

    Parameters
    ----------
    changes
        What changed since the round before.
    trend
        The trend, where there are enough rounds.
    followed
        What became of the targets of the round before.
    """

    changes: Changes
    trend: Trend | None = None
    followed: tuple[FollowUp, ...] = ()


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
    past: Past | None = None,
    matching: Matching | None = None,
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
    past
        The rounds before (optional).
    matching
        Who was found for the city, and for whom it was found, where anybody has looked.

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
        standings=standings(benchmark, card_of(benchmark, assessment), links, past.changes if past else None),
        strengths=strengths(benchmark, assessment, links, more=more),
        gaps=gaps(benchmark, assessment, links, more=more),
        unknowns=unknowns(benchmark, assessment, links, more=more),
        disputed=card_of(benchmark, assessment).disputed,
        agree_first=agree_first(benchmark, assessment, links, more=more),
        peers=peer_review(benchmark, assessment, links),
        changes=past and changes_table(benchmark, past.changes, assessment.round, links, brief=bool(more)),
        changed_since=past and past.changes.round,
        trend=past and past.trend and _over_the_rounds(benchmark, past.trend, links, more),
        followed=past and past.followed and followed_up(benchmark, past.followed, past.changes.round, links),
        # In one file the workbook on mentoring says the same.
        mentors=matching and more and mentors_of(benchmark, matching, assessment.city.slug, way=NETWORK),
        actions=actions(assessment),
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


def _over_the_rounds(benchmark: Benchmark, trend: Trend, links: Mapping[str, str], more: str) -> Fragment:
    return brief_trend(trend, more) if more else trend_charts(benchmark, trend, links)
