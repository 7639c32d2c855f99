"""How long the site takes until a form can be used: the first visit, and a later one by a browser that was closed.

Part of ``make bench-browser``, after ``make site``; on a machine that does nothing else. It ends with 1 if a bar is
missed. ``--write`` puts the table into docs/bench-browser.md.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path

from playwright.sync_api import sync_playwright

from bench import tables
from bench.batch import BROWSER_PAGE, machine
from citygrow_nb.site import serving
from tests.site.conftest import Visitor

SITE = Path("build/site")
TIMES = 5
FIRST_BAR, SECOND_BAR = 25.0, 8.0


def main() -> None:
    """Measure, print a table, and say by the exit code whether both bars are met."""
    folder = Path(next((argument for argument in sys.argv[1:] if not argument.startswith("-")), SITE))
    where = machine()
    first, second = [], []
    with serving.server(folder) as server, sync_playwright() as playwright:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        for _ in range(TIMES):
            with tempfile.TemporaryDirectory(prefix="cg-", ignore_cleanup_errors=True) as profile:
                address = f"http://127.0.0.1:{server.server_port}/"
                visitor = Visitor(playwright.chromium, Path(profile), address)
                first.append(visited(visitor))
                second.append(visited(visitor))
        server.shutdown()
    shown = [
        ["first visit, to a usable form", *figures(first), f"{FIRST_BAR:.0f} s"],
        ["a later visit, the browser was closed between", *figures(second), f"{SECOND_BAR:.0f} s"],
    ]
    table = tables.table(["what", "best", "median", "slowest", "at most"], shown)
    tables.tell(table, where, BROWSER_PAGE if "--write" in sys.argv else None, "visiting")
    if statistics.median(first) > FIRST_BAR or statistics.median(second) > SECOND_BAR:
        raise SystemExit("a visit takes longer than it may")


def figures(seconds: list[float]) -> list[str]:
    """Return best, median and slowest as people read them."""
    return [f"{value:.1f} s" for value in (min(seconds), statistics.median(seconds), max(seconds))]


def visited(visitor: Visitor) -> float:
    """Start a browser and open the first workbook; return the seconds from the address to a form that can be used."""
    visitor.start()
    begun = time.monotonic()
    page = visitor.open("00-start.ipynb")
    page.locator('form[aria-label="The city"]').get_by_label("City", exact=True).click(trial=True)
    seconds = time.monotonic() - begun
    # Long enough for the browser to keep what it fetched.
    page.wait_for_timeout(3000)
    visitor.stop()
    return seconds


if __name__ == "__main__":
    main()
