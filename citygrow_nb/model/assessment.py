"""The assessment: what one city answered, for one benchmark version and one round."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Final, Literal, Self

from pydantic import AwareDatetime, ConfigDict, Field, model_validator

from citygrow_nb.model.fields import (
    Address,
    ContextCode,
    CountryCode,
    Document,
    FullLine,
    KeyFactorCode,
    Level,
    Line,
    MeetingKey,
    Name,
    QuestionCode,
    Reading,
    RespondentKey,
    RoundLabel,
    Slug,
    Text,
    Version,
)
from citygrow_nb.model.mentoring import Mentoring

AGREED = "agreed"
AGREED_ROLE = "agreed answer of the city"
SMALLEST_GROUP = 5
"""Fewer persons than this are never shown by themselves."""
NO_REASON = "no reason given in the table"
"""Stands for the reason of “not applicable” where a table had no place for one."""
FORMAT: Final = "citygrow-assessment"
VERSION: Final = 1


Count = Annotated[int, Field(ge=0, le=10**6)]


class State(StrEnum):
    """What kind of answer was given. No answer at all is a fourth, different thing and has no state in a document."""

    RATED = "rated"
    DONT_KNOW = "dont_know"
    NOT_APPLICABLE = "not_applicable"


def _title_or_link(schema: dict[str, Any]) -> None:
    schema["anyOf"] = [
        {"properties": {"title": {"minLength": 1}}},
        {"required": ["url"], "properties": {"url": {"minLength": 1}}},
    ]


class Evidence(Document):
    """Something that supports an answer."""

    model_config = ConfigDict(json_schema_extra=_title_or_link)

    title: Line
    """What it is."""
    url: Address = ""
    """Where it can be found (optional)."""

    @model_validator(mode="after")
    def _not_empty(self) -> Self:
        if not (self.title or self.url):
            raise ValueError("evidence needs a title or a link")
        return self


def _level_only_when_rated(schema: dict[str, Any]) -> None:
    rated = {"properties": {"state": {"const": "rated"}}}
    schema["if"] = rated
    schema["then"] = {"required": ["level"], "properties": {"level": {"type": "integer"}}}
    schema["else"] = {"properties": {"level": {"type": "null"}}}
    schema["allOf"] = [
        {
            "if": {"properties": {"state": {"const": "not_applicable"}}},
            "then": {"required": ["comment"], "properties": {"comment": {"minLength": 1}}},
        }
    ]


class Answer(Document):
    """One respondent's answer to one guide question."""

    model_config = ConfigDict(json_schema_extra=_level_only_when_rated)

    state: State
    """Rated, don't know, or not applicable."""
    level: Level | None = None
    """Level 0 to 3; only with state ``rated``."""
    comment: Text = ""
    """In the respondent's words; with state ``not_applicable`` the reason, and required."""
    evidence: tuple[Evidence, ...] = ()
    """What supports the answer."""
    over: dict[str, float | None] = {}
    """Of an agreed answer: the level of each voice that stood there when it was agreed, none where it gave none; by the
    key of the institution, or the role of the persons."""
    updated_at: AwareDatetime | None = None
    """When it was last changed."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if (self.state is State.RATED) != (self.level is not None):
            raise ValueError("an answer has a level (0 to 3) if, and only if, its state is “rated”")
        if self.state is State.NOT_APPLICABLE and not self.comment:
            raise ValueError("“not applicable” needs its reason, as comment")
        return self

    def says_the_same(self, other: Answer | None) -> bool:
        """Tell whether another answer has the same content, whenever it was given."""
        return other is not None and self.model_copy(update={"updated_at": None}) == other.model_copy(
            update={"updated_at": None}
        )


class ContextReading(Document):
    """How a city reads one context factor."""

    direction: Reading | None = None
    """From -2 (strongly hindering) to 2 (strongly enabling); none when not judged."""
    comment: Text = ""
    """In the city's words."""
    bears_on: tuple[KeyFactorCode, ...] = ()
    """Key factors on which it weighs."""
    updated_at: AwareDatetime | None = None
    """When it was last changed."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing at all was said."""
        return self.direction is None and not self.comment and not self.bears_on


class ActionStatus(StrEnum):
    """How far an action has come."""

    PLANNED = "planned"
    UNDER_WAY = "under_way"
    DONE = "done"
    GIVEN_UP = "given_up"

    @property
    def is_over(self) -> bool:
        """Whether nothing more is to be done."""
        return self in {ActionStatus.DONE, ActionStatus.GIVEN_UP}


class Target(Document):
    """The level that an action wants one question to reach, by a date."""

    code: QuestionCode
    """The question."""
    level: Literal[1, 2, 3]
    """Level to reach."""
    by: str = Field(default="", pattern=r"^(\d{4}-(0[1-9]|1[0-2]))?$")
    """Month by which it shall be reached, as in 2027-12 (optional)."""


class Action(Document):
    """One line of a city's action plan."""

    id: str = Field(pattern=r"^[a-z0-9]{1,16}$")
    """Permanent id within the document."""
    what: FullLine
    """What will be done."""
    who: Line = ""
    """Who is responsible."""
    by_when: Line = ""
    """Until when."""
    budget: Line = ""
    """With what money."""
    indicator: Line = ""
    """How one will see that it worked."""
    questions: tuple[QuestionCode, ...] = ()
    """Guide questions that it serves."""
    targets: tuple[Target, ...] = ()
    """Levels that it wants questions to reach."""
    status: ActionStatus = ActionStatus.PLANNED
    """How far it has come."""
    with_city: Line = ""
    """City that helps as a mentor."""
    updated_at: AwareDatetime | None = None
    """When it was last changed."""

    @model_validator(mode="after")
    def _one_target_a_question(self) -> Self:
        codes = [target.code for target in self.targets]
        if len(codes) != len(set(codes)):
            raise ValueError("two targets are for the same question")
        return self


class Meeting(Document):
    """One meeting at which people discussed the questions and agreed on answers."""

    held_on: Line = ""
    """When."""
    present: Text = ""
    """Who met: departments and partners, one a line; no personal name is needed."""
    remarks: Text = ""
    """What else was said or decided."""
    updated_at: AwareDatetime | None = None
    """When it was last changed."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing at all was noted."""
        return not (self.held_on or self.present or self.remarks)


class City(Document):
    """The city."""

    name: Name
    """Name as the city writes it."""
    slug: Slug
    """Folder name, derived from the name and then permanent."""
    country: CountryCode | None = None
    """Country, ISO 3166-1 alpha-2."""
    population: int | None = Field(default=None, ge=0, le=10**9)
    """Inhabitants."""


class Respondent(Document):
    """Who answered."""

    role: Name
    """Department, partner or function; no personal name is needed."""
    kind: Literal["institution"] = "institution"
    """A department or partner that speaks for itself, shown by name. A document says so; who does not is a person of an
    older one, and persons stand in a file of their own."""
    from_city: Line = ""
    """City that an institution comes from, where it reviews this one (peer review)."""


class Group(Document):
    """Five or more persons of one role on one question, counted at one moment; never changed afterwards."""

    role: Name
    """What they are to the city."""
    code: QuestionCode
    """The guide question."""
    levels: tuple[Count, Count, Count, Count]
    """How many of them gave each level, 0 to 3; five or more in all."""
    comments: tuple[Text, ...] = ()
    """What they wrote, sorted by the text."""
    counted_at: AwareDatetime | None = None
    """When they were counted."""

    @model_validator(mode="after")
    def _large_enough(self) -> Self:
        if self.people < SMALLEST_GROUP:
            raise ValueError(f"a group has {SMALLEST_GROUP} persons or more, so that none of them is shown alone")
        return self

    @property
    def people(self) -> int:
        """How many persons it has."""
        return sum(self.levels)


class BenchmarkRef(Document):
    """Which benchmark was answered."""

    id: Slug
    """Id of the benchmark."""
    version: Version
    """Version of its content."""


class Assessment(Document):
    """One city, one benchmark version, one round.

    A change returns a copy: see :meth:`with_answer`, :meth:`with_context` and :meth:`with_respondent`.
    """

    format: Literal["citygrow-assessment"] = FORMAT
    """Name of the document format."""
    version: Literal[1] = VERSION
    """Version of the document format."""
    benchmark: BenchmarkRef
    """Which benchmark was answered."""
    city: City
    """The city."""
    round: RoundLabel
    """Label of the self-test, usually a year; lower case."""
    respondents: dict[RespondentKey, Respondent] = {}
    """Who answered, by key; ``agreed`` is the city's agreed answer."""
    responses: dict[RespondentKey, dict[QuestionCode, Answer]] = {}
    """Answers by respondent and question code."""
    groups: tuple[Group, ...] = ()
    """Persons, counted."""
    context: dict[ContextCode, ContextReading] = {}
    """Readings by context factor code."""
    actions: tuple[Action, ...] = ()
    """Action plan."""
    meetings: dict[MeetingKey, Meeting] = {}
    """Meetings at which answers were agreed on."""
    mentoring: Mentoring = Mentoring()
    """What the city offers to others and would like from them."""

    @model_validator(mode="after")
    def _respondents_known(self) -> Self:
        unknown = sorted(set(self.responses) - set(self.respondents))
        if unknown:
            raise ValueError(f"responses of “{unknown[0]}”, who is not among the respondents")
        ids = [action.id for action in self.actions]
        if len(ids) != len(set(ids)):
            raise ValueError("two actions have the same id")
        return self

    def answer(self, code: str, respondent: str = AGREED) -> Answer | None:
        """Return one respondent's answer to a question, or None."""
        return self.responses.get(respondent, {}).get(code)

    def with_respondent(self, key: str, role: str, **more: Any) -> Assessment:
        """Return a copy in which this respondent is known; ``more`` are further fields of :class:`Respondent`."""
        return self._replace(respondents={**self.respondents, key: Respondent(role=role, **more)})

    def with_answer(self, code: str, answer: Answer | None, respondent: str = AGREED) -> Assessment:
        """Return a copy with this answer; None takes the answer back."""
        answers = {**self.responses.get(respondent, {})}
        if answer is None:
            answers.pop(code, None)
        else:
            answers[code] = answer
        known = (
            self
            if respondent in self.respondents
            else self.with_respondent(respondent, AGREED_ROLE if respondent == AGREED else respondent)
        )
        return known._replace(responses={**self.responses, respondent: answers})

    def with_context(self, code: str, reading: ContextReading | None) -> Assessment:
        """Return a copy with this context reading; None takes it back."""
        context = {**self.context}
        if reading is None or reading.is_empty:
            context.pop(code, None)
        else:
            context[code] = reading
        return self._replace(context=context)

    def _replace(self, **changes: Any) -> Assessment:
        # Validated again, so that no copy can be invalid.
        fields = {name: getattr(self, name) for name in type(self).model_fields}
        return type(self)(**{**fields, **changes})
