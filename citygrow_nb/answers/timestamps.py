"""Times of change: what a writer changed gets the time of the save, unless the writer gave one. Knows no clock."""

from __future__ import annotations

from datetime import datetime
from typing import TypeVar

from citygrow_nb.answers.merge import same
from citygrow_nb.model import Action, Answer, Assessment, ContextReading, Meeting

_Item = TypeVar("_Item", Answer, ContextReading, Action, Meeting)


def stamp(mine: _Item, seen: _Item | None, now: datetime) -> _Item:
    """Return an item with its time of change.

    Parameters
    ----------
    mine
        The item as the writer has it.
    seen
        The item as the writer found it; its time, left in a copy, is not one that the writer gave.
    now
        The time of the save.
    """
    if seen is not None and same(mine, seen):
        return seen
    given = mine.updated_at is not None and (seen is None or mine.updated_at != seen.updated_at)
    return mine if given else mine.model_copy(update={"updated_at": now})


def stamped(mine: Assessment, base: Assessment | None, now: datetime) -> Assessment:
    """Return an assessment in which everything that differs from ``base`` has its time of change."""
    readings = base.context if base else {}
    actions = {action.id: action for action in base.actions} if base else {}
    meetings = base.meetings if base else {}

    def answers(respondent: str) -> dict[str, Answer]:
        before = base.responses.get(respondent, {}) if base else {}
        return {code: stamp(answer, before.get(code), now) for code, answer in mine.responses[respondent].items()}

    return mine.model_copy(
        update={
            "responses": {respondent: answers(respondent) for respondent in mine.responses},
            "context": {code: stamp(reading, readings.get(code), now) for code, reading in mine.context.items()},
            "meetings": {key: stamp(meeting, meetings.get(key), now) for key, meeting in mine.meetings.items()},
            "actions": tuple(stamp(action, actions.get(action.id), now) for action in mine.actions),
        }
    )
