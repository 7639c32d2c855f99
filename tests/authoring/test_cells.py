"""Plain text becomes Markdown that shows exactly this text."""

import doctest
import html
import re

import mistune
from hypothesis import given
from hypothesis import strategies as st

from citygrow_nb.authoring import cells


def test_examples_in_docstrings_are_true() -> None:
    assert doctest.testmod(cells).failed == 0


@given(st.text(st.sampled_from("ab1 *_`[]()<>#+-.!|~$&;\\amp"), min_size=1, max_size=40))
def test_escaped_text_is_shown_as_it_was(text: str) -> None:
    text = " ".join(text.split())
    if not text:
        return
    shown = re.sub(r"<[^>]*>", "", str(mistune.html(f"x {cells.escaped(text)}")))
    assert html.unescape(shown).strip() == f"x {text}"
