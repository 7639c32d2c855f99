"""``citygrow batch``: reports of many cities."""

from __future__ import annotations

from pathlib import Path

import click

from citygrow_nb.cli.options import PATH, debug_option, round_option, sources_argument
from citygrow_nb.cli.progress import Progress
from citygrow_nb.cli.speech import complain, counted, tell, tell_json
from citygrow_nb.exceptions import Problem, UsageError

STOPPED = 130


@click.command()
@sources_argument
@click.option("--out", metavar="DIR", type=PATH, help="Folder for the reports.  [default: outputs/ of the workspace]")
@round_option("Only this round; table rows that name no round belong to it.")
@click.option(
    "--city", "cities", metavar="CITY", multiple=True, help="Only this city, by name or folder name; may be repeated."
)
@click.option("--jobs", metavar="N", type=click.IntRange(1), help="Number of workers.  [default: one per core]")
@click.option(
    "--engine",
    type=click.Choice(["warm", "kernel"]),
    default="kernel",
    show_default=True,
    help="How notebooks run: a Jupyter kernel for each; warm is still to come.",
)
@click.option("--scheduler", metavar="ADDR", help="Address of a Dask scheduler to work on; still to come.")
@click.option(
    "--force", is_flag=True, help="Make all reports anew, also of cities whose answers are the same as before."
)
@click.option("--pdf", is_flag=True, help="Make PDF files as well; still to come.")
@click.option("--json", "as_json", is_flag=True, help="Print the record of the run (run.json) on stdout.")
@debug_option
def batch(
    sources: tuple[Path, ...],
    out: Path | None,
    round_label: str,
    cities: tuple[str, ...],
    jobs: int | None,
    engine: str,
    scheduler: str | None,
    force: bool,
    pdf: bool,
    as_json: bool,
) -> int:
    """Make the reports of all cities in SOURCE.

    SOURCE are files of answers (JSON, CSV, XLSX) or folders of them; without any the answers of the workspace around
    the current folder. Every city gets a folder with a page for each workbook; index.html puts all cities side by side.
    A city that fails is named, and the others are made.

    Exit code: 0 when every city succeeded, 1 when some failed, 2 when the command was wrong.
    """
    for option, wanted in (("--scheduler", scheduler), ("--pdf", pdf)):
        if wanted:
            raise UsageError(Problem(option, "this option is not there yet", todo="leave it out"))

    from citygrow_nb import batch as batches
    from citygrow_nb.workspace import Workspace

    options = batches.Options(sources, out, round_label, cities, jobs or 0, engine, force)
    workspace = Workspace.find()
    try:
        with Progress() as progress:
            manifest = batches.run(options, workspace, progress=progress)
    except KeyboardInterrupt:
        complain("stopped; the reports finished so far are complete, and the same command makes the rest")
        return STOPPED
    for problem in manifest.problems:
        complain(problem)
    for city in manifest.cities:
        if city.status == "failed":
            complain(Problem(f"{city.city}, round {city.round}", city.reason))
    if manifest.portfolio.status == "failed":
        complain(Problem("portfolio", manifest.portfolio.reason))
    if as_json:
        tell_json(manifest.model_dump_json(indent=1))
    else:
        totals = manifest.totals
        made = counted(totals.made, "report") + (f" of {totals.cities:,}" if totals.failed else "")
        folder = out or workspace.outputs
        page = folder / "index.html" if manifest.portfolio.status == "made" else folder
        tell(f"{made} made in {totals.seconds:.1f} s: {page}")
    return 0 if manifest.succeeded else 1
