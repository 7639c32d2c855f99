"""How quick and how big answering is: a real JupyterLab, a real browser, and a person's clicks.

Part of ``make bench-browser``; on a machine that does nothing else. It ends with 1 if a bar is missed. ``--write`` puts
the table into docs/bench-browser.md.
"""

from __future__ import annotations

import contextlib
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path
from typing import Any, NamedTuple

import psutil

from bench import tables
from bench.batch import BROWSER_PAGE, machine
from citygrow_nb import benchmarks
from tests.browsing import launched
from tests.lab.lab_server import PATIENCE, SAVED, Analyst, LabServer
from tests.lab.led import Led

CITY = "oldtown"
STEMS = ("01", "02", "03", "04", "05")
CLICKS = 60
OPENING_BAR, CLICK_BAR, MEMORY_BAR, FIRST_BAR = 3.0, 150.0, 450.0, 20.0

# Clocks every save in the page itself, from the click to the word that it is saved.
CLOCK = """() => {
  let begun = 0;
  let line;
  document.addEventListener('click', (event) => {
    line = event.target.closest('form').querySelector('.cgw-status');
    begun = performance.now();
  }, true);
  new MutationObserver(() => {
    if (!begun || !line.textContent.startsWith('Saved')) return;
    window.took.push(performance.now() - begun);
    begun = 0;
  }).observe(document.body, { subtree: true, childList: true, characterData: true });
}"""


# Answers are not in the notebooks, so those are closed without being saved.
CLOSE = """() => {
  for (const panel of jupyterapp.shell.widgets('main')) if (panel.context) panel.context.model.dirty = false;
  return jupyterapp.commands.execute('application:close-all');
}"""


def main() -> None:
    """Measure, print a table, and say by the exit code whether all bars are met."""
    where = machine()
    found: list[Row] = []
    benchmark = benchmarks.load(next(iter(benchmarks.shipped().values())))
    with tempfile.TemporaryDirectory(prefix="cg-", ignore_cleanup_errors=True) as folder, launched() as chromium:
        root = Path(folder).resolve()
        found += [first_answer(chromium, LabServer(root / "first", benchmark, cold=True))]
        lab_server = LabServer(root / "lab", benchmark, cold=True)
        try:
            lab_server.start()
            context = chromium.new_context(viewport={"width": 1280, "height": 1000})
            context.set_default_timeout(PATIENCE)
            found += list(rows(Analyst(context, lab_server)))
        finally:
            lab_server.kill()
    shown = [[row.what, row.shown, f"{row.bar:.0f} {row.unit}" if row.bar else "–"] for row in found]
    table = tables.table(["what", "measured", "at most"], shown)
    tables.tell(table, where, BROWSER_PAGE if "--write" in sys.argv else None, "answering")
    missed = [row.what for row in found if row.bar and row.value > row.bar]
    if missed:
        raise SystemExit(f"more than it may be: {', '.join(missed)}")


class Row(NamedTuple):
    """A figure beside its bar; no bar is 0."""

    what: str
    value: float
    unit: str
    bar: float = 0.0
    more: str = ""

    @property
    def shown(self) -> str:
        """The figure as people read it."""
        return f"{self.value:.{1 if self.unit == 's' else 0}f} {self.unit}{self.more}"


def first_answer(chromium: Any, lab_server: LabServer) -> Row:
    """Measure from the command to the first saved answer, as a person who is told nothing but the city's name."""
    begun = time.monotonic()
    try:
        lab_server.start()
        led = Led(chromium.new_context(viewport={"width": 1366, "height": 768}), lab_server)
        led.visit("00-start.ipynb")
        page = led.page
        page.locator("input:focus").wait_for()
        page.keyboard.type("Oldtown")
        page.keyboard.press("Tab")
        page.keyboard.type("Pol")
        page.get_by_role("button", name="Start the self-test").click()
        led.at("KF1.Q1")
        form = led.form("KF1.Q1")
        form.get_by_label("2 · ").click()
        led.status(form, SAVED)
        seconds = time.monotonic() - begun
    finally:
        lab_server.kill()
    return Row("“citygrow lab” to the first saved answer: city and country typed, 2 clicks", seconds, "s", FIRST_BAR)


def rows(analyst: Analyst) -> Iterator[Row]:
    """Yield the table's rows."""
    lab_server = analyst.lab_server
    analyst.load()
    analyst.page.evaluate(CLOCK)
    yield memory("server alone", lab_server)
    # As everybody does, with the first workbook first: JupyterLab loads much when the first notebook is opened.
    start = analyst.page.get_by_role("form", name="The city").get_by_label("City")
    begun = time.monotonic()
    analyst.open_beside("00-start.ipynb")  # which the guide runs
    start.click(trial=True)
    yield Row("opening 00-start, JupyterLab just loaded, to a usable form", time.monotonic() - begun, "s", OPENING_BAR)
    closed(analyst)
    opening, clicks = [], []
    for number, stem in enumerate(STEMS, start=1):
        file = lab_server.workbook(stem, CITY)
        level = analyst.page.locator(f'form[aria-label="Answer to KF{int(stem)}.Q1"]').get_by_label("0 · ")
        opening.append(opened(analyst, file, level))
        clicks += answered(analyst, f"KF{int(stem)}", CLICKS // len(STEMS))
        if number in (1, 2, len(STEMS)):
            yield memory(f"answering, workbooks open: {number}", lab_server, MEMORY_BAR)
    yield Row("opening a key factor and Run All, to a usable form, slowest of 5", max(opening), "s", OPENING_BAR)
    yield Row("the same, median of 5", statistics.median(opening), "s", OPENING_BAR)
    yield Row(f"click to “Saved”, median of {len(clicks)}", statistics.median(clicks), "ms", CLICK_BAR)
    yield Row("the same, 95 of 100 are quicker", statistics.quantiles(clicks, n=20)[-1], "ms")
    closed(analyst)
    yield memory("all workbooks closed", lab_server)


def closed(analyst: Analyst) -> None:
    """Close all workbooks, and wait until their kernels have gone."""
    analyst.page.evaluate(CLOSE)
    wait_until(lambda: not analyst.lab_server.kernels())


def opened(analyst: Analyst, file: str, control: Any) -> float:
    """Open one more workbook and run all its cells; return the seconds until one of its controls can be used."""
    begun = time.monotonic()
    analyst.open_beside(file)
    analyst.run_all()
    control.click(trial=True)
    return time.monotonic() - begun


def answered(analyst: Analyst, factor: str, times: int) -> list[float]:
    """Click on a level again and again; return the milliseconds until each was saved."""
    analyst.page.evaluate("window.took = []")
    forms = [analyst.form(f"{factor}.Q{number}") for number in (1, 2, 3)]
    for count, (form, level) in enumerate(islice(zip(cycle(forms), cycle((2, 3, 0, 1)), strict=False), times)):
        form.get_by_label(f"{level} · ").click()
        analyst.page.wait_for_function("(count) => window.took.length > count", arg=count)
    took: list[float] = analyst.page.evaluate("window.took")
    return took


def memory(when: str, lab_server: LabServer, bar: float = 0.0) -> Row:
    """Return what server and kernels take: shared pages counted once (PSS), and as other tools count them (RSS)."""
    pss = rss = 0
    for process in lab_server.processes():
        with contextlib.suppress(psutil.NoSuchProcess):
            size = process.memory_full_info()
            pss, rss = pss + size.pss, rss + size.rss
    return Row(f"memory, {when}", pss / 2**20, "MB", bar, f" (RSS {rss / 2**20:.0f} MB)")


def wait_until(done: Any) -> None:
    """Wait until something is so, for a minute at most."""
    deadline = time.monotonic() + 60
    while not done() and time.monotonic() < deadline:
        time.sleep(0.2)


if __name__ == "__main__":
    main()
