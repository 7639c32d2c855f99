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
from citygrow_nb.model.fields import CONTEXT_FACTOR, KEY_FACTOR, QUESTION, nearest
from citygrow_nb.tables import labels
from citygrow_nb.tables.cells import Cell, CellError, folded, line, shown
from citygrow_nb.tables.codes import beside, code_of, texts
from citygrow_nb.tables.dialects import Dialect, recognise
from citygrow_nb.tables.sheet import filled, letter

Layout = Literal["long", "wide", "actions"]
Line = Mapping[str, Cell]
"""What one row says, by column; what is left out is empty."""

BENCHMARK = "benchmark"
"""Column of tables that hold answers to several benchmarks."""

FACTS = ("slug", "country", "population")
WISHES = ("languages", "not_with")
"""Columns of what a city wishes of others altogether; offers and needs go by key factor."""

LONG = (
    *("city", "round", "respondent", "code", "state", "level", "comment", "evidence_title", "evidence_url"),
    *(*FACTS, "role", "kind", "from_city", "bears_on", "updated_at", *WISHES),
)
_WHO = ("role", "kind", "from_city")
WIDE = ("city", "round", "respondent", *FACTS, *_WHO)
SHOWN = ("question", "level_0", "level_1", "level_2", "level_3")
"""Columns of a long table that are there to be read by people; what stands in them counts for nothing."""
CITIES = ("city", "round", *FACTS, *WISHES, "benchmark_version")
RESPONDENTS = ("city", "round", "slug", "respondent", "role", "kind", "from_city")
ACTIONS = (
    *("city", "round", "slug", "action", "what", "who", "by_when", "budget", "indicator", "questions"),
    *("targets", "status", "with_city", "updated_at"),
)
SHEETS = {"cities": CITIES, "respondents": RESPONDENTS, "actions": ACTIONS}
"""Further sheets of an XLSX file and their columns."""

_ALSO = {
    "city": "municipality, town, city name, stadt, gemeinde, kommune, ville, commune, ciudad, municipio, città, "
    "comune, cidade, stad, gemeente, miasto, gmina, město, mesto, oraș, város, град, πόλη, місто, şehir, kaupunki",
    "round": "year, jahr, année, año, anno, ano, jaar, rok, år, an, év, година, έτος, рік, vuosi, yıl",
    "country": "land, staat, pays, país, paese, kraj, země, krajina, țara, ország, държава, χώρα, країна, maa, ülke",
    "population": "inhabitants, number of inhabitants, einwohner, habitants, habitantes, abitanti, inwoners, ludność",
    "respondent": "answered by, department, institution, abteilung, service, departamento, ufficio, afdeling",
    "comment": "comments, remarks, kommentar, bemerkung, commentaire, comentario, commento, opmerking, komentarz",
}
_MEANT = {folded(word): column for column, words in _ALSO.items() for word in words.split(", ")}
_MEANT |= {folded(labels.WHO): "role", folded(labels.WHOM): "kind"}
"""What people call known columns, in short: the languages of the cities, not all of their words."""

_BESIDE = {"comment": "the comments on", "evidence_title": "the evidence for", "evidence_url": "the link that shows"}

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
    beside
        Codes of the wide layout, and what is said of their answers in a column of its own, by position.
    meant
        What columns mean that are called otherwise, by position.
    survey
        Whether each row is a respondent's, as survey tools export them.
    dialect
        The tool, where it is known.
    aside
        Columns that are of no use here, by position.
    wishes
        Offers and needs of mentors in the wide layout: which, and on which key factor, by position.
    """

    layout: Layout
    columns: dict[str, int]
    codes: dict[int, str]
    names: list[str]
    strange: dict[int, Problem]
    foreign: dict[int, Problem] = field(default_factory=dict)
    extra: bool = False
    beside: dict[int, tuple[str, str]] = field(default_factory=dict)
    meant: dict[int, str] = field(default_factory=dict)
    survey: bool = False
    dialect: Dialect | None = None
    aside: tuple[int, ...] = ()
    wishes: dict[int, tuple[str, str]] = field(default_factory=dict)

    def name(self, column: int) -> str:
        """Return what to call a column."""
        return self.names[column] if column < len(self.names) and self.names[column] else letter(column)

    def unknown(self, width: int) -> list[int]:
        """Return the columns of a row of this width that nothing is known of: strange ones and those without a name."""
        known = self._known
        return [column for column in range(width) if column not in known]

    @cached_property
    def _known(self) -> frozenset[int]:
        return frozenset((*self.columns.values(), *self.codes, *self.beside, *self.aside, *self.wishes))


@dataclass
class _Columns:
    allowed: Sequence[str]
    codes: Collection[str]
    asked: Sequence[str]
    texts: Mapping[str, str]
    others: Collection[str] = ()
    foreign: dict[int, Problem] = field(default_factory=dict)
    found: dict[str, int] = field(default_factory=dict)
    beside: dict[tuple[str, str], int] = field(default_factory=dict)
    survey: bool = False
    dialect: Dialect | None = None
    aside: list[int] = field(default_factory=list)
    strange: dict[int, Problem] = field(default_factory=dict)
    meant: dict[int, str] = field(default_factory=dict)
    factors: Collection[str] = ()
    wishes: dict[int, tuple[str, str]] = field(default_factory=dict)

    def place(self, position: int, name: str) -> None:
        """Note what a named column holds, or what is wrong with its name."""
        column = re.sub(r"[\s-]+", "_", name.casefold())
        if self.dialect is not None and self.dialect.is_own(name):
            self.aside.append(position)
            return
        if column in SHOWN and "code" in self.allowed:
            self.aside.append(position)
            return
        if (wish := wish_of(name)) and (wish[1] in self.factors or self._is_foreign(wish[1])):
            if wish[1] not in self.factors:
                self._foreign(position, wish[1])
            elif wish in self.wishes.values():
                self.strange[position] = Problem("", "there are two columns of this name", todo="keep one of them")
            else:
                self.wishes[position] = wish
            return
        key = self._key(name, column)
        about = ("", "") if key else beside(name, self.codes)
        meaning = (f"“{key}”" if key else "") or (f"{_BESIDE[about[1]]} {about[0]}" if about[0] else "")
        plain = name.upper() == key or column == key
        if key in self.found or about in self.beside:
            wrong = "there are two columns of this name" if plain else f"this means {meaning}, as another column does"
            self.strange[position] = Problem("", wrong, todo="keep one of them")
        elif meaning:
            if key:
                self.found[key] = position
            else:
                self.beside[about] = position
            if not plain:
                self.meant[position] = key or meaning
        elif foreign := code_of(name, self.others):
            self._foreign(position, foreign)
        elif self.survey and not _LIKE_A_CODE.search(name.upper().rsplit("/", 1)[-1]):
            self.aside.append(position)
        else:
            near = nearest(name.upper(), self.asked) if _LIKE_A_CODE.match(name.upper()) else ""
            near = near or get_close_matches(column, self.allowed, n=1, cutoff=0.0)[0]
            self.strange[position] = Problem(
                "", "there is no column of this name", todo=f"rename it (the nearest is “{near}”) or delete it"
            )

    def _is_foreign(self, factor: str) -> bool:
        return any(code.startswith(f"{factor}.") for code in self.others)

    def _foreign(self, position: int, code: str) -> None:
        todo = "empty the cells, or mend the column “benchmark”"
        self.foreign[position] = Problem("", f"the benchmark of these rows has no {code}", todo=todo)

    def _key(self, name: str, column: str) -> str:
        """Return the code or the known column that a name means; empty if it means none."""
        if name.upper() in self.codes:
            return name.upper()
        if column in self.allowed:
            return column
        if self.survey and (last := column.rsplit("/", 1)[-1]) in self.allowed:
            return last
        meant = _MEANT.get(folded(name), "")
        if meant in self.allowed:
            return meant
        code = code_of(name, self.codes) or self.texts.get(folded(name), "")
        return code if code in self.codes else ""


def read_header(
    cells: Sequence[Cell], benchmark: Benchmark, sheet: str = "", others: Collection[str] = (), *, city: bool = False
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
    city
        Whether the city is known without a column.

    Returns
    -------
    tuple
        The header, and what keeps the table from being used at all: missing columns. Problems have no place yet.
    """
    names = [_name(cell) for cell in cells]
    known = codes(benchmark)
    extra = extra_sheet(cells, sheet)
    by_text = texts(benchmark)
    has_code = any(name.casefold() == "code" for name in names)
    has_codes = any(
        name.upper() in known or _LIKE_A_CODE.match(name.upper()) or code_of(name, known) or folded(name) in by_text
        for name in names
    )
    layout: Layout = "actions" if extra == "actions" else "long" if has_code or extra or not has_codes else "wide"
    allowed = (*(SHEETS[extra] if extra else (*WIDE, *WISHES) if layout == "wide" else LONG), BENCHMARK)
    wide = layout == "wide"
    dialect = recognise(names) if wide else None
    columns = _Columns(
        allowed, known if wide else (), asked(benchmark) if wide else (), by_text, others if wide else ()
    )
    columns.dialect = dialect
    columns.factors = factors(benchmark) if wide else ()
    columns.survey = dialect is not None or (wide and city and not any(map(means_city, names)))
    for position, name in enumerate(names):
        if name:
            columns.place(position, name)
    by_code = {position: key for key, position in columns.found.items() if key in columns.codes}
    plain = {key: position for key, position in columns.found.items() if position not in by_code}
    problems = []
    if "city" not in plain and not city:
        todo = "name the city when you import the file: --city" if columns.survey else ""
        problems.append(Problem("", "there is no column “city”", "the first row holds the names of the columns", todo))
    if layout == "long" and "code" not in plain and not extra:
        problems.append(
            Problem(
                "",
                "there is no column of answers",
                f"a column “code” (one answer a row), or columns named {asked(benchmark)[0]}, … (one city a row)",
            )
        )
    header = Header(
        layout,
        plain,
        by_code,
        names,
        columns.strange,
        columns.foreign,
        bool(extra),
        {position: about for about, position in columns.beside.items()},
        columns.meant,
        columns.survey,
        dialect,
        tuple(columns.aside),
        columns.wishes,
    )
    return header, problems


def extra_sheet(cells: Sequence[Cell], sheet: str) -> str:
    """Return which of :data:`SHEETS` this is; empty if it is none."""
    names = [_name(cell) for cell in cells]
    own = SHEETS.get(sheet.casefold(), ())
    return sheet.casefold() if own and {"city", "slug"} <= set(names) <= {*own, BENCHMARK, ""} else ""


def is_table(cells: Sequence[Cell], benchmark: Benchmark) -> bool:
    """Tell whether a row looks like the header of a table of answers."""
    names = {_name(cell) for cell in cells}
    known, by_text = codes(benchmark), texts(benchmark)
    return (any(map(means_city, names)) or recognise(list(names)) is not None) and any(
        name.casefold() == "code" or code_of(name, known) or folded(name) in by_text for name in names
    )


def means_city(name: str) -> bool:
    """Tell whether a column of this name holds the names of cities."""
    return name.casefold() == "city" or _MEANT.get(folded(name)) == "city"


def asked(benchmark: Benchmark) -> list[str]:
    """Return the codes of all guide questions and context factors, in order."""
    return [*benchmark.questions, *benchmark.contexts]


def codes(benchmark: Benchmark) -> frozenset[str]:
    """Return all codes that answers may have: those that are asked, and retired ones."""
    retired = (code for code in benchmark.retired if re.match(QUESTION, code) or re.match(CONTEXT_FACTOR, code))
    return frozenset((*asked(benchmark), *retired))


def factors(benchmark: Benchmark) -> frozenset[str]:
    """Return all codes that key factors have or had."""
    return frozenset((*benchmark.factors, *(code for code in benchmark.retired if re.match(KEY_FACTOR, code))))


def wish_of(name: str) -> tuple[str, str] | None:
    """Return which wish of a mentor a wide table's column holds, and on which key factor; None for other columns.

    >>> wish_of("KF1.offer"), wish_of("kf 6 need"), wish_of("KF1.Q1")
    (('offer', 'KF1'), ('need', 'KF6'), None)
    """
    found = re.fullmatch(r"KF[\s._-]*([1-9]\d?)[\s._-]*(offer|need)s?", name.strip(), re.IGNORECASE)
    return (found[2].lower(), f"KF{found[1]}") if found else None


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
