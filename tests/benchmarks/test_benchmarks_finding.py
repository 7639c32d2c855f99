"""Benchmarks are found by id: a workspace's own first, then those that came with citygrow."""

from __future__ import annotations

from pathlib import Path

import pytest

from citygrow_nb.benchmarks import default_id, find, finding, shipped
from citygrow_nb.exceptions import BenchmarkError
from citygrow_nb.workspace import Workspace


def put(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("", encoding="utf-8")
    return path


def test_source_checkout_ships_its_top_folder() -> None:
    """In a checkout the data at the top is what ships."""
    assert shipped()[default_id()] == finding.PACKAGE.parent / "benchmark" / default_id()


def test_installed_package_ships_what_is_inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What happens to lie beside an installed package is never taken for its data."""
    put(tmp_path / "benchmark/stranger/benchmark.yaml")
    inside = put(tmp_path / "citygrow_nb/data/benchmark/own/benchmark.yaml").parent
    monkeypatch.setattr(finding, "PACKAGE", tmp_path / "citygrow_nb")
    assert shipped() == {"own": inside}
    assert default_id() == "own"


def test_nothing_shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A broken installation says so."""
    monkeypatch.setattr(finding, "PACKAGE", tmp_path / "citygrow_nb")
    with pytest.raises(BenchmarkError, match="install it again"):
        default_id()


def test_workspace_comes_first(tmp_path: Path) -> None:
    """A workspace's own folder is taken before its compiled file, and both before the shipped one."""
    workspace = Workspace(tmp_path)
    assert find(default_id(), workspace) == shipped()[default_id()]
    compiled = put(tmp_path / "benchmark" / f"{default_id()}.json")
    assert find(default_id(), workspace) == compiled
    folder = put(tmp_path / "benchmark" / default_id() / "benchmark.yaml").parent
    assert find(default_id(), workspace) == folder


def test_unknown_benchmark_names_those_that_exist(tmp_path: Path) -> None:
    """The sentence lists the shipped and the workspace's own, and suggests the nearest."""
    put(tmp_path / "benchmark/quiet-nights.json")
    put(tmp_path / "benchmark/Not An Id/benchmark.yaml")
    with pytest.raises(BenchmarkError) as caught:
        find("quiet-night", Workspace(tmp_path))
    assert str(caught.value) == (
        "benchmark “quiet-night”: there is no such benchmark here; "
        f"allowed: {', '.join(sorted([default_id(), 'quiet-nights']))}; did you mean “quiet-nights”?"
    )


@pytest.mark.parametrize("name", ["../outside", "", "quiet-nights/benchmark.yaml", "C:\\benchmark"])
def test_an_id_is_never_a_path(tmp_path: Path, name: str) -> None:
    """Whatever a document names as its benchmark, nothing outside the benchmark folders is opened."""
    put(tmp_path / "outside/benchmark.yaml")
    put(tmp_path / "work/benchmark/quiet-nights/benchmark.yaml")
    with pytest.raises(BenchmarkError):
        find(name, Workspace(tmp_path / "work"))
