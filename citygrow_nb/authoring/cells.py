"""Cells of a workbook as plain notebook data (format 4.5). Knows nothing of a particular workbook.

Written by hand rather than with nbformat, whose import takes seconds where JupyterLab is installed; the tests validate
the result with nbformat.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Any

from citygrow_nb.model.links import link_text, safe_url

FORM_ONLY = "form-only"
"""Tag of cells that help while answering and are left out of reports."""

Cell = dict[str, Any]


def escaped(text: str) -> str:
    r"""Return plain text as Markdown that shows exactly this text.

    >>> escaped("5 * 3 <b>")
    '5 \\* 3 \\<b>'
    """
    safe = re.sub(r"([\\`*_\[\]<$~|])", r"\\\1", text)
    safe = re.sub(r"&(?=#?\w+;)", "&amp;", safe)
    return re.sub(r"(?m)^(\s*)([#+>-]|\d+[.)])(?=\s)", lambda m: f"{m[1]}\\{m[2]}" if len(m[2]) == 1 else m[0], safe)


def linked(title: str, url: str) -> str:
    r"""Return Markdown for a link that can't end before its end; where it may not lead there, a text that says both.

    >>> linked("a [b]", "http://a.example/)![x](http://b.example/p.png")
    '[a \\[b\\]](http://a.example/%29!%5Bx%5D%28http://b.example/p.png)'
    """
    address = safe_url(url)
    return f"[{escaped(link_text(title, url))}]({address})" if address else escaped(f"{title} ({url})")


def markdown(cell_id: str, *paragraphs: str, tags: Sequence[str] = ()) -> Cell:
    """Return a Markdown cell of paragraphs that are Markdown already; empty ones are left out."""
    text = "\n\n".join(paragraph for paragraph in paragraphs if paragraph)
    return _cell("markdown", cell_id, text, tags)


def code(cell_id: str, source: str, tags: Sequence[str] = ()) -> Cell:
    """Return a code cell, folded away: people work with what it shows."""
    cell = _cell("code", cell_id, source, tags)
    cell["metadata"]["jupyter"] = {"source_hidden": True}
    return {**cell, "execution_count": None, "outputs": []}


def notebook(cells: Sequence[Cell], title: str, benchmark: str, *, built: bool = True) -> bytes:
    """Return a whole notebook as its file's content, the same bytes for the same cells.

    It says whose workbook it is: the guide looks after such notebooks. And it bears the fingerprint of its cells, by
    which a later version sees that nobody has changed it, unless it is made for people to change: then its heading is
    its title, since nobody would see that another stands in its metadata.
    """
    mark = {"build": fingerprint(cells)} if built else {}
    called = {"title": title} if built else {}
    document = {
        "cells": list(cells),
        "metadata": {
            "citygrow": {"benchmark": benchmark, **mark},
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
            **called,
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return (json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def fingerprint(cells: Iterable[Mapping[str, Any]]) -> str:
    r"""Return the hash of a notebook's cells: their kinds and sources in order, nothing else.

    Parameters
    ----------
    cells
        Cells as a notebook file has them; a source may be a text or a list of lines.

    Returns
    -------
    str
        SHA-256, hexadecimal; the guide's script computes the same.

    Examples
    --------
    >>> fingerprint([{"cell_type": "code", "source": ["1 +\n", "1"]}])[:8]
    '0bcf06d7'
    """
    content = [[cell["cell_type"], "".join(cell["source"])] for cell in cells]
    return sha256(json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()


def _cell(kind: str, cell_id: str, source: str, tags: Sequence[str]) -> Cell:
    # Not by accident: `d d` on a heading deletes it, a double click turns it into its source.
    metadata: dict[str, Any] = {"deletable": False, "editable": False}
    if tags:
        metadata["tags"] = list(tags)
    safe_id = re.sub(r"[^a-z0-9]+", "-", cell_id.lower())
    return {"cell_type": kind, "id": safe_id, "metadata": metadata, "source": source.splitlines(keepends=True)}
