"""A city in the making: what its rows say, put together and checked for contradictions. Knows no file format.

Rows say things one by one: the level of an answer, its comment, the city's country. What stands in two rows must be the
same in both, or be left out in one of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial
from typing import Any, NamedTuple, TypeVar

from pydantic import ValidationError

from citygrow_nb.model import (
    AGREED,
    Action,
    Answer,
    Assessment,
    Benchmark,
    BenchmarkRef,
    City,
    ContextReading,
    Evidence,
    Mentoring,
    Person,
    Persons,
    Respondent,
    State,
)
from citygrow_nb.model.assessment import AGREED_ROLE, NO_REASON
from citygrow_nb.scoring import agreed_over_voices
from citygrow_nb.slugs import same_name
from citygrow_nb.tables.cells import message_of, shown
from citygrow_nb.tables.cities import Entry
from citygrow_nb.tables.sheet import Fault, Place

_T = TypeVar("_T")


class Said(NamedTuple):
    """A value, and the place where it was first said."""

    value: Any
    place: Place


@dataclass(slots=True)
class Item:
    """What rows say about one thing, such as one answer.

    Parameters
    ----------
    place
        Where it is first spoken of.
    said
        What is said about it, by name.
    evidence
        Of an answer, in the order of rows.
    wrong
        Whether a cell about it could not be read, so that what seems missing may be there.
    """

    place: Place
    said: dict[str, Said] = field(default_factory=dict)
    evidence: list[Evidence] = field(default_factory=list)
    wrong: bool = False

    def get(self, name: str, default: Any = None) -> Any:
        """Return what is said, or the default."""
        return self.said[name].value if name in self.said else default

    def place_of(self, name: str) -> Place:
        """Return where something is said."""
        return self.said[name].place


@dataclass(slots=True)
class Draft:
    """One city in one round.

    Parameters
    ----------
    facts
        About the city, and the roles of its respondents.
    answers
        By respondent and code.
    readings
        Context readings by code.
    actions
        By id.
    respondents
        Who is named, with the role where a name in full was written.
    wishes
        Offers and needs of mentors, by which of them it is and key factor.
    wide
        The row of each respondent in a wide table.
    """

    facts: Item
    answers: dict[tuple[str, str], Item] = field(default_factory=dict)
    readings: dict[str, Item] = field(default_factory=dict)
    actions: dict[str, Item] = field(default_factory=dict)
    respondents: dict[str, str] = field(default_factory=dict)
    wishes: dict[tuple[str, str], Item] = field(default_factory=dict)
    wide: dict[str, Place] = field(default_factory=dict)


class CityDraft:
    """One city of a file, in all its rounds.

    Parameters
    ----------
    entry
        The city.
    """

    def __init__(self, entry: Entry) -> None:
        self.entry = entry
        self.faults: list[Fault] = list(entry.faults)
        self._rounds: dict[str, Draft] = {}

    def round(self, label: str, place: Place) -> Draft:
        """Return the draft of one round; an empty label stands for one that is missing."""
        if label not in self._rounds:
            self._rounds[label] = Draft(Item(place))
        return self._rounds[label]

    def say(self, item: Item, name: str, value: object, place: Place) -> None:
        """Note what a cell says; None or an empty text says nothing."""
        if value is None or value == "":
            return
        before = item.said.setdefault(name, Said(value, place))
        if before.value != value and not (name == "name" and same_name(str(before.value)) == same_name(str(value))):
            found = f"{_quoted(value)} contradicts {_quoted(before.value)} in {before.place.seen_from(place)}"
            self.faults.append(place.fault(found, todo="write the same in both rows, or leave one empty"))

    def finish(self, benchmark: Benchmark) -> tuple[list[Assessment | Persons], list[Fault]]:
        """Return the city's assessments, one for each round, and the persons of each; or none, and all its faults."""
        made = [self._made(label, draft, benchmark) for label, draft in self._rounds.items()]
        if self.faults or self.entry.spoiled:
            return [], self.faults
        return [each for pair in made if pair is not None for each in pair if each is not None], []

    def _made(self, label: str, draft: Draft, benchmark: Benchmark) -> tuple[Assessment, Persons | None] | None:
        responses: dict[str, dict[str, Answer]] = {}
        for (respondent, code), item in draft.answers.items():
            if (answer := self._valid(item.place, partial(self._answer, item))) is not None:
                responses.setdefault(respondent, {})[code] = answer
        actions = [self._valid(item.place, partial(self._action, key, item)) for key, item in draft.actions.items()]
        readings = {
            code: self._valid(item.place, partial(_reading, item)) for code, item in draft.readings.items() if item.said
        }
        if self.faults or not (label and self.entry.name):
            return None
        return self._valid(
            draft.facts.place, partial(self._assessment, label, draft, benchmark, responses, readings, actions)
        )

    def _valid(self, place: Place, make: Callable[[], _T | None]) -> _T | None:
        """Return what rows make; None if the model does not allow it, which is noted."""
        try:
            return make()
        except ValidationError as error:
            self.faults.append(place.fault(message_of(error), todo="correct the row"))
            return None

    def _assessment(
        self,
        label: str,
        draft: Draft,
        benchmark: Benchmark,
        responses: dict[str, dict[str, Answer]],
        readings: Mapping[str, ContextReading | None],
        actions: Sequence[Action | None],
    ) -> tuple[Assessment, Persons | None]:
        facts = draft.facts
        people = {
            key: Respondent(
                role=facts.get(f"role of {key}") or draft.respondents.get(key) or _role(key),
                from_city=facts.get(f"city of {key}", ""),
            )
            for key in dict.fromkeys((*draft.respondents, *responses))
        }
        alone = {
            key
            for key, who in people.items()
            if key != AGREED and not who.from_city and facts.get(f"kind of {key}") != "institution"
        }
        ref = BenchmarkRef(id=benchmark.id, version=facts.get("benchmark_version", benchmark.version))
        assessment = Assessment(
            benchmark=ref,
            city=City(
                name=facts.get("name", self.entry.name),
                slug=self.entry.slug,
                country=facts.get("country"),
                population=facts.get("population"),
            ),
            round=label,
            respondents={key: who for key, who in people.items() if key not in alone},
            responses={key: answers for key, answers in responses.items() if key not in alone},
            context={code: reading for code, reading in readings.items() if reading is not None},
            actions=tuple(action for action in actions if action is not None),
            mentoring=_mentoring(draft),
        )
        persons = {key: Person(role=people[key].role, answers=responses[key]) for key in responses if key in alone}
        if not persons:
            return agreed_over_voices(assessment), None
        return agreed_over_voices(assessment), Persons(
            benchmark=ref, city=assessment.city.slug, round=label, persons=persons
        )

    def _answer(self, item: Item) -> Answer | None:
        if item.wrong:
            return None
        state, level, comment = item.get("state"), item.get("level"), item.get("comment", "")
        if item.get("evidence_title") or item.get("evidence_url"):
            # In a wide table, where it has columns of its own.
            item.evidence.append(Evidence(title=item.get("evidence_title", ""), url=item.get("evidence_url", "")))
        if state is None and level is None:
            if item.said or item.evidence:
                self.faults.append(
                    item.place.fault("there is neither a state nor a level", todo="fill one in, or empty the row")
                )
        elif level is not None and state not in {None, State.RATED}:
            found = f"there is a level, but the state is “{state}”"
            self.faults.append(item.place_of("level").fault(found, todo="keep one of them"))
        elif state is State.RATED and level is None:
            self.faults.append(item.place_of("state").fault("the state is “rated”, but there is no level", "0 to 3"))
        elif state is State.NOT_APPLICABLE and not comment:
            found = "“not applicable” needs its reason"
            self.faults.append(item.place_of("state").fault(found, todo="write it into the column “comment”"))
        elif not item.evidence and "updated_at" not in item.said and comment in {"", NO_REASON}:
            return _bare(state or State.RATED, level, comment)
        else:
            return Answer(
                state=state or State.RATED,
                level=level,
                comment=comment,
                evidence=tuple(item.evidence),
                updated_at=item.get("updated_at"),
            )
        return None

    def _action(self, key: str, item: Item) -> Action | None:
        if item.wrong:
            return None
        if "what" not in item.said:
            self.faults.append(item.place.fault("the action does not say what will be done", todo="fill in “what”"))
            return None
        said = {name: said.value for name, said in item.said.items()}
        return Action(id=key, **said)


@lru_cache(maxsize=64)
def _bare(state: State, level: Any, comment: str) -> Answer:
    # Thousands of cities share the few answers that a wide table can hold.
    return Answer(state=state, level=level, comment=comment)


def _reading(item: Item) -> ContextReading:
    return ContextReading(
        direction=item.get("direction"),
        comment=item.get("comment", ""),
        bears_on=item.get("bears_on", ()),
        updated_at=item.get("updated_at"),
    )


def _mentoring(draft: Draft) -> Mentoring:
    said = [(kind, factor, item.get("number")) for (kind, factor), item in draft.wishes.items() if item.said]
    return Mentoring.model_validate(
        {
            "offers": [{"factor": factor, "capacity": number} for kind, factor, number in said if kind == "offer"],
            "needs": [{"factor": factor, "priority": number} for kind, factor, number in said if kind == "need"],
            "languages": draft.facts.get("languages", ()),
            "not_with": draft.facts.get("not_with", ()),
        }
    )


def _role(key: str) -> str:
    return AGREED_ROLE if key == AGREED else key


def _quoted(value: object) -> str:
    return shown(", ".join(map(str, value)) if isinstance(value, tuple) else str(value))
