"""From answers to scores, and what changed between two rounds. Pure functions of a benchmark and of assessments."""

from citygrow_nb.scoring.change import Changes, Direction, FactorChange, QuestionChange, compare
from citygrow_nb.scoring.scorecard import SMALLEST_GROUP, question_result, results, score, unknown, voices, weakest

__all__ = [
    "SMALLEST_GROUP",
    "Changes",
    "Direction",
    "FactorChange",
    "QuestionChange",
    "compare",
    "question_result",
    "results",
    "score",
    "unknown",
    "voices",
    "weakest",
]
