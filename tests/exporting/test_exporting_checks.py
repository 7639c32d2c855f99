"""The checks on a page's body: what hostile or careless markup is caught, and that proper markup passes."""

from __future__ import annotations

import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from citygrow_nb.exporting.checks import check, heading_of


def faults(body: str) -> list[str]:
    return [problem.found for problem in check(f"<h1>Title</h1>{body}", "x")]


@pytest.mark.parametrize(
    "body",
    [
        '<h2>A</h2><h3>B</h3><h2>C</h2><p>text 1 &lt; 2 &gt; 1 onclick="x" javascript:x</p>',
        '<a href="https://example.org/?a=1&amp;b=2">x</a><a href="mailto:a@example.org">x</a><a href="#KF1.Q1">x</a>',
        '<svg aria-hidden="true"><path d="M0 0"/></svg><svg role="img" aria-label="t"></svg>',
        '<svg role="img"><title>t</title><use href="#a"/></svg><img alt="y" src="data:image/png;base64,x">',
        '<p title="a > b, once = twice">x</p><details open><summary>s</summary></details>',
        '<a href="02-mapping.html" data-onward="x">x</a>',
    ],
)
def test_proper_markup_passes(body: str) -> None:
    """What our own templates write is not refused."""
    assert faults(body) == []


@pytest.mark.parametrize(
    "body",
    [
        "<script>x</script>",
        "<SCRIPT src=x>",
        "< script>x",
        "<script\n>x",
        "<p><script",
        '<img alt="" src=x onerror=alert(1)>',
        '<svg/onload="x">',
        "<svg onload=x",
        '<p title="x"onmouseover="y">',
        '<a href="javascript:x">x</a>',
        '<a href=" java&#115;cript:x">x</a>',
        '<a href="data:text/html,x">x</a>',
        '<a xlink:href="javascript:x">x</a>',
        "<iframe srcdoc=x>",
        "<object data=x>",
        '<embed src="x">',
        '<base href="https://example.org/">',
        '<link rel="stylesheet" href="x">',
        '<meta http-equiv="refresh" content="0">',
        '<form action="x">',
        '<img alt="x" src="https://example.org/x.png">',
        '<img alt="x" srcset="//example.org/x.png 2x">',
        '<svg><image href="https://example.org/x"/></svg>',
        '<svg><use xlink:href="https://example.org/x#y"/></svg>',
        '<video src="x.mp4"></video>',
        "<svg><foreignObject>x</foreignObject></svg>",
        '<p style="background: url(https://example.org/x)">x</p>',
    ],
)
def test_scripts_and_requests_are_caught(body: str) -> None:
    """Whatever runs, loads or leads astray is refused, however it is written."""
    assert faults(body)


@given(st.text())
def test_escaped_text_never_offends(text: str) -> None:
    """No comment of any person can make a page be refused, once it is escaped."""
    assert faults(f"<p>{html.escape(text)}</p><p title='{html.escape(text)}'>x</p>") == []


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("<p>x</p>", "0 main headings"),
        ("<h1></h1>", "is empty"),
        ("<h1> <span>&nbsp;</span></h1>", "is empty"),
        ("<h1>A</h1><h1>B</h1>", "2 main headings"),
        ("<h2>A</h2><h1>B</h1>", "level 2 before"),
        ("<h1>A</h1><h3>B</h3>", "level 3 follows one of level 1"),
        ("<h1>A</h1><img src='data:image/png;base64,x'>", "without alternative text"),
        ("<h1>A</h1><img alt=' ' src='data:image/png;base64,x'>", "without alternative text"),
        ("<h1>A</h1><p", "does not end"),
        ("<h1>A</h1><h2> <b></b></h2>", "a heading of level 2 is empty"),
        ("<h1>A</h1><svg><path d='M0 0'/></svg>", "a drawing without words"),
        ("<h1>A</h1><svg role='img'><title> </title></svg>", "a drawing without words"),
        ("<h1 id='a'>A</h1><p id='a'>x</p>", "two elements of the page have the id “a”"),
    ],
)
def test_structure_is_checked(body: str, told: str) -> None:
    """A page has one main heading that says something, no gaps between levels, and words for pictures."""
    (problem,) = check(body, "x")
    assert told in problem.found


def test_heading_is_found_with_its_markup() -> None:
    """The first main heading gives the page its title."""
    assert heading_of('<p>x</p><h1 class="a">A <em>b</em></h1>') == "A <em>b</em>"
    assert heading_of("<p>x</p>") == ""
