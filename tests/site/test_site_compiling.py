"""Modules compiled ahead: what replaces a module can be imported without it, and whatever cannot be compiled stays."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from citygrow_nb.site import building
from citygrow_nb.site.compiling import compile_modules, main

CONTENT = {
    "good/__init__.py": b"def where():\n    return where.__code__.co_filename\n",
    "good/unfinished.py": b"def (",
    "good/page.html": b"<p>def",
    "good-1.data/scripts/good.py": b"import good",
    "good-1.dist-info/METADATA": b"Name: good\nVersion: 1\n",
}


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Return a wheel."""
    path = tmp_path / "good.whl"
    with zipfile.ZipFile(path, "w") as written:
        for name, data in CONTENT.items():
            written.writestr(name, data)
    return path


def content(archive: Path) -> dict[str, bytes]:
    """Return what is in an archive."""
    with zipfile.ZipFile(archive) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def test_compiled_module_stands_instead_of_its_source(archive: Path) -> None:
    """It is imported without asking for the source; everything else is as it was."""
    compile_modules(archive, "/lib/python3/site-packages")
    found = content(archive)
    assert set(found) == {*CONTENT, "good/__init__.pyc"} - {"good/__init__.py"}
    assert {name: found[name] for name in CONTENT if name in found} == {
        name: data for name, data in CONTENT.items() if name != "good/__init__.py"
    }
    command = "import sys; sys.path[:0] = sys.argv[1:]; import good; print(good.where())"
    done = subprocess.run([sys.executable, "-c", command, str(archive)], capture_output=True, text=True, check=True)
    assert done.stdout == "/lib/python3/site-packages/good/__init__.py\n"


def test_all_wheels_and_the_library_are_compiled_and_nothing_else_is_left(archive: Path) -> None:
    """The folder holds the same files as before."""
    shutil.copy(archive, archive.with_name("python_stdlib.zip"))
    main(archive.parent, "python3.14")
    for path in archive.parent.iterdir():
        assert "good/__init__.pyc" in content(path)
    assert {path.name for path in archive.parent.iterdir()} == {"good.whl", "python_stdlib.zip"}


def test_site_is_built_without_node_and_says_what_that_costs(
    archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where there is no Node.js, or one that fails, modules stay as they are."""
    before = archive.read_bytes()
    monkeypatch.setattr(building.shutil, "which", lambda _: None)
    assert building._compile(tmp_path, tmp_path) == "there is no Node.js here"
    # A program that takes anything and fails.
    monkeypatch.setattr(building.shutil, "which", lambda _: sys.executable)
    assert building._compile(tmp_path, tmp_path).startswith("Node.js failed: ")
    assert archive.read_bytes() == before


@pytest.mark.slow
def test_modules_of_the_site_are_compiled(site: Path) -> None:
    """Our own, the libraries' and Python's, by the very Python that will read them."""
    if shutil.which("node") is None:
        pytest.skip("Node.js, which compiles them, is not here")
    folder = site / "static" / "pyodide"
    lock = json.loads((folder / "pyodide-lock.json").read_text())
    names = [name for path in folder.glob("*.whl") for name in content(path)] + list(
        content(folder / "python_stdlib.zip")
    )
    assert {"citygrow_nb/workbook/__init__.pyc", "jinja2/environment.pyc", "asyncio/__init__.pyc"} <= set(names)
    assert len(lock["packages"]) > 20
    assert [name for name in names if name.endswith(".py") and ".data/" not in name] == []
