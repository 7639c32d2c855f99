"""``make bench``: how long reports of many cities take, in our way and in others', on the same workbooks and cities.

    make bench                        every way in one go; a table for docs/bench.md
    make bench ARGS=--quick           the same in small, within a minute
    make bench ARGS="--scale 10,100,1000"
    make bench ARGS="--again 1000"    a second run over unchanged cities, and one over one changed city
    make bench ARGS="--memory 5000"   memory over a long run, as CSV and as a drawing
    make bench ARGS="--floor 5"       our way with one job against the floor, five times by turns
    make bench ARGS=--start           how long the first sign of life and the first city take
    make bench ARGS="--profile 20"    where the time of our way goes

With ``--write`` the figures go into docs/bench.md too. Nothing is extrapolated; where a way was measured on some of a
city's workbooks only, the table says so. Needs a POSIX system.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench import tables
from bench.contenders import ROUND, commands, workbooks
from bench.measuring import Run, run
from citygrow_nb import answers, scoring
from citygrow_nb.model import Assessment, Mentoring

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "bench.md"
BROWSER_PAGE = ROOT / "docs" / "bench-browser.md"
PICTURES = ROOT / "docs" / "pictures"
LIMIT = 800.0
"""Megabytes that all processes of a batch may take together."""

CITYGROW = [sys.executable, "-m", "citygrow_nb"]
ENVIRONMENT = {"JUPYTER_PREFER_ENV_PATH": "1", "PYTHONPATH": str(ROOT)}


@dataclass(frozen=True)
class Sizes:
    """How many cities each way makes; the slow ones few."""

    commands: int = 1
    papermill: int = 2
    ploomber: int = 10
    one: int = 40
    all: int = 100
    floor: int = 100
    workbooks: int | None = None
    """Of the two slowest ways, how many workbooks of a city; None for all."""


FULL = Sizes()
QUICK = Sizes(commands=1, papermill=1, ploomber=2, one=4, all=8, floor=20, workbooks=2)


@dataclass(frozen=True)
class Measured:
    """What one way took for a city.

    Parameters
    ----------
    way
        What to call it.
    cities
        How many were made.
    cold
        Seconds per city, everything from the start of the command counted.
    marginal
        Seconds that one more city takes.
    cpu
        Processor seconds per city, from the start of the command.
    peak
        Megabytes of all processes together.
    pages, kilobytes
        HTML files per city, and their size.
    note
        What the reader must know.
    """

    way: str
    cities: int
    cold: float
    marginal: float | None
    cpu: float
    peak: float
    pages: float
    kilobytes: float
    note: str = ""


def contenders(sizes: Sizes, engine: str) -> list[Measured]:
    """Measure every way once, the slow ones on few cities."""
    with made_up(max(sizes.all, sizes.floor)) as (workspace, cities):
        return [
            told(typed(workspace, cities[: sizes.commands], sizes.workbooks)),
            told(one_process("papermill", workspace, cities[: sizes.papermill], sizes.workbooks)),
            told(one_process("ploomber", workspace, cities[: sizes.ploomber])),
            told(ours(workspace, cities[: sizes.one], engine, jobs=1)),
            told(ours(workspace, cities[: sizes.all], engine)),
            told(one_process("floor", workspace, cities[: sizes.floor])),
        ]


WAYS = {
    "typed": "(a) `papermill` and `jupyter nbconvert` commands",
    "papermill": "(b) papermill's API, one reused stock HTMLExporter",
    "ploomber": "(c) the same on ploomber-engine",
    "one": "(d) `citygrow batch --jobs 1`",
    "all": "(d) `citygrow batch`, all cores",
    "floor": "(e) floor: pages straight from data, no notebook",
}


def typed(workspace: Path, cities: list[str], most: int | None) -> Measured:
    """Measure the commands that a person would type."""
    books = workbooks(workspace)[:most]
    share = len(workbooks(workspace)) / len(books)
    with folder() as out:
        runs = [
            run(command, cwd=workspace, env=ENVIRONMENT, every=0.5)
            for city in cities
            for book in books
            for command in commands(workspace, out, city, book)
        ]
        pages, kilobytes = checked(out, cities, books)
    seconds = share * sum(done.seconds for done in runs) / len(cities)
    cpu = share * sum(done.cpu for done in runs) / len(cities)
    peak = max(done.peak for done in runs)
    return Measured(
        WAYS["typed"],
        len(cities),
        seconds,
        seconds,
        cpu,
        peak,
        share * pages,
        share * kilobytes,
        partly(books, workspace),
    )


def one_process(name: str, workspace: Path, cities: list[str], most: int | None = None) -> Measured:
    """Measure a way that makes all cities in one process."""
    books = workbooks(workspace)[:most]
    share = len(workbooks(workspace)) / len(books)
    with folder() as out:
        command = [sys.executable, "-m", "bench.contenders", name, workspace, out, len(books), *cities]
        done = run(command, cwd=ROOT, env=ENVIRONMENT)
        pages, kilobytes = checked(out, cities, books)
    seconds = json.loads(done.out.splitlines()[-1])["seconds"]
    # Of some workbooks only: the start is counted once, not once for each that is left out.
    more = (share - 1) * sum(seconds)
    return Measured(
        WAYS[name],
        len(cities),
        (done.seconds + more) / len(cities),
        share * statistics.median(seconds[1:]) if len(seconds) > 1 else None,
        done.cpu * (done.seconds + more) / done.seconds / len(cities),
        done.peak,
        share * pages,
        share * kilobytes,
        partly(books, workspace),
    )


def ours(workspace: Path, cities: list[str], engine: str, jobs: int | None = None) -> Measured:
    """Measure our way: all cities, and for what one more takes also few of them."""
    few = cities[: jobs or os.cpu_count() or 1]
    with some(workspace, few) as source, folder() as out:
        start = batch(source, out, engine, jobs)
    with some(workspace, cities) as source, folder() as out:
        done = batch(source, out, engine, jobs)
        pages, kilobytes = checked(out, cities, [*workbooks(workspace), Path("index.ipynb")])
    more = len(cities) - len(few)
    return Measured(
        WAYS["one" if jobs == 1 else "all"],
        len(cities),
        done.seconds / len(cities),
        (done.seconds - start.seconds) / more if more > 0 else None,
        done.cpu / len(cities),
        done.peak,
        pages,
        kilobytes,
    )


def batch(source: Path, out: Path, engine: str, jobs: int | None = None, *options: str, every: float = 0.25) -> Run:
    """Run ``citygrow batch`` as a person would."""
    command = [*CITYGROW, "batch", source, "--out", out, "--engine", engine, *options]
    command += ["--jobs", jobs] if jobs else []
    return run(command, cwd=ROOT, env=ENVIRONMENT, every=every, done=lambda: len(sites(out)))


def scale(counts: list[int], engine: str) -> str:
    """Measure whether many cities take as long each as few, and whether memory stays flat."""
    rows, first = [], None
    for count in counts:
        with made_up(count) as (workspace, cities), folder() as out:
            done = batch(workspace, out, engine)
            checked(out, cities, workbooks(workspace))
            each = pace(out)
        first = first or each
        change = f"{100 * (each / first - 1):+.0f} %"
        figures = (done.seconds, done.seconds / count, each, done.cpu / count, done.peak)
        rows.append([f"{count:,}", *map(tables.figure, figures), change])
        say(f"{count:,} cities: {done.seconds:.1f} s")
    heads = ["cities", "s", "s/city, cold start included", "s for one more city", "CPU s/city", "peak MB"]
    return tables.table([*heads, "one more city, against the first row"], rows)


def pace(out: Path) -> float:
    """Return the seconds that one more city takes once each worker has made its first, by when reports were written."""
    times = sorted((site / "run.json").stat().st_mtime for site in sites(out))
    workers = os.cpu_count() or 1
    if len(times) <= workers:
        raise SystemExit(f"--scale needs more cities than the {workers} cores of this machine")
    return (times[-1] - times[workers - 1]) / (len(times) - workers)


def again(count: int, engine: str) -> str:
    """Measure a run over unchanged cities, and one over one changed city; check that no other was touched."""
    with made_up(count) as (workspace, cities), folder() as out:
        rows = [row("first", batch(workspace, out, engine), count)]
        before = stamps(out)
        rows.append(row("again, nothing changed", batch(workspace, out, engine), len(touched(before, stamps(out)))))
        (document,) = workspace.glob(f"answers/*/{cities[count // 2]}/{ROUND}.json")
        content = json.loads(document.read_text(encoding="utf-8"))
        content["city"]["population"] = 123_456
        document.write_text(json.dumps(content), encoding="utf-8")
        before = stamps(out)
        changed = batch(workspace, out, engine)
        redone = touched(before, stamps(out))
        if redone - {cities[count // 2]}:
            raise SystemExit(f"only {cities[count // 2]} was changed, but redone were: {', '.join(sorted(redone)[:9])}")
        rows.append(row("again, one city changed", changed, len(redone)))
    return tables.table(["run", "s", "CPU s", "peak MB", f"made of {count:,}"], rows)


def against_floor(times: int, engine: str) -> str:
    """Measure our way with one job and the floor by turns, and tell the best and the median of what one more takes."""
    found = []
    with made_up(FULL.one) as (workspace, cities):
        for _ in range(times):
            found.append(
                (ours(workspace, cities, engine, jobs=1).marginal, one_process("floor", workspace, cities).marginal)
            )
            say("{:.3f} s a city, floor {:.3f} s".format(*found[-1]))
    mine, least = zip(*found, strict=True)
    rows = [
        [name, *map(tables.figure, (of(mine), of(least))), tables.ratio(of(mine), of(least))]
        for name, of in (("best", min), ("median", statistics.median))
    ]
    return tables.table([f"of {times}", "(d) one job, s for one more city", "(e) floor", "(d) ÷ (e)"], rows)


def row(name: str, done: Run, made: int) -> list[object]:
    """Return a row of the table of repeated runs."""
    say(f"{name}: {done.seconds:.2f} s, {made} made")
    return [name, *map(tables.figure, (done.seconds, done.cpu, done.peak)), made]


def memory(count: int, engine: str, *, write: bool) -> str:
    """Measure memory over a long run; write the curve beside the pictures of the docs."""
    with made_up(count) as (workspace, cities), folder() as out:
        done = batch(workspace, out, engine, every=1.0)
        checked(out, cities, workbooks(workspace))
    kept = tables.thinned(done.samples)
    where = PICTURES if write else Path(tempfile.mkdtemp(prefix="bench-"))
    (where / "bench-memory.csv").write_text(tables.csv(kept), encoding="utf-8")
    title = f"Memory of all processes together over {count:,} cities"
    (where / "bench-memory.svg").write_text(tables.curve(kept, title, LIMIT), encoding="utf-8")
    say(f"the curve is in {where}")
    half = [sample.megabytes for sample in done.samples if sample.done > count / 2]
    early = [sample.megabytes for sample in done.samples if count / 10 < sample.done <= count / 2]
    rows = [
        ["cities", f"{count:,}"],
        ["seconds", tables.figure(done.seconds)],
        ["seconds per city", tables.figure(done.seconds / count)],
        ["peak, all processes together, MB", tables.figure(done.peak)],
        ["median of the cities up to half, MB", tables.figure(statistics.median(early) if early else None)],
        ["median of the second half, MB", tables.figure(statistics.median(half) if half else None)],
    ]
    return tables.table(["memory", ""], rows)


def start(engine: str) -> str:
    """Measure the first sign of life and the first city from cold, five times each."""
    with made_up(1) as (workspace, cities):
        first = []
        for _ in range(5):
            with folder() as out:
                first.append(batch(workspace, out, engine))
                checked(out, cities, workbooks(workspace))
    program = Path(sys.executable).with_name("citygrow")
    helps = [run([program, "--help"], cwd=ROOT, env=ENVIRONMENT, every=10.0) for _ in range(5)]
    rows = []
    for name, runs in (("`citygrow --help`", helps), ("one city from cold", first)):
        seconds = [done.seconds for done in runs]
        cpu = statistics.median(done.cpu for done in runs)
        rows.append([name, *map(tables.figure, (min(seconds), statistics.median(seconds), cpu))])
    return tables.table(["what", "best s", "median s", "median CPU s"], rows)


def profile(count: int, engine: str) -> str:
    """Say in which packages the time of making a city goes, within one process that is warm already."""
    with made_up(count + 1) as (workspace, cities):
        command = [sys.executable, "-m", "bench.profiling", workspace, engine, *cities]
        return run(command, cwd=ROOT, env=ENVIRONMENT).out


def report(found: list[Measured]) -> str:
    """Return the tables of all ways side by side."""
    heads = ["way", "cities", "s/city, cold start included", "s for one more city", "CPU s/city", "peak MB"]
    heads += ["HTML files/city", "kB/city"]
    rows = [
        [
            m.way + (f" ({m.note})" if m.note else ""),
            m.cities,
            *map(tables.figure, (m.cold, m.marginal, m.cpu, m.peak)),
            f"{m.pages:.0f}",
            tables.figure(m.kilobytes),
        ]
        for m in found
    ]
    by = {key: m for key, way in WAYS.items() for m in found if m.way == way}
    pairs = [
        ("(a) ÷ (d) all cores", by["typed"], by["all"], "450×"),
        ("(b) ÷ (d) all cores", by["papermill"], by["all"], "140×"),
        ("(b) ÷ (d) one job", by["papermill"], by["one"], ""),
        ("(c) ÷ (d) all cores", by["ploomber"], by["all"], "4×"),
        ("(c) ÷ (d) one job", by["ploomber"], by["one"], ""),
        ("(d) one job ÷ (e)", by["one"], by["floor"], "at most 4×"),
    ]
    ratios = [
        [
            name,
            tables.ratio(slow.cold, fast.cold),
            tables.ratio(slow.marginal, fast.marginal),
            tables.ratio(slow.cpu, fast.cpu),
            bar or "–",
        ]
        for name, slow, fast, bar in pairs
    ]
    second = tables.table(["ratio", "cold start included", "one more city", "CPU", "bar"], ratios)
    return f"{tables.table(heads, rows)}\n\n{second}"


def machine() -> str:
    """Say where and under which load something was measured."""
    load = os.getloadavg()[0]
    busy = "" if load < 0.5 else f", while other work kept it busy (load {load:.1f} before the first run)"
    return f"{os.cpu_count()} cores, Python {platform.python_version()} on {platform.system()}{busy}."


def checked(out: Path, cities: list[str], books: list[Path]) -> tuple[float, float]:
    """Check that every page of every city is there and holds the city's results.

    Returns
    -------
    tuple of float
        HTML files per city, and their size together in kilobytes.
    """
    sizes = []
    for city in cities:
        # Ours stand below their benchmark.
        folder = next(out.glob(f"*/{city}/{ROUND}"), out / city / ROUND)
        for book in books:
            page = folder / f"{book.stem}.html"
            if not page.exists() or b'class="cg ' not in page.read_bytes():
                raise SystemExit(f"{page} is missing or shows nothing of the city")
        sizes += [page.stat().st_size for page in folder.glob("*.html")]
    return len(sizes) / len(cities), sum(sizes) / 1000 / len(cities)


def sites(out: Path) -> list[Path]:
    """Return the folders of cities that have a report."""
    return [page.parent for page in out.glob(f"*/*/{ROUND}/index.html")]


def stamps(out: Path) -> dict[str, int]:
    """Return when each city's report was written."""
    return {site.parent.name: (site / "index.html").stat().st_mtime_ns for site in sites(out)}


def touched(before: dict[str, int], after: dict[str, int]) -> set[str]:
    """Return the cities whose report was written anew."""
    return {city for city, stamp in after.items() if before.get(city) != stamp}


def partly(books: list[Path], workspace: Path) -> str:
    """Say so where not every workbook was measured."""
    total = len(workbooks(workspace))
    return "" if len(books) == total else f"≈, from {len(books)} of {total} workbooks"


@contextmanager
def made_up(count: int) -> Iterator[tuple[Path, list[str]]]:
    """Open a workspace with so many fictitious cities and the workbooks."""
    with folder() as workspace:
        for command in (["init", workspace], ["demo", workspace, "--cities", str(count)]):
            subprocess.run([*CITYGROW, *map(str, command)], cwd=ROOT, check=True, capture_output=True)  # noqa: S603
        documents = sorted(workspace.glob(f"answers/*/*/{ROUND}.json"))
        for path in documents:
            # Who mentors whom is found once for all cities; what is compared here is the work on one. Where few persons
            # have answered, a report is made each time.
            city = Assessment.model_validate_json(path.read_bytes())
            said = city.responses
            if scoring.has_few_persons(city):
                said = {key: given for key, given in said.items() if city.respondents[key].kind != "person"}
            path.write_bytes(answers.dump(city.model_copy(update={"mentoring": Mentoring(), "responses": said})))
        yield workspace, [path.parent.name for path in documents]


@contextmanager
def some(workspace: Path, cities: list[str]) -> Iterator[Path]:
    """Open a folder with the answers of some cities of a workspace."""
    with folder() as chosen:
        for city in cities:
            (there,) = workspace.glob(f"answers/*/{city}")
            shutil.copytree(there, chosen / there.relative_to(workspace))
        yield chosen / "answers"


@contextmanager
def folder() -> Iterator[Path]:
    """Open an empty folder that is removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True) as path:
        yield Path(path).resolve()


def told(measured: Measured) -> Measured:
    """Say what was measured as soon as it is."""
    say(f"{measured.way}: {measured.cold:.2f} s a city")
    return measured


def say(text: str) -> None:
    """Tell how far it is."""
    sys.stderr.write(f"{text}\n")


def main() -> None:
    """Measure what was asked for, print it, and with ``--write`` put it into the docs."""
    parser = argparse.ArgumentParser(prog="make bench", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="a small run of every way, within a minute")
    parser.add_argument("--scale", metavar="N,N,…", type=lambda text: [int(n) for n in text.split(",")])
    parser.add_argument("--again", metavar="N", type=int)
    parser.add_argument("--memory", metavar="N", type=int)
    parser.add_argument("--floor", metavar="N", type=int)
    parser.add_argument("--start", action="store_true")
    parser.add_argument("--profile", metavar="N", type=int)
    parser.add_argument("--engine", default="warm", help="engine of our way")
    parser.add_argument("--write", action="store_true", help="put the figures into docs/bench.md")
    asked = parser.parse_args()
    modes: dict[str, Callable[[], str]] = {}
    if asked.scale:
        modes["scale"] = lambda: scale(asked.scale, asked.engine)
    if asked.again:
        modes["again"] = lambda: again(asked.again, asked.engine)
    if asked.memory:
        modes["memory"] = lambda: memory(asked.memory, asked.engine, write=asked.write)
    if asked.floor:
        modes["floor"] = lambda: against_floor(asked.floor, asked.engine)
    if asked.start:
        modes["start"] = lambda: start(asked.engine)
    if asked.profile:
        modes["profile"] = lambda: profile(asked.profile, asked.engine)
    if not modes or asked.quick:
        modes["ways"] = lambda: report(contenders(QUICK if asked.quick else FULL, asked.engine))
    for name, measure in modes.items():
        where, begun = machine(), time.perf_counter()
        tables.tell(measure(), where, PAGE if asked.write else None, name)
        say(f"{name}: {time.perf_counter() - begun:.0f} s altogether")


if __name__ == "__main__":
    main()
