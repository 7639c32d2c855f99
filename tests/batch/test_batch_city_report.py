"""From a job to pages, for the tiny benchmark."""

from __future__ import annotations

import dataclasses
import json
import re
import tempfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from citygrow_nb import answers
from citygrow_nb.batch import CityJob, PortfolioJob, Toolkit, make_city, make_portfolio
from citygrow_nb.batch.temporary_workspace import Stage, WorkbookFailed
from citygrow_nb.batch.workbooks import Planned
from citygrow_nb.exceptions import Problem
from citygrow_nb.exporting import pdf
from citygrow_nb.model import Assessment, Benchmark, CityFigures, Portfolio, Results
from citygrow_nb.running.notebooks import Run
from citygrow_nb.workspace import Workspace
from tests.factories import assessment_of, rated
from tests.notebooks import notebook, prose

HOSTILE = '<script>alert(1)</script> =HYPERLINK("https://example.org") مدينة'


def by(run: Callable[..., Run]) -> Callable[..., Run]:
    """Return what runs workbooks, by a function of what a stage is told."""

    def method(stage: Stage, workbook: Planned, parameters: dict[str, object]) -> Run:
        return run(workbook, parameters, stage.workspace.root)

    return method


def titled(*_: object) -> Run:
    return Run(notebook(prose("# T")))


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
    stems = [each.name.stem for each in job.toolkit.workbooks if each.name.kind != "portfolio"]
    own = {"index.html", "method.html", "report.html", "results.json"}
    assert set(made.files) == {*(f"{s}.{e}" for s in stems for e in ("html", "ipynb")), *own}
    assert list(made.files)[-1] == "results.json"
    assert Results.model_validate_json(made.files["results.json"]).city.slug == "mdynh"

    pages = {name: content.decode() for name, content in made.files.items() if name.endswith(".html")}
    for name, text in pages.items():
        links = {link.partition("#")[0] for link in re.findall(r'<a [^>]*href="([^":]*)"', text)}
        assert links <= {"", "../../index.html", "../../../cities/mdynh.html", *pages}, name
        assert "<script" not in text
        assert "مدينة الخيال" in text
    assert any("&lt;script&gt;alert(1)&lt;/script&gt;" in text for text in pages.values())
    for content in made.files.values():
        assert str(tmp_path) not in content.decode()
    (stays,) = tmp_path.iterdir()  # one for all jobs of a process, and empty of answers
    assert [path.name for path in stays.iterdir()] == ["benchmark"]

    assert make_city(job).files == made.files

    figures = CityFigures.of(Results.model_validate_json(made.files["results.json"]))
    ref = Assessment.model_validate_json(job.document).benchmark
    content = Portfolio(benchmark=ref, cities=(figures,)).model_dump_json().encode()
    portfolio = make_portfolio(PortfolioJob(ref.id, zlib.compress(content)), job.toolkit)
    # The page last: whoever sees it finds what it leads to.
    assert list(portfolio.files) == [
        "status.html",
        "portfolio.csv",
        "portfolio.xlsx",
        "portfolio.json",
        "index.html",
    ]
    text = portfolio.files["index.html"].decode()
    assert 'href="mdynh/2026/index.html"' in text
    assert ".ipynb" not in text


def test_first_workbook_that_fails_is_kept(job: CityJob, monkeypatch: pytest.MonkeyPatch) -> None:
    """The others are not tried; what broke is there to look at."""
    ran = []

    def failing(workbook: Planned, *_: object) -> Run:
        ran.append(workbook.name.file)
        failure = Problem(ran[-1], "it broke") if len(ran) == 2 else None
        return Run(notebook(prose(f"# {ran[-1]}")), failure)

    monkeypatch.setattr(Stage, "run", by(failing))
    made = make_city(job)
    assert made.files == {}
    assert [problem.found for problem in made.problems] == ["it broke"]
    assert list(made.broken) == ran[1:] == [job.toolkit.workbooks[1].name.file]
    assert json.loads(made.broken[ran[1]])["cells"][0]["source"] == f"# {ran[1]}"


def test_page_that_is_refused_keeps_its_notebook(job: CityJob, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page without a title fails the city, with every reason."""
    monkeypatch.setattr(Stage, "run", by(lambda *_: Run(notebook(prose("no title")))))
    made = make_city(job)
    assert [problem.found for problem in made.problems] == ["the page has 0 main headings and needs exactly one"]
    assert len(made.broken) == 1


def test_parameters_and_place_are_those_of_the_city(job: CityJob, monkeypatch: pytest.MonkeyPatch) -> None:
    """A workbook finds the city's document and the benchmark where it runs, and is told to show no forms."""
    seen = []

    def look(workbook: Planned, parameters: object, root: Path) -> Run:
        document = json.loads((root / "answers" / "quiet-nights" / "mdynh" / "2026.json").read_bytes())
        seen.append((parameters, document["city"]["name"], sorted(path.name for path in root.glob("benchmark/*"))))
        assert Workspace.find().root == root
        raise WorkbookFailed((Problem("x", "enough"),), workbook.name.file, b"")

    monkeypatch.setattr(Stage, "run", by(look))
    make_city(job)
    assert seen == [({"city": "mdynh", "round": "2026", "form": False}, "مدينة الخيال", ["quiet-nights.json"])]


def test_navigation_marks_the_page_itself(job: CityJob, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every page lists all pages of the city in order, itself as the present one; the single file needs no list."""
    monkeypatch.setattr(Stage, "run", by(titled))
    made = make_city(job)
    stems = [each.name.stem for each in job.toolkit.workbooks if each.name.kind != "portfolio"]
    expected = ["index.html", *(f"{stem}.html" for stem in stems), "method.html"]
    pages = {name: content.decode() for name, content in made.files.items() if name.endswith(".html")}
    assert set(pages) == {*expected, "report.html"}
    for name in expected:
        site = re.search(r'<nav class="site".*?</nav>', pages[name], re.DOTALL)
        assert site is not None
        assert re.findall(r'href="([^"]*)"', site[0]) == expected
        assert f'<a href="{name}" aria-current="page">' in site[0]
    assert 'class="site"' not in pages["report.html"]


def test_round_before_is_compared_and_told_in_the_summary_and_the_report(
    job: CityJob, tiny: Benchmark, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Change is shown where the job brings an earlier round, and only there."""
    monkeypatch.setattr(Stage, "run", by(titled))
    earlier = assessment_of(tiny, "مدينة الخيال", "mdynh").model_copy(update={"round": "2024"})
    earlier = earlier.with_answer("KF1.Q1", rated(1))
    repeated = make_city(dataclasses.replace(job, earlier=(answers.dump(earlier),)))
    for name in ("index.html", "report.html"):
        assert "What changed since <bdi>2024</bdi>" in repeated.files[name].decode()
        assert "What changed since" not in make_city(job).files[name].decode()
    assert "Compared with" in repeated.files["method.html"].decode()


def test_report_on_paper_is_made_from_the_single_file_when_asked_for(
    job: CityJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The PDF file is the report, and stands before the results, which come last."""
    given = []
    monkeypatch.setattr(Stage, "run", by(titled))
    monkeypatch.setattr(pdf, "make", lambda html, *, running: given.append(html) or b"%PDF")
    made = make_city(dataclasses.replace(job, pdf=True))
    assert given == [made.files["report.html"]]
    assert list(made.files)[-2:] == ["report.pdf", "results.json"]
    assert made.files["report.pdf"] == b"%PDF"
