"""What a report leaves for programs: ``results.json``."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from citygrow_nb.model.assessment import BenchmarkRef, City, ContextReading
from citygrow_nb.model.fields import ContextCode, Document, KeyFactorCode, Line, RoundLabel, Version
from citygrow_nb.model.mentoring import Mentoring
from citygrow_nb.model.scorecard import Scorecard
from citygrow_nb.model.sensitivity import Sensitivity


class Direction(StrEnum):
    """Which way something went."""

    UP = "up"
    DOWN = "down"
    SAME = "same"
    """No change that this test can tell."""
    UNCLEAR = "unclear"
    """Open or disputed answers could turn it, or too few questions are known in both rounds."""


class Break(StrEnum):
    """Why two rounds cannot be compared."""

    WORDING = "wording"
    """A question was worded anew between the versions of the benchmark that were answered."""
    VOICES = "voices"
    """Not the same people answered: the city's agreed answer in one round and respondents in the other, or others."""


class SinceFactor(Document):
    """What became of one key factor since the round before."""

    code: KeyFactorCode
    """Code of the key factor."""
    direction: Direction | None
    """Which way it went; none where the two rounds cannot be compared on it."""
    breaks: tuple[Break, ...] = ()
    """Why the two rounds cannot be compared on it; none where they can."""


class Since(Document):
    """What became of the city since the round before."""

    round: RoundLabel
    """The round before."""
    direction: Direction | None
    """Which way it went over all questions; none where the two rounds cannot be compared as a whole."""
    breaks: tuple[Break, ...] = ()
    """Why the two rounds cannot be compared as a whole."""
    factors: tuple[SinceFactor, ...]
    """The key factors, in order."""


class Results(Document):
    """What a report leaves for programs: ``results.json``."""

    format: Literal["citygrow-results"] = "citygrow-results"
    """Name of the document format."""
    version: Literal[1] = 1
    """Version of the document format."""
    benchmark: BenchmarkRef
    """Benchmark that was used for scoring."""
    answered: Version
    """Version of the benchmark that was answered."""
    city: City
    """The city."""
    round: RoundLabel
    """The round."""
    changed_on: Line = ""
    """Day of the last change that may be told, as in 2026-11-22; empty where there is none."""
    scorecard: Scorecard
    """Scores, bounds, coverage, standings."""
    sensitivity: Sensitivity
    """What could turn them."""
    since: Since | None = None
    """What became of the city since the round before; none in the first."""
    context: dict[ContextCode, ContextReading] = {}
    """Context readings; they explain and never change a score."""
    mentoring: Mentoring = Mentoring()
    """What the city would give and would like, as a mentor of other cities and as one that wants one."""
