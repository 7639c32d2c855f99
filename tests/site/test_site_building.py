"""Building a site: what is refused before anything slow begins, and what stands in the one that was built."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from citygrow_nb import authoring
from citygrow_nb.cli.entry import cli
from citygrow_nb.exceptions import SiteError, UsageError
from citygrow_nb.model import Benchmark
from citygrow_nb.site import building


def a_pyodide(folder: Path, python: str = "3.14.2", without: str = "") -> Path:
    """Return a folder that looks like Pyodide."""
    folder.mkdir()
    for name in ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip"):
        if name != without:
            (folder / name).write_text("x")
    (folder / "pyodide-lock.json").write_text(json.dumps({"info": {"python": python}, "packages": {}}))
    return folder


def test_pyodide_that_is_missing_or_another_one_is_refused(tmp_path: Path) -> None:
    """The sentence says how to get the right one."""
    assert building.checked_pyodide(a_pyodide(tmp_path / "good"))
    for folder, says in (
        (None, "was not named"),
        (tmp_path / "nowhere", "this is not Pyodide: pyodide.mjs is missing"),
        (a_pyodide(tmp_path / "half", without="pyodide.asm.wasm"), "pyodide.asm.wasm is missing"),
        (a_pyodide(tmp_path / "old", python="3.13.2"), "runs Python 3.13.2"),
    ):
        with pytest.raises(UsageError, match=says) as error:
            building.checked_pyodide(folder)
        assert re.search(r"npm pack pyodide@\d+\.\d+\.\d+", str(error.value))


def test_folder_with_other_files_is_left_alone(tmp_path: Path) -> None:
    """A site replaces its folder, so nothing but a site may be in it."""
    (tmp_path / "answers").mkdir()
    with pytest.raises(UsageError, match="not a site"):
        building.checked_target(tmp_path)
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="a file of this name"):
        building.checked_target(tmp_path / "file")
    (tmp_path / "empty").mkdir()
    assert building.checked_target(tmp_path / "empty")


def test_command_says_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wrong use ends before anything is fetched, with exit code 2 from the command itself."""
    monkeypatch.setattr(building, "build", lambda *_: pytest.fail("it began"))
    outcome = CliRunner().invoke(cli, ["site", str(tmp_path / "new")])
    assert isinstance(outcome.exception, UsageError)
    assert "Pyodide" in str(outcome.exception)
    assert not (tmp_path / "new").exists()


@pytest.mark.slow
def test_site_that_is_there_stays_when_the_new_one_fails(
    tmp_path: Path, benchmark: Benchmark, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever goes wrong, people find their site as it was, and no half one beside it."""
    site = tmp_path / "site"
    for path in (site / "lab" / "index.html", site / "start.py"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("old")

    def fails(command: Any, **_: Any) -> Any:
        return subprocess.CompletedProcess(command, 1, "", "a reason\nof two lines")

    monkeypatch.setattr(building.wheels, "gather", lambda *_: [])
    monkeypatch.setattr(building.subprocess, "run", fails)
    with pytest.raises(SiteError, match="of two lines"):
        building.build(site, [benchmark], a_pyodide(tmp_path / "pyodide"))
    assert [path.name for path in tmp_path.iterdir() if path.name != "pyodide"] == ["site"]
    assert (site / "start.py").read_text() == "old"


@pytest.mark.slow
def test_site_holds_workbooks_guide_packages_and_its_way_in(site: Path, benchmark: Benchmark) -> None:
    """The workbooks are those of the toolkit, the guide runs them, the first page leads to them."""
    for name, content in authoring.build(benchmark).items():
        assert (site / "files" / "workbooks" / benchmark.id / name).read_bytes() == content
    shipped = site / "extensions" / "citygrow-guide" / building.SHIPPED
    assert shipped.read_bytes() == authoring.fingerprints([benchmark])
    lock = json.loads((site / "static" / "pyodide" / "pyodide-lock.json").read_text())
    for entry in lock["packages"].values():
        assert (site / "static" / "pyodide" / entry["file_name"]).is_file()
    settings = json.loads((site / "jupyter-lite.json").read_text())["jupyter-config-data"]
    assert {each["name"] for each in settings["federated_extensions"]} == {
        "anywidget",
        "@jupyter-widgets/jupyterlab-manager",
        "@jupyterlite/pyodide-kernel-extension",
        "citygrow-guide",
    }
    front = (site / "index.html").read_text("utf-8")
    (link,) = re.findall(r'href="(lab/[^"]*)"', front)
    assert (site / link.split("?")[0]).is_file()
    assert f"workbooks/{benchmark.id}/00-start.ipynb" in link
    assert sum(path.stat().st_size for path in site.rglob("*") if path.is_file()) < 60e6
