"""The pages over several toolkits."""

from __future__ import annotations

from citygrow_nb.model import Benchmark, City
from citygrow_nb.rendering import city_page, front_page
from citygrow_nb.rendering.overview import PAGE, FrontCity, FrontToolkit, Taken
from citygrow_nb.rendering.pages import DRAFT
from tests.factories import HOSTILE, figures


def _toolkit(benchmark: Benchmark) -> FrontToolkit:
    return FrontToolkit(benchmark, 2, 3, ("2025", "2026"))


def _city(name: str, *taken: Benchmark) -> FrontCity:
    tests = {each.id: Taken(f"{each.id}/{name.casefold()}/2026/index.html", "2026", 1, 2) for each in taken}
    return FrontCity(name, name.casefold(), "AT", tests)


def test_one_toolkit_leads_straight_on(tiny: Benchmark) -> None:
    """There is nothing to choose, so nobody has to."""
    made = front_page([_toolkit(tiny)], [_city("Alpha", tiny)])
    assert list(made) == ["index.html"]
    assert f"url={tiny.id}/index.html" in made["index.html"]


def test_each_city_stands_by_name_with_each_toolkit(benchmark: Benchmark, tiny: Benchmark) -> None:
    """One row a city, one link a self-test, whatever the order."""
    cities = [_city("Beta", tiny), _city("Alpha", benchmark, tiny)]
    html = front_page([_toolkit(benchmark), _toolkit(tiny)], cities)["index.html"]
    assert html == front_page([_toolkit(benchmark), _toolkit(tiny)], cities[::-1])["index.html"]
    assert html.index('href="cities/alpha.html"') < html.index('href="cities/beta.html"')
    assert f'href="{tiny.id}/beta/2026/index.html"' in html
    assert f'href="{benchmark.id}/beta/2026/index.html"' not in html


def test_many_cities_go_on_elsewhere(benchmark: Benchmark, tiny: Benchmark) -> None:
    """No page has more cities than it can show, and none is lost."""
    cities = [_city(f"City{number:04}", tiny) for number in range(PAGE + 1)]
    made = front_page([_toolkit(benchmark), _toolkit(tiny)], cities)
    assert sorted(made) == ["cities-02.html", "index.html"]
    assert 'href="cities/city0250.html"' in made["cities-02.html"]


def test_a_draft_among_others_is_named(benchmark: Benchmark, tiny: Benchmark) -> None:
    """Where all are drafts the page is one; where some are, it says which."""
    draft = tiny.model_copy(update={"status": "draft"})
    among = front_page([_toolkit(benchmark), _toolkit(draft)], [])["index.html"]
    assert f"questions behind “{tiny.title}”. Do not" in among
    other = draft.model_copy(update={"id": "other"})
    assert DRAFT in front_page([_toolkit(draft), _toolkit(other)], [])["index.html"]
    assert "Draft:" not in front_page([_toolkit(benchmark), _toolkit(tiny)], [])["index.html"]


def test_a_city_on_all_its_toolkits(benchmark: Benchmark, tiny: Benchmark) -> None:
    """Each self-test is one click away; what documents tell differently is said; names are texts."""
    tests = {
        benchmark.id: [figures(benchmark, HOSTILE, 3)],
        tiny.id: [figures(tiny, HOSTILE, 0)],
    }
    benchmarks = {each.id: each for each in (benchmark, tiny)}
    html = city_page(City(name=HOSTILE, slug="alpha"), tests, benchmarks, ["Told differently."], front=True)
    assert html.count("Told differently.") == 1
    assert "<script>alert" not in html
    for name, (test,) in tests.items():
        assert f'href="../{name}/{test.city.slug}/{test.round}/index.html"' in html
    assert 'href="../index.html"' in html
