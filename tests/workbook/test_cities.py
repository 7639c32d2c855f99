"""The portfolio takes its results from answers or from reports, and says what it left out."""

from pathlib import Path

import pytest

from citygrow_nb import workbook
from citygrow_nb.answers import AnswerStore
from citygrow_nb.exceptions import DocumentError
from citygrow_nb.model import Benchmark
from citygrow_nb.workspace import PORTFOLIO, Workspace
from tests.factories import assessment_of, figures, portfolio


@pytest.fixture
def place(tmp_path: Path, benchmark: Benchmark) -> Path:
    (tmp_path / "answers").mkdir()
    store = AnswerStore(Workspace(tmp_path), benchmark)
    for name, slug in (("Beta", "beta"), ("Alpha", "alpha")):
        store.create(assessment_of(benchmark, name=name, slug=slug))
    made = portfolio(benchmark, figures(benchmark, "Alpha"), figures(benchmark, "Beta"), left_out=("c/2026 is broken",))
    (tmp_path / "outputs").mkdir()
    (tmp_path / "outputs" / PORTFOLIO).write_text(made.model_dump_json(), "utf-8")
    return tmp_path


def test_answers_and_reports_give_the_same_cities(place: Path, benchmark: Benchmark) -> None:
    live = workbook.open_portfolio(benchmark.id, folder=place)
    static = workbook.open_portfolio(benchmark.id, outputs="outputs", form=False, folder=place)
    assert {item.city.slug for item in live.results} == {"alpha", "beta"}
    assert {item.city.slug for item in static.results} == {"alpha", "beta"}
    assert 'href="alpha/2026/index.html"' in static.heatmap().html


def test_what_a_run_left_out_is_named(place: Path, benchmark: Benchmark) -> None:
    cities = workbook.open_portfolio(benchmark.id, outputs="outputs", form=False, folder=place)
    assert "c/2026 is broken" in cities._repr_mimebundle_()["text/html"]


def test_a_damaged_portfolio_is_a_sentence(place: Path, benchmark: Benchmark) -> None:
    (place / "outputs" / PORTFOLIO).write_text("{", "utf-8")
    with pytest.raises(DocumentError, match="make it with “citygrow batch”"):
        workbook.open_portfolio(benchmark.id, outputs="outputs", form=False, folder=place)


def test_people_get_a_sentence_in_every_cell(place: Path, benchmark: Benchmark) -> None:
    """The first says why there is nothing; none fails."""
    for wrong in ({"outputs": "reports"}, {"benchmark": "no-such"}):
        cities = workbook.open_portfolio(**{"benchmark": benchmark.id, "folder": place, **wrong})
        assert "cannot be read" in cities._repr_mimebundle_()["text/html"] or "no-such" in str(
            cities._repr_mimebundle_()
        )
        assert all(
            "Nothing to show here" in show().html for show in (cities.distribution, cities.advice, cities.heatmap)
        )
        assert cities.records() == []


def test_live_and_static_show_the_same_but_for_links_and_files(place: Path, benchmark: Benchmark) -> None:
    live = workbook.open_portfolio(benchmark.id, folder=place)
    static = workbook.open_portfolio(benchmark.id, outputs="outputs", form=False, folder=place)
    assert live.distribution() == static.distribution()
    for show in ("heatmap", "advice"):
        assert "href=" not in getattr(live, show)().html
        assert getattr(live, show)().text == getattr(static, show)().text
    assert "portfolio.xlsx" in static._repr_mimebundle_()["text/html"]


def test_damaged_answers_are_named_and_the_rest_is_shown(place: Path, benchmark: Benchmark) -> None:
    (place / "answers" / benchmark.id / "beta" / "2026.json").write_text("{", "utf-8")
    cities = workbook.open_portfolio(benchmark.id, folder=place)
    assert len(cities.left_out) == 1
    assert [item.city.slug for item in cities.results] == ["alpha"]


def test_records_are_flat_rows_for_pandas(place: Path, benchmark: Benchmark) -> None:
    rows = workbook.open_portfolio(benchmark.id, folder=place).records()
    assert {row["city"] for row in rows} == {"Alpha", "Beta"}
    assert all(f"{code}_standing" in row for row in rows for code in benchmark.factors)
    assert all(not isinstance(value, dict | list) for row in rows for value in row.values())


def test_no_city_at_all_is_said(tmp_path: Path, benchmark: Benchmark) -> None:
    cities = workbook.open_portfolio(benchmark.id, folder=tmp_path)
    assert "no self-tests yet" in cities._repr_mimebundle_()["text/html"]
