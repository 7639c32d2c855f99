"""A report as a PDF file for everybody: tagged (PDF/UA), with outline, running headers and page numbers.

WeasyPrint makes it from the single-file page, without a browser. It asks nothing of the network or the disk, and equal
pages give equal bytes. It is an extra: :func:`require` says how to install it.

What WeasyPrint cannot read from a page is put into the tree before: style sheets do not reach into its SVG and
``var()`` does not work there, ``dir="auto"`` is unknown to it, and it would read decoration out as a figure.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import io
import unicodedata
import warnings
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import citygrow_nb
from citygrow_nb.exceptions import Problem, UsageError
from citygrow_nb.exporting.chart_styles import chart_style
from citygrow_nb.model.links import safe_url
from citygrow_nb.rendering.environment import stylesheet

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

INSTALL = 'pip install "citygrow-nb[pdf]"'
_SVG = "{http://www.w3.org/2000/svg}"


def require() -> None:
    """Check that PDF files can be made here.

    Raises
    ------
    UsageError
        If WeasyPrint or a library of the system that it needs is missing; the sentence says what to do.
    """
    try:
        fonts = _fonts()
    except ImportError as error:
        raise UsageError(Problem("--pdf", "WeasyPrint is not installed here", todo=f"install it: {INSTALL}")) from error
    except OSError as error:
        found = "WeasyPrint is installed, but a library of the system that it needs (Pango) is missing"
        todo = "install it, on Debian and Ubuntu: apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
        raise UsageError(Problem("--pdf", found, todo=todo)) from error
    if not fonts:
        found, todo = (
            "there are no fonts on this machine",
            "install some, on Debian and Ubuntu: apt-get install fonts-noto",
        )
        raise UsageError(Problem("--pdf", found, todo=todo))


@cache
def _fonts() -> int:
    """Return how many fonts there are; WeasyPrint would bring the whole process down without one."""
    # It prints advice of its own when a library is missing.
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from weasyprint.text.ffi import ffi, fontconfig
    config = ffi.gc(fontconfig.FcInitLoadConfigAndFonts(), fontconfig.FcConfigDestroy)
    found = fontconfig.FcConfigGetFonts(config, fontconfig.FcSetSystem)
    return 0 if found == ffi.NULL else int(found.nfont)


def make(html: bytes, *, running: str = "") -> bytes:
    """Turn a report in one page into a PDF file.

    Parameters
    ----------
    html
        The complete page, with its title and its language.
    running
        What stands at the head of every sheet but the first; the page's title when empty.

    Returns
    -------
    bytes
        A tagged PDF file (PDF/UA-1): for equal arguments with equal fonts the same bytes.

    Raises
    ------
    UsageError
        If PDF files cannot be made here.
    """
    require()
    from weasyprint import HTML
    from weasyprint.urls import URLFetcher

    page = HTML(string=html, encoding="utf-8", url_fetcher=URLFetcher(allowed_protocols={"data"}))
    _prepare(page.etree_element, running)
    identifier = hashlib.sha256(html + b"\0" + running.encode()).hexdigest()[:32]
    made = page.write_pdf(pdf_variant="pdf/ua-1", pdf_tags=True, pdf_identifier=identifier.encode())
    return bytes(made)


def _prepare(root: Element, running: str) -> None:
    head, body = root.find("head"), root.find("body")
    if head is None or body is None:  # the parser always makes both
        raise ValueError("not an HTML document")
    styles = [style for style in head.iter("style") if style.text]
    inks = chart_style("\n".join(str(style.text) for style in styles))
    title = (head.findtext("title") or "").strip()
    body.set("data-running", running or title)
    _add(head, "meta", name="generator", content=f"citygrow {citygrow_nb.__version__}")
    if not any(meta.get("name") == "description" for meta in head.iter("meta")):
        _add(head, "meta", name="description", content=title)
    _direct(body)
    _unlink(body)
    marks = _draw(body, inks)
    _add(head, "style").text = "\n".join([str(stylesheet("print.css")), *marks])


def _add(parent: Element, tag: str, **attributes: str) -> Element:
    return ElementTree.SubElement(parent, tag, attributes)


def _direct(body: Element) -> None:
    """Write out in which direction texts run."""
    for element in body.iter():
        if element.get("dir") == "auto" or (element.tag == "bdi" and element.get("dir") is None):
            element.set("dir", _direction("".join(element.itertext())))


def _direction(text: str) -> str:
    strong = (kind for kind in map(unicodedata.bidirectional, text) if kind in ("L", "R", "AL"))
    return "ltr" if next(strong, "L") == "L" else "rtl"


def _unlink(body: Element) -> None:
    """Keep links within the file and to the outside; one to a file beside the page leads nowhere from a PDF."""
    targets = {element.get("id") for element in body.iter()}
    for link in body.iter("a"):
        address = link.get("href", "")
        if not (address[1:] in targets if address.startswith("#") else safe_url(address)):
            link.attrib.pop("href", None)


def _draw(body: Element, inks: str) -> list[str]:
    """Give every chart its colours and its alternative text, and turn decoration into backgrounds, which have no tag.

    Returns
    -------
    list of str
        The style rules that draw the decoration.
    """
    rules: dict[bytes, str] = {}
    # Drawings within drawings are the outer one's matter.
    for parent, place, svg in list(_drawings(body)):
        if svg.get("aria-hidden") == "true":
            parent[place] = _background(svg, inks, rules)
        else:
            _describe(svg)
            svg.insert(0, _ink(inks))
    return list(rules.values())


def _drawings(element: Element) -> Iterator[tuple[Element, int, Element]]:
    for place, child in enumerate(element):
        if child.tag == f"{_SVG}svg":
            yield element, place, child
        else:
            yield from _drawings(child)


def _ink(inks: str) -> Element:
    style = ElementTree.Element(f"{_SVG}style")
    style.text = inks
    return style


def _describe(svg: Element) -> None:
    # WeasyPrint takes the title alone.
    title = svg.find(f"{_SVG}title")
    if title is None:
        title = ElementTree.Element(f"{_SVG}title")
        title.text = svg.get("aria-label", "")
        svg.insert(0, title)
    described = (svg.findtext(f"{_SVG}desc") or "").strip()
    if described:
        title.text = f"{(title.text or '').strip().rstrip('.')}. {described}"


def _background(svg: Element, inks: str, rules: dict[bytes, str]) -> Element:
    tail, svg.tail = svg.tail, None
    drawing = ElementTree.tostring(svg)
    name = f"cg-drawn-{hashlib.sha256(drawing).hexdigest()[:12]}"
    if drawing not in rules:
        svg.insert(0, _ink(inks))
        address = "data:image/svg+xml;base64," + base64.b64encode(ElementTree.tostring(svg)).decode()
        width, height = (_length(svg, side) for side in ("width", "height"))
        rules[drawing] = (
            f".{name} {{ display: inline-block; width: {width}; height: {height}; "
            f"background: url({address}) no-repeat; background-size: 100% 100%; }}"
        )
    stand_in = ElementTree.Element("span", {"class": f"{svg.get('class', '')} {name}".strip()})
    stand_in.tail = tail
    return stand_in


def _length(svg: Element, side: str) -> str:
    value = svg.get(side, "1em")
    return f"{value}px" if value.replace(".", "", 1).isdigit() else value
