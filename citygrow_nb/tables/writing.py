"""Tables out: assessments as CSV or XLSX, long or wide, in whole files or not at all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal

from citygrow_nb import atomic
from citygrow_nb.exceptions import Problem, TableError
from citygrow_nb.model import Assessment, Benchmark
from citygrow_nb.tables import lines
from citygrow_nb.tables.csvfile import DELIMITERS, Columns
from citygrow_nb.tables.header import BENCHMARK, LONG, SHEETS, WIDE, WISHES, Line, asked
from citygrow_nb.tables.spreadsheet import Spreadsheet

Form = Literal["long", "wide"]
ENDINGS = (".csv", ".xlsx")

# In an XLSX file, what is said once of a city or a respondent has sheets of its own.
_ELSEWHERE = {"country", "population", "languages", "not_with", "role", "kind", "from_city"}


@dataclass(frozen=True)
class Written:
    """What was written.

    Parameters
    ----------
    path
        The file.
    assessments
        How many assessments it holds.
    rows
        How many rows of answers it has, without the header.
    left_out
        What the file has no place for, in words; empty if it holds everything.
    """

    path: Path
    assessments: int
    rows: int
    left_out: tuple[str, ...]


Group = tuple[Benchmark, Iterable[Assessment]]
"""A benchmark, and answers to it."""


def write(
    path: Path, assessments: Iterable[Assessment], benchmark: Benchmark, *, layout: Form = "long", delimiter: str = ","
) -> Written:
    """Write a table of answers.

    Parameters
    ----------
    path
        The file; by its ending it becomes CSV (UTF-8 with a byte order mark, as Excel needs it) or XLSX.
    assessments
        What to write; taken one by one.
    benchmark
        What was asked.
    layout
        ``long``: one answer a row, everything but actions, in XLSX these too; ``wide``: one city a row, only levels.
    delimiter
        Of a CSV file: comma, semicolon or tab.

    Returns
    -------
    Written
        With what was left out.

    Raises
    ------
    TableError
        If the file cannot hold the answers, or its ending is not known.
    StoreError
        If it cannot be written; a file of this name then stands as it was.
    """
    return write_all(path, [(benchmark, assessments)], layout=layout, delimiter=delimiter)


def write_all(path: Path, groups: Sequence[Group], *, layout: Form = "long", delimiter: str = ",") -> Written:
    """Write answers to several benchmarks into one table, with a column that says which; otherwise like :func:`write`.

    Parameters
    ----------
    path, layout, delimiter
        As in :func:`write`.
    groups
        Each benchmark with the answers to it; of one alone the table has no further column.
    """
    ending = checked_ending(path)
    if delimiter not in DELIMITERS:
        raise TableError(Problem(str(path), f"“{delimiter}” cannot part columns", "comma, semicolon or tab"))
    said = lines.long_lines if layout == "long" else lines.wide_lines
    count, rows, lost = 0, 0, Counter[str]()
    benchmarks = [benchmark for benchmark, _ in groups]
    with atomic.replacing(path) as file, _sink(file, path, benchmarks, layout, delimiter) as sink:
        for benchmark, assessment in ((benchmark, each) for benchmark, group in groups for each in group):
            _check(path, assessment, benchmark)
            count += 1
            named = {BENCHMARK: benchmark.id}
            for line in said(assessment):
                rows += 1
                sink.put("answers", {**line, **named})
            lost += lines.lost_anywhere(assessment)
            if ending == ".csv":
                lost += lines.lost_in_csv(assessment, benchmark)
            else:
                _put_extras(sink, assessment, named)
            if layout == "wide":
                lost += lines.lost_in_wide(assessment, benchmark, roles=ending == ".csv")
    kind = ("wide " if layout == "wide" else "") + ending[1:].upper()
    left_out = (f"{what} ({number:,}): a {kind} table has no place for them" for what, number in lost.items() if number)
    return Written(path, count, rows, tuple(left_out))


def checked_ending(path: Path) -> str:
    """Return the ending of a table's name, in small letters; raise TableError if it is neither CSV nor XLSX."""
    ending = path.suffix.lower()
    if ending not in ENDINGS:
        raise TableError(Problem(str(path), f"the ending “{path.suffix}” is not that of a table", ".csv or .xlsx"))
    return ending


def _sink(
    file: BinaryIO, path: Path, benchmarks: Sequence[Benchmark], layout: Form, delimiter: str
) -> Columns | Spreadsheet:
    which = (BENCHMARK,) if len(benchmarks) > 1 else ()
    codes = dict.fromkeys(code for benchmark in benchmarks for code in asked(benchmark))
    wishes = dict.fromkeys(
        f"{code}.{kind}" for each in benchmarks for code in each.factors for kind in ("offer", "need")
    )
    columns = (*LONG, *which) if layout == "long" else (*WIDE, *which, *codes, *wishes, *WISHES)
    if path.suffix.lower() == ".csv":
        return Columns(file, columns, delimiter)
    own = tuple(name for name in columns if name not in _ELSEWHERE)
    return Spreadsheet(
        file,
        path,
        {"answers": own, **{name: (*extra, *which) for name, extra in SHEETS.items()}},
        frozen=1 if layout == "long" else 2,
    )


def _check(path: Path, assessment: Assessment, benchmark: Benchmark) -> None:
    if assessment.benchmark.id != benchmark.id:
        raise TableError(
            Problem(
                str(path),
                f"{assessment.city.name} answered the benchmark “{assessment.benchmark.id}”",
                f"only answers to “{benchmark.id}” in this table",
                "write another table for them",
            )
        )


def _put_extras(sink: Columns | Spreadsheet, assessment: Assessment, named: Line) -> None:
    sink.put("cities", {**lines.city_line(assessment), "benchmark_version": assessment.benchmark.version, **named})
    for line in lines.respondent_lines(assessment):
        sink.put("respondents", {**line, **named})
    for line in lines.action_lines(assessment):
        sink.put("actions", {**line, **named})
