"""The body of the page of somebody's own workbook: what its cells show, safe and readable for everybody.

Prose and outputs are shown, code is not. What our own functions show stays as it is. All other markup goes through
nbconvert's sanitiser, and then becomes what a page for everybody needs: tables with headers, pictures with words,
headings in order. Scripts and requests go, and a note says what is missing.
"""

# mypy: disable-error-code="no-untyped-call"

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from itertools import chain
from typing import TYPE_CHECKING, Any

from citygrow_nb.exceptions import ReportError
from citygrow_nb.exporting.checks import check, fragment_faults
from citygrow_nb.exporting.foreign_markup import in_order, normal, prose
from citygrow_nb.exporting.links import between_pages
from citygrow_nb.exporting.pages import without_styles

if TYPE_CHECKING:
    from nbformat import NotebookNode

LONGEST_TEXT = 20_000
"""Characters of a text output that a page shows: some ten pages of print."""

LARGEST_MARKUP = 2_000_000
"""Characters of markup that are looked at; more would take minutes."""

LARGEST_PICTURE = 3_000_000
"""Bytes of a picture: more, and a report can't be sent by mail."""

_HIDDEN = re.compile(r"(form-only|parameters|injected-parameters|(remove|hide)[-_]cell)")
_WITHOUT_OUTPUT = re.compile(r"(remove|hide)[-_](output|outputs|all_outputs)|all_outputs")
_ALT = re.compile(r"^[ \t]*#\|[ \t]*(?:fig-)?alt:(.+)$", re.MULTILINE)
_STYLE = re.compile(r'\sstyle="[^"]*"')
_SVG_TITLE = re.compile(r"<title\b[^>]*>([^<]*)</title>", re.IGNORECASE)
_SIGNATURES = {
    "image/png": b"\x89PNG\r\n",
    "image/jpeg": b"\xff\xd8\xff",
    "image/gif": b"GIF8",
    "image/webp": b"RIFF",
}
_SVG = "image/svg+xml"
_SCRIPTED = re.compile(r"javascript|vnd\.(plotly|vega|vegalite|bokeh|holoviews|jupyter\.widget)")
_ERROR_MARKER = "papermill-error-cell-tag"

NO_ALT = "Picture without a description"
_SAY_ALT = "This picture has no description. Its cell can give one in its first line: “#| alt: what one sees”."
_ONLY_SCRIPT = (
    "What this cell shows needs a script, and reports hold none. Show a static picture instead, such as of matplotlib, "
    "or a table."
)
_SCRIPT_LEFT_OUT = "A script that came with this was left out: reports hold none."


def own_body(notebook: NotebookNode, *, name: str, title: str, pages: Mapping[str, str | None]) -> str:
    """Turn an executed workbook that is not as built into the body of its page.

    Parameters
    ----------
    notebook
        The executed notebook.
    name
        What to call it in errors.
    title
        Its main heading, if it has none.
    pages
        Where links to other workbooks lead, by file name; None for nowhere.

    Returns
    -------
    str
        Safe markup with one ``h1``, at its beginning.

    Raises
    ------
    ReportError
        If it cannot be made safe: all reasons at once.
    """
    parts = [part for cell in notebook.cells for part in _parts(cell)]
    body = in_order(between_pages("\n".join(part for part in parts if part), pages), title)
    if problems := check(body, name):
        raise ReportError(*problems)
    return body


def _parts(cell: NotebookNode) -> Iterator[str]:
    tags = cell.metadata.get("tags", [])
    if any(_HIDDEN.fullmatch(tag) for tag in tags) or _ERROR_MARKER in tags:
        return
    if cell.cell_type == "markdown":
        yield from _prose(cell.source, cell.get("attachments", {}))
    if cell.cell_type != "code" or any(_WITHOUT_OUTPUT.fullmatch(tag) for tag in tags):
        return
    if cell.metadata.get("jupyter", {}).get("outputs_hidden"):
        return
    words = _Words.of(cell)
    for output in cell.get("outputs", []):
        yield from _output(output, words)


@dataclass
class _Words:
    """The descriptions that a cell gives for its pictures, one after the other; the last one counts for the rest."""

    given: Sequence[str]
    used: int = field(default=0)

    @classmethod
    def of(cls, cell: NotebookNode) -> _Words:
        told = cell.metadata.get("alt", [])
        listed = [told] if isinstance(told, str) else [each for each in told if isinstance(each, str)]
        return cls([*(each.strip().strip("\"'") for each in _ALT.findall(cell.source)), *listed])

    def next(self) -> str:
        if not self.given:
            return ""
        self.used += 1
        return self.given[min(self.used, len(self.given)) - 1]


def _output(output: NotebookNode, words: _Words) -> Iterator[str]:
    kind = output.output_type
    if kind == "stream":
        if output.name == "stdout":
            yield from _text(output.text)
    elif kind == "error":
        yield from _text("\n".join(output.traceback) or f"{output.ename}: {output.evalue}")
    else:
        yield from _shown(output.data, output.get("metadata", {}), words)


def _shown(data: Mapping[str, Any], metadata: Mapping[str, Any], words: _Words) -> Iterator[str]:
    """Yield what stands for one output: the best of its forms that a page may hold."""
    markup = _joined(data.get("text/html", ""))
    picture = next((kind for kind in (_SVG, *_SIGNATURES) if data.get(kind)), "")
    scripted = any(_SCRIPTED.search(kind) for kind in data)
    ours = without_styles(markup)
    if 'class="cg' in ours and not list(fragment_faults(ours)):
        yield ours
    elif picture and (scripted or not markup or "<script" in markup.lower()):
        about = metadata.get(picture)
        told = [each.get("alt") for each in (about, metadata) if isinstance(each, Mapping)]
        alt = next((each for each in told if isinstance(each, str) and each), "") or words.next()
        yield from _picture(picture, _joined(data[picture]), alt)
    elif markup:
        yield from _markup(markup, words)
    elif scripted:
        yield _note(_ONLY_SCRIPT)
    elif "text/markdown" in data:
        yield from _prose(_joined(data["text/markdown"]), {}, words)
    else:
        yield from _text(_joined(data.get("text/latex") or data.get("text/plain", "")))


def _markup(markup: str, words: _Words) -> Iterator[str]:
    if len(markup) > LARGEST_MARKUP:
        size = f"{len(markup) / 1e6:,.0f} million characters"
        yield _note(f"What this cell shows has {size}, and is left out. Show less of it, such as with .head(100).")
        return
    made = normal(markup, words.next)
    if made.html:
        yield made.html
    yield from map(_note, made.notes)
    if made.scripts:
        yield _note(_SCRIPT_LEFT_OUT if made.html else _ONLY_SCRIPT)


def _prose(source: str, attachments: Mapping[str, Any], words: _Words | None = None) -> Iterator[str]:
    def attached(match: re.Match[str]) -> str:
        held = attachments.get(match[1], {})
        kind = next((kind for kind in held if kind in _SIGNATURES), "")
        return f"data:{kind};base64,{''.join(_joined(held[kind]).split())}" if kind else match[0]

    made = normal(prose(re.sub(r"attachment:([^)\s\"']+)", attached, source)), words.next if words else str)
    if made.html:
        yield made.html
    yield from map(_note, made.notes)


def _picture(kind: str, content: str, alt: str) -> Iterator[str]:
    if kind == _SVG:
        found = _SVG_TITLE.search(content[:10_000])
        alt = alt or (found[1].strip() if found else "")
        raw = content.encode()
    else:
        try:
            raw = base64.b64decode("".join(content.split()), validate=True)
        except (binascii.Error, ValueError):
            raw = b""
        if not raw.startswith(_SIGNATURES[kind]):
            yield _note("A picture of this cell is damaged, and left out.")
            return
    if len(raw) > LARGEST_PICTURE:
        yield _note(
            f"A picture of {len(raw) / 1e6:,.1f} MB is left out: save it smaller, such as with fewer dots an inch."
        )
        return
    encoded = base64.b64encode(raw).decode()
    yield f'<p class="own-picture"><img src="data:{kind};base64,{encoded}" alt="{escape(alt or NO_ALT)}"></p>'
    if not alt:
        yield _note(_SAY_ALT)


def _text(text: str) -> Iterator[str]:
    from nbconvert.filters.ansi import ansi2html, strip_ansi

    shown = text.strip("\n")
    if not strip_ansi(shown).strip():
        return
    cut = len(shown) > LONGEST_TEXT
    # Within an escape, half of it would remain.
    shown = strip_ansi(shown)[:LONGEST_TEXT] if cut else shown
    yield f'<pre class="own-text">{_STYLE.sub("", ansi2html(shown))}</pre>'
    if cut:
        yield _note(f"Only the first {LONGEST_TEXT:,} of {len(text):,} characters are shown.")


def _joined(value: object) -> str:
    return "".join(map(str, chain(value))) if isinstance(value, list | tuple) else str(value)


def _note(text: str) -> str:
    return f'<p class="own-note">{escape(text, quote=False)}</p>'
