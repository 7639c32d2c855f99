"""What is said about a change claims no more than the bounds allow."""

from __future__ import annotations

import pytest

from citygrow_nb import rendering
from citygrow_nb.model import Assessment
from citygrow_nb.scoring import compare
from tests.factories import QUESTIONS, assessment, benchmark, dont_know, not_applicable, rated


def answered(level: int | None, label: str = "2026") -> Assessment:
    made = assessment(round_label=label)
    for code in QUESTIONS:
        made = made.with_answer(code, dont_know() if level is None else rated(level))
    return made


def told(then: Assessment, now: Assessment) -> str:
    changes = compare(benchmark(), then, now)
    return rendering.changes_table(benchmark(), changes, now.round).html


@pytest.mark.parametrize(
    ("then", "now", "sentence", "word"),
    [
        (1, 2, "All questions together went up (overall score 33 then, 67 now).", "up from 33"),
        (2, 1, "All questions together went down (overall score 67 then, 33 now).", "down from 67"),
        (2, 2, "(overall score 67 then, 67 now)", "no change that this test can tell"),
        (None, 2, "is not clear: no score then, 67 now.", "not clear"),
    ],
)
def test_direction_stands_in_words(then: int | None, now: int, sentence: str, word: str) -> None:
    html = told(answered(then, "2025"), answered(now))
    assert sentence in html
    assert html.count(word) >= 2


def test_what_cannot_be_compared_is_said_so() -> None:
    """With what it was, and no direction."""
    then = assessment(round_label="2025").with_respondent("econ", "Economy")
    for code in QUESTIONS:
        then = then.with_answer(code, rated(1), "econ")
    html = told(then, answered(2))
    assert "The two rounds as a whole cannot be compared: 33 then, 67 now." in html
    assert html.count("cannot be compared, was 33") == 2


def test_other_coverage_version_voices_and_questions_are_pointed_out() -> None:
    then = assessment(round_label="2025", benchmark={"id": "demo", "version": "0.9.0"})
    then = then.with_respondent("econ", "Economy", kind="institution")
    then = then.with_answer("KF1.Q1", rated(1), "econ").with_answer("KF1.Q2", not_applicable())
    html = told(then, answered(2))
    for words in ("Coverage was 25", "version 0.9.0", "not the same voices count", "do not apply are not the same"):
        assert words in html
    assert "cg-note" not in told(answered(1, "2025"), answered(2))


def test_moved_questions_lead_to_their_answers() -> None:
    changes = compare(benchmark(), answered(1, "2025"), answered(2))
    html = rendering.changes_table(benchmark(), changes, "2026", {"KF1": "01-a.html"}).html
    assert "5 questions higher" in html
    assert '<a href="01-a.html#KF1.Q1">KF1.Q1</a> (1 → 2)' in html
