"""``citygrow mentoring``: who could mentor whom in a whole network."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from citygrow_nb.cli.messages import counted, print_json, print_line, print_problem
from citygrow_nb.cli.options import PATH, benchmark_option, debug_option, round_option, sources_argument
from citygrow_nb.exceptions import Problem, UsageError, contained, one_line

if TYPE_CHECKING:
    from citygrow_nb.model import Matching


@click.command()
@sources_argument
@benchmark_option("Only this benchmark.  [default: all that are answered]")
@round_option("Only this round.  [default: each city's last]")
@click.option(
    "--pins",
    metavar="FILE",
    type=PATH,
    help="Table of decisions: decision (pin or ban), factor, mentor, mentee.  [default: pins.csv, if there is one]",
)
@click.option("--out", metavar="DIR", help="Folder for the pages and tables.  [default: outputs of the workspace]")
@click.option("--seconds", type=click.IntRange(0), help="Stop looking for the best after so many.  [default: 600]")
@click.option("--json", "as_json", is_flag=True, help="Print the matches as JSON.")
@debug_option
def mentoring(
    sources: tuple[Path, ...],
    benchmark_id: str,
    round_label: str,
    pins: Path | None,
    out: str | None,
    seconds: int | None,
    as_json: bool,
) -> int:
    """Find mentors for all cities in SOURCE that want one, and say why.

    SOURCE are files of answers (JSON, CSV, XLSX) or folders of them; without any the answers of the workspace.
    """
    from citygrow_nb import batch, matching
    from citygrow_nb.storage import open_outputs
    from citygrow_nb.workspace import INDEX, MENTORING, Workspace

    if not matching.is_available():
        todo = "pip install citygrow-nb[mentoring]"
        raise UsageError(Problem("mentoring", "what finds mentors is not installed", todo=todo))
    if pins is not None and not pins.exists():
        raise UsageError(Problem(str(pins), "there is no such file", todo="check the path"))
    workspace = Workspace.find()
    where = sources or (workspace.answers,)
    if not sources:
        workspace.require_toolkit_first()
    gathered = batch.gather(where, workspace, round_label=round_label, benchmark_id=benchmark_id)
    gathered = batch.select(gathered, one_line(where), round_label=round_label, benchmark=benchmark_id)
    lists = batch.Lists.read(where, workspace, pins)
    problems = [*gathered.problems, *lists.problems]
    outputs = open_outputs(out or workspace.outputs)
    found: list[Matching] = []
    with outputs.only_writer() as outputs:
        several = len(gathered.toolkits()) > 1
        for benchmark in gathered.toolkits():
            network, wrong = batch.network_of(benchmark, gathered.on(benchmark.id))
            problems += wrong
            with contained(partial(str, benchmark.id), problems.append):
                limit = matching.LIMIT if seconds is None else float(seconds)
                pairing = matching.Pairing(benchmark, network, lists.decided(benchmark), limit=limit)
                made = pairing.matching()
                # A decision on another benchmark's key factor is for that one to judge.
                problems += [*pairing.refused, *pairing.strangers()]
                own = outputs.within(benchmark.id)
                content = f"{made.model_dump_json(indent=1)}\n".encode()
                linked = own.read(INDEX) is not None
                own.publish(batch.mentoring_files(benchmark, content, front=several and linked, linked=linked).items())
                found.append(made)
                if not as_json:
                    _tell(made, f"{own.where}/{MENTORING}")
    if as_json:
        documents = [made.model_dump_json(indent=1) for made in found]
        print_json(documents[0] if len(documents) == 1 else "[" + ",\n".join(documents) + "]")
    for problem in problems:
        print_problem(problem)
    return 1 if problems else 0


def _tell(made: Matching, page: str) -> None:
    needs = len(made.matches) + len(made.unserved)
    if not needs:
        print_line(f"{made.benchmark}: no city has named a need: {page}")
        return
    served = f"{len(made.matches)} of {counted(needs, 'need')} {'has' if len(made.matches) == 1 else 'have'} a mentor"
    best = f"at most {made.gap:,.1f} points below the best" if made.gap else "no other choice has more points"
    print_line(f"{made.benchmark}: {served}, {made.total:,.1f} points in all, {best}: {page}")
