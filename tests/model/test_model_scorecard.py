"""The scorecard as a value."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from citygrow_nb.model import BenchmarkRef, City, FactorResult, Results, Scorecard, Sensitivity, Standing

FACTOR = FactorResult(
    code="KF1",
    coverage=0,
    standing=Standing.UNKNOWN,
    could_be=Standing.MET,
    rated=0,
    not_applicable=0,
    dont_know=0,
    unanswered=1,
    questions=(),
)
CARD = Scorecard(factors=(FACTOR,), coverage=0, met=0)


def test_factor_is_found_by_code() -> None:
    """A code that is not there is a KeyError, not a neighbour."""
    assert CARD.factor("KF1") is FACTOR
    with pytest.raises(KeyError):
        CARD.factor("KF2")


def test_scores_stay_in_range() -> None:
    """A score above 100 would be a fault of scoring, and shows here."""
    with pytest.raises(ValidationError):
        FactorResult.model_validate(FACTOR.model_dump() | {"score": 100.1})
    with pytest.raises(ValidationError):
        FactorResult.model_validate(FACTOR.model_dump() | {"coverage": 1.1})


def test_results_survive_json() -> None:
    """No score is null, not zero, and comes back as such."""
    city = City(name="Żabia", slug="zabia")
    results = Results(
        benchmark=BenchmarkRef(id="demo", version="1.0.0"),
        answered="1.0.0",
        city=city,
        round="2026",
        scorecard=CARD,
        sensitivity=Sensitivity(),
    )
    again = Results.model_validate_json(results.model_dump_json())
    assert again == results
    assert again.scorecard.score is None
