"""Adding what comes from elsewhere, such as a table, to what is on disk. Pure: knows no file and no clock.

What comes never takes anything back, but for the response of a person who answered again. It may say less than what is
there: a wide table has levels without comments. What it leaves out is filled in from what is there.
"""

from __future__ import annotations

from citygrow_nb.answers.merge import Conflict, Key, Merged, Value, assembled, items, same, same_subject
from citygrow_nb.model import AGREED, Answer, Assessment, ContextReading, Respondent, State
from citygrow_nb.model.assessment import AGREED_ROLE, NO_REASON
from citygrow_nb.model.persons import outdated
from citygrow_nb.slugs import same_name


def adopt(mine: Assessment, theirs: Assessment, *, replace: bool = False) -> Merged:
    """Add an assessment to another one of the same city and round.

    Parameters
    ----------
    mine
        What comes.
    theirs
        What is there.
    replace
        Whether what comes wins where both hold something; otherwise what is there stays, and is reported as a conflict,
        unless what comes only adds to it (the same level with a comment, say).

    Returns
    -------
    Merged
        Everything of both.

    Raises
    ------
    DocumentError
        If the two are not of the same city, round and benchmark.
    """
    same_subject(mine, theirs)
    # Who answered a survey again is there once, with the last response.
    before = outdated(theirs.respondents, mine.respondents)
    saved = {key: value for key, value in items(theirs) if key.respondent not in before}
    result = dict(saved)
    conflicts = []
    before = outdated(mine.respondents, theirs.respondents)
    for key, given in items(mine):
        if key.respondent in before:
            continue
        there = saved.get(key)
        if key.what == "group":
            result.setdefault(key, given)
            continue
        value = given if there is None else _filled(key, given, there)
        if there is None or replace or same(value, there) or _only_adds(value, there):
            result[key] = value
        else:
            conflicts.append(Conflict(*key, mine=given, theirs=there))
    order = dict.fromkeys(action.id for source in (theirs, mine) for action in source.actions)
    return Merged(assembled(mine, theirs, result, order), tuple(conflicts))


def _filled(key: Key, given: Value, there: Value) -> Value:
    """Return what comes, with what it leaves out taken from what is there."""
    if isinstance(given, Answer) and isinstance(there, Answer):
        silent = not given.comment or (given.comment == NO_REASON and there.state is State.NOT_APPLICABLE)
        return given.model_copy(
            update={
                "comment": there.comment if silent else given.comment,
                "evidence": given.evidence or there.evidence,
                "over": {**there.over, **given.over} if _alike(given, there) else given.over,
            }
        )
    if isinstance(given, ContextReading) and isinstance(there, ContextReading):
        return given.model_copy(
            update={
                "direction": there.direction if given.direction is None else given.direction,
                "comment": given.comment or there.comment,
                "bears_on": given.bears_on or there.bears_on,
            }
        )
    if isinstance(given, Respondent):
        if isinstance(there, Respondent) and given == Respondent(role=there.role):
            return there  # a table may leave out of what kind it is
        return there if given.role == (AGREED_ROLE if key.respondent == AGREED else key.respondent) else given
    if key.code == "name" and same_name(str(given)) == same_name(str(there)):
        return there
    return given


def _alike(answer: Answer, other: Answer) -> bool:
    return (answer.state, answer.level) == (other.state, other.level)


def _only_adds(value: Value, there: Value) -> bool:
    if isinstance(value, Answer) and isinstance(there, Answer):
        return (
            _alike(value, there)
            and there.comment in {"", NO_REASON, value.comment}
            and there.evidence in ((), value.evidence)
        )
    return (
        isinstance(value, ContextReading)
        and isinstance(there, ContextReading)
        and there.direction in {None, value.direction}
        and there.comment in {"", value.comment}
        and there.bears_on in ((), value.bears_on)
    )
