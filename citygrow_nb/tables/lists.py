"""Short lists that a secretariat keeps in a spreadsheet: which cities are expected, and who is to mentor whom or not.

Any table that citygrow can open will do; its first row holds the names of the columns.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from citygrow_nb.exceptions import Problem, TableError, contained, problem_of
from citygrow_nb.model import Decision
from citygrow_nb.model.status import Expected
from citygrow_nb.tables import cells
from citygrow_nb.tables.cells import CellError
from citygrow_nb.tables.opening import opened
from citygrow_nb.tables.sheet import Row, filled, letter

DECISIONS = ("decision", "factor", "mentor", "mentee", "benchmark")
"""Columns of a list of decisions; the last one may be missing."""

_T = TypeVar("_T")


def expected_cities(path: Path) -> tuple[tuple[Expected, ...], tuple[Problem, ...]]:
    """Read a list of cities of which self-tests are expected.

    Parameters
    ----------
    path
        A table with a column ``city``, if you like ``country`` and ``benchmark``; all other columns are kept as they
        are, for reminders.

    Returns
    -------
    tuple
        The cities, and what is wrong in the list.

    Raises
    ------
    TableError
        If it cannot be read at all.
    """

    def made(said: Mapping[str, str]) -> Expected:
        more = {name: value for name, value in said.items() if name not in {"city", "country", "benchmark"}}
        return Expected.model_validate(
            {
                "name": said.get("city", ""),
                "country": cells.country(said["country"]) if said.get("country") else None,
                "benchmark": said.get("benchmark") or None,
                "more": more,
            }
        )

    return _read(path, ("city",), made)


def decisions(path: Path) -> tuple[tuple[Decision, ...], tuple[Problem, ...]]:
    """Read a secretariat's decisions on who is to mentor whom, or not.

    Parameters
    ----------
    path
        A table with the columns ``decision`` (pin or ban), ``factor``, ``mentor``, ``mentee``, and ``benchmark`` where
        there are several.

    Returns
    -------
    tuple
        The decisions, and what is wrong in the list.

    Raises
    ------
    TableError
        If it cannot be read at all.
    """

    def made(said: Mapping[str, str]) -> Decision:
        return Decision.model_validate(
            {
                "decision": said.get("decision", "").casefold(),
                "factor": said.get("factor", "").upper(),
                "mentor": said.get("mentor", ""),
                "mentee": said.get("mentee", ""),
                "benchmark": said.get("benchmark") or None,
            }
        )

    return _read(path, DECISIONS[:4], made)


def _read(
    path: Path, needed: Sequence[str], made: Callable[[Mapping[str, str]], _T]
) -> tuple[tuple[_T, ...], tuple[Problem, ...]]:
    found: list[_T] = []
    problems: list[Problem] = []
    for where, row, names in _rows(path, needed, problems):
        with contained(partial(str, where), problems.append):
            said = _said(where, row, names)
            try:
                found.append(made(said))
            except CellError as error:
                problems.append(Problem(f"{where}, column country", error.found, error.allowed, error.todo))
            except ValidationError as error:
                problems += [_problem(where, dict(fault), said) for fault in error.errors()]
    return tuple(found), tuple(problems)


def _problem(where: str, fault: Mapping[str, Any], said: Mapping[str, str]) -> Problem:
    step = str(fault["loc"][0])
    column = "city" if step == "name" else step
    place = f"{where}, column {column}"
    if not said.get(column):
        return Problem(place, "this is empty", todo="fill it in")
    if fault["type"] == "literal_error":
        return Problem(place, f"found “{said[column]}”", "pin, ban")
    if fault["type"] == "string_pattern_mismatch":
        return Problem(place, f"“{said[column]}” is no code", "codes such as KF1" if column == "factor" else "")
    message = fault["msg"].removeprefix("Value error, ")
    return Problem(place, f"{message[0].lower()}{message[1:]}")


def _rows(path: Path, needed: Sequence[str], problems: list[Problem]) -> Iterator[tuple[str, Row, list[str]]]:
    """Yield the place of each row below the first, the row, and the names of the columns."""
    try:
        with contextlib.ExitStack() as stack:
            rows: Iterator[Row] = (row for row in opened(path, stack, "")[0].rows() if not row.is_blank)
            header = next(rows, None)
            names = [] if header is None or header.fault else _names(path, header, problems)
            if missing := [name for name in needed if name not in names]:
                found = f"there is no column “{missing[0]}”"
                raise TableError(Problem(str(path), found, "the first row holds the names of the columns"))
            yield from ((f"{path}, row {row.number}", row, names) for row in rows)
    except OSError as error:
        raise TableError(problem_of(error, path)) from error


def _names(path: Path, header: Row, problems: list[Problem]) -> list[str]:
    names = []
    for i, cell in enumerate(header.cells):
        name = ""
        try:
            name = cells.line(cell).casefold()
        except CellError as error:
            where = f"{path}, row {header.number}, column {letter(i)}"
            problems.append(Problem(where, error.found, error.allowed, f"{error.todo}; the column is left out"))
        names.append(name)
    return names


def _said(where: str, row: Row, names: Sequence[str]) -> dict[str, str]:
    if row.fault:
        raise TableError(replace(row.fault, where=where))
    said: dict[str, str] = {}
    for name, cell in zip(names, row.cells, strict=False):
        try:
            if name and filled(cell):
                said[name] = cells.line(cell)
        except CellError as error:
            raise TableError(Problem(f"{where}, column {name}", error.found, error.allowed, error.todo)) from error
    return said
