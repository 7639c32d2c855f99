"""``citygrow init``: a workspace to begin with."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from citygrow_nb import authoring, benchmarks
from citygrow_nb.model import Benchmark
from tests.cli.conftest import Call

TINY = Path(__file__).parents[1] / "benchmarks" / "data" / "quiet-nights"


def test_new_workspace_is_complete(citygrow: Call, place: Path, benchmark: Benchmark) -> None:
    """Folders, workbooks as the benchmark gives them, and a README that names the commands."""
    said = citygrow("init", "ws")
    assert said.code == 0
    assert sorted(path.name for path in (place / "ws").iterdir()) == ["README.md", "answers", "outputs", "workbooks"]
    workbooks = {path.name: path.read_bytes() for path in (place / "ws" / "workbooks" / benchmark.id).iterdir()}
    assert workbooks == authoring.build(benchmark)
    readme = (place / "ws" / "README.md").read_text(encoding="utf-8")
    assert all(f"citygrow {command}" in readme for command in ("lab", "batch", "answers import", "workbooks build"))


def test_what_is_there_stays_and_what_is_missing_comes(citygrow: Call, place: Path) -> None:
    """Own files are left as they are and named; nothing is told of files that are as they should be."""
    citygrow("init", ".")
    (place / "README.md").write_bytes(b"mine")
    (place / "workbooks" / "migrant-entrepreneurs" / "01-strategy.ipynb").write_bytes(b"mine too")
    (place / "workbooks" / "migrant-entrepreneurs" / "02-mapping.ipynb").unlink()
    said = citygrow("init", ".")
    assert said.code == 0
    assert (place / "README.md").read_bytes() == b"mine"
    assert (place / "workbooks" / "migrant-entrepreneurs" / "02-mapping.ipynb").exists()
    assert sorted(line for line in said.out.splitlines() if "left as it was" in line) == [
        "left as it was: README.md",
        f"left as it was: {Path('workbooks') / 'migrant-entrepreneurs' / '01-strategy.ipynb'}",
    ]
    assert "1 file made" in said.out


def test_file_in_the_way_is_wrong_use(citygrow: Call, place: Path) -> None:
    """It is not replaced."""
    (place / "ws").write_bytes(b"mine")
    assert citygrow("init", "ws").code == 2
    assert (place / "ws").read_bytes() == b"mine"


def test_file_where_a_folder_should_be_is_a_sentence(citygrow: Call, place: Path) -> None:
    """Also deeper down nothing is replaced, and no traceback is shown."""
    (place / "answers").write_bytes(b"mine")
    said = citygrow("init", ".")
    assert said.code == 1
    assert len(said.complaints) == 1
    assert "Traceback" not in said.err


def test_benchmarks_are_chosen_by_id_or_folder(citygrow: Call, place: Path, tiny: Benchmark) -> None:
    """A folder is copied into the workspace, so that all commands find it there; each has workbooks of its own."""
    assert citygrow("init", "ws", "--benchmark", "migrant-entrepreneurs", "--benchmark", TINY).code == 0
    made = {path.name for path in (place / "ws" / "workbooks").iterdir()}
    assert made == {"migrant-entrepreneurs", tiny.id}
    assert benchmarks.load(place / "ws" / "benchmark" / tiny.id) == tiny
    assert {path.name for path in (place / "ws" / "workbooks" / tiny.id).iterdir()} == set(authoring.build(tiny))
    assert "0 files made" in citygrow("init", "ws", "--benchmark", TINY).out
    assert citygrow("init", "other", "--benchmark", "nowhere").code == 2
    assert citygrow("init", "other", "--benchmark", "no/where").code == 2
    assert not (place / "other").exists()


@pytest.mark.skipif(os.name != "posix", reason="Windows keeps a user's folders from others by itself")
def test_the_folder_of_answers_is_nobody_elses_to_read(citygrow: Call, place: Path) -> None:
    """Reports and workbooks are, as the user's umask says."""
    before = os.umask(0o022)
    try:
        assert citygrow("init", "ws").code == 0
    finally:
        os.umask(before)
    modes = {name: f"{(place / 'ws' / name).stat().st_mode & 0o777:o}" for name in ("answers", "outputs", "workbooks")}
    assert modes == {"answers": "700", "outputs": "755", "workbooks": "755"}


@pytest.mark.skipif(os.name != "posix", reason="making links takes rights on Windows")
@pytest.mark.parametrize("command", ["init", "workbooks"])
def test_no_workbook_is_written_over_a_link(citygrow: Call, place: Path, benchmark: Benchmark, command: str) -> None:
    """A folder that somebody sent may lead out of itself."""
    (place / "other").mkdir()
    for folder in ("answers", "workbooks"):
        (place / "ws" / folder).mkdir(parents=True)
    (place / "ws" / "workbooks" / benchmark.id).symlink_to(place / "other")
    arguments = ("init", "ws") if command == "init" else ("workbooks", "build", "--to", "ws/workbooks")
    said = citygrow(*arguments)
    assert said.code == 1
    assert "link" in said.err
    assert list((place / "other").iterdir()) == []
