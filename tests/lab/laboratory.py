"""A real JupyterLab on a workspace of its own, and an analyst's hands on it."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from citygrow_nb import authoring
from citygrow_nb.answers import AnswerStore
from citygrow_nb.model import Assessment, Benchmark
from citygrow_nb.workspace import Workspace
from tests.factories import assessment_of

TOKEN = "training"
START_SECONDS = 60


@dataclass
class Laboratory:
    """A workspace and the JupyterLab that serves it.

    Parameters
    ----------
    root
        The workspace.
    benchmark
        What is asked.
    """

    root: Path
    benchmark: Benchmark
    port: int = 0
    process: subprocess.Popen[bytes] | None = None
    log: Path = field(init=False)

    def __post_init__(self) -> None:
        self.log = self.root / "lab.log"
        (self.root / "answers").mkdir(parents=True, exist_ok=True)
        (self.root / "outputs").mkdir(exist_ok=True)
        (self.root / "workbooks").mkdir(exist_ok=True)
        for file, content in authoring.build(self.benchmark).items():
            (self.root / "workbooks" / file).write_bytes(content)

    @property
    def store(self) -> AnswerStore:
        """Answers of the workspace."""
        return AnswerStore(Workspace(self.root), self.benchmark)

    def begin(self, slug: str = "zabia-gora") -> None:
        """Name a city that has no answers yet."""
        self.store.create(assessment_of(self.benchmark, slug=slug))

    def on_disk(self, slug: str = "zabia-gora") -> Assessment:
        """Return the city's assessment."""
        return self.store.load(slug, "2026")

    def start(self) -> None:
        """Start JupyterLab as an analyst does, with ``citygrow lab``."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        options = [f"--ServerApp.port={self.port}", f"--IdentityProvider.token={TOKEN}", "--expose-app-in-browser"]
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            options.append("--allow-root")
        command = [sys.executable, "-m", "citygrow_nb", "lab", "--no-browser", "--", *options]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(command, cwd=self.root, stdout=log, stderr=log, start_new_session=True)
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError), urllib.request.urlopen(self.url("api"), timeout=2):
                return
            time.sleep(0.2)
        raise RuntimeError(self.log.read_text("utf-8"))

    def kill(self) -> None:
        """Kill the server and its kernels, as an idle Binder does."""
        if self.process is not None:
            pids = _descendants(self.process.pid)
            for pid in (self.process.pid, *pids):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            self.process.wait()
            self.process = None

    def url(self, path: str) -> str:
        """Return an address on the server."""
        return f"http://127.0.0.1:{self.port}/{path}?token={TOKEN}"


def _descendants(pid: int) -> list[int]:
    listed = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    pairs = [tuple(map(int, line.split())) for line in listed.splitlines()]
    found: list[int] = []
    level = [pid]
    while level:
        level = [child for child, parent in pairs if parent in level]
        found += level
    return found


class Analyst:
    """A browser page in the hands of an analyst.

    Parameters
    ----------
    browser
        Playwright's browser.
    laboratory
        Where to work.
    dark
        Whether JupyterLab is shown in its dark theme.
    """

    def __init__(self, browser: Any, laboratory: Laboratory, *, dark: bool = False) -> None:
        self.laboratory = laboratory
        self.context = browser.new_context(
            viewport={"width": 1280, "height": 1000}, color_scheme="dark" if dark else "light", accept_downloads=True
        )
        self.page = self.context.new_page()
        self.outside: list[str] = []
        self.page.on("request", self._note)

    def _note(self, request: Any) -> None:
        if not re.match(r"(https?|wss?)://(127\.0\.0\.1|localhost)[:/]|data:|blob:", request.url):
            self.outside.append(request.url)

    def open(self, file: str, *, reset: bool = True) -> None:
        """Open a workbook."""
        self.page.goto(self.laboratory.url(f"lab/tree/workbooks/{file}") + ("&reset" if reset else ""))
        self.page.wait_for_selector(".jp-Notebook:visible .jp-Cell", timeout=60_000)
        self.page.wait_for_selector('.jp-StatusBar-TextItem:has-text("| Idle")', timeout=60_000)

    def run_all(self) -> None:
        """Run all cells, by the menu."""
        self.menu("Run", "Run All Cells")
        self.page.wait_for_selector(".cgw, .cg-message", timeout=60_000, state="attached")

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
        element.first.wait_for(state="attached", timeout=30_000)
        element.first.scroll_into_view_if_needed()

    def status(self, form: Any, text: str, timeout: float = 10_000) -> str:
        """Wait until a form's status line says something, and return it."""
        line = form.locator(".cgw-status").filter(has_text=re.compile(text))
        line.wait_for(timeout=timeout)
        said: str = line.inner_text()
        return said

    def cells(self) -> list[str]:
        """Return the cells of the notebook in order, as its model knows them."""
        script = """() => {
          const panel = window.jupyterapp?.shell.currentWidget;
          return [...panel.content.model.cells].map((cell) => cell.id);
        }"""
        found: list[str] = self.page.evaluate(script)
        return found

    def close(self) -> None:
        """Close the browser's window."""
        self.context.close()


@contextlib.contextmanager
def at_work(browser: Any, laboratory: Laboratory, *, dark: bool = False) -> Iterator[Analyst]:
    """Open a browser window for an analyst, and close it again."""
    analyst = Analyst(browser, laboratory, dark=dark)
    try:
        yield analyst
    finally:
        analyst.close()
