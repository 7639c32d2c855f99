"""What rows say of mentoring: offers and needs by key factor, languages, with whom not. Knows no file format.

A long table has a row for each offer (``KF1, offer``, in the column “level” how many cities) and each need (``KF6,
need``, there how urgent, 1 to 3); a wide one has columns ``KF1.offer`` and ``KF6.need``.
"""

from __future__ import annotations

import re

from pydantic import ValidationError

from citygrow_nb.model import AGREED, Benchmark, Mentoring
from citygrow_nb.model import languages as known_languages
from citygrow_nb.model.fields import nearest
from citygrow_nb.model.mentoring import MOST_MENTEES
from citygrow_nb.tables import cells
from citygrow_nb.tables.cells import Cell, CellError
from citygrow_nb.tables.drafts import CityDraft, Draft, Item
from citygrow_nb.tables.header import factors
from citygrow_nb.tables.view import View

_KINDS = {"offer": "offer", "offers": "offer", "need": "need", "needs": "need"}
_ALLOWED = {"offer": f"how many cities, 1 to {MOST_MENTEES}", "need": "1 (urgent), 2 (soon) or 3 (when it suits)"}
_MOST = {"offer": MOST_MENTEES, "need": 3}


def put_row(view: View, city: CityDraft, draft: Draft, code: str, benchmark: Benchmark, respondent: str) -> None:
    """Put what a row of a long table says on a key factor into the draft of its city."""
    if code not in factors(benchmark):
        near = nearest(code, benchmark.factors)
        view.wrong("code", f"the benchmark has no key factor {cells.shown(code)}", todo=f"did you mean “{near}”?")
    if view.cell("state") is None:
        view.wrong("state", "“” cannot stand with a key factor", "offer or need")
    if (kind := view.get("state", _kind)) is None:
        return
    for column in ("comment", "evidence_title", "evidence_url", "bears_on", "updated_at"):
        if view.cell(column) is not None:
            view.wrong(column, f"{cells.shown(view.cell(column))} cannot stand with an {kind}", todo="empty this cell")
    if view.cell("respondent") is not None and respondent != AGREED:
        view.wrong("respondent", "the city as a whole offers and needs", todo="leave this empty")
    place = view.place("level")
    if view.cell("level") is None:
        view.wrong("level", "the number is missing", _ALLOWED[kind])
    elif (number := view.get("level", lambda cell: _number(cell, kind))) is not None:
        city.say(draft.wishes.setdefault((kind, code), Item(place)), "number", number, place)


def put(view: View, city: CityDraft, draft: Draft, wish: tuple[str, str], cell: Cell, column: int) -> None:
    """Put what a cell of a wide table's column says into the draft of its city."""
    place = view.place(column)
    try:
        city.say(draft.wishes.setdefault(wish, Item(place)), "number", _number(cell, wish[0]), place)
    except CellError as error:
        view.wrong(column, error.found, error.allowed, error.todo)


def languages(cell: Cell) -> tuple[str, ...]:
    """Return the languages that a cell names, parted by blanks, commas or semicolons: codes, or English names."""
    found = []
    for word in filter(None, re.split(r"[;,]|\s+", cells.line(cell))):
        code = known_languages.code_of(word)
        if not code:
            raise CellError(f"{cells.shown(word)} is not a language", "codes such as en or pl, or English names")
        found.append(code)
    return tuple(dict.fromkeys(found))


def cities(cell: Cell) -> tuple[str, ...]:
    """Return the names of cities that a cell lists, parted by semicolons."""
    try:
        return Mentoring(not_with=tuple(filter(str.strip, cells.line(cell).split(";")))).not_with
    except ValidationError as error:
        raise CellError(f"{cells.shown(cell)} names no cities", "names with semicolons between them") from error


def _kind(cell: Cell) -> str:
    kind = _KINDS.get(cells.line(cell).casefold(), "")
    if not kind:
        raise CellError(f"{cells.shown(cell)} cannot stand with a key factor", "offer or need")
    return kind


def _number(cell: Cell, kind: str) -> int:
    number = cells.number(cell)
    if number is None or not 1 <= number <= _MOST[kind]:
        raise CellError(
            f"{cells.shown(cell)} does not say how {'many' if kind == 'offer' else 'urgent'}", _ALLOWED[kind]
        )
    return number
