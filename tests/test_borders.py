"""What stays inside a folder."""

import errno
import os
from pathlib import Path

import pytest

from citygrow_nb import atomic, borders


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    (tmp_path / "elsewhere").mkdir()
    path = tmp_path / "elsewhere" / "secret"
    path.write_text("secret")
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder that its user reaches by a link."""
    (tmp_path / "disk").mkdir()
    (tmp_path / "folder").symlink_to(tmp_path / "disk", target_is_directory=True)
    return tmp_path / "folder"


def test_the_folder_itself_may_be_reached_by_a_link(folder: Path) -> None:
    (folder / "a").mkdir()
    (folder / "a" / "b").write_text("ours")
    assert atomic.read(folder / "a" / "b", within=folder) == b"ours"
    borders.keep_within(folder, folder / "new" / "file")


@pytest.mark.parametrize("dangling", [True, False])
def test_no_link_below_it_is_followed(folder: Path, secret: Path, dangling: bool) -> None:
    """Neither one to a file nor one to a folder on the way, whether or not something is there."""
    (folder / "file").symlink_to(secret.with_name("none") if dangling else secret)
    (folder / "way").symlink_to(secret.with_name("none") if dangling else secret.parent, target_is_directory=True)
    for path in (folder / "file", folder / "way" / secret.name):
        with pytest.raises(OSError) as caught:
            atomic.read(path, within=folder)
        assert caught.value.errno == errno.ELOOP


def test_what_lies_elsewhere_is_refused(folder: Path, secret: Path) -> None:
    for path in (secret, folder / ".." / "elsewhere" / "secret"):
        with pytest.raises(OSError, match="outside"):
            atomic.read(path, within=folder)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no such pipes")
@pytest.mark.timeout(5)
def test_a_pipe_is_not_waited_for(folder: Path) -> None:
    os.mkfifo(folder / "pipe")
    with pytest.raises(OSError) as caught:
        atomic.read(folder / "pipe", within=folder)
    assert caught.value.errno == errno.ENODEV


def test_a_relative_folder_is_one_as_well(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also the current one, whose name stands in no path below it."""
    monkeypatch.chdir(folder.parent)
    (folder / "a").write_text("ours")
    (folder / "b").symlink_to("a")
    assert atomic.read(Path(folder.name, "a"), within=Path(folder.name)) == b"ours"
    monkeypatch.chdir(folder)
    assert atomic.read(Path("a"), within=Path()) == b"ours"
    for wrong in (Path("b"), Path("..", "x"), folder / "a"):
        with pytest.raises(OSError, match=r"link|outside"):
            atomic.read(wrong, within=Path())
