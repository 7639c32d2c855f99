"""``citygrow batch``: reports of many cities."""

from __future__ import annotations

import contextlib
import json
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

import click

from citygrow_nb.addresses import without_secrets
from citygrow_nb.cli.messages import counted, print_json, print_line, print_problem
from citygrow_nb.cli.options import PLACE, benchmark_option, debug_option, round_option, sources_argument
from citygrow_nb.cli.progress import Progress
from citygrow_nb.exceptions import CitygrowError, Problem, one_line

if TYPE_CHECKING:
    from citygrow_nb.model.run import RunManifest

STOPPED = 130


@click.command()
@sources_argument
@benchmark_option("Only this benchmark; table rows that name none belong to it.  [default: all that are answered]")
@click.option(
    "--out",
    metavar="DIR",
    type=PLACE,
    help="Folder for the reports, or URL of one such as s3://bucket/reports.  [default: outputs/ of the workspace]",
)
@round_option("Only this round; table rows that name no round belong to it.")
@click.option(
    "--city", "cities", metavar="CITY", multiple=True, help="Only this city, by name or folder name; may be repeated."
)
@click.option("--jobs", metavar="N", type=click.IntRange(1), help="Number of workers.  [default: one per core]")
@click.option(
    "--engine",
    type=click.Choice(["citygrow", "kernel"]),
    help="How workbooks as built run: citygrow in the worker itself, kernel in a Jupyter kernel for each.  "
    "[default: citygrow]",
)
@click.option(
    "--timeout",
    metavar="SECONDS",
    type=click.FloatRange(1),
    help="Seconds that one city may take; then its worker is stopped, and it has failed.  [default: 900]",
)
@click.option("--scheduler", metavar="ADDR", help="Address of a Dask scheduler whose workers to use: tcp://host:8786.")
@click.option(
    "--force", is_flag=True, help="Make all reports anew, also those that would come out the same as they are."
)
@click.option(
    "--verify",
    is_flag=True,
    help="Compare every file that stands there with its fingerprint, and check all answers again.",
)
@click.option(
    "--own-workbooks",
    is_flag=True,
    help="Run own and changed workbooks though nobody has trusted them on this machine, as in CI.",
)
@click.option("--pdf", is_flag=True, help="Make every report as a PDF file as well.")
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="Print the record of the run (run.json) on stdout; of one that could not begin, why.",
)
@debug_option
def batch(
    sources: tuple[Path, ...],
    benchmark_id: str,
    out: Path | str | None,
    round_label: str,
    cities: tuple[str, ...],
    jobs: int | None,
    engine: str | None,
    timeout: float | None,
    scheduler: str | None,
    force: bool,
    verify: bool,
    own_workbooks: bool,
    pdf: bool,
    as_json: bool,
) -> int:
    """Make the reports of all cities in SOURCE.

    SOURCE are files of answers (JSON, CSV, XLSX) or folders of them; without any the answers of the workspace around
    the current folder. Every city gets a folder with a page for each workbook of workbooks/<benchmark>/ (where there is
    none: for each that is built from the benchmark), and a page on all benchmarks that it answered; each benchmark has
    a page with all cities side by side. index.html leads to everything.
    A report that stands there already and would come out the same is left as it is. A city that fails is named, and the
    others are made.

    Exit code: 0 when every city succeeded, 1 when some failed, 2 when the command was wrong.
    """
    from citygrow_nb import batch as batches
    from citygrow_nb.workspace import Workspace

    workspace = Workspace.find()
    place = out or workspace.outputs
    if isinstance(place, Path) and not scheduler:
        batches.prepare_workers(place)  # before this process loads what it needs itself
    given = {"engine": engine, "limit": timeout, "scheduler": scheduler, "jobs": jobs}
    options = batches.Options(
        sources=sources,
        benchmark=benchmark_id,
        out=out,
        round=round_label,
        cities=cities,
        force=force,
        verify=verify,
        own_workbooks=own_workbooks,
        pdf=pdf,
        **{name: value for name, value in given.items() if value is not None},  # type: ignore[arg-type]
    )
    stopped = threading.Event()
    try:
        with _ctrl_c_noted(stopped), Progress() as progress:
            manifest = batches.run(options, workspace, progress=progress)
    except BaseException as error:
        # Where it hits the middle of a lock, Ctrl-C comes out as a fault of another kind.
        if not (isinstance(error, KeyboardInterrupt) or stopped.is_set()):
            if as_json and isinstance(error, CitygrowError):
                print_json(json.dumps({"problems": [str(problem) for problem in error.problems]}, ensure_ascii=False))
            raise
        print_problem("stopped; the reports finished so far are complete, and the same command makes the rest")
        return STOPPED
    _complain(manifest)
    if as_json:
        print_json(batches.published(manifest, sources or (workspace.answers,), workspace))
    else:
        print_line(_summary(manifest, without_secrets(str(place), str(place))))
    return 0 if manifest.succeeded else 1


@contextlib.contextmanager
def _ctrl_c_noted(stopped: threading.Event) -> Iterator[None]:
    before = signal.getsignal(signal.SIGINT)
    if before is not signal.default_int_handler or threading.current_thread() is not threading.main_thread():
        yield  # somebody else decides
        return

    def note(number: int, frame: FrameType | None) -> None:
        stopped.set()
        signal.default_int_handler(number, frame)

    signal.signal(signal.SIGINT, note)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _complain(manifest: RunManifest) -> None:
    for problem in manifest.problems:
        print_problem(problem)
    for city in manifest.cities:
        if city.status in {"failed", "incomplete"}:
            several = len(manifest.toolkits) > 1
            where = f"{city.benchmark}, {city.city}" if several else city.city
            print_problem(Problem(f"{where}, round {city.round}", city.reason))
    for toolkit in manifest.toolkits:
        if toolkit.portfolio.status == "failed":
            print_problem(Problem(f"portfolio of {toolkit.benchmark.id}", toolkit.portfolio.reason))
    if manifest.overview.status == "failed":
        print_problem(Problem("front page and pages of cities", manifest.overview.reason))
    for notice in manifest.notices:
        print_problem(f"please look: {notice}")
    left = [f"{toolkit.benchmark.id}/{name}" for toolkit in manifest.toolkits for name in toolkit.without_source]
    if left:
        print_problem(
            f"{counted(len(left), 'report')} from earlier runs, not in these sources: {one_line(left)}; "
            "kept, and shown among all cities; to leave one out, delete its folder"
        )


def _summary(manifest: RunManifest, out: str) -> str:
    totals = manifest.totals
    made = counted(totals.made, "report") + (f" of {totals.made + totals.failed:,}" if totals.failed else "") + " made"
    made += f", {totals.incomplete:,} of them incomplete" if totals.incomplete else ""
    unchanged = f", {totals.unchanged:,} unchanged" if totals.unchanged else ""
    there = manifest.overview.status in {"made", "unchanged"}
    page = f"{out.rstrip('/')}/index.html" if "://" in out else str(Path(out, "index.html"))
    return f"{made}{unchanged} in {totals.seconds:.1f} s: {page if there else out}"
