"""The page on method says how, with which limits, and from what."""

from __future__ import annotations

from datetime import timedelta

from citygrow_nb import rendering
from citygrow_nb.rendering import Provenance
from citygrow_nb.rendering.method import date_of
from tests.factories import MORNING, assessment, benchmark, rated

MADE = Provenance("d" * 64, "b" * 64, {"citygrow": "9.9.9"})


def test_everything_that_shaped_the_report_is_named() -> None:
    answered = assessment().with_answer("KF1.Q1", rated(1, updated_at=MORNING))
    html = rendering.method(benchmark(), answered, MADE).html
    for words in ("d" * 64, "b" * 64, "citygrow 9.9.9", "version 1.0.0", "22 November 2026", "not a ranking"):
        assert words in html
    assert "this project's reading" in html


def test_limits_are_those_of_the_benchmark() -> None:
    scale = benchmark().scale.model_copy(
        update={
            "thresholds": benchmark().scale.thresholds.model_copy(update={"met_lower_bound": 81.0}),
            "weights": {"KF1": 2.0, "KF2": 1.0},
        }
    )
    html = rendering.method(benchmark(scale=scale), assessment(), MADE).html
    assert "the lower bound is 81 or more" in html
    assert "KF1 2, KF2 1" in html
    assert "no date recorded" in html


def test_date_is_that_of_the_last_change_wherever_it_was_made() -> None:
    late = rated(1, updated_at=MORNING + timedelta(days=9))
    known = assessment().with_respondent("econ", "Economy")
    answered = known.with_answer("KF1.Q1", late, "econ").with_answer("KF1.Q2", rated(1, updated_at=MORNING))
    assert date_of(answered) == "1 December 2026"
    assert date_of(assessment()) == ""
