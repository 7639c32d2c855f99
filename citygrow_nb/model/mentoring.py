"""Cities that mentor cities: what a city offers and needs, and who was found for whom, as data."""

from __future__ import annotations

from collections import Counter
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, model_validator

from citygrow_nb.model.fields import Document, KeyFactorCode, Line, Name, RoundLabel, Slug, Version, not_a_switch

MOST_MENTEES = 20
"""Most cities that one city mentors on one key factor."""

Priority = Annotated[Literal[1, 2, 3], BeforeValidator(not_a_switch)]
PRIORITIES = {1: "urgent", 2: "soon", 3: "when it suits"}
"""How urgent a need is, in words."""


def _one_city(name: str) -> str:
    if ";" in name:
        raise ValueError("one city a name; a semicolon parts them in tables")
    return name


CityName = Annotated[Name, AfterValidator(_one_city)]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")]


class Offer(Document):
    """A key factor on which a city would mentor others."""

    factor: KeyFactorCode
    """Code of the key factor."""
    capacity: Annotated[int, BeforeValidator(not_a_switch)] = Field(default=1, ge=1, le=MOST_MENTEES)
    """How many cities it would mentor on it."""


class Need(Document):
    """A key factor on which a city would like a mentor."""

    factor: KeyFactorCode
    """Code of the key factor."""
    priority: Priority = 2
    """1 urgent, 2 soon, 3 when it suits."""


class Mentoring(Document):
    """What a city offers to others and would like from them."""

    offers: tuple[Offer, ...] = ()
    """Key factors on which it would mentor."""
    needs: tuple[Need, ...] = ()
    """Key factors on which it wants a mentor."""
    languages: tuple[Language, ...] = ()
    """Languages in which it can work together, ISO 639."""
    not_with: tuple[CityName, ...] = ()
    """Cities with which it does not want to be brought together, by name or folder name."""

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        for what, codes in (
            ("offered", [item.factor for item in self.offers]),
            ("needed", [item.factor for item in self.needs]),
        ):
            twice = [code for code, count in Counter(codes).items() if count > 1]
            if twice:
                raise ValueError(f"{twice[0]} is {what} twice; name it once")
        return self

    @property
    def is_empty(self) -> bool:
        """Whether nothing at all was said."""
        return not (self.offers or self.needs or self.languages or self.not_with)


class FitWeights(Document):
    """How many points each part of a fit can bring."""

    distance: float = Field(default=40, ge=0, le=1000)
    """How much further the mentor is on the key factor."""
    context: float = Field(default=20, ge=0, le=1000)
    """How alike the two read their context."""
    size: float = Field(default=15, ge=0, le=1000)
    """How alike they are in size."""
    language: float = Field(default=15, ge=0, le=1000)
    """Whether they share a language."""
    urgency: float = Field(default=10, ge=0, le=1000)
    """How urgent the need is."""


class Fit(Document):
    """How well a mentor fits a need: points by part."""

    distance: float = Field(ge=0)
    """For how much further the mentor is."""
    context: float = Field(ge=0)
    """For like readings of the context."""
    size: float = Field(ge=0)
    """For like size."""
    language: float = Field(ge=0)
    """For a shared language."""
    urgency: float = Field(ge=0)
    """For the urgency of the need."""

    @property
    def total(self) -> float:
        """All points together."""
        return round(self.distance + self.context + self.size + self.language + self.urgency, 2)


class Party(Document):
    """One city in a match."""

    name: Name
    """Name of the city."""
    slug: Slug
    """Its folder name."""
    round: RoundLabel
    """Round that counts."""


class Decision(Document):
    """What a secretariat decides on one mentor and one city, whatever the points say."""

    decision: Literal["pin", "ban"]
    """Bring the two together, or never."""
    factor: KeyFactorCode
    """The key factor."""
    mentor: Name
    """City that would mentor, by name or folder name."""
    mentee: Name
    """City that wants a mentor, by name or folder name."""
    benchmark: Slug | None = None
    """Benchmark to which the key factor belongs; none where there is only one."""


class Alternative(Document):
    """Another mentor who could have been found for a need, and why it was not."""

    mentor: Party
    """The city."""
    points: float = Field(ge=0)
    """How well it would fit."""
    reason: Line
    """Why another one was found."""


class Match(Document):
    """One mentor city for one need, with its reasons."""

    factor: KeyFactorCode
    """The key factor."""
    mentor: Party
    """City that mentors."""
    mentee: Party
    """City that wanted a mentor."""
    priority: Priority
    """How urgent that is to it."""
    pinned: bool = False
    """Whether the secretariat has fixed it."""
    fit: Fit
    """How well they fit."""
    reasons: tuple[Line, ...]
    """Why, in sentences."""
    alternatives: tuple[Alternative, ...] = ()
    """The next best, and why it was not them."""


class Unserved(Document):
    """A need for which there is no mentor."""

    factor: KeyFactorCode
    """The key factor."""
    mentee: Party
    """City that wanted a mentor."""
    priority: Priority
    """How urgent that is to it."""
    reason: Line
    """Why there is none."""


class Matching(Document):
    """Who mentors whom in a network: ``mentoring.json``."""

    format: Literal["citygrow-mentoring"] = "citygrow-mentoring"
    """Name of the document format."""
    version: Literal[1] = 1
    """Version of the document format."""
    benchmark: Slug
    """Id of the benchmark."""
    benchmark_version: Version
    """Version of its content."""
    cities: int = Field(ge=0)
    """How many cities there are."""
    offering: int = Field(ge=0)
    """How many of them would mentor others."""
    matches: tuple[Match, ...]
    """The matches, by key factor and name."""
    unserved: tuple[Unserved, ...]
    """Needs that nobody serves, by key factor and name."""
    total: float = Field(ge=0)
    """Points of all matches together."""
    gap: float = Field(default=0.0, ge=0)
    """By how many points at most the best possible is above that; 0 where this is the best."""
    notes: tuple[Line, ...] = ()
    """Sentences on wishes and decisions that could not be honoured."""
