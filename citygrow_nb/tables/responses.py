"""The responses of a survey's export: whose each row is, and which of a person's rows counts. Knows no file format.

All rows are noted before any is asked for: a person who answered again may stand in any order.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Hashable, Iterator
from dataclasses import dataclass

from citygrow_nb.exceptions import one_line
from citygrow_nb.model.persons import answered_again, person_key
from citygrow_nb.tables.cells import Cell, Unusable
from citygrow_nb.tables.dialects import UNKNOWN
from citygrow_nb.tables.header import Header
from citygrow_nb.tables.moments import Moment, moment
from citygrow_nb.tables.sheet import Row, filled

_LONG_SEED = 8
"""Digits of a random number that no two responses share by chance; nearly all of LimeSurvey's have more."""

_COUNTED = re.compile(r"\d{1,10}(\.0)?")


@dataclass(frozen=True, slots=True)
class _Response:
    key: str
    of: Hashable
    whose: Hashable
    """What a person's responses have in common, beside city, round and institution."""
    at: Moment | None
    number: int
    content: str
    is_empty: bool


class Responses:
    """The responses of one table.

    Parameters
    ----------
    header
        What its columns hold.
    survey
        What the survey is called; may be empty.
    """

    def __init__(self, header: Header, survey: str) -> None:
        self._header = header
        self._dialect = header.dialect or UNKNOWN
        self._survey = survey
        marked = sorted((*self._dialect.mark(header.name(column)), column) for column in header.aside)
        self._marks = [(mark, column) for mark, _, column in marked if mark]
        self._rows: dict[int, _Response] = {}
        self._ids: dict[int, str] = {}

    def note(self, row: Row, of: Hashable) -> bool:
        """Note a row; return whether anything tells its response from those of other surveys.

        Parameters
        ----------
        row
            The row.
        of
            City, round and institution.
        """
        marks, at = self._said(row)
        enough = self._dialect.enough
        if "seed" in enough and len(marks.get("seed", "")) < _LONG_SEED:
            # Short ones may be somebody's own; a time tells more.
            enough = (*(mark for mark in enough if mark != "seed"), "seed")
        key = person_key(self._survey, marks, enough)
        numbered = key and ("uuid" in marks or "number" in marks)
        # What has no number may be two persons of one second.
        whose = marks.get("token") or marks.get("address") or (key if numbered else row.number)
        number = int(marks["number"]) if marks.get("number", "").isdecimal() else 0
        asked = (*self._header.codes, *self._header.beside)
        is_empty = not any(i < len(row.cells) and filled(row.cells[i]) for i in asked)
        self._rows[row.number] = _Response(key, of, whose, at, number, marks["content"], is_empty)
        return bool(key)

    def _said(self, row: Row) -> tuple[dict[str, str], Moment | None]:
        """Return what a row says of its response, and when that was sent."""
        marks = {"content": self._content(row)}
        moments: dict[str, Moment] = {}
        for mark, column in self._marks:
            cell = row.cells[column] if column < len(row.cells) else None
            said = _text(cell)
            if mark in marks or not said:
                continue
            if mark in {"start", "end"}:
                if when := moment(said):
                    moments[mark], marks[mark] = when, when.text
            elif isinstance(cell, Unusable):
                continue
            elif mark == "uuid" and _COUNTED.fullmatch(said):
                # Somebody's own column of this name, that counts.
                marks.setdefault("number", _plain("number", said))
            elif value := _plain(mark, said):
                marks[mark] = value
        return marks, moments.get("end", moments.get("start"))

    def _content(self, row: Row) -> str:
        columns = {**self._header.codes, **{i: " ".join(about) for i, about in self._header.beside.items()}}
        columns |= {i: name for name, i in self._header.columns.items() if name in {"role", "kind"}}
        said = sorted((name, _text(row.cells[i])) for i, name in columns.items() if i < len(row.cells))
        return hashlib.sha256(repr([(name, text) for name, text in said if text]).encode()).hexdigest()

    def settle(self) -> Iterator[str]:
        """Decide which rows count, and yield a sentence on those that do not."""
        moments = [response.at for response in self._rows.values() if response.at]
        day_first = any(each.order == "day" for each in moments)

        def by_time(row: int) -> tuple[object, ...]:
            response = self._rows[row]
            return response.at.sorting(day_first=day_first) if response.at else (), response.number, row

        groups: dict[Hashable, list[int]] = defaultdict(list)
        for row, response in self._rows.items():
            groups[response.of, response.whose].append(row)
        alike: dict[Hashable, list[int]] = defaultdict(list)
        again: dict[int, int] = {}
        for rows in groups.values():
            # A form that was opened again and left takes nothing back.
            last = max(rows, key=lambda row: (not self._rows[row].is_empty, *by_time(row)))
            first = self._rows[min(rows, key=by_time)]
            again |= {row: last for row in rows if row != last and not self._rows[row].is_empty}
            # Without a key its city is left out.
            key = answered_again(first.key or f"p-{last}", len({self._rows[row].key for row in rows}))
            alike[first.of, key].append(last)
            self._ids[last] = key
        for rows in alike.values():
            for number, row in enumerate(sorted(rows, key=lambda row: (self._rows[row].content, row))[1:], 2):
                self._ids[row] += f"-{number}"
        if again:
            said = one_line(f"row {row} by row {again[row]}" for row in sorted(again))
            yield f"answered again by the same person, and the later answers count: {said}"

    def counts(self, row: int) -> bool:
        """Tell whether a row counts; what was not noted is no response of a survey, and counts."""
        return row not in self._rows or row in self._ids

    def person(self, row: int) -> str:
        """Return the id of the person whose row it is; empty before all are noted."""
        return self._ids.get(row, "")


def _text(cell: Cell) -> str:
    if not filled(cell):
        return ""
    if isinstance(cell, Unusable):
        # Of a date, this says the date.
        return cell.found
    return str(int(cell) if isinstance(cell, float) and cell.is_integer() else cell).strip()


def _plain(mark: str, said: str) -> str:
    """Return a mark as it is in every export; empty if it is none, as “anonymous” is no address."""
    if mark == "uuid":
        return said.casefold().removeprefix("uuid:").strip("{}")
    if mark == "address":
        return said.casefold() if "@" in said else ""
    return said.removesuffix(".0")
