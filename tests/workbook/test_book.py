"""What cells show, with forms and without, and how mistakes are told."""

from pathlib import Path

import pytest

from citygrow_nb import workbook
from citygrow_nb.answers import AnswerStore
from citygrow_nb.exceptions import CitygrowError, UnknownCode
from citygrow_nb.model import Benchmark
from citygrow_nb.workspace import Workspace
from tests.factories import assessment_of


def html(shown: object) -> str:
    bundle = shown._repr_mimebundle_()  # type: ignore[attr-defined]
    data: dict[str, str] = bundle[0] if isinstance(bundle, tuple) else bundle
    return data["text/html"]


def test_without_forms_a_question_is_static_html(place: Path, benchmark: Benchmark) -> None:
    book = workbook.open_workbook(benchmark.id, form=False, folder=place)
    bundle = book.question("KF1.Q1")._repr_mimebundle_()
    assert set(bundle) == {"text/html", "text/plain"}
    assert "As adopted." in bundle["text/html"]


def test_with_forms_a_question_is_a_widget_with_the_static_answer_beside_it(place: Path, benchmark: Benchmark) -> None:
    bundle, _ = workbook.open_workbook(benchmark.id, folder=place).question("KF1.Q1")._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in bundle
    assert "As adopted." in bundle["text/html"]


def test_every_method_of_every_workbook_shows_something(place: Path, benchmark: Benchmark) -> None:
    book = workbook.open_workbook(benchmark.id, form=False, folder=place)
    for name in ("opening", "city", "headline", "chart", "table", "strengths", "gaps", "unknowns", "actions"):
        assert html(getattr(book, name)())
    assert html(book.context_beside_factors())
    assert html(book.context("CF1"))
    assert html(book.scorecard("KF1"))
    assert html(book.practices("KF1"))


def test_unknown_city_is_a_sentence_with_forms_and_an_error_without(place: Path, benchmark: Benchmark) -> None:
    book = workbook.open_workbook(benchmark.id, city="nowhere", folder=place)
    assert "nowhere" in html(book)
    assert "00-start" in html(book)
    assert "zabia-gora" in html(book), "the cities that there are"
    with pytest.raises(CitygrowError, match="nowhere"):
        workbook.open_workbook(benchmark.id, city="nowhere", form=False, folder=place)


def test_unknown_code_names_the_nearest(place: Path, benchmark: Benchmark) -> None:
    with pytest.raises(UnknownCode, match=r"KF1\.Q6"):
        workbook.open_workbook(benchmark.id, form=False, folder=place).question("KF1.Q66")


def test_round_may_be_a_number_as_papermill_passes_it(place: Path, benchmark: Benchmark) -> None:
    assert workbook.open_workbook(benchmark.id, round=2026, form=False, folder=place).assessment.round == "2026"


def test_without_a_city_the_one_worked_on_last_is_opened(place: Path, benchmark: Benchmark) -> None:
    assert workbook.open_workbook(benchmark.id, form=False, folder=place).assessment.city.slug == "zabia-gora"


def test_city_of_the_environment_is_opened(place: Path, benchmark: Benchmark, monkeypatch: pytest.MonkeyPatch) -> None:
    AnswerStore(Workspace(place), benchmark).create(assessment_of(benchmark, name="Alpha", slug="alpha"))
    monkeypatch.setenv("CITYGROW_CITY", "zabia-gora")
    assert workbook.open_workbook(benchmark.id, form=False, folder=place).assessment.city.slug == "zabia-gora"


def test_naming_a_city_opens_its_workbook(tmp_path: Path, benchmark: Benchmark) -> None:
    (tmp_path / "answers").mkdir()
    book = workbook.open_workbook(benchmark.id, folder=tmp_path)
    head = book.opening()
    message = {"do": "city", "name": "Alpha", "country": "", "people": "", "round": "2026"}
    assert book.city().panel.reply(message)["ok"]
    assert "Alpha" in head.panel.state["html"]
    assert book.question("KF1.Q1").panel.state["at"] == "alpha/2026"


def test_why_no_city_is_open_is_said_once_and_fits_the_workbook(tmp_path: Path, benchmark: Benchmark) -> None:
    """The head says it, with the way to or within 00-start; every other cell is one quiet line."""
    (tmp_path / "answers").mkdir()
    book = workbook.open_workbook(benchmark.id, folder=tmp_path)
    head = book.opening()
    assert "00-start" in head.panel.state["trouble"]
    assert head.panel.state["start"]["file"] == "00-start.ipynb"
    quiet = {html(book.question("KF1.Q1")), html(book.chart()), html(book.actions()), html(book.exports())}
    assert len(quiet) == 1
    assert "No city" not in quiet.pop()
    book.city()
    assert "below" in head.panel.state["trouble"]
    assert "00-start" not in head.panel.state["trouble"]
    assert head.panel.state["start"] is None


def test_unreadable_answers_are_alarming_and_named_without_the_folder_of_the_workspace(
    place: Path, benchmark: Benchmark
) -> None:
    """The sentence names the file as people see it in JupyterLab."""
    (place / "answers" / benchmark.id / "zabia-gora" / "2026.json").write_text("{", "utf-8")
    state = workbook.open_workbook(benchmark.id, folder=place).opening().panel.state
    assert state["alarming"]
    assert state["trouble"].startswith("answers")
    assert str(place) not in state["trouble"]


def test_city_may_be_named_instead_of_its_folder(place: Path, benchmark: Benchmark) -> None:
    """Who sets the parameter by hand writes the name of the city."""
    opened = workbook.open_workbook(benchmark.id, city="Żabia Góra", form=False, folder=place)
    assert opened.assessment.city.slug == "zabia-gora"


def test_surprise_in_a_cell_is_a_sentence_with_forms_and_an_error_without(
    place: Path, benchmark: Benchmark, monkeypatch: pytest.MonkeyPatch
) -> None:
    """People who work with forms never see a traceback, not even of a fault in citygrow."""
    from citygrow_nb import rendering

    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(rendering, "headline", broken)
    assert "unexpected" in html(workbook.open_workbook(benchmark.id, folder=place).headline())
    with pytest.raises(ZeroDivisionError):
        workbook.open_workbook(benchmark.id, form=False, folder=place).headline()
