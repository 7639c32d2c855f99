"""A folder's files make one document, and each file's own faults are found."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from citygrow_nb import benchmarks
from citygrow_nb.benchmarks.folder import gather
from citygrow_nb.benchmarks.places import Places
from citygrow_nb.exceptions import BenchmarkError
from tests.benchmarks.tiny import TINY, tiny_data


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(TINY, tmp_path / TINY.name))


def problems(folder: Path) -> list[str]:
    places = Places(folder)
    gather(folder, places)
    return [str(problem).removeprefix(f"{folder}/") for problem in places.problems()]


def test_files_make_one_document() -> None:
    """What is gathered is the document itself, apart from defaults that were left out."""
    data = gather(TINY, Places(TINY))
    assert [factor["code"] for factor in data["key_factors"]] == ["KF1", "KF2"]
    assert data["scale"]["weights"] == tiny_data()["scale"]["weights"]
    prompts = [{**prompt, "check": []} for prompt in data["context_factors"][0]["prompts"]]
    assert prompts == tiny_data()["context_factors"][0]["prompts"]


def test_each_place_is_in_its_own_file() -> None:
    """Lines lead into the file in which a field really stands."""
    places = Places(TINY)
    gather(TINY, places)
    assert places.lines["key_factors", 1, "questions", 1, "code"] == (TINY / "key-factors/KF2.yaml", 18)
    assert places.lines["context_factors", 0, "prompts", 0] == (TINY / "context-factors.yaml", 7)
    assert places.lines["scale", "weights", "KF2"] == (TINY / "scale.yaml", 7)
    assert places.lines["retired", 0] == (TINY / "benchmark.yaml", 20)


def test_no_benchmark_at_all(tmp_path: Path) -> None:
    """A folder without benchmark.yaml is told what a benchmark is."""
    (problem,) = problems(tmp_path)
    assert problem.startswith("benchmark.yaml: there is no such file")
    assert "the folder key-factors" in problem


def test_listed_file_is_missing(folder: Path) -> None:
    """The line is the one that lists it."""
    (folder / "key-factors/KF2.yaml").unlink()
    assert problems(folder) == [
        "benchmark.yaml, line 19: KF2 is listed, but there is no key-factors/KF2.yaml; add the file"
    ]


@pytest.mark.parametrize("name", ["key-factors/KF3.yaml", "key-factors/kf9.yml", "levels.yaml"])
def test_extra_file(folder: Path, name: str) -> None:
    """No file lies about unread."""
    (folder / name).write_text("a: 1\n", encoding="utf-8")
    (problem,) = problems(folder)
    assert problem.startswith(f"{name}, line 1: this file belongs to no part of the benchmark")


def test_notes_for_people_are_no_part(folder: Path) -> None:
    """A change log and an editor's hidden files may lie there."""
    (folder / "CHANGELOG.md").write_text("# 0.3.0\n", encoding="utf-8")
    (folder / ".benchmark.yaml").write_text("a: 1\n", encoding="utf-8")
    assert problems(folder) == []


def test_file_and_code_differ(folder: Path) -> None:
    """A key factor's file bears its code as name."""
    path = folder / "key-factors/KF2.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace('code: "KF2"', 'code: "KF1"', 1), encoding="utf-8")
    (problem,) = problems(folder)
    assert problem.startswith("key-factors/KF2.yaml, line 1: the file of KF2 holds the code “KF1”")


@pytest.mark.parametrize(
    ("listing", "says"),
    [
        ('["KF1", "KF2", "KF1"]', "KF1 is listed twice"),
        ('["KF1", "KF2", "../../secret"]', "“../../secret” is listed"),
        ('["KF1", "KF2", 3]', "the number 3 is listed"),
    ],
)
def test_faults_of_the_list(folder: Path, listing: str, says: str) -> None:
    """Only codes, each once, lead to files."""
    path = folder / "benchmark.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace('["KF1", "KF2"]', listing), encoding="utf-8")
    (problem,) = problems(folder)
    assert problem.startswith("benchmark.yaml, line 19: ")
    assert says in problem


def test_no_list(folder: Path) -> None:
    """Without the list of key factors their files are not guessed."""
    path = folder / "benchmark.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace('["KF1", "KF2"]', "[]"), encoding="utf-8")
    assert problems(folder) == [
        "benchmark.yaml, line 19: “key_factors” is an empty list; allowed: the list of their codes, in order"
    ]


@pytest.mark.parametrize("name", ["benchmark.yaml", "scale.yaml", "context-factors.yaml", "key-factors/KF1.yaml"])
def test_file_without_fields(folder: Path, name: str) -> None:
    """A file that is a list, say, is named once, and nothing in it is missed besides."""
    (folder / name).write_text("- a\n", encoding="utf-8")
    (problem,) = problems(folder)
    assert problem.startswith(f"{name}, line 1: the file holds a list of 1")


def test_part_in_the_wrong_file(folder: Path) -> None:
    """The scale stands in its own file, never in the head, where it would be passed over."""
    with (folder / "benchmark.yaml").open("a", encoding="utf-8") as file:
        file.write("scale: {}\n")
    assert problems(folder) == [
        "benchmark.yaml, line 21: “scale” stands here; allowed: only in scale.yaml; move it there"
    ]


def test_context_file_has_one_field(folder: Path) -> None:
    """Anything beside the list is refused, and so is a file without it."""
    (folder / "context-factors.yaml").write_text("title: a\n", encoding="utf-8")
    assert problems(folder) == [
        "context-factors.yaml, line 1: “title” is not a field here; allowed: context_factors; remove it",
        "context-factors.yaml, line 1: “context_factors” is missing; add it; an empty list is written []",
    ]


def sparse(path: Path) -> None:
    """Make a file of 20 GB in which nothing stands, and which takes no room."""
    with path.open("wb") as file:
        file.truncate(20 << 30)


@pytest.mark.parametrize("name", ["video.mp4", "notes.md", "key-factors/old.bak", "translations/de.yaml"])
def test_files_that_are_no_part_are_never_opened(folder: Path, name: str) -> None:
    """A file of 20 GB beside a benchmark costs nothing."""
    (folder / name).parent.mkdir(exist_ok=True)
    sparse(folder / name)
    assert benchmarks.check(folder) == []
    assert benchmarks.load(folder).id == TINY.name
    assert benchmarks.fingerprint(folder) == benchmarks.fingerprint(TINY)


@pytest.mark.parametrize("name", ["benchmark.yaml", "scale.yaml", "context-factors.yaml", "key-factors/KF1.yaml"])
def test_file_that_is_too_large_is_named(folder: Path, name: str) -> None:
    sparse(folder / name)
    assert any(
        each.startswith(f"{name}: the file has 20,480 MB; a file of this kind may have 1 MB; split it")
        for each in problems(folder)
    )
    with pytest.raises(BenchmarkError, match="20,480 MB"):
        benchmarks.load(folder)


def test_compiled_benchmark_that_is_too_large_is_named(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    sparse(path)
    assert "may have 16 MB" in str(*benchmarks.check(path))
    path.write_bytes(b"[" * 100_000)
    assert "this is not JSON" in str(*benchmarks.check(path))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has none")
def test_pipe_is_not_opened(folder: Path) -> None:
    """Opening it would wait until somebody writes into it."""
    (folder / "scale.yaml").unlink()
    os.mkfifo(folder / "scale.yaml")
    assert problems(folder)[0].startswith("scale.yaml: this is a device or a pipe, not a file")
