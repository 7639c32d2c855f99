"""From answers to scores, and what changed between two rounds. Pure functions of a benchmark and of assessments."""

from citygrow_nb.scoring.change import Changes, Direction, FactorChange, QuestionChange, compare
from citygrow_nb.scoring.scorecard import (
    agreed_on,
    disputed,
    question_result,
    results,
    score,
    self_and_peers,
    to_agree,
    unknown,
    weakest,
)
from citygrow_nb.scoring.voices import (
    SEVERAL_ROLES,
    SMALLEST_GROUP,
    Statement,
    consensus,
    has_few_persons,
    statements,
)

__all__ = [
    "SEVERAL_ROLES",
    "SMALLEST_GROUP",
    "Changes",
    "Direction",
    "FactorChange",
    "QuestionChange",
    "Statement",
    "agreed_on",
    "compare",
    "consensus",
    "disputed",
    "has_few_persons",
    "question_result",
    "results",
    "score",
    "self_and_peers",
    "statements",
    "to_agree",
    "unknown",
    "weakest",
]
