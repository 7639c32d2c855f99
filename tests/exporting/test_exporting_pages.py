"""From an executed notebook to a page: what is shown, what is left out, what is refused."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import pytest

from citygrow_nb import exporting
from citygrow_nb.exceptions import ReportError
from citygrow_nb.rendering import NavLink
from tests.notebooks import code, notebook, parameters, prose, shows

TITLE = prose("# Strategy & goals")
WIDGET = {"application/vnd.jupyter.widget-view+json": {"model_id": "1"}}


def page(*cells: dict[str, Any], pages: Any = None, **options: Any) -> str:
    body = exporting.body(notebook(*cells), name="01-strategy.ipynb", pages=pages)
    return exporting.framed(body, **options).decode()


def main_part(text: str) -> str:
    found = re.search(r"<main[^>]*>(.*?)</main>", text, flags=re.DOTALL)
    assert found
    return found[1]


class Addresses(HTMLParser):
    """Collects everything that a browser would fetch."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        fetched = {"src", "srcset", "poster", "data"} | ({"href"} if tag in {"link", "image", "use", "base"} else set())
        self.found += [value or "" for key, value in attrs if key in fetched]


def test_page_is_complete_and_loads_nothing() -> None:
    """A page has its policy, its language and its title, and no address that a browser would fetch."""
    picture = shows(image_png="iVBORw0KGgo=")
    picture["metadata"] = {"image/png": {"alt": 'A "chart" <x>'}}
    text = page(TITLE, code("x", picture), site="Żabia Góra 2026", lang="pl")
    addresses = Addresses()
    addresses.feed(text)
    assert addresses.found == ["data:image/png;base64,iVBORw0KGgo="]
    assert text.startswith("<!DOCTYPE html>")
    assert "default-src 'none'" in text
    assert '<html lang="pl">' in text
    assert "<title>Strategy &amp; goals · Żabia Góra 2026</title>" in text
    assert 'alt="A &quot;chart&quot; &lt;x&gt;"' in text


def test_code_and_hidden_cells_are_left_out() -> None:
    """A reader sees prose and results: no source, no parameters, nothing that only helps while answering."""
    text = page(
        TITLE,
        parameters('city = "SECRET"'),
        code('city = "SECRET"', shows(text_html="<p>SECRET</p>"), tags=("injected-parameters",)),
        prose("SECRET", "form-only"),
        code("SECRET()", shows(text_html="<p>Result</p>", text_plain="SECRET"), tags=("kept",)),
        code("x", {"output_type": "stream", "name": "stderr", "text": "SECRET"}),
        code("x", {"output_type": "stream", "name": "stdout", "text": "a <b>"}),
    )
    assert "SECRET" not in text
    assert "<p>Result</p>" in text
    assert "<pre>a &lt;b&gt;</pre>" in text


def test_widgets_give_way_to_html_and_their_state_stays_out() -> None:
    """Beside static HTML a widget is dropped, and what the widget knew never reaches the page."""
    state = {"application/vnd.jupyter.widget-state+json": {"state": {"1": {"label": "SECRET"}}}}
    shown = {"output_type": "display_data", "data": {**WIDGET, "text/html": "<p>Answer</p>"}, "metadata": {}}
    text = exporting.framed(exporting.body(notebook(TITLE, code("x", shown), widgets=state), name="x")).decode()
    assert "<p>Answer</p>" in text
    assert "SECRET" not in text
    assert "widget" not in main_part(text)


def test_styles_of_fragments_are_left_to_the_frame() -> None:
    """The frame brings the style sheet; its policy would block another one."""
    assert "<style" not in main_part(page(TITLE, code("x", shows(text_html="<style>p{}</style><p>x</p>"))))


def test_markdown_that_cells_show_is_text() -> None:
    """Markup in Markdown is shown, never obeyed, in cells and in what they show."""
    text = page(
        prose("# Title\n\n<script>alert(1)</script> <b>x</b>"), code("x", shows(text_markdown="**b** <i>x</i>"))
    )
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert "<strong>b</strong> &lt;i&gt;x&lt;/i&gt;" in text


def test_best_kind_of_output_is_shown() -> None:
    """Of several kinds of one result only one is shown: HTML before a picture, a picture before text."""
    svg = '<svg role="img"><title>Chart</title></svg>'
    text = main_part(page(TITLE, code("x", shows(text_html="<p>H</p>", **{"image_svg+xml": svg}, text_plain="P"))))
    assert "<p>H</p>" in text
    assert "svg" not in text
    assert svg in page(TITLE, code("x", shows(**{"image_svg+xml": svg}, text_plain="P")))


def test_navigation_and_links_lead_to_pages() -> None:
    """Links between workbooks become links between pages; one without a page becomes plain text."""
    text = page(
        prose("# Title\n\n[next](02-mapping.ipynb#KF2.Q1) [all](12-portfolio.ipynb) [gone](11-results.ipynb)"),
        nav=[NavLink("index.html", "Overview"), NavLink("01-strategy.html", "Strategy", True)],
        crumbs=[NavLink("../../index.html", "All cities")],
        pages={"12-portfolio.ipynb": "../../index.html", "11-results.ipynb": None},
    )
    assert '<a href="02-mapping.html#KF2.Q1">next</a>' in text
    assert '<a href="../../index.html">all</a> gone</p>' in text
    assert '<a href="01-strategy.html" aria-current="page">Strategy</a>' in text


def test_same_notebook_gives_the_same_page() -> None:
    """Nothing in a page depends on when it is made, or on what was exported before."""
    first = page(TITLE, code("x", shows(text_html="<p>x</p>")))
    page(prose("# Other"))
    assert page(TITLE, code("x", shows(text_html="<p>x</p>"))) == first


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        ([code("x", {"output_type": "error", "ename": "KeyError", "evalue": "'x'", "traceback": []})], "KeyError: 'x'"),
        ([code("x", {"output_type": "display_data", "data": WIDGET, "metadata": {}})], "a widget and nothing else"),
        ([prose("#### Too deep")], "a heading of level 4 follows one of level 1"),
        ([prose("![](data:image/png;base64,x)"), code("x", shows(image_png="x"))], "without alternative text"),
        ([code("x", shows(text_html="<script>x</script>"))], "<script>"),
        ([code("x", shows(application_javascript="alert(1)"))], "the cell shows a script"),
        ([code("x", shows(text_html='<p onclick="x()">x</p>'))], "onclick"),
        ([code("x", shows(text_html='<img alt="" src="https://example.org/x.png">'))], "would load"),
        ([prose("# Second")], "2 main headings"),
    ],
)
def test_page_that_must_not_be_published_is_refused(cells: list[dict[str, Any]], told: str) -> None:
    """Every refusal is a sentence that names the workbook and the fault."""
    with pytest.raises(ReportError, match=re.escape(told)) as caught:
        page(TITLE, *cells)
    assert all(problem.where.startswith("01-strategy.ipynb") for problem in caught.value.problems)


def test_page_without_title_is_refused_with_everything_else() -> None:
    """All faults of a page come at once."""
    with pytest.raises(ReportError) as caught:
        page(prose("## Not first"), code("x", shows(text_html="<iframe></iframe>")))
    assert [problem.found for problem in caught.value.problems] == [
        "the page holds a <iframe> element, and reports hold none",
        "the page has 0 main headings and needs exactly one",
    ]
