"""Whole pages: the frame around a body, with a policy that allows no request, style sheet, navigation and footer."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from markupsafe import Markup

from citygrow_nb.invisible import write_out_on_page
from citygrow_nb.model import Benchmark
from citygrow_nb.rendering.environment import render, styles_of, stylesheet
from citygrow_nb.workspace import INDEX

PORTFOLIO_PAGE = f"../../{INDEX}"
"""The portfolio as seen from a city's folder."""

_CRUMB = re.compile(rb'<li><a href="\.\./[^"]*">.*?</a></li>')
_EMPTY_CRUMBS = re.compile(rb'\s*<nav aria-label="You are here"><ol class="crumbs"></ol></nav>')


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


@dataclass(frozen=True)
class Extra:
    """What one kind of page brings along besides the style of all.

    Parameters
    ----------
    styles
        Style sheets beside the templates.
    script
        Script beside the templates; a page must be readable without it. ``""`` for none.
    data
        What the script works on, as JSON.
    """

    styles: tuple[str, ...] = ()
    script: str = ""
    data: str = ""


_NOTHING = Extra()

DRAFT = "Draft: people have still to finish the questions behind these pages. Do not publish or compare them yet."
"""Stands on every page about a benchmark that is a draft."""

FRONT_CRUMB = NavLink(f"../{INDEX}", "All toolkits")
"""The front page as seen from the portfolio of one benchmark."""


def page(
    *,
    title: str,
    body: str,
    nav: Sequence[NavLink] = (),
    lang: str = "en",
    crumbs: Sequence[NavLink] = (),
    look: str = "",
    onward: str = "",
    notice: str = "",
    extra: Extra = _NOTHING,
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
    look
        Class of the main part; by default a page without navigation is ``wide``.
    onward
        Relative address to which the page leads on by itself.
    notice
        What stands above everything else, such as that it is a draft.
    extra
        Styles and script of this kind of page.

    Returns
    -------
    str
        A complete HTML document that loads nothing.
    """
    own = ("whole.css",) if look == "whole" else ()
    style, fingerprint = _part("page.css", *styles_of(body), *own, *extra.styles)
    script, script_fingerprint = _part(extra.script) if extra.script else (Markup(), "")
    position = next((place for place, link in enumerate(nav) if link.current), None)
    made = render(
        "page.html.j2",
        title=title,
        body=Markup(body),  # noqa: S704 -- made by our own templates and exporter
        nav=nav,
        before=nav[position - 1] if position else None,
        after=nav[position + 1] if position is not None and position + 1 < len(nav) else None,
        lang=lang,
        crumbs=crumbs,
        onward=onward,
        notice=notice,
        look=look or ("" if nav else "wide"),
        style=style,
        fingerprint=fingerprint,
        script=script,
        script_fingerprint=script_fingerprint,
        # Nothing in it can end the element, or begin another.
        data=Markup(extra.data.replace("<", "\\u003c")),  # noqa: S704
    )
    return write_out_on_page(made)


@cache
def _part(*names: str) -> tuple[Markup, str]:
    text = stylesheet(*names)
    digest = base64.b64encode(hashlib.sha256(str(text).encode()).digest()).decode()
    return text, f"sha256-{digest}"


def draft_notice(*benchmarks: Benchmark) -> str:
    """Return what a page says about its benchmarks if some are drafts, by name if some are not; else nothing."""
    drafts = [benchmark.title for benchmark in benchmarks if benchmark.is_draft]
    if len(drafts) == len(benchmarks):
        return DRAFT if drafts else ""
    return DRAFT.replace("these pages", " and ".join(f"“{title}”" for title in drafts)) if drafts else ""


def standalone(content: bytes) -> bytes:
    """Return a city's page without the ways up out of its folder, for where nothing else is beside it.

    Parameters
    ----------
    content
        A page as :func:`page` made it.
    """
    return _EMPTY_CRUMBS.sub(b"", _CRUMB.sub(b"", content, count=2), count=1)
