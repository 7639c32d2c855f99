"""The PDF file: what a screen reader, a reader of bookmarks and a printer find in it, and what it never asks for."""

from __future__ import annotations

import io
import logging
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2
import pytest

from citygrow_nb.exceptions import UsageError
from citygrow_nb.exporting import pdf

RUNNING = "Żabia Góra · 2026 · Migrants in business"
CHART = (
    '<svg role="img" width="100%" height="20"><title>Where we stand</title><desc>Strategy: met.</desc>'
    '<rect class="cg-track" width="50%" height="9"/></svg>'
)
MARK = '<svg class="cg-mark" aria-hidden="true" width="16" height="16"><circle cx="8" cy="8" r="7"/></svg>'


TABLE = (
    "<table><caption>Key factors</caption><thead><tr><th scope='col'>Factor</th><th scope='col'>Score</th></tr></thead>"
    "<tbody><tr><th scope='row'>Strategy</th><td>67</td></tr><tr><th scope='row'>Money</th><td>33</td></tr></tbody>"
    "</table>"
)
LINKS = "<a href='https://example.org/'>there</a> <a href='../x.html'>gone</a> <a href='#none'>lost</a>"
STYLE = ":root { --soft: #ece9e0 } @media (prefers-color-scheme: dark) { :root { --soft: #263036 } } "
STYLE += ".cg-track { fill: var(--soft) } nav { color: red }"


def page(body: str, title: str = "Żabia Góra, 2026: the report") -> bytes:
    head = f'<meta charset="utf-8"><title>{title}</title><style>{STYLE}</style>'
    start = '<nav>NAVIGATION</nav><main id="main">'
    return f'<!DOCTYPE html><html lang="en"><head>{head}</head><body>{start}{body}</main></body></html>'.encode()


def opened(content: bytes) -> pikepdf.Pdf:
    return pikepdf.open(io.BytesIO(content))


def tags(file: pikepdf.Pdf) -> Iterator[Any]:
    """Walk through the structure in reading order."""
    waiting = [file.Root.StructTreeRoot.K[0]]
    while waiting:
        element = waiting.pop(0)
        yield element
        children = element.get("/K", pikepdf.Array())
        children = children if isinstance(children, pikepdf.Array) else [children]
        waiting = [child for child in children if isinstance(child, pikepdf.Dictionary) and "/S" in child] + waiting


def texts(content: bytes) -> list[str]:
    with pypdfium2.PdfDocument(content) as file:
        return [sheet.get_textpage().get_text_bounded() for sheet in file]


@pytest.fixture(scope="module")
def report() -> bytes:
    """A small report of three chapters on several sheets."""
    chapters = (
        f"<h2>Where the city stands</h2>{CHART}{TABLE}",
        f"<h2>Strategy</h2><h3>Question</h3><p>{MARK} met <a href='#main'>up</a></p>" + "<p>words</p>" * 80,
        f"<h2>Money</h2><ul><li>one</li></ul><p>{LINKS}</p>",
    )
    body = "<h1>Żabia Góra</h1>" + "".join(f'<section class="cg-chapter">{chapter}</section>' for chapter in chapters)
    return pdf.make(page(body), running=RUNNING)


def test_file_is_tagged_and_says_so(report: bytes) -> None:
    """It claims PDF/UA-1 with everything that the claim needs: tags, language, title, title on display."""
    with opened(report) as file:
        assert file.Root.MarkInfo.Marked
        assert file.Root.Lang == "en"
        assert file.Root.ViewerPreferences.DisplayDocTitle
        assert file.docinfo.Title == "Żabia Góra, 2026: the report"
        assert str(file.docinfo.Creator).startswith("citygrow ")
        with file.open_metadata() as metadata:
            assert metadata["pdfuaid:part"] == "1"
            assert metadata["dc:title"] == "Żabia Góra, 2026: the report"
        assert all(sheet.Tabs == "/S" for sheet in file.pages)


def test_structure_follows_the_page(report: bytes) -> None:
    """Headings, paragraphs, lists, tables with header cells and links come in reading order."""
    with opened(report) as file:
        found = [str(element.S) for element in tags(file)]
    headings = [tag for tag in found if tag in ("/H1", "/H2", "/H3")]
    assert headings == ["/H1", "/H2", "/H2", "/H3", "/H2"]
    assert {"/P", "/L", "/LI", "/LBody", "/Table", "/THead", "/TR", "/TH", "/TD", "/Link", "/Caption"} <= set(found)


def test_table_cells_know_their_headers(report: bytes) -> None:
    """Every data cell names header cells that exist."""
    with opened(report) as file:
        elements = list(tags(file))
        headers = {str(element.ID) for element in elements if element.S == "/TH"}
        cells = [element for element in elements if element.S == "/TD"]
        assert cells
        assert all(
            {str(key) for key in cell.A.Headers} and {str(key) for key in cell.A.Headers} <= headers for cell in cells
        )


def test_chart_has_its_words_and_decoration_has_no_tag(report: bytes) -> None:
    """A figure is read out with title and description; marks beside words are not figures."""
    with opened(pdf.make(page(f"<h1>A</h1>{CHART}<p>{MARK}{MARK} met</p>"))) as file:
        figures = [element for element in tags(file) if element.S == "/Figure"]
        assert [str(figure.Alt) for figure in figures] == ["Where we stand. Strategy: met."]
    with opened(report) as file:
        assert all(str(element.Alt) for element in tags(file) if element.S == "/Figure")


def test_outline_is_that_of_the_headings(report: bytes) -> None:
    """Bookmarks lead to every heading, nested as they are."""
    with opened(report) as file, file.open_outline() as outline:
        (top,) = outline.root
        assert top.title == "Żabia Góra"
        assert [(item.title, [child.title for child in item.children]) for item in top.children] == [
            ("Where the city stands", []),
            ("Strategy", ["Question"]),
            ("Money", []),
        ]


def test_sheets_are_numbered_and_headed(report: bytes) -> None:
    """Every sheet has its number of all; all but the first say which report and chapter they belong to."""
    sheets = texts(report)
    assert len(sheets) >= 4
    assert all(f"{number} / {len(sheets)}" in text for number, text in enumerate(sheets, start=1))
    assert RUNNING not in sheets[0]
    assert all(RUNNING in text for text in sheets[1:])
    assert sheets[1].count("Strategy") == 2
    assert "Strategy" in sheets[2]


def test_contents_name_the_sheets() -> None:
    """Whoever holds the paper finds a chapter by the number of its sheet."""
    contents = '<nav class="toc"><ol><li><a href="#money">Money</a></li></ol></nav>'
    chapters = (
        '<section class="cg-chapter"><h2>A</h2></section><section class="cg-chapter"><h2 id="money">B</h2></section>'
    )
    first, *rest = texts(pdf.make(page(f"<div><h1>A</h1>{contents}</div>{chapters}")))
    assert re.search(rf"Money[ .]+{len(rest) + 1}\s", first)
    assert "B" in rest[-1]


def test_navigation_is_not_printed(report: bytes) -> None:
    """What leads from page to page on a screen has no place on paper."""
    assert "NAVIGATION" not in "".join(texts(report))


def test_links_lead_within_the_file_or_to_the_outside(report: bytes) -> None:
    """A link to a file beside the page would lead nowhere from a PDF, and is plain text there."""
    with opened(report) as file:
        links = [link for sheet in file.pages for link in sheet.get("/Annots", [])]
        assert sorted("inside" if "/Dest" in link else str(link.A.URI) for link in links) == [
            "https://example.org/",
            "inside",
        ]
        assert all(str(link.Contents) for link in links)


def test_fonts_are_embedded(report: bytes) -> None:
    """The file looks alike on every machine."""
    with opened(report) as file:
        fonts = [
            item
            for item in file.objects
            if isinstance(item, pikepdf.Dictionary) and item.get("/Type") == "/FontDescriptor"
        ]
        assert fonts
        assert all(font.keys() & {"/FontFile", "/FontFile2", "/FontFile3"} for font in fonts)


def test_chart_has_its_colours() -> None:
    """What the page's style sheet says by a variable is what the chart is drawn in."""
    with pypdfium2.PdfDocument(pdf.make(page(f"<h1>A</h1>{CHART}"))) as file:
        colours = file[0].render(scale=1).to_pil().convert("RGB").getcolors(1 << 20)
    assert (0xEC, 0xE9, 0xE0) in {colour for _, colour in colours}


def test_right_to_left_texts_run_from_the_right() -> None:
    """A text in Arabic keeps its letters and stands at the right, without anybody saying so."""
    content = pdf.make(page('<h1><bdi>الخليل</bdi></h1><p dir="auto">مدينة</p><p dir="auto">plain</p>', "الخليل 2026"))
    with opened(content) as file:
        assert file.docinfo.Title == "الخليل 2026"
    with pypdfium2.PdfDocument(content) as file:
        text = file[0].get_textpage()
        everything, width = text.get_text_bounded(), file[0].get_width()
        place = everything.index(next(letter for letter in everything if letter in "مدينة"[:1]))
        assert text.get_charbox(place)[0] > width / 2
        assert text.get_charbox(everything.index("plain"))[0] < width / 4


def test_equal_pages_give_equal_bytes() -> None:
    """No clock and no chance is in a file; another header is another file."""
    source = page(f"<h1>A</h1>{CHART}<p>{MARK}</p>")
    first = pdf.make(source, running="a")
    assert pdf.make(source, running="a") == first
    assert pdf.make(source, running="b") != first
    with opened(first) as file:
        assert "/CreationDate" not in file.docinfo
        assert "/ModDate" not in file.docinfo


def test_equal_bytes_in_another_process(tmp_path: Path) -> None:
    """Neither the order of sets nor the process leaves a trace."""
    source = page(f"<h1>A</h1>{CHART}<p>{MARK}</p>")
    (tmp_path / "page.html").write_bytes(source)
    command = (
        "import sys; from pathlib import Path; from citygrow_nb.exporting import pdf; "
        "sys.stdout.buffer.write(pdf.make(Path('page.html').read_bytes()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", command], cwd=tmp_path, capture_output=True, env=os.environ | {"PYTHONHASHSEED": "7"}
    )
    assert done.stdout == pdf.make(source), done.stderr.decode()


def test_nothing_is_fetched(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A page that names files and servers gets neither; what it carries itself is shown."""
    secret = tmp_path / "secret.svg"
    secret.write_text('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>', encoding="utf-8")
    addresses = [secret.as_uri(), "http://127.0.0.1:9/x.png", "ftp://127.0.0.1/x.png", secret.name]
    pictures = "".join(f'<img alt="x" src="{address}">' for address in addresses)
    inside = f'<svg role="img"><title>T</title><image href="{secret.as_uri()}" width="9" height="9"/></svg>'
    sheet = f'<link rel="stylesheet" href="{secret.as_uri()}"><link rel="attachment" href="{secret.as_uri()}">'
    with caplog.at_level(logging.ERROR, "weasyprint"):
        content = pdf.make(page(f"{sheet}<h1>A</h1>{pictures}{inside}"))
    told = [record.getMessage() for record in caplog.records]
    assert sum("disallowed protocol" in message for message in told) >= 5
    with opened(content) as file:
        assert not file.attachments


def test_missing_extra_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without WeasyPrint the message says how to install it."""
    pdf._fonts.cache_clear()
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    monkeypatch.setitem(sys.modules, "weasyprint.text.ffi", None)
    with pytest.raises(UsageError) as caught:
        pdf.require()
    assert str(caught.value) == '--pdf: WeasyPrint is not installed here; install it: pip install "citygrow-nb[pdf]"'


def test_missing_library_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where WeasyPrint finds no Pango, the message names the packages."""

    def missing() -> int:
        raise OSError("cannot load library 'libpango-1.0-0'")

    monkeypatch.setattr(pdf, "_fonts", missing)
    with pytest.raises(UsageError, match=r"Pango.*apt-get install libpango"):
        pdf.require()


@pytest.mark.skipif(os.name == "nt", reason="Windows has fonts")
def test_machine_without_fonts_gets_a_sentence(tmp_path: Path) -> None:
    """WeasyPrint would crash there; we say what is missing."""
    settings = tmp_path / "fonts.conf"
    settings.write_text(
        f"<fontconfig><dir>{tmp_path}</dir><cachedir>{tmp_path}</cachedir></fontconfig>", encoding="utf-8"
    )
    done = subprocess.run(
        [sys.executable, "-c", "from citygrow_nb.exporting import pdf; pdf.require()"],
        capture_output=True,
        encoding="utf-8",
        env=os.environ | {"FONTCONFIG_FILE": str(settings)},
    )
    assert done.stderr.splitlines()[-1].endswith(
        "--pdf: there are no fonts on this machine; install some, on Debian and Ubuntu: apt-get install fonts-noto"
    )
