"""Live panels for notebooks: what is asked goes in as plain data, what people do comes out as messages."""

from citygrow_nb.widgets.panel import Panel, Part, Reply, within
from citygrow_nb.widgets.states import (
    action_of,
    answer_of,
    context_state,
    meeting_of,
    plain,
    question_state,
    reading_of,
    stamp,
    validated,
)

__all__ = [
    "Panel",
    "Part",
    "Reply",
    "action_of",
    "answer_of",
    "context_state",
    "meeting_of",
    "plain",
    "question_state",
    "reading_of",
    "stamp",
    "validated",
    "within",
]
