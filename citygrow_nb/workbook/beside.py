"""What stands beside the form of a question: where its key factor stands, and what others answered."""

from __future__ import annotations

from typing import Any

from citygrow_nb import rendering, scoring
from citygrow_nb.model import AGREED, Assessment, Benchmark
from citygrow_nb.widgets import question_state
from citygrow_nb.workbook import progress, respondents


def card(benchmark: Benchmark, own: Assessment, respondent: str, code: str) -> str:
    """Say where the key factor of a question stands now.

    Parameters
    ----------
    benchmark
        What is asked.
    own
        What the respondent may see.
    respondent
        Who is answering.
    code
        The question.
    """
    factor = next(item for item in benchmark.key_factors if any(question.code == code for question in item.questions))
    result = scoring.score(benchmark, own).factor(factor.code)
    whose = "so far" if respondent == AGREED else "by your own answers"
    return f"{factor.short_title} {whose}: {rendering.standing_line(result)}"


def others(assessment: Assessment, respondent: str, code: str) -> str:
    """Say what others answered, but only once this respondent has answered.

    Parameters
    ----------
    assessment
        What everybody answered.
    respondent, code
        Who is answering which question.

    Returns
    -------
    str
        ``""`` as long as there is nothing to say.
    """
    if assessment.answer(code, respondent) is None:
        return ""
    agreed = None if respondent == AGREED else assessment.answer(code)
    rest = {key: given for key, given in assessment.responses.items() if key not in (AGREED, respondent)}
    result = scoring.question_result(code, assessment.model_copy(update={"responses": rest}))
    parts = []
    if agreed is not None:
        said = f"level {agreed.level}" if agreed.level is not None else agreed.state.replace("_", " ")
        parts.append(f"The city's agreed answer: {said}.")
    parts += [rendering.voice_line(voice) for voice in result.voices]
    return " ".join(parts)


def question_form(
    benchmark: Benchmark,
    assessment: Assessment,
    earlier: Assessment | None,
    respondent: str,
    own: Assessment,
    code: str,
) -> dict[str, Any]:
    """Return what the form of one guide question shows, with all that stands beside it.

    Parameters
    ----------
    benchmark, assessment
        What is asked, and what everybody answered.
    earlier
        The city's round before, if there is one.
    respondent, own, code
        Who is answering, what this one may see, and which question.
    """
    result = scoring.question_result(code, assessment)
    return {
        **question_state(benchmark, code, assessment.answer(code, respondent)),
        "before": progress.answer_before(benchmark, earlier, respondent, code),
        "respondent": respondent,
        "by": respondents.shown_as(assessment, respondent),
        "contested": rendering.contested_line(result, assessment.answer(code)) if respondent == AGREED else "",
        "others": others(assessment, respondent, code),
        "card": card(benchmark, own, respondent, code),
    }
