"""What forms say besides the questions: to whom answers are shown, and what may be chosen."""

from __future__ import annotations

from citygrow_nb.model import Benchmark, GuideQuestion
from citygrow_nb.tables.forms.selection import Selection
from citygrow_nb.tables.labels import (
    COMMENT,
    DONT_KNOW,
    EVIDENCE,
    INSTITUTION,
    LINK,
    NOT_APPLICABLE,
    PERSON,
    WHO,
    WHOM,
)

__all__ = ["COMMENT", "EVIDENCE", "INSTITUTION", "LINK", "PERSON", "WHO", "WHOM", "introduction", "levels"]


def introduction(benchmark: Benchmark, selection: Selection) -> str:
    """Say what the form is for, and who will see the answers."""
    shown = (
        f"Your answers are shown by the name of {selection.role}."
        if selection.role
        else "Whoever answers for an institution is shown by its name. Persons are never shown alone."
    )
    return (
        f"{benchmark.title}. Each question has four levels; choose the one that fits the city best. “Don't know” is "
        f"better than a guess. Nobody has to answer every question. {shown}"
    )


def levels(benchmark: Benchmark, question: GuideQuestion) -> list[tuple[str, str]]:
    """Return what may be chosen for a question: code and text; a level with its name and its sentence."""
    named = zip(benchmark.scale.levels, question.levels, strict=True)
    return [
        *((str(level.level), f"{level.level} · {level.name}: {text}") for level, text in named),
        ("dk", DONT_KNOW),
        ("na", NOT_APPLICABLE),
    ]
