"""One site for all tests, and a browser that keeps what it is given: it can be killed and started again."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from citygrow_nb import benchmarks
from citygrow_nb.exceptions import SiteError
from citygrow_nb.site import building, serving
from tests.browsing import arguments, program

ROOT = Path(__file__).parents[2]
FIRST = "lab/index.html?path=workbooks/migrant-entrepreneurs/{}&mode=single-document"
PATIENCE = 90_000
"""Milliseconds: a kernel that starts is a whole Python, and the machine may be busy."""


@pytest.fixture(scope="session")
def pyodide() -> Path:
    """Return the folder with Pyodide, which npm fetches once; skip where there is no npm or no registry."""
    folder = ROOT / ".venv" / "pyodide"
    if not (folder / "node_modules" / "pyodide" / "pyodide.mjs").is_file():
        npm = shutil.which("npm")
        if npm is None:
            _without("npm, which fetches Pyodide, is not here")
        shutil.copytree(ROOT / "citygrow_nb" / "site" / "npm", folder, dirs_exist_ok=True)
        command = [str(npm), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", str(folder)]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            _without(f"npm could not fetch Pyodide: {done.stderr.strip()[-200:]}")
    return folder / "node_modules" / "pyodide"


@pytest.fixture(scope="session")
def site(pyodide: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a site with the shipped toolkits."""
    folder = tmp_path_factory.mktemp("site") / "site"
    toolkits = [benchmarks.load(path) for path in benchmarks.shipped().values()]
    try:
        building.build(folder, toolkits, pyodide)
    except SiteError as error:
        if "could not be fetched" not in str(error):
            raise
        _without(str(error))
    return folder


def _without(reason: str) -> None:
    if os.environ.get("CITYGROW_REQUIRE_BROWSER"):
        pytest.fail(reason)
    pytest.skip(reason)


@dataclass
class Visitor:
    """Somebody at a browser of their own, which keeps what it is given over a restart.

    Parameters
    ----------
    chromium
        Playwright's kind of browser.
    profile
        Folder of what the browser keeps.
    site
        Address of the site.
    asked
        Every address elsewhere that a page asked for.
    """

    chromium: Any
    profile: Path
    site: str
    asked: list[str] = field(default_factory=list)
    context: Any = None

    def start(self) -> None:
        """Start the browser."""
        self.context = self.chromium.launch_persistent_context(
            str(self.profile),
            executable_path=program(),
            args=arguments(),
            viewport={"width": 1280, "height": 1000},
            accept_downloads=True,
        )
        self.context.set_default_timeout(PATIENCE)
        self.context.on("request", lambda request: self._note(request.url))

    def open(self, workbook: str) -> Any:
        """Open a workbook in a window of its own."""
        page = self.context.new_page()
        page.goto(self.site + FIRST.format(workbook))
        return page

    def kill(self) -> None:
        """End the browser as a power cut would, with all of its processes."""
        for process in Path("/proc").glob("[0-9]*/cmdline"):
            with contextlib.suppress(OSError):
                if str(self.profile) in process.read_bytes().decode(errors="replace"):
                    os.kill(int(process.parent.name), signal.SIGKILL)
        with contextlib.suppress(Exception):
            self.context.close()
        for lock in self.profile.glob("Singleton*"):
            lock.unlink()

    def stop(self) -> None:
        """Close the browser."""
        self.context.close()

    def _note(self, url: str) -> None:
        if not url.startswith((self.site, "data:", "blob:", "chrome")):
            self.asked.append(url)


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    """Return the address at which the site is served."""
    with serving.server(site) as running:
        thread = threading.Thread(target=running.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{running.server_port}/"
        running.shutdown()
        thread.join()


@pytest.fixture
def visitor(browser: Any, address: str, tmp_path: Path) -> Iterator[Visitor]:
    """Return somebody who has opened nothing yet; nothing may have been asked of other machines in the end."""
    made = Visitor(browser.browser_type, tmp_path / "profile", address)
    made.start()
    yield made
    with contextlib.suppress(Exception):
        made.stop()
    assert made.asked == []
