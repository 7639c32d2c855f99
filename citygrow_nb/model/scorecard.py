"""The scorecard: what scoring makes of an assessment. All scores are 0 to 100, all coverages 0 to 1."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from pydantic import Field

from citygrow_nb.model.assessment import BenchmarkRef, City, ContextReading
from citygrow_nb.model.fields import ContextCode, Document, KeyFactorCode, QuestionCode, RoundLabel


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


class Spread(Document):
    """How far apart respondents are; only given for groups large enough not to show a single person."""

    low: int = Field(ge=0, le=3)
    """Lowest level given."""
    high: int = Field(ge=0, le=3)
    """Highest level given."""


class QuestionResult(Document):
    """One question after all respondents are taken together."""

    code: QuestionCode
    """Code of the question."""
    state: QuestionState
    """State that counts."""
    level: float | None = Field(default=None, ge=0, le=3)
    """Level that counts: the agreed one, or the mean over respondents; 0 to 3."""
    basis: Literal["agreed", "respondents"] | None = None
    """Whose answer counts; none when unanswered."""
    respondents: int = Field(default=0, ge=0)
    """How many respondents, other than the agreed answer, answered the question."""
    raters: int = Field(default=0, ge=0)
    """How many of those gave a level; mean and spread are over these."""
    spread: Spread | None = None
    """How far apart those who gave a level are, where they are enough to be shown."""


class FactorResult(Document):
    """One key factor."""

    code: KeyFactorCode
    """Code of the key factor."""
    score: float | None = Field(default=None, ge=0, le=100)
    """100 × mean level / 3 over rated questions; none when no question is rated."""
    lower: float | None = Field(default=None, ge=0, le=100)
    """Score if every unknown question were at level 0; none when no question applies."""
    upper: float | None = Field(default=None, ge=0, le=100)
    """Score if every unknown question were at level 3; none when no question applies."""
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
    questions: tuple[QuestionResult, ...]
    """The questions, in order."""


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


class Results(Document):
    """What a report leaves for programs: ``results.json``."""

    format: Literal["citygrow-results"] = "citygrow-results"
    """Name of the document format."""
    version: Literal[1] = 1
    """Version of the document format."""
    benchmark: BenchmarkRef
    """Benchmark that was used for scoring."""
    city: City
    """The city."""
    round: RoundLabel
    """The round."""
    scorecard: Scorecard
    """Scores, bounds, coverage, standings."""
    context: dict[ContextCode, ContextReading] = {}
    """Context readings; they explain and never change a score."""
