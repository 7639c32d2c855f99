"""``citygrow answers``: answers in and out of tables."""

from __future__ import annotations

import dataclasses
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from citygrow_nb.cli import follow_up, persons
from citygrow_nb.cli.messages import counted, print_line, print_problem
from citygrow_nb.cli.options import (
    PATH,
    benchmark_option,
    chosen_benchmark,
    debug_option,
    round_option,
    sources_argument,
)
from citygrow_nb.cli.selection import last_rounds, selected
from citygrow_nb.exceptions import Problem, UsageError, contained, one_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from citygrow_nb.answers import CityFolders
    from citygrow_nb.batch import Gathered, Read
    from citygrow_nb.model import Assessment, Person
    from citygrow_nb.model.city_facts import Alias
    from citygrow_nb.tables import Whose
    from citygrow_nb.workspace import Workspace

FORMATS = ("csv", "xlsx", "json")
_UNDECIDED = "the saved one stays; decide which is right, --replace takes the imported one"


@click.group()
@debug_option
def answers() -> None:
    """Bring answers in from tables, or take them out."""


answers.add_command(follow_up.status)
answers.add_command(follow_up.plan)
answers.add_command(persons.count)
answers.add_command(persons.forget)


@answers.command("import")
@click.argument("sources", metavar="FILE...", nargs=-1, required=True, type=PATH)
@click.option(
    "--to",
    metavar="DIR",
    type=PATH,
    help="Workspace to save in, or its answers folder.  [default: the one around here]",
)
@benchmark_option("Benchmark of tables that name none.  [default: the only one of the workspace]")
@round_option("Round of table rows that name none.")
@click.option(
    "--encoding", metavar="NAME", default="", help="Encoding of CSV files, such as cp1250.  [default: recognised]"
)
@click.option("--city", metavar="CITY", default="", help="City of tables that name none, such as surveys.")
@click.option(
    "--role", metavar="ROLE", default="", help="Institution that answered, where the table does not say; shown by name."
)
@click.option(
    "--same",
    metavar="NAME=CITY",
    multiple=True,
    help="What FILE calls NAME is CITY, a name or folder name, as in Munich=München or “Halle (BE)=halle-be”; may be "
    "repeated.",
)
@click.option(
    "--survey", metavar="NAME", default="", help="What a survey is called whose table does not tell its persons apart."
)
@click.option("--replace", is_flag=True, help="Where other answers are saved already, take those of FILE.")
@click.option("--dry-run", is_flag=True, help="Say what each answer is read as, and save nothing.")
@debug_option
def import_(
    sources: tuple[Path, ...],
    to: Path | None,
    benchmark_id: str,
    round_label: str,
    encoding: str,
    city: str,
    role: str,
    same: tuple[str, ...],
    survey: str,
    replace: bool,
    dry_run: bool,
) -> int:
    """Add the answers in FILE (CSV, XLSX, ODS, XLS or JSON) to those of a workspace.

    Nothing saved is lost: where a different answer is saved already it stays, and both are named; --replace turns this
    around. Persons are kept in a file of their own, and counted: five or more of one role are a group.
    """
    from citygrow_nb import batch
    from citygrow_nb.answers import AnswerStore, folders_of
    from citygrow_nb.answers.importing import bring_in, would_bring
    from citygrow_nb.workspace import ANSWERS, Workspace

    workspace = Workspace.find() if to is None else Workspace(to.parent if to.name == ANSWERS else to)
    workspace.require_toolkit_first()
    whose = _whose(workspace, city, role, same, survey)
    folders = folders_of(workspace, whose.aliases)
    whose = dataclasses.replace(whose, here=folders.named)
    read = batch.read_all(
        sources, workspace, round_label=round_label, benchmark_id=benchmark_id, encoding=encoding, whose=whose
    )
    for note in read.notes:
        print_line(note)
    if not read.found and not read.problems:
        found = "there are no answers in it"
        raise UsageError(Problem(one_line(sources), found, "JSON documents, CSV, XLSX and other tables of answers"))
    for note in _alike(folders, read):
        print_line(note)
    for file in batch.files_of(read.found):
        folders.tell_apart(item.assessment.city.slug for item in file)
    problems: list[Problem] = list(read.problems)
    saved = changed = 0
    is_anybody_waiting = False
    for item in read.found:
        where = f"{item.source}, {item.assessment.city.name}, round {item.assessment.round}"
        faults: list[Problem] = []
        with contained(partial(str, where), faults.append):
            store = AnswerStore(workspace, read.benchmarks[item.assessment.benchmark.id])
            if dry_run:
                assessment = folders.housed(item.assessment)
                folders.take(assessment)
                _tell(assessment, item.persons)
                counting = would_bring(store, assessment, item.persons, replace=replace)
            else:
                done = bring_in(store, item.assessment, item.persons, replace=replace, folders=folders)
                assessment, counting = done.saved.document, done.counted
                changed += done.saved.changed + done.persons
                problems.extend(Problem(where, str(conflict), todo=_UNDECIDED) for conflict in done.saved.conflicts)
            if item.persons:
                print_line(persons.sentence(assessment, counting, would=dry_run))
            is_anybody_waiting = is_anybody_waiting or bool(counting.waiting)
            saved += 1
        for each in faults:
            told = each.where.startswith(str(item.source))
            problems.append(each if told else dataclasses.replace(each, where=f"{item.source}, {each.where}"))
    if is_anybody_waiting:
        print_line("persons count from five of a role on; a department is “institution” in the column “kind”")
    if folders.without_country:
        cities = one_line(folders.without_country)
        print_line(f"no country stands on one side, so taken for the city of the same name: {cities}")
    if not dry_run:
        _bring_benchmarks(workspace, read)
    for problem in dict.fromkeys(problems):
        print_problem(problem)
    if dry_run:
        print_line(f"{counted(saved, 'assessment')} read; nothing was saved")
    else:
        new = f"{counted(changed, 'item')} new or changed"
        print_line(f"{counted(saved, 'assessment')} imported into {workspace.answers}, {new}")
    return 1 if problems else 0


def _bring_benchmarks(workspace: Workspace, read: Read) -> None:
    """Keep the benchmarks that came along: without them nobody could read the answers again."""
    from citygrow_nb import atomic, benchmarks

    for benchmark_id in sorted({item.assessment.benchmark.id for item in read.found}):
        if benchmark_id not in benchmarks.known(workspace):
            path = workspace.benchmarks / f"{benchmark_id}.json"
            atomic.write(path, benchmarks.dump(read.benchmarks[benchmark_id]))
            print_line(f"the benchmark came along: {path}; its workbooks: citygrow workbooks build")


def _alike(folders: CityFolders, read: Read) -> Iterator[str]:
    """Yield a sentence for each new city whose name may be another spelling of one that is there."""
    from citygrow_nb.tables import plain_spelling
    from citygrow_nb.workspace import ANSWERS

    plain: dict[str, str] = {}
    for slug in folders:
        plain.setdefault(plain_spelling(slug.replace("-", " ")), slug)
    for city in {item.assessment.city.slug: item.assessment.city for item in read.found}.values():
        other = plain.get(plain_spelling(city.name))
        if city.slug not in folders and other and not folders.named(city.name):
            yield (
                f"“{city.name}” is new beside {ANSWERS}/…/{other}, which may be another spelling of it; "
                "if they are one city, delete the new folder and import again with --same"
            )


def _whose(workspace: Workspace, city: str, role: str, same: tuple[str, ...] = (), survey: str = "") -> Whose:
    from citygrow_nb.answers import city_called
    from citygrow_nb.model.fields import can_be_seen, clean_name
    from citygrow_nb.tables import Whose

    names = {"--city": clean_name(city), "--role": clean_name(role), "--survey": clean_name(survey)}
    for option, given in (("--city", city), ("--role", role), ("--survey", survey)):
        if given and not can_be_seen(names[option]):
            raise UsageError(Problem(option, "nothing of this name can be seen", todo="write it in letters"))
    aliases = tuple(_alias(workspace, pair) for pair in same)
    known = city_called(workspace, names["--city"]) if city else None
    name, slug = (known.name, known.slug) if known else (names["--city"], "")
    return Whose(name, slug, names["--role"], aliases, names["--survey"])


def _alias(workspace: Workspace, pair: str) -> Alias:
    """Return which city ``NAME=CITY`` means: one that is here, a new one with this folder name, or with this name."""
    from citygrow_nb.answers import city_called
    from citygrow_nb.model.city_facts import Alias
    from citygrow_nb.model.fields import can_be_seen, clean_name
    from citygrow_nb.slugs import is_slug

    alias, sign, text = pair.rpartition("=")
    if not (sign and alias.strip() and can_be_seen(text)):
        raise UsageError(Problem(f"--same “{pair}”", "this names no city twice", "two names with = between them"))
    meant = clean_name(text)
    if known := city_called(workspace, meant):
        return Alias(alias, known.name, known.slug)
    return Alias(alias, "", meant) if is_slug(meant) else Alias(alias, meant, "")


def _tell(city: Assessment, alone: Mapping[str, Person]) -> None:
    """Say what every answer was read as: the level, “dk”, “na”, or the direction of a context factor."""
    short = {"dont_know": "dk", "not_applicable": "na"}
    where = f"{city.city.name}, round {city.round}"
    everybody = [(city.respondents[key].role, given) for key, given in city.responses.items()]
    everybody += [(f"a person of {person.role}", person.answers) for person in alone.values()]
    for who, given in everybody:
        said = ", ".join(f"{code} {short.get(answer.state, answer.level)}" for code, answer in given.items())
        print_line(f"{where}, {who}: {said}")
    if said := ", ".join(f"{code} {item.direction}" for code, item in city.context.items() if not item.is_empty):
        print_line(f"{where}, context: {said}")


@answers.command()
@sources_argument
@click.option("--format", "kind", type=click.Choice(FORMATS), help="Kind of file.  [default: by the ending of FILE]")
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    required=True,
    type=PATH,
    help="File to write; for several JSON documents a folder.",
)
@benchmark_option("Only this benchmark; table rows that name none belong to it.  [default: all that are answered]")
@round_option("Only this round; table rows that name no round belong to it.")
@click.option(
    "--layout",
    type=click.Choice(["long", "wide"]),
    default="long",
    show_default=True,
    help="Tables: one answer a row with everything in it, or one city a row with levels only.",
)
@debug_option
def export(
    sources: tuple[Path, ...],
    kind: str | None,
    output: Path,
    benchmark_id: str,
    round_label: str,
    layout: Literal["long", "wide"],
) -> int:
    """Write the answers in SOURCE into one table, or into JSON documents.

    SOURCE are files of answers (JSON, CSV, XLSX) or folders of them; without any the answers of the workspace.
    """
    from citygrow_nb import tables
    from citygrow_nb.workspace import Workspace, is_among_answers

    kind = kind or output.suffix.lower().removeprefix(".") or "json"
    if kind not in FORMATS:
        raise UsageError(Problem(str(output), "this ending names no format", one_line(FORMATS), "add --format"))
    if kind != "json" and output.suffix.lower() != f".{kind}":
        raise UsageError(Problem(str(output), f"a file of format {kind} ends in .{kind}", todo="give it this ending"))
    workspace = Workspace.find()
    if is_among_answers(output, workspace):
        found = "only the answers themselves are saved here, and an export would replace them"
        raise UsageError(Problem(str(output), found, todo="name another place with -o"))
    gathered = selected(workspace, sources, benchmark_id, round_label)
    toolkits = gathered.toolkits()
    problems = list(gathered.problems)
    if toolkits:
        if kind == "json":
            _write_documents(output, gathered, problems)
        else:
            groups = [(toolkit, gathered.on(toolkit.id).assessments(problems.append)) for toolkit in toolkits]
            written = tables.write_all(output, groups, layout=layout)
            for sentence in written.left_out:
                print_line(f"left out: {sentence}")
        done = len(gathered.found) - (len(problems) - len(gathered.problems))
        print_line(f"{counted(done, 'assessment')} exported to {output}")
    for note in gathered.notes:
        print_line(note)
    for problem in problems:
        print_problem(problem)
    return 1 if problems else 0


@answers.command()
@click.option("-o", "--output", metavar="FILE", required=True, type=PATH, help="Form to write.")
@click.option(
    "--format",
    "kind",
    type=click.Choice(("table", "xlsform", "limesurvey")),
    default="table",
    show_default=True,
    help="A table (.csv, .xlsx); XLSForm for KoboToolbox and ODK (.xlsx); LimeSurvey's structure (.txt).",
)
@click.option("--only", metavar="CODE", multiple=True, help="Ask only this key factor or question; may be repeated.")
@click.option("--role", metavar="ROLE", default="", help="Institution that is asked; its answers are shown by name.")
@click.option("--city", metavar="CITY", default="", help="City that is asked about, so that nobody has to write it.")
@round_option("Round that is asked about, so that nobody has to write it.")
@benchmark_option()
@debug_option
def template(
    output: Path, kind: str, only: tuple[str, ...], role: str, city: str, round_label: str, benchmark_id: str
) -> None:
    """Make an empty form with all questions, or some of them, to be filled in and imported."""
    from citygrow_nb import tables
    from citygrow_nb.workspace import Workspace, checked_round

    _new(output)
    workspace = Workspace.find()
    whose = _whose(workspace, city, role)
    selection = tables.select(
        benchmark := chosen_benchmark(workspace, benchmark_id),
        only,
        role=whose.role,
        city=whose.city,
        round_label=checked_round(round_label) if round_label else "",
    )
    tables.template(output, benchmark, kind, selection)
    questions = counted(len(selection.codes if kind == "table" else selection.questions), "question")
    print_line(f"form with {questions} made: {output}; when it is filled in: citygrow answers import FILE")


@answers.command("whom-to-ask")
@sources_argument
@click.option("-o", "--output", metavar="DIR", required=True, type=PATH, help="Folder for the sheets.")
@benchmark_option("Only this benchmark.  [default: all that are answered]")
@round_option("Only this round.  [default: each city's last]")
@click.option("--city", "cities", metavar="CITY", multiple=True, help="Only this city; may be repeated.")
@debug_option
def whom_to_ask_(
    sources: tuple[Path, ...], output: Path, benchmark_id: str, round_label: str, cities: tuple[str, ...]
) -> int:
    """Make a sheet for each department or partner that knows, with just its open questions.

    Each is an XLSX file that can be imported as it comes back, and a page to print. SOURCE are files of answers or
    folders of them; without any the answers of the workspace.
    """
    from citygrow_nb import whom_to_ask
    from citygrow_nb.workspace import Workspace

    workspace = Workspace.find()
    gathered = selected(workspace, sources, benchmark_id, round_label, cities)
    problems = list(gathered.problems)
    sheets = 0
    for toolkit in gathered.toolkits():
        own = list(gathered.on(toolkit.id).assessments(problems.append))
        for assessment in own if round_label else last_rounds(own):
            folder = output / toolkit.id if len(gathered.toolkits()) > 1 else output
            with contained(partial(str, assessment.city.name), problems.append):
                for asked, path in whom_to_ask.write(folder, toolkit, assessment):
                    sheets += 1
                    print_line(f"{path}: {asked.name}, {counted(len(asked.questions), 'question')}")
    print_line(f"{counted(sheets, 'sheet')} made in {output}, each as XLSX and as a page to print")
    for problem in problems:
        print_problem(problem)
    return 1 if problems else 0


def _new(output: Path) -> None:
    if output.exists():
        raise UsageError(Problem(str(output), "there is such a file already", todo="name another, or remove it first"))


def _write_documents(output: Path, gathered: Gathered, problems: list[Problem]) -> None:
    from citygrow_nb import atomic
    from citygrow_nb.workspace import Workspace

    if output.suffix.lower() == ".json" and len(gathered.found) != 1:
        found = f"one JSON file holds one assessment, and here are {len(gathered.found)}"
        raise UsageError(Problem(str(output), found, todo="name a folder"))
    for item in gathered.found:
        # A folder of documents is laid out as a workspace's answers are, so it can be one.
        path = Workspace(output).document(item.identity.benchmark, *item.key).relative_to(Workspace(output).answers)
        with contained(partial(str, item.source), problems.append):
            atomic.write(output if output.suffix.lower() == ".json" else output / path, gathered.document(item))
