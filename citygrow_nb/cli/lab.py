"""``citygrow lab``: JupyterLab on the workspace."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from citygrow_nb.cli.options import benchmark_option, debug_option
from citygrow_nb.exceptions import Problem, UsageError

if TYPE_CHECKING:
    from citygrow_nb.workspace import Workspace

FIRST = "00-start.ipynb"
SETTINGS = Path(__file__).parent / "jupyter"
EXTENSIONS = Path(__file__).parents[1] / "labextensions"
CITY_VARIABLE = "CITYGROW_CITY"


@click.command()
@click.argument("city", metavar="[CITY]", required=False)
@click.argument("more", metavar="[-- OPTION...]", nargs=-1, type=click.UNPROCESSED)
@benchmark_option("Open the workbooks of this benchmark.  [default: the only one of the workspace]")
@click.option("--no-browser", is_flag=True, help="Do not open a browser; print the address.")
@debug_option
def lab(city: str | None, more: tuple[str, ...], benchmark_id: str, no_browser: bool) -> int:
    """Open the workbooks in JupyterLab, for CITY if one is named.

    What follows -- is passed on to JupyterLab, for example: citygrow lab -- --port=8899
    """
    from citygrow_nb import benchmarks
    from citygrow_nb.workspace import Workspace

    # `citygrow lab -- --port=8899` names no city.
    if city and city.startswith("-"):
        more, city = (city, *more), None
    workspace = Workspace.find()
    workspace.require_toolkit_first()
    benchmark = benchmarks.chosen(workspace, benchmark_id)
    slug = find_city(workspace, city) if city else ""
    first = workspace.notebooks(benchmark) / FIRST
    if not first.is_file():
        todo = "make them with “citygrow workbooks build”, or a whole workspace with “citygrow init .”"
        raise UsageError(Problem(str(first), "the workbooks are not here", todo=todo))
    # Opening a notebook runs nothing by others, no request leaves the machine, no question about news covers a form, no
    # form is taken off the page, and a closed workbook gives its memory back.
    settings = os.pathsep.join(filter(None, (str(SETTINGS), os.environ.get("JUPYTER_CONFIG_PATH"))))
    environment = {**os.environ, "JUPYTER_CONFIG_PATH": settings, **({CITY_VARIABLE: slug} if slug else {})}
    arguments = command(workspace, benchmark, more, no_browser=no_browser)
    if os.name == "posix":
        # In our place, so that every signal reaches it and nothing is left behind.
        os.execve(sys.executable, arguments, environment)  # noqa: S606
    process = subprocess.Popen(arguments, env=environment)  # noqa: S603
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            # JupyterLab has got it as well, and asks whether to stop.
            continue


def command(workspace: Workspace, benchmark: str, more: Sequence[str] = (), *, no_browser: bool = False) -> list[str]:
    """Return the command that starts JupyterLab on a workspace.

    Parameters
    ----------
    workspace
        Its folder becomes the root of what people see.
    benchmark
        Id of the benchmark whose first workbook is opened.
    more
        Options for JupyterLab.
    no_browser
        Whether to leave the browser closed.
    """
    return [
        sys.executable,
        "-P",  # nothing is imported from the current folder, which may be a city's
        "-m",
        "citygrow_nb.cli.jupyterlab_server",
        f"--ServerApp.root_dir={workspace.root}",
        # One document at a time, and no file browser around it: JupyterLab's simple interface.
        f"--LabApp.default_url=/doc/tree/{workspace.workbooks.name}/{benchmark}/{FIRST}",
        # The guide of this very citygrow, wherever and however it is installed.
        f"--LabApp.extra_labextensions_path={EXTENSIONS}",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        *(["--no-browser"] if no_browser else []),
        *more,
    ]


def find_city(workspace: Workspace, city: str) -> str:
    """Return the folder name of a city that has answers.

    Parameters
    ----------
    workspace
        Where to look.
    city
        Its name or folder name.

    Raises
    ------
    UsageError
        If there is no such city; the sentence names the nearest.
    """
    from citygrow_nb.batch import no_such_city
    from citygrow_nb.slugs import slugify

    known = {city for benchmark in workspace.answered() for city, _ in workspace.documents(benchmark)}
    for slug in (city, slugify(city)):
        if slug in known:
            return slug
    if not known:
        found = "there are no answers here yet"
        raise UsageError(Problem(str(workspace.answers), found, todo="open “citygrow lab” without naming a city"))
    raise UsageError(no_such_city(city, known, str(workspace.answers)))
