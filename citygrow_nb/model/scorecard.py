"""The scorecard: what scoring makes of an assessment. All scores are 0 to 100, all coverages 0 to 1."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from pydantic import Field

from citygrow_nb.model.assessment import State
from citygrow_nb.model.fields import Document, KeyFactorCode, Line, Name, QuestionCode


class QuestionState(StrEnum):
    """State of a question after all respondents are taken together."""

    RATED = "rated"
    DONT_KNOW = "dont_know"
    NOT_APPLICABLE = "not_applicable"
    UNANSWERED = "unanswered"


class Standing(StrEnum):
    """Where a city stands on a key factor."""

    MET = "met"
    CLOSE = "close"
    GAP = "gap"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not_applicable"


class Voice(Document):
    """What counts as one where nothing is agreed: an institution, or all persons of one role together."""

    key: str
    """What an agreed answer names it by: the institution's key, or the role of the persons in small letters."""
    name: Name
    """Role of the institution, or of the persons."""
    kind: Literal["institution", "persons"]
    """Whose voice it is."""
    state: State
    """What it says; persons are counted only with a level."""
    level: float | None = Field(default=None, ge=0, le=3)
    """Level of the institution, or mean over the persons, to six digits."""
    low: int | None = Field(default=None, ge=0, le=3)
    """Lower quartile; of an institution its level."""
    high: int | None = Field(default=None, ge=0, le=3)
    """Upper quartile."""
    levels: tuple[int, int, int, int] | None = None
    """How many persons gave each level, 0 to 3; at least five in all."""
    from_city: Line = ""
    """City that the institution comes from, where it reviews this one."""


class QuestionResult(Document):
    """One question after all voices are taken together."""

    code: QuestionCode
    """Code of the question."""
    state: QuestionState
    """State that counts."""
    level: float | None = Field(default=None, ge=0, le=3)
    """Level that counts: the agreed one, or the mean over voices, to six digits; 0 to 3."""
    low: int | None = Field(default=None, ge=0, le=3)
    """The lowest level that it can turn out to have; none where it does not apply."""
    high: int | None = Field(default=None, ge=0, le=3)
    """The highest level that it can turn out to have."""
    basis: Literal["agreed", "voices"] | None = None
    """What counts; none when unanswered."""
    voices: tuple[Voice, ...] = ()
    """What was said, beside the agreed answer or in its place: institutions by name, then persons by role."""
    reviews: tuple[Voice, ...] = ()
    """What reviewers from other cities say; it stands beside and counts nothing."""
    disputed: bool = False
    """Whether voices differ and the city has not agreed, or its agreed answer is contested."""
    contested: bool = False
    """Whether a voice that is new, or has changed its level, differs from the agreed answer."""
    consensus: float | None = Field(default=None, ge=0, le=1)
    """How far respondents agree, from 0 (half at either end) to 1 (all alike), each voice with the same weight; none
    for fewer than two. Tastle & Wierman 2007, on the four levels."""

    @property
    def respondents(self) -> int:
        """How many institutions and persons stand behind the voices."""
        return sum(sum(voice.levels) if voice.levels else 1 for voice in self.voices)

    @property
    def applies(self) -> bool:
        """Whether it is in the sums: it applies, or may."""
        return self.low is not None


class FactorResult(Document):
    """One key factor."""

    code: KeyFactorCode
    """Code of the key factor."""
    score: float | None = Field(default=None, ge=0, le=100)
    """100 × mean level / 3 over rated questions; none when no question is rated."""
    lower: float | None = Field(default=None, ge=0, le=100)
    """100 × sum of the lowest levels that questions can turn out to have / 3 / their number; none when none applies."""
    upper: float | None = Field(default=None, ge=0, le=100)
    """The same with the highest levels."""
    coverage: float | None = Field(default=None, ge=0, le=1)
    """Share of rated questions among those that apply; none when none applies."""
    standing: Standing
    """Where the city stands, whatever open and disputed questions turn out to be."""
    could_be: Standing
    """Where it would stand if they all turned out as well as they can."""
    decides: QuestionCode | None = None
    """The open or disputed question on whose answer most depends; none where everything is known."""
    rated: int = Field(ge=0)
    """Number of rated questions."""
    not_applicable: int = Field(ge=0)
    """Number of questions that do not apply."""
    dont_know: int = Field(ge=0)
    """Number of questions to which nobody knows the answer."""
    unanswered: int = Field(ge=0)
    """Number of questions without an answer."""
    disputed: int = Field(default=0, ge=0)
    """Number of questions on which respondents differ and the city has not agreed."""
    open_width: float = Field(default=0.0, ge=0, le=100)
    """How much of the distance between the bounds comes from questions not known yet."""
    disputed_width: float = Field(default=0.0, ge=0, le=100)
    """How much of it comes from disputed questions."""
    consensus: float | None = Field(default=None, ge=0, le=1)
    """Mean over the questions that have one."""
    questions: tuple[QuestionResult, ...]
    """The questions, in order."""

    @property
    def open(self) -> int:
        """Number of questions not known yet."""
        return self.dont_know + self.unanswered

    @property
    def applies(self) -> bool:
        """Whether any question applies."""
        return self.lower is not None


class Scorecard(Document):
    """All key factors of one assessment, and the whole."""

    factors: tuple[FactorResult, ...]
    """The key factors, in order."""
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
    open_width: float = Field(default=0.0, ge=0, le=100)
    """How much of the distance between the bounds comes from questions not known yet."""
    disputed_width: float = Field(default=0.0, ge=0, le=100)
    """How much of it comes from disputed questions."""

    @property
    def open(self) -> int:
        """Number of questions not known yet."""
        return sum(factor.open for factor in self.factors)

    @property
    def disputed(self) -> int:
        """Number of disputed questions."""
        return sum(factor.disputed for factor in self.factors)

    def factor(self, code: str) -> FactorResult:
        """Return one key factor's result.

        Raises
        ------
        KeyError
            If the benchmark has no such key factor.
        """
        for result in self.factors:
            if result.code == code:
                return result
        raise KeyError(code)
