"""Links between workbooks, turned into links between their pages."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

_LINK = re.compile(r"""<a\b([^>]*?)\shref="([^"/?#:]+\.ipynb)(#[^"]*)?"([^>]*)>(.*?)</a>""", re.DOTALL)


def between_pages(body: str, pages: Mapping[str, str | None]) -> str:
    """Let links to workbooks lead to their pages.

    Parameters
    ----------
    body
        Markup.
    pages
        Address of the page by a workbook's file name; None where a workbook has no page here, and its links become
        plain text. Workbooks not named keep their name and get the ending ``.html``.

    >>> between_pages('<a href="02-x.ipynb#KF2.Q1">x</a>', {})
    '<a href="02-x.html#KF2.Q1">x</a>'
    """

    def replaced(match: re.Match[str]) -> str:
        before, file, anchor, after, text = match.groups()
        target = pages.get(file, file.removesuffix(".ipynb") + ".html")
        return text if target is None else f'<a{before} href="{target}{anchor or ""}"{after}>{text}</a>'

    return _LINK.sub(replaced, body)


_ANCHOR = re.compile(r"""<a\b[^>]*?\shref="([^"/?#:]+\.html)(?:#[^"]*)?"[^>]*>(.*?)</a>""", re.DOTALL)


def without_links_to(body: str, pages: Collection[str]) -> str:
    """Turn links to pages that are not there into their text.

    >>> without_links_to('<a href="02-x.html#KF2.Q1">x</a>', {"02-x.html"})
    'x'
    """
    return _ANCHOR.sub(lambda match: match[2] if match[1] in pages else match[0], body)
