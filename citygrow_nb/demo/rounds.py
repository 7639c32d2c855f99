"""Earlier rounds of a fictitious city: mostly a little lower, with less known, and with a plan of their own."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import Any

from citygrow_nb.model import Answer, Assessment, Benchmark, Mentoring, State, Target
from citygrow_nb.scoring import agreed_over_voices

_YEARS = 2
_LOWER, _HIGHER, _OPEN = 0.28, 0.07, 0.06


def before(benchmark: Benchmark, later: Assessment, random: Random) -> Assessment:
    """Return the round before one of a city.

    Parameters
    ----------
    benchmark
        What was asked.
    later
        The round after it; its label is a year.
    random
        Gives what is by chance.
    """
    back = timedelta(days=365 * _YEARS)
    year = int(later.round) - _YEARS
    responses = {
        key: {code: _earlier(answer, random, back) for code, answer in answers.items() if random.random() > _OPEN}
        for key, answers in later.responses.items()
    }
    weak = [
        code
        for code in benchmark.questions
        if any(answers[code].level in {0, 1} for answers in responses.values() if code in answers)
    ]
    updates: dict[str, Any] = {
        "round": str(year),
        "responses": responses,
        "context": {
            code: reading.model_copy(update={"updated_at": reading.updated_at and reading.updated_at - back})
            for code, reading in later.context.items()
        },
        "actions": tuple(
            action.model_copy(
                update={
                    "questions": (code,),
                    "targets": (Target(code=code, level=2, by=f"{year + 1}-12"),),
                    "updated_at": action.updated_at and action.updated_at - back,
                }
            )
            for action, code in zip(later.actions, random.sample(weak, len(weak)), strict=False)
        ),
        "groups": tuple(
            group.model_copy(update={"counted_at": group.counted_at and group.counted_at - back})
            for group in later.groups
        ),
        "mentoring": Mentoring(),
    }
    return agreed_over_voices(later.model_copy(update=updates))


def _earlier(answer: Answer, random: Random, back: timedelta) -> Answer:
    when = {"updated_at": answer.updated_at and answer.updated_at - back}
    chance = random.random()
    if answer.level is None or chance > _LOWER + _HIGHER:
        return answer.model_copy(update=when)
    level = answer.level - 1 if chance < _LOWER else answer.level + 1
    if not 0 <= level <= 3:
        return answer.model_copy(update=when)
    return Answer.model_validate({"state": State.RATED, "level": level, "evidence": answer.evidence, **when})
