"""``citygrow workbooks``: built from the benchmark, and compared with it."""

from __future__ import annotations

from pathlib import Path

from citygrow_nb import authoring
from citygrow_nb.model import Benchmark
from tests.cli.conftest import Call

TINY = Path(__file__).parents[1] / "benchmarks" / "data" / "quiet-nights"


def test_built_workbooks_are_up_to_date(citygrow: Call, place: Path, benchmark: Benchmark) -> None:
    """Exactly those of the benchmark; a changed or missing one is named, with exit code 1."""
    assert citygrow("workbooks", "build").code == 0
    folder = place / "workbooks" / benchmark.id
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == authoring.build(benchmark)
    assert citygrow("workbooks", "check").code == 0
    (folder / "00-start.ipynb").write_bytes(b"{}")
    (folder / "12-results.ipynb").unlink()
    said = citygrow("workbooks", "check")
    assert said.code == 1
    assert [("differs" in line, "missing" in line) for line in said.complaints] == [(True, False), (False, True)]


def test_another_benchmark_elsewhere(citygrow: Call, place: Path, tiny: Benchmark) -> None:
    """Nothing in the command knows the shipped one."""
    assert citygrow("workbooks", "build", "--benchmark", TINY, "--to", "elsewhere").code == 0
    assert sorted(path.name for path in (place / "elsewhere" / tiny.id).iterdir()) == sorted(authoring.build(tiny))
    assert citygrow("workbooks", "check", "--benchmark", TINY).code == 1


def test_wrong_use(citygrow: Call, place: Path) -> None:
    """A benchmark that does not exist, and a file in the way."""
    (place / "file").write_bytes(b"")
    assert citygrow("workbooks", "build", "--benchmark", "nowhere").code == 2
    assert citygrow("workbooks", "build", "--to", "file").code == 2
    assert citygrow("workbooks", "check", "--benchmark", "nowhere").code == 2
