"""Whole pages: the frame around a workbook's fragments, and a city's own index."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from markupsafe import Markup

from citygrow_nb.model import Assessment, Benchmark, Results
from citygrow_nb.rendering.charts import factors_chart, factors_table
from citygrow_nb.rendering.environment import render, stylesheet
from citygrow_nb.rendering.summary import gaps, headline, strengths, unknowns


@dataclass(frozen=True)
class NavLink:
    """One entry of a navigation list.

    Parameters
    ----------
    href
        Relative address.
    label
        What stands there.
    current
        Whether it is the page itself.
    """

    href: str
    label: str
    current: bool = False


def page(
    *, title: str, body: str, nav: Sequence[NavLink] = (), lang: str = "en", crumbs: Sequence[NavLink] = ()
) -> str:
    """Put the frame around a page: head with a policy that allows no request, style sheet, navigation, footer.

    Parameters
    ----------
    title
        Title of the document, plain text.
    body
        Safe markup of the main part, beginning with its ``h1``.
    nav
        Pages of the same site, in order.
    lang
        Language of the page, BCP 47.
    crumbs
        The way back up, outermost first.

    Returns
    -------
    str
        A complete HTML document that loads nothing.
    """
    style, fingerprint = _style()
    position = next((place for place, link in enumerate(nav) if link.current), None)
    return render(
        "page.html.j2",
        title=title,
        body=Markup(body),  # noqa: S704 -- made by our own templates and exporter
        nav=nav,
        before=nav[position - 1] if position else None,
        after=nav[position + 1] if position is not None and position + 1 < len(nav) else None,
        lang=lang,
        crumbs=crumbs,
        style=style,
        fingerprint=fingerprint,
    )


@cache
def _style() -> tuple[Markup, str]:
    style = stylesheet("page.css", "fragments.css")
    digest = base64.b64encode(hashlib.sha256(str(style).encode()).digest()).decode()
    return style, f"sha256-{digest}"


def city_index(
    benchmark: Benchmark,
    assessment: Assessment,
    results: Results,
    nav: Sequence[NavLink],
    *,
    crumbs: Sequence[NavLink] = (),
    links: Mapping[str, str] | None = None,
) -> str:
    """Return a city's first page: headline, chart, strengths, gaps, open questions, and the way to every page.

    Parameters
    ----------
    benchmark, assessment, results
        What was asked, answered and scored.
    nav
        Pages of the city's site.
    crumbs
        The way back up.
    links
        Page of each key factor by code.
    """
    card = results.scorecard
    body = render(
        "city.html.j2",
        city=assessment.city,
        round=assessment.round,
        benchmark=benchmark,
        headline=headline(benchmark, assessment),
        chart=factors_chart(benchmark, card),
        table=factors_table(benchmark, card, links),
        strengths=strengths(benchmark, assessment, links),
        gaps=gaps(benchmark, assessment, links),
        unknowns=unknowns(benchmark, assessment, links),
        pages=[link for link in nav if not link.current],
    )
    title = f"{assessment.city.name}, {assessment.round}: {benchmark.title}"
    return page(title=title, body=body, nav=nav, lang=benchmark.language, crumbs=crumbs)
