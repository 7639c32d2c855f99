"""A page: a workbook's body by nbconvert, checks, frame by rendering."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from citygrow_nb import rendering
from citygrow_nb.exceptions import ReportError
from citygrow_nb.exporting.checks import check, heading_of
from citygrow_nb.exporting.links import between_pages
from citygrow_nb.rendering import Extra, NavLink

if TYPE_CHECKING:
    from nbformat import NotebookNode

# Style sheets that fragments bring along for JupyterLab; the page's frame has them, and its policy allows no other.
_STYLE = re.compile(r"<style\b[^>]*>.*?</style\s*>", re.IGNORECASE | re.DOTALL)


def body(notebook: NotebookNode, *, name: str, pages: Mapping[str, str | None] | None = None) -> str:
    """Turn an executed workbook into the body of its page.

    Parameters
    ----------
    notebook
        The executed notebook.
    name
        What to call it in errors.
    pages
        Where links to other workbooks lead, by file name: see :func:`~citygrow_nb.exporting.links.between_pages`.

    Returns
    -------
    str
        Safe markup, beginning with its ``h1``.

    Raises
    ------
    ReportError
        If it may not be published: all reasons at once.
    """
    # nbconvert takes a second to import, and a command that makes no page does not need it.
    from citygrow_nb.exporting.cells import faults, shown
    from citygrow_nb.exporting.exporter import exporter

    problems = faults(notebook, name)
    if problems:
        raise ReportError(*problems)
    made, _ = exporter().from_notebook_node(shown(notebook))
    return checked(between_pages(without_styles(made), pages or {}), name)


def without_styles(markup: str) -> str:
    """Return markup without the style sheets that fragments bring along for JupyterLab."""
    return _STYLE.sub("", markup)


def checked(body: str, name: str) -> str:
    """Return a body unchanged if a page with it may be published.

    Raises
    ------
    ReportError
        If it may not: all reasons at once.
    """
    problems = check(body, name)
    if problems:
        raise ReportError(*problems)
    return body


def framed(
    body: str,
    *,
    site: str = "",
    nav: Sequence[NavLink] = (),
    crumbs: Sequence[NavLink] = (),
    lang: str = "en",
    look: str = "",
    notice: str = "",
    extra: Extra = Extra(),  # noqa: B008 -- frozen
) -> bytes:
    """Put the frame around a body; its main heading names the page.

    Parameters
    ----------
    body
        Markup that was checked.
    site
        What the page belongs to, such as city and round; stands in the document's title after the page's own.
    nav, crumbs, lang, look, notice, extra
        As for :func:`citygrow_nb.rendering.page`.

    Returns
    -------
    bytes
        A complete HTML document in UTF-8 that loads nothing from elsewhere.
    """
    heading = html.unescape(re.sub(r"<[^>]*>", "", heading_of(body)))
    title = f"{heading} · {site}" if site else heading
    return rendering.page(
        title=title, body=body, nav=nav, crumbs=crumbs, lang=lang, look=look, notice=notice, extra=extra
    ).encode()
