"""``citygrow benchmark``: sound or not, and what stands in it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from citygrow_nb import benchmarks
from citygrow_nb.model import Benchmark
from tests.cli.conftest import Call


@pytest.fixture
def copy(place: Path) -> Path:
    """Return a copy of the shipped benchmark, free to be broken."""
    source = benchmarks.shipped()["migrant-entrepreneurs"]
    return shutil.copytree(source, place / "benchmark" / source.name)


def test_sound_benchmark(citygrow: Call) -> None:
    """Exit code 0, and the counts of the published toolkit."""
    said = citygrow("benchmark", "check")
    assert (said.code, said.err) == (0, "")
    assert "9 key factors, 40 guide questions, 21 practices, 10 context factors, 23 prompts, no faults" in said.out


def test_broken_benchmark(citygrow: Call, copy: Path) -> None:
    """Exit code 1, and each fault with file and line; also where it is the workspace's own."""
    path = copy / "key-factors" / "KF1.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace('code: "KF1.Q2"', 'code: "KF1.Q1"'), encoding="utf-8")
    for arguments in (("check", copy), ("check",)):
        said = citygrow("benchmark", *arguments)
        assert said.code == 1
        assert any("KF1.yaml" in line and "line " in line for line in said.complaints)


def test_folder_that_does_not_exist(citygrow: Call) -> None:
    """Wrong use."""
    said = citygrow("benchmark", "check", "nowhere")
    assert said.code == 2
    assert "nowhere: there is no such folder" in said.err


def test_every_kind_of_item_can_be_shown(citygrow: Call, benchmark: Benchmark) -> None:
    """By its code in any case; without a code every question is listed."""
    for code in ("T1", "KF1", "KF1.Q1", "KF1.P1", "CF1", "CF1.1"):
        said = citygrow("benchmark", "show", code.lower())
        assert said.code == 0
        assert said.out.startswith(f"{code}\n")
    said = citygrow("benchmark", "show")
    assert all(code in said.out for code in benchmark.questions)


def test_unknown_code_names_the_nearest(citygrow: Call) -> None:
    """Wrong use."""
    said = citygrow("benchmark", "show", "KF1.Q77")
    assert said.code == 2
    assert "did you mean “KF1.Q" in said.err
