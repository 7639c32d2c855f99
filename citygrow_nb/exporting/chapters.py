"""Pages of a site as chapters of one page: headings a level down, ids of their own, links within the page."""

from __future__ import annotations

import re
from collections.abc import Mapping

from markupsafe import Markup

from citygrow_nb.exporting.checks import TAG
from citygrow_nb.rendering import Chapter

_HEADING = re.compile(r"(?<=<)(/?)h([1-5])(?=[\s>])")
_REFERENCE = re.compile(r'(?<=\s)(id|href|for|headers|aria-labelledby|aria-describedby)="([^"]*)"')
_MARKED = re.compile(r"[\s\"'](?:id|href|for|headers|aria-labelledby|aria-describedby)=")
_FIRST = re.compile(r"<h2(?=[\s>])")
_NOWHERE = "#-"
_DEAD = re.compile(rf'<a\b[^>]*\shref="{_NOWHERE}"[^>]*>(.*?)</a>', re.DOTALL)


def chapters(bodies: Mapping[str, str], labels: Mapping[str, str]) -> list[Chapter]:
    """Turn the bodies of pages into chapters.

    Parameters
    ----------
    bodies
        Markup by name of the page, such as ``06-access-to-money.html``, in reading order; each begins with its ``h1``.
    labels
        What the list of contents calls each page.

    Returns
    -------
    list of Chapter
        In the same order. A link to a page that is none of them becomes plain text.
    """
    # An id within a drawing must not begin with a digit.
    keys = {page: f"page-{page.removesuffix('.html')}" for page in bodies}
    return [Chapter(key, labels[page], _chapter(bodies[page], key, keys)) for page, key in keys.items()]


def _chapter(body: str, key: str, keys: Mapping[str, str]) -> Markup:
    def tag(match: re.Match[str]) -> str:
        return _REFERENCE.sub(reference, match[0]) if _MARKED.search(match[0]) else match[0]

    def reference(match: re.Match[str]) -> str:
        name, value = match.groups()
        if name == "href":
            return f'href="{_address(value, key, keys)}"'
        return f'{name}="{" ".join(f"{key}.{part}" for part in value.split())}"'

    moved = _HEADING.sub(lambda match: f"{match[1]}h{int(match[2]) + 1}", body)
    linked = _DEAD.sub(r"\1", TAG.sub(tag, moved))
    return Markup(_FIRST.sub(f'<h2 id="{key}"', linked, count=1))  # noqa: S704 -- markup that was checked


def _address(address: str, key: str, keys: Mapping[str, str]) -> str:
    page, mark, anchor = address.partition("#")
    if not page and mark:
        return f"#{key}.{anchor}"
    if page in keys:
        return f"#{keys[page]}.{anchor}" if anchor else f"#{keys[page]}"
    return address if ":" in page else _NOWHERE
