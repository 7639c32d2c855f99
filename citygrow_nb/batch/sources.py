"""From files, folders and tables to assessments: what a batch is about, and what of it cannot be used.

A pass over the sources reads and checks every document, and keeps an index of where it is. What the rows of a table
make is put aside in a temporary file.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from citygrow_nb import answers, atomic, benchmarks
from citygrow_nb.answers.documents import split
from citygrow_nb.batch.source_index import Found, Gathered, Held, Identity, Spool
from citygrow_nb.batch.source_places import import_command, is_leftover, is_stray, stray
from citygrow_nb.exceptions import (
    BenchmarkError,
    DocumentError,
    Problem,
    UsageError,
    contained,
    one_line,
    problem_of,
)
from citygrow_nb.model import Assessment, Benchmark, Person, Persons
from citygrow_nb.model.city_facts import is_same
from citygrow_nb.slugs import same_name, slugify
from citygrow_nb.workspace import ANSWERS, BENCHMARKS, EXPECTED, OUTPUTS, PERSONS_ENDING, PINS, Workspace

if TYPE_CHECKING:
    from citygrow_nb import tables

TABLES = (".csv", ".tsv", ".xlsx", ".xlsm", ".ods", ".xls", ".xlsb")
ENDINGS = (".json", *TABLES)
_LEFT_ASIDE = "answers of persons were left aside; to keep and count them: citygrow answers import FILE"
_LISTS = frozenset({EXPECTED, PINS})
"""Tables beside answers that hold none."""


Known = Collection[bytes]
"""SHA-256 of the documents that need not be checked again."""

LoadBenchmark = Callable[[str], Benchmark]
"""Gives a benchmark by its id; raises BenchmarkError."""


@dataclass(frozen=True)
class Read:
    """All that the sources hold, in the order in which it was found.

    Parameters
    ----------
    found
        Assessments; several may be for the same city and round.
    problems
        What could not be read.
    benchmarks
        The benchmarks that they answer, by id.
    notes
        Sentences on how files were read.
    """

    found: tuple[Held, ...]
    problems: tuple[Problem, ...]
    benchmarks: Mapping[str, Benchmark]
    notes: tuple[str, ...] = ()


def read_all(
    sources: Sequence[Path],
    workspace: Workspace,
    *,
    round_label: str = "",
    benchmark_id: str = "",
    encoding: str = "",
    whose: tables.Whose | None = None,
) -> Read:
    """Read all sources into memory.

    Parameters
    ----------
    sources
        JSON documents, CSV and XLSX tables, and folders of them; a workspace stands for its answers.
    workspace
        Where benchmarks are looked for first.
    round_label
        Round of table rows that name none.
    benchmark_id
        Benchmark of table rows and documents that name none; empty for the only one of the workspace.
    encoding
        What CSV files are in; empty to find it out.
    whose
        City and respondent of table rows that name none.

    Raises
    ------
    UsageError
        If a source does not exist or is no kind of file that can be read.
    """
    reader = _Reader(sources, workspace, round_label, benchmark_id)
    found: list[Held] = []
    problems: list[Problem] = []
    notes: list[str] = []
    strays: list[Held] = []

    def read(path: Path, named: bool) -> None:
        if path.suffix.lower() in TABLES:
            from citygrow_nb import tables

            reading = tables.read_all(
                path,
                reader.default,
                reader.benchmark,
                round_label=reader.round_label,
                encoding=encoding,
                whose=whose,
            )
            notes.extend(reading.notes)
            for assessment in reading.assessments:
                persons = reading.persons.get(Identity.of(assessment).address, {})
                found.append(Held(assessment, path, persons))
            problems.extend(reading.problems)
        else:
            assessment, persons = reader.split(atomic.read(path, answers.MAX_DOCUMENT), path)
            held = Held(assessment, path, persons)
            (strays if not named and is_stray(path, held.identity.address) else found).append(held)

    _each(_files(sources), read, problems)
    there = {held.identity.address: held.assessment for held in found}
    problems += [
        stray(held.source, held.identity.address)
        for held in strays
        if there.get(held.identity.address) != held.assessment
    ]
    return Read(tuple(found), tuple(problems), reader.benchmarks, tuple(notes))


def gather(
    sources: Sequence[Path],
    workspace: Workspace,
    *,
    round_label: str = "",
    benchmark_id: str = "",
    known: Callable[[LoadBenchmark], Known] | None = None,
) -> Gathered:
    """Look through all sources, and keep an index with one assessment for each city and round.

    Parameters
    ----------
    sources, workspace, round_label, benchmark_id
        As in :func:`read_all`.
    known
        Tells which documents were checked before, with the same benchmark and the same citygrow; of these only whose
        they are is read.

    Returns
    -------
    Gathered
        Of two documents for the same benchmark, city and round the first counts, and the second is named as a problem
        unless it says the same.

    Raises
    ------
    UsageError
        If a source does not exist or is no kind of file that can be read.
    """
    reader = _Reader(sources, workspace, round_label, benchmark_id)
    files = _files(sources)
    index = _Index(reader, known(reader.benchmark) if known else ())
    _each(files, index.read, index.problems)
    return index.gathered()


class _Reader:
    def __init__(self, sources: Sequence[Path], workspace: Workspace, round_label: str, benchmark_id: str) -> None:
        self.round_label = round_label or None
        self.benchmarks: dict[str, Benchmark] = {}
        self._workspace, self._benchmark_id = workspace, benchmark_id
        # A folder of answers may bring its own benchmarks along, for the files in it as well.
        around = dict.fromkeys(source if source.is_dir() else source.parent for source in sources)
        self._others = tuple(Workspace(folder) for folder in around if Workspace(folder).benchmarks.is_dir())

    def default(self) -> Benchmark:
        return self.benchmark(benchmarks.chosen(self._workspace, self._benchmark_id))

    def find(self, benchmark_id: str) -> Path:
        for workspace in self._others:
            if benchmark_id in benchmarks.known(workspace):
                return benchmarks.find(benchmark_id, workspace)
        return benchmarks.find(benchmark_id, self._workspace)

    def benchmark(self, benchmark_id: str) -> Benchmark:
        if benchmark_id not in self.benchmarks:
            self.benchmarks[benchmark_id] = benchmarks.load(self.find(benchmark_id))
        return self.benchmarks[benchmark_id]

    def split(self, content: bytes, path: Path) -> tuple[Assessment, Mapping[str, Person]]:
        named = _benchmark_id(content)
        if not named:
            return split(content, str(path), self.default())
        try:
            if named not in self.benchmarks:
                self.find(named)
        except BenchmarkError as error:
            # Of a thousand documents, which one it is.
            raise DocumentError(*(replace(each, where=f"{path}, {each.where}") for each in error.problems)) from error
        return split(content, str(path), self.benchmark(named))


class _Index:
    def __init__(self, reader: _Reader, known: Known) -> None:
        self.problems: list[Problem] = []
        self._notes: list[str] = []
        self._asked: set[Path] = set()
        self._reader, self._known = reader, known
        self._kept: dict[tuple[str, str, str], Found] = {}
        self._strays: list[Found] = []
        self._cities: dict[str, Found] = {}
        self._by_name: dict[str, list[str]] = {}
        self._spool: Spool | None = None

    def read(self, path: Path, named: bool) -> None:
        if path.suffix.lower() in TABLES:
            from citygrow_nb import tables

            reader = self._reader
            for item in tables.stream_all(path, reader.default, reader.benchmark, round_label=reader.round_label):
                if isinstance(item, Problem):
                    self.problems.append(item)
                elif isinstance(item, tables.Note):
                    self._notes.append(item.text)
                elif isinstance(item, Persons):
                    self._asked.add(path)
                else:
                    self._add(self._put_aside(item, path))
            return
        content = atomic.read(path, answers.MAX_DOCUMENT)
        digest = hashlib.sha256(content).digest()
        if digest in self._known and (identity := Identity.told(content)):
            found = Found(identity, str(path), digest)
        else:
            assessment, persons = self._reader.split(content, path)
            if persons:
                # Nothing that is published may depend on what they said, and the bytes of the file do.
                self._asked.add(path)
                found = self._put_aside(assessment, path)
            else:
                written = answers.dump(assessment) == content
                found = Found(Identity.of(assessment), str(path), digest, as_written=written)
        if not named and is_stray(path, found.identity.address):
            self._strays.append(found)
        else:
            self._add(found)

    def gathered(self) -> Gathered:
        for item in self._strays:
            kept = self._kept.get(item.identity.address)
            if kept is None or self._differ(kept, item):
                self.problems.append(stray(Path(item.source), item.identity.address))
        ids = {item.identity.benchmark for item in self._kept.values()}
        found = tuple(self._kept[key] for key in sorted(self._kept))
        used = {benchmark_id: self._reader.benchmark(benchmark_id) for benchmark_id in ids}
        notes = (*self._notes, *(f"{path}: {_LEFT_ASIDE}" for path in sorted(self._asked)))
        return Gathered(found, tuple(self.problems), used, self._reader.benchmark, self._spool, notes)

    def _put_aside(self, assessment: Assessment, path: Path) -> Found:
        document = answers.dump(assessment)
        self._spool = self._spool or Spool()
        place = self._spool.put(document)
        digest = hashlib.sha256(document).digest()
        return Found(Identity.of(assessment), str(path), digest, place, as_written=True)

    def _add(self, item: Found) -> None:
        if (doubt := self._doubt(item)) is not None:
            self.problems.append(doubt)
            return
        first = self._kept.setdefault(item.identity.address, item)
        if not self._differ(first, item):
            return
        if item.is_home and not first.is_home:
            # The file that is named by its round counts, whatever else was read before.
            first, item = item, first
            self._kept[first.identity.address] = first
        self.problems.append(_twice(first, item))

    def _doubt(self, item: Found) -> Problem | None:
        """Return what nobody but a person can tell of the city: whether it is one that another source has."""
        identity = item.identity
        namesakes = self._by_name.setdefault(same_name(identity.name), [])
        first = self._cities.setdefault(identity.city, item)
        if first is not item and not is_same(first.identity, identity) and first.origin != item.origin:
            new = slugify(f"{identity.name} {identity.country or 2}")
            said = answers.another_city(identity.facts, first.identity.facts, new)
            holder = first.identity.name
            found = f"“{identity.name}”, which shares its folder name with “{holder}” of {first.source}, was left out"
            return Problem(item.source, found, todo=said.todo)
        if first is item:
            others = [self._cities[slug] for slug in namesakes]
            doubtful = [o.identity.facts for o in others if o.origin != item.origin and is_same(o.identity, identity)]
            if doubtful:
                del self._cities[identity.city]
                said = answers.which_city(identity.facts, doubtful, identity.city)
                return replace(said, where=f"{item.source}, {said.where}")
        elif identity.country and not first.identity.country:
            self._cities[identity.city] = item
        if identity.city not in namesakes:
            namesakes.append(identity.city)
        return None

    def _differ(self, first: Found, item: Found) -> bool:
        return first.digest != item.digest and self._assessment(first) != self._assessment(item)

    def _assessment(self, item: Found) -> Assessment:
        reader = self._reader
        return Gathered((), (), reader.benchmarks, reader.benchmark, self._spool).assessment(item)


def _twice(first: Found, second: Found) -> Problem:
    city, round_label = second.key
    sources = [second.source] if first.is_home else [first.source, second.source]
    return Problem(
        second.source,
        f"“{second.identity.name}” has another document for city “{city}”, round “{round_label}” in {first.source}, "
        "which was used",
        todo=f"to have the answers of both: {import_command(*sources)}; if they are of different times, "
        "give them different rounds",
    )


def _each(
    paths: Iterable[tuple[Path, bool] | Problem], read: Callable[[Path, bool], None], problems: list[Problem]
) -> None:
    for each in paths:
        if isinstance(each, Problem):
            problems.append(each)
            continue
        path, named = each
        with contained(partial(str, path), problems.append):
            read(path, named)


def _files(sources: Sequence[Path]) -> Iterator[tuple[Path, bool] | Problem]:
    """Yield each file, and whether it was named itself rather than a folder around it; or why it cannot be read."""
    missing = [
        Problem(str(source), "there is no such file or folder", todo="check the path")
        for source in sources
        if not source.exists()
    ]
    strange = [
        Problem(str(source), "this is no kind of file that holds answers", one_line(ENDINGS))
        for source in sources
        if source.is_file() and source.suffix.lower() not in ENDINGS
    ]
    if missing or strange:
        raise UsageError(*missing, *strange)
    return _walked(sources)


def _walked(sources: Sequence[Path]) -> Iterator[tuple[Path, bool] | Problem]:
    seen: set[str] = set()
    for source in sources:
        for path in _below(source) if source.is_dir() else (source,):
            # One folder names no file twice.
            real = os.path.realpath(path) if len(sources) > 1 and isinstance(path, Path) else ""
            if real not in seen:
                seen.update([real] if real else [])
                yield path if isinstance(path, Problem) else (path, path is source)


def _below(folder: Path) -> Iterator[Path | Problem]:
    is_workspace = (folder / ANSWERS).is_dir() and (folder / OUTPUTS).is_dir()
    # The benchmarks that a folder of answers brings along hold no answers.
    return _walk(str(folder / ANSWERS), "") if is_workspace else _walk(str(folder), BENCHMARKS)


def _walk(folder: str, left_out: str = "") -> Iterator[Path | Problem]:
    try:
        with os.scandir(folder) as entries:
            # By name without ending: what a copy was made of comes before the copy.
            here = sorted(
                (*os.path.splitext(entry.name), entry.is_dir(follow_symlinks=False), _strange(entry))  # noqa: PTH122
                for entry in entries
            )
    except OSError as error:
        yield problem_of(error, folder)
        return
    for stem, ending, is_folder, strange in here:
        name = stem + ending
        path = os.path.join(folder, name)  # noqa: PTH118 - a hundred thousand of them
        if name.startswith((".", "~$")) or name.endswith(PERSONS_ENDING) or (name == left_out and is_folder):
            continue
        if name in _LISTS:
            continue
        if strange:
            todo = "name what it leads to as a source, if its answers shall count" if strange == errno.ELOOP else ""
            yield problem_of(OSError(strange, ""), path, todo=todo)
        elif is_folder:
            yield from _walk(path)
        elif name.lower().endswith(ENDINGS):
            yield Path(path)
        elif is_leftover(Path(path)):
            found = "this is a copy that some program left here, and it is not read"
            todo = "if answers are missing, let its name end in .json and import it; else remove it"
            yield Problem(path, found, todo=todo)


def _strange(entry: os.DirEntry[str]) -> int:
    """Say what keeps an entry of a folder from being looked at: it is a link, or no file, though named like one."""
    if entry.is_symlink() or getattr(entry, "is_junction", bool)():
        return errno.ELOOP if entry.name.lower().endswith(ENDINGS) or entry.is_dir() else 0
    told = entry.is_dir() or entry.is_file() or not entry.name.lower().endswith(ENDINGS)
    return 0 if told else errno.ENODEV


def _benchmark_id(content: bytes) -> str:
    """Return which benchmark a document says it answers; whether it is a document at all is for others to say."""
    try:
        named = json.loads(content)["benchmark"]["id"]
    except (ValueError, KeyError, TypeError, IndexError, RecursionError):
        return ""
    return named if isinstance(named, str) else ""
