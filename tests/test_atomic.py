"""Whole files or nothing, and one writer at a time."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from citygrow_nb import atomic
from citygrow_nb.exceptions import StoreBusy, StoreError


def failing(code: int) -> Callable[..., None]:
    def fail(*args: object, **kwargs: object) -> None:
        raise OSError(code, os.strerror(code))

    return fail


def test_write_makes_folders_and_replaces(tmp_path: Path) -> None:
    """A file is written with its folders, replaces the old one, and leaves nothing else behind."""
    path = tmp_path / "a" / "b" / "file.json"
    atomic.write(path, b"one")
    atomic.write(path, b"two", durable=False)
    assert atomic.read(path) == b"two"
    assert [p.name for p in path.parent.iterdir()] == ["file.json"]


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        (errno.ENOSPC, "the disk is full; free some space"),
        (errno.EROFS, "the folder is read-only; choose a folder"),
        (errno.EIO, "Input/output error"),
    ],
)
def test_failed_write_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, sentence: str) -> None:
    """When the system refuses, the old file stands, nothing else is left, and the error says why in words."""
    path = tmp_path / "file.json"
    atomic.write(path, b"old")
    monkeypatch.setattr(os, "fsync", failing(code))
    with pytest.raises(StoreError, match=sentence):
        atomic.write(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_file_in_the_way_is_a_sentence(tmp_path: Path) -> None:
    """A file where a folder is needed is named as such, for writing and for locking."""
    (tmp_path / "answers").write_bytes(b"")
    with pytest.raises(StoreError, match="file"):
        atomic.write(tmp_path / "answers" / "x.json", b"")
    with pytest.raises(StoreError, match="file"), atomic.locked(tmp_path / "answers" / "x.json"):
        pass


def test_interrupted_block_changes_nothing(tmp_path: Path) -> None:
    """A file written piece by piece is thrown away when the writer stops in the middle."""
    path = tmp_path / "table.csv"
    path.write_bytes(b"old")

    def write_half() -> None:
        with atomic.replacing(path) as file:
            file.write(b"half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_half()
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_lock_keeps_others_out(tmp_path: Path) -> None:
    """While one holds the lock, another waits as long as told and then says so; afterwards it gets in."""
    path = tmp_path / "2026.json"
    refused = []

    def other() -> None:
        try:
            with atomic.locked(path, patience=0.1):
                pass
        except StoreBusy as error:
            refused.append(str(error))

    with atomic.locked(path):
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
    assert refused == [f"{path}: somebody else is saving to this file; wait a moment and save again"]
    with atomic.locked(path, patience=0):
        pass


def test_lock_of_a_killed_process_is_free(tmp_path: Path) -> None:
    """A lock goes with the process that held it."""
    path = tmp_path / "2026.json"
    script = (
        "import sys, time, pathlib; from citygrow_nb import atomic\n"
        "with atomic.locked(pathlib.Path(sys.argv[1])):\n    print('held', flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", script, str(path)], stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(StoreBusy), atomic.locked(path, patience=0):
            pass
        holder.kill()
        holder.wait()
    with atomic.locked(path, patience=5):
        pass


def test_lock_clears_away_what_a_killed_writer_left(tmp_path: Path) -> None:
    """Half-written files of this document go; those of another round and everything else stay."""
    left = tmp_path / f".2026.json.{'0a' * 8}.tmp"
    others = [tmp_path / f".2026.json.b.json.{'0a' * 8}.tmp", tmp_path / ".2026.json.tmp", tmp_path / "2026.json"]
    for path in (left, *others):
        path.write_bytes(b"")
    with atomic.locked(tmp_path / "2026.json"):
        pass
    assert not left.exists()
    assert all(path.exists() for path in others)


def modes(root: Path) -> dict[str, str]:
    return {path.relative_to(root).as_posix(): f"{path.stat().st_mode & 0o7777:o}" for path in root.rglob("*")}


@pytest.mark.skipif(os.name != "posix", reason="Windows keeps a user's folders from others by itself")
@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_what_is_written_is_nobody_elses_to_read(tmp_path: Path, umask: int) -> None:
    """The file, its folders, its lock and the half-written file; also where an older citygrow left it open to all."""
    path = tmp_path / "answers" / "b" / "2026.json"
    before = os.umask(umask)
    try:
        with atomic.locked(path), atomic.replacing(path) as file:
            file.write(b"{}")
            file.flush()
            half = modes(tmp_path)
        assert {mode for name, mode in half.items() if not (tmp_path / name).is_dir()} == {"600"}
        path.chmod(0o644)
        atomic.write(path, b"[]")
        wanted = {
            "answers": "700",
            "answers/b": "700",
            "answers/b/2026.json": "600",
            "answers/b/.2026.json.lock": "600",
        }
        assert wanted.items() >= modes(tmp_path).items()
        atomic.write(tmp_path / "outputs" / "index.html", b"", shared=True)
        shared = {"outputs": f"{0o777 & ~umask:o}", "outputs/index.html": f"{0o666 & ~umask:o}"}
        assert modes(tmp_path).items() >= shared.items()
    finally:
        os.umask(before)


@pytest.mark.skipif(os.name != "posix", reason="Windows has no setgid bit")
def test_in_a_folder_given_to_a_group_the_group_keeps_its_access(tmp_path: Path) -> None:
    """Colleagues on one server work on the same answers: who wants that sets the bit, and new cities are theirs."""
    answers = tmp_path / "answers"
    answers.mkdir()
    answers.chmod(0o2770)
    path = answers / "b" / "2026.json"
    with atomic.locked(path):
        atomic.write(path, b"{}")
    assert modes(answers).items() >= {"b": "2770", "b/2026.json": "660"}.items()
    assert modes(answers).get("b/.2026.json.lock", "660") == "660"


@pytest.mark.skipif(sys.platform == "win32", reason="there a lock has one holder")
def test_lock_can_be_shared(tmp_path: Path) -> None:
    """By any number that hold it so; who wants it alone waits for the last of them."""
    path = tmp_path / "x"
    with atomic.locked_together(path):
        with atomic.locked_together(path), pytest.raises(StoreBusy), atomic.locked(path, patience=0):
            pass
        with pytest.raises(StoreBusy), atomic.locked(path, patience=0):
            pass
    with atomic.locked(path, patience=0):
        pass
    with pytest.raises(StoreError), atomic.locked_together(tmp_path / "nowhere" / "x"):
        pass
