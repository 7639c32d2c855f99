"""When a report would come out the same, and what is known of those that stand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from citygrow_nb import scoring
from citygrow_nb.batch import freshness
from citygrow_nb.batch.freshness import Imprint, Report, figures_digest, made_from
from citygrow_nb.batch.source_index import Identity
from citygrow_nb.batch.workbooks import Planned
from citygrow_nb.exceptions import BenchmarkError, Problem
from citygrow_nb.model import Benchmark, CityFigures
from citygrow_nb.model.run import ReportRecord
from citygrow_nb.plan import WorkbookName
from citygrow_nb.storage import Folder
from tests.factories import assessment_of

SHAPE: dict[str, Any] = {"engine": "kernel", "pdf": False}


@pytest.fixture
def imprint(tiny: Benchmark) -> Imprint:
    """Return the imprint of a run with the tiny benchmark."""
    return Imprint.of(tiny, **SHAPE)


@pytest.fixture
def outputs(tmp_path: Path, tiny: Benchmark, imprint: Imprint) -> Folder:
    """Return a folder with the reports of the cities a and b."""
    folder = Folder(tmp_path / "outputs")
    for slug in ("a", "b"):
        files = {"index.html": slug.encode()}
        record = imprint.record(figures(tiny, slug), slug.encode(), b"", b"", files)
        folder.publish_city(slug, "2026", {**files, "run.json": record})
    return folder


def figures(tiny: Benchmark, slug: str) -> CityFigures:
    return CityFigures.of(scoring.results(tiny, assessment_of(tiny, slug.upper(), slug)))


def whose(tiny: Benchmark, slug: str) -> Identity:
    return Identity.of(assessment_of(tiny, slug.upper(), slug))


def test_imprint_changes_with_all_that_shapes_pages(tiny: Benchmark, monkeypatch: pytest.MonkeyPatch) -> None:
    """Benchmark, options, libraries and code each leave their mark, and nothing else does."""
    prints = [Imprint.of(tiny, **SHAPE).sha256, Imprint.of(tiny, engine="citygrow", pdf=False).sha256]
    prints.append(Imprint.of(tiny, engine="kernel", pdf=True).sha256)
    prints.append(Imprint.of(tiny, **SHAPE, own="12").sha256)
    prints.append(Imprint.of(tiny.model_copy(update={"version": "9.9.9"}), **SHAPE).sha256)
    with monkeypatch.context() as patch:
        patch.setattr(freshness, "versions", lambda **_: {"papermill": "9"})
        prints.append(Imprint.of(tiny, **SHAPE).sha256)
    with monkeypatch.context() as patch:
        patch.setattr(freshness, "code_sha256", lambda: "other")
        prints.append(Imprint.of(tiny, **SHAPE).sha256)
    assert len(set(prints)) == 7
    assert Imprint.of(tiny, **SHAPE).sha256 == prints[0]


def test_standing_reports_are_known_by_what_they_were_made_from(
    outputs: Folder, tiny: Benchmark, imprint: Imprint
) -> None:
    """Document, round before and imprint; and by what the portfolio shows of them."""
    found = freshness.standing(outputs, freshness.read_records(outputs), [("a", "2026"), ("b", "2026")])
    assert found == {
        (slug, "2026"): Report(
            made_from(whose(tiny, slug), imprint.sha256, slug.encode(), b"", b""), figures_digest(figures(tiny, slug))
        )
        for slug in ("a", "b")
    }
    different = [("x", b"1", b"2", b""), ("x", b"12", b"", b""), ("y", b"1", b"2", b""), ("x", b"1", b"", b"2")]
    assert len({made_from(whose(tiny, slug), *parts) for parts in different for slug in "ab"}) == 8


def test_report_with_a_missing_file_was_made_from_nothing(outputs: Folder, tiny: Benchmark) -> None:
    """So it equals no report that could be made; one that nobody asked for is not counted."""
    (outputs.root / "a" / "2026" / "index.html").unlink()
    asked = freshness.standing(outputs, freshness.read_records(outputs), [("a", "2026")])
    assert asked["a", "2026"] == Report(b"", figures_digest(figures(tiny, "a")))
    unasked = freshness.standing(outputs, freshness.read_records(outputs), [])
    assert unasked["a", "2026"] != asked["a", "2026"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("format", "other"),
        ("version", 2),
        ("document_sha256", "not hex"),
        ("figures", None),
        ("files", [1]),
        ("benchmark", {}),
        (None, None),
    ],
)
def test_record_that_cannot_be_read_is_no_record(
    outputs: Folder, tiny: Benchmark, field: str | None, value: object
) -> None:
    """It stands for a report that is there and not known; the others are."""
    path = outputs.root / "a" / "2026" / "run.json"
    raw = json.loads(path.read_bytes())
    path.write_text(json.dumps([] if field is None else raw | {field: value}), encoding="utf-8")
    found = freshness.standing(outputs, freshness.read_records(outputs), [])
    assert found["a", "2026"] is None
    assert found["b", "2026"] is not None
    assert dict(freshness.figures_of(outputs, found)).keys() == found.keys()


def test_copied_report_is_not_taken_for_another_city(outputs: Folder, tiny: Benchmark) -> None:
    """A folder's record must be about that city and round."""
    (outputs.root / "a").rename(outputs.root / "c")
    assert freshness.standing(outputs, freshness.read_records(outputs), [])["c", "2026"] is None
    assert dict(freshness.figures_of(outputs, [("c", "2026")])) == {("c", "2026"): None}, "nor shown a second time"


def test_known_documents_are_those_of_this_code_and_benchmark(outputs: Folder, tiny: Benchmark) -> None:
    """Others must be checked again; so must all when the benchmark cannot be found any more."""

    def changed(_: str) -> str:
        return Imprint.of(tiny.model_copy(update={"version": "9.9.9"}), **SHAPE).sha256

    def gone(name: str) -> str:
        raise BenchmarkError(Problem(name, "there is no such benchmark here"))

    records = freshness.read_records(outputs)
    assert freshness.known(records.values(), lambda _: Imprint.of(tiny, **SHAPE).sha256) == {b"a", b"b"}
    assert freshness.known(records.values(), changed) == freshness.known(records.values(), gone) == set()


def test_report_that_lacks_a_page_is_never_as_it_should_be(outputs: Folder, tiny: Benchmark, imprint: Imprint) -> None:
    """An own workbook failed there: the next run makes the report anew."""
    workbook = Planned(WorkbookName("15-own", "Own", "own"), b"{}", "kernel")
    files, left_out = {"index.html": b"a"}, {"15-own.ipynb": (Problem("15-own.ipynb", "it broke"),)}
    record = imprint.record(figures(tiny, "a"), b"a", b"", b"", files, [workbook], left_out)
    outputs.publish_city("a", "2026", {**files, "run.json": record})
    records = freshness.read_records(outputs)
    assert freshness.known(records.values(), lambda _: imprint.sha256) == {b"b"}
    found = freshness.standing(outputs, records, [("a", "2026")])["a", "2026"]
    assert found is not None
    assert found.made_from != made_from(whose(tiny, "a"), imprint.sha256, b"a", b"", b"")
    told = ReportRecord.model_validate_json(record).workbooks
    assert [(each.name, each.engine, each.failure) for each in told] == [
        ("15-own.ipynb", "kernel", "15-own.ipynb: it broke")
    ]


def test_figures_come_back_as_the_portfolio_shows_them(outputs: Folder, tiny: Benchmark) -> None:
    """As JSON of one city each; a record that makes no sense gives none."""
    path = outputs.root / "b" / "2026" / "run.json"
    path.write_bytes(path.read_bytes().replace(b'"met"', b'"mat"'))
    found = dict(freshness.figures_of(outputs, [("a", "2026"), ("b", "2026")]))
    assert CityFigures.model_validate_json(found["a", "2026"] or b"") == figures(tiny, "a")
    assert found["b", "2026"] is None
