"""Markdown to HTML: text stays text. Markup written inside Markdown is shown, never obeyed."""

from __future__ import annotations

from functools import cache

import mistune

_PLUGINS = ("table", "strikethrough", "def_list")


def to_html(source: str) -> str:
    """Return Markdown as HTML; raw HTML in it is escaped, and links to harmful schemes lead nowhere.

    >>> to_html("**a** <b> &amp;")
    '<p><strong>a</strong> &lt;b&gt; &amp;</p>'
    """
    return str(_converter()(source)).strip()


class _Renderer(mistune.HTMLRenderer):
    # Not mistune's own escaping, which shows entities such as “&amp;” as they are written; JupyterLab resolves them.
    def __init__(self) -> None:
        super().__init__(escape=False)

    def inline_html(self, html: str) -> str:
        return mistune.escape(html)

    def block_html(self, html: str) -> str:
        return f"<p>{mistune.escape(html.strip())}</p>\n"


@cache
def _converter() -> mistune.Markdown:
    # Without nbconvert's mathematics: a text that names two sums in dollars holds no formula.
    return mistune.create_markdown(renderer=_Renderer(), plugins=_PLUGINS)
