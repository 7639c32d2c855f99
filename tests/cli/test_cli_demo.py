"""``citygrow demo``: fictitious cities on disk."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from citygrow_nb import answers
from citygrow_nb.model import Benchmark
from tests.cli.conftest import Call


def content(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*.json")}


def test_same_numbers_same_cities(citygrow: Call, place: Path) -> None:
    """On disk too; more of them are added to those that are there."""
    assert citygrow("demo", "one", "--cities", 4, "--seed", 7).code == 0
    citygrow("demo", "two", "--cities", 4, "--seed", 7)
    citygrow("demo", "two", "--cities", 6, "--seed", 7)
    one, two = content(place / "one"), content(place / "two")
    assert (len(one), len(two)) == (4, 6)
    assert one.items() <= two.items()
    assert (place / "one" / "outputs").is_dir()


def test_real_answers_are_not_mixed_with_made_up_ones(citygrow: Call, place: Path) -> None:
    """A folder with other cities is refused, and left as it is."""
    (place / "ws" / "answers" / "migrant-entrepreneurs" / "warsaw").mkdir(parents=True)
    (place / "ws" / "answers" / "migrant-entrepreneurs" / "warsaw" / "2026.json").write_bytes(b"{}")
    said = citygrow("demo", "ws", "--cities", 3)
    assert said.code == 2
    assert "warsaw" in said.err
    assert list(content(place / "ws")) == ["answers/migrant-entrepreneurs/warsaw/2026.json"]


@pytest.mark.parametrize(
    "arguments", [("x",), ("x", "--cities", "0"), ("x", "--cities", "two"), ("file", "--cities", "1")]
)
def test_wrong_use(citygrow: Call, place: Path, arguments: tuple[str, ...]) -> None:
    """Exit code 2 and one line."""
    (place / "file").write_bytes(b"")
    said = citygrow("demo", *arguments)
    assert (said.code, len(said.complaints)) == (2, 1)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Return a disk of 200 KB; needs root on Linux."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=200k", "tmpfs", str(folder)]
    if sys.platform != "linux" or os.geteuid() != 0 or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("a small disk cannot be made here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_full_disk(citygrow: Call, small_disk: Path, benchmark: Benchmark) -> None:
    """It is told in words, with exit code 1; every document that was written is whole."""
    said = citygrow("demo", small_disk / "ws", "--cities", 100)
    assert said.code == 1
    (line,) = said.complaints
    assert "the disk is full" in line
    written = content(small_disk)
    assert written
    for name, document in written.items():
        answers.parse(document, name, benchmark)
    assert not list(small_disk.rglob("*.tmp"))
