"""Pages of own workbooks: all that cells can show becomes safe, readable for everybody, and what is missing is said."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path
from typing import Any

import pytest
from nbformat import NotebookNode

from citygrow_nb.exporting import chapters, framed
from citygrow_nb.exporting.checks import check
from citygrow_nb.exporting.foreign_markup import MOST_ROWS
from citygrow_nb.exporting.own import LARGEST_PICTURE, LONGEST_TEXT, own_body
from citygrow_nb.model import Benchmark
from citygrow_nb.rendering import question
from tests import checking
from tests.factories import assessment_of, rated
from tests.looking import in_views, violations
from tests.notebooks import code, notebook, prose

RECORDED: dict[str, str] = json.loads((Path(__file__).parent / "data" / "outputs.json").read_text("utf-8"))
PNG = RECORDED["png"]
SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20"><rect width="40" height="20" fill="#08f"/></svg>'


def shown(data: dict[str, Any], metadata: dict[str, Any] | None = None, source: str = "show()") -> dict[str, Any]:
    """Return a cell that shows one thing."""
    output = {"output_type": "display_data", "data": data, "metadata": metadata or {}}
    return code(source) | {"outputs": [output]}


def stream(text: str, name: str = "stdout") -> dict[str, Any]:
    return code("print()") | {"outputs": [{"output_type": "stream", "name": name, "text": text}]}


def body(*cells: dict[str, Any], **pages: str | None) -> str:
    made = own_body(notebook(*cells), name="15-own.ipynb", title="Our own", pages=pages)
    assert check(made, "x") == []
    return made


def test_tables_of_pandas_have_headers_and_can_be_scrolled() -> None:
    """Whatever their shape: no empty header, no old attribute, a scope for each, rows that are cut are said."""
    for name in ("plain", "multi", "wide", "styled"):
        made = body(prose("# T"), shown({"text/html": RECORDED[name]}))
        assert "<table>" in made
        assert 'role="group"' in made
        assert 'tabindex="0"' in made
        assert not re.search(r"<th[^>]*>\s*</th>|border=|style=|valign|class=\"(?!own-)|\sid=", made), name
        assert all("scope=" in header for header in re.findall(r"<th\b[^>]*>", made))
        assert ("Colours and other styles of this table are not shown." in made) is (name == "styled")
    assert '<th colspan="2" scope="colgroup">2022</th>' in body(shown({"text/html": RECORDED["multi"]}))
    rows = "".join(f"<tr><td>{number}</td></tr>" for number in range(1000))
    made = body(shown({"text/html": f"<table><tbody>{rows}</tbody></table>"}))
    assert made.count("<tr>") == MOST_ROWS
    assert f"Only the first {MOST_ROWS} of 1,000 rows" in made


@pytest.mark.parametrize(
    ("cell", "alt"),
    [
        (shown({"image/png": PNG}, source="#| alt: People in work\nplot()"), "People in work"),
        (shown({"image/png": PNG}, source='#| fig-alt: "People & work"\nplot()'), "People &amp; work"),
        (shown({"image/png": PNG}, {"image/png": {"alt": "Of the output"}}), "Of the output"),
        (shown({"image/png": PNG}, {"alt": "Of all"}), "Of all"),
        (shown({"image/svg+xml": SVG}, source="#| alt: A <square>"), "A &lt;square&gt;"),
        (shown({"image/svg+xml": SVG.replace("<rect", "<title>Told within</title><rect")}), "Told within"),
        (shown({"image/png": PNG, "text/html": "<script>x()</script>"}, source="#| alt: Still"), "Still"),
        (shown({"application/vnd.plotly.v1+json": {}, "image/png": PNG}, source="#| alt: Plotly's"), "Plotly&#x27;s"),
        (prose(f"# T\n\n![Told](data:image/png;base64,{PNG})"), "Told"),
        (prose("![Attached](attachment:a.png)") | {"attachments": {"a.png": {"image/png": PNG}}}, "Attached"),
    ],
)
def test_pictures_have_the_words_that_were_given(cell: dict[str, Any], alt: str) -> None:
    """By the cell, the output or the picture itself; pictures are data, and nothing of an SVG can run."""
    made = body(cell)
    assert re.findall(r'<img [^>]*?alt="([^"]*)"', made) == [alt]
    assert re.findall(r'<img [^>]*?src="(data:image/(?:png|svg\+xml);base64,)', made)
    assert "description" not in made
    assert "<svg" not in made


def test_several_pictures_of_a_cell_have_words_each_and_none_is_said() -> None:
    """In their order; a picture without words is shown with a note on how to give some."""
    outputs = [output for _ in range(2) for output in shown({"image/png": PNG})["outputs"]]
    made = body(code("#| alt: First\n#| alt: Second") | {"outputs": outputs})
    assert re.findall(r'alt="([^"]*)"', made) == ["First", "Second"]
    made = body(shown({"image/png": PNG}))
    assert "Picture without a description" in made
    assert "“#| alt: what one sees”" in made


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"application/vnd.plotly.v1+json": {"data": []}}, "needs a script"),
        (
            {"application/vnd.plotly.v1+json": {}, "text/html": "<div id='a'></div><script>draw()</script>"},
            "needs a script",
        ),
        ({"application/vnd.vegalite.v6+json": {}, "text/plain": "alt.Chart(...)"}, "needs a script"),
        ({"application/vnd.jupyter.widget-view+json": {}, "text/plain": "IntSlider(value=0)"}, "needs a script"),
        ({"application/javascript": "draw()"}, "needs a script"),
        ({"text/html": "<p>Words</p><script>draw()</script>"}, "A script that came with this was left out"),
        ({"text/html": "<p>Words</p><img src='https://a.example/x.png'>"}, "A picture that stands elsewhere"),
        ({"image/png": "bm90IGEgcGljdHVyZQ=="}, "is damaged"),
        ({"image/png": "%%%"}, "is damaged"),
        ({"text/html": f"<p>{'x' * 3_000_000}</p>"}, "has 3 million characters"),
        ({"image/png": base64.b64encode(b"\x89PNG\r\n" + bytes(LARGEST_PICTURE)).decode()}, "of 3.0 MB is left out"),
    ],
)
def test_what_cannot_be_shown_is_said(data: dict[str, Any], said: str) -> None:
    """Scripts, widgets, what would be asked for elsewhere, what is damaged or too large."""
    made = body(shown(data))
    assert said in made
    assert len(made) < 10_000
    assert ("<p>Words</p>" in made) is ("Words" in str(data))


def test_texts_are_texts() -> None:
    """Escaped, cut where they are endless, colours of a terminal as words' own; errors that are allowed are shown."""
    made = body(stream("<b> & \x1b[31mred\x1b[0m \x1b[38;5;200mpink\x1b[0m\n"), stream("warning", "stderr"))
    assert '&lt;b&gt; &amp; <span class="ansi-red-fg">red</span>' in made
    assert "style=" not in made
    assert "warning" not in made
    made = body(stream("x" * (LONGEST_TEXT + 5)))
    assert f"Only the first {LONGEST_TEXT:,} of {LONGEST_TEXT + 5:,} characters" in made
    error = {"output_type": "error", "ename": "E", "evalue": "v", "traceback": ["\x1b[31mE\x1b[0m: <v>"]}
    assert '<span class="ansi-red-fg">E</span>: &lt;v&gt;' in body(code("x") | {"outputs": [error]})
    assert "<strong>a</strong>" in body(shown({"text/markdown": "**a**", "text/plain": "no"}))
    assert "$x^2$" in body(shown({"text/latex": "$x^2$", "text/plain": "no"}))


@pytest.mark.parametrize("tag", ["remove_cell", "remove-cell", "hide-cell", "parameters", "form-only"])
def test_hidden_cells_are_hidden(tag: str) -> None:
    """By the tags that people use with nbconvert; outputs alone, too."""
    for cell in (prose("Hidden"), stream("Hidden")):
        assert "Hidden" not in body(cell | {"metadata": {"tags": [tag]}})
    for tagged in ("remove_output", "hide-output"):
        assert "Hidden" not in body(stream("Hidden") | {"metadata": {"tags": [tagged]}})
    assert "Hidden" not in body(stream("Hidden") | {"metadata": {"jupyter": {"outputs_hidden": True}}})
    assert "Hidden" not in body(code("'Hidden'"))


@pytest.mark.parametrize(
    ("markdown", "levels"),
    [
        ("no heading", [1]),
        ("# A\n\n# B\n\n#### C", [1, 2, 3]),
        ("text\n\n# A", [1, 2]),
        ("### A\n\n## B", [1, 2, 2]),
        ("# A\n\n<h5>B</h5>\n\n<h1>C</h1><h2></h2>", [1, 2, 2]),
    ],
)
def test_headings_are_in_order(markdown: str, levels: list[int]) -> None:
    """One main heading, at the beginning; the workbook's title where there is none; no level left out, none empty."""
    made = body(prose(markdown))
    assert [int(level) for level in re.findall(r"<h([1-6])", made)] == levels
    assert ("<h1>Our own</h1>" in made) is (not markdown.startswith("# "))


def test_links_lead_to_pages_or_nowhere() -> None:
    """Other workbooks' pages, addresses of the web; nothing on this machine, nothing harmful, nothing that is gone."""
    made = body(
        prose(
            "# T\n\n[a](06-x.ipynb#K) [b](https://a.example) [c](../../data/x.csv) [d](#gone) [e](07-y.ipynb) "
            "[f](javascript:x)"
        ),
        **{"06-x.ipynb": "06-x.html", "07-y.ipynb": None},
    )
    assert re.findall(r'href="([^"]*)"', made) == ["06-x.html#K", "https://a.example"]
    assert all(word in made for word in "abcdef")


ATTACKS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<svg/onload=alert(1)>",
    "<iframe src='https://evil.example'></iframe>",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<form action='https://evil.example'><input name=q><button>x</button></form>",
    "<p style='background:url(https://evil.example)'>x</p>",
    "<style>@import 'https://evil.example'</style>",
    "<link rel=stylesheet href='https://evil.example'>",
    "<meta http-equiv=refresh content='0;url=https://evil.example'>",
    "<base href='https://evil.example'>",
    "<img srcset='https://evil.example 2x' src='https://evil.example' alt=x>",
    "<table background='https://evil.example'><tr><td>x</td></tr></table>",
    "<video src='https://evil.example'></video>",
    "<object data='https://evil.example'></object>",
    "<details open ontoggle=alert(1)>x</details>",
    "<template><script>alert(1)</script></template>",
    "<x onclick=alert(1)>x</x>",
    "<a href='  java\nscript:alert(1)'>x</a>",
    "<img src='data:image/svg+xml;base64,PHN2Zz4=\" onerror=alert(1) x=\"' alt=x>",
    '<div class="cg"><script>alert(1)</script></div>',
    '<div class="cg" onclick="alert(1)">x</div>',
    '<div class="cg"><img src="https://evil.example/x.png" alt="x"></div>',
    '<div class="cg" style="color:red">x</div>',
]


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("way", ["output", "markdown output", "prose", "stream", "picture", "svg"])
def test_nothing_runs_and_nothing_is_asked_for(attack: str, way: str) -> None:
    """Whatever way it comes; markup that looks like ours must pass the same checks."""
    cells = {
        "output": shown({"text/html": attack}),
        "markdown output": shown({"text/markdown": attack}),
        "prose": prose(attack),
        "stream": stream(attack),
        "picture": shown({"image/png": PNG}, source=f"#| alt: {attack}"),
        "svg": shown({"image/svg+xml": f"{SVG}{attack}"}),
    }
    made = body(prose("# T"), cells[way])
    shown_ = re.sub(r'<img src="data:[^"]*"', "<img", made)
    tags = "".join(re.findall(r"<[^>]*>", shown_))
    assert not re.search(r"<\s*(script|iframe|form|input|style|link|meta|base|object|video|svg)\b", tags)
    assert not re.search(r"\son\w+\s*=\s*[^\"]*alert", re.sub(r'alt="[^"]*"', "", tags))
    assert not re.search(r"(src|srcset|href|background|data)=\"?\s*(https://evil|javascript|data:text)", tags)


def test_what_our_own_functions_show_stays_as_it_is(tiny: Benchmark) -> None:
    """A changed workbook looks as it did, with what was added; others can link to its questions."""
    city = assessment_of(tiny, "A", "a").with_answer("KF1.Q1", rated(2, "<b> words"))
    ours = question(tiny, city, "KF1.Q1").html
    made = body(prose("# T"), prose("## Q"), prose("### KF1.Q1"), shown({"text/html": ours}), stream("our chart"))
    assert ours in made
    assert "our chart" in made


@pytest.fixture(scope="module")
def everything(tiny: Benchmark) -> NotebookNode:
    """Return a notebook that shows all of it."""
    city = assessment_of(tiny, "A", "a").with_answer("KF1.Q1", rated(2, "words"))
    lists = (
        "# All\n\n## Lists\n\n- a\n- [b](https://a.example)\n\n| x | y |\n| - | - |\n| 1 | 2 |\n\n> said\n\n`code`"
        "\n\n<details>x</details>"
    )
    pieces = [shown({"text/html": RECORDED[name]}) for name in ("plain", "multi", "wide", "styled")]
    colours = "".join(f"\x1b[{code}m{code} \x1b[0m" for code in (*range(30, 38), *range(90, 98), 1, 4))
    error = {"output_type": "error", "ename": "E", "evalue": "v", "traceback": ["\x1b[31mE\x1b[0m: v " * 60]}
    pieces += [
        shown({"image/png": PNG}),
        shown({"image/svg+xml": SVG}, source="#| alt: A square"),
        shown({"application/vnd.plotly.v1+json": {}}),
        shown({"text/markdown": "### Found\n\n1. a\n2. b"}),
        shown({"text/html": "<ul><li>a</ul><li>stray</li><td>cell</td><h6>deep</h6><a href='https://a.example'></a>"}),
        stream(colours),
        stream("x" * (LONGEST_TEXT + 1)),
        code("x") | {"outputs": [error]},
        shown({"text/html": question(tiny, city, "KF1.Q1").html}),
        *[shown({"text/html": attack}) for attack in ATTACKS],
    ]
    wide = base64.b64encode(SVG.replace('width="40"', 'width="4000"', 1).encode()).decode()
    return notebook(prose(lists), prose(f"![wide](data:image/svg+xml;base64,{wide})"), *pieces)


@pytest.fixture(scope="module")
def pages(everything: NotebookNode, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Write its page, and a report with it as a chapter."""
    folder = tmp_path_factory.mktemp("own")
    made = own_body(everything, name="15-own.ipynb", title="Our own", pages={})
    (chapter,) = chapters({"15-own.html": made}, {"15-own.html": "All"})
    whole = f"<h1>Report</h1>\n{chapter.body}"
    for name, text in {"page": made, "report": whole}.items():
        (folder / f"{name}.html").write_bytes(framed(text, site="x"))
    return sorted(folder.iterdir())


@pytest.mark.slow
def test_page_with_everything_is_for_everybody_and_asks_for_nothing(browser: Any, pages: list[Path]) -> None:
    """axe finds nothing, in light and dark, wide and narrow; nothing is asked for, nothing runs, nothing sticks out."""
    with browser.new_context() as context:
        page = context.new_page()
        asked: list[str] = []
        own = ("file:", "data:")
        page.on("request", lambda request: None if request.url.startswith(own) else asked.append(request.url))
        page.on("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
        page.on("console", lambda message: asked.append(message.text) if message.type == "error" else None)
        for path in pages:
            page.goto(path.as_uri())
            for width, _ in in_views(page):
                assert page.evaluate("document.documentElement.scrollWidth") <= width
                assert violations(page) == []
        assert asked == []


@pytest.mark.slow
def test_checker_finds_no_fault(pages: list[Path]) -> None:
    """Of HTML, in the page and in the report."""
    assert checking.faults(pages[0].parent) == []
