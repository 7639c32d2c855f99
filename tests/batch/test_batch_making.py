"""From a job to pages, with real kernels for the tiny benchmark."""

from __future__ import annotations

import json
import re
import tempfile
from pathlib import Path

import pytest
from nbformat import NotebookNode

from citygrow_nb import answers, engine, exporting
from citygrow_nb.batch import CityJob, PortfolioJob, Toolkit, make_city, make_portfolio
from citygrow_nb.exceptions import Problem, ReportError
from citygrow_nb.model import Benchmark, Results
from tests.factories import assessment_of, rated
from tests.notebooks import notebook, prose

HOSTILE = '<script>alert(1)</script> =HYPERLINK("https://example.org") مدينة'


@pytest.fixture
def job(tiny: Benchmark) -> CityJob:
    """Return the job of one city with a hostile comment."""
    answered = assessment_of(tiny, "مدينة الخيال", "mdynh").with_answer("KF1.Q1", rated(2, HOSTILE))
    return CityJob(Toolkit.of(tiny), "mdynh", "2026", answers.dump(answered))


@pytest.mark.slow
def test_city_and_portfolio_from_answers_to_pages(
    job: CityJob, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All files are there and the same each time; links stay within the report; what people typed is shown as typed."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    made = make_city(job)
    assert made.problems == ()
    stems = [Path(name).stem for name in job.toolkit.workbooks][:-1]
    assert set(made.files) == {*(f"{s}.{e}" for s in stems for e in ("html", "ipynb")), "index.html", "results.json"}
    assert list(made.files)[-1] == "results.json"
    assert Results.model_validate_json(made.files["results.json"]).city.slug == "mdynh"

    pages = {name: content.decode() for name, content in made.files.items() if name.endswith(".html")}
    for name, text in pages.items():
        links = {link.partition("#")[0] for link in re.findall(r'<a [^>]*href="([^":]*)"', text)}
        assert links <= {"", "../../index.html", *pages}, name
        assert "<script" not in text
        assert "مدينة الخيال" in text
    assert any("&lt;script&gt;alert(1)&lt;/script&gt;" in text for text in pages.values())
    for content in made.files.values():
        assert str(tmp_path) not in content.decode()
    assert list(tmp_path.iterdir()) == []

    assert make_city(job).files == made.files

    results = {("mdynh", "2026"): made.files["results.json"]}
    portfolio = make_portfolio(PortfolioJob(job.toolkit, results))
    assert list(portfolio.files) == ["index.html"]
    text = portfolio.files["index.html"].decode()
    assert 'href="mdynh/2026/index.html"' in text
    assert ".ipynb" not in text


def test_first_workbook_that_fails_is_kept(job: CityJob, monkeypatch: pytest.MonkeyPatch) -> None:
    """The others are not tried; what broke is there to look at."""
    ran = []

    def failing(source: bytes, parameters: object, *, name: str, **rest: object) -> engine.Run:
        ran.append(name)
        failure = Problem(name, "it broke") if len(ran) == 2 else None
        return engine.Run(notebook(prose(f"# {name}")), failure)

    monkeypatch.setattr(engine, "run", failing)
    made = make_city(job)
    assert made.files == {}
    assert [problem.found for problem in made.problems] == ["it broke"]
    assert list(made.broken) == ran[1:] == list(job.toolkit.workbooks)[1:2]
    assert json.loads(made.broken[ran[1]])["cells"][0]["source"] == [f"# {ran[1]}"]


def test_page_that_is_refused_keeps_its_notebook(job: CityJob, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page without a title fails the city, with every reason."""
    monkeypatch.setattr(engine, "run", lambda *_, **__: engine.Run(notebook(prose("no title"))))
    made = make_city(job)
    assert [problem.found for problem in made.problems] == ["the page has 0 main headings and needs exactly one"]
    assert len(made.broken) == 1


def test_parameters_and_place_are_those_of_the_city(job: CityJob, monkeypatch: pytest.MonkeyPatch) -> None:
    """A workbook finds the city's document and the benchmark where it runs, and is told to show no forms."""
    seen = []

    def look(source: bytes, parameters: dict[str, object], *, cwd: Path, **rest: object) -> engine.Run:
        document = json.loads((cwd / "answers" / "mdynh" / "2026.json").read_bytes())
        seen.append((parameters, document["city"]["name"], sorted(path.name for path in cwd.glob("benchmark/*"))))
        raise ReportError("enough")

    monkeypatch.setattr(engine, "run", look)
    make_city(job)
    assert seen == [({"city": "mdynh", "round": "2026", "form": False}, "مدينة الخيال", ["quiet-nights.json"])]


def test_navigation_marks_the_page_itself(job: CityJob, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every page lists all pages of the city in order, itself as the present one."""
    currents = []

    def note(executed: NotebookNode, *, nav: list[exporting.pages.NavLink], **rest: object) -> bytes:
        assert [link.href for link in nav] == ["index.html", *(f"{Path(n).stem}.html" for n in job.toolkit.workbooks)][
            :-1
        ]
        currents.extend(link.href for link in nav if link.current)
        return b""

    monkeypatch.setattr(engine, "run", lambda *_, **__: engine.Run(notebook(prose("# T"))))
    monkeypatch.setattr(exporting, "page", note)
    made = make_city(job)
    assert currents == [name for name in made.files if name[0].isdigit() and name.endswith(".html")]
