"""What can be chosen above the table of cities, and what the page's script does with it in a browser."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from citygrow_nb import rendering
from citygrow_nb.model import Benchmark, CityFigures, latest
from citygrow_nb.rendering.finder import choices, finder
from tests.factories import HOSTILE, crowd, figures


def offered(benchmark: Benchmark, cities: list[CityFigures]) -> dict[str, list[str]]:
    return {choice.name: [value for value, _ in choice.options] for choice in choices(benchmark, cities)}


def test_only_what_differs_can_be_chosen(benchmark: Benchmark) -> None:
    """With one country, one size and one round there is nothing to choose between."""
    assert offered(benchmark, [figures(benchmark, "Alpha", country="PL")]).keys() == {"factor", "standing", "order"}


def test_what_is_missing_can_be_chosen_too(benchmark: Benchmark) -> None:
    """Cities without country or inhabitants are found as such, and the latest rounds of all."""
    cities = [
        figures(benchmark, "Alpha", country="PL", population=9),
        figures(benchmark, "Alpha", round_label="2024"),
    ]
    found = offered(benchmark, cities)
    assert found["country"] == ["", "PL", "-"]
    assert found["size"] == ["", "0", "-"]
    assert found["round"] == ["", "*", "2026", "2024"]


def test_nobody_can_order_by_score(benchmark: Benchmark) -> None:
    """There is no league table, not even with a click."""
    assert offered(benchmark, crowd(benchmark, 4))["order"] == ["name", "country", "size", "round"]


def test_data_cannot_leave_its_element(benchmark: Benchmark) -> None:
    """A name that would end the script element stays a name."""
    cities = [figures(benchmark, HOSTILE)]
    page = rendering.page(title="t", body="<h1>t</h1>", extra=finder(benchmark, cities, latest(cities)))
    data = page.split('id="cg-data">')[1].split("</script>")[0]
    assert json.loads(data)["rows"][0][0] == HOSTILE


def test_data_of_a_city_is_short(benchmark: Benchmark) -> None:
    """Ten thousand cities must fit into one page."""
    cities = crowd(benchmark, 1_000)
    assert len(finder(benchmark, cities, latest(cities)).data) <= 150 * len(cities)


CITIES = (
    ("Żabia Góra", (3, 0), "PL", 655_000, "2026"),
    ("Żabia Góra", (0, 0), "PL", 655_000, "2024"),
    ("Αθήνα", (0, None), "GR", 3_000_000, "2025"),
    ("مدينة", (2,), None, None, "2026"),
    (HOSTILE, (None,), "PT", 49_999, "r10"),
    ("Bern", (3,), "CH", 140_000, "r9"),
)


@pytest.fixture(scope="module", params=["rows in the page", "rows made by the script"])
def opened(request: Any, browser: Any, benchmark: Benchmark, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Open the same cities as a small portfolio and as a large one, whose table is empty until the script fills it."""
    cities = rendering.by_name(
        [
            figures(benchmark, name, *levels, country=country, population=people, round_label=label)
            for name, levels, country, people, label in CITIES
        ]
    )
    html = rendering.heatmap(benchmark, cities, linked=True).html
    if request.param == "rows made by the script":
        head, rest = html.split("<tbody>")
        html = head + "<tbody></tbody>" + rest.split("</tbody>")[1]
    body = f"<h1>Cities</h1><h2>City by city</h2>{html}"
    page = rendering.page(title="Cities", body=body, extra=finder(benchmark, cities, latest(cities)))
    path = tmp_path_factory.mktemp("portfolio") / "index.html"
    path.write_text(page, "utf-8")
    tab = browser.new_page()
    tab.set_default_timeout(10_000)
    faults: list[str] = []
    tab.on("console", lambda message: faults.append(message.text))
    tab.on("pageerror", lambda error: faults.append(str(error)))
    tab.on("dialog", lambda dialog: (faults.append(dialog.message), dialog.dismiss()))
    tab.on("request", lambda asked: None if asked.url.startswith("file:") else faults.append(asked.url))
    tab.goto(path.as_uri())
    yield tab
    tab.close()
    assert faults == []


@pytest.fixture
def page(opened: Any) -> Any:
    opened.get_by_role("button", name="Show all").click()
    return opened


def names(page: Any) -> list[str]:
    return [
        f"{name.split('(')[0][:10]} {label}"
        for name, label in page.locator(".cg-heat tbody tr").evaluate_all(
            "rows => rows.map(row => [row.cells[0].textContent, row.cells[1].textContent])"
        )
    ]


ALL = ["Αθήνα 2025", "Bern r9", "=HYPERLINK r10", "مدينة 2026", "Żabia Góra 2024", "Żabia Góra 2026"]


@pytest.mark.parametrize(
    ("name", "value", "found"),
    [
        ("country", "PL", ALL[4:]),
        ("country", "-", [ALL[3]]),
        ("size", "4", ALL[4:]),
        ("size", "0", [ALL[2]]),
        ("size", "-", [ALL[3]]),
        ("round", "2026", [ALL[3], ALL[5]]),
        ("round", "*", [*ALL[:4], ALL[5]]),
        ("standing", "met", [ALL[1], ALL[5]]),
        ("order", "country", [ALL[1], ALL[0], *ALL[4:], ALL[2], ALL[3]]),
        ("order", "size", [ALL[0], *ALL[4:], ALL[1], ALL[2], ALL[3]]),
        ("order", "round", [ALL[2], ALL[1], ALL[3], ALL[5], ALL[0], ALL[4]]),
    ],
)
def test_a_choice_shows_what_it_says(page: Any, name: str, value: str, found: list[str]) -> None:
    """Each control leaves only its rows, or puts them in its order."""
    page.locator(f"[name={name}]").select_option(value)
    assert names(page) == found
    assert page.get_by_role("status").inner_text().startswith(f"{len(found)} of" if len(found) < 6 else "6 self-tests")


def test_a_key_factor_narrows_the_standing(page: Any) -> None:
    """Who meets this one and could be asked."""
    page.locator("[name=standing]").select_option("gap")
    page.locator("[name=factor]").select_option(index=1)
    assert names(page) == [ALL[0], ALL[4]]


@pytest.mark.parametrize("typed", ["zabia", "ŻABIA gó", "gora zab"])
def test_a_name_is_found_as_people_type_it(page: Any, typed: str) -> None:
    """Without accents, in capitals, words in any order."""
    page.get_by_role("searchbox", name="City").fill(typed)
    assert names(page) == ALL[4:]


def test_a_name_in_another_script_is_found_in_latin_letters(page: Any) -> None:
    """Somebody without a Greek keyboard finds Athens."""
    page.get_by_role("searchbox", name="City").fill("athina")
    assert names(page) == ALL[:1]


def test_show_all_undoes_every_choice(page: Any) -> None:
    """One button leads back to the whole table, and to the field for names."""
    page.locator("[name=country]").select_option("PL")
    page.get_by_role("searchbox", name="City").fill("nobody")
    assert names(page) == []
    page.get_by_role("button", name="Show all").press("Enter")
    assert names(page) == ALL
    assert page.evaluate("document.activeElement.name") == "name"


def test_the_script_makes_the_same_rows_as_the_page(opened: Any, benchmark: Benchmark) -> None:
    """Whoever makes a row, it looks and reads the same."""
    cities = rendering.by_name(
        [
            figures(benchmark, name, *levels, country=country, population=people, round_label=label)
            for name, levels, country, people, label in CITIES
        ]
    )
    rows = rendering.heatmap(benchmark, cities, linked=True).html.split("<tbody>")[1].split("</tbody>")[0]
    opened.get_by_role("button", name="Show all").click()
    made = opened.evaluate("document.querySelector('.cg-heat tbody').innerHTML")
    assert made.replace("\n", "") == opened.evaluate(
        "rows => { const body = document.createElement('tbody'); body.append(...new DOMParser()"
        ".parseFromString(`<table>${rows}</table>`, 'text/html').querySelectorAll('tr')); return body.innerHTML; }",
        rows,
    ).replace("\n", "")


def test_without_the_script_the_table_is_complete(browser: Any, benchmark: Benchmark, tmp_path: Path) -> None:
    """Controls that could do nothing are not shown, every row is."""
    cities = crowd(benchmark, 20)
    path = tmp_path / "index.html"
    body = f"<h1>Cities</h1>{rendering.heatmap(benchmark, cities).html}"
    path.write_text(rendering.page(title="t", body=body, extra=finder(benchmark, cities, latest(cities))), "utf-8")
    with browser.new_context(java_script_enabled=False) as context:
        tab = context.new_page()
        tab.goto(path.as_uri())
        assert tab.locator(".cg-heat tbody tr").count() == len(cities)
        assert not tab.get_by_role("search").is_visible()


def test_more_rows_come_when_asked_for(browser: Any, benchmark: Benchmark, tmp_path: Path) -> None:
    """A large portfolio shows a hundred self-tests at a time, and says so."""
    cities = rendering.by_name(crowd(benchmark, 260))
    pages = rendering.city_pages(cities)
    path = tmp_path / "index.html"
    body = f"<h1>Cities</h1><h2>City by city</h2>{rendering.heatmap(benchmark, cities, linked=True, pages=pages).html}"
    path.write_text(rendering.page(title="t", body=body, extra=finder(benchmark, cities, latest(cities))), "utf-8")
    tab = browser.new_page()
    tab.goto(path.as_uri())
    rows, more = tab.locator(".cg-heat tbody tr"), tab.get_by_role("button", name="Show more")
    assert rows.count() == 100
    assert tab.get_by_role("status").inner_text() == "260 self-tests, the first 100 are shown"
    more.press("Enter")
    more.press("Enter")
    assert rows.count() == 260
    assert not more.is_visible()
    tab.close()
