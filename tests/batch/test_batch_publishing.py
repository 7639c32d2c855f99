"""Reports on disk: whole or not at all."""

from __future__ import annotations

import contextlib
import errno
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from citygrow_nb import atomic
from citygrow_nb.batch.publishing import keep_broken, publish_city
from citygrow_nb.exceptions import StoreError

OLD = {"01-a.html": b"old page", "01-a.ipynb": b"old notebook", "index.html": b"old index", "results.json": b"old"}
NEW = {"01-b.html": b"new page", "01-b.ipynb": b"new notebook", "index.html": b"new index", "results.json": b"new"}


def content(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def order(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return a list that fills with file names as they get their final names."""
    names: list[str] = []
    replace = atomic._replace

    def noted(source: Path, target: Path) -> None:
        names.append(target.name)
        replace(source, target)

    monkeypatch.setattr(atomic, "_replace", noted)
    return names


def test_new_report_takes_the_place_of_the_old(tmp_path: Path, order: list[str]) -> None:
    """Afterwards there is exactly the new report; files of the user's own stay; the results come last."""
    publish_city(tmp_path, OLD)
    keep_broken(tmp_path, {"01-a.ipynb": b"broken"})
    (tmp_path / "notes.txt").write_bytes(b"mine")
    (tmp_path / ".index.html.0123456789abcdef.tmp").write_bytes(b"left by a killed run")
    order.clear()
    publish_city(tmp_path, NEW)
    assert content(tmp_path) == {**NEW, "notes.txt": b"mine"}
    assert order == list(NEW)


def test_full_disk_leaves_the_old_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, order: list[str]) -> None:
    """Where one file does not fit, none is replaced, and nothing half-written is left."""
    publish_city(tmp_path, OLD)
    order.clear()
    replacing = atomic.replacing

    class Full:
        def __init__(self, file: BinaryIO) -> None:
            self.file = file

        def write(self, data: bytes) -> None:
            if data == NEW["01-b.html"]:
                raise OSError(errno.ENOSPC, "No space left on device")
            self.file.write(data)

        def flush(self) -> None:
            self.file.flush()

    @contextlib.contextmanager
    def full(path: Path, **options: Any) -> Iterator[Full]:
        with replacing(path, **options) as file:
            yield Full(file)

    monkeypatch.setattr(atomic, "replacing", full)
    with pytest.raises(StoreError, match="the disk is full"):
        publish_city(tmp_path, NEW)
    assert content(tmp_path) == OLD
    assert order == []


def test_failed_notebooks_stand_beside_the_old_report(tmp_path: Path) -> None:
    """A failure adds what broke this time, and takes away what broke before, but touches no page."""
    publish_city(tmp_path, OLD)
    keep_broken(tmp_path, {"01-a.ipynb": b"first"})
    keep_broken(tmp_path, {"02-b.ipynb": b"second"})
    assert content(tmp_path) == {**OLD, "failed/02-b.ipynb": b"second"}


def test_folder_that_cannot_be_made_is_a_sentence(tmp_path: Path) -> None:
    """A file where the report's folder should be is named."""
    (tmp_path / "city").write_bytes(b"")
    with pytest.raises(StoreError, match="file"):
        publish_city(tmp_path / "city", NEW)
