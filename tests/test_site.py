"""The example cities' pages, as a browser and a reader of the files see them."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

ROOT = Path(__file__).parents[1]
CITIES = 4
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
VIEWS = [(1280, "light"), (1280, "dark"), (320, "light"), (320, "dark")]

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the example cities' reports as `make demo` does."""
    out = tmp_path_factory.mktemp("site") / "outputs"
    command = [sys.executable, "-m", "citygrow_nb", "batch", "examples", "--out", str(out)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    return out


@pytest.fixture(scope="module")
def pages(site: Path) -> list[Path]:
    return sorted(site.rglob("*.html"))


def test_every_city_has_its_pages_and_the_run_lists_them_all(site: Path) -> None:
    run = json.loads((site / "run.json").read_text("utf-8"))
    assert len(run["cities"]) == CITIES
    for city in run["cities"]:
        folder = site / city["city"] / city["round"]
        found = {path.name for path in folder.iterdir()}
        assert len([name for name in found if re.fullmatch(r"\d\d-.*\.html", name)]) >= 11
        assert {"index.html", "results.json"} <= found
        assert found == {file["name"] for file in city["files"]}


def test_pages_and_sites_are_small(site: Path, pages: list[Path]) -> None:
    for page in pages:
        assert page.stat().st_size <= 60_000, page
    for folder in site.glob("*/2026"):
        assert sum(path.stat().st_size for path in folder.glob("*.html")) <= 600_000


class Links(HTMLParser):
    """Collects addresses and ids of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.ids: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.addresses += [values[name] or "" for name in ("href", "src") if name in values]
        self.ids += [values["id"] or ""] if "id" in values else []


def links_of(page: Path) -> Links:
    links = Links()
    links.feed(page.read_text("utf-8"))
    return links


def test_every_link_inside_the_site_leads_somewhere(pages: list[Path]) -> None:
    for page in pages:
        for address in links_of(page).addresses:
            parts = urlsplit(address)
            if parts.scheme:
                assert parts.scheme in {"http", "https", "mailto"}, (page, address)
                continue
            target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
            assert target.is_file(), (page, address)
            if parts.fragment:
                assert parts.fragment in links_of(target).ids, (page, address)


def test_ids_are_unique_on_every_page(pages: list[Path]) -> None:
    for page in pages:
        ids = links_of(page).ids
        assert len(ids) == len(set(ids)), (page, [name for name in ids if ids.count(name) > 1])


def test_no_page_says_anything_about_this_machine(site: Path) -> None:
    for path in (*site.rglob("*.html"), *site.rglob("*.ipynb")):
        text = path.read_text("utf-8")
        assert str(ROOT) not in text, path
        assert "/tmp/" not in text, path


@pytest.mark.parametrize(("width", "scheme"), VIEWS)
def test_pages_ask_for_nothing_and_fit_their_window(browser: Any, pages: list[Path], width: int, scheme: str) -> None:
    with browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme) as context:
        page = context.new_page()
        faults: list[str] = []
        page.on("request", lambda request: None if request.url.startswith("file:") else faults.append(request.url))
        page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
        for path in pages:
            page.goto(path.as_uri())
            if page.evaluate("document.documentElement.scrollWidth") > width:
                faults.append(f"{path}: wider than {width} pixels")
    assert faults == []


@pytest.mark.parametrize(("width", "scheme"), VIEWS)
def test_pages_are_accessible(browser: Any, site: Path, width: int, scheme: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    # A complete city, and one that is half open, right to left and has several standings, hold every kind of fragment.
    chosen = [site / "index.html", *(site / "port-imaginary").rglob("*.html"), *(site / "whh-lkhyl").rglob("*.html")]
    faults = []
    with browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme) as context:
        page = context.new_page()
        for path in chosen:
            page.goto(path.as_uri())
            found = Axe().run(page, options={"runOnly": RULES, "resultTypes": ["violations"]})
            faults += [f"{path}: {item['id']} {item['nodes'][0]['target']}" for item in found.response["violations"]]
    assert len(chosen) == 27
    assert faults == []
