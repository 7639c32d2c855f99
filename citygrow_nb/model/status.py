"""Which cities have answered how much of a round: the secretariat's working list, as data."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from citygrow_nb.model.fields import Address, CountryCode, Document, KeyFactorCode, Line, Name, RoundLabel, Slug

Begun = Literal["not_begun", "begun", "complete"]


class Expected(Document):
    """A city of which a self-test is expected: a row of ``expected.csv``."""

    name: Name
    """Name of the city."""
    country: CountryCode | None = None
    """Country, where the list gives it."""
    benchmark: Slug | None = None
    """Benchmark that it shall answer; none for any."""
    more: dict[str, Address] = {}
    """What else the list says of it, such as an address, by column; it goes into lists of reminders and on no page."""


class Missing(Document):
    """Questions of one key factor without an answer."""

    factor: KeyFactorCode
    """The key factor."""
    questions: int = Field(ge=1)
    """How many."""


class CityStatus(Document):
    """How far one city is in one round."""

    name: Name
    """Name of the city."""
    slug: Slug
    """Its folder name; of one that never answered the one that it would get."""
    country: CountryCode | None = None
    """Country."""
    round: RoundLabel
    """The round."""
    begun: Begun
    """Whether it has answered nothing, something, or every question; “don't know” is an answer."""
    answered: int = Field(default=0, ge=0)
    """How many questions it has answered."""
    questions: int = Field(ge=1)
    """How many there are."""
    missing: tuple[Missing, ...] = ()
    """What is missing, by key factor."""
    changed_on: Line = ""
    """Day of the last change that may be told, as in 2026-11-22."""
    before: str = ""
    """The last round before in which it took part; empty for none."""
    expected: bool = False
    """Whether it stands in the list of expected cities."""
    more: dict[str, Line] = {}
    """What else that list says of it."""
