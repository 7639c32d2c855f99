"""The action plan between its form and the model."""

from __future__ import annotations

from typing import Any

from citygrow_nb.model import Action, Assessment, Benchmark
from citygrow_nb.rendering import STATUS_WORDS
from citygrow_nb.scoring import is_overdue
from citygrow_nb.widgets import plain, stamp


def state(benchmark: Benchmark, assessment: Assessment, today: str) -> dict[str, Any]:
    """Return what the form shows: the actions, which are overdue today, and the questions that one may be for."""
    return {
        "late": [action.id for action in assessment.actions if is_overdue(action, today)],
        "statuses": [[status.value, words] for status, words in STATUS_WORDS.items()],
        "actions": [plain(action) for action in assessment.actions],
        "stamps": {action.id: stamp(action) for action in assessment.actions},
        "factors": [
            {
                "title": f"{factor.code} {factor.short_title}",
                "questions": [{"code": q.code, "text": q.text} for q in factor.questions],
            }
            for factor in benchmark.key_factors
        ],
    }


def with_action(assessment: Assessment, key: str, action: Action | None) -> Assessment:
    """Return a copy with this action; None takes it away."""
    known = {item.id: item for item in assessment.actions}
    if action is None:
        known.pop(key, None)
    else:
        known[key] = action
    return assessment.model_copy(update={"actions": tuple(known.values())})
