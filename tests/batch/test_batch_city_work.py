"""What a worker does for one city, where it can reach the output folder and where it cannot."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import pytest

from citygrow_nb import answers, scoring
from citygrow_nb.batch import CityJob, Pages, Toolkit, city_report
from citygrow_nb.batch.city_work import CityDone, CityTask, CityWork, published
from citygrow_nb.batch.freshness import Imprint, figures_digest
from citygrow_nb.exceptions import Problem, StoreError
from citygrow_nb.model import Assessment, Benchmark, CityFigures
from citygrow_nb.model.run import ReportRecord
from citygrow_nb.storage import Folder
from tests.factories import assessment_of

KEY = ("a", "2026")
BROKEN = Pages(problems=(Problem("01-x.ipynb", "it broke"),), broken={"01-x.ipynb": b"broken"}, seconds=1)


@pytest.fixture
def task(tiny: Benchmark) -> CityTask:
    """Return the task of one city with a round before."""
    return CityTask(tiny.id, *KEY, answers.dump(assessment_of(tiny, "A", "a")), b"12", b"{}", b"34")


@pytest.fixture
def pages(tiny: Benchmark, monkeypatch: pytest.MonkeyPatch) -> Pages:
    """Let each report consist of two files, and return it."""
    results = scoring.results(tiny, assessment_of(tiny, "A", "a"))
    made = Pages({"index.html": b"page", "results.json": results.model_dump_json().encode()}, seconds=2)
    monkeypatch.setattr(city_report, "make_city", lambda _: made)
    return made


def work(tiny: Benchmark, outputs: Folder | None) -> CityWork:
    return CityWork(Toolkit.of(tiny), Imprint.of(tiny, engine="kernel", pdf=True), True, outputs)


def test_job_is_made_of_the_task_and_what_all_share(
    tiny: Benchmark, task: CityTask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Document and round before, and PDF."""
    jobs: list[CityJob] = []

    def note(job: CityJob) -> Pages:
        jobs.append(job)
        return BROKEN

    monkeypatch.setattr(city_report, "make_city", note)
    mine = work(tiny, None)
    mine(task)
    assert jobs == [CityJob(mine.toolkit, *KEY, task.document, b"{}", pdf=True)]


def test_report_comes_back_with_its_record_last(tiny: Benchmark, task: CityTask, pages: Pages) -> None:
    """The record says what it was made from, and the driver learns what the portfolio needs."""
    done = work(tiny, None)(task)
    assert list(done.pages) == ["index.html", "results.json", "run.json"]
    record = ReportRecord.model_validate_json(done.pages["run.json"])
    figures = CityFigures.of(scoring.results(tiny, Assessment.model_validate_json(task.document)))
    assert (record.document_sha256, record.earlier_sha256, record.figures) == ("3132", "3334", figures)
    assert [file.name for file in record.files] == ["index.html", "results.json"]
    assert done.figures == figures_digest(figures)
    assert (done.files, done.size, done.seconds) == (3, sum(map(len, done.pages.values())), 2)


def test_worker_that_reaches_the_folder_writes_there(
    tiny: Benchmark, task: CityTask, pages: Pages, tmp_path: Path
) -> None:
    """Nothing but figures and sums travels back, and the files are those that would have come back."""
    done = work(tiny, Folder(tmp_path))(task)
    assert (done.pages, done.files) == ({}, 3)
    written = {path.name: path.read_bytes() for path in (tmp_path / "a" / "2026").iterdir()}
    assert written == work(tiny, None)(task).pages


def test_work_and_what_came_of_it_travel(tiny: Benchmark, task: CityTask, pages: Pages, tmp_path: Path) -> None:
    """Everything survives the way to another process."""
    mine = work(tiny, Folder(tmp_path))
    done = work(tiny, None)(task)
    there, *rest = pickle.loads(pickle.dumps((mine, task, done)))
    assert rest == [task, done]
    assert (there.imprint, there.pdf, there.outputs, there.toolkit.workbooks) == (
        mine.imprint,
        mine.pdf,
        mine.outputs,
        mine.toolkit.workbooks,
    )


def test_broken_notebooks_are_kept(
    tiny: Benchmark, task: CityTask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the worker or from the driver, with the reason."""
    monkeypatch.setattr(city_report, "make_city", lambda _: BROKEN)
    near = work(tiny, Folder(tmp_path / "near"))(task)
    far = published(work(tiny, None)(task), KEY, Folder(tmp_path / "far"))
    assert near == far == CityDone(BROKEN.problems, seconds=1)
    for place in ("near", "far"):
        assert (tmp_path / place / "a" / "2026" / "failed" / "01-x.ipynb").read_bytes() == b"broken"


@pytest.mark.parametrize("method", ["publish_city", "keep_broken"])
def test_what_cannot_be_written_is_a_reason(
    tiny: Benchmark, task: CityTask, pages: Pages, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    """A full disk fails the city; a failure that cannot be kept is still told."""

    def full(*_: Any) -> None:
        raise StoreError(Problem("a", "the disk is full"))

    if method == "keep_broken":
        monkeypatch.setattr(city_report, "make_city", lambda _: BROKEN)
    monkeypatch.setattr(Folder, method, full)
    done = work(tiny, Folder(tmp_path))(task)
    expected = ["it broke"] * (method == "keep_broken") + ["the disk is full"]
    assert [problem.found for problem in done.problems] == expected
