"""Somebody whom the guide leads: opens an address, and presses nothing to begin."""

from __future__ import annotations

import contextlib
import json
import re
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from citygrow_nb.model import Benchmark
from tests.lab.lab_server import PATIENCE, PUT_AWAY, Analyst, LabServer

OPEN = "async (path) => { await (await jupyterapp.commands.execute('docmanager:open', {path})).context.ready; }"


class Led:
    """A browser page in the hands of somebody whom the guide leads: opens an address, and presses nothing to begin.

    Parameters
    ----------
    context
        Playwright's browser context.
    lab_server
        Where to work; its workbooks are as they came with citygrow.
    """

    def __init__(self, context: Any, lab_server: LabServer) -> None:
        self.lab_server = lab_server
        self._context = context
        self.page = self._new()

    def _new(self) -> Any:
        page = self._context.new_page()
        page.set_default_timeout(PATIENCE)
        self._loaded = False
        return page

    def close(self) -> None:
        """Close the page, and shut down its kernels, which no page is left to do; the next visit opens a new page."""
        if not self.page.is_closed():
            self.page.close(run_before_unload=False)
            self.page = self._new()
        with contextlib.suppress(OSError):
            for session in json.load(urllib.request.urlopen(self.lab_server.url("api/sessions"))):
                address = self.lab_server.url(f"api/sessions/{session['id']}")
                urllib.request.urlopen(urllib.request.Request(address, method="DELETE"))

    def visit(self, file: str, folder: str = "", app: str = "doc/tree") -> None:
        """Open a workbook by its address."""
        path = f"{app}/{f'{folder}/{file}' if folder else self.lab_server.path(file)}"
        self.page.goto(self.lab_server.url(path) + ("&reset" if app.startswith("doc") else ""))
        self.page.locator(".jp-NotebookPanel:visible .jp-Cell").first.wait_for()
        self._loaded = app.startswith("doc")

    def open(self, file: str) -> None:
        """Open a workbook and no other, as the panel does; where JupyterLab is not loaded yet, by its address."""
        if not self._loaded:
            self.visit(file)
            return
        self.page.evaluate(PUT_AWAY)
        self.page.evaluate(OPEN, self.lab_server.path(file))
        self.page.locator(".jp-NotebookPanel:visible .jp-Cell").first.wait_for()

    def leave(self, *, failed: bool) -> None:
        """Leave JupyterLab as loaded as it is to whoever comes next; a page that may be in trouble is closed."""
        if failed or not self._loaded or self.page.is_closed():
            self.close()
        else:
            self.page.evaluate(PUT_AWAY)
            self.page.set_viewport_size({"width": 1280, "height": 1000})

    @property
    def panel(self) -> Any:
        """The guide's panel."""
        return self.page.get_by_role("region", name="Guide")

    def question(self, code: str, state: str) -> Any:
        """Return the panel's entry of a question in a certain state."""
        return self.panel.locator(f'button[data-code="{code}"]', has_text=re.compile(f", {state}"))

    def form(self, code: str) -> Any:
        """Return the form of a question or context factor, scrolled into view."""
        form = self.page.locator(f'.jp-NotebookPanel:visible form[aria-label$=" {code}"]')
        form.wait_for()
        form.scroll_into_view_if_needed()
        return form

    def at(self, code: str) -> None:
        """Wait until the keyboard is in a question's form."""
        inside = "document.activeElement?.closest('form')?.getAttribute('aria-label')?.endsWith(code)"
        try:
            self.page.wait_for_function(f"(code) => {inside}", arg=f" {code}")
        except Exception as error:
            there = self.page.evaluate("document.activeElement.outerHTML")[:300]
            raise AssertionError(f"not at {code} but at {there}") from error

    menu = Analyst.menu
    status = Analyst.status


@contextlib.contextmanager
def at_work(folder: Path, benchmark: Benchmark, context: Any, city: str) -> Iterator[Led]:
    """Begin a city on a JupyterLab of its own, which ends with the block."""
    lab_server = LabServer(folder, benchmark)
    lab_server.begin(city)
    lab_server.start()
    try:
        yield Led(context, lab_server)
    finally:
        lab_server.kill()
