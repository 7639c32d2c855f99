"""The further pages of a large portfolio hold every city, lead to each other, and are accessible."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from citygrow_nb import rendering
from citygrow_nb.model import Benchmark, latest
from citygrow_nb.rendering.finder import finder
from citygrow_nb.rendering.portfolio import NAMED, PAGE, portfolio_opening
from tests import checking
from tests.factories import HOSTILE, crowd, figures
from tests.looking import in_views, violations


def test_few_cities_need_no_further_page(benchmark: Benchmark) -> None:
    """What the first page says in full is not said again."""
    assert dict(rendering.further_pages(benchmark, crowd(benchmark, NAMED))) == {}


def test_every_link_of_the_first_page_leads_to_a_page(benchmark: Benchmark) -> None:
    """Whatever the size, pages that the first one names are made, with the places it points at."""
    for count in (NAMED + 1, PAGE, PAGE + 1):
        cities = crowd(benchmark, count)
        made = dict(rendering.further_pages(benchmark, cities))
        first = rendering.advice(benchmark, cities, linked=True).html
        first += rendering.heatmap(benchmark, cities, linked=True, pages=rendering.city_pages(cities)).html
        for file, _, place in re.findall(r'href="([^"/#]+)(#([^"]+))?"', first):
            assert not place or f'id="{place}"' in made[file]


def test_every_self_test_stands_on_one_page_of_cities(benchmark: Benchmark) -> None:
    """Pages by name hold all reports, each once, and lead back to the first page and to each other."""
    cities = crowd(benchmark, 2 * PAGE + 1)
    made = dict(rendering.further_pages(benchmark, cities))
    pages = [made[name] for name in sorted(made) if name.startswith("cities-")]
    links = [link for page in pages for link in re.findall(r'<th scope="row"><a href="([^"]+)"', page)]
    assert sorted(links) == sorted(f"{item.city.slug}/2026/index.html" for item in cities)
    assert all('href="index.html"' in page and 'href="cities-03.html"' in page for page in pages)


def test_advice_holds_every_city_once_by_country(benchmark: Benchmark) -> None:
    """Who could be asked and who could ask, from all latest rounds."""
    cities = [*crowd(benchmark, 30), figures(benchmark, "Town 0", 0, round_label="2024")]
    page = dict(rendering.further_pages(benchmark, cities))["advice-kf1.html"]
    met, gap = page.split('id="gap"')
    assert len(re.findall(r"<li><a href=\"town-", met)) == 6
    assert len(re.findall(r"<li><a href=\"town-", gap)) == 6
    assert "2024" not in page
    assert met.index("PL: 2 cities") < met.index("PT: 2 cities") < met.index("Country not given: 2 cities")


@pytest.fixture(scope="module", params=[20, PAGE + 20])
def folder(request: Any, benchmark: Benchmark, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make all pages of a portfolio, small or large, with a hostile city."""
    cities = [figures(benchmark, HOSTILE, 3, 0, None, country="MT", population=1), *crowd(benchmark, request.param)]
    cities.append(cities[1].model_copy(update={"round": "2024"}))
    pages = rendering.city_pages(cities)
    cities = rendering.by_name(cities)
    body = "".join(
        (
            "<h1>Cities side by side</h1>",
            portfolio_opening(benchmark, cities, [HOSTILE] * 12, live=False).html,
            f"<h2>Distribution</h2>{rendering.distribution(benchmark, cities).html}",
            f"<h2>Advice</h2>{rendering.advice(benchmark, cities, linked=True).html}",
            f"<h2>City by city</h2>{rendering.heatmap(benchmark, cities, linked=True, pages=pages).html}",
        )
    )
    made = dict(rendering.further_pages(benchmark, cities))
    made["index.html"] = rendering.page(title="Cities", body=body, extra=finder(benchmark, cities, latest(cities)))
    folder = tmp_path_factory.mktemp("portfolio")
    for name, content in made.items():
        (folder / name).write_text(content, "utf-8")
    return folder


@pytest.mark.slow
def test_pages_are_accessible_fit_and_ask_for_nothing(browser: Any, folder: Path) -> None:
    """No violation of WCAG 2.2 AA or best practice, no sideways scrolling, no request, no error, nothing executed."""
    names = ["index.html", "advice-kf1.html", *(["cities-01.html"] if (folder / "cities-01.html").exists() else [])]
    faults: list[str] = []
    with browser.new_context() as context:
        page = context.new_page()
        page.on("request", lambda request: None if request.url.startswith("file:") else faults.append(request.url))
        page.on("console", lambda message: faults.append(message.text))
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("dialog", lambda dialog: (faults.append(dialog.message), dialog.dismiss()))
        for name in names:
            page.goto((folder / name).as_uri())
            for details in page.locator("details").all()[:2]:
                details.evaluate("element => element.open = true")
            for width, scheme in in_views(page):
                if page.evaluate("document.documentElement.scrollWidth") > width:
                    faults.append(f"{name}: wider than {width} pixels")
                faults += [f"{name}, {width} {scheme}: {found}" for found in violations(page)]
    assert faults == []


@pytest.mark.slow
def test_checker_finds_no_fault_in_the_pages_of_many_cities(folder: Path) -> None:
    assert checking.faults(folder) == []


def test_the_whole_page_can_be_used_with_the_keyboard(browser: Any, folder: Path) -> None:
    """Tab reaches every control in the order in which they stand, and then the table."""
    page = browser.new_page()
    page.goto((folder / "index.html").as_uri())
    page.locator("[name=name]").focus()
    reached = []
    for _ in range(9):
        reached.append(page.evaluate("document.activeElement.name || document.activeElement.className || 'button'"))
        page.keyboard.press("Tab")
    assert reached == [
        "name",
        "country",
        "size",
        "round",
        "factor",
        "standing",
        "order",
        "button",
        "cg-scroll cg-tall",
    ]
    page.close()
