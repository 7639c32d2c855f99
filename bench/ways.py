"""Reports of the same cities in five ways, side by side: the ways that `make bench` measures, and how."""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench import tables
from bench.contenders import ROUND, commands, workbooks
from bench.measuring import Run, run
from citygrow_nb import answers
from citygrow_nb.model import Assessment, Mentoring

ROOT = Path(__file__).resolve().parent.parent
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
            # Who mentors whom is found once for all cities; what is compared here is the work on one.
            city = Assessment.model_validate_json(path.read_bytes())
            path.write_bytes(answers.dump(city.model_copy(update={"mentoring": Mentoring()})))
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
