"""Compiled templates are kept for the next process, and nothing depends on them."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jinja2 import DictLoader, Environment

from citygrow_nb import atomic, private_cache
from citygrow_nb.rendering.compiled_templates import CompiledTemplates


def rendered() -> str:
    templates = Environment(loader=DictLoader({"a": "{{ 6 * 7 }}"}), bytecode_cache=CompiledTemplates())
    return templates.get_template("a").render()


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


@pytest.mark.parametrize(
    "damage",
    [
        lambda _: b"",
        lambda _: b"x",
        lambda _: b"j2" + bytes(100),
        lambda kept: kept[:-1],
        lambda kept: kept.replace(b"\x06", b"\x07").replace(b"42", b"43"),
    ],
)
def test_damaged_one_is_made_anew(place: Path, damage: Callable[[bytes], bytes]) -> None:
    """Whatever stands in the file, and be it a program that would run."""
    assert rendered() == "42"
    (file,) = place.glob("*/*")
    kept = file.read_bytes()
    file.write_bytes(damage(kept))
    assert file.read_bytes() != kept
    assert rendered() == "42"
    assert file.read_bytes() == kept


def test_one_of_another_python_is_made_anew(place: Path) -> None:
    """It is whole, and of no use."""
    private_cache.keep("x", b"of another Python")
    (other,) = place.glob("*/*")
    assert rendered() == "42"
    (file,) = (path for path in place.glob("*/*") if path != other)
    kept = file.read_bytes()
    file.write_bytes(other.read_bytes())
    assert rendered() == "42"
    assert file.read_bytes() == kept


def test_full_disk_costs_nothing_but_time(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be kept is made again by the next process."""

    def full(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(atomic, "_replace", full)
    assert rendered() == "42"
    assert list(place.glob("*/*")) == []


def test_folder_of_somebody_else_is_not_used(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Compiled templates are programs; nobody else's are run."""
    assert rendered() == "42"
    (folder,) = place.iterdir()
    monkeypatch.setattr("os.getuid", lambda: 4711)
    folder.rename(place / "cg-compiled-4711")
    before = [path.read_bytes() for path in place.glob("*/*")]
    assert rendered() == "42"
    assert [path.read_bytes() for path in place.glob("*/*")] == before
