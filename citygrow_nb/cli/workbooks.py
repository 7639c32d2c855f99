"""``citygrow workbooks``: notebooks from a benchmark."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from citygrow_nb.cli.messages import counted, print_line, print_problem
from citygrow_nb.cli.options import PATH, debug_option
from citygrow_nb.exceptions import Problem, UsageError

if TYPE_CHECKING:
    from citygrow_nb.model import Benchmark
    from citygrow_nb.workspace import Workspace


@click.group()
@debug_option
def workbooks() -> None:
    """Build the workbooks from a benchmark, or check them."""


@workbooks.command()
@click.option(
    "--benchmark",
    "folder",
    metavar="DIR",
    type=PATH,
    help="Benchmark to build from.  [default: the one that came with citygrow]",
)
@click.option("--to", metavar="DIR", type=PATH, help="Folder to write to.  [default: workbooks/ of the workspace]")
@debug_option
def build(folder: Path | None, to: Path | None) -> None:
    """Write one workbook for the start, each key factor, the context, the results and the portfolio.

    Workbooks of the same names are replaced. Answers are not in them and stay.
    """
    from citygrow_nb import atomic, authoring
    from citygrow_nb.workspace import Workspace

    workspace = Workspace.find()
    target = to or workspace.workbooks
    if target.exists() and not target.is_dir():
        raise UsageError(Problem(str(target), "a file stands where the workbooks should go", todo="name a folder"))
    built = authoring.build(_benchmark(folder, workspace))
    for name, content in built.items():
        atomic.write(target / name, content)
    print_line(f"{counted(len(built), 'workbook')} built in {target}")


@workbooks.command()
@click.option(
    "--benchmark",
    "folder",
    metavar="DIR",
    type=PATH,
    help="Benchmark to compare with.  [default: the one that came with citygrow]",
)
@debug_option
def check(folder: Path | None) -> int:
    """See whether the workbooks of the workspace are those that the benchmark gives.

    Exit code 0 when they are, 1 when some are missing, old or changed; each is named.
    """
    from citygrow_nb import authoring
    from citygrow_nb.workspace import Workspace

    workspace = Workspace.find()
    problems = authoring.stale(_benchmark(folder, workspace), workspace.workbooks)
    for problem in problems:
        print_problem(problem)
    if not problems:
        print_line(f"{workspace.workbooks}: up to date")
    return 1 if problems else 0


def _benchmark(folder: Path | None, workspace: Workspace) -> Benchmark:
    from citygrow_nb import benchmarks

    if folder is not None and not folder.exists():
        raise UsageError(Problem(str(folder), "there is no such folder", todo="check the path"))
    return benchmarks.load(folder or benchmarks.find(benchmarks.default_id(), workspace))
