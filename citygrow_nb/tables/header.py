"""The first row of a table: which layout it announces, and which column holds what. Knows no file format."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cached_property
from typing import Literal

from citygrow_nb.exceptions import Problem
from citygrow_nb.model import Benchmark
from citygrow_nb.model.fields import CONTEXT_FACTOR, QUESTION, nearest
from citygrow_nb.tables.cells import Cell, CellError, line, shown
from citygrow_nb.tables.sheet import filled, letter

Layout = Literal["long", "wide", "actions"]
Line = Mapping[str, Cell]
"""What one row says, by column; what is left out is empty."""

BENCHMARK = "benchmark"
"""Column of tables that hold answers to several benchmarks."""

FACTS = ("slug", "country", "population")
LONG = (
    *("city", "round", "respondent", "code", "state", "level", "comment", "evidence_title", "evidence_url"),
    *(*FACTS, "role", "bears_on", "updated_at"),
)
WIDE = ("city", "round", "respondent", *FACTS)
CITIES = ("city", "round", *FACTS, "benchmark_version")
RESPONDENTS = ("city", "round", "slug", "respondent", "role")
ACTIONS = (
    *("city", "round", "slug", "action", "what", "who", "by_when", "budget", "indicator", "questions", "updated_at"),
)
SHEETS = {"cities": CITIES, "respondents": RESPONDENTS, "actions": ACTIONS}
"""Further sheets of an XLSX file and their columns."""

_LIKE_A_CODE = re.compile(r"[KCQ]F?\W*\d")


@dataclass(frozen=True)
class Header:
    """What the columns of a table hold.

    Parameters
    ----------
    layout
        One answer a row, one city a row, or one action a row.
    columns
        Position of each known column.
    codes
        Codes of the wide layout, by position.
    names
        What to call each column, by position.
    strange
        Columns that nothing is known of, and what to do about each.
    foreign
        Columns of other benchmarks: nothing may stand there in rows of this one.
    extra
        Whether it is one of the further sheets.
    """

    layout: Layout
    columns: dict[str, int]
    codes: dict[int, str]
    names: list[str]
    strange: dict[int, Problem]
    foreign: dict[int, Problem] = field(default_factory=dict)
    extra: bool = False

    def name(self, column: int) -> str:
        """Return what to call a column."""
        return self.names[column] if column < len(self.names) and self.names[column] else letter(column)

    def unknown(self, width: int) -> list[int]:
        """Return the columns of a row of this width that nothing is known of: strange ones and those without a name."""
        known = self._known
        return [column for column in range(width) if column not in known]

    @cached_property
    def _known(self) -> frozenset[int]:
        return frozenset((*self.columns.values(), *self.codes))


@dataclass
class _Columns:
    allowed: Sequence[str]
    codes: Collection[str]
    asked: Sequence[str]
    others: Collection[str] = ()
    foreign: dict[int, Problem] = field(default_factory=dict)
    found: dict[str, int] = field(default_factory=dict)
    strange: dict[int, Problem] = field(default_factory=dict)

    def place(self, position: int, name: str) -> None:
        """Note what a named column holds, or what is wrong with its name."""
        code = name.upper()
        column = re.sub(r"[\s-]+", "_", name.casefold())
        key = code if code in self.codes else column
        if key in self.found:
            self.strange[position] = Problem("", "there are two columns of this name", todo="keep one of them")
        elif key in self.codes or key in self.allowed:
            self.found[key] = position
        elif code in self.others:
            todo = "empty the cells, or mend the column “benchmark”"
            self.foreign[position] = Problem("", f"the benchmark of these rows has no {code}", todo=todo)
        else:
            near = nearest(code, self.asked) if _LIKE_A_CODE.match(code) else ""
            near = near or get_close_matches(column, self.allowed, n=1, cutoff=0.0)[0]
            self.strange[position] = Problem(
                "", "there is no column of this name", todo=f"rename it (the nearest is “{near}”) or delete it"
            )


def read_header(
    cells: Sequence[Cell], benchmark: Benchmark, sheet: str = "", others: Collection[str] = ()
) -> tuple[Header, list[Problem]]:
    """Read a row of column names.

    Parameters
    ----------
    cells
        The row.
    benchmark
        Gives the codes; retired ones are known too.
    sheet
        Name of the sheet, which may be one of :data:`SHEETS`.
    others
        Codes of other benchmarks whose answers the table holds, too.

    Returns
    -------
    tuple
        The header, and what keeps the table from being used at all: missing columns. Problems have no place yet.
    """
    names = [_name(cell) for cell in cells]
    known = codes(benchmark)
    extra = extra_sheet(cells, sheet)
    has_code = any(name.casefold() == "code" for name in names)
    has_codes = any(name.upper() in known or _LIKE_A_CODE.match(name.upper()) for name in names)
    layout: Layout = "actions" if extra == "actions" else "long" if has_code or extra or not has_codes else "wide"
    allowed = (*(SHEETS[extra] if extra else WIDE if layout == "wide" else LONG), BENCHMARK)
    wide = layout == "wide"
    columns = _Columns(allowed, known if wide else (), asked(benchmark) if wide else (), others if wide else ())
    for position, name in enumerate(names):
        if name:
            columns.place(position, name)
    by_code = {position: key for key, position in columns.found.items() if key in columns.codes}
    plain = {key: position for key, position in columns.found.items() if position not in by_code}
    problems = []
    if "city" not in plain:
        problems.append(Problem("", "there is no column “city”", "the first row holds the names of the columns"))
    if layout == "long" and "code" not in plain and not extra:
        problems.append(
            Problem(
                "",
                "there is no column of answers",
                f"a column “code” (one answer a row), or columns named {asked(benchmark)[0]}, … (one city a row)",
            )
        )
    return Header(layout, plain, by_code, names, columns.strange, columns.foreign, bool(extra)), problems


def extra_sheet(cells: Sequence[Cell], sheet: str) -> str:
    """Return which of :data:`SHEETS` this is; empty if it is none."""
    names = [_name(cell) for cell in cells]
    own = SHEETS.get(sheet.casefold(), ())
    return sheet.casefold() if own and {"city", "slug"} <= set(names) <= {*own, BENCHMARK, ""} else ""


def is_table(cells: Sequence[Cell], benchmark: Benchmark) -> bool:
    """Tell whether a row looks like the header of a table of answers."""
    names = {_name(cell).upper() for cell in cells}
    return "CITY" in names and ("CODE" in names or not names.isdisjoint(codes(benchmark)))


def asked(benchmark: Benchmark) -> list[str]:
    """Return the codes of all guide questions and context factors, in order."""
    return [*benchmark.questions, *benchmark.contexts]


def codes(benchmark: Benchmark) -> frozenset[str]:
    """Return all codes that answers may have: those that are asked, and retired ones."""
    retired = (code for code in benchmark.retired if re.match(QUESTION, code) or re.match(CONTEXT_FACTOR, code))
    return frozenset((*asked(benchmark), *retired))


def is_context(code: str) -> bool:
    """Tell whether a code is that of a context factor."""
    return re.match(CONTEXT_FACTOR, code) is not None


def _name(cell: Cell) -> str:
    if not filled(cell):
        return ""
    try:
        return line(cell)
    except CellError:
        return shown(cell)
