"""Markdown on pages: plain structure, and text that stays text."""

from __future__ import annotations

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from citygrow_nb.authoring.cells import escaped
from citygrow_nb.exporting.markdown import to_html


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("# A *b*", "<h1>A <em>b</em></h1>"),
        ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>"),
        ("from $5 to $6", "<p>from $5 to $6</p>"),
        ("[a](javascript:x)", '<p><a href="#harmful-link">a</a></p>'),
        ("a &amp; b &lt;", "<p>a &amp; b &lt;</p>"),
        ("<div>\n*a*\n</div>", "<p>&lt;div&gt;\n*a*\n&lt;/div&gt;</p>"),
    ],
)
def test_markdown(source: str, shown: str) -> None:
    """Each source is shown as JupyterLab shows it, only without markup of its own."""
    assert to_html(source) == shown


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"])))
def test_no_text_of_a_benchmark_becomes_markup(text: str) -> None:
    """What authoring has escaped is shown letter by letter, in a paragraph of its own."""
    text = " ".join(text.split())
    found = to_html(f"x {escaped(text)}")
    assert html.unescape(re.sub(r"</?p>", "", found)).split() == f"x {text}".split()
