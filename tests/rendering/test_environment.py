"""Numbers, links and escaping."""

import doctest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from citygrow_nb.rendering import environment


def test_examples_in_docstrings_are_true() -> None:
    assert doctest.testmod(environment).failed == 0


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "JAVASCRIPT:alert(1)",
        " javascript:alert(1)",
        "data:text/html,<script>",
        "vbscript:x",
        "file:///etc/passwd",
        "//example.org",
        "example.org",
        "",
        "http://",
        "http://[",
    ],
)
def test_only_web_and_mail_links_become_links(url: str) -> None:
    assert environment.safe_url(url) == ""


@pytest.mark.parametrize("url", ["https://example.org/a?b=c#d", "http://example.org", "mailto:office@example.org"])
def test_web_and_mail_links_stay(url: str) -> None:
    assert environment.safe_url(url) == url


@pytest.mark.parametrize("sign", ["\u202e", "\u2066", "\u2028", "\U000e0041"], ids=ascii)
def test_what_steers_is_encoded_in_links(sign: str) -> None:
    """So that a page, which writes it out elsewhere, leads where the link leads."""
    assert environment.safe_url(f"https://example.org/{sign}").isascii()


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
