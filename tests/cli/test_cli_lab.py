"""``citygrow lab``: JupyterLab on the workspace, for one city or all."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from urllib.error import URLError

import pytest

from citygrow_nb.cli.lab import command, find_city
from citygrow_nb.exceptions import UsageError
from citygrow_nb.workspace import Workspace
from tests.cli.conftest import Call

ROOT = Path(__file__).parents[2]


def test_command_opens_the_start_in_the_workspace(tmp_path: Path) -> None:
    """The workspace is the root of what people see, also with blanks in its path; more options are passed on."""
    parts = command(Workspace(tmp_path / "my cities"), "jobs", ["--port=8899"], no_browser=True)
    assert parts[:3] == [sys.executable, "-m", "citygrow_nb.cli.jupyterlab_server"]
    assert f"--ServerApp.root_dir={tmp_path / 'my cities'}" in parts
    assert "--LabApp.default_url=/doc/tree/workbooks/jobs/00-start.ipynb" in parts
    assert f"--LabApp.extra_labextensions_path={ROOT / 'citygrow_nb' / 'labextensions'}" in parts
    assert parts[-2:] == ["--no-browser", "--port=8899"]


def test_city_is_found_by_name_or_folder(tmp_path: Path) -> None:
    """One that is not there is named with the nearest."""
    (tmp_path / "answers" / "jobs" / "zabia-gora").mkdir(parents=True)
    with pytest.raises(UsageError, match="no answers here yet; open “citygrow lab” without naming a city"):
        find_city(Workspace(tmp_path), "zabia-gora")
    (tmp_path / "answers" / "jobs" / "zabia-gora" / "2026.json").touch()
    assert find_city(Workspace(tmp_path), "zabia-gora") == "zabia-gora"
    assert find_city(Workspace(tmp_path), "Żabia Góra") == "zabia-gora"
    with pytest.raises(UsageError, match="did you mean “zabia-gora”"):
        find_city(Workspace(tmp_path), "Zabia Gorka")


def test_folder_without_workbooks_says_what_to_do(citygrow: Call) -> None:
    """Wrong use, before anything starts."""
    said = citygrow("lab", "--", "--port=8899")
    assert said.code == 2
    assert "make them with “citygrow workbooks build”" in said.err


def test_one_of_several_benchmarks_must_be_named(citygrow: Call, place: Path) -> None:
    """JupyterLab opens on one of them; the sentence says which there are."""
    for name in ("jobs", "migrant-entrepreneurs"):
        (place / "workbooks" / name).mkdir(parents=True)
    citygrow("init", ".", "--benchmark", Path(__file__).parents[1] / "benchmarks" / "data" / "quiet-nights")
    said = citygrow("lab")
    assert said.code == 2
    assert "migrant-entrepreneurs, quiet-nights; name one" in said.err


@pytest.mark.slow
def test_lab_starts_and_stops(citygrow: Call, place: Path) -> None:
    """The server shows the workbooks, knows the city, and ends when told."""
    citygrow("init", ".")
    (place / "answers" / "migrant-entrepreneurs" / "zabia-gora").mkdir(parents=True)
    (place / "answers" / "migrant-entrepreneurs" / "zabia-gora" / "2026.json").touch()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = ["--no-browser", "--", f"--port={port}", "--IdentityProvider.token=t", "--allow-root"]
    process = subprocess.Popen(
        [sys.executable, "-m", "citygrow_nb", "lab", "Żabia Góra", *options],
        env=os.environ | {"PYTHONPATH": str(ROOT), "JUPYTER_RUNTIME_DIR": str(place / "runtime")},
        stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    try:
        found = json.loads(
            ask(
                f"http://127.0.0.1:{port}/api/contents/workbooks/migrant-entrepreneurs/00-start.ipynb?content=0&token=t"
            )
        )
        assert found["path"] == "workbooks/migrant-entrepreneurs/00-start.ipynb"
        assert re.search(
            r"doc/tree/workbooks/migrant-entrepreneurs/00-start\.ipynb", ask(f"http://127.0.0.1:{port}/?token=t")
        )
        if sys.platform == "linux":
            variables = Path(f"/proc/{process.pid}/environ").read_bytes().split(b"\0")
            assert b"CITYGROW_CITY=zabia-gora" in variables
    finally:
        process.terminate()
        process.wait(timeout=30)


def ask(address: str) -> str:
    for _ in range(300):
        try:
            with urllib.request.urlopen(address, timeout=10) as answer:
                return str(answer.read().decode()) if "api" in address else str(answer.url)
        except URLError as error:
            if not isinstance(error.reason, OSError):
                raise
            time.sleep(0.1)
    raise AssertionError("the server did not start")
