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
