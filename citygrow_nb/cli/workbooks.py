"""``citygrow workbooks``: notebooks from a benchmark, and people's own beside them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from citygrow_nb.cli.messages import counted, print_line, print_problem
from citygrow_nb.cli.options import PATH, Function, chosen_benchmarks, debug_option
from citygrow_nb.exceptions import Problem, UsageError, one_line

if TYPE_CHECKING:
    from citygrow_nb.authoring import StandingWorkbook
    from citygrow_nb.model import Benchmark
    from citygrow_nb.workspace import Workspace


@click.group()
@debug_option
def workbooks() -> None:
    """Build the workbooks from a benchmark, look at them, begin and trust own ones."""


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
@click.option(
    "--force", is_flag=True, help="Replace workbooks that somebody changed, too; what was there is kept as a copy."
)
@debug_option
def build(named: tuple[str, ...], to: Path | None, force: bool) -> int:
    """Write the workbooks of each benchmark: start, one for each key factor, context, results and what follows.

    Workbooks that are as some citygrow built them are replaced. One that somebody changed stays, unless --force is
    given; then what was there is kept beside it. Own workbooks stay. Answers are not in workbooks.

    Exit code 0; 1 when a changed workbook was left as it is.
    """
    from citygrow_nb import atomic, authoring, borders
    from citygrow_nb.workspace import Workspace, checked_benchmark

    workspace = Workspace.find()
    target = to or workspace.workbooks
    if target.exists() and not target.is_dir():
        raise UsageError(Problem(str(target), "a file stands where the workbooks should go", todo="name a folder"))
    left = False
    for benchmark, _ in chosen_benchmarks(workspace, named):
        folder = target / checked_benchmark(benchmark.id)
        standing = authoring.standing(benchmark, folder)
        taken = {each.name.file for each in standing.workbooks if each.state == "changed"}
        taken |= {Path(problem.where).name for problem in standing.problems}
        built = authoring.build(benchmark)
        count = 0
        for name, content in built.items():
            path = folder / name
            borders.keep_within(target, path)
            if name in taken and path.is_file():
                if not force:
                    found, todo = "somebody changed this workbook, so it stays", "to replace it, use --force"
                    print_problem(Problem(str(path), found, todo=todo))
                    left = True
                    continue
                print_line(f"{path}: what was there is now {_kept_aside(path).name}")
            atomic.write(path, content, shared=True)
            count += 1
        print_line(f"{counted(count, 'workbook')} built in {folder}")
    return 1 if left else 0


def _kept_aside(path: Path) -> Path:
    """Give a file a name beside it that no other file has and no workbook can have, and return it."""
    number = 1
    while (copy := path.with_name(f"{path.name}.changed-{number}")).exists():
        number += 1
    return path.rename(copy)


@workbooks.command()
@_benchmarks_option("Benchmark to compare with; may be repeated.  [default: all of the workspace]")
@debug_option
def check(named: tuple[str, ...]) -> int:
    """Say which workbooks of the workspace are as built, older, missing, changed or own, and which are trusted.

    Exit code 0 when reports are made of everything that stands there; 1 when a workbook is missing, older, cannot be
    read, or is not trusted. Each is named.
    """
    from citygrow_nb import authoring
    from citygrow_nb.workspace import Workspace

    workspace = Workspace.find()
    good = True
    for benchmark, _ in chosen_benchmarks(workspace, named):
        folder = workspace.notebooks(benchmark.id)
        standing = authoring.standing(benchmark, folder)
        there = {each.name.file: each for each in standing.workbooks if (folder / each.name.file).is_file()}
        for problem in standing.problems:
            print_problem(problem)
        lacking = [name.file for name in authoring.plan(benchmark) if name.file not in there]
        unread = {Path(problem.where).name for problem in standing.problems}
        build_again = "run “citygrow workbooks build”"
        for file in lacking:
            if file not in unread:
                print_problem(Problem(str(folder / file), "the workbook is missing", todo=build_again))
        for each in there.values():
            good = _told(each, folder, standing.beside) and good
        for file in standing.idle:
            found = "as an earlier citygrow built it; today it has no such workbook, so no report is made of it"
            print_problem(Problem(str(folder / file), found, todo="remove it"))
        as_built = sum(each.state == "as built" for each in there.values())
        print_line(f"{folder}: {counted(as_built, 'workbook')} as built")
        good = good and not (lacking or standing.problems or standing.idle)
    return 0 if good else 1


def _told(workbook: StandingWorkbook, folder: Path, beside: Mapping[str, bytes]) -> bool:
    """Say how a workbook is, and tell whether reports are made of it."""
    from citygrow_nb import trust

    path = folder / workbook.name.file
    if workbook.state == "older":
        found = "it is as another version of citygrow built it; reports are made of what is built now"
        print_problem(Problem(str(path), found, todo="run “citygrow workbooks build”"))
        return False
    if workbook.state == "as built":
        return True
    trusted = trust.is_trusted(trust.digest(workbook.content, beside))
    if trusted:
        print_line(f"{path}: {workbook.state}, trusted")
    else:
        todo = f"if you know who wrote it, run “citygrow workbooks trust {workbook.name.stem}”"
        print_problem(Problem(str(path), f"{workbook.state}, not trusted on this machine", todo=todo))
    return trusted


@workbooks.command(name="trust")
@click.argument("names", metavar="NAME", nargs=-1, required=True)
@_benchmarks_option("Benchmark whose workbooks they are.  [default: all of the workspace]")
@debug_option
def trust_(names: tuple[str, ...], named: tuple[str, ...]) -> None:
    """Let own or changed workbooks run when reports are made, by you on this machine.

    NAME is the file's name, with or without its ending. What counts is the code of its cells, and of all modules (*.py)
    beside it: where these change, it is asked for again.
    """
    from citygrow_nb import authoring, trust
    from citygrow_nb.workspace import Workspace

    workspace = Workspace.find()
    there: dict[str, tuple[Path, StandingWorkbook, Mapping[str, bytes]]] = {}
    for benchmark, _ in chosen_benchmarks(workspace, named):
        folder = workspace.notebooks(benchmark.id)
        standing = authoring.standing(benchmark, folder)
        for each in standing.workbooks:
            if each.state not in authoring.BUILT:
                there[f"{benchmark.id}/{each.name.file}"] = folder / each.name.file, each, standing.beside
    for path, each, beside in [_chosen(name, there) for name in names]:
        trust.trust(trust.digest(each.content, beside), str(path))
        also = f", with {one_line(beside)} beside it" if beside else ""
        print_line(f"{path}: its {counted(_code_cells(each), 'code cell')} may run for reports from now on{also}")


def _code_cells(workbook: StandingWorkbook) -> int:
    return sum(cell["cell_type"] == "code" for cell in json.loads(workbook.content)["cells"])


_There = tuple[Path, "StandingWorkbook", Mapping[str, bytes]]


def _chosen(name: str, there: Mapping[str, _There]) -> _There:
    wanted = Path(name).name.removesuffix(".ipynb")
    fitting = [found for found in there.values() if found[1].name.stem == wanted]
    exact = [found for found in fitting if Path(name).parent.resolve() == found[0].parent.resolve()]
    if exact or Path(name).name != name:  # a path means this file, and none of the same name elsewhere
        fitting = exact or [found for key, found in there.items() if key == f"{name.removesuffix('.ipynb')}.ipynb"]
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        found, todo = "several workbooks are called so", "say which, with --benchmark"
        raise UsageError(Problem(name, found, one_line(there), todo))
    allowed = one_line(found[1].name.stem for found in there.values())
    found = "there is no own or changed workbook of this name"
    raise UsageError(Problem(name, found, allowed or "none yet: begin one with “citygrow workbooks new NAME”"))


@workbooks.command()
@click.argument("title")
@_benchmarks_option("Benchmark for whose cities it is.  [default: the only one of the workspace]")
@debug_option
def new(title: str, named: tuple[str, ...]) -> None:
    """Begin an own workbook that runs: a table from data/, and a chart of it beside the city's scores.

    TITLE is its heading, such as "Jobs in our city". It is trusted at once, since it is yours.
    """
    from citygrow_nb import atomic, authoring, borders, trust
    from citygrow_nb.slugs import slugify
    from citygrow_nb.workspace import Workspace

    workspace = Workspace.find()
    chosen: list[tuple[Benchmark, object]] = list(chosen_benchmarks(workspace, named))
    if len(chosen) != 1:
        ids = one_line(benchmark.id for benchmark, _ in chosen)
        raise UsageError(Problem("workbook", "there are several benchmarks here", ids, "say which, with --benchmark"))
    benchmark = chosen[0][0]
    slug = slugify(title)
    if not any(map(str.isalnum, title)):
        raise UsageError(Problem(f"title “{title}”", "it has no letter or digit", todo="call it by what it shows"))
    folder = workspace.notebooks(benchmark.id)
    _require_workspace(workspace)
    if not any(folder.glob("*.ipynb")):
        for name, content in authoring.build(benchmark).items():
            atomic.write(folder / name, content, shared=True)
    numbered = [match for path in folder.glob("*.ipynb") if (match := re.fullmatch(r"(\d+)-(.+)", path.stem))]
    if any(match[2] == slug for match in numbered):
        raise UsageError(Problem(f"title “{title}”", "a workbook of this name stands there", todo="take another title"))
    last = max((int(match[1]) for match in numbered if len(match[1]) < 4), default=0)  # not 2026-…
    path = folder / f"{last + 1:02d}-{slug}.ipynb"
    borders.keep_within(workspace.workbooks, path)
    content = authoring.first_own(benchmark, title)
    table, example = authoring.EXAMPLE_TABLE
    if not (workspace.data / table).exists():
        atomic.write(workspace.data / table, example, shared=True)
        print_line(f"{workspace.data / table}: a table with invented figures; put your own in its place")
    atomic.write(path, content, shared=True)
    standing = authoring.standing(benchmark, folder)
    mine = next(each for each in standing.workbooks if each.name.file == path.name)
    trust.trust(trust.digest(mine.content, standing.beside), str(path))
    print_line(f"{path}: begun; open it with “citygrow lab”. Reports have its page from the next “citygrow batch” on")


def _require_workspace(workspace: Workspace) -> None:
    if not workspace.answers.is_dir():
        found, todo = "this is no workspace", "go to one, or make one with “citygrow init DIR”"
        raise UsageError(Problem(str(workspace.root), found, todo=todo))
