"""A real JupyterLab on a workspace of its own, and an analyst's hands on it."""

from __future__ import annotations

import contextlib
import ipaddress
import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from citygrow_nb import authoring
from citygrow_nb.answers import AnswerStore
from citygrow_nb.authoring.cells import code, notebook
from citygrow_nb.model import Answer, Assessment, Benchmark, State
from citygrow_nb.workspace import Workspace
from tests.factories import assessment_of
from tests.lab import nursery

TOKEN = "training"
OWN_FOLDERS = (
    *("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR"),
    *("JUPYTERLAB_SETTINGS_DIR", "JUPYTERLAB_WORKSPACES_DIR"),
)
ROUND = "2026"
START_SECONDS = 120
PATIENCE = 90_000
"""Milliseconds to wait for anything on a page: other tests may run beside this one."""
IDLE = """() => {
  const context = jupyterapp.shell.currentWidget?.sessionContext;
  return context?.session?.kernel?.connectionStatus === 'connected' && context.kernelDisplayStatus === 'idle';
}"""
KERNEL = """() => {
  const context = jupyterapp.shell.currentWidget?.sessionContext;
  const kernel = context?.session?.kernel;
  return [context?.isReady, kernel?.connectionStatus, kernel?.status, context?.kernelDisplayStatus].join(', ');
}"""
CELLS = """() => {
  const panel = jupyterapp.shell.currentWidget;
  return [...panel.content.model.cells].map((cell) => `${cell.id}: ${cell.sharedModel.getSource()}`);
}"""
PUT_AWAY = """async () => {
  for (const panel of [...jupyterapp.shell.widgets('main')]) {
    if (panel.context) {
      panel.context.model.dirty = false;
      await panel.sessionContext.shutdown();
    }
    panel.close();
  }
}"""
DEPARTMENTS = {
    "econ": "Economic development",
    "integration": "Integration office",
    "jobs": "Job centre",
    "chamber": "Chamber of commerce",
    "bank": "Savings bank",
    "association": "Association of migrant entrepreneurs",
}
SAVED = r"^Saved \d\d:\d\d$"
"""What a form says when an answer is on disk."""


@dataclass
class LabServer:
    """A workspace and the JupyterLab that serves it.

    Parameters
    ----------
    root
        The workspace.
    benchmark
        What is asked.
    cold
        Whether its kernels start one by one, as everybody's, rather than being forked.
    """

    root: Path
    benchmark: Benchmark
    cold: bool = False
    port: int = 0
    process: subprocess.Popen[bytes] | None = None
    log: Path = field(init=False)

    def __post_init__(self) -> None:
        self.log = self.root / "lab.log"
        (self.root / "answers").mkdir(parents=True, exist_ok=True)
        (self.root / "outputs").mkdir(exist_ok=True)
        self.workbooks.mkdir(parents=True, exist_ok=True)
        self.notes.mkdir(exist_ok=True)
        for file, content in authoring.build(self.benchmark).items():
            (self.workbooks / file).write_bytes(content)

    def path(self, file: str) -> str:
        """Return the path of a workbook or of a note as JupyterLab knows it."""
        place = self.notes if (self.notes / file).is_file() else self.workbooks
        return (place / file).relative_to(self.root).as_posix()

    @property
    def notes(self) -> Path:
        """Folder of notebooks that are no workbooks, which the guide leaves alone."""
        return self.root / "notes"

    @property
    def workbooks(self) -> Path:
        """Folder of the workbooks."""
        return Workspace(self.root).notebooks(self.benchmark.id)

    @property
    def store(self) -> AnswerStore:
        """Answers of the workspace."""
        return AnswerStore(Workspace(self.root), self.benchmark)

    def begin(self, slug: str) -> None:
        """Name a city that has no answers yet."""
        self.store.create(assessment_of(self.benchmark, name=slug.title(), slug=slug))

    def workbook(self, stem: str, slug: str) -> str:
        """Begin a city, and return the name of its own copy of a workbook, which the guide leaves alone.

        So tests that share a server do not meet, in whatever order they run.
        """
        if not self.document(slug).exists():
            self.begin(slug)
        [source] = self.workbooks.glob(f"{stem}-*.ipynb")
        content = json.loads(source.read_bytes())
        [cell] = [cell for cell in content["cells"] if cell["metadata"].get("tags") == ["parameters"]]
        cell["source"] = [line.replace('city = ""', f'city = "{slug}"') for line in cell["source"]]
        del content["metadata"]["citygrow"]  # the guide looks after no notebook that is not citygrow's
        return self._written(f"{slug}-{source.name}", json.dumps(content).encode())

    def _written(self, name: str, content: bytes) -> str:
        path = self.notes / name
        if not path.exists():
            path.write_bytes(content)
        return name

    def leaflet(self, slug: str, *calls: str) -> str:
        """Begin a city, and return the name of a small notebook of its own, with what the calls show in one cell each.

        Made once; later calls may leave the content out.
        """
        if not self.document(slug).exists():
            self.begin(slug)
        opened = f'book = workbook.open_workbook("{self.benchmark.id}", city="{slug}")'
        sources = [f"from citygrow_nb import workbook\n\n{opened}\nbook", *(f"book.{call}" for call in calls)]
        name = f"{slug}.ipynb"
        cells = [code(f"cell-{number}", source) for number, source in enumerate(sources)]
        content = json.loads(notebook(cells, slug, self.benchmark.id))
        del content["metadata"]["citygrow"]
        return self._written(name, json.dumps(content).encode())

    def document(self, slug: str) -> Path:
        """Return the file with a city's answers."""
        return self.store.document(slug, ROUND)

    def on_disk(self, slug: str) -> Assessment:
        """Return a city's assessment."""
        return self.store.load(slug, ROUND)

    def level(self, slug: str, code: str) -> int | None:
        """Return the level that is on disk."""
        answer = self.on_disk(slug).answer(code)
        return None if answer is None else answer.level

    def until(self, so: Callable[[], bool], seconds: float = 30.0) -> None:
        """Wait until something is so, such as what stands on disk; fail if it never is."""
        deadline = time.monotonic() + seconds
        while not so():
            assert time.monotonic() < deadline, "this never came"
            time.sleep(0.1)

    def say(self, slug: str, code: str, answer: Answer) -> None:
        """Save an answer as somebody else does, whatever stood there."""
        self.store.record(slug, ROUND, "agreed", code, answer, self.on_disk(slug).answer(code))

    def differ(self, slug: str, code: str, *levels: int) -> None:
        """Have departments answer a question, each with another level."""
        known = self.on_disk(slug)
        made = known
        for key, level in zip(DEPARTMENTS, levels or (0, 3), strict=False):
            if key not in made.respondents:
                made = made.with_respondent(key, DEPARTMENTS[key], kind="institution")
            made = made.with_answer(code, Answer(state=State.RATED, level=level, comment=f"So we see {code}."), key)
        self.store.save(made, known)

    @property
    def environment(self) -> dict[str, str]:
        """Variables for JupyterLab and its kernels: their own settings, and nobody's home."""
        own = self.root / ".home"
        foreign = ("JUPYTER", "XDG_", "CITYGROW")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
        homes = dict.fromkeys(("HOME", "USERPROFILE", "APPDATA", "PROGRAMDATA"), str(own))
        return {**kept, **homes, **{name: str(own / name.lower()) for name in OWN_FOLDERS}}

    def start(self) -> None:
        """Start JupyterLab as an analyst does, with ``citygrow lab``, unless it runs; always at the same address."""
        if self.process is not None:
            return
        if not self.port:
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                self.port = probe.getsockname()[1]
        options = [
            f"--ServerApp.port={self.port}",
            "--ServerApp.port_retries=0",
            f"--IdentityProvider.token={TOKEN}",
            "--expose-app-in-browser",
            "--KernelRestarter.time_to_dead=0.5",  # a killed kernel comes back soon, however often
            "--KernelRestarter.restart_limit=1000",
            f"--JupyterNotebookApp.extra_labextensions_path={authoring.EXTENSIONS}",  # as citygrow lab has it
        ]
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            options.append("--allow-root")
        command = [sys.executable, "-m", "citygrow_nb", "lab", "--no-browser", "--", *options]
        settings = Path(self.environment["JUPYTER_CONFIG_DIR"])
        settings.mkdir(parents=True, exist_ok=True)
        if not self.cold and hasattr(os, "fork"):
            forking = nursery.CONFIG.format(root=str(self.root), folders=[str(self.workbooks), str(self.notes)])
            (settings / "jupyter_server_config.py").write_text(forking, encoding="utf-8")
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command, cwd=self.root, env=self.environment, stdout=log, stderr=log, start_new_session=True
            )
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            with contextlib.suppress(OSError), urllib.request.urlopen(self.url("api"), timeout=2):
                return
            time.sleep(0.1)
        raise RuntimeError(self.log.read_text("utf-8"))

    def kill(self) -> None:
        """Kill the server and its kernels, as an idle Binder does."""
        if self.process is not None:
            doomed = self.processes()
            for process in doomed:
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.kill()
            self.process.wait()
            psutil.wait_procs(doomed)
            self.process = None

    def processes(self) -> list[psutil.Process]:
        """Return the server and all that it has started."""
        if self.process is None:
            return []
        server = psutil.Process(self.process.pid)
        return [server, *server.children(recursive=True)]

    def kernels(self) -> list[psutil.Process]:
        """Return the processes of all kernels."""
        processes = self.processes()
        found = nursery.forked(processes)
        for process in processes:
            with contextlib.suppress(psutil.NoSuchProcess):
                if "ipykernel_launcher" in process.cmdline():
                    found.append(process)
        return found

    def strangers(self) -> list[str]:
        """Return the addresses on other machines to which server or kernels are connected."""
        found = []
        for process in self.processes():
            with contextlib.suppress(psutil.NoSuchProcess):
                found += [str(end.raddr) for end in process.net_connections("inet") if is_far(end.raddr)]
        return found

    def url(self, path: str) -> str:
        """Return an address on the server."""
        return f"http://127.0.0.1:{self.port}/{path}?token={TOKEN}"


def is_far(address: Any) -> bool:
    """Tell whether an address that psutil gave is on another machine."""
    return bool(address) and not ipaddress.ip_address(address.ip).is_loopback


class Analyst:
    """A browser page in the hands of an analyst.

    Parameters
    ----------
    context
        Playwright's browser context; pages of one context share what the browser keeps.
    lab_server
        Where to work.
    """

    def __init__(self, context: Any, lab_server: LabServer) -> None:
        self.lab_server = lab_server
        self.page = context.new_page()
        self.page.set_default_timeout(PATIENCE)
        self.loaded = False
        self.at = ""
        # JupyterLab says so in a window of its own when its server is gone; an analyst dismisses that.
        lost = self.page.locator('.jp-Dialog[aria-label^="Server Connection Error"]')
        self.page.add_locator_handler(lost, lambda dialog: dialog.locator("button").first.click())

    def load(self, file: str = "", window: str = "") -> None:
        """Load JupyterLab with one workbook or none open; ``window`` names a second window's layout."""
        place = f"lab/workspaces/{window}" if window else "lab"
        place += f"/tree/{self.lab_server.path(file)}" if file else ""
        self.page.goto(self.lab_server.url(place) + "&reset")
        self.page.wait_for_function("window.jupyterapp?.started")
        self.page.evaluate("async () => { await jupyterapp.started; await jupyterapp.restored; }")
        self.loaded, self.at = True, file

    def open(self, file: str, *, anew: bool = False) -> None:
        """Open a workbook and no other; ``anew`` loads the page again, as opening its address does."""
        if anew or not self.loaded:
            self.load()
        else:
            self.put_away()
        self.open_beside(file)

    def open_beside(self, file: str) -> None:
        """Open a workbook beside those that are open."""
        self.page.evaluate(
            """async (path) => {
              const panel = await jupyterapp.commands.execute('docmanager:open', {path});
              await panel.context.ready;
              await panel.sessionContext.ready;
              // Just after a reload a panel may open without becoming the current one; people click on it.
              for (let tries = 0; tries < 300 && jupyterapp.shell.currentWidget !== panel; tries += 1) {
                jupyterapp.shell.activateById(panel.id);
                await new Promise((done) => setTimeout(done, 100));
              }
            }""",
            self.lab_server.path(file),
        )
        # Cells that are run while the kernel is still connecting are lost.
        self.idle()
        self.page.wait_for_selector(".jp-Notebook:visible .jp-Cell")
        self.at = file

    def idle(self) -> None:
        """Wait until the kernel has nothing to do."""
        try:
            self.page.wait_for_function(IDLE)
        except Exception as error:
            last = "\n".join(self.lab_server.log.read_text("utf-8").splitlines()[-40:])
            raise AssertionError(f"the kernel is not idle: {self.page.evaluate(KERNEL)}\n{last}") from error

    def run_all(self) -> None:
        """Run all cells, and wait until they have run."""
        self.page.evaluate("jupyterapp.commands.execute('notebook:run-all-cells')")

    def work(self, file: str, *, anew: bool = False) -> None:
        """Open a workbook and run all cells; one that is at work already is taken as it is, unless ``anew``."""
        if anew or not self.loaded or self.at != file:
            self.open(file)
            self.run_all()

    def put_away(self) -> None:
        """Close this page's workbooks without saving them, and shut down their kernels."""
        self.at = ""
        self.page.evaluate(PUT_AWAY)

    def menu(self, menu: str, entry: str) -> None:
        """Choose an entry of a menu."""
        self.page.click(f'.lm-MenuBar-itemLabel:text-is("{menu}")')
        self.page.click(f'.lm-Menu-itemLabel:text-matches("^{entry}")')

    def form(self, code: str) -> Any:
        """Return the form of a question or context factor, scrolled into view."""
        form = self.page.locator(f'form[aria-label$=" {code}"]').first
        self.reach(form)
        return form

    def reach(self, element: Any) -> None:
        """Scroll the notebook to an element."""
        try:
            element.first.wait_for(state="attached")
        except Exception as error:
            shown = self.page.locator(".jp-Dialog, .jp-NotebookPanel:visible .jp-OutputArea-output").all_inner_texts()
            raise AssertionError(f"not there: {element}; but {shown}") from error
        element.first.scroll_into_view_if_needed()

    def status(self, form: Any, text: str) -> str:
        """Wait until a form's status line says something, and return it."""
        line = form.locator(".cgw-status").filter(has_text=re.compile(text))
        try:
            line.wait_for()
        except Exception as error:
            raise AssertionError(f"no “{text}”, but {form.locator('.cgw-status').all_inner_texts()}") from error
        said: str = line.inner_text()
        return said

    def cells(self) -> list[str]:
        """Return the cells of the notebook in order, with their text, as its model knows them."""
        found: list[str] = self.page.evaluate(CELLS)
        return found

    def theme(self, name: str) -> None:
        """Change JupyterLab's theme: ``Light`` or ``Dark``."""
        self.page.evaluate(
            "(theme) => jupyterapp.commands.execute('apputils:change-theme', {theme})", f"JupyterLab {name}"
        )
        light = "true" if name == "Light" else "false"
        self.page.wait_for_selector(f"body[data-jp-theme-light={light}]", state="attached")
        # It lies over everything for a moment, and what lies below cannot be judged.
        self.page.wait_for_selector("#jupyterlab-splash", state="detached")
