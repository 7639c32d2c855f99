"""What a page's body must hold and must not: a report is hostile ground, and everybody must be able to read it.

One pass over the tags with regular expressions: all text was escaped before, so a ``<`` begins a tag. Where that were
not so, the checks would rather refuse too much.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from html import unescape
from itertools import pairwise

from citygrow_nb.exceptions import Problem

TAG = re.compile(r"""<([a-zA-Z][a-zA-Z0-9:-]*)((?:[^<>"']++|"[^"]*+"|'[^']*+')*+)>""")
_ATTRIBUTE = re.compile(r"""([^\s"'<>/=]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'<>=`]+)))?""")
_FORBIDDEN = re.compile(
    r"<\s*(script|iframe|frame|frameset|object|embed|applet|base|link|meta|form|template|portal|foreignobject|animate|set)\b",
    re.IGNORECASE,
)
_OPENING = re.compile(r"<[a-zA-Z]")
_HEADING = re.compile(r"h[1-6]", re.IGNORECASE)
_WATCHED = re.compile(r"""[\s"'/](?:on[a-z]+|style)\s*=""", re.IGNORECASE)
_HARMFUL = re.compile(r"(?:javascript|vbscript|data|file|blob):", re.IGNORECASE)
_IGNORED_IN_ADDRESSES = re.compile(r"[\x00-\x20]")
_ID = re.compile(r"""(?:^|[\s"'])id\s*=\s*["']?([^\s"'>]*)""", re.IGNORECASE)
_NAMED = re.compile(r"\s*<title\b[^>]*>\s*[^\s<]", re.IGNORECASE)
_HEADED = re.compile(r"<(h[1-6])\b[^>]*>(.*?)</\1>", re.IGNORECASE | re.DOTALL)
_SILENT = re.compile(r"<[^>]*>|&nbsp;|\s")
_TITLE = re.compile(r"<h1\b[^>]*>(.*?)</h1>", re.IGNORECASE | re.DOTALL)
_LOADING = frozenset({"img", "image", "use", "feimage", "source", "track", "video", "audio", "input"})
_ADDRESSES = ("src", "srcset", "href", "xlink:href", "poster", "data", "background", "action", "formaction")

REBUILD = "this is a fault in the workbook; build the workbooks again, or report it"


def heading_of(body: str) -> str:
    """Return the first main heading's markup, or ``""``."""
    found = _TITLE.search(body)
    return found[1].strip() if found else ""


def check(body: str, where: str) -> list[Problem]:
    """Return everything for which a page with this body must not be published.

    Parameters
    ----------
    body
        Markup of the page's main part.
    where
        What to call the page.
    """
    found = list(_faults(body))
    return [Problem(where, fault, todo=REBUILD) for fault in dict.fromkeys(found)]


def fragment_faults(fragment: str) -> Iterator[str]:
    """Yield everything for which a part of a page must not be published, wherever it stands among headings.

    Parameters
    ----------
    fragment
        Markup.
    """
    yield from _faults(fragment, whole=False)


def _faults(body: str, *, whole: bool = True) -> Iterator[str]:
    for match in _FORBIDDEN.finditer(body):
        yield f"the page holds a <{match[1].lower()}> element, and reports hold none"
    levels, ids = [], []
    tags = list(TAG.finditer(body))
    for match in tags:
        name, attributes = match[1].lower(), match[2]
        ids += _ID.findall(attributes)
        if name == "svg" and not _speaks(_attributes(attributes), body, match.end()):
            yield "the page holds a drawing without words for those who cannot see it"
        if _HEADING.fullmatch(name):
            levels.append(int(name[1]))
        if _WATCHED.search(attributes) or name in _LOADING or name == "a":
            yield from _attribute_faults(name, _attributes(attributes))
    if len(tags) != len(_OPENING.findall(body)):
        yield "the page holds a tag that does not end"
    for twice in sorted({each for each in ids if ids.count(each) > 1} if len(set(ids)) < len(ids) else ()):
        yield f"two elements of the page have the id “{twice}”"
    for match in _HEADED.finditer(body):
        if match[1] not in "H1h1" and not _SILENT.sub("", match[2]):
            yield f"a heading of level {match[1][1]} is empty"
    if whole:
        yield from _heading_faults(levels, heading_of(body))


def _attributes(text: str) -> dict[str, str]:
    return {m[1].lower(): unescape(m[2] or m[3] or m[4] or "") for m in _ATTRIBUTE.finditer(text)}


def _speaks(attributes: Mapping[str, str], body: str, end: int) -> bool:
    if attributes.get("aria-hidden") == "true":
        return True
    named = attributes.get("aria-label", "").strip() or _NAMED.match(body, end)
    return attributes.get("role") == "img" and bool(named)


def _attribute_faults(name: str, attributes: Mapping[str, str]) -> Iterator[str]:
    for key in attributes:
        if key.startswith("on"):
            yield f"the page holds a script in the attribute “{key}” of <{name}>"
        if key == "style":
            yield f"the page holds a style in <{name}>, which its own policy would block"
    if name == "img" and not attributes.get("alt", "").strip():
        yield "the page holds an image without alternative text"
    for key in _ADDRESSES:
        address = _IGNORED_IN_ADDRESSES.sub("", attributes.get(key, ""))
        if name in _LOADING and address and not address.startswith(("#", "data:image/")):
            yield f"the page would load “{address[:80]}” from elsewhere"
        elif name == "a" and _HARMFUL.match(address):
            yield f"the page holds a link that no page may hold: “{address[:80]}”"


def _heading_faults(levels: list[int], title: str) -> Iterator[str]:
    if levels.count(1) != 1:
        yield f"the page has {levels.count(1)} main headings and needs exactly one"
        return
    if not _SILENT.sub("", title):
        yield "the page's main heading is empty"
    if levels[0] != 1:
        yield f"the page begins with a heading of level {levels[0]} before its main heading"
    for above, below in pairwise(levels):
        if below > above + 1:
            yield f"a heading of level {below} follows one of level {above}"
