"""Make the pictures of this folder: a real JupyterLab and real reports of the example cities, in a real browser.

Run it with ``make pictures``. It works in a temporary folder and writes nothing but ``docs/pictures/*.png``.
"""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pypdfium2
from PIL import Image
from playwright.sync_api import Locator, Page, sync_playwright

HERE = Path(__file__).resolve().parent
EXAMPLES = HERE.parent / "examples"
PICTURES = HERE / "pictures"
CITY = "port-imaginary"
TOOLKIT = "migrant-entrepreneurs"
ROUND = "2026"
TOKEN = "pictures"  # noqa: S105 -- guards a server that lives for a minute
PATIENCE = 120_000
THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}
VIEWS = {"1280": (1280, 900, "light"), "320": (320, 900, "light"), "dark": (1280, 900, "dark")}
IDLE = """() => {
  const { content, sessionContext } = jupyterapp.shell.currentWidget;
  const busy = (cell) => cell.promptNode?.textContent.includes('*');
  return sessionContext.kernelDisplayStatus === 'idle' && !content.widgets.some(busy);
}"""
CITY_BY_CITY = "City by city"
DISAGREEING = "fictionford"
DISPUTED = "KF2.Q1"
PAGES = {
    "report-front": "index.html",
    "report-all-toolkits": f"cities/{CITY}.html",
    "report-city": f"{TOOLKIT}/{CITY}/{ROUND}/index.html",
    "report-factor": f"{TOOLKIT}/{CITY}/{ROUND}/06-access-to-money.html",
    "report-portfolio": f"{TOOLKIT}/index.html",
    "report-cities": f"{TOOLKIT}/index.html#{CITY_BY_CITY}",
    "report-disagreeing": f"{TOOLKIT}/{DISAGREEING}/{ROUND}/index.html",
    "report-disputed": f"{TOOLKIT}/{DISAGREEING}/{ROUND}/02-mapping.html#{DISPUTED}",
}
ONCE = {
    "report-trend": f"{TOOLKIT}/{CITY}/{ROUND}/12-results.html#trend",
    "mentoring": f"{TOOLKIT}/mentoring.html",
    "status": f"{TOOLKIT}/status.html",
}
"""Pages of which one view is enough."""


def main() -> None:
    """Make all pictures."""
    PICTURES.mkdir(exist_ok=True)
    # Short, because sockets of kernels have short paths; and nobody's own settings of JupyterLab are touched.
    with tempfile.TemporaryDirectory(prefix="cg-", ignore_cleanup_errors=True) as folder, browser() as chromium:
        workspace = Path(folder).resolve() / "my-cities"
        citygrow("init", workspace, cwd=workspace.parent)
        citygrow("answers", "import", EXAMPLES, cwd=workspace)
        shutil.copy(EXAMPLES / "expected.csv", workspace)
        citygrow("batch", "--pdf", cwd=workspace)
        for name, page in (PAGES | ONCE).items():
            for view, (width, height, scheme) in list(VIEWS.items())[: 1 if name in ONCE else None]:
                address = f"{(workspace / 'outputs').as_uri()}/{page}"
                picture_of_report(chromium, address, f"{name}-{view}", width, height, scheme)
        picture_of_pdf(workspace / "outputs" / TOOLKIT / CITY / ROUND / "report.pdf", "report-pdf")
        for city, pictures in ((CITY, pictures_of_lab), (DISAGREEING, pictures_of_meeting)):
            with lab_server(workspace, city) as address:
                for scheme in THEMES:
                    pictures(chromium, address, scheme)
    size = sum(path.stat().st_size for path in PICTURES.glob("*.png"))
    sys.stdout.write(f"{len(list(PICTURES.glob('*.png')))} pictures, {size / 1000:,.0f} kB, in {PICTURES}\n")


def picture_of_report(chromium: Any, address: str, name: str, width: int, height: int, scheme: str) -> None:
    """Take a picture of the top of a page, or of the heading that its address names."""
    page = chromium.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)
    page.goto(address)
    if address.endswith(CITY_BY_CITY):
        page.get_by_role("heading", name=CITY_BY_CITY).evaluate("(heading) => heading.scrollIntoView()")
    taken(page, name)
    page.close()


def picture_of_pdf(file: Path, name: str) -> None:
    """Take a picture of a PDF file's first sheet; browsers without a screen show no PDF."""
    with pypdfium2.PdfDocument(file) as sheets:
        kept(sheets[0].render(scale=1.5).to_pil(), name)


def taken(page: Page, name: str) -> None:
    """Take a picture of what a page shows."""
    kept(Image.open(io.BytesIO(page.screenshot())).convert("RGB"), name)


def kept(picture: Image.Image, name: str) -> None:
    """Save a picture with 256 colours, which is half the size and looks the same."""
    few = picture.quantize(256, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    few.save(PICTURES / f"{name}.png", optimize=True)


def pictures_of_lab(chromium: Any, address: str, scheme: str) -> None:
    """Take pictures of three workbooks at work."""
    page = chromium.new_page(viewport={"width": 1280, "height": 900}, color_scheme=scheme)

    opened(page, address, "00-start.ipynb", scheme)
    shot(page, "lab-start", scheme, page.locator(".jp-Notebook h1").first)

    opened(page, address, "06-access-to-money.ipynb", scheme)
    form = page.locator('form[aria-label="Answer to KF6.Q2"]')
    form.scroll_into_view_if_needed()
    # First another level, so that there is something to save; then the city's own, so that all pictures show one city.
    for level in ("2 · ", "1 · "):
        form.get_by_label(level).check()
        form.locator(".cgw-saved").filter(has_text="Saved").wait_for(timeout=PATIENCE)
    shot(page, "lab-factor", scheme, page.locator(".jp-Notebook h3").filter(has_text="KF6.Q2"))

    opened(page, address, "12-results.ipynb", scheme)
    shot(page, "lab-results", scheme, page.locator(".jp-Notebook h1").first)

    if scheme == "light":
        opened(page, address, "14-mentoring.ipynb", scheme)
        page.get_by_role("button", name="Find mentors for all cities").click()
        page.get_by_role("table", name="Matches").wait_for(timeout=PATIENCE)
        shot(page, "lab-mentoring", scheme, page.locator(".jp-Notebook h2").filter(has_text="For the secretariat"))
    page.close()


def pictures_of_meeting(chromium: Any, address: str, scheme: str) -> None:
    """Take a picture of the workbook for a meeting."""
    page = chromium.new_page(viewport={"width": 1280, "height": 900}, color_scheme=scheme)
    opened(page, address, "11-agree.ipynb", scheme)
    shot(page, "lab-agree", scheme, page.locator(".cg-sides").first)
    page.close()


def opened(page: Page, address: str, workbook: str, scheme: str) -> None:
    """Open a workbook in one of JupyterLab's themes; the guide runs it."""
    page.goto(f"{address}doc/tree/workbooks/{TOOLKIT}/{workbook}?token={TOKEN}&reset")
    page.wait_for_selector(".cgw-session", timeout=PATIENCE)
    page.wait_for_function(IDLE, timeout=PATIENCE)
    page.evaluate("name => jupyterapp.commands.execute('apputils:change-theme', { theme: name })", THEMES[scheme])
    page.wait_for_selector(f"body[data-jp-theme-light={'true' if scheme == 'light' else 'false'}]", state="attached")


def shot(page: Page, name: str, scheme: str, top: Locator) -> None:
    """Take a picture with an element at the top of the notebook."""
    page.wait_for_timeout(500)
    top.evaluate("(element) => element.scrollIntoView({ block: 'start' })")
    page.mouse.move(0, 0)
    page.wait_for_timeout(1000)
    taken(page, f"{name}-{scheme}")


@contextlib.contextmanager
def browser() -> Iterator[Any]:
    """Open the browser that the tests use too."""
    names = ("chromium", "chromium-browser", "google-chrome")
    found = os.environ.get("CITYGROW_BROWSER") or next(filter(None, map(shutil.which, names)), None)
    options = ["--disable-background-networking", "--hide-scrollbars", *(["--no-sandbox"] if is_root() else [])]
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=found, args=options)
        yield chromium
        chromium.close()


@contextlib.contextmanager
def lab_server(workspace: Path, city: str) -> Iterator[str]:
    """Start JupyterLab as an analyst does, with settings of its own; give its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    own = workspace.parent / "jupyter"
    folders = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
    folders += ("JUPYTERLAB_SETTINGS_DIR", "JUPYTERLAB_WORKSPACES_DIR")
    environment = {**os.environ, **{name: str(own / name.lower()) for name in folders}}
    options = [f"--ServerApp.port={port}", f"--IdentityProvider.token={TOKEN}", "--expose-app-in-browser"]
    options += ["--allow-root"] if is_root() else []
    command = [sys.executable, "-m", "citygrow_nb", "lab", city, "--benchmark", TOOLKIT, "--no-browser", "--", *options]
    log = workspace.parent / "lab.log"
    with log.open("wb") as output:
        server = subprocess.Popen(  # noqa: S603 -- our own command
            command, cwd=workspace, env=environment, stdout=output, stderr=output, start_new_session=True
        )
    address = f"http://127.0.0.1:{port}/"
    try:
        deadline = time.monotonic() + PATIENCE / 1000
        while True:
            with contextlib.suppress(OSError), urllib.request.urlopen(f"{address}api", timeout=2):  # noqa: S310 -- http
                break
            if server.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"JupyterLab did not start:\n{log.read_text('utf-8')}")
            time.sleep(0.2)
        yield address
    finally:
        # The session was begun for it alone: kernels are in it too.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGTERM)
        server.wait()


def citygrow(*arguments: str | Path, cwd: Path) -> None:
    """Run a command of citygrow that must succeed."""
    command = [sys.executable, "-m", "citygrow_nb", *map(str, arguments)]
    subprocess.run(command, cwd=cwd, check=True)  # noqa: S603 -- our own command


def is_root() -> bool:
    """Tell whether the browser's sandbox and JupyterLab need to be told that we are root."""
    return hasattr(os, "geteuid") and os.geteuid() == 0


if __name__ == "__main__":
    main()
