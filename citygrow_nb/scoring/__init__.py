"""From answers to scores, and what changed between two rounds. Pure functions of a benchmark and of assessments."""

from citygrow_nb.scoring.change import Changes, FactorChange, QuestionChange, compare, tolerance
from citygrow_nb.scoring.follow_up import FollowUp, Reached, follow_up, is_overdue
from citygrow_nb.scoring.results import figures, last_change, results
from citygrow_nb.scoring.scorecard import (
    agreed_on,
    disputed,
    question_result,
    score,
    self_and_peers,
    to_agree,
    unknown,
    weakest,
)
from citygrow_nb.scoring.sensitivity import SHIFT, sensitivity
from citygrow_nb.scoring.status import last_round, statuses
from citygrow_nb.scoring.trend import FEWEST_ROUNDS, Line, Moved, Point, Trend, trend, trend_of
from citygrow_nb.scoring.voices import Statement, against, agreed_over_voices, consensus, levels_of_voices, statements

__all__ = [
    "FEWEST_ROUNDS",
    "SHIFT",
    "Changes",
    "FactorChange",
    "FollowUp",
    "Line",
    "Moved",
    "Point",
    "QuestionChange",
    "Reached",
    "Statement",
    "Trend",
    "against",
    "agreed_on",
    "agreed_over_voices",
    "compare",
    "consensus",
    "disputed",
    "figures",
    "follow_up",
    "is_overdue",
    "last_change",
    "last_round",
    "levels_of_voices",
    "question_result",
    "results",
    "score",
    "self_and_peers",
    "sensitivity",
    "statements",
    "statuses",
    "to_agree",
    "tolerance",
    "trend",
    "trend_of",
    "unknown",
    "weakest",
]
