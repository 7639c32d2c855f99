"""Tables in: from a CSV or XLSX file to assessments, city by city, and all of its faults.

A wide table, and a long one whose cities stand together, is handed over city by city; held in memory is only a number
for each row, and name and slug of each city. A long table sorted otherwise needs memory for the cities that are begun
and not complete. An XLSX file is unpacked into a temporary file.
"""

from __future__ import annotations

import contextlib
import itertools
import sys
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from citygrow_nb.exceptions import BenchmarkError, Problem, TableError, contained, one_line, problem_of
from citygrow_nb.model import Assessment, Benchmark, Person, Persons
from citygrow_nb.tables import benchmark_column
from citygrow_nb.tables.cells import shown
from citygrow_nb.tables.cities import NOBODY, Register
from citygrow_nb.tables.drafts import CityDraft
from citygrow_nb.tables.header import codes, extra_sheet, is_table, read_header
from citygrow_nb.tables.opening import opened
from citygrow_nb.tables.rows import Table, Whose
from citygrow_nb.tables.sheet import Fault, Note, Place, Row, Sheet, filled
from citygrow_nb.workspace import checked_round

Default = Callable[[], Benchmark]
"""Gives the benchmark of a table that names none."""

Address = tuple[str, str, str]
"""Benchmark, folder name of the city, round."""

Find = Callable[[str], Benchmark]
"""Gives a benchmark by its id."""

Event = Assessment | Persons | Fault | Note
"""What is found in a file, one after the other."""

MAX_FAULTS = 1_000
"""Faults of a file that are told one by one."""
_LOOK_FOR_HEADER = 10
_NOBODY_KNOWN = Problem(
    "",
    "nothing tells these persons from those of another survey: neither an id of the response (uuid) nor a time nor an "
    "address; a number alone does not",
    todo="name the survey, always alike: citygrow answers import --survey NAME",
)
_NAMELESS = Problem("", "this column has no name, but something stands in it", todo="name it, or empty it")


@dataclass(frozen=True)
class Reading:
    """What a file holds.

    Parameters
    ----------
    assessments
        Cities without a fault, one assessment for each round.
    problems
        All faults, in the order of the file.
    notes
        Sentences on how the file was read.
    persons
        Who answered for herself, by key; by benchmark, city and round. The assessment of each is there, too.
    """

    assessments: tuple[Assessment, ...]
    problems: tuple[Problem, ...]
    notes: tuple[str, ...] = ()
    persons: Mapping[Address, Mapping[str, Person]] = field(default_factory=dict)


def read(path: Path, benchmark: Benchmark, *, round_label: str | None = None) -> Reading:
    """Read a table of answers.

    Parameters
    ----------
    path
        A CSV or XLSX file, long or wide.
    benchmark
        What was asked.
    round_label
        The round of rows that name none.

    Returns
    -------
    Reading
        A city with a fault is left out; the others are there. A file that cannot be read at all is a problem, too.

    Raises
    ------
    UsageError
        If ``round_label`` cannot name a round.
    """
    return _reading(_listed(path, _events(path, lambda: benchmark, _only(benchmark), round_label)))


def _only(benchmark: Benchmark) -> Find:
    def find(benchmark_id: str) -> Benchmark:
        if benchmark_id != benchmark.id:
            found = f"these rows answer the benchmark “{benchmark_id}”"
            raise TableError(Problem("", found, f"“{benchmark.id}”", "import the table with “citygrow answers import”"))
        return benchmark

    return find


def read_all(
    path: Path,
    default: Default,
    find: Find,
    *,
    round_label: str | None = None,
    encoding: str = "",
    whose: Whose | None = None,
) -> Reading:
    """Read a table of answers to any number of benchmarks; like :func:`read`, with parameters of :func:`stream_all`.

    Parameters
    ----------
    encoding
        What a CSV file is in; empty to find it out.
    whose
        City and respondent of rows that name none.
    """
    return _reading(_listed(path, _events(path, default, find, round_label, encoding, whose or Whose())))


def _reading(found: Iterator[Event]) -> Reading:
    events = list(found)
    faults = sorted((event for event in events if isinstance(event, Fault)), key=lambda fault: fault[:3])
    return Reading(
        tuple(event for event in events if isinstance(event, Assessment)),
        tuple(fault.problem for fault in faults),
        tuple(event.text for event in events if isinstance(event, Note)),
        {
            (event.benchmark.id, event.city, event.round): event.persons
            for event in events
            if isinstance(event, Persons)
        },
    )


def stream(
    path: Path, benchmark: Benchmark, *, round_label: str | None = None
) -> Iterator[Assessment | Persons | Problem | Note]:
    """Read a table of answers city by city; parameters and errors as in :func:`read`.

    Yields
    ------
    Assessment, Persons, Problem or Note
        Each city as soon as its last row is read: its assessments, each with its persons after it, or its faults; and
        how the file was read.
    """
    yield from stream_all(path, lambda: benchmark, _only(benchmark), round_label=round_label)


def stream_all(
    path: Path, default: Default, find: Find, *, round_label: str | None = None
) -> Iterator[Assessment | Persons | Problem | Note]:
    """Read a table of answers to any number of benchmarks, city by city.

    Parameters
    ----------
    path, round_label
        As in :func:`read`.
    default
        Gives the benchmark of a table without a column “benchmark”; what it raises is raised here.
    find
        Gives a benchmark by its id; what of ours it raises becomes a problem.

    Yields
    ------
    Assessment, Persons, Problem or Note
        Each city of each benchmark as soon as its last row is read: its assessments, each with its persons after it, or
        its faults; and how the file was read.
    """
    for event in _listed(path, _events(path, default, find, round_label)):
        yield event.problem if isinstance(event, Fault) else event


def _listed(path: Path, events: Iterator[Event]) -> Iterator[Event]:
    """Leave out the faults of a file beyond the number that somebody may still read, and say so."""
    faults = 0
    for event in events:
        faults += isinstance(event, Fault)
        if not isinstance(event, Fault) or faults <= MAX_FAULTS:
            yield event
    if faults > MAX_FAULTS:
        found = f"more faults than these {MAX_FAULTS:,} are not listed"
        yield Fault(sys.maxsize, 0, 0, Problem(str(path), found, todo="mend those that are, and read it again"))


def _events(
    path: Path,
    default: Default,
    find: Find,
    round_label: str | None,
    encoding: str = "",
    whose: Whose = Whose(),  # noqa: B008 - a value that nobody changes
) -> Iterator[Event]:
    label = "" if round_label is None else checked_round(round_label)
    with contextlib.ExitStack() as stack:
        try:
            found = opened(path, stack, encoding)
            yield from (Note(sheet.note) for sheet in found if sheet.note)
            names = benchmark_column.named(found)
            if not names and not any(map(benchmark_column.has_column, found)):
                yield from _of_one(found, default(), label, whose)
                return
            yield from (Fault(0, 0, 0, problem) for problem in benchmark_column.nameless(found))
            known: list[Benchmark] = []
            for name, where in names.items():
                try:
                    known.append(find(name))
                except (BenchmarkError, TableError) as error:
                    yield from (Fault(0, 0, 0, replace(each, where=where)) for each in error.problems)
            every = frozenset().union(*map(codes, known)) if known else frozenset()
            for benchmark in known:
                parts = [benchmark_column.part(sheet, benchmark.id) for sheet in found]
                yield from _of_one(parts, benchmark, label, whose, every - codes(benchmark))
        except OSError as error:
            yield Fault(0, 0, 0, problem_of(error, path))
        except TableError as error:
            yield from (Fault(0, 0, i, problem) for i, problem in enumerate(error.problems))


def _of_one(
    opened: Sequence[Sheet], benchmark: Benchmark, label: str, whose: Whose, others: Collection[str] = ()
) -> Iterator[Event]:
    sheets = enumerate(_sheets(opened, benchmark))
    found = [_table(sheet, i, benchmark, label, whose, others) for i, sheet in sheets]
    yield from (Note(said) for table in found for said in (_recognised(table), _meant(table)) if said)
    yield from _cities(found, benchmark)


def _recognised(table: Table) -> str:
    """Say what is known of a survey's export, and what is left aside of it; empty for other tables."""
    header = table.header
    if not header.survey:
        return ""
    tool = f"an export of {header.dialect.name}" if header.dialect else "a survey"
    aside = one_line([shown(header.name(column)) for column in header.aside])
    return f"{table.sheet.where}: {tool}, each row a respondent{f'; columns left aside: {aside}' if aside else ''}"


def _meant(table: Table) -> str:
    """Say which columns were taken for something that they are not called; empty if none was."""
    said = [f"{shown(table.header.name(column))} as {key}" for column, key in table.header.meant.items()]
    return f"{table.sheet.where}: columns read by their meaning: {one_line(said)}" if said else ""


def _sheets(sheets: Sequence[Sheet], benchmark: Benchmark) -> list[Sheet]:
    if len(sheets) == 1:
        return list(sheets)
    kinds = {sheet.name: _kind(sheet, benchmark) for sheet in sheets}
    answers = [sheet for sheet in sheets if kinds[sheet.name] == "answers"] or [
        sheet for sheet in sheets if not kinds[sheet.name]
    ][:1]
    # Cities, respondents and actions come first, so that each city is complete with its last answers.
    return [*(sheet for sheet in sheets if kinds[sheet.name] == "extra"), *answers]


def _kind(sheet: Sheet, benchmark: Benchmark) -> str:
    cells = _first(sheet).cells
    if extra_sheet(cells, sheet.name):
        return "extra"
    return "answers" if is_table(cells, benchmark) else ""


def _first(sheet: Sheet) -> Row:
    return next((row for row in sheet.rows() if not row.is_blank), Row(0, ()))


def _table(sheet: Sheet, number: int, benchmark: Benchmark, label: str, whose: Whose, others: Collection[str]) -> Table:
    """Return a sheet as a table; raise TableError if there is none in it."""
    first = _first(sheet)
    if not first.number:
        raise TableError(Problem(sheet.where, "nothing stands in it"))
    if first.fault:
        raise TableError(replace(first.fault, where=f"{sheet.where}, row {first.number}"))
    header, missing = read_header(first.cells, benchmark, sheet.name, others, city=bool(whose.city))
    if missing and (better := _header_below(sheet, first.number, benchmark)):
        raise TableError(
            Problem(
                f"{sheet.where}, row {first.number}",
                f"these are not the names of the columns; they seem to stand in row {better}",
                todo=f"delete the rows above row {better}",
            )
        )
    if "round" not in header.columns and not label and not missing:
        missing.append(
            Problem("", "there is no column “round”", todo="add it, or name the round when you import the file")
        )
    if "city" in header.columns and whose.city and not header.extra:
        missing.append(Problem("", "the rows name their cities in a column", todo="leave --city out"))
    where = f"{sheet.where}, row {first.number}"
    missing = [replace(problem, where=where) for problem in missing]
    return Table(sheet, number, header, benchmark, label, first.number, missing, whose)


def _header_below(sheet: Sheet, first: int, benchmark: Benchmark) -> int:
    rows = itertools.islice((row for row in sheet.rows() if row.number > first), _LOOK_FOR_HEADER)
    return next((row.number for row in rows if not row.fault and is_table(row.cells, benchmark)), 0)


def _cities(tables: Sequence[Table], benchmark: Benchmark) -> Iterator[Event]:
    register = Register(tables[0].whose.here)
    for table in tables:
        yield from _register(table, register)
    register.settle()
    yield from (Note(f"{tables[0].sheet.where}: {said}") for said in register.alike())
    usable = not any(table.missing for table in tables)
    begun: dict[int, CityDraft] = {}
    number = -1
    for table in tables:
        for row in table.body():
            number += 1
            if number >= len(register.owners):
                raise TableError(
                    Problem(table.sheet.where, "the file was changed while it was read", todo="read it again")
                )
            index = register.owners[number]
            if index == NOBODY:
                continue
            entry = register.entries[index]
            city = begun.get(index) or begun.setdefault(index, CityDraft(entry))
            # A city with more faults than anybody reads is left out, whatever else its rows hold.
            if len(city.faults) <= MAX_FAULTS:
                with _contained(table, row, entry.name, city.faults):
                    table.put(row, city)
            if entry.last == number:
                made: list[Assessment | Persons] = []
                faults = city.faults
                with _contained(table, row, entry.name, faults):
                    made, faults = begun.pop(index).finish(benchmark)
                yield from faults
                yield from made if usable else ()


def _contained(table: Table, row: Row, city: str, faults: list[Fault]) -> contextlib.AbstractContextManager[None]:
    """Let whatever goes wrong cost only the city of a row."""

    def note(problem: Problem) -> None:
        faults.append(Fault(table.number, row.number, -1, problem))

    return contained(lambda: table.tell(row.number, city, -1), note)


def _register(table: Table, register: Register) -> Iterator[Fault | Note]:
    """First pass: note the city of each row, and yield what is wrong with rows and columns as a whole."""
    yield from (Fault(table.number, table.first, -1, problem) for problem in table.missing)
    spoilt: dict[int, list[str]] = {column: [] for column in table.header.strange}
    unknown: list[int] = []
    rows = 0
    for row in table.body():
        if row.fault is not None:
            yield Fault(table.number, row.number, -1, replace(row.fault, where=table.tell(row.number, "", -1)))
            register.skip()
            continue
        if row.is_blank:
            register.skip()
            continue
        rows += 1
        stated = None
        unforeseen: list[Fault] = []
        with _contained(table, row, "", unforeseen):
            stated, faults = table.city(row)
        if stated is None:
            yield from unforeseen
            register.skip()
            continue
        name = stated.name
        place = Place(table.number, row.number, table.header.columns.get("city", -1), name, table.tell)
        entry = register.add(stated, place)
        if len(entry.faults) <= MAX_FAULTS:
            entry.faults += faults
        if not table.note(row, register.owners[-1]):
            entry.spoiled = True
            unknown.append(row.number)
        for column in table.header.unknown(len(row.cells)):
            if filled(row.cells[column]):
                entry.spoiled = True
                names = spoilt.setdefault(column, [])
                if name and name not in names[-1:]:
                    names.append(name)
    yield from (Note(f"{table.sheet.where}: {said}") for said in table.responses.settle())
    if unknown:
        where = f"{table.sheet.where}, row{'s' if unknown[1:] else ''} {one_line(unknown)}"
        yield Fault(table.number, unknown[0], -1, replace(_NOBODY_KNOWN, where=where))
    for column, names in spoilt.items():
        problem = table.header.strange.get(column) or table.header.foreign.get(column, _NAMELESS)
        out = f"; left out, because something stands there: {one_line(names)}" if names else ""
        where = table.tell(table.first, "", column)
        yield Fault(table.number, table.first, column, replace(problem, where=where, todo=problem.todo + out))
    if not rows and not table.header.extra:
        raise TableError(Problem(table.sheet.where, "there are column names, but no rows below them"))
