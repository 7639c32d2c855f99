"""All pages of the example cities and of a hostile one, as a browser, a checker and a reader of the files see them."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
from functools import cache
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pikepdf
import pytest

from citygrow_nb import answers, benchmarks
from citygrow_nb.exporting import pdf
from citygrow_nb.model import Benchmark
from tests import checking, hostile
from tests.factories import assessment_of, rated
from tests.looking import VIEWS, in_views, violations

ROOT = Path(__file__).parents[1]
CITIES = 14  # nine examples, three rounds of the hostile city, and two cities on another benchmark
SHIPPED = "migrant-entrepreneurs"
IN_ORDER = """() => {
  const tops = [...document.querySelectorAll('h1, main h2')].map((heading) => heading.getBoundingClientRect().top);
  return tops.every((top, place) => !place || top >= tops[place - 1]);
}"""

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, benchmark: Benchmark, tiny: Benchmark) -> Path:
    """Make the example cities' reports as `make demo` does, and those of a hostile city."""
    folder = tmp_path_factory.mktemp("site")
    sources = folder / "hostile"
    sources.mkdir()
    for label in ("2024", "2025", "2026"):
        (sources / f"{label}.json").write_bytes(answers.dump(hostile.hostile_city(benchmark, label)))
    # A second benchmark, so that there is something to lead over.
    (sources / "benchmark").mkdir()
    (sources / "benchmark" / f"{tiny.id}.json").write_bytes(benchmarks.dump(tiny))
    for name, slug in (("Port Imaginary", "port-imaginary"), ("Elsewhere", "elsewhere")):
        city = assessment_of(tiny, name, slug).with_answer("KF1.Q1", rated(2))
        (sources / f"{slug}.json").write_bytes(answers.dump(city))
    out = folder / "outputs"
    command = [sys.executable, "-m", "citygrow_nb", "batch", "examples", str(sources), "--out", str(out)]
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
        folder = site / city["benchmark"] / city["city"] / city["round"]
        found = {path.name for path in folder.iterdir()}
        least = {SHIPPED: 11, "neighbourhood-libraries": 6}.get(city["benchmark"], 5)
        assert len([name for name in found if re.fullmatch(r"\d\d-.*\.html", name)]) >= least
        assert {"index.html", "method.html", "report.html", "results.json"} <= found
        record = json.loads((folder / "run.json").read_text("utf-8"))
        assert found == {"run.json", *(file["name"] for file in record["files"])}


def test_pages_and_sites_are_small(site: Path) -> None:
    for folder in site.glob("*/*/2026"):
        if folder.parent.name != hostile.SLUG:
            sizes = {path.name: path.stat().st_size for path in folder.glob("*.html")}
            assert sum(sizes.values()) <= 600_000, folder
            assert max(size for name, size in sizes.items() if name != "report.html") <= 60_000, folder


class Links(HTMLParser):
    """Collects addresses and ids of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.ids: list[str] = []
        self.headings: list[int] = []
        self.harmful: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        self.harmful += [tag] if tag in {"script", "iframe", "object", "embed", "img", "link", "form"} else []
        self.harmful += [name for name in values if name.startswith("on")]
        self.addresses += [values[name] or "" for name in ("href", "src") if name in values]
        self.ids += [values["id"] or ""] if "id" in values else []


@cache
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


def test_headings_say_what_stands_under_what(pages: list[Path]) -> None:
    for page in pages:
        levels = links_of(page).headings
        assert levels.count(1) == levels.index(1) + 1 == 1, page
        assert all(below <= above + 1 for above, below in pairwise(levels)), page


def test_report_in_one_file_holds_every_page_and_needs_none(site: Path) -> None:
    for report in site.glob("*/*/*/report.html"):
        links, text = links_of(report), report.read_text("utf-8")
        assert not [address for address in links.addresses if not address.startswith(("#", "http", "mailto:"))]
        for page in report.parent.glob("*.html"):
            if page.name != "report.html" and not page.name.endswith("-results.html"):
                assert f"page-{page.stem}" in links.ids, (report, page)
                assert all(f'id="page-{page.stem}.{name}"' in text for name in links_of(page).ids if ".Q" in name)


def test_nothing_that_people_typed_became_markup(site: Path) -> None:
    for page in site.glob("*/*/*/*.html"):
        assert links_of(page).harmful == [], page


def test_ids_are_unique_on_every_page(pages: list[Path]) -> None:
    for page in pages:
        ids = links_of(page).ids
        assert len(ids) == len(set(ids)), (page, [name for name in ids if ids.count(name) > 1])


def test_no_page_says_anything_about_this_machine(site: Path) -> None:
    for path in (*site.rglob("*.html"), *site.rglob("*.ipynb")):
        text = path.read_text("utf-8")
        assert str(ROOT) not in text, path
        assert "/tmp/" not in text, path


@pytest.fixture(scope="module")
def faults(browser: Any, site: Path, pages: list[Path]) -> dict[str, list[str]]:
    """Load every page once, look at it in all views, and return what is wrong."""
    found: dict[str, list[str]] = {"page": [], "axe": []}
    with browser.new_context() as context:
        page = context.new_page()
        asked: list[str] = []
        page.on("request", lambda request: None if request.url.startswith("file:") else asked.append(request.url))
        page.on("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
        page.on("console", lambda message: asked.append(message.text) if message.type == "error" else None)
        for place, path in enumerate(pages):
            page.goto(path.as_uri())
            name = path.relative_to(site)
            for view, (width, scheme) in enumerate(in_views(page)):
                seen = f"{name} at {width} pixels, {scheme}"
                if page.evaluate("document.documentElement.scrollWidth") > width:
                    found["page"].append(f"{seen}: wider than its window")
                if not page.evaluate(IN_ORDER):
                    found["page"].append(f"{seen}: is read in another order than it stands")
                if is_one_of_a_kind(name) or place % len(VIEWS) == view:
                    found["axe"] += [f"{seen}: {violation}" for violation in violations(page)]
            if page.evaluate(f"window.{hostile.TOOK} !== undefined"):
                found["page"].append(f"{name}: ran what somebody typed")
            found["page"] += [f"{name}: {said}" for said in asked]
            asked.clear()
    return found


def is_one_of_a_kind(page: Path) -> bool:
    """Tell whether axe looks at a page in all views; a city's pages are like those of others, and share the views."""
    return len(page.parts) < 4 or page.parts[1:3] == (hostile.SLUG, "2026")


def test_pages_ask_for_nothing_and_fit_their_window(faults: dict[str, list[str]]) -> None:
    assert faults["page"] == []


def test_pages_are_accessible(faults: dict[str, list[str]]) -> None:
    assert faults["axe"] == []


@pytest.mark.parametrize("width", [640, 720, 1000, 1150])
def test_summary_fits_windows_between_a_phone_and_a_desk(browser: Any, site: Path, width: int) -> None:
    with browser.new_context(viewport={"width": width, "height": 900}) as context:
        page = context.new_page()
        for path in sorted(site.glob("*/*/2026/index.html")):
            page.goto(path.as_uri())
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path


def test_checker_finds_no_fault_in_any_page(site: Path) -> None:
    assert checking.faults(site) == []


@pytest.mark.parametrize("city", ["port-imaginary", hostile.SLUG])
def test_report_on_paper_says_what_the_page_says_to_everyone(site: Path, city: str) -> None:
    """The PDF file of a whole report is tagged: every drawing has words, and headings are the page's."""
    page = site / SHIPPED / city / "2026" / "report.html"
    content = pdf.make(page.read_bytes(), running="City 2026")
    with pikepdf.open(io.BytesIO(content)) as file:
        assert file.Root.Lang == "en"
        tags = [element for element in file.objects if isinstance(element, pikepdf.Dictionary) and "/S" in element]
        kinds = [str(tag.S) for tag in tags if isinstance(tag.S, pikepdf.Name)]
        drawings = [tag for tag in tags if tag.S == "/Figure"]
        assert len(drawings) >= 10
        assert all(str(tag.get("/Alt", "")).strip() for tag in drawings)
        levels = links_of(page).headings
        assert [kinds.count(f"/H{level}") for level in (1, 2, 3)] == [levels.count(level) for level in (1, 2, 3)]
        assert kinds.count("/TH") > 50
