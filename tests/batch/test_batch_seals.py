"""What stands in the output folder is believed only if a record vouches for it; whatever stands there, the run ends."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from citygrow_nb import answers, batch, scoring
from citygrow_nb.batch import CityJob, Options, Pages, PortfolioJob, city_report, portfolio_report
from citygrow_nb.model import Assessment, Benchmark, Matching, Mentoring, Need, Offer
from citygrow_nb.model.run import RunManifest
from citygrow_nb.storage import Folder
from citygrow_nb.workspace import Workspace
from tests.batch_fixtures import inline
from tests.factories import assessment_of, rated
from tests.late_worker import GO, READY, TOLD

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Make pages without running any notebook, each with all that it depends on; return the cities that were made."""
    cities: list[str] = []

    def city(job: CityJob) -> Pages:
        cities.append(job.city)
        benchmark = Benchmark.model_validate_json(job.toolkit.benchmark)
        results = scoring.results(benchmark, Assessment.model_validate_json(job.document))
        page = b" ".join([job.document, *job.earlier, job.matching])
        return Pages({"01-x.html": page, "index.html": b"i", "results.json": results.model_dump_json().encode()})

    def portfolio(job: PortfolioJob, toolkit: object, outputs: object = None) -> Pages:
        if job.matching and b"Gloom" in job.portfolio:
            return Pages(problems=batch.no_such_city("gloom", ()).problems, broken={"12-p.ipynb": b"broken"})
        told = {"mentoring.html": job.matching, "mentoring.json": job.matching} if job.matching else {}
        return Pages({**told, "portfolio.json": job.portfolio, "index.html": job.portfolio + job.matching})

    monkeypatch.setattr(city_report, "make_city", city)
    monkeypatch.setattr(portfolio_report, "make_portfolio", portfolio)
    return cities


OFFER = {"offers": (Offer(factor="KF1"),)}
NEED = {"needs": (Need(factor="KF1"),)}


@pytest.fixture
def save(workspace: Workspace, tiny: Benchmark) -> Callable[..., Path]:
    """Return a function that saves a city with one level for all questions and its wishes."""

    def write(slug: str, level: int, name: str = "", **wishes: Any) -> Path:
        city = assessment_of(tiny, name or slug.title(), slug)
        for code in tiny.questions:
            city = city.with_answer(code, rated(level))
        path = workspace.document(tiny.id, slug, "2026")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(answers.dump(city.model_copy(update={"mentoring": Mentoring.model_validate(wishes)})))
        return path

    return write


def run(workspace: Workspace, **options: Any) -> RunManifest:
    return batch.run(Options(jobs=1, **options), workspace, opened=inline)


def files(out: Path) -> dict[str, bytes]:
    """Return every file but the record of the run, which tells of times, and the locks."""
    paths = (path for path in out.rglob("*") if path.is_file() and path.suffix != ".lock")
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in paths if path != out / "run.json"}


# --- runs that were killed ------------------------------------------------------------------------------------------


def answered(workspace: Workspace, save: Callable[..., Path], state: int) -> None:
    """Let three cities have answered, in one of three ways that tell names, levels and wishes differently."""
    shutil.rmtree(workspace.answers / "quiet-nights", ignore_errors=True)
    save("a", 3, name=("A", "A", "Ä")[state], **(OFFER if state < 2 else {}))
    save("b", (0, 1, 0)[state], **NEED)
    if state != 1:
        save("c", 3, **(OFFER if state == 0 else {}))


def test_whatever_a_killed_run_left_the_next_makes_it_as_a_single_run(
    workspace: Workspace, save: Callable[..., Path], tmp_path: Path
) -> None:
    """The record of one run, files of a later one in place of any of its own, answers as in a third: no byte differs.

    Only reports of cities that are in no source any more stay, so such mixtures are left out.
    """
    whole: list[Path] = []
    for state in range(3):
        answered(workspace, save, state)
        whole.append(tmp_path / str(state))
        assert run(workspace, out=whole[-1]).succeeded
    for record, later, now in itertools.product((0, 2), (0, 1, 2), (0, 2)):
        if record == later:
            continue
        for part in ("nothing", "cities", "pages of all", "front pages", "mentoring", "everything"):
            killed = tmp_path / f"{record}-{later}-{now}-{part}"
            shutil.copytree(whole[record], killed)
            for path in sorted(path for path in whole[later].rglob("*") if path.is_file()):
                name = path.relative_to(whole[later])
                if name.name != "run.json" and _is_part(name, part):
                    shutil.copyfile(path, killed / name)
            if part in {"cities", "everything"}:
                for seal in whole[later].glob("*/*/*/run.json"):
                    shutil.copyfile(seal, killed / seal.relative_to(whole[later]))
            answered(workspace, save, now)
            assert run(workspace, out=killed).succeeded
            assert files(killed) == files(whole[now]), killed.name
            before = {path: path.stat().st_mtime_ns for path in killed.rglob("*.html")}
            assert run(workspace, out=killed).totals.made == 0
            assert {path: path.stat().st_mtime_ns for path in killed.rglob("*.html")} == before


def _is_part(name: Path, part: str) -> bool:
    kind = "front pages" if len(name.parts) == 1 or name.parts[0] == "cities" else "pages of all"
    kind = "cities" if len(name.parts) > 2 else "mentoring" if "mentoring" in name.name else kind
    return part in {"everything", kind}


def test_mentors_that_no_portfolio_showed_are_found_again(
    workspace: Workspace, save: Callable[..., Path], tmp_path: Path
) -> None:
    """A run whose portfolio failed vouches for no mentors."""
    save("a", 3, **OFFER)
    path = save("b", 0, name="Gloom", **NEED)
    run(workspace)
    assert not (workspace.outputs / "quiet-nights" / "mentoring.json").exists()
    manifest = RunManifest.model_validate_json((workspace.outputs / "run.json").read_bytes())
    assert (manifest.toolkits[0].portfolio.status, manifest.toolkits[0].portfolio.mentors_sha256) == ("failed", "")
    assert run(workspace).toolkits[0].portfolio.status == "failed"
    assert b"a" in (workspace.outputs / "quiet-nights" / "b" / "2026" / "01-x.html").read_bytes()
    save("b", 0, **NEED)
    assert run(workspace).succeeded
    run(workspace, out=tmp_path / "single")
    assert files(workspace.outputs) == files(tmp_path / "single")
    assert path.exists()


def test_mentors_found_among_other_cities_are_not_those_of_the_network(
    workspace: Workspace, save: Callable[..., Path], made: list[str], tmp_path: Path
) -> None:
    """As ``citygrow mentoring a.json b.json`` leaves them, also where the next run is about some cities only."""
    save("a", 3, **OFFER)
    save("b", 0, **NEED)
    one = save("c", 0, **NEED)
    run(workspace)
    expected = files(workspace.outputs)
    found = workspace.outputs / "quiet-nights" / "mentoring.json"
    network = Matching.model_validate_json(found.read_bytes())
    assert network.matches
    made.clear()
    foreign = network.model_copy(update={"matches": (), "unserved": ()}).model_dump_json().encode()
    found.write_bytes(foreign)
    run(workspace)
    assert (files(workspace.outputs), made) == (expected, [])
    found.write_bytes(foreign)
    (notice,) = run(workspace, sources=(one,)).notices
    assert "reports tell of no mentors, because the sources lack 2 cities" in notice
    run(workspace)
    assert files(workspace.outputs) == expected


@pytest.mark.parametrize("to", ["nowhere", "elsewhere.html"])
def test_link_in_place_of_a_page_is_none(workspace: Workspace, standing: Path, to: str) -> None:
    """The page is made again, and what the link led to stays as it is."""
    (workspace.root / "elsewhere.html").write_bytes((standing / "index.html").read_bytes())
    whole = files(workspace.outputs)
    (standing / "index.html").unlink()
    (standing / "index.html").symlink_to(workspace.root / to)
    run(workspace)
    assert not (standing / "index.html").is_symlink()
    assert files(workspace.outputs) == whole
    assert run(workspace).totals.made == 0


def test_notebooks_of_a_failure_go_when_it_is_taken_back(workspace: Workspace, standing: Path) -> None:
    """Answers are again those that the report shows: nothing has failed, so nothing says so."""
    whole = files(workspace.outputs)
    Folder(workspace.outputs / "quiet-nights").keep_broken("a", "2026", {"01-x.ipynb": b"broken"})
    assert run(workspace).succeeded
    assert files(workspace.outputs) == whole


def test_run_that_found_not_every_city_vouches_for_no_mentors(
    workspace: Workspace, save: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A document that changed while mentors were being found is looked at again by the next run."""
    path = save("a", 3, **OFFER)
    save("b", 0, **NEED)
    content = path.read_bytes()
    network_of = batch.mentors.network_of

    def changing(*arguments: Any) -> Any:
        path.write_bytes(content + b" ")
        try:
            return network_of(*arguments)
        finally:
            path.write_bytes(content)

    monkeypatch.setattr(batch.mentors, "network_of", changing)
    run(workspace)
    monkeypatch.setattr(batch.mentors, "network_of", network_of)
    assert run(workspace).succeeded
    found = Matching.model_validate_json((workspace.outputs / "quiet-nights" / "mentoring.json").read_bytes())
    assert [(match.mentor.slug, match.mentee.slug) for match in found.matches] == [("a", "b")]


@pytest.mark.skipif(sys.platform == "win32", reason="there is no kill -9")
def test_worker_of_a_killed_run_publishes_nothing_beside_the_next(
    workspace: Workspace, save: Callable[..., Path], tmp_path: Path
) -> None:
    """A real one, about to publish when its run was killed: it is refused, and the new report stays as it is."""
    save("a", 0)
    program = f"from tests.late_worker import main; main({str(workspace.root)!r}, {str(tmp_path)!r})"
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with (tmp_path / "log").open("wb") as log:
        driver = subprocess.Popen([sys.executable, "-c", program], env=environment, stdout=log, stderr=log)
    family: list[psutil.Process] = []
    try:
        _wait_for(tmp_path / READY, tmp_path / "log")
        family = psutil.Process(driver.pid).children(recursive=True)
        driver.kill()
        driver.wait(60)
        save("a", 3)
        assert run(workspace).succeeded
        expected = files(workspace.outputs)
        (tmp_path / GO).touch()
        _wait_for(tmp_path / TOLD, tmp_path / "log")
        assert "another batch has begun to write there" in (tmp_path / TOLD).read_text(encoding="utf-8")
        left = {name for name in files(workspace.outputs) if not name.endswith(".tmp")}
        assert {name: files(workspace.outputs)[name] for name in left} == expected
    finally:
        for process in [driver, *family]:
            process.kill()


def _wait_for(path: Path, log: Path) -> None:
    deadline = time.monotonic() + 120
    while not path.exists():
        assert time.monotonic() < deadline, log.read_text(encoding="utf-8")
        time.sleep(0.02)


# --- an output folder that others made or edited --------------------------------------------------------------------


@pytest.fixture
def standing(workspace: Workspace, save: Callable[..., Path], made: list[str]) -> Path:
    """Return the folder of a city whose report stands, as that of another."""
    for slug in ("a", "b"):
        save(slug, 1)
    run(workspace)
    made.clear()
    return workspace.outputs / "quiet-nights" / "a" / "2026"


def edited(path: Path, **kept: Any) -> None:
    """Write other bytes of the same number into a file, and leave its time as it was."""
    told = path.stat()
    path.write_bytes(bytes(reversed(path.read_bytes())))
    os.utime(path, ns=(told.st_atime_ns, told.st_mtime_ns), **kept)


def test_page_that_was_edited_is_made_again(workspace: Workspace, standing: Path, made: list[str]) -> None:
    """Even to as many bytes: its time shows it, else its hash with --verify."""
    page = standing / "01-x.html"
    whole = files(workspace.outputs)
    page.write_bytes(bytes(reversed(page.read_bytes())))
    run(workspace)
    assert (made, files(workspace.outputs)) == (["a"], whole)
    edited(page)
    run(workspace)
    assert made == ["a"]
    run(workspace, verify=True)
    assert (made, files(workspace.outputs)) == (["a", "a"], whole)


@pytest.mark.parametrize("name", ["index.html", "cities/a.html", "quiet-nights/index.html"])
def test_page_of_many_that_was_edited_is_made_again(
    workspace: Workspace, standing: Path, made: list[str], name: str
) -> None:
    """The front page, the pages of cities and the portfolio, too; no report is made for it."""
    whole = files(workspace.outputs)
    page = workspace.outputs / name
    page.write_bytes(bytes(reversed(page.read_bytes())))
    run(workspace)
    assert files(workspace.outputs) == whole
    edited(page)
    run(workspace)
    assert files(workspace.outputs) != whole
    run(workspace, verify=True)
    assert (files(workspace.outputs), made) == (whole, [])


def test_copy_is_as_good_as_what_it_was_made_of(workspace: Workspace, standing: Path, made: list[str]) -> None:
    """Whatever times copying gives: hashes decide, once."""
    moment = 1_700_000_000
    for number, path in enumerate(sorted(workspace.outputs.rglob("*"), reverse=True)):
        os.utime(path, (moment, moment + number))
    run(workspace)
    assert made == []
    edited(standing / "01-x.html")
    run(workspace)
    assert made == [], "only --verify compares hashes again"


def test_record_that_tells_another_city_is_not_believed(workspace: Workspace, standing: Path, made: list[str]) -> None:
    """Whose a report is, is for the document to say: name, country and inhabitants."""
    whole = files(workspace.outputs)
    for field, value in {"name": "Elsewhere", "country": "BE", "population": 5}.items():
        raw = json.loads((standing / "run.json").read_bytes())
        raw["figures"]["city"][field] = value
        (standing / "run.json").write_text(json.dumps(raw), encoding="utf-8")
        manifest = run(workspace)
        assert [city.name for city in manifest.cities] == ["A", "B"]
        assert files(workspace.outputs) == whole
        assert made.pop() == "a"


def test_figures_that_do_not_follow_from_the_results_are_found(
    workspace: Workspace, standing: Path, made: list[str]
) -> None:
    """With --verify: all that the portfolio shows is compared with the results, whose hash is compared."""
    whole = files(workspace.outputs)
    raw = json.loads((standing / "run.json").read_bytes())
    raw["figures"]["met"] += 1
    (standing / "run.json").write_text(json.dumps(raw), encoding="utf-8")
    run(workspace, verify=True)
    assert (made, files(workspace.outputs)) == (["a"], whole)


def test_report_that_was_edited_and_is_in_no_source_is_named(
    workspace: Workspace, standing: Path, made: list[str], save: Callable[..., Path]
) -> None:
    """It cannot be made again; with --verify somebody hears of it, also where the run is about other cities."""
    edited(standing / "01-x.html")
    (notice,) = run(workspace, cities=("b",), verify=True).notices
    assert notice.startswith("quiet-nights/a/2026: its files are not what its record says, and this run is not about")
    shutil.rmtree(workspace.answers / "quiet-nights" / "a")
    assert run(workspace, verify=True).notices == (notice,)
    assert run(workspace).notices == ()
    assert made == []
    save("a", 1)
    assert (run(workspace, verify=True).notices, made) == ((), ["a"])


def test_answers_are_checked_again_with_verify(workspace: Workspace, standing: Path, save: Callable[..., Path]) -> None:
    """A record may say of faulty answers that they were checked."""
    path = workspace.document("quiet-nights", "a", "2026")
    path.write_bytes(path.read_bytes().replace(b'"level": 1', b'"level": 7'))
    sources = batch.sources.hashlib.sha256(path.read_bytes()).hexdigest()
    raw = json.loads((standing / "run.json").read_bytes())
    (standing / "run.json").write_text(json.dumps(raw | {"document_sha256": sources}), encoding="utf-8")
    manifest = run(workspace, verify=True)
    assert any("2026.json" in problem for problem in manifest.problems)


DEEP = "[" * 100_000

OUTSIDE = ("../../../../secret", "/etc/passwd", "..", ".", "", "a/../../../../secret", "C:\\secret", "\ud800", "x\0")

RECORDS: list[Callable[[dict[str, Any]], Any]] = [
    lambda _: DEEP,
    lambda _: {"figures": {"city": {}}},
    lambda raw: raw | {"figures": raw["figures"] | {"city": {"slug": "a"}}},
    lambda raw: raw | {"figures": raw["figures"] | {"city": "a"}},
    lambda raw: raw | {"figures": raw["figures"] | {"city": raw["figures"]["city"] | {"name": {"a": []}}}},
    lambda raw: raw | {"figures": raw["figures"] | {"city": raw["figures"]["city"] | {"name": "\ud800"}}},
    lambda raw: raw | {"files": [{"name": name, "size": 6, "sha256": "x"} for name in OUTSIDE]},
    lambda raw: raw | {"files": [{"name": [], "size": {}, "sha256": 1}]},
    lambda raw: raw | {"files": [file | {"size": 10**30} for file in raw["files"]]},
    lambda raw: raw | {"files": [file | {"size": -1} for file in raw["files"]]},
    lambda raw: raw | {"files": [file | {"size": float("nan")} for file in raw["files"]]},
    lambda raw: raw | {"files": {}, "shaped_by": 5},
    lambda raw: raw | {"document_sha256": 7, "shaped_by": None},
    lambda raw: raw | {"benchmark": {"id": "../../answers"}},
    lambda raw: raw | {"benchmark": {"id": ["x"]}},
    lambda raw: dict.fromkeys(raw, DEEP),
]


@pytest.mark.parametrize("verify", [False, True])
@pytest.mark.parametrize("change", RECORDS)
def test_record_of_a_report_that_makes_no_sense_costs_that_report(
    workspace: Workspace, standing: Path, change: Callable[[dict[str, Any]], Any], verify: bool
) -> None:
    """It is made again, and nothing outside is touched."""
    secret = workspace.root / "secret"
    secret.write_bytes(b"secret")
    whole = files(workspace.outputs)
    _write(standing / "run.json", change(json.loads((standing / "run.json").read_bytes())))
    assert run(workspace, verify=verify).succeeded
    assert files(workspace.outputs) == whole
    assert secret.read_bytes() == b"secret"


MANIFESTS: list[Callable[[dict[str, Any]], Any]] = [
    lambda _: DEEP,
    lambda _: [],
    lambda raw: raw | {"toolkits": {}},
    lambda raw: raw | {"toolkits": raw["toolkits"] * 2},
    lambda raw: raw | {"overview": raw["overview"] | {"cities": {"../secret": "x"}}},
    lambda raw: raw | {"overview": raw["overview"] | {"files": _outside("cities/")}},
    lambda raw: raw | {"overview": raw["overview"] | {"files": _outside()}},
    lambda raw: raw | {"toolkits": [raw["toolkits"][0] | {"portfolio": raw["toolkits"][0]["portfolio"] | _more()}]},
    lambda raw: raw | {"overview": DEEP},
]


def _outside(folder: str = "") -> list[dict[str, Any]]:
    return [{"name": f"{folder}{name}", "size": 6, "sha256": "x"} for name in OUTSIDE]


def _more() -> dict[str, Any]:
    return {"files": _outside(), "mentors_sha256": "x", "cities": 10**20}


@pytest.mark.parametrize("verify", [False, True])
@pytest.mark.parametrize("change", MANIFESTS)
def test_record_of_a_run_that_makes_no_sense_costs_the_pages_of_many(
    workspace: Workspace, standing: Path, made: list[str], change: Callable[[dict[str, Any]], Any], verify: bool
) -> None:
    """They are made again, no report is, and nothing outside is touched."""
    secret = workspace.root / "secret"
    secret.write_bytes(b"secret")
    whole = files(workspace.outputs)
    _write(workspace.outputs / "run.json", change(json.loads((workspace.outputs / "run.json").read_bytes())))
    assert run(workspace, verify=verify).succeeded
    assert (files(workspace.outputs), made) == (whole, [])
    assert secret.read_bytes() == b"secret"


def _write(path: Path, content: Any) -> None:
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")


def sparse(path: Path) -> None:
    """Make a file that says it has a terabyte."""
    with path.open("r+b") as file:
        file.truncate(10**12)


@pytest.mark.parametrize("name", ["run.json", "quiet-nights/a/2026/run.json", "quiet-nights/a/2026/01-x.html"])
@pytest.mark.parametrize("verify", [False, True])
def test_file_of_absurd_size_is_not_read(workspace: Workspace, standing: Path, name: str, verify: bool) -> None:
    """It is made again like any that is not what it was."""
    whole = files(workspace.outputs)
    sparse(workspace.outputs / name)
    assert run(workspace, verify=verify).succeeded
    assert files(workspace.outputs) == whole


def test_files_of_the_users_own_stay(workspace: Workspace, standing: Path) -> None:
    """Whatever they are called: only pages of cities that have no report any more go."""
    own = [workspace.outputs / "cities" / name for name in ("notes.txt", "Ä b.html", ".hidden", "gone.html")]
    for path in own:
        path.write_bytes(b"mine")
    assert run(workspace).succeeded
    assert [path.exists() for path in own] == [True, True, True, False]


@pytest.fixture(autouse=True)
def here(monkeypatch: pytest.MonkeyPatch, workspace: Workspace) -> Iterator[None]:
    """Work in the workspace; every place is a folder."""
    monkeypatch.chdir(workspace.root)
    yield
    assert all(not path.name.endswith(".tmp") for path in Folder(workspace.outputs).root.glob("*"))
