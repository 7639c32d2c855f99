"""How firm a result is: what could turn it, as data."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from citygrow_nb.model.fields import Document, KeyFactorCode, QuestionCode
from citygrow_nb.model.scorecard import Standing


class LevelTurn(Document):
    """Where a key factor would stand if one answer were one level off."""

    question: QuestionCode
    """The question."""
    change: Literal[-1, 1]
    """One level lower or higher."""
    standing: Standing
    """Where the key factor would stand then."""


class FactorSensitivity(Document):
    """What could turn the standing of one key factor."""

    code: KeyFactorCode
    """Code of the key factor."""
    by_level: tuple[LevelTurn, ...] = ()
    """What one answer one level off would do; only what turns the standing."""
    by_thresholds: tuple[Standing, ...] = ()
    """Where else it would stand with thresholds up to 5 points lower or higher."""

    @property
    def turns(self) -> bool:
        """Whether anything could turn it."""
        return bool(self.by_level or self.by_thresholds)


class Sensitivity(Document):
    """What could turn a result."""

    lowest: float | None = Field(default=None, ge=0, le=100)
    """Overall score with the weights, each between half and double, that make it lowest; none where there is none."""
    highest: float | None = Field(default=None, ge=0, le=100)
    """The same with those that make it highest."""
    factors: tuple[FactorSensitivity, ...] = ()
    """The key factors, in order."""

    @property
    def turning(self) -> tuple[str, ...]:
        """Codes of the key factors whose standing something could turn, in order."""
        return tuple(factor.code for factor in self.factors if factor.turns)
