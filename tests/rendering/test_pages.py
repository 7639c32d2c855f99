"""A page loads nothing, names itself, and says where it stands."""

import base64
import hashlib
import re
from html.parser import HTMLParser

from citygrow_nb import rendering
from citygrow_nb.rendering import NavLink

NAV = (NavLink("index.html", "Summary"), NavLink("01-a.html", "A", current=True), NavLink("02-b.html", "B"))


class Outline(HTMLParser):
    """Collects heading levels and every address a page might load."""

    def __init__(self) -> None:
        super().__init__()
        self.headings: list[int] = []
        self.loads: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag in {"script", "link", "img", "iframe", "object", "embed", "video", "audio", "source", "use"}:
            self.loads.append(tag)


def test_page_allows_no_request_and_only_its_own_style() -> None:
    html = rendering.page(title="T", body="<h1>T</h1>", nav=NAV)
    style = re.search(r"<style>(.*?)</style>", html, re.DOTALL)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert f"default-src 'none'; style-src 'sha256-{digest}'" in html
    assert "url(" not in style[1]
    assert "@import" not in style[1]
    outline = Outline()
    outline.feed(html)
    assert outline.loads == []


def test_page_marks_itself_and_names_its_neighbours() -> None:
    html = rendering.page(title="T", body="<h1>T</h1>", nav=NAV)
    assert html.count('aria-current="page"') == 1
    assert "Before: Summary" in html
    assert "Next: B" in html


def test_title_is_escaped() -> None:
    assert "<title>&lt;b&gt;</title>" in rendering.page(title="<b>", body="<h1>x</h1>")


def test_page_out_of_its_folder_has_no_way_to_the_portfolio() -> None:
    crumbs = (NavLink(rendering.PORTFOLIO_PAGE, "All cities"), NavLink("index.html", "A city"))
    both = rendering.page(title="T", body="<h1>T</h1>", crumbs=crumbs).encode()
    assert both.count(b"../../index.html") == 1
    alone = rendering.standalone(both).decode()
    assert "../../index.html" not in alone
    assert '<li><a href="index.html"><bdi>A city</bdi></a></li>' in alone
    top = rendering.page(title="T", body="<h1>T</h1>", crumbs=crumbs[:1]).encode()
    assert b"You are here" not in rendering.standalone(top)
    assert rendering.standalone(alone.encode()) == alone.encode()
