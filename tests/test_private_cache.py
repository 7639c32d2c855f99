"""What is kept for the next process: nobody else's, and never in the way."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import pytest

from citygrow_nb import atomic, benchmarks, private_cache
from citygrow_nb.exceptions import BenchmarkError, Problem, StoreError

QUIET = Path(__file__).parent / "benchmarks" / "data" / "quiet-nights"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty temporary folder."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture
def quiet(tmp_path: Path) -> Path:
    """Return a benchmark that may be changed."""
    return Path(shutil.copytree(QUIET, tmp_path / QUIET.name))


def test_what_was_kept_is_there_again(place: Path) -> None:
    """In a folder that is the user's own."""
    assert private_cache.kept("a") is None
    private_cache.keep("a", b"x")
    assert private_cache.kept("a") == b"x"
    (folder,) = place.iterdir()
    assert folder.stat().st_mode & 0o077 == 0


def test_folder_that_others_may_write_to_is_not_used(place: Path) -> None:
    """What stands there may be anybody's."""
    private_cache.keep("a", b"x")
    (folder,) = place.iterdir()
    folder.chmod(0o777)
    assert private_cache.private_folder() is None
    assert private_cache.kept("a") is None
    private_cache.keep("b", b"x")
    assert [path.name for path in folder.iterdir()] == ["a"]


def test_link_and_file_in_its_place_are_not_used(place: Path, tmp_path: Path) -> None:
    """Somebody may have been there first."""
    folder = private_cache.private_folder()
    assert folder is not None
    folder.rmdir()
    folder.symlink_to(tmp_path)
    assert private_cache.private_folder() is None
    folder.unlink()
    folder.write_bytes(b"")
    assert private_cache.private_folder() is None


def test_full_disk_is_no_trouble(place: Path, quiet: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Then the next process does the work again."""

    def full(path: Path, content: bytes, *, durable: bool) -> None:
        raise StoreError(Problem(str(path), "the disk is full"))

    monkeypatch.setattr(atomic, "write", full)
    assert benchmarks.load(quiet) == benchmarks.load(QUIET)


def test_benchmark_that_was_kept_is_the_same(place: Path, quiet: Path) -> None:
    """Read from YAML, or from what was kept of it."""
    first = benchmarks.load(quiet)
    (file,) = place.glob("*/*.benchmark.json")
    assert benchmarks.load(quiet) == first
    file.write_bytes(b"{}")  # damaged: read from YAML again, and kept again
    assert benchmarks.load(quiet) == first
    assert file.read_bytes().endswith(benchmarks.dump(first))
    file.write_bytes(file.read_bytes().replace(b"Quiet", b"Noisy"))  # edited: the same
    assert benchmarks.load(quiet) == first


def test_changed_benchmark_is_read_anew(place: Path, quiet: Path) -> None:
    """Whatever of its files changed, and one that got a fault is refused."""
    benchmarks.load(quiet)
    scale = quiet / "scale.yaml"
    text = scale.read_text("utf-8")
    scale.write_text(text + "# a remark\n", "utf-8")
    benchmarks.load(quiet)
    assert len(list(place.glob("*/*.benchmark.json"))) == 2
    (quiet / "strange.yaml").write_text("a: 1\n", "utf-8")
    with pytest.raises(BenchmarkError):
        benchmarks.load(quiet)
