"""``citygrow demo``: fictitious cities to try citygrow on."""

from __future__ import annotations

from pathlib import Path

import click

from citygrow_nb.cli.messages import counted, print_line
from citygrow_nb.cli.options import PATH, benchmark_option, chosen_benchmark, debug_option
from citygrow_nb.exceptions import Problem, StoreError, UsageError, one_line, problem_of


@click.command()
@click.argument("folder", metavar="DIR", type=PATH)
@click.option("--cities", "count", metavar="N", type=click.IntRange(1, 100_000), required=True, help="How many cities.")
@click.option(
    "--seed", metavar="S", type=click.IntRange(0), default=0, show_default=True, help="Another number, other cities."
)
@click.option(
    "--rounds",
    metavar="N",
    type=click.IntRange(1, 20),
    default=1,
    show_default=True,
    help="How many rounds, one every second year.",
)
@benchmark_option("Benchmark that they answer.  [default: the only one of DIR, or that came with citygrow]")
@debug_option
def demo(folder: Path, count: int, seed: int, rounds: int, benchmark_id: str) -> None:
    """Make up N cities with answers and save them in DIR. The same numbers give the same cities."""
    from citygrow_nb import atomic
    from citygrow_nb import demo as fiction
    from citygrow_nb.answers import AnswerStore
    from citygrow_nb.workspace import Workspace

    if folder.exists() and not folder.is_dir():
        raise UsageError(Problem(str(folder), "a file of this name is there already", todo="name a folder"))
    workspace = Workspace(folder)
    benchmark = chosen_benchmark(workspace, benchmark_id)
    ours = {item.city.slug for item in fiction.cities(benchmark, count, seed)}
    others = sorted({city for city, _ in workspace.documents(benchmark.id)} - ours)
    if others:
        found = f"there are answers of other cities here ({one_line(others, 3)}), and made-up ones would mix with them"
        raise UsageError(Problem(str(workspace.answers), found, todo="name another folder"))
    try:
        for path in (workspace.answers, workspace.outputs):
            atomic.make_folder(path.parent, shared=True)
            atomic.make_folder(path, shared=path != workspace.answers)
    except OSError as error:
        raise StoreError(problem_of(error, folder)) from error
    made = sum(1 for _ in fiction.write(AnswerStore(workspace, benchmark), count, seed, rounds))
    tests = f" with {counted(made, 'self-test')}" if rounds > 1 else ""
    print_line(
        f"{counted(count, 'fictitious city', 'fictitious cities')}{tests} in {workspace.answers}; "
        f"next: citygrow batch {folder} --out {workspace.outputs}"
    )
