"""``make bench``: how long reports of many cities take, in our way and in others', on the same workbooks and cities.

    make bench                        every way in one go; a table for docs/bench.md
    make bench ARGS=--quick           the same in small, within a minute
    make bench ARGS="--scale 10,100,1000"
    make bench ARGS="--again 1000"    a second run over unchanged cities, and one over one changed city
    make bench ARGS="--memory 5000"   memory over a long run, as CSV and as a drawing
    make bench ARGS="--floor 5"       our way with one job against the floor, five times by turns
    make bench ARGS="--own 20"        a network's own toolkit, and one own workbook
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
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from bench import tables
from bench.contenders import ROUND, workbooks
from bench.measuring import Run, run
from bench.ways import (
    CITYGROW,
    ENVIRONMENT,
    FULL,
    QUICK,
    ROOT,
    batch,
    checked,
    contenders,
    folder,
    made_up,
    one_process,
    ours,
    report,
    say,
    sites,
)
from citygrow_nb import answers, authoring, benchmarks
from citygrow_nb.model import Assessment, Benchmark
from citygrow_nb.workspace import Workspace

PAGE = ROOT / "docs" / "bench.md"
BROWSER_PAGE = ROOT / "docs" / "bench-browser.md"
PICTURES = ROOT / "docs" / "pictures"
LIMIT = 800.0
"""Megabytes that all processes of a batch may take together."""


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


OWN = "20-own.ipynb"


def own(count: int, engine: str) -> str:
    """Compare the toolkit that came along with a network's own, and with one own workbook beside; one job each."""
    rows, marginal = [], {}
    with made_up(count) as (workspace, cities):
        place = Workspace(workspace)
        benchmark = benchmarks.by_id(benchmarks.chosen(place), place)
        rows.append(own_row("the toolkit that came along", workspace, cities, engine, marginal))
        with copied(workspace) as theirs:
            rename_toolkit(theirs, benchmark)
            rows.append(own_row("a network's own toolkit", theirs, cities, engine, marginal))
        notebook = place.notebooks(benchmark.id) / OWN
        notebook.write_bytes(authoring.first_own(benchmark, "Jobs"))
        (workspace / "data").mkdir()
        (workspace / "data" / authoring.EXAMPLE_TABLE[0]).write_bytes(authoring.EXAMPLE_TABLE[1])
        rows.append(own_row("with one own workbook", workspace, cities, engine, marginal, "--own-workbooks"))
        stock = statistics.median(stock_papermill(notebook, cities[:5]))
    more = marginal["with one own workbook"] - marginal["the toolkit that came along"]
    rows.append(["papermill's API, that workbook alone", 5, "–", tables.figure(stock)])
    told = f"The own workbook costs {more:.2f} s a city, {more / stock:.2f} times what papermill's API takes for it."
    return f"{tables.table(['what', 'cities', 's/city, cold start included', 's for one more city'], rows)}\n\n{told}"


def own_row(
    name: str, workspace: Path, cities: list[str], engine: str, marginal: dict[str, float], *options: str
) -> list[object]:
    """Return the row of a workspace, whose batch is run where it stands: for one city, and for all of them."""
    seconds = []
    for some in (cities[:1], cities):
        words = [word for city in some for word in ("--city", city)]
        with folder() as out:
            command = [*CITYGROW, "batch", "--out", out, "--engine", engine, "--jobs", 1, *options, *words]
            seconds.append(run(command, cwd=workspace, env=ENVIRONMENT).seconds)
            checked(out, some, [])
    marginal[name] = (seconds[1] - seconds[0]) / (len(cities) - 1)
    return [name, len(cities), tables.figure(seconds[1] / len(cities)), tables.figure(marginal[name])]


def stock_papermill(notebook: Path, cities: list[str]) -> list[float]:
    """Return how long papermill's API takes for a notebook of each city, in one process that has done one before."""
    command = [sys.executable, "-m", "bench.contenders", "alone", notebook, "-", 1, cities[0], *cities]
    done = run(command, cwd=notebook.parent, env={**ENVIRONMENT, "PYTHONPATH": str(ROOT)})
    return list(json.loads(done.out.splitlines()[-1])["seconds"][1:])


def rename_toolkit(workspace: Path, benchmark: Benchmark) -> None:
    """Make the toolkit of a workspace one that citygrow never saw."""
    theirs = benchmark.model_copy(update={"id": "our-network", "title": "What our network asks"})
    (workspace / "benchmark").mkdir(exist_ok=True)
    (workspace / "benchmark" / f"{theirs.id}.json").write_bytes(benchmarks.dump(theirs))
    shutil.rmtree(workspace / "workbooks" / benchmark.id)
    (workspace / "answers" / benchmark.id).rename(workspace / "answers" / theirs.id)
    for path in workspace.glob("answers/*/*/*.json"):
        document = Assessment.model_validate_json(path.read_bytes())
        ref = document.benchmark.model_copy(update={"id": theirs.id})
        path.write_bytes(answers.dump(document.model_copy(update={"benchmark": ref})))


@contextmanager
def copied(workspace: Path) -> Iterator[Path]:
    """Open a copy of a workspace."""
    with folder() as there:
        shutil.copytree(workspace, there / "copy")
        yield there / "copy"


def profile(count: int) -> str:
    """Say in which packages the time of making a city goes, within one process that is warm already."""
    with made_up(count + 1) as (workspace, cities):
        command = [sys.executable, "-m", "bench.profiling", workspace, *cities]
        return run(command, cwd=ROOT, env=ENVIRONMENT).out


def machine() -> str:
    """Say where and under which load something was measured."""
    # What went before counts in the load of the last minute, but is over.
    load = psutil.cpu_percent(interval=2)
    busy = "" if load < 10 else f", while other work kept it busy ({load:.0f} % of all cores before the first run)"
    return f"{os.cpu_count()} cores, Python {platform.python_version()} on {platform.system()}{busy}."


def stamps(out: Path) -> dict[str, int]:
    """Return when each city's report was written."""
    return {site.parent.name: (site / "index.html").stat().st_mtime_ns for site in sites(out)}


def touched(before: dict[str, int], after: dict[str, int]) -> set[str]:
    """Return the cities whose report was written anew."""
    return {city for city, stamp in after.items() if before.get(city) != stamp}


def main() -> None:
    """Measure what was asked for, print it, and with ``--write`` put it into the docs."""
    parser = argparse.ArgumentParser(prog="make bench", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="a small run of every way, within a minute")
    parser.add_argument("--scale", metavar="N,N,…", type=lambda text: [int(n) for n in text.split(",")])
    parser.add_argument("--again", metavar="N", type=int)
    parser.add_argument("--memory", metavar="N", type=int)
    parser.add_argument("--floor", metavar="N", type=int)
    parser.add_argument("--own", metavar="N", type=int)
    parser.add_argument("--start", action="store_true")
    parser.add_argument("--profile", metavar="N", type=int)
    parser.add_argument("--engine", default="citygrow", help="engine of our way")
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
    if asked.own:
        modes["own"] = lambda: own(asked.own, asked.engine)
    if asked.start:
        modes["start"] = lambda: start(asked.engine)
    if asked.profile:
        modes["profile"] = lambda: profile(asked.profile)
    if not modes or asked.quick:
        modes["ways"] = lambda: report(contenders(QUICK if asked.quick else FULL, asked.engine))
    for name, measure in modes.items():
        where, begun = machine(), time.perf_counter()
        tables.tell(measure(), where, PAGE if asked.write else None, name)
        say(f"{name}: {time.perf_counter() - begun:.0f} s altogether")


if __name__ == "__main__":
    main()
