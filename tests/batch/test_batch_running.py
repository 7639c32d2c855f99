"""A whole batch, with pages that cost nothing: what is made, what is named, what is left alone."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from citygrow_nb import atomic, batch, schemas, scoring
from citygrow_nb.batch import CityJob, Options, Pages, PortfolioJob, running
from citygrow_nb.exceptions import Problem, StoreBusy, UsageError
from citygrow_nb.model import Assessment, Benchmark
from citygrow_nb.model.run import RunManifest
from citygrow_nb.workspace import Workspace
from tests.batch.conftest import inline_pool


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make pages without running any notebook; the city “bad” fails and “boom” raises."""

    def city(job: CityJob) -> Pages:
        if job.city == "bad":
            return Pages(problems=(Problem("01-x.ipynb", "it broke"),), broken={"01-x.ipynb": b"broken"})
        if job.city == "boom":
            raise RuntimeError("out of\nluck")
        benchmark = Benchmark.model_validate_json(job.toolkit.benchmark)
        results = scoring.results(benchmark, Assessment.model_validate_json(job.document))
        page = f"{job.city} {job.round}".encode()
        return Pages({"01-x.html": page, "index.html": b"i", "results.json": results.model_dump_json().encode()})

    def portfolio(job: PortfolioJob) -> Pages:
        if ("gloom", "2026") in job.results:
            return Pages(problems=(Problem("12-p.ipynb", "it broke"),), broken={"12-p.ipynb": b"broken"})
        return Pages({"index.html": json.dumps(sorted(job.results)).encode()})

    monkeypatch.setattr(running, "make_city", city)
    monkeypatch.setattr(running, "make_portfolio", portfolio)


def run(workspace: Workspace, **options: Any) -> RunManifest:
    return batch.run(Options(jobs=2, **options), workspace, pool=inline_pool)


def on_page(workspace: Workspace) -> list[str]:
    """Return the cities on the portfolio page."""
    return [city for city, _ in json.loads((workspace.outputs / "index.html").read_bytes())]


def test_every_city_is_made_and_recorded(workspace: Workspace, add: Callable[..., Path]) -> None:
    """The record names every city with its files, keeps to its schema, and stands in run.json as returned."""
    add("a")
    add("b", round_label="2025")
    manifest = run(workspace)
    assert [(city.city, city.round, city.status) for city in manifest.cities] == [
        ("a", "2026", "made"),
        ("b", "2025", "made"),
    ]
    assert manifest.succeeded
    assert (workspace.outputs / "b" / "2025" / "01-x.html").read_bytes() == b"b 2025"
    written = (workspace.outputs / "run.json").read_bytes()
    assert RunManifest.model_validate_json(written) == manifest
    jsonschema.validate(json.loads(written), json.loads(schemas.text("run")))
    assert on_page(workspace) == ["a", "b"]
    assert manifest.totals.files == 7


def test_failed_city_is_named_and_the_others_are_made(workspace: Workspace, add: Callable[..., Path]) -> None:
    """Failures stand in the record with why; the earlier report stays, with the broken notebook beside it."""
    for slug in ("bad", "boom", "good"):
        add(slug)
    earlier = workspace.outputs / "bad" / "2026" / "index.html"
    earlier.parent.mkdir(parents=True)
    earlier.write_bytes(b"earlier")
    manifest = run(workspace)
    assert {city.city: city.reason for city in manifest.cities} == {
        "bad": "01-x.ipynb: it broke",
        "boom": "unexpected fault: RuntimeError: out of luck",
        "good": "",
    }
    assert not manifest.succeeded
    assert (manifest.totals.made, manifest.totals.failed) == (1, 2)
    assert earlier.read_bytes() == b"earlier"
    assert (earlier.parent / "failed" / "01-x.ipynb").read_bytes() == b"broken"
    assert on_page(workspace) == ["good"]


def test_portfolio_shows_cities_of_earlier_runs_too(workspace: Workspace, add: Callable[..., Path]) -> None:
    """A run over one city does not take the others off the page; other files below the folder are passed over."""
    add("a")
    add("b")
    run(workspace)
    stray = workspace.outputs / "Not A City" / "2026" / "results.json"
    stray.parent.mkdir(parents=True)
    stray.write_bytes(b"{}")
    assert run(workspace, cities=("a",)).portfolio.cities == 2
    assert on_page(workspace) == ["a", "b"]


def test_failed_portfolio_is_a_failed_run(workspace: Workspace, add: Callable[..., Path]) -> None:
    """Its reason is told, and the page of the run before stays."""
    add("a")
    run(workspace)
    add("gloom")
    manifest = run(workspace)
    assert (manifest.portfolio.status, manifest.portfolio.reason) == ("failed", "12-p.ipynb: it broke")
    assert not manifest.succeeded
    assert on_page(workspace) == ["a"]
    assert (workspace.outputs / "failed-12-p.ipynb").read_bytes() == b"broken"


def test_source_that_cannot_be_read_fails_the_run_but_not_its_cities(
    workspace: Workspace, add: Callable[..., Path]
) -> None:
    """The broken document is a problem of the record, and the sound one is made."""
    add("a")
    add("b").write_bytes(b"{")
    manifest = run(workspace)
    assert [city.city for city in manifest.cities] == ["a"]
    assert len(manifest.problems) == 1
    assert "b/2026.json" in manifest.problems[0].replace("\\", "/")
    assert not manifest.succeeded


def test_nothing_but_broken_sources_leaves_a_record(workspace: Workspace, add: Callable[..., Path]) -> None:
    """Even then run.json says what happened."""
    add("a").write_bytes(b"")
    manifest = run(workspace)
    assert (manifest.cities, manifest.benchmark, manifest.portfolio.status) == ((), None, "skipped")
    assert (workspace.outputs / "run.json").exists()


def test_second_writer_is_told_to_wait(workspace: Workspace, add: Callable[..., Path]) -> None:
    """Two batches never mix their files."""
    add("a")
    with (
        atomic.locked(workspace.outputs / "run.json"),
        pytest.raises(StoreBusy, match="another batch is writing to this folder"),
    ):
        run(workspace)
    assert not (workspace.outputs / "a").exists()


def test_disk_that_fills_up_fails_the_city(
    workspace: Workspace, add: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What cannot be written is the reason of that city, in words."""
    import errno

    from citygrow_nb.exceptions import StoreError, problem_of

    add("a")
    add("b")
    publish = running.publish_city

    def full(folder: Path, files: Any) -> None:
        if "a" in folder.parts:
            raise StoreError(problem_of(OSError(errno.ENOSPC, "x"), folder))
        publish(folder, files)

    monkeypatch.setattr(running, "publish_city", full)
    manifest = run(workspace)
    assert [city.status for city in manifest.cities] == ["failed", "made"]
    assert "the disk is full" in manifest.cities[0].reason


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"engine": "warm"}, "not there yet"),
        ({"sources": (Path("nowhere"),)}, "no such file or folder"),
        ({"round": "../x"}, "cannot name a round"),
        ({"round": "1999"}, "no city has a round"),
        ({"cities": ("atlantis",)}, "no city “atlantis”"),
        ({"out": Path("answers")}, "among the answers"),
        ({"out": Path("theirs/answers/x")}, "among the answers"),
        ({"out": Path("a.txt")}, "a file stands where"),
    ],
)
def test_wrong_use_starts_nothing(
    workspace: Workspace,
    add: Callable[..., Path],
    monkeypatch: pytest.MonkeyPatch,
    options: dict[str, Any],
    told: str,
) -> None:
    """It is told before any folder or process is made."""
    add("a")
    monkeypatch.chdir(workspace.root)
    (workspace.root / "a.txt").touch()
    (workspace.root / "theirs" / "answers").mkdir(parents=True)
    before = sorted(workspace.root.rglob("*"))
    with pytest.raises(UsageError, match=told):
        run(workspace, **options)
    assert sorted(workspace.root.rglob("*")) == before


def test_empty_workspace_says_how_to_begin(workspace: Workspace) -> None:
    """Without answers there is nothing to report."""
    with pytest.raises(UsageError, match=r"no answers here yet; .*citygrow lab"):
        run(workspace)


def test_progress_counts_every_city(workspace: Workspace, add: Callable[..., Path]) -> None:
    """Whoever watches hears of each city once, with the number done and the number of all."""
    for slug in ("a", "b", "bad"):
        add(slug)
    heard: list[tuple[str, int, int]] = []
    batch.run(
        Options(jobs=1),
        workspace,
        pool=inline_pool,
        progress=lambda record, done, total: heard.append((record.city, done, total)),
    )
    assert sorted(city for city, _, _ in heard) == ["a", "b", "bad"]
    assert [(done, total) for _, done, total in heard] == [(1, 3), (2, 3), (3, 3)]
