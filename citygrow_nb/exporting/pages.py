"""A workbook's page: body by nbconvert, checks, frame by rendering."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from citygrow_nb import rendering
from citygrow_nb.exceptions import ReportError
from citygrow_nb.exporting.checks import check, heading_of
from citygrow_nb.exporting.links import between_pages
from citygrow_nb.rendering import NavLink

if TYPE_CHECKING:
    from nbformat import NotebookNode

# Style sheets that fragments bring along for JupyterLab; the page's frame has them, and its policy allows no other.
_STYLE = re.compile(r"<style\b[^>]*>.*?</style\s*>", re.IGNORECASE | re.DOTALL)


def page(
    notebook: NotebookNode,
    *,
    name: str,
    site: str = "",
    nav: Sequence[NavLink] = (),
    crumbs: Sequence[NavLink] = (),
    lang: str = "en",
    pages: Mapping[str, str | None] | None = None,
) -> bytes:
    """Turn an executed workbook into a standalone page.

    Parameters
    ----------
    notebook
        The executed notebook.
    name
        What to call it in errors.
    site
        What the page belongs to, such as city and round; stands in the document's title after the page's own.
    nav
        Pages of the same site, in order.
    crumbs
        The way back up, outermost first.
    lang
        Language of the page, BCP 47.
    pages
        Where links to other workbooks lead, by file name: see :func:`~citygrow_nb.exporting.links.between_pages`.

    Returns
    -------
    bytes
        A complete HTML document in UTF-8 that loads nothing from elsewhere.

    Raises
    ------
    ReportError
        If the page may not be published: all reasons at once.
    """
    # nbconvert takes a second to import, and a command that makes no page does not need it.
    from citygrow_nb.exporting.cells import faults, shown
    from citygrow_nb.exporting.exporter import exporter

    problems = faults(notebook, name)
    if problems:
        raise ReportError(*problems)
    body, _ = exporter().from_notebook_node(shown(notebook))
    body = between_pages(_STYLE.sub("", body), pages or {})
    problems = check(body, name)
    if problems:
        raise ReportError(*problems)
    heading = html.unescape(re.sub(r"<[^>]*>", "", heading_of(body)))
    title = f"{heading} · {site}" if site else heading
    return rendering.page(title=title, body=body, nav=nav, crumbs=crumbs, lang=lang).encode()
