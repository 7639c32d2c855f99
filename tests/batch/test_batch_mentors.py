"""Reports tell who mentors whom; only those are made anew of which that changed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from citygrow_nb import answers, batch, scoring
from citygrow_nb.answers import AnswerStore
from citygrow_nb.batch import CityJob, Options, Pages, PortfolioJob, city_report, mentors, portfolio_report
from citygrow_nb.matching import assignment
from citygrow_nb.model import Assessment, Benchmark, Matching, Mentoring, Need, Offer
from citygrow_nb.model.run import RunManifest
from citygrow_nb.workspace import Workspace
from tests.batch_fixtures import inline
from tests.factories import assessment_of, rated


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    """Make pages without running any notebook, and keep what each city was told of mentors."""
    told: dict[str, bytes] = {}

    def city(job: CityJob) -> Pages:
        told[f"{job.city}/{job.round}"] = job.matching
        benchmark = Benchmark.model_validate_json(job.toolkit.benchmark)
        found = scoring.results(benchmark, Assessment.model_validate_json(job.document))
        return Pages({"index.html": b"x", "results.json": found.model_dump_json().encode()})

    def portfolio(job: PortfolioJob, toolkit: object, outputs: object = None) -> Pages:
        return Pages({"index.html": b"x", **({"mentoring.json": job.matching} if job.matching else {})})

    monkeypatch.setattr(city_report, "make_city", city)
    monkeypatch.setattr(portfolio_report, "make_portfolio", portfolio)
    return told


Save = Callable[..., Path]


@pytest.fixture
def save(workspace: Workspace, tiny: Benchmark) -> Save:
    """Save a city with one level for all questions and its wishes."""
    store = AnswerStore(workspace, tiny)

    def write(slug: str, level: int, label: str = "2026", **wishes: object) -> Path:
        city = assessment_of(tiny, slug.upper(), slug, round_label=label)
        for code in tiny.questions:
            city = city.with_answer(code, rated(level))
        city = city.model_copy(update={"mentoring": Mentoring.model_validate(wishes)})
        path = store.document(slug, label)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(answers.dump(city))
        return path

    return write


def run(workspace: Workspace, **options: object) -> RunManifest:
    return batch.run(Options(jobs=1, **options), workspace, opened=inline)  # type: ignore[arg-type]


OFFER = {"offers": [Offer(factor="KF1")]}
NEED = {"needs": [Need(factor="KF1")]}


def names(told: dict[str, bytes]) -> list[str]:
    found = sorted(told)
    told.clear()
    return found


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch, workspace: Workspace) -> Workspace:
    """Work in this process, where pages are made without notebooks."""
    monkeypatch.chdir(workspace.root)
    return workspace


def test_each_report_is_told_of_its_own_matches(here: Workspace, save: Save, made: dict[str, bytes]) -> None:
    save("a", 3, **OFFER)
    save("b", 0, **NEED)
    save("b", 0, label="2024", **NEED)
    save("c", 1)
    run(here)
    assert {key for key, content in made.items() if content} == {"a/2026", "b/2026"}
    found = Matching.model_validate_json(made["b/2026"])
    assert [(match.mentor.slug, match.mentee.slug) for match in found.matches] == [("a", "b")]


def test_only_reports_of_which_matches_changed_are_made_anew(
    here: Workspace, save: Save, made: dict[str, bytes]
) -> None:
    save("a", 3, **OFFER)
    save("b", 0, **NEED)
    save("c", 1)
    run(here)
    names(made)
    run(here)
    assert names(made) == []
    # A better mentor comes: b and both mentors hear of it, c does not.
    save("d", 3, languages=("en",), **OFFER)
    save("b", 0, languages=("en",), **NEED)
    run(here)
    assert names(made) == ["a/2026", "b/2026", "d/2026"]


def test_a_decision_makes_them_anew(here: Workspace, save: Save, made: dict[str, bytes]) -> None:
    save("a", 3, **OFFER)
    save("b", 0, **NEED)
    save("c", 1)
    run(here)
    names(made)
    (here.root / "pins.csv").write_text("decision,factor,mentor,mentee\nban,KF1,a,b\n", encoding="utf-8")
    done = run(here)
    assert done.succeeded
    assert names(made) == ["a/2026", "b/2026"]
    (here.root / "pins.csv").write_text("decision,factor\n", encoding="utf-8")
    assert not run(here).succeeded


def test_some_cities_alone_are_no_network(here: Workspace, save: Save, made: dict[str, bytes]) -> None:
    """Whoever makes one city's report again, as from a workbook, leaves the matches of all as they are."""
    save("a", 3, **OFFER)
    path = save("b", 0, **NEED)
    run(here)
    found = here.outputs / "quiet-nights" / "mentoring.json"
    before = found.read_bytes()
    assert Matching.model_validate_json(before).matches
    names(made)
    run(here, sources=(path,), cities=("b",))
    assert names(made) == []
    path.write_bytes(path.read_bytes().replace(b'"level": 0', b'"level": 1'))
    (notice,) = run(here, sources=(path,), cities=("b",)).notices
    assert "mentors stay as they were found before, because the sources lack 1 city" in notice
    assert names(made) == ["b/2026"]
    assert found.read_bytes() == before


def test_without_the_solver_reports_are_made_all_the_same(
    here: Workspace, save: Save, made: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(assignment, "find_spec", lambda _: None)
    save("a", 3, **OFFER)
    save("b", 0, **NEED)
    assert run(here).succeeded
    assert set(made.values()) == {b""}


def test_lists_are_looked_for_beside_the_sources_first(workspace: Workspace, tmp_path: Path) -> None:
    other = tmp_path / "sources"
    other.mkdir()
    (workspace.root / "expected.csv").write_text("city\nHere\n", encoding="utf-8")
    found = mentors.Lists.read((other,), workspace)
    assert [item.name for item in found.expected or ()] == ["Here"]
    (other / "expected.csv").write_text("city\nThere\n", encoding="utf-8")
    found = mentors.Lists.read((other,), workspace)
    assert [item.name for item in found.expected or ()] == ["There"]
    assert mentors.Lists.read((other / "x.json",), Workspace(tmp_path / "nowhere")).expected is None
