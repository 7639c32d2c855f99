"""Cities stand side by side by name, never by score."""

from __future__ import annotations

import re
from typing import Any

import pytest

from citygrow_nb import rendering
from citygrow_nb.model import Benchmark, Standing
from citygrow_nb.rendering import Extra
from citygrow_nb.rendering.finder import STYLE
from citygrow_nb.rendering.portfolio import NAMED, PAGE, advice_page, by_country, portfolio_opening
from tests.factories import HOSTILE, crowd, figures


def test_order_is_by_name_whatever_the_scores(benchmark: Benchmark) -> None:
    """The same cities in any order give the same table, and the best city does not come first."""
    cities = [figures(benchmark, "Beta", 3), figures(benchmark, "Alpha", 0)]
    html = rendering.heatmap(benchmark, cities).html
    assert html.index("Alpha") < html.index("Beta")
    assert html == rendering.heatmap(benchmark, cities[::-1]).html


def test_names_in_every_script_stand_where_people_would_look(benchmark: Benchmark) -> None:
    """Letters with accents stand beside their plain ones, other scripts where they would in Latin letters."""
    cities = [figures(benchmark, name) for name in ("Zug", "Żabia", "Αθήνα", "Bern")]
    assert [item.city.name for item in rendering.by_name(cities)] == ["Αθήνα", "Bern", "Żabia", "Zug"]


def test_a_cell_says_score_standing_and_bounds(benchmark: Benchmark) -> None:
    """Standing is a word as well as a colour; bounds stand there while answers are missing."""
    html = rendering.heatmap(benchmark, [figures(benchmark, "Alpha", 3, None)]).html
    assert '<td class="cg-met">100<span>, met</span></td>' in html
    assert '<td class="cg-unknown">–<span>, not known yet</span> <small>0–100</small></td>' in html


def test_distribution_counts_each_city_once_with_its_latest_round(benchmark: Benchmark) -> None:
    """A city that met a factor two years ago and no longer does counts as today; the table repeats the chart."""
    cities = [figures(benchmark, name, *rest) for name, *rest in (("Alpha", 0), ("Beta", 0))]
    cities.append(figures(benchmark, "Alpha", 3, round_label="2024"))
    fragment = rendering.distribution(benchmark, cities)
    assert fragment.text.splitlines() == [f"{factor.short_title}: 2 gap" for factor in benchmark.key_factors]
    assert fragment.html.count('<td class="cg-num">2</td>') == len(benchmark.key_factors)
    assert fragment.html.count('width="100.00%" height="18"') == len(benchmark.key_factors)
    assert '<title id="spread-t">Where 2 cities stand, by key factor' in fragment.html


def test_distribution_of_nothing_is_a_dash(benchmark: Benchmark) -> None:
    """Without cities there is no chart and no division by zero."""
    assert "<svg" not in rendering.distribution(benchmark, []).html


def test_advice_names_who_meets_a_factor_and_for_whom_it_is_a_gap(benchmark: Benchmark) -> None:
    """Both lists of each key factor lead to the cities' latest reports."""
    cities = [figures(benchmark, "Beta", 3), figures(benchmark, "Al", 0)]
    cities.append(figures(benchmark, "Beta", 0, round_label="2025"))
    html = rendering.advice(benchmark, cities, linked=True).html
    assert html.count('href="beta/2026/index.html"') == len(benchmark.key_factors)
    assert html.count('href="al/2026/index.html"') == len(benchmark.key_factors)
    assert "beta/2025" not in html


def test_advice_from_many_cities_names_some_and_leads_to_all(benchmark: Benchmark) -> None:
    """With thousands of cities the lists stay short, and say where the rest stands."""
    html = rendering.advice(benchmark, crowd(benchmark, 400), linked=True).html
    first = benchmark.key_factors[0].code
    assert f'<a href="{advice_page(first)}#met">75 more, by country</a>' in html
    assert html.count("<a ") <= len(benchmark.key_factors) * 2 * (NAMED + 1)


def test_a_notebook_shows_as_many_as_a_page_and_says_how_many_more(benchmark: Benchmark) -> None:
    """Ten thousand rows would bring JupyterLab down; nothing is left out silently."""
    html = rendering.heatmap(benchmark, crowd(benchmark, PAGE + 5)).html
    assert html.count("<tr>") == PAGE + 1
    assert "5 self-tests more" in html


@pytest.mark.parametrize(("count", "pages"), [(0, 0), (PAGE, 0), (PAGE + 1, 2), (3 * PAGE, 3)])
def test_self_tests_get_pages_only_where_one_is_too_few(benchmark: Benchmark, count: int, pages: int) -> None:
    """Every self-test stands on exactly one page."""
    cities = crowd(benchmark, count)
    made = rendering.city_pages(cities)
    assert len(made) == pages
    assert [item for page in made for item in page.cities] == (rendering.by_name(cities) if pages else [])


def test_countries_stand_in_the_order_of_their_codes_and_unknown_ones_last(benchmark: Benchmark) -> None:
    """Nobody gets lost because a country is missing."""
    codes = {"A": None, "B": "PT", "C": "DE", "D": "PT"}
    cities = [figures(benchmark, name, country=code) for name, code in codes.items()]
    assert [(code, len(items)) for code, items in by_country(cities)] == [("DE", 1), ("PT", 2), ("", 1)]


def test_opening_leads_to_the_tables_and_names_what_was_left_out(benchmark: Benchmark) -> None:
    """A page links the files beside it, a notebook has none; sentences are escaped and long lists folded."""
    cities = [figures(benchmark, "Alpha"), figures(benchmark, "Alpha", round_label="2025")]
    page = portfolio_opening(benchmark, cities, [f"<b>{n}</b>" for n in range(30)], live=False).html
    assert re.findall(r'href="([^"]+)"', page) == ["portfolio.xlsx", "portfolio.csv", "portfolio.json", "status.html"]
    assert "<strong>1 city</strong>, 2 self-tests, rounds 2025, 2026" in page
    assert "&lt;b&gt;29&lt;/b&gt;" in page
    assert "<summary>20 more</summary>" in page
    assert "href" not in portfolio_opening(benchmark, cities, [], live=True).html.split("</style>")[1]


def test_a_hostile_name_is_only_text_everywhere(benchmark: Benchmark) -> None:
    """Markup in a name is shown, never obeyed."""
    cities = [figures(benchmark, HOSTILE, 3), figures(benchmark, f"{HOSTILE[:90]} 2", 0)]
    for fragment in (
        rendering.heatmap(benchmark, cities, linked=True),
        rendering.advice(benchmark, cities, linked=True),
        rendering.distribution(benchmark, cities),
    ):
        assert "<script" not in fragment.html
        assert "<b>" not in fragment.html


LOOK = """([selector, pseudo]) => [...document.querySelectorAll(selector)].map((element) => {
  const style = getComputedStyle(element, pseudo);
  const filled = style.backgroundColor !== 'rgba(0, 0, 0, 0)';
  return [style.borderTopStyle, style.borderBottomWidth, style.height, filled, style.backgroundImage !== 'none'].join();
})"""


@pytest.mark.parametrize(("selector", "pseudo"), [(".cg-shape", None), (".cg-heat td", "::before")])
@pytest.mark.parametrize("forced", ["active", "none"])
def test_every_standing_has_a_shape_of_its_own(browser: Any, selector: str, pseudo: str | None, forced: str) -> None:
    """What colours say, shapes say too: without colours no two standings look the same, neither in key nor in table."""
    shapes = "".join(f'<span class="cg-shape cg-{standing}"></span>' for standing in Standing)
    cells = "".join(f'<td class="cg-{standing}">1</td>' for standing in Standing)
    body = f'<h1>T</h1><div class="cg">{shapes}<table class="cg-heat"><tbody><tr>{cells}</tr></tbody></table></div>'
    with browser.new_context(forced_colors=forced) as context:
        page = context.new_page()
        page.set_content(rendering.page(title="T", body=body, extra=Extra(styles=(STYLE,))))
        looks = page.evaluate(LOOK, [selector, pseudo])
    assert len(looks) == len(Standing)
    assert len(set(looks)) == len(looks), looks
