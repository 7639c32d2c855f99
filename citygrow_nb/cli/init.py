"""``citygrow init``: a new workspace."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import click

from citygrow_nb.cli.messages import counted, print_line
from citygrow_nb.cli.options import PATH, chosen_benchmarks, debug_option
from citygrow_nb.exceptions import Problem, StoreError, UsageError, problem_of

if TYPE_CHECKING:
    from citygrow_nb.workspace import Workspace


@click.command()
@click.argument("folder", metavar="DIR", type=PATH)
@click.option(
    "--benchmark",
    "named",
    metavar="ID-or-FOLDER",
    multiple=True,
    help="Benchmark to work with; may be repeated. A folder is copied.  [default: all that came with citygrow]",
)
@debug_option
def init(folder: Path, named: tuple[str, ...]) -> None:
    """Make a workspace in DIR.

    It has answers/, outputs/, workbooks/ with a folder for each benchmark, and a README. What is there already is left
    as it is, and what is missing is added.
    """
    from citygrow_nb.workspace import Workspace

    if folder.exists() and not folder.is_dir():
        raise UsageError(Problem(str(folder), "a file of this name is there already", todo="name a folder"))
    made, kept = make_workspace(Workspace(folder), named)
    for path in kept:
        print_line(f"left as it was: {path}")
    print_line(f"{counted(len(made), 'file')} made in {folder}; next: cd {folder}, then citygrow lab")


def make_workspace(workspace: Workspace, named: Sequence[str] = ()) -> tuple[list[Path], list[Path]]:
    """Make what is missing of a workspace.

    Parameters
    ----------
    workspace
        Where.
    named
        Benchmarks by id or folder; those of the workspace, or all that came with citygrow, when there are none.

    Returns
    -------
    tuple
        Files that were made, and files that were there with another content and were left alone.

    Raises
    ------
    BenchmarkError, UsageError
        If a benchmark does not exist or has faults.
    StoreError
        If it cannot be written.
    """
    from citygrow_nb import atomic, authoring, benchmarks, borders

    wanted = {workspace.root / "README.md": (files("citygrow_nb.cli") / "workspace-readme.md").read_bytes()}
    for benchmark, path in chosen_benchmarks(workspace, named):
        folder = workspace.notebooks(benchmark.id)
        wanted |= {folder / name: content for name, content in authoring.build(benchmark).items()}
        if path not in benchmarks.known(workspace).values():
            own = workspace.benchmarks / benchmark.id
            wanted |= {
                own / each.relative_to(path): atomic.read(each, benchmarks.MAX_FILE) for each in benchmarks.files(path)
            }
    try:
        for folder in (workspace.answers, workspace.outputs, workspace.workbooks):
            atomic.make_folder(folder.parent, shared=True)
            atomic.make_folder(folder, shared=folder != workspace.answers)
    except OSError as error:
        raise StoreError(problem_of(error, workspace.root)) from error
    made, kept = [], []
    for path, content in wanted.items():
        borders.keep_within(workspace.root, path)
        if not path.exists():
            atomic.write(path, content, shared=True)
            made.append(path)
        elif path.read_bytes() != content:
            kept.append(path)
    return made, kept
