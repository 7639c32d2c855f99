"""What one row says, by the layout of its table: put into the draft of its city. Knows no file format."""

from __future__ import annotations

import contextlib
import hashlib
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from pydantic import ValidationError

from citygrow_nb.exceptions import Problem
from citygrow_nb.model import AGREED, Benchmark, City, Evidence, State
from citygrow_nb.model.assessment import NO_REASON
from citygrow_nb.model.city_facts import Alias
from citygrow_nb.model.fields import KEY_FACTOR, nearest
from citygrow_nb.slugs import slugify
from citygrow_nb.tables import cells, plans, wishes
from citygrow_nb.tables.cells import Cell, CellError
from citygrow_nb.tables.cities import Entry, Stated
from citygrow_nb.tables.codes import code_of
from citygrow_nb.tables.drafts import CityDraft, Draft, Item
from citygrow_nb.tables.header import Header, asked, codes, is_context
from citygrow_nb.tables.responses import Responses
from citygrow_nb.tables.sheet import Fault, Place, Row, Sheet, filled
from citygrow_nb.tables.view import View
from citygrow_nb.tables.wording import Wording

_BESIDE = {"comment": cells.text, "evidence_url": cells.link}
_ANSWER = ("state", "level", "comment", "evidence_title", "evidence_url", "bears_on", "updated_at")
_ACTION = ("what", "who", "by_when", "budget", "indicator", "questions", "targets", "with_city", "updated_at")


_SURVEYED = "participants of the survey"


@dataclass(frozen=True)
class Whose:
    """Whose answers rows hold that do not say so.

    Parameters
    ----------
    city, slug
        The city, and its folder name if it is known.
    role
        An institution that all rows are of; empty where each row of a survey is a person's.
    aliases
        What somebody said of cities that the table calls otherwise, or of which it gives no folder name.
    survey
        What the survey is called whose responses the table holds.
    here
        Gives the cities that have a name where the table is taken to, so that a question names their folders.
    """

    city: str = ""
    slug: str = ""
    role: str = ""
    aliases: Sequence[Alias] = ()
    survey: str = ""
    here: Callable[[str], Sequence[City]] = lambda _: ()


class Table:
    """The rows of one sheet, with what its columns hold.

    Parameters
    ----------
    sheet
        Where the rows are from.
    number
        The sheet's number in the file.
    header
        What the columns hold.
    benchmark
        What was asked.
    round_label
        The round of rows that name none; may be empty.
    first
        The row of the header.
    missing
        Columns that are missing, so that no city can be taken.
    whose
        City and respondent of rows that name none.
    """

    def __init__(
        self,
        sheet: Sheet,
        number: int,
        header: Header,
        benchmark: Benchmark,
        round_label: str,
        first: int,
        missing: Sequence[Problem],
        whose: Whose,
    ) -> None:
        self.sheet = sheet
        self.number = number
        self.header = header
        self.first = first
        self.missing = missing
        self._round = round_label
        self.whose = whose
        self.responses = Responses(header, whose.survey)
        self._benchmark = benchmark
        self._codes = codes(benchmark)
        self._wording = Wording(benchmark)
        self._put = {"long": self._put_long, "wide": self._put_wide, "actions": self._put_action}[header.layout]

    def tell(self, row: int, city: str, column: int) -> str:
        """Return the name of a place."""
        name = f"{self.sheet.where}, row {row}" + (f" ({city})" if city else "")
        return name if column < 0 else f"{name}, column {self.header.name(column)}"

    def city(self, row: Row) -> tuple[Stated, list[Fault]]:
        """Return what a row says of its city, and what is wrong with its name and slug."""
        draft = CityDraft(Entry(""))
        view = self._view(row, "", draft)
        if "city" not in self.header.columns and self.whose.city:
            return Stated(self.whose.city, self.whose.slug, self._country(view)), []
        name = view.get("city", cells.name) or ""
        if view.cell("city") is None and "city" in self.header.columns:
            view.wrong("city", "the name of the city is missing", todo="fill it in, in every row")
        stated = Stated(name, view.get("slug", cells.slug) or "", self._country(view))
        alias = next((each for each in self.whose.aliases if each.means(stated)), None)
        if alias is not None:
            stated = stated._replace(name=alias.name or name, slug=alias.slug or stated.slug)
        return stated, draft.faults

    def _country(self, view: View) -> str | None:
        """Return the country, if it can be read; if not, that is told with the other cells of the row."""
        with contextlib.suppress(CellError):
            return cells.country(cell) if (cell := view.cell("country")) is not None else None
        return None

    def _view(self, row: Row, name: str, city: CityDraft) -> View:
        return View(self.header, self.number, self.tell, row, name, city)

    def body(self) -> Iterator[Row]:
        """Yield the rows below the header, blank ones too."""
        return (row for row in self.sheet.rows() if row.number > self.first)

    def note(self, row: Row, city: int) -> bool:
        """Note whose row it is, before any is put; return False if a person's cannot be told from other surveys'."""
        if not self.header.survey:
            return True
        view = self._view(row, "", CityDraft(Entry("")))
        if view.cell("respondent") is not None:
            return True
        institution = self._respondent(view)[0]
        label = view.get("round", cells.round_label) or self._round
        return self.responses.note(row, (city, label, institution)) or bool(institution)

    def put(self, row: Row, city: CityDraft) -> None:
        """Put what a row says into the draft of its city, unless the same person said something else later."""
        if not self.responses.counts(row.number):
            return
        name = self.city(row)[0].name
        view = self._view(row, name, city)
        label = view.get("round", cells.round_label) or self._round
        if not label and view.cell("round") is None and "round" in self.header.columns:
            view.wrong("round", "the round is missing", todo="fill it in, or name it when you import the file")
        draft = city.round(label, view.place("city"))
        city.say(draft.facts, "name", name, view.place("city"))
        view.say(draft.facts, "country", cells.country)
        view.say(draft.facts, "population", cells.population)
        view.say(draft.facts, "benchmark_version", self._readable_version)
        view.say(draft.facts, "languages", wishes.languages)
        view.say(draft.facts, "not_with", wishes.cities)
        respondent, written, kind = self._respondent(view)
        if written or view.cell("respondent") is not None:
            # Who is named is a respondent, even without answers.
            draft.respondents[respondent] = draft.respondents.get(respondent) or written
        view.say(draft.facts, "role", cells.name, f"role of {respondent}")
        view.say(draft.facts, "kind", cells.kind, f"kind of {respondent}")
        view.say(draft.facts, "from_city", cells.name, f"city of {respondent}")
        if kind and view.cell("kind") is None:
            city.say(draft.facts, f"kind of {respondent}", kind, view.place())
        try:
            self._put(view, city, draft, respondent)
        except ValidationError as error:
            view.wrong(-1, cells.message_of(error), todo="correct the row")

    def _respondent(self, view: View) -> tuple[str, str, str]:
        """Return whose row it is: short name, role and kind, as far as the table or the command says."""
        if view.cell("respondent") is not None:
            return *(view.get("respondent", cells.respondent) or (AGREED, "")), ""
        if self.whose.role:
            return slugify(self.whose.role), self.whose.role, "institution"
        if not self.header.survey:
            return AGREED, "", ""
        role = view.get("role", cells.name) or _SURVEYED
        if view.get("kind", cells.kind) == "institution":
            return slugify(role), role, ""
        return self.responses.person(view.row.number), role, ""

    # --- layouts ---

    def _put_long(self, view: View, city: CityDraft, draft: Draft, respondent: str) -> None:
        written = (view.get("code", cells.line) or "").upper()
        code = written if written in self._codes else code_of(written, self._codes) or written
        if re.match(KEY_FACTOR, code):
            wishes.put_row(view, city, draft, code, self._benchmark, respondent)
            return
        if not code:
            if view.cell("code") is None and any(view.cell(name) is not None for name in _ANSWER):
                view.wrong("code", "the code is missing", todo="fill it in")
            return
        if code not in self._codes:
            view.wrong("code", *_unknown(code, asked(self._benchmark), "code"))
        if is_context(code):
            item = draft.readings.setdefault(code, Item(view.place("code")))
            _refuse(view, ("state", "evidence_title", "evidence_url"), "a context factor")
            if respondent != AGREED:
                view.wrong("respondent", "the city as a whole reads context factors", todo="leave this empty")
            view.say(item, "level", self._wording.direction, "direction")
            view.say(item, "bears_on", lambda cell: self._listed(cell, self._benchmark.factors, "key factor"))
        else:
            item = draft.answers.setdefault((respondent, code), Item(view.place("code")))
            _refuse(view, ("bears_on",), "a guide question")
            view.say(item, "state", cells.state)
            state, level = view.get("level", partial(self._wording.answer, code)) or (None, None)
            item.wrong = item.wrong or (state is None and view.cell("level") is not None)
            city.say(item, "level", level, view.place("level"))
            city.say(item, "state", None if state is State.RATED else state, view.place("level"))
            title, url = view.get("evidence_title", cells.line), view.get("evidence_url", cells.link)
            if title or url:
                item.evidence.append(Evidence(title=title or "", url=url or ""))
            if "comment" not in self.header.columns and item.get("state") is State.NOT_APPLICABLE:
                city.say(item, "comment", NO_REASON, view.place())
        view.say(item, "comment", cells.text)
        view.say(item, "updated_at", cells.when)

    def _put_wide(self, view: View, city: CityDraft, draft: Draft, respondent: str) -> None:
        here = view.place()
        before = draft.wide.setdefault(respondent, here)
        if before is not here:
            found = f"city, round and respondent are the same as in {before.seen_from(here)}"
            todo = "if they are two cities, give each a folder name in a column “slug”; if not, make them one row"
            view.wrong("city", found, todo=todo)
            draft = Draft(Item(here))  # the cells are still checked, but not against the other row

        def item_of(code: str, place: Place) -> Item:
            if is_context(code):
                return draft.readings.setdefault(code, Item(place))
            return draft.answers.setdefault((respondent, code), Item(place))

        for column, (code, what) in self.header.beside.items():
            if filled(cell := view.at(column)):
                try:
                    said = _BESIDE.get(what, cells.line)(cell)
                    city.say(item_of(code, view.place(column)), what, said, view.place(column))
                except CellError as error:
                    view.wrong(column, error.found, error.allowed, error.todo)
        for column, (kind, factor) in self.header.wishes.items():
            if filled(cell := view.at(column)):
                wishes.put(view, city, draft, (kind, factor), cell, column)
        for column, code in self.header.codes.items():
            if not filled(cell := view.at(column)):
                continue
            place = view.place(column)
            try:
                if is_context(code):
                    city.say(item_of(code, place), "direction", self._wording.direction(cell), place)
                else:
                    state, level = self._wording.answer(code, self._as_exported(cell))
                    item = item_of(code, place)
                    city.say(item, "state", state, place)
                    city.say(item, "level", level, place)
                    if state is State.NOT_APPLICABLE and "comment" not in item.said:
                        city.say(item, "comment", NO_REASON, place)
            except CellError as error:
                item_of(code, place).wrong = True
                view.wrong(column, error.found, error.allowed, error.todo)

    def _as_exported(self, cell: Cell) -> Cell:
        known = self.header.dialect.answers if self.header.dialect else {}
        return known.get(cell.strip().casefold(), cell) if isinstance(cell, str) else cell

    def _put_action(self, view: View, _: CityDraft, draft: Draft, __: str) -> None:
        key = view.get("action", _action_id) or ""
        if not key:
            if view.cell("action") is not None or not any(view.cell(name) is not None for name in _ACTION):
                return
            key = hashlib.sha256(str(view.cell("what")).encode()).hexdigest()[:10]
        item = draft.actions.setdefault(key, Item(view.place("action")))
        for name in ("what", "who", "by_when", "budget", "indicator"):
            view.say(item, name, cells.line)
        view.say(item, "questions", lambda cell: self._listed(cell, self._benchmark.questions, "guide question"))
        view.say(item, "targets", lambda cell: plans.targets(cell, self._codes))
        view.say(item, "status", plans.status)
        view.say(item, "with_city", cells.line)
        view.say(item, "updated_at", cells.when)

    # --- parts ---

    def _listed(self, cell: Cell, known: Collection[str], what: str) -> tuple[str, ...]:
        listed = tuple(cells.words(cell))
        for code in listed:
            if code not in known and code not in self._benchmark.retired:
                raise CellError(*_unknown(code, known, what))
        return listed

    def _readable_version(self, cell: Cell) -> str:
        version = cells.line(cell)
        if not re.fullmatch(r"\d{1,9}(\.\d{1,9}){2}", version):
            raise CellError(f"{cells.shown(version)} is not a version of a benchmark", "three numbers, as in 1.0.0")
        ours = self._benchmark.version
        if int(version.split(".")[0]) > int(ours.split(".")[0]):
            raise CellError(
                f"the answers were given to version {version} of the benchmark; here is {ours}", todo="update it"
            )
        return version


def _action_id(cell: Cell) -> str:
    key = cells.line(cell)
    if not re.fullmatch(r"[a-z0-9]{1,16}", key):
        raise CellError(f"{cells.shown(key)} is not the id of an action", "1 to 16 small letters and digits, or empty")
    return key


def _refuse(view: View, columns: Iterable[str], what: str) -> None:
    for column in columns:
        if view.cell(column) is not None:
            view.wrong(column, f"{cells.shown(view.cell(column))} cannot stand with {what}", todo="empty this cell")


def _unknown(code: str, known: Collection[str], what: str) -> tuple[str, str, str]:
    near = nearest(code, known)
    return f"the benchmark has no {what} {cells.shown(code)}", "", f"did you mean “{near}”?" if near else ""
