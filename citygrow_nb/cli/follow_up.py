"""``citygrow answers status`` and ``citygrow answers plan``: what a secretariat and a city return to."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from citygrow_nb.cli.messages import counted, print_json, print_line, print_problem
from citygrow_nb.cli.options import PATH, benchmark_option, debug_option, round_option, sources_argument
from citygrow_nb.cli.selection import last_rounds, selected
from citygrow_nb.exceptions import Problem, UsageError, contained

if TYPE_CHECKING:
    from citygrow_nb.model import Assessment
    from citygrow_nb.model.status import CityStatus

_WORDS = {"not_begun": "not begun", "begun": "at work", "complete": "every question answered"}


@click.command()
@sources_argument
@benchmark_option("Only this benchmark.  [default: all that are answered]")
@round_option("How far cities are in this round.  [default: the last that any has begun]")
@click.option("-o", "--output", metavar="FILE", type=PATH, help="Write the list as CSV, to write reminders from.")
@click.option("--json", "as_json", is_flag=True, help="Print the list as JSON.")
@debug_option
def status(sources: tuple[Path, ...], benchmark_id: str, round_label: str, output: Path | None, as_json: bool) -> int:
    """Say which cities have answered how much, and which have not begun.

    Cities that never answered are known from expected.csv in the workspace or in SOURCE, a table with a column “city”;
    its other columns go into the CSV file. SOURCE are files of answers or folders of them; without any the answers of
    the workspace.
    """
    import json

    from citygrow_nb import atomic, batch, scoring, tables
    from citygrow_nb.workspace import Workspace, checked_round

    if round_label:
        checked_round(round_label)
    if output is not None and output.suffix.lower() != ".csv":
        raise UsageError(Problem(str(output), "the list is written as CSV", todo="give the file the ending .csv"))
    workspace = Workspace.find()
    # A round that nobody has begun is just what this is for.
    gathered = selected(workspace, sources, benchmark_id, "")
    lists = batch.Lists.read(sources or (workspace.answers,), workspace)
    problems = [*gathered.problems, *lists.problems]
    told: list[CityStatus] = []
    content = b""
    for benchmark in gathered.toolkits():
        figures = []
        for assessment in gathered.on(benchmark.id).assessments(problems.append):
            with contained(partial(str, assessment.city.name), problems.append):
                figures.append(scoring.figures(benchmark, assessment))
        label = round_label or scoring.last_round(figures)
        found = scoring.statuses(benchmark, figures, label, lists.expected or ())
        content += tables.status_csv(benchmark, found)
        told += found
        if not as_json:
            titles = {factor.code: factor.short_title for factor in benchmark.key_factors}
            print_line(f"{benchmark.id}, round {label}: {_counted(found)}")
            for item in sorted(found, key=lambda item: list(_WORDS).index(item.begun)):
                print_line(_line(item, titles))
    if as_json:
        print_json(json.dumps([item.model_dump(mode="json") for item in told], ensure_ascii=False, indent=1))
    if output is not None:
        atomic.write(output, content)
        print_line(f"{counted(len(told), 'city', 'cities')} written to {output}")
    for problem in problems:
        print_problem(problem)
    return 1 if problems else 0


def _counted(found: tuple[CityStatus, ...]) -> str:
    return ", ".join(f"{sum(item.begun == begun for item in found)} {words}" for begun, words in _WORDS.items())


def _line(item: CityStatus, titles: dict[str, str]) -> str:
    where = f"{item.name} ({item.country})" if item.country else item.name
    if item.begun == "not_begun":
        return f"  {where}: not begun, {f'last in {item.before}' if item.before else 'never answered'}"
    changed = f", last change {item.changed_on}" if item.changed_on else ""
    missing = ", ".join(f"{titles[part.factor]} {part.questions}" for part in item.missing)
    return f"  {where}: {item.answered} of {item.questions}{changed}{f', missing: {missing}' if missing else ''}"


@click.command()
@sources_argument
@click.option("-o", "--output", metavar="FILE", required=True, type=PATH, help="File to write: .xlsx or .ics.")
@benchmark_option("Only this benchmark.  [default: the only one that is answered]")
@round_option("Only this round.  [default: each city's last]")
@click.option("--city", "cities", metavar="CITY", multiple=True, help="Only this city; may be repeated.")
@debug_option
def plan(sources: tuple[Path, ...], output: Path, benchmark_id: str, round_label: str, cities: tuple[str, ...]) -> int:
    """Write action plans as a spreadsheet, or their dates for the calendar.

    SOURCE are files of answers or folders of them; without any the answers of the workspace.
    """
    from citygrow_nb import atomic, tables
    from citygrow_nb.workspace import Workspace, is_among_answers

    if output.suffix.lower() not in {".xlsx", ".ics"}:
        raise UsageError(Problem(str(output), "this ending names no format", ".xlsx, .ics"))
    workspace = Workspace.find()
    if is_among_answers(output, workspace):
        raise UsageError(Problem(str(output), "only answers are saved here", todo="name another place with -o"))
    gathered = selected(workspace, sources, benchmark_id, round_label, cities)
    toolkits = gathered.toolkits()
    if len(toolkits) > 1:
        found = "plans on several benchmarks would mix"
        raise UsageError(Problem(str(output), found, ", ".join(toolkit.id for toolkit in toolkits), "add --benchmark"))
    problems = list(gathered.problems)
    for toolkit in toolkits:
        own: list[Assessment] = list(gathered.assessments(problems.append))
        own = own if round_label else last_rounds(own)
        actions = sum(len(assessment.actions) for assessment in own)
        if output.suffix.lower() == ".ics":
            content, days = tables.plan_ics(toolkit, own)
            told = f"{counted(days, 'date')} of {counted(actions, 'action')}"
        else:
            content, told = tables.plan_xlsx(toolkit, own), counted(actions, "action")
        atomic.write(output, content)
        print_line(f"{told} of {counted(len(own), 'city', 'cities')} written to {output}")
    for problem in problems:
        print_problem(problem)
    return 1 if problems else 0
