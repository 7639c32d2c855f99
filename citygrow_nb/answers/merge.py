"""Three-way merge of assessments, item by item. Pure: knows no file and no clock.

An item is one answer, one context reading, one action, one meeting, an offer or need of a mentor, one respondent or one
fact about the city. Where only one side changed an item, its change is taken. Where both changed it differently, the
side that was saved first stays and the difference is reported with both values. When an item was changed is never a
difference by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, TypeVar, cast

from citygrow_nb.exceptions import DocumentError, Problem
from citygrow_nb.model import (
    Action,
    Answer,
    Assessment,
    BenchmarkRef,
    City,
    ContextReading,
    Group,
    Meeting,
    Mentoring,
    Need,
    Offer,
    Respondent,
    State,
)
from citygrow_nb.model.fields import natural
from citygrow_nb.model.mentoring import PRIORITIES

What = Literal["answer", "context", "action", "meeting", "offer", "need", "wish", "respondent", "city", "group"]
Value = Answer | ContextReading | Action | Meeting | Offer | Need | Respondent | Group | tuple[str, ...] | str | int

_STAMPED = (Answer, ContextReading, Action, Meeting)
_STATES = {State.RATED: "level {}", State.DONT_KNOW: "“don't know”", State.NOT_APPLICABLE: "“not applicable”"}
_FACTS = ("name", "country", "population")
_WISHES = {"languages": "the languages", "not_with": "the cities not to work with"}
_V = TypeVar("_V")


class Key(NamedTuple):
    """Names one item of an assessment."""

    what: What
    code: str
    respondent: str = ""


@dataclass(frozen=True)
class Conflict:
    """One item that two writers changed differently.

    Parameters
    ----------
    what
        Kind of item.
    code
        Question, context factor, key factor, id of the action or meeting, or name of the wish or fact; empty for a
        respondent.
    respondent
        Whose answer, or which respondent; empty otherwise.
    mine
        What the second writer wanted; None if it was to be taken back.
    theirs
        What the first writer saved, and what stands on disk; None if it was taken back.
    """

    what: What
    code: str
    respondent: str
    mine: Value | None
    theirs: Value | None

    def __str__(self) -> str:
        item = {
            "action": f"action {self.code}",
            "meeting": "the minutes",
            "offer": f"the offer on {self.code}",
            "need": f"the need on {self.code}",
            "wish": _WISHES.get(self.code, ""),
            "city": f"the city's {self.code}",
            "respondent": "respondent",
        }
        name = item.get(self.what, self.code) + (f" ({self.respondent})" if self.respondent else "")
        return f"{name}: you have {_said(self.mine)}, but meanwhile {_said(self.theirs)} was saved"


@dataclass(frozen=True)
class Merged:
    """What a merge makes of two versions.

    Parameters
    ----------
    document
        Both sides' changes; where they disagree, the first writer's.
    conflicts
        Where they disagree.
    """

    document: Assessment
    conflicts: tuple[Conflict, ...]


def merge(base: Assessment | None, mine: Assessment, theirs: Assessment) -> Merged:
    """Merge two versions of one assessment.

    Parameters
    ----------
    base
        The version that the second writer began with; None if there was none, so that nothing can have been taken back.
    mine
        The second writer's version.
    theirs
        The version that was saved meanwhile.

    Returns
    -------
    Merged
        The merged document and the conflicts, in the order of ``mine``.

    Raises
    ------
    DocumentError
        If the versions are not of the same city, round and benchmark.
    """
    for other in (mine, base or theirs):
        same_subject(other, theirs)
    before = dict(items(base)) if base else {}
    wanted, saved = dict(items(mine)), dict(items(theirs))
    result = dict(saved)
    conflicts: list[Conflict] = []
    settled: Value | None
    for key in dict.fromkeys((*wanted, *before)):
        if key.what == "group":  # never changed, never taken back
            result.setdefault(key, wanted.get(key) or before[key])
            continue
        settled, agreed = settle(before.get(key), wanted.get(key), saved.get(key))
        if not agreed:
            conflicts.append(Conflict(*key, mine=wanted.get(key), theirs=saved.get(key)))
        if settled is None:
            result.pop(key, None)
        else:
            result[key] = settled
    # A respondent whom one side took out, while the other added an answer, stays.
    for key in [key for key in result if key.what == "answer"]:
        person = Key("respondent", "", key.respondent)
        if person not in result:
            result[person] = saved.get(person) or wanted.get(person) or before[person]
            conflict = Conflict(*person, mine=wanted.get(person), theirs=saved.get(person))
            conflicts += [] if conflict in conflicts else [conflict]
    order = _order(_ids(base), _ids(mine), _ids(theirs))
    return Merged(assembled(mine, theirs, result, order), tuple(conflicts))


def settle(base: _V | None, mine: _V | None, theirs: _V | None) -> tuple[_V | None, bool]:
    """Settle one item.

    Returns
    -------
    tuple
        The value that stands (None: no such item), and whether the two sides agree on it.

    Examples
    --------
    >>> settle("a", "b", "a"), settle("a", "a", "c"), settle("a", "b", "c")
    (('b', True), ('c', True), ('c', False))
    """
    if same(mine, base) or same(mine, theirs):
        return theirs, True
    if same(theirs, base):
        return mine, True
    return theirs, False


def same(one: object, other: object) -> bool:
    """Tell whether two values of an item have the same content, whenever they were given."""
    return one is other or _content(one) == _content(other)


def items(assessment: Assessment) -> Iterator[tuple[Key, Value]]:
    """Yield everything in an assessment that is merged by itself."""
    for name in _FACTS:
        fact = getattr(assessment.city, name)
        if fact is not None:
            yield Key("city", name), fact
    for respondent, person in assessment.respondents.items():
        yield Key("respondent", "", respondent), person
    for respondent, answers in assessment.responses.items():
        for code, answer in answers.items():
            yield Key("answer", code, respondent), answer
    for group in assessment.groups:
        yield Key("group", group.code, f"{group.role.casefold()} {group.counted_at} {group.levels}"), group
    for code, reading in assessment.context.items():
        if not reading.is_empty:
            yield Key("context", code), reading
    for action in assessment.actions:
        yield Key("action", action.id), action
    for key, meeting in assessment.meetings.items():
        if not meeting.is_empty:
            yield Key("meeting", key), meeting
    wishes = assessment.mentoring
    for offer in wishes.offers:
        yield Key("offer", offer.factor), offer
    for need in wishes.needs:
        yield Key("need", need.factor), need
    for name in _WISHES:
        if wish := getattr(wishes, name):
            yield Key("wish", name), wish


def _content(value: object) -> object:
    return value.model_copy(update={"updated_at": None}) if isinstance(value, _STAMPED) else value


def same_subject(one: Assessment, other: Assessment) -> None:
    """Make sure that two assessments are of one city, round and benchmark; else raise DocumentError."""
    for name, left, right in (
        ("city", one.city.slug, other.city.slug),
        ("round", one.round, other.round),
        ("benchmark", one.benchmark.id, other.benchmark.id),
    ):
        if left != right:
            raise DocumentError(
                Problem(f"{other.city.slug}, {other.round}", f"answers for {name} “{left}”", f"{name} “{right}”")
            )


def assembled(mine: Assessment, theirs: Assessment, result: Mapping[Key, Value], order: Iterable[str]) -> Assessment:
    """Return the assessment that holds the given items.

    Parameters
    ----------
    mine, theirs
        The versions that were merged: of one city and round. The newer version of the benchmark counts.
    result
        The items.
    order
        Ids of actions; those that are among the items stand in this order.
    """
    responses: dict[str, dict[str, Answer]] = {}
    for key, value in result.items():
        if isinstance(value, Answer):
            responses.setdefault(key.respondent, {})[key.code] = value
    of_factors = [result[key] for key in sorted(result, key=lambda key: natural(key.code))]
    wishes: dict[str, Any] = {name: result.get(Key("wish", name), ()) for name in _WISHES}
    facts: dict[str, Any] = {name: result.get(Key("city", name)) for name in _FACTS}
    return Assessment(
        benchmark=BenchmarkRef(
            id=theirs.benchmark.id, version=newest(mine.benchmark.version, theirs.benchmark.version)
        ),
        city=City(slug=theirs.city.slug, **facts),
        round=theirs.round,
        respondents={key.respondent: value for key, value in result.items() if isinstance(value, Respondent)},
        responses=responses,
        groups=tuple(value for value in result.values() if isinstance(value, Group)),
        context={key.code: value for key, value in result.items() if isinstance(value, ContextReading)},
        meetings={key.code: value for key, value in result.items() if isinstance(value, Meeting)},
        mentoring=Mentoring(
            offers=tuple(value for value in of_factors if isinstance(value, Offer)),
            needs=tuple(value for value in of_factors if isinstance(value, Need)),
            **wishes,
        ),
        actions=tuple(cast(Action, result[Key("action", i)]) for i in order if Key("action", i) in result),
    )


def _ids(assessment: Assessment | None) -> list[str]:
    return [action.id for action in assessment.actions] if assessment else []


def _order(base: list[str], mine: list[str], theirs: list[str]) -> list[str]:
    def moved(ids: list[str]) -> bool:
        return [i for i in ids if i in base] != [i for i in base if i in ids]

    lead_mine = theirs == base or (moved(mine) and not moved(theirs))
    return list(dict.fromkeys([*mine, *theirs] if lead_mine else [*theirs, *mine]))


def newest(*versions: str) -> str:
    """Return the highest version.

    >>> newest("1.9.0", "1.10.0")
    '1.10.0'
    """
    return max(versions, key=lambda version: [int(number) for number in version.split(".")])


def _said(value: Value | None) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, Answer):
        return _STATES[value.state].format(value.level) + _told(value.comment)
    if isinstance(value, ContextReading):
        return ("no reading" if value.direction is None else f"{value.direction:+d}".replace("+0", "0")) + _told(
            value.comment
        )
    if isinstance(value, Respondent):
        return f"“{value.role}”"
    if isinstance(value, Group):
        return f"{value.people} persons"
    if isinstance(value, Offer):
        return f"{value.capacity} {'city' if value.capacity == 1 else 'cities'}"
    if isinstance(value, Need):
        return f"“{PRIORITIES[value.priority]}”"
    if isinstance(value, tuple):
        return f"“{', '.join(value)}”"
    if isinstance(value, Meeting):
        return f"“{value.held_on}”" + _told(value.remarks)
    return f"“{value.what}”" if isinstance(value, Action) else f"“{value}”"


def _told(comment: str) -> str:
    text = " ".join(comment.split())
    return f" with the comment “{text[:57]}…”" if len(text) > 60 else f" with the comment “{text}”" if text else ""
