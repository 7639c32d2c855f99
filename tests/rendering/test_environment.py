"""Numbers and escaping."""

import doctest

from hypothesis import given
from hypothesis import strategies as st

from citygrow_nb.rendering import environment


def test_examples_in_docstrings_are_true() -> None:
    assert doctest.testmod(environment).failed == 0


@given(st.text())
def test_typed_text_never_becomes_markup(text: str) -> None:
    html = environment.render("message.html.j2", text=text)
    inner = html.removeprefix('<div class="cg cg-message"><p dir="auto">').removesuffix("</p></div>")
    assert "<" not in inner
    assert ">" not in inner


@given(st.floats(0, 1))
def test_percent_is_full_only_when_nothing_is_missing(share: float) -> None:
    written = environment.percent(share)
    assert (written == "100\u00a0%") == (share == 1)
    assert (written == "0\u00a0%") == (share == 0)
