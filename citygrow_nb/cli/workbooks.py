"""``citygrow workbooks``: notebooks from a benchmark."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from citygrow_nb.cli.messages import counted, print_line, print_problem
from citygrow_nb.cli.options import PATH, Function, chosen_benchmarks, debug_option
from citygrow_nb.exceptions import Problem, UsageError

if TYPE_CHECKING:
    from citygrow_nb.workspace import Workspace


@click.group()
@debug_option
def workbooks() -> None:
    """Build the workbooks from a benchmark, or check them."""


def _benchmarks_option(text: str) -> Callable[[Function], Function]:
    return click.option("--benchmark", "named", metavar="ID-or-FOLDER", multiple=True, help=text)


@workbooks.command()
@_benchmarks_option("Benchmark to build from; may be repeated.  [default: all of the workspace]")
@click.option(
    "--to",
    metavar="DIR",
    type=PATH,
    help="Folder to write to; each benchmark gets a folder in it.  [default: workbooks/ of the workspace]",
)
@debug_option
def build(named: tuple[str, ...], to: Path | None) -> None:
    """Write the workbooks of each benchmark: start, one for each key factor, context, results and what follows.

    Workbooks of the same names are replaced. Answers are not in them and stay.
    """
    from citygrow_nb import atomic, authoring, borders
    from citygrow_nb.workspace import Workspace, checked_benchmark

    workspace = Workspace.find()
    target = to or workspace.workbooks
    if target.exists() and not target.is_dir():
        raise UsageError(Problem(str(target), "a file stands where the workbooks should go", todo="name a folder"))
    for benchmark, _ in chosen_benchmarks(workspace, named):
        folder = target / checked_benchmark(benchmark.id)
        built = authoring.build(benchmark)
        for name, content in built.items():
            borders.keep_within(target, folder / name)
            atomic.write(folder / name, content, shared=True)
        print_line(f"{counted(len(built), 'workbook')} built in {folder}")
    if target == workspace.workbooks and _is_checkout(workspace):
        atomic.write(authoring.SHIPPED, _of_shipped(), shared=True)


@workbooks.command()
@_benchmarks_option("Benchmark to compare with; may be repeated.  [default: all of the workspace]")
@debug_option
def check(named: tuple[str, ...]) -> int:
    """See whether the workbooks of the workspace are those that their benchmarks give.

    Exit code 0 when they are, 1 when some are missing, old or changed; each is named.
    """
    from citygrow_nb import authoring
    from citygrow_nb.workspace import Workspace

    workspace = Workspace.find()
    stale = False
    for benchmark, _ in chosen_benchmarks(workspace, named):
        folder = workspace.notebooks(benchmark.id)
        problems = authoring.stale(benchmark, folder)
        for problem in problems:
            print_problem(problem)
        stale = stale or bool(problems)
        if not problems:
            print_line(f"{folder}: up to date")
    if _is_checkout(workspace) and authoring.SHIPPED.read_bytes() != _of_shipped():
        found = "the guide knows other workbooks than these benchmarks give, and would not run them by itself"
        print_problem(Problem(str(authoring.SHIPPED), found, todo="run “citygrow workbooks build”"))
        stale = True
    return 1 if stale else 0


def _is_checkout(workspace: Workspace) -> bool:
    """Tell whether a workspace is the source of citygrow, whose workbooks travel with the package."""
    import citygrow_nb

    return workspace.root.resolve() == Path(citygrow_nb.__file__).parents[1]


def _of_shipped() -> bytes:
    from citygrow_nb import authoring, benchmarks

    return authoring.fingerprints([benchmarks.load(path) for path in benchmarks.shipped().values()])
