"""``citygrow lab``: JupyterLab on the workspace, for one city or all."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError

import pytest
from jupyter_client.blocking import BlockingKernelClient

from citygrow_nb.cli import cli
from citygrow_nb.cli.lab import command, find_city
from citygrow_nb.exceptions import UsageError
from citygrow_nb.workspace import Workspace
from tests import tripwires
from tests.cli.conftest import Call

ROOT = Path(__file__).parents[2]
WORKBOOKS = "workbooks/migrant-entrepreneurs"


def test_command_opens_the_start_in_the_workspace(tmp_path: Path) -> None:
    """The workspace is the root of what people see, also with blanks in its path; more options are passed on."""
    parts = command(Workspace(tmp_path / "my cities"), "jobs", ["--port=8899"], no_browser=True)
    assert parts[:4] == [sys.executable, "-P", "-m", "citygrow_nb.cli.jupyterlab_server"]
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


@dataclass(frozen=True)
class Served:
    """What ``citygrow lab`` serves: a workspace full of programs by others, which was the current folder."""

    root: Path
    runtime: Path
    port: int
    process: subprocess.Popen[bytes]

    @property
    def workbooks(self) -> Path:
        return self.root / WORKBOOKS

    def ask(self, place: str, body: object = None, method: str = "GET") -> str:
        address = f"http://127.0.0.1:{self.port}/{place}{'&' if '?' in place else '?'}token=t"
        data = None if body is None else json.dumps(body).encode()
        for _ in range(300):
            try:
                request = urllib.request.Request(address, data, method=method)
                with urllib.request.urlopen(request, timeout=60) as answer:
                    return str(answer.read().decode()) if place else str(answer.url)
            except HTTPError:
                raise
            except URLError:
                time.sleep(0.1)
        raise AssertionError("the server did not start")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    root, elsewhere = tmp_path_factory.mktemp("served"), tmp_path_factory.mktemp("elsewhere")
    cli.main(["init", str(root)], standalone_mode=False)
    document = root / "answers" / "migrant-entrepreneurs" / "zabia-gora" / "2026.json"
    document.parent.mkdir(parents=True)
    document.touch()
    programs = ("jupyter", "jupyter_server", "jupyter_lab", "ipython", "ipython_kernel")
    for folder in (root, root / WORKBOOKS):
        tripwires.lay(folder, *(f"{program}_config" for program in programs))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = ["--no-browser", "--", f"--port={port}", "--IdentityProvider.token=t", "--allow-root"]
    own = {name: str(elsewhere / name) for name in ("JUPYTER_RUNTIME_DIR", "JUPYTER_CONFIG_DIR", "IPYTHONDIR")}
    process = subprocess.Popen(
        [sys.executable, tripwires.command(elsewhere), "lab", "Żabia Góra", *options],
        cwd=root,
        env=os.environ | own | {"PYTHONPATH": str(ROOT)},
        stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    try:
        yield Served(root, Path(own["JUPYTER_RUNTIME_DIR"]), port, process)
    finally:
        process.terminate()
        process.wait(timeout=30)


@pytest.mark.slow
def test_lab_starts(served: Served) -> None:
    """The server shows the workbooks, knows the city, and runs nothing that lies in the workspace."""
    found = json.loads(served.ask(f"api/contents/{WORKBOOKS}/00-start.ipynb?content=0"))
    assert found["path"] == f"{WORKBOOKS}/00-start.ipynb"
    assert f"doc/tree/{WORKBOOKS}/00-start.ipynb" in served.ask("")
    if sys.platform == "linux":
        variables = Path(f"/proc/{served.process.pid}/environ").read_bytes().split(b"\0")
        assert b"CITYGROW_CITY=zabia-gora" in variables
    assert tripwires.sprung(served.root) == []


LOOK = """
import os, sys, citygrow_nb
print([path for path in sys.path if not os.path.isabs(path) or os.path.exists(os.path.join(path, "papermill.py"))])
!"{sys.executable}" tools/a.py
"""


@pytest.mark.slow
def test_kernel_runs_nothing_that_lies_beside_its_workbook(served: Served) -> None:
    """Opening a workbook starts a kernel; a program that a notebook starts finds what lies beside it, as ever."""
    tools = served.workbooks / "tools"
    tools.mkdir()
    (tools / "a.py").write_text("import own", encoding="utf-8")
    (tools / "own.py").write_text("print('own')", encoding="utf-8")
    body = {"path": f"{WORKBOOKS}/00-start.ipynb", "type": "notebook", "name": "", "kernel": {"name": "python3"}}
    kernel = json.loads(served.ask("api/sessions", body, "POST"))["kernel"]["id"]
    client = BlockingKernelClient(connection_file=str(served.runtime / f"kernel-{kernel}.json"))
    client.load_connection_file()
    client.start_channels()
    said = ""

    def hear(part: dict[str, Any]) -> None:
        nonlocal said
        said += part["content"].get("text", "")

    try:
        client.wait_for_ready(timeout=60)
        client.execute_interactive(LOOK, output_hook=hear, timeout=60)
    finally:
        client.stop_channels()
    assert said.split() == ["[]", "own"]
    assert tripwires.sprung(served.workbooks) == []


@pytest.mark.slow
def test_saved_widgets_are_neither_shown_nor_kept(served: Served) -> None:
    """JupyterLab would make them again, and run their scripts, when a notebook is opened."""
    [source] = served.workbooks.glob("01-*.ipynb")
    content = json.loads(source.read_bytes())
    assert "widgets" not in content["metadata"]
    content["metadata"]["widgets"] = {"application/vnd.jupyter.widget-state+json": {"state": {}, "version_major": 2}}
    sent = served.workbooks / "sent.ipynb"
    sent.write_text(json.dumps(content), encoding="utf-8")
    got = json.loads(served.ask(f"api/contents/{WORKBOOKS}/sent.ipynb"))
    assert got["content"]["metadata"]["kernelspec"]["name"] == "python3"
    assert "widgets" not in got["content"]["metadata"]
    body = {"type": "notebook", "format": "json", "content": content}
    served.ask(f"api/contents/{WORKBOOKS}/sent.ipynb", body, "PUT")
    assert "widgets" not in json.loads(sent.read_bytes())["metadata"]


@pytest.mark.slow
def test_exports_take_no_template_from_the_workspace(served: Served) -> None:
    """A template is a program: one click on a link in a notebook would run it."""
    template = served.root / "lab"
    template.mkdir()
    (template / "conf.json").write_text('{"base_template": "base", "mimetypes": {"text/html": true}}', encoding="utf-8")
    (template / "index.html.j2").write_text("{{ 6 * 7 }} of others", encoding="utf-8")
    assert "42 of others" not in served.ask(f"nbconvert/html/{WORKBOOKS}/00-start.ipynb")
