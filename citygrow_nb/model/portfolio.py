"""Many cities side by side, as data: ``portfolio.json``."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Literal, NamedTuple, Self

from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass

from citygrow_nb.model.assessment import BenchmarkRef, City
from citygrow_nb.model.fields import Document, KeyFactorCode, Line, RoundLabel, natural
from citygrow_nb.model.results import Break, Direction, Results
from citygrow_nb.model.scorecard import FactorResult, Standing


class SizeGroup(NamedTuple):
    """A group of cities of like size.

    Parameters
    ----------
    least
        The smallest number of inhabitants.
    name
        In words.
    """

    least: int
    name: str


SIZE_GROUPS = (
    SizeGroup(0, "under 50,000"),
    SizeGroup(50_000, "50,000 to 99,999"),
    SizeGroup(100_000, "100,000 to 249,999"),
    SizeGroup(250_000, "250,000 to 499,999"),
    SizeGroup(500_000, "500,000 to 999,999"),
    SizeGroup(1_000_000, "one million and more"),
)
"""Groups by number of inhabitants, smallest first: the limits of the size classes that the European Commission and the
OECD use for cities, with everything smaller than a city, and everything above a million, as one group each."""


def size_group(population: int | None) -> SizeGroup | None:
    """Return the group of a city with so many inhabitants; none when nobody said how many.

    >>> size_group(99_999).name, size_group(100_000).name
    ('50,000 to 99,999', '100,000 to 249,999')
    """
    if population is None:
        return None
    return next(group for group in reversed(SIZE_GROUPS) if population >= group.least)


# No `Document`: a portfolio of 5,000 cities holds 45,000 of them, and so they take a third of its memory. Each field
# is a `Field`, or pydantic would put those first that are.
@dataclass(
    frozen=True, slots=True, kw_only=True, config=ConfigDict(extra="forbid", ser_json_inf_nan="null", defer_build=True)
)
class FactorFigures:
    """One key factor of one city, without its questions."""

    code: KeyFactorCode = Field()
    """Code of the key factor."""
    standing: Standing = Field()
    """Where the city stands."""
    score: float | None = Field(default=None, ge=0, le=100)
    """Score, 0 to 100; none when no question is rated."""
    lower: float | None = Field(default=None, ge=0, le=100)
    """Lower bound."""
    upper: float | None = Field(default=None, ge=0, le=100)
    """Upper bound."""
    coverage: float | None = Field(default=None, ge=0, le=1)
    """Share of rated questions among those that apply; none when none applies."""
    could_be: Standing = Field()
    """Where it would stand if open and disputed questions turned out as well as they can."""
    open: int = Field(default=0, ge=0)
    """Number of questions not known yet."""
    disputed: int = Field(default=0, ge=0)
    """Number of questions on which respondents differ and the city has not agreed."""
    open_width: float = Field(default=0.0, ge=0, le=100)
    """How much of the distance between the bounds comes from questions not known yet."""
    disputed_width: float = Field(default=0.0, ge=0, le=100)
    """How much of it comes from disputed questions."""
    unanswered: int = Field(default=0, ge=0)
    """Number of questions without an answer."""
    could_turn: bool = Field(default=False)
    """Whether other thresholds or one answer one level off would turn the standing."""
    direction: Direction | None = Field(default=None)
    """Which way it went since the round before; none in the first round, and where the two cannot be compared."""
    breaks: tuple[Break, ...] = Field(default=())
    """Why the two rounds cannot be compared."""


class CityFigures(Document):
    """One self-test, without its questions: a line of the portfolio."""

    city: City
    """The city."""
    round: RoundLabel
    """The round."""
    score: float | None = Field(default=None, ge=0, le=100)
    """Weighted mean of the factors' scores; none when no factor has one."""
    lower: float | None = Field(default=None, ge=0, le=100)
    """Weighted mean of the factors' lower bounds."""
    upper: float | None = Field(default=None, ge=0, le=100)
    """Weighted mean of the factors' upper bounds."""
    coverage: float | None = Field(default=None, ge=0, le=1)
    """Share of rated questions among all that apply; none when none applies."""
    met: int = Field(ge=0)
    """Number of key factors met."""
    open: int = Field(default=0, ge=0)
    """Number of questions not known yet."""
    disputed: int = Field(default=0, ge=0)
    """Number of disputed questions."""
    open_width: float = Field(default=0.0, ge=0, le=100)
    """How much of the distance between the bounds comes from questions not known yet."""
    disputed_width: float = Field(default=0.0, ge=0, le=100)
    """How much of it comes from disputed questions."""
    lowest: float | None = Field(default=None, ge=0, le=100)
    """Overall score with the weights, each between half and double, that make it lowest."""
    highest: float | None = Field(default=None, ge=0, le=100)
    """The same with those that make it highest."""
    changed_on: Line = ""
    """Day of the last change that may be told, as in 2026-11-22."""
    direction: Direction | None = None
    """Which way it went over all questions; none in the first round, and where the two rounds cannot be compared."""
    breaks: tuple[Break, ...] = ()
    """Why the two rounds cannot be compared as a whole."""
    factors: tuple[FactorFigures, ...]
    """The key factors, in order."""

    @property
    def unanswered(self) -> int:
        """Number of questions without an answer."""
        return sum(factor.unanswered for factor in self.factors)

    @property
    def could_turn(self) -> int:
        """Number of key factors whose standing something could turn."""
        return sum(factor.could_turn for factor in self.factors)

    @classmethod
    def of(cls, results: Results) -> Self:
        """Return the figures of a self-test's results."""
        card, since, firm = results.scorecard, results.since, results.sensitivity
        moves = {item.code: item for item in since.factors} if since else {}
        turning = firm.turning

        def figures(factor: FactorResult) -> FactorFigures:
            move = moves.get(factor.code)
            return FactorFigures(
                **{name: getattr(factor, name) for name in _OF_FACTOR},
                could_turn=factor.code in turning,
                direction=move.direction if move else None,
                breaks=move.breaks if move else (),
            )

        return cls(
            city=results.city,
            round=results.round,
            factors=tuple(map(figures, card.factors)),
            **{name: getattr(card, name) for name in _OF_CARD},
            lowest=firm.lowest,
            highest=firm.highest,
            changed_on=results.changed_on,
            direction=since.direction if since else None,
            breaks=since.breaks if since else (),
        )


_OF_CARD = ("score", "lower", "upper", "coverage", "met", "open", "disputed", "open_width", "disputed_width")
_OF_FACTOR = ("code", "standing", "could_be", *_OF_CARD[:4], *_OF_CARD[5:], "unanswered")


def latest(cities: Iterable[CityFigures]) -> frozenset[tuple[str, str]]:
    """Return slug and round of each city's latest self-test: its last round as people would count.

    Parameters
    ----------
    cities
        Self-tests in any order.
    """
    found: dict[str, str] = {}
    for item in cities:
        slug = item.city.slug
        found[slug] = max(found.get(slug, item.round), item.round, key=natural)
    return frozenset(found.items())


class Portfolio(Document):
    """What the portfolio page shows, for programs: ``portfolio.json``."""

    format: Literal["citygrow-portfolio"] = "citygrow-portfolio"
    """Name of the document format."""
    version: Literal[1] = 1
    """Version of the document format."""
    benchmark: BenchmarkRef
    """Benchmark that all of them answer."""
    cities: tuple[CityFigures, ...]
    """The self-tests, by slug and round."""
    left_out: tuple[str, ...] = ()
    """Sentences on what could not be read."""

    @classmethod
    def read(cls, content: bytes) -> Self:
        """Return the portfolio in a file, validated city by city, as all at once would take three times the memory.

        Parameters
        ----------
        content
            The file, best as it was written: one that somebody has changed may be validated all at once.

        Raises
        ------
        ValidationError
            If it is no portfolio.
        """
        try:
            begin, end = content.index(_FIRST) + len(_FIRST), content.rindex(_LAST)
            frame = cls.model_validate_json(content[:begin] + content[end:])
            return frame.model_copy(update={"cities": tuple(_cities(content, begin, end))})
        except ValueError:
            return cls.model_validate_json(content)

    def around_cities(self) -> tuple[bytes, bytes]:
        """Return what stands in the file before and after the cities, so that many can be written one by one."""
        content = self.model_copy(update={"cities": ()}).model_dump_json().encode()
        place = content.index(_FIRST) + len(_FIRST)
        return content[:place], content[place:]

    def comparable(self, factors: Collection[str]) -> Self:
        """Return only self-tests with these key factors; the others are named among what is left out.

        Parameters
        ----------
        factors
            Codes of key factors, in order.
        """
        codes = list(factors)
        same = [[factor.code for factor in item.factors] == codes for item in self.cities]
        if all(same):
            return self
        others = tuple(
            f"{item.city.slug}/{item.round}: made with other key factors than those of today; make its report anew"
            for item, fits in zip(self.cities, same, strict=True)
            if not fits
        )
        cities = tuple(item for item, fits in zip(self.cities, same, strict=True) if fits)
        return self.model_copy(update={"cities": cities, "left_out": (*self.left_out, *others)})


# What stands around the cities of a file as it is written. A quotation mark within a text never stands alone there.
_FIRST, _NEXT, _LAST = b'"cities":[', b',{"city":', b'],"left_out":'


def _cities(content: bytes, begin: int, end: int) -> Iterator[CityFigures]:
    while begin < end:
        stop = content.find(_NEXT, begin, end)
        stop = end if stop < 0 else stop
        yield CityFigures.model_validate_json(content[begin:stop])
        begin = stop + 1
