"""A whole batch, with pages that cost nothing: what is made, what is named, what is left alone."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from citygrow_nb import answers, atomic, batch, schemas, scoring
from citygrow_nb.batch import CityJob, Options, Pages, PortfolioJob, city_report, freshness, portfolio_report
from citygrow_nb.batch.workers import PRELOAD
from citygrow_nb.exceptions import Problem, StoreBusy, StoreError, UsageError
from citygrow_nb.model import Assessment, Benchmark, Portfolio
from citygrow_nb.model.run import CityRecord, PortfolioRecord, ReportRecord, RunManifest
from citygrow_nb.running import cluster
from citygrow_nb.storage import Folder
from citygrow_nb.workspace import Workspace
from tests.batch_fixtures import inline
from tests.factories import assessment_of, rated

Add = Callable[..., Path]


@dataclass
class Made:
    """What was made since it was last asked, and how often the portfolio."""

    cities: list[str] = field(default_factory=list)
    earlier: dict[str, str] = field(default_factory=dict)
    portfolios: int = 0

    def news(self) -> tuple[list[str], int]:
        news = sorted(self.cities), self.portfolios
        self.cities.clear()
        self.portfolios = 0
        return news


@pytest.fixture(autouse=True)
def made(monkeypatch: pytest.MonkeyPatch) -> Made:
    """Make pages without running any notebook; the city “bad” fails and “boom” raises."""
    made = Made()

    def city(job: CityJob) -> Pages:
        made.cities.append(f"{job.city}/{job.round}")
        made.earlier[f"{job.city}/{job.round}"] = " ".join(json.loads(each)["round"] for each in job.earlier)
        if job.city == "bad":
            return Pages(problems=(Problem("01-x.ipynb", "it broke"),), broken={"01-x.ipynb": b"broken"})
        if job.city == "boom":
            raise RuntimeError("out of\nluck")
        benchmark = Benchmark.model_validate_json(job.toolkit.benchmark)
        results = scoring.results(benchmark, Assessment.model_validate_json(job.document))
        page = f"{job.city} {job.round}".encode()
        return Pages({"01-x.html": page, "index.html": b"i", "results.json": results.model_dump_json().encode()})

    def portfolio(job: PortfolioJob, toolkit: object, outputs: object = None) -> Pages:
        made.portfolios += 1
        shown = Portfolio.model_validate_json(job.portfolio)
        slugs = [city.city.slug for city in shown.cities]
        if "gloom" in slugs:
            return Pages(problems=(Problem("12-p.ipynb", "it broke"),), broken={"12-p.ipynb": b"broken"})
        return Pages({"index.html": json.dumps(slugs).encode(), "portfolio.json": job.portfolio})

    monkeypatch.setattr(city_report, "make_city", city)
    monkeypatch.setattr(portfolio_report, "make_portfolio", portfolio)
    return made


def run(workspace: Workspace, **options: Any) -> RunManifest:
    return batch.run(Options(jobs=2, **options), workspace, opened=inline)


def here(workspace: Workspace) -> Path:
    """Return the folder of the reports on the tiny benchmark."""
    return workspace.outputs / "quiet-nights"


def portfolio_of(manifest: RunManifest) -> PortfolioRecord:
    """Return the record of the only portfolio."""
    (toolkit,) = manifest.toolkits
    return toolkit.portfolio


def on_page(workspace: Workspace) -> list[str]:
    """Return the cities on the portfolio page."""
    slugs: list[str] = json.loads((here(workspace) / "index.html").read_bytes())
    return slugs


def test_every_city_is_made_and_recorded(workspace: Workspace, add: Add) -> None:
    """The record names every city with its files, keeps to its schema, and stands in run.json as returned."""
    add("a")
    add("b", round_label="2025")
    manifest = run(workspace)
    assert [(city.city, city.round, city.status) for city in manifest.cities] == [
        ("a", "2026", "made"),
        ("b", "2025", "made"),
    ]
    assert manifest.succeeded
    assert (here(workspace) / "b" / "2025" / "01-x.html").read_bytes() == b"b 2025"
    written = (workspace.outputs / "run.json").read_bytes()
    assert written.decode() == f"{batch.published(manifest, [workspace.answers], workspace)}\n"
    read = RunManifest.model_validate_json(written)
    assert [city.source for city in read.cities] == ["quiet-nights/a/2026.json", "quiet-nights/b/2025.json"]
    assert (read.toolkits, read.totals, read.overview) == (manifest.toolkits, manifest.totals, manifest.overview)
    jsonschema.validate(json.loads(written), json.loads(schemas.text("run")))
    assert on_page(workspace) == ["a", "b"]
    assert manifest.totals.files == 10


def test_failed_city_is_named_and_the_others_are_made(workspace: Workspace, add: Add) -> None:
    """Failures stand in the record with why; the earlier report stays, with the broken notebook beside it."""
    for slug in ("bad", "boom", "good"):
        add(slug)
    earlier = here(workspace) / "bad" / "2026" / "index.html"
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


def test_portfolio_shows_cities_of_earlier_runs_too(workspace: Workspace, add: Add) -> None:
    """A run over one city does not take the others off the page; other files below the folder are passed over."""
    add("a")
    add("b")
    run(workspace)
    stray = here(workspace) / "Not A City" / "2026" / "run.json"
    stray.parent.mkdir(parents=True)
    stray.write_bytes(b"{}")
    assert portfolio_of(run(workspace, cities=("a",))).cities == 2
    assert on_page(workspace) == ["a", "b"]


def test_failed_portfolio_is_a_failed_run(workspace: Workspace, add: Add) -> None:
    """Its reason is told, and the page of the run before stays."""
    add("a")
    run(workspace)
    add("gloom")
    manifest = run(workspace)
    assert (portfolio_of(manifest).status, portfolio_of(manifest).reason) == ("failed", "12-p.ipynb: it broke")
    assert not manifest.succeeded
    assert on_page(workspace) == ["a"]
    assert (here(workspace) / "failed-12-p.ipynb").read_bytes() == b"broken"


def test_source_that_cannot_be_read_fails_the_run_but_not_its_cities(workspace: Workspace, add: Add) -> None:
    """The broken document is a problem of the record, and the sound one is made."""
    add("a")
    add("b").write_bytes(b"{")
    manifest = run(workspace)
    assert [city.city for city in manifest.cities] == ["a"]
    assert len(manifest.problems) == 1
    assert "b/2026.json" in manifest.problems[0].replace("\\", "/")
    assert not manifest.succeeded


def test_nothing_but_broken_sources_leaves_a_record(workspace: Workspace, add: Add) -> None:
    """Even then run.json says what happened."""
    add("a").write_bytes(b"")
    manifest = run(workspace)
    assert (manifest.cities, manifest.toolkits, manifest.overview.status) == ((), (), "skipped")
    assert (workspace.outputs / "run.json").exists()


def test_second_writer_is_told_to_wait(workspace: Workspace, add: Add) -> None:
    """Two batches never mix their files."""
    add("a")
    with (
        atomic.locked(workspace.outputs / "run.json"),
        pytest.raises(StoreBusy, match="another batch is writing to this folder"),
    ):
        run(workspace)
    assert not (here(workspace) / "a").exists()


def test_disk_that_fills_up_fails_the_city(workspace: Workspace, add: Add, monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be written is the reason of that city, in words."""
    add("a")
    add("b")
    publish = Folder.publish_city

    def full(folder: Folder, city: str, round_label: str, files: Any) -> None:
        if city == "a":
            raise StoreError(Problem(city, "the disk is full"))
        publish(folder, city, round_label, files)

    monkeypatch.setattr(Folder, "publish_city", full)
    manifest = run(workspace)
    assert [city.status for city in manifest.cities] == ["failed", "made"]
    assert manifest.cities[0].reason == "a: the disk is full"


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"engine": "steam"}, "no such engine"),
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
    add: Add,
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


def test_progress_counts_every_city(workspace: Workspace, add: Add) -> None:
    """Whoever watches hears of each city once, with the number done and the number of all."""
    for slug in ("a", "b", "bad"):
        add(slug)
    heard: list[tuple[str, int, int]] = []

    def listen(record: CityRecord, done: int, total: int) -> None:
        heard.append((record.city, done, total))

    batch.run(Options(jobs=1), workspace, opened=inline, progress=listen)
    assert sorted(city for city, _, _ in heard) == ["a", "b", "bad"]
    assert [(done, total) for _, done, total in heard] == [(1, 3), (2, 3), (3, 3)]


# --- second runs ----------------------------------------------------------------------------------------------------


def answer(path: Path, level: int) -> None:
    """Change one answer in a document."""
    assessment = Assessment.model_validate_json(path.read_bytes())
    path.write_bytes(answers.dump(assessment.with_answer("KF1.Q1", rated(level))))


def test_nothing_is_made_twice(workspace: Workspace, add: Add, made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second run makes nothing, parses nothing and opens no pool; the record says so."""
    for slug in ("a", "b"):
        add(slug)
    run(workspace)
    assert made.news() == (["a/2026", "b/2026"], 1)
    before = {path: path.read_bytes() for path in workspace.outputs.rglob("*.*") if path.parent != workspace.outputs}

    def refuse(*_: Any, **__: Any) -> Any:
        raise AssertionError

    monkeypatch.setattr(answers, "parse", refuse)
    manifest = batch.run(Options(jobs=2), workspace, opened=refuse)
    assert made.news() == ([], 0)
    assert [city.status for city in manifest.cities] == ["unchanged", "unchanged"]
    assert (portfolio_of(manifest).status, portfolio_of(manifest).cities) == ("unchanged", 2)
    assert (manifest.totals.unchanged, manifest.totals.made, manifest.totals.files) == (2, 0, 0)
    assert manifest.succeeded
    assert {path: path.read_bytes() for path in before} == before
    jsonschema.validate(json.loads(manifest.model_dump_json()), json.loads(schemas.text("run")))


def test_only_what_changed_is_made_again(workspace: Workspace, add: Add, made: Made) -> None:
    """One changed city is made, and the portfolio, which shows its figures."""
    for slug in ("a", "b", "c"):
        add(slug)
    run(workspace)
    made.news()
    answer(workspace.document("quiet-nights", "b", "2026"), 3)
    manifest = run(workspace)
    assert made.news() == (["b/2026"], 1)
    assert [city.status for city in manifest.cities] == ["unchanged", "made", "unchanged"]


def test_portfolio_is_left_alone_when_its_figures_stay(workspace: Workspace, add: Add, made: Made) -> None:
    """A comment changes the city's pages and no figure."""
    path = add("a")
    run(workspace)
    made.news()
    assessment = Assessment.model_validate_json(path.read_bytes())
    path.write_bytes(answers.dump(assessment.with_answer("KF1.Q1", rated(2, "one"))))
    run(workspace)
    path.write_bytes(answers.dump(assessment.with_answer("KF1.Q1", rated(2, "two"))))
    made.news()
    assert portfolio_of(run(workspace)).status == "unchanged"
    assert made.news() == (["a/2026"], 0)


def test_round_before_shapes_a_report(workspace: Workspace, add: Add, made: Made) -> None:
    """Each report is given the rounds before its own, and is made again when one of them changes."""
    add("a", round_label="2024")
    middle = add("a", round_label="2025")
    add("a", round_label="2026")
    add("b", round_label="2026")
    run(workspace)
    assert made.earlier == {"a/2024": "", "a/2025": "2024", "a/2026": "2024 2025", "b/2026": ""}
    made.news()
    answer(middle, 3)
    run(workspace, round="2026")
    assert made.news()[0] == ["a/2026"]
    middle.unlink()
    run(workspace, round="2026")
    assert made.news()[0] == ["a/2026"]
    assert made.earlier["a/2026"] == "2024"


@pytest.mark.parametrize(
    "spoil",
    [
        lambda report: (report / "01-x.html").unlink(),
        lambda report: (report / "01-x.html").write_bytes(b"longer than it was"),
        lambda report: (report / "run.json").unlink(),
        lambda report: (report / "run.json").write_bytes(b"{"),
        lambda report: (report / "run.json").write_text((report / "run.json").read_text("utf-8") + "x", "utf-8"),
    ],
)
def test_report_that_is_not_whole_is_made_again(
    workspace: Workspace, add: Add, made: Made, spoil: Callable[[Path], None]
) -> None:
    """A missing or changed file, or a record that cannot be read, is mended by the next run."""
    add("a")
    add("b")
    run(workspace)
    whole = {path.name: path.read_bytes() for path in (here(workspace) / "b" / "2026").iterdir()}
    made.news()
    spoil(here(workspace) / "b" / "2026")
    run(workspace)
    assert made.news() == (["b/2026"], 0)
    assert {path.name: path.read_bytes() for path in (here(workspace) / "b" / "2026").iterdir()} == whole


@pytest.mark.parametrize("name", ["index.html", "portfolio.json", "run.json"])
def test_portfolio_that_is_not_whole_is_made_again(workspace: Workspace, add: Add, made: Made, name: str) -> None:
    """Without its page, its data or the record of the run before nobody knows what stands there."""
    add("a")
    run(workspace)
    made.news()
    (workspace.outputs / name if name == "run.json" else here(workspace) / name).unlink()
    assert portfolio_of(run(workspace)).status == "made"
    assert made.news() == ([], 1)


def test_failed_city_is_tried_again(workspace: Workspace, add: Add, made: Made) -> None:
    """A failure is never taken for a report."""
    for slug in ("bad", "boom", "good"):
        add(slug)
    run(workspace)
    made.news()
    manifest = run(workspace)
    assert made.news() == (["bad/2026", "boom/2026"], 0)
    assert [city.status for city in manifest.cities] == ["failed", "failed", "unchanged"]


def test_force_makes_everything_again(workspace: Workspace, add: Add, made: Made) -> None:
    """Cities and portfolio."""
    add("a")
    run(workspace)
    made.news()
    assert run(workspace, force=True).totals.made == 1
    assert made.news() == (["a/2026"], 1)


def test_other_code_makes_everything_again(
    workspace: Workspace, add: Add, made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A template or a line of code may change every page."""
    add("a")
    run(workspace)
    made.news()
    monkeypatch.setattr(freshness, "code_sha256", lambda: "other")
    run(workspace)
    assert made.news() == (["a/2026"], 1)


def test_other_benchmark_text_makes_everything_again(
    workspace: Workspace, add: Add, made: Made, tiny: Benchmark
) -> None:
    """The benchmark stands on every page."""
    from citygrow_nb import benchmarks

    add("a")
    run(workspace)
    made.news()
    changed = tiny.model_copy(update={"version": "0.4.0"})
    (workspace.benchmarks / f"{tiny.id}.json").write_bytes(benchmarks.dump(changed))
    run(workspace)
    assert made.news() == (["a/2026"], 1)


# --- interrupted and removed ----------------------------------------------------------------------------------------


class Killed(BaseException):
    """Stands for kill -9: nothing of ours runs after it but the clean-up of contexts."""


def test_interrupted_run_is_finished_by_the_next(workspace: Workspace, add: Add, made: Made) -> None:
    """After k cities the next run makes the others only, and everything is as if nothing had happened."""
    slugs = [f"c{number}" for number in range(7)]
    for slug in slugs:
        add(slug)

    def stop(record: CityRecord, done: int, total: int) -> None:
        if done == 3:
            raise Killed

    with pytest.raises(Killed):
        batch.run(Options(jobs=1), workspace, opened=inline, progress=stop)
    assert not (workspace.outputs / "run.json").exists()
    stand = {path.parent.parent.name for path in here(workspace).glob("*/*/run.json")}
    assert len(stand) >= 3
    made.news()
    manifest = run(workspace)
    assert made.news() == ([f"{slug}/2026" for slug in slugs if slug not in stand], 1)
    assert (manifest.totals.unchanged, manifest.totals.made) == (len(stand), 7 - len(stand))
    undisturbed = workspace.root / "undisturbed"
    run(workspace, out=undisturbed)
    assert contents(workspace.outputs) == contents(undisturbed)


def contents(out: Path) -> dict[str, bytes]:
    """Return all files but the record of the run."""
    paths = (path for path in out.rglob("*") if path.is_file() and path.parent != out)
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in (*paths, out / "index.html")}


def test_report_without_a_source_is_named_and_stays(workspace: Workspace, add: Add, made: Made) -> None:
    """It is not deleted, and the portfolio shows it; the run has not failed. A filter removes nobody."""
    add("a")
    add("b").unlink()
    gone = add("gone")
    run(workspace)
    gone.unlink()
    made.news()
    manifest = run(workspace)
    assert manifest.toolkits[0].without_source == ("gone/2026",)
    assert manifest.succeeded
    assert (here(workspace) / "gone" / "2026" / "index.html").exists()
    assert on_page(workspace) == ["a", "gone"]
    assert made.news() == ([], 0)
    add("b")
    assert run(workspace, cities=("b",)).toolkits[0].without_source == ("gone/2026",)


def test_record_of_the_run_that_cannot_be_written_loses_no_reason(
    workspace: Workspace, add: Add, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The caller still hears of every city, and that the record is missing."""
    add("a")
    add("bad")
    publish = Folder.publish

    def full(folder: Folder, files: Iterable[tuple[str, bytes]]) -> None:
        files = list(files)
        if "run.json" in dict(files):
            raise StoreError(Problem("run.json", "the disk is full"))
        publish(folder, files)

    monkeypatch.setattr(Folder, "publish", full)
    manifest = run(workspace)
    assert [city.reason for city in manifest.cities] == ["", "01-x.ipynb: it broke"]
    assert manifest.problems == ("run.json: the disk is full",)
    assert not manifest.succeeded


def test_document_that_changes_under_the_batch_fails_its_city(workspace: Workspace, add: Add) -> None:
    """What was checked is what is shown."""
    add("a")
    path = add("b")

    def opened(work: Any, workers: int) -> Any:
        answer(path, 3)
        return inline(work, workers)

    manifest = batch.run(Options(jobs=2), workspace, opened=opened)
    assert [city.status for city in manifest.cities] == ["made", "failed"]
    assert "changed while the batch was running" in manifest.cities[1].reason
    assert run(workspace).totals.made == 1


def test_pages_come_back_where_workers_see_no_folder(workspace: Workspace, add: Add) -> None:
    """The driver publishes them, and keeps what broke; the files are the same."""
    for slug in ("a", "bad"):
        add(slug)
    run(workspace)
    far = workspace.root / "far"
    assert [city.status for city in run(workspace, out=far, scheduler="tcp://far:8786").cities] == ["made", "failed"]
    assert contents(far) == contents(workspace.outputs)
    assert "quiet-nights/bad/2026/failed/01-x.ipynb" in contents(far)


def test_report_has_a_record_of_its_own(workspace: Workspace, add: Add) -> None:
    """It keeps to its schema, names every other file, and says nothing of time or place."""
    add("a")
    run(workspace)
    report = here(workspace) / "a" / "2026"
    content = (report / "run.json").read_bytes()
    jsonschema.validate(json.loads(content), json.loads(schemas.text("report")))
    record = ReportRecord.model_validate_json(content)
    assert {file.name: file.size for file in record.files} == {
        path.name: path.stat().st_size for path in report.iterdir() if path.name != "run.json"
    }
    assert str(workspace.root).encode() not in content


def test_cities_of_another_benchmark_are_left_out_of_the_page(
    workspace: Workspace, add: Add, benchmark: Benchmark
) -> None:
    """They could not stand side by side; their reports stay."""
    other = workspace.root / "other.json"
    other.write_bytes(answers.dump(assessment_of(benchmark, "Other", "other")))
    run(workspace, sources=(other,))
    add("a")
    manifest = run(workspace)
    assert on_page(workspace) == ["a"]
    assert manifest.toolkits[0].without_source == ()


def test_scheduler_gives_the_workers(workspace: Workspace, add: Add, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its pool is opened at the address that was named, and only when there is something to do."""
    told: list[object] = []

    def opened(work: Any, address: str, *, limit: float, preload: str) -> Any:
        told.append((address, limit, preload))
        return inline(work)

    monkeypatch.setattr(cluster, "require_cluster", told.append)
    monkeypatch.setattr(cluster, "Cluster", opened)
    add("a")
    options = Options(scheduler="tcp://far:8786", limit=7)
    assert batch.run(options, workspace).options.scheduler == "tcp://far:8786"
    assert told == ["tcp://far:8786", ("tcp://far:8786", 7, PRELOAD)]
    batch.run(options, workspace)
    assert told[2:] == ["tcp://far:8786"]


def test_the_published_record_says_where_and_what_kind_but_not_what(workspace: Workspace, add: Add) -> None:
    """It stands beside the pages: no cell of a person, no path of the machine. Who ran it reads all."""
    add("bad")
    add("a")
    private = "call Ada 0664"
    table = workspace.root.parent / "from Ada" / "table.csv"
    table.parent.mkdir()
    table.write_text(f"city,round,code,level,comment\nX,2026,KF1.Q1,{private},{private}\n", encoding="utf-8")
    (workspace.answers / "x.json").write_text(f'{{"{private}": "{private}"}}', encoding="utf-8")
    manifest = run(workspace, sources=(workspace.answers, table))
    assert private in "".join(manifest.problems)
    written = (workspace.outputs / "run.json").read_text(encoding="utf-8")
    for secret in (private, "Ada", str(workspace.root), str(workspace.root.parent), "pytest-of"):
        assert secret not in written
    record = json.loads(written)
    assert any(problem.startswith("table.csv, row 2") for problem in record["problems"])
    assert any(problem.startswith("x.json") for problem in record["problems"])
    assert [city["reason"] for city in record["cities"]] == ["", "01-x.ipynb: it broke"]
    assert record["options"]["sources"] == ["answers", "table.csv"]
