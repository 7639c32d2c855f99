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
    WITHHELD = "withheld"
    """Fewer than five persons answered some question of the key factor; whether this one is among them is not shown."""


class Standing(StrEnum):
    """Where a city stands on a key factor."""

    MET = "met"
    CLOSE = "close"
    GAP = "gap"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not_applicable"


class Spread(Document):
    """How far apart the voices on one question are. Where persons of several roles are taken together, each has one."""

    low: float = Field(ge=0, le=3)
    """Level of the lowest voice."""
    high: float = Field(ge=0, le=3)
    """Level of the highest voice."""


class Voice(Document):
    """What counts as one where nothing is agreed: an institution, or all persons of one role together."""

    name: Name
    """Role of the institution, or of the persons; where several roles are taken together, that they are."""
    kind: Literal["institution", "persons"]
    """Whose voice it is."""
    state: State
    """Rated if anybody of them rated; not applicable if all say so; else don't know."""
    level: float | None = Field(default=None, ge=0, le=3)
    """Level of the institution, or mean over the persons who gave one."""
    levels: tuple[int, int, int, int] | None = None
    """How many persons gave each level, 0 to 3; at least five in all."""
    pooled: bool = False
    """Whether they are persons of several roles, each with too few to be shown."""
    from_city: Line = ""
    """City that the institution comes from, where it reviews this one."""


class QuestionResult(Document):
    """One question after all respondents are taken together: only what may be shown of them."""

    code: QuestionCode
    """Code of the question."""
    state: QuestionState
    """State that counts."""
    level: float | None = Field(default=None, ge=0, le=3)
    """Level that counts: the agreed one, or the mean over voices, to two digits; 0 to 3."""
    basis: Literal["agreed", "respondents"] | None = None
    """Whose answer counts; none when unanswered."""
    respondents: int = Field(default=0, ge=0)
    """How many respondents, other than the agreed answer, answered the question."""
    raters: int = Field(default=0, ge=0)
    """How many of those gave a level."""
    voices: tuple[Voice, ...] = ()
    """What they said, beside the agreed answer or in its place; institutions first, by name."""
    spread: Spread | None = None
    """How far apart the voices that rate are, where there are two at least."""
    disputed: bool = False
    """Whether they differ, and the city has not agreed on an answer."""
    consensus: float | None = Field(default=None, ge=0, le=1)
    """How far respondents agree, from 0 (half at either end) to 1 (all alike), each voice with the same weight; none
    for fewer than two. Tastle & Wierman 2007, on the four levels."""


class FactorResult(Document):
    """One key factor."""

    code: KeyFactorCode
    """Code of the key factor."""
    score: float | None = Field(default=None, ge=0, le=100)
    """100 × mean level / 3 over rated questions; none when no question is rated."""
    lower: float | None = Field(default=None, ge=0, le=100)
    """Score if every unknown question were at level 0, and every disputed one at its lowest voice; none when no
    question applies."""
    upper: float | None = Field(default=None, ge=0, le=100)
    """Score if every unknown question were at level 3, and every disputed one at its highest voice."""
    coverage: float = Field(ge=0, le=1)
    """Share of questions that are rated or not applicable."""
    standing: Standing
    """Where the city stands."""
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
    withheld: bool = False
    """Whether fewer than five persons have answered some question: they count in the score, and nothing else tells of
    them."""
    questions: tuple[QuestionResult, ...]
    """The questions, in order."""

    @property
    def open(self) -> int:
        """Number of questions not known yet."""
        return self.dont_know + self.unanswered


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
    coverage: float = Field(ge=0, le=1)
    """Share of all questions that are rated or not applicable."""
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
