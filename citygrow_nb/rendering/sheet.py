"""A sheet to print and to fill in by hand: the open questions of one department or partner."""

from __future__ import annotations

from collections.abc import Sequence

from citygrow_nb.model import Assessment, Benchmark, GuideQuestion
from citygrow_nb.rendering.environment import render
from citygrow_nb.rendering.pages import Extra, draft_notice, page

_STYLE = "sheet.css"


def sheet_to_fill_in(
    benchmark: Benchmark, assessment: Assessment, role: str, questions: Sequence[GuideQuestion]
) -> str:
    """Return a page with questions, their levels to tick, and lines to write on.

    Parameters
    ----------
    benchmark, assessment
        What is asked, and of which city and round.
    role
        Who is asked.
    questions
        The questions.
    """
    body = render(
        "sheet.html.j2",
        city=assessment.city,
        round=assessment.round,
        benchmark=benchmark,
        role=role,
        questions=questions,
        names=benchmark.scale.levels,
    )
    title = f"{role}: questions on {assessment.city.name}"
    return page(
        title=title,
        body=body,
        lang=benchmark.language,
        notice=draft_notice(benchmark),
        extra=Extra(styles=(_STYLE,)),
    )
