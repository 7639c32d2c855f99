"""``citygrow benchmark``: whether it is sound, and what it says."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from citygrow_nb.cli.messages import counted, print_line, print_problem, print_text
from citygrow_nb.cli.options import PATH, benchmark_option, chosen_benchmark, debug_option
from citygrow_nb.exceptions import Problem, UsageError

if TYPE_CHECKING:
    from citygrow_nb.model import Benchmark


@click.group()
@debug_option
def benchmark() -> None:
    """Check a benchmark's files, or read them."""


@benchmark.command()
@click.argument("folder", metavar="[DIR]", required=False, type=PATH)
@debug_option
def check(folder: Path | None) -> int:
    """Look for faults in the benchmark in DIR; without DIR in all benchmarks that came with citygrow or the workspace.

    Every fault is one line with file and line. Exit code 0 without faults, 1 with some. What a draft leaves open is
    listed as to do, and is no fault.
    """
    from citygrow_nb import benchmarks
    from citygrow_nb.workspace import Workspace

    if folder is not None and not folder.exists():
        raise UsageError(Problem(str(folder), "there is no such folder", todo="check the path"))
    if folder is None:
        own = Workspace.find().benchmarks
        paths = [*benchmarks.shipped().values(), *(path.parent for path in sorted(own.glob("*/benchmark.yaml")))]
        folders = {path.resolve(): path for path in paths}
    else:
        folders = {folder.resolve(): folder}
    faulty = False
    for path in folders.values():
        problems = benchmarks.check(path)
        for problem in problems:
            print_problem(problem)
        faulty = faulty or bool(problems)
        todos = benchmarks.todos(path)
        for todo in todos:
            print_line(f"to do: {todo}")
        if not problems:
            left = f", a draft, {counted(len(todos), 'thing')} to do" if todos else ""
            print_line(f"{path}: {_counts(benchmarks.load(path))}, no faults{left}")
    return 1 if faulty else 0


@benchmark.command()
@click.argument("code", metavar="[CODE]", required=False)
@benchmark_option()
@debug_option
def show(code: str | None, benchmark_id: str) -> None:
    """Show the item with this CODE, such as KF1, KF1.Q1, KF1.P1, CF1 or CF1.1; without CODE an outline."""
    from citygrow_nb.cli.outline import item, outline
    from citygrow_nb.model.fields import nearest
    from citygrow_nb.workspace import Workspace

    loaded = chosen_benchmark(Workspace.find(), benchmark_id)
    if code is None:
        print_text(outline(loaded))
        return
    items = dict(loaded.items())
    wanted = code.strip().upper()
    if wanted not in items:
        near = nearest(code, items)
        found = f"the benchmark {loaded.id} has no such code"
        raise UsageError(Problem(f"code “{code}”", found, todo=f"did you mean “{near}”?" if near else ""))
    print_text(item(wanted, items[wanted], loaded))


@benchmark.command()
@click.argument("file", metavar="FILE", type=PATH)
@click.option("--id", "benchmark_id", metavar="ID", required=True, help="Id of the new benchmark, such as green-jobs.")
@click.option("--to", metavar="DIR", type=PATH, help="Folder to make.  [default: benchmark/ID of the workspace]")
@debug_option
def draft(file: Path, benchmark_id: str, to: Path | None) -> None:
    """Read a published toolkit (PDF, or its text) into a draft benchmark.

    Whatever stands in FILE is taken as it stands; nothing is invented. What is doubtful is marked “check” with the
    reason, and what was not placed is named.
    """
    from citygrow_nb import benchmarks, drafting
    from citygrow_nb.exceptions import DraftError, StoreError, problem_of
    from citygrow_nb.workspace import Workspace, checked_benchmark

    checked_benchmark(benchmark_id)
    folder = to or Workspace.find().benchmarks / benchmark_id
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(
            Problem(str(folder), "something stands here already", todo="remove it, or name another folder")
        )
    toolkit = drafting.understand(drafting.read(file))
    if not toolkit.factors or not toolkit.standard.text:
        missing = "key factor" if not toolkit.factors else "standard"
        todo = "head the key factors “Key factor 1: …” in its text, and the standard “Standard”, then try again"
        raise DraftError(Problem(str(file), f"no {missing} was found in it", todo=todo))
    try:
        drafting.save(drafting.write(toolkit, benchmark_id, file.name), folder)
    except OSError as error:
        raise StoreError(problem_of(error, folder)) from error
    for place in toolkit.left_aside:
        print_line(f"left aside: {place}")
    for problem in benchmarks.check(folder):
        print_problem(problem)
    for doubt in drafting.doubts(toolkit):
        print_line(f"check: {doubt}")
    counts = [
        counted(len(toolkit.factors), "key factor"),
        counted(sum(len(factor.parts) for factor in toolkit.factors), "guide question"),
        counted(sum(len(factor.practices) for factor in toolkit.factors), "practice"),
        counted(len(toolkit.contexts), "context factor"),
        counted(sum(len(context.parts) for context in toolkit.contexts), "point"),
        counted(len(toolkit.terms), "term"),
    ]
    print_line(f"{folder}: {', '.join(counts)}; next: citygrow benchmark check {folder}")


def _counts(loaded: Benchmark) -> str:
    def parts() -> Iterator[str]:
        yield f"{loaded.id} {loaded.version}"
        yield counted(len(loaded.key_factors), "key factor")
        yield counted(len(loaded.questions), "guide question")
        yield counted(sum(len(factor.practices) for factor in loaded.key_factors), "practice")
        yield counted(len(loaded.context_factors), "context factor")
        yield counted(sum(len(factor.prompts) for factor in loaded.context_factors), "prompt")

    return ", ".join(parts())
