"""Markup that others wrote, made safe by nbconvert's sanitiser and readable for everybody by a few rules."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from html import escape
from typing import Any

import mistune
from bs4 import BeautifulSoup, Tag

MOST_ROWS = 300
"""Rows of a table that a page shows."""

_WITH_CONTENT = (
    "script", "style", "iframe", "object", "embed", "applet", "noscript", "template", "svg", "math", "head", "title",
    "button", "input", "select", "textarea", "video", "audio", "canvas", "portal", "frame", "frameset",
)  # fmt: skip
"""Elements that go with all that is in them."""

_TAGS = (
    "a", "abbr", "b", "bdi", "blockquote", "br", "caption", "cite", "code", "del", "details", "div", "em", "figcaption",
    "figure", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "img", "ins", "kbd", "li", "mark", "ol", "p", "pre", "q",
    "s", "samp", "small", "span", "strong", "sub", "summary", "sup", "table", "tbody", "td", "tfoot", "th", "thead",
    "tr", "u", "ul", "var",
)  # fmt: skip
_ATTRIBUTES = {
    "*": ["lang", "dir"],
    "a": ["href"],
    "img": ["src", "alt"],
    "ol": ["start"],
    "td": ["colspan", "rowspan"],
    "th": ["colspan", "rowspan"],
}
_PICTURE = re.compile(r"data:image/(png|jpeg|gif|webp|svg\+xml);base64,[A-Za-z0-9+/=]+")
_HEADING = re.compile(r"<(/?)h([1-6])(?=[\s>])([^>]*)>")
_FIRST_HEADING = re.compile(r"<h1(?=[\s>])")
_TARGET = re.compile(r"""\bid="([^"]+)\"""")
_INNER_LINK = re.compile(r'<a href="#([^"]*)">((?:(?!<a\b).)*?)</a>', re.DOTALL)
_SIZE = re.compile(r"[1-9]\d{0,3}")
_INSIDE = {"li": ("ul", "ol"), "tr": ("table",), "td": ("tr",), "th": ("tr",), "thead": ("table",), "tbody": ("table",),
           "tfoot": ("table",), "caption": ("table",), "summary": ("details",), "figcaption": ("figure",)}  # fmt: skip


@dataclass(frozen=True)
class Normal:
    """Markup that a page may hold.

    Parameters
    ----------
    html
        The markup; empty if nothing is left.
    notes
        What is missing, in sentences.
    scripts
        Whether there were scripts.
    """

    html: str
    notes: tuple[str, ...] = ()
    scripts: bool = False


def prose(source: str) -> str:
    """Return Markdown as markup, with whatever markup it holds; for :func:`normal`."""
    return str(_converter()(source))


def normal(markup: str, alt: Callable[[], str]) -> Normal:
    """Return markup that a page may hold, of markup by anybody.

    Parameters
    ----------
    markup
        The markup.
    alt
        Gives the description of a picture that has none; empty if there is none.
    """
    soup = BeautifulSoup(markup, "html.parser")
    scripts = soup.find("script") is not None
    styled = "#T_" in markup and soup.find("style") is not None  # as pandas' Styler writes it
    for each in soup.find_all(list(_WITH_CONTENT)):
        each.decompose()
    # The sanitiser takes pictures that are data for harmful; a number stands for each meanwhile.
    pictures = ["".join(str(each.get("src", "")).split()) for each in soup.find_all("img")]
    for place, each in enumerate(soup.find_all("img")):
        each["src"] = f"https://picture.invalid/{place}"
    soup = BeautifulSoup(_sanitizer().sanitize_html_tags(str(soup)), "html.parser")
    for each in soup.find_all("img"):
        number = str(each.get("src", "")).rpartition("/")[2]
        each["src"] = pictures[int(number)] if number.isdecimal() and int(number) < len(pictures) else ""
    notes = ["Colours and other styles of this table are not shown."] if styled and soup.find("table") else []
    for tag in list(soup.find_all(list(_INSIDE))):
        if tag.find_parent(list(_INSIDE[tag.name])) is None:
            tag.unwrap()
    notes += [note for picture in soup.find_all("img") for note in _picture(picture, alt)]
    for table in soup.find_all("table"):
        notes += _table(soup, table)
    for link in soup.find_all("a"):
        _link(link)
    for heading in soup.find_all(re.compile(r"h[1-6]")):
        if not heading.get_text(strip=True):
            heading.decompose()
        elif heading.find_parent(["summary", "th", "td", "li", "pre"]):
            heading.name = "strong"
    for details in soup.find_all("details"):
        if details.find("summary", recursive=False) is None:
            details.name = "div"
    html = str(soup).strip() if soup.get_text(strip=True) or soup.find(["img", "hr"]) else ""
    return Normal(html, tuple(dict.fromkeys(notes)), scripts)


def _picture(picture: Tag, alt: Callable[[], str]) -> Iterable[str]:
    if not _PICTURE.fullmatch(str(picture["src"])):
        picture.decompose()
        return ["A picture that stands elsewhere is left out: reports load nothing. Show it by a cell, or attach it."]
    picture["class"] = "own-image"
    if str(picture.get("alt", "")).strip():
        return []
    picture["alt"] = given = alt()
    if given:
        return []
    picture["alt"] = "Picture without a description"
    return ["A picture has no description; write one between the brackets: ![what one sees](…)."]


def _table(soup: BeautifulSoup, table: Tag) -> list[str]:
    if table.find_parent("table"):
        table.unwrap()
        return []
    notes = []
    rows = table.find_all("tr")
    if not rows or not table.get_text(strip=True):
        table.decompose()
        return []
    for row in rows[MOST_ROWS:]:
        row.decompose()
    if len(rows) > MOST_ROWS:
        notes.append(f"Only the first {MOST_ROWS:,} of {len(rows):,} rows of this table are shown.")
    for cell in table.find_all(["th", "td"]):
        for name in ("colspan", "rowspan"):
            if name in cell.attrs and not _SIZE.fullmatch(str(cell[name])):
                del cell[name]
        if cell.name == "th" and not cell.get_text(strip=True):
            cell.name = "td"  # a header that says nothing
        if cell.name == "th":
            head = cell.find_parent("thead") is not None or (
                cell.find_parent("tr") is rows[0] and not table.find("thead")
            )
            several = "colspan" if head else "rowspan"
            group = str(cell.get(several, "1")) != "1"
            cell["scope"] = {(True, True): "colgroup", (True, False): "col", (False, True): "rowgroup"}.get(
                (head, group), "row"
            )
    for part in table.find_all(["thead", "tbody", "tfoot"]):
        if part.find("tr") is None:
            part.decompose()
    _keep_spans_inside(table)
    # A wide one is scrolled, by the keyboard as well.
    table.wrap(
        soup.new_tag("div", attrs={"class": "own-table", "role": "group", "tabindex": "0", "aria-label": "Table"})
    )
    return notes


def _keep_spans_inside(table: Tag) -> None:
    """Let no cell reach beyond the last row of its part of the table: rows may have been cut."""
    for part in table.find_all(["thead", "tbody", "tfoot"]):
        rows = part.find_all("tr")
        for place, row in enumerate(rows):
            for cell in row.find_all(["th", "td"]):
                if "rowspan" in cell.attrs:
                    cell["rowspan"] = str(min(int(str(cell["rowspan"])), len(rows) - place))


def _link(link: Tag) -> None:
    address = str(link.get("href", ""))
    page = address.partition("#")[0]
    leads = address.startswith(("http://", "https://", "mailto:", "#")) or (page.endswith(".ipynb") and "/" not in page)
    if not leads or not (link.get_text(strip=True) or link.find("img")):
        link.unwrap()


def in_order(body: str, title: str) -> str:
    """Return a body with one main heading, at its beginning, no level left out after it, and no link to nowhere in it.

    Parameters
    ----------
    body
        Markup whose headings are those of several parts.
    title
        The main heading, if the body does not begin with one.
    """
    first = _FIRST_HEADING.search(body)
    before = body[: first.start()] if first else body
    if first is None or re.sub(r"<[^>]*>|\s", "", before) or "<img" in before:
        body = f"<h1>{escape(title, quote=False)}</h1>\n{body}"
    level, seen, shown = 0, False, 0

    def moved(match: re.Match[str]) -> str:
        nonlocal level, seen, shown
        if not match[1]:
            wanted = int(match[2])
            shown = 1 if not seen else max(2, min(wanted, level + 1))
            level, seen = shown, True
        return f"<{match[1]}h{shown}{match[3]}>"

    body = _HEADING.sub(moved, body)
    targets = set(_TARGET.findall(body))
    return _INNER_LINK.sub(lambda match: match[0] if match[1] in targets else match[2], body)


@cache
def _converter() -> mistune.Markdown:
    return mistune.create_markdown(escape=False, plugins=("table", "strikethrough", "def_list"))


@cache
def _sanitizer() -> Any:
    from nbconvert.preprocessors.sanitize import SanitizeHTML

    return SanitizeHTML(tags=list(_TAGS), attributes=_ATTRIBUTES, strip=True)  # type: ignore[no-untyped-call]
