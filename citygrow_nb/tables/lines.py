"""What a table says of an assessment, row by row: the other way round than reading it. Knows no file format."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from citygrow_nb.model import AGREED, Answer, Assessment, Benchmark, Respondent
from citygrow_nb.model.assessment import NO_REASON
from citygrow_nb.model.fields import natural
from citygrow_nb.scoring import levels_of_voices
from citygrow_nb.tables import plans
from citygrow_nb.tables.cells import SHORT, time_text
from citygrow_nb.tables.header import Line, asked


def long_lines(assessment: Assessment) -> Iterator[Line]:
    """Yield one row for each answer and reading, and one more for each further piece of evidence.

    Who has no answers still has a row, without a code.
    """
    facts = city_line(assessment)
    wishes = assessment.mentoring
    if not (assessment.respondents or assessment.context or wishes.offers or wishes.needs):
        yield facts
    for key, respondent in assessment.respondents.items():
        if not assessment.responses.get(key):
            yield {**facts, **_who(key, respondent)}
    for key, answers in _agreed_first(assessment):
        who = _who(key, assessment.respondents[key])
        for code in sorted(answers, key=natural):
            for line in _answer_lines(answers[code]):
                yield {**facts, **who, "code": code, **line}
    for code in sorted(assessment.context, key=natural):
        reading = assessment.context[code]
        if not reading.is_empty:
            yield {
                **facts,
                "code": code,
                "level": reading.direction,
                "comment": reading.comment,
                "bears_on": " ".join(reading.bears_on),
                "updated_at": time_text(reading.updated_at),
            }
    for offer in wishes.offers:
        yield {**facts, "code": offer.factor, "state": "offer", "level": offer.capacity}
    for need in wishes.needs:
        yield {**facts, "code": need.factor, "state": "need", "level": need.priority}


def wide_lines(assessment: Assessment) -> Iterator[Line]:
    """Yield one row for each respondent with answers; readings, offers and needs in the first; one row at least."""
    facts = city_line(assessment)
    readings: Line = {
        **{code: reading.direction for code, reading in assessment.context.items()},
        **{f"{offer.factor}.offer": offer.capacity for offer in assessment.mentoring.offers},
        **{f"{need.factor}.need": need.priority for need in assessment.mentoring.needs},
    }
    answering = [(key, answers) for key, answers in _agreed_first(assessment) if answers]
    if not answering:
        yield {**facts, **readings}
    for i, (key, answers) in enumerate(answering):
        levels: Line = {code: SHORT.get(answer.state, answer.level) for code, answer in answers.items()}
        yield {**facts, **_who(key, assessment.respondents[key]), **levels, **(readings if i == 0 else {})}


def city_line(assessment: Assessment) -> Line:
    """Return what a table says about the city itself."""
    city = assessment.city
    return {
        "city": city.name,
        "round": assessment.round,
        "slug": city.slug,
        "country": city.country,
        "population": city.population,
        "languages": " ".join(assessment.mentoring.languages),
        "not_with": "; ".join(assessment.mentoring.not_with),
    }


def respondent_lines(assessment: Assessment) -> Iterator[Line]:
    """Yield one row for each respondent."""
    for key, respondent in assessment.respondents.items():
        yield {**city_line(assessment), **_who(key, respondent)}


def _who(key: str, respondent: Respondent) -> Line:
    kind = None if key == AGREED else respondent.kind
    return {"respondent": key, "role": respondent.role, "kind": kind, "from_city": respondent.from_city}


def action_lines(assessment: Assessment) -> Iterator[Line]:
    """Yield one row for each line of the action plan."""
    for action in assessment.actions:
        yield {
            **city_line(assessment),
            "action": action.id,
            "what": action.what,
            "who": action.who,
            "by_when": action.by_when,
            "budget": action.budget,
            "indicator": action.indicator,
            "questions": " ".join(action.questions),
            "targets": plans.targets_text(action),
            "status": action.status.value,
            "with_city": action.with_city,
            "updated_at": time_text(action.updated_at),
        }


def lost_anywhere(assessment: Assessment) -> Counter[str]:
    """Return what no table has a place for, counted by kind."""
    agreed = assessment.responses.get(AGREED, {})
    alone = assessment.model_copy(update={"groups": ()})
    return Counter(
        {
            "groups of persons": len(assessment.groups),
            "minutes of meetings": len(assessment.meetings),
            # Read again, an answer is agreed over the voices beside it in the table.
            "notes on what was agreed over": sum(a.over != levels_of_voices(c, alone) for c, a in agreed.items()),
        }
    )


def lost_in_csv(assessment: Assessment, benchmark: Benchmark) -> Counter[str]:
    """Return what a CSV file has no place for, counted by kind."""
    lost = Counter({"actions": len(assessment.actions)})
    if assessment.benchmark.version != benchmark.version:
        lost["versions of the benchmark other than the present one"] += 1
    return lost


def lost_in_wide(assessment: Assessment, benchmark: Benchmark, *, roles: bool) -> Counter[str]:
    """Return what a wide table has no place for, counted by kind; ``roles`` tells whether those count."""
    lost: Counter[str] = Counter()
    columns = set(asked(benchmark))
    for answers in assessment.responses.values():
        for code, answer in answers.items():
            lost["answers to retired questions"] += code not in columns
            lost["comments"] += answer.comment not in {"", NO_REASON}
            lost["pieces of evidence"] += len(answer.evidence)
            lost["times of change"] += answer.updated_at is not None
        lost["respondents without answers"] += roles and not answers
    for code, reading in assessment.context.items():
        lost["readings of retired context factors"] += code not in columns
        lost["comments"] += reading.comment != ""
        lost["links of context factors to key factors"] += bool(reading.bears_on)
        lost["times of change"] += reading.updated_at is not None
    if roles:
        lost["respondents without answers"] += len(assessment.respondents.keys() - assessment.responses.keys())
    return lost


def _agreed_first(assessment: Assessment) -> list[tuple[str, dict[str, Answer]]]:
    return sorted(assessment.responses.items(), key=lambda item: item[0] != AGREED)


def _answer_lines(answer: Answer) -> Iterator[Line]:
    line: Line = {"state": answer.state.value, "level": answer.level}
    once: Line = {"comment": answer.comment, "updated_at": time_text(answer.updated_at)}
    for i, evidence in enumerate(answer.evidence or (None,)):
        about = {} if evidence is None else {"evidence_title": evidence.title, "evidence_url": evidence.url}
        yield {**line, **(once if i == 0 else {}), **about}
