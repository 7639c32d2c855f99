"""How large and how quick the pages of all cities are: 10, 1,000 and 10,000 invented cities, in a real browser.

Part of ``make bench-browser``. ``--write`` puts the table into docs/bench-browser.md.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
import zlib
from pathlib import Path
from typing import Any

from bench import tables
from bench.batch import BROWSER_PAGE, machine
from citygrow_nb import benchmarks, demo, scoring
from citygrow_nb.batch.jobs import PortfolioJob, Toolkit
from citygrow_nb.batch.portfolio_report import make_portfolio
from citygrow_nb.model import BenchmarkRef, CityFigures, Portfolio
from tests.browsing import launched

COUNTS = (10, 1_000, 10_000)
LOADS = 5

# From the key to the rows it leaves, drawn.
FILTER = """async () => {
  const field = document.querySelector('.cg-finder [name=name]');
  const begun = performance.now();
  field.value = 'a';
  field.dispatchEvent(new Event('input', { bubbles: true }));
  await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  return performance.now() - begun;
}"""
LOADED = "() => performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd"


def main() -> None:
    """Measure, and print a table."""
    benchmark = benchmarks.load(next(iter(benchmarks.shipped().values())))
    toolkit, ref = Toolkit.of(benchmark), BenchmarkRef(id=benchmark.id, version=benchmark.version)
    where = machine()
    rows = []
    with tempfile.TemporaryDirectory(prefix="bench-") as place, launched() as chromium:
        for count in COUNTS:
            cities = tuple(CityFigures.of(scoring.results(benchmark, city)) for city in demo.cities(benchmark, count))
            content = Portfolio(benchmark=ref, cities=cities).model_dump_json().encode()
            begun = time.perf_counter()
            made = make_portfolio(PortfolioJob(toolkit, zlib.compress(content)))
            seconds = time.perf_counter() - begun
            if made.problems:
                raise SystemExit("; ".join(map(str, made.problems)))
            folder = Path(place, str(count))
            folder.mkdir()
            for name, page in made.files.items():
                (folder / name).write_bytes(page)
            further = [
                len(page) for name, page in made.files.items() if name.endswith(".html") and name != "index.html"
            ]
            loads, filters = opened(chromium, folder / "index.html")
            rows.append(
                [
                    f"{count:,}",
                    tables.figure(seconds),
                    tables.figure(len(made.files["index.html"]) / 1000),
                    f"{len(further)}, {tables.figure(max(further) / 1000)}" if further else "–",
                    f"{loads:.0f}",
                    f"{filters:.0f}",
                ]
            )
    heads = ["cities", "s to make", "first page, kB", "further pages, largest kB", "ms to load", "ms to filter"]
    tables.tell(tables.table(heads, rows), where, BROWSER_PAGE if "--write" in sys.argv else None, "portfolio")


def opened(chromium: Any, page: Path) -> tuple[float, float]:
    """Return milliseconds: until a page is loaded with its rows, and from a key in its search to the rows left."""
    loads, filters = [], []
    for _ in range(LOADS):
        tab = chromium.new_page()
        tab.goto(page.as_uri())
        loads.append(tab.evaluate(LOADED))
        filters.append(tab.evaluate(FILTER))
        tab.close()
    return statistics.median(loads), statistics.median(filters)


if __name__ == "__main__":
    main()
