"""Benchmarks are found by id: a workspace's own first, then those that came with citygrow."""

from __future__ import annotations

from pathlib import Path

import pytest

from citygrow_nb.benchmarks import chosen, find, finding, of_workspace, shipped
from citygrow_nb.exceptions import BenchmarkError, UsageError
from citygrow_nb.workspace import Workspace

SHIPPED = "migrant-entrepreneurs"


def put(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("", encoding="utf-8")
    return path


def test_source_checkout_ships_its_top_folder() -> None:
    """In a checkout the data at the top is what ships."""
    assert shipped()[SHIPPED] == finding.PACKAGE.parent / "benchmark" / SHIPPED


def test_installed_package_ships_what_is_inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What happens to lie beside an installed package is never taken for its data."""
    put(tmp_path / "benchmark/stranger/benchmark.yaml")
    inside = put(tmp_path / "citygrow_nb/data/benchmark/own/benchmark.yaml").parent
    monkeypatch.setattr(finding, "PACKAGE", tmp_path / "citygrow_nb")
    assert shipped() == {"own": inside}
    assert chosen(Workspace(tmp_path / "empty")) == "own"


def test_nothing_shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A broken installation says so."""
    monkeypatch.setattr(finding, "PACKAGE", tmp_path / "citygrow_nb")
    with pytest.raises(BenchmarkError, match="install it again"):
        chosen(Workspace(tmp_path / "empty"))


def test_workspace_comes_first(tmp_path: Path) -> None:
    """A workspace's own folder is taken before its compiled file, and both before the shipped one."""
    workspace = Workspace(tmp_path)
    assert find(SHIPPED, workspace) == shipped()[SHIPPED]
    compiled = put(tmp_path / "benchmark" / f"{SHIPPED}.json")
    assert find(SHIPPED, workspace) == compiled
    folder = put(tmp_path / "benchmark" / SHIPPED / "benchmark.yaml").parent
    assert find(SHIPPED, workspace) == folder


def test_unknown_benchmark_names_those_that_exist(tmp_path: Path) -> None:
    """The sentence lists the shipped and the workspace's own, and suggests the nearest."""
    put(tmp_path / "benchmark/quiet-nights.json")
    put(tmp_path / "benchmark/Not An Id/benchmark.yaml")
    with pytest.raises(BenchmarkError) as caught:
        find("quiet-night", Workspace(tmp_path))
    assert str(caught.value) == (
        "benchmark “quiet-night”: there is no such benchmark here; "
        f"allowed: {', '.join(sorted([SHIPPED, 'quiet-nights']))}; did you mean “quiet-nights”?"
    )


@pytest.mark.parametrize("name", ["../outside", "", "quiet-nights/benchmark.yaml", "C:\\benchmark"])
def test_an_id_is_never_a_path(tmp_path: Path, name: str) -> None:
    """Whatever a document names as its benchmark, nothing outside the benchmark folders is opened."""
    put(tmp_path / "outside/benchmark.yaml")
    put(tmp_path / "work/benchmark/quiet-nights/benchmark.yaml")
    with pytest.raises(BenchmarkError):
        find(name, Workspace(tmp_path / "work"))


def test_workspace_works_with_what_it_has(tmp_path: Path) -> None:
    """Workbooks, answers and benchmarks of its own say which benchmarks a workspace is about; else all that ship."""
    workspace = Workspace(tmp_path)
    assert of_workspace(workspace) == (SHIPPED,)
    put(tmp_path / "benchmark/quiet-nights/benchmark.yaml")
    assert of_workspace(workspace) == ("quiet-nights",)
    put(tmp_path / "answers" / SHIPPED / "a" / "2026.json")
    put(tmp_path / "answers/unknown/a/2026.json")
    assert of_workspace(workspace) == (SHIPPED, "quiet-nights")


def test_one_of_several_must_be_named(tmp_path: Path) -> None:
    """What cannot do all benchmarks says which there are."""
    put(tmp_path / "benchmark/quiet-nights/benchmark.yaml")
    (tmp_path / "workbooks" / SHIPPED).mkdir(parents=True)
    with pytest.raises(UsageError, match=f"several benchmarks here: {SHIPPED}, quiet-nights; name one"):
        chosen(Workspace(tmp_path))
    assert chosen(Workspace(tmp_path), "quiet-nights") == "quiet-nights"
    with pytest.raises(UsageError, match="no such benchmark here"):
        chosen(Workspace(tmp_path), "loud-nights")


def test_folder_of_cities_is_no_benchmark(tmp_path: Path) -> None:
    """Its pages would stand where those of all cities do."""
    put(tmp_path / "benchmark/cities/benchmark.yaml")
    with pytest.raises(BenchmarkError):
        find("cities", Workspace(tmp_path))
