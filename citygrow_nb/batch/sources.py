"""From files, folders and tables to assessments: what a batch is about, and what of it cannot be used."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from citygrow_nb import answers, benchmarks, tables
from citygrow_nb.exceptions import (
    BenchmarkError,
    CitygrowError,
    DocumentError,
    Problem,
    UsageError,
    one_line,
    problem_of,
)
from citygrow_nb.model import Assessment, Benchmark
from citygrow_nb.workspace import ANSWERS, OUTPUTS, Workspace

TABLES = (".csv", ".xlsx", ".tsv", ".xlsm")
ENDINGS = (".json", *TABLES)


@dataclass(frozen=True)
class Found:
    """One assessment.

    Parameters
    ----------
    assessment
        What the city answered.
    source
        The file it came from.
    """

    assessment: Assessment
    source: Path

    @property
    def key(self) -> tuple[str, str]:
        """City and round: what no two reports can share."""
        return self.assessment.city.slug, self.assessment.round


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
    """

    found: tuple[Found, ...]
    problems: tuple[Problem, ...]
    benchmarks: Mapping[str, Benchmark]


@dataclass(frozen=True)
class Gathered:
    """What the sources hold.

    Parameters
    ----------
    found
        One assessment for each city and round, sorted.
    problems
        What could not be used.
    benchmark
        The benchmark that all of them answer; None when nothing was found.
    """

    found: tuple[Found, ...]
    problems: tuple[Problem, ...]
    benchmark: Benchmark | None


def read_all(sources: Sequence[Path], workspace: Workspace, *, round_label: str = "") -> Read:
    """Read all sources.

    Parameters
    ----------
    sources
        JSON documents, CSV and XLSX tables, and folders of them; a workspace stands for its answers.
    workspace
        Where benchmarks are looked for first.
    round_label
        Round of table rows that name none.

    Raises
    ------
    UsageError
        If a source does not exist or is no kind of file that can be read.
    """
    reader = _Reader(workspace, round_label)
    for path in _files(sources):
        reader.read(path)
    return Read(tuple(reader.found), tuple(reader.problems), reader.benchmarks)


def gather(sources: Sequence[Path], workspace: Workspace, *, round_label: str = "") -> Gathered:
    """Read all sources, and keep one assessment for each city and round.

    Parameters
    ----------
    sources, workspace, round_label
        As in :func:`read_all`.

    Returns
    -------
    Gathered
        Of two documents for the same city and round the first counts, and the second is named as a problem unless it
        says the same.

    Raises
    ------
    UsageError
        If a source does not exist or is no kind of file that can be read, or if they answer different benchmarks.
    """
    read = read_all(sources, workspace, round_label=round_label)
    problems = list(read.problems)
    kept: dict[tuple[str, str], Found] = {}
    for item in read.found:
        first = kept.setdefault(item.key, item)
        if first.assessment != item.assessment:
            problems.append(_twice(first, item))
    ids = {item.assessment.benchmark.id for item in kept.values()}
    if len(ids) > 1:
        raise UsageError(
            Problem(
                one_line(sources),
                f"these answer different benchmarks: {one_line(sorted(ids))}",
                todo="make the reports of each with a command and an --out folder of its own",
            )
        )
    benchmark = read.benchmarks[ids.pop()] if ids else None
    return Gathered(tuple(kept[key] for key in sorted(kept)), tuple(problems), benchmark)


def _twice(first: Found, second: Found) -> Problem:
    city, round_label = second.key
    names = (first.assessment.city.name, second.assessment.city.name)
    who = f"“{names[1]}”" if names[0] == names[1] else f"“{names[1]}”, which shares its folder name with “{names[0]}”,"
    return Problem(
        str(second.source),
        f"{who} has another document for city “{city}”, round “{round_label}” in {first.source}, which was used",
        todo="keep one of them, or give them different rounds or folder names",
    )


def _files(sources: Sequence[Path]) -> Iterator[Path]:
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
    seen = set()
    for source in sources:
        for path in _below(source) if source.is_dir() else (source,):
            if (real := path.resolve()) not in seen:
                seen.add(real)
                yield path


def _below(folder: Path) -> Iterator[Path]:
    is_workspace = (folder / ANSWERS).is_dir() and (folder / OUTPUTS).is_dir()
    top = folder / ANSWERS if is_workspace else folder
    for path in sorted(top.rglob("*")):
        hidden = any(part.startswith((".", "~$")) for part in path.relative_to(top).parts)
        if path.suffix.lower() in ENDINGS and not hidden and path.is_file():
            yield path


class _Reader:
    def __init__(self, workspace: Workspace, round_label: str) -> None:
        self.found: list[Found] = []
        self.problems: list[Problem] = []
        self._workspace = workspace
        self._round = round_label
        self.benchmarks: dict[str, Benchmark] = {}

    def _benchmark(self, benchmark_id: str) -> Benchmark:
        if benchmark_id not in self.benchmarks:
            self.benchmarks[benchmark_id] = benchmarks.load(benchmarks.find(benchmark_id, self._workspace))
        return self.benchmarks[benchmark_id]

    @cached_property
    def _default_id(self) -> str:
        return benchmarks.default_id()

    def read(self, path: Path) -> None:
        try:
            if path.suffix.lower() in TABLES:
                self._table(path)
            else:
                self._document(path)
        except CitygrowError as error:
            self.problems.extend(error.problems)
        except OSError as error:
            self.problems.append(problem_of(error, path))

    def _table(self, path: Path) -> None:
        reading = tables.read(path, self._benchmark(self._default_id), round_label=self._round or None)
        self.found.extend(Found(assessment, path) for assessment in reading.assessments)
        self.problems.extend(reading.problems)

    def _document(self, path: Path) -> None:
        content = path.read_bytes()
        named = _benchmark_id(content) or self._default_id
        try:
            benchmarks.find(named, self._workspace)
        except BenchmarkError as error:
            # Of a thousand documents, which one it is.
            raise DocumentError(*(replace(each, where=f"{path}, {each.where}") for each in error.problems)) from error
        benchmark = self._benchmark(named)
        self.found.append(Found(answers.parse(content, str(path), benchmark), path))


def _benchmark_id(content: bytes) -> str:
    """Return which benchmark a document says it answers; whether it is a document at all is for others to say."""
    try:
        named = json.loads(content)["benchmark"]["id"]
    except (ValueError, KeyError, TypeError, IndexError, RecursionError):
        return ""
    return named if isinstance(named, str) else ""
