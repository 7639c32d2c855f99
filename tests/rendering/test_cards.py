"""A scorecard is computed once for what is being drawn, and never for something else."""

from __future__ import annotations

from citygrow_nb import scoring
from citygrow_nb.rendering.cards import card_of
from tests.factories import assessment, benchmark, rated


def test_same_assessment_is_scored_once() -> None:
    asked, answered = benchmark(), assessment().with_answer("KF1.Q1", rated(1))
    assert card_of(asked, answered) is card_of(asked, answered)


def test_another_assessment_or_benchmark_is_scored_anew() -> None:
    asked, answered = benchmark(), assessment().with_answer("KF1.Q1", rated(1))
    better = answered.with_answer("KF1.Q1", rated(3))
    assert card_of(asked, answered) == scoring.score(asked, answered)
    assert card_of(asked, better) == scoring.score(asked, better)
    assert card_of(asked, answered) == scoring.score(asked, answered)
    stricter = asked.model_copy(update={"key_factors": asked.key_factors[:1]})
    assert len(card_of(stricter, answered).factors) == 1
