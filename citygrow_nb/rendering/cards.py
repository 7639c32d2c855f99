"""The scorecard of what is being drawn: many fragments of one page set lean on the same."""

from __future__ import annotations

from citygrow_nb import scoring
from citygrow_nb.model import Assessment, Benchmark, QuestionResult, Scorecard

_last: list[tuple[Benchmark, Assessment, Scorecard]] = []


def card_of(benchmark: Benchmark, assessment: Assessment) -> Scorecard:
    """Return the scorecard, computed once while the same assessment is drawn.

    Parameters
    ----------
    benchmark, assessment
        What was asked and answered. Both are values that nobody changes, so the same object has the same score.
    """
    for asked, answered, card in _last:
        if asked is benchmark and answered is assessment:
            return card
    card = scoring.score(benchmark, assessment)
    _last[:] = [(benchmark, assessment, card)]
    return card


def question_result(benchmark: Benchmark, assessment: Assessment, code: str) -> QuestionResult:
    """Return one question's result as its key factor shows it."""
    result = card_of(benchmark, assessment).factor(code.partition(".")[0])
    return next(question for question in result.questions if question.code == code)
