"""Compiled templates are kept for the next process, and nothing depends on them."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pytest
from jinja2 import DictLoader, Environment

from citygrow_nb.rendering.compiled_templates import compiled_templates


def rendered() -> str:
    cache = compiled_templates()
    return Environment(loader=DictLoader({"a": "{{ 6 * 7 }}"}), bytecode_cache=cache).get_template("a").render()


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_they_are_kept_where_nobody_else_may_write(place: Path) -> None:
    """In a folder of the user's own."""
    assert rendered() == "42"
    (folder,) = place.iterdir()
    assert len(list(folder.iterdir())) == 1
    assert folder.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("content", [b"", b"x", b"j2" + bytes(100)])
def test_damaged_one_is_made_anew(place: Path, content: bytes) -> None:
    """Whatever stands in the file."""
    assert rendered() == "42"
    (file,) = place.glob("*/*")
    file.write_bytes(content)
    assert rendered() == "42"
    assert file.read_bytes() != content


def test_full_disk_costs_nothing_but_time(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be kept is made again by the next process."""

    def full(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tempfile, "NamedTemporaryFile", full)
    assert rendered() == "42"
    assert list(place.glob("*/*")) == []


def test_folder_of_somebody_else_is_not_used(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Compiled templates are programs; nobody else's are run."""
    assert rendered() == "42"
    (folder,) = place.iterdir()
    monkeypatch.setattr("os.getuid", lambda: 4711)
    folder.rename(place / "cg-compiled-4711")
    assert compiled_templates() is None
    assert rendered() == "42"
