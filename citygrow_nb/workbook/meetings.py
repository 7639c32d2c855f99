"""Minutes of meetings between their form and the model."""

from __future__ import annotations

from typing import Any

from citygrow_nb.model import Assessment, Meeting
from citygrow_nb.widgets import plain, stamp


def state(assessment: Assessment) -> dict[str, Any]:
    """Return what the form shows, by short name of the meeting."""
    return {
        "meetings": {key: plain(meeting) for key, meeting in assessment.meetings.items()},
        "stamps": {key: stamp(meeting) for key, meeting in assessment.meetings.items()},
    }


def with_meeting(assessment: Assessment, key: str, meeting: Meeting | None) -> Assessment:
    """Return a copy with this meeting; None takes it away."""
    known = {**assessment.meetings}
    known.pop(key, None)
    if meeting is not None:
        known[key] = meeting
    return assessment.model_copy(update={"meetings": known})
