"""The benchmark: what is asked. Nothing here knows a particular benchmark's numbers or names."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from citygrow_nb.model.fields import (
    Address,
    ContextCode,
    CountryCode,
    Document,
    FullLine,
    FullText,
    KeyFactorCode,
    Level,
    PracticeCode,
    PromptCode,
    QuestionCode,
    Reading,
    ShortTitle,
    Slug,
    TermCode,
    Text,
    Version,
)
from citygrow_nb.model.mentoring import FitWeights

LEVELS = (0, 1, 2, 3)
MAX_LEVEL = LEVELS[-1]

Weight = Annotated[float, Field(gt=0, le=1000, allow_inf_nan=False)]
LevelTexts = tuple[FullText, FullText, FullText, FullText]


def _no_folder_of_cities(value: str) -> str:
    if value == "cities":
        raise ValueError("“cities” is the folder of the cities' pages, and no id of a benchmark")
    return value


BenchmarkId = Annotated[Slug, AfterValidator(_no_folder_of_cities)]


class Source(Document):
    """Where in a publication an item has its origin."""

    publication: Slug
    """Id of one of the benchmark's publications."""
    part: FullLine
    """Part of the publication, as it is headed there."""
    position: FullLine
    """Place within that part."""


class Drafted(Document):
    """An item that may come from a draft."""

    check: tuple[FullText, ...] = ()
    """What a person must look at before the benchmark is final, with the reason."""


class Link(Document):
    """A link as published."""

    title: FullLine
    """What the link leads to."""
    url: Annotated[Address, Field(min_length=1)]
    """The address, http or https."""


class Publication(Document):
    """A publication that items refer to as their source."""

    id: Slug
    """Short name that sources use."""
    title: FullLine
    """Title as published."""
    publisher: FullLine
    """Who published it."""
    project: Text = ""
    """The project it came out of."""
    year: Text = ""
    """Year of publication, where known."""
    url: Address = ""
    """Where it can be found."""


class Term(Drafted):
    """A word the benchmark uses in a defined sense."""

    code: TermCode
    """Permanent code."""
    term: FullLine
    """The word."""
    definition: FullText
    """What it means here."""
    source: Source
    """Where the definition comes from."""
    notes: tuple[FullText, ...] = ()
    """Remarks on the source."""


class Standard(Drafted):
    """The standard that a city measures itself against."""

    text: FullText
    """What a city that meets the standard does."""
    source: Source
    """Where the standard comes from."""
    notes: tuple[FullText, ...] = ()
    """Remarks on the source."""


class GuideQuestion(Drafted):
    """One question, with four worded levels of its own."""

    code: QuestionCode
    """Permanent code, such as ``KF1.Q1``."""
    text: FullText
    """The question."""
    help: Text = ""
    """How to read the question."""
    levels: LevelTexts
    """Wording of levels 0 to 3, in this order."""
    evidence_hint: FullText
    """What counts as evidence."""
    who_knows: FullText
    """Who in or around a city usually knows the answer."""
    source: Source
    """The published question it stands for."""
    notes: tuple[FullText, ...] = ()
    """Remarks on the source, such as its known faults."""
    reworded: tuple[Version, ...] = ()
    """Versions of the benchmark in which it was worded anew, so that answers from before mean something else."""

    @property
    def whom_to_ask(self) -> tuple[str, ...]:
        """Each department or partner that usually knows the answer, the first one first."""
        named = (name.strip().rstrip(".") for name in self.who_knows.split(";"))
        return tuple(f"{name[0].upper()}{name[1:]}" for name in named if name)


class Practice(Drafted):
    """What a named city did: inspiration beside the questions."""

    code: PracticeCode
    """Permanent code, such as ``KF1.P1``."""
    city: FullLine
    """City or region."""
    country: CountryCode | None = None
    """Country, ISO 3166-1 alpha-2; none only in a draft."""
    title: FullLine
    """What it is, in a few words."""
    year: Text = ""
    """Year or years, as published."""
    text: FullText
    """What the city did."""
    links: tuple[Link, ...] = ()
    """Links as published."""
    contact: Text = ""
    """An institution's contact, where the publication names one."""
    inspires: tuple[QuestionCode, ...] = ()
    """Questions of the same key factor that it helps with."""
    source: Source
    """The published example it stands for."""
    notes: tuple[FullText, ...] = ()
    """Remarks on the source, such as its known faults."""


class KeyFactor(Drafted):
    """A critical feature of local policy, practice or governance."""

    code: KeyFactorCode
    """Permanent code, such as ``KF1``."""
    title: FullLine
    """Title."""
    short_title: ShortTitle
    """A few words for charts, table heads and file names."""
    statement: FullText
    """What good looks like."""
    rationale: FullText
    """Why it matters."""
    source: Source
    """The published key factor it stands for."""
    notes: tuple[FullText, ...] = ()
    """Remarks on the source, such as its known faults."""
    questions: tuple[GuideQuestion, ...] = Field(min_length=1)
    """Guide questions, in order."""
    practices: tuple[Practice, ...] = ()
    """Practices of other cities, in order."""


class Prompt(Drafted):
    """A point to think of when reading a context factor."""

    code: PromptCode
    """Permanent code, such as ``CF1.1``."""
    text: FullText
    """The point, as a question."""
    source: Source
    """The published point it stands for."""


class ContextFactor(Drafted):
    """A part of the ground on which a city works. It explains, and never changes a score."""

    code: ContextCode
    """Permanent code, such as ``CF1``."""
    title: FullLine
    """Title."""
    short_title: ShortTitle
    """A few words for charts, table heads and file names."""
    text: FullText
    """What it is about."""
    prompts: tuple[Prompt, ...] = Field(min_length=1)
    """Points to think of, in order."""
    hindering: FullText
    """What strongly hindering looks like."""
    enabling: FullText
    """What strongly enabling looks like."""
    often_bears_on: tuple[KeyFactorCode, ...] = ()
    """Key factors on which it usually weighs."""
    source: Source
    """The published context factor it stands for."""
    notes: tuple[FullText, ...] = ()
    """Remarks on the source."""


class LevelName(Document):
    """Name of one level of the scale."""

    level: Level
    """The level."""
    name: FullLine
    """Its name."""
    meaning: FullText
    """What it means for any question."""


class Direction(Document):
    """Name of one reading of a context factor."""

    value: Reading
    """From -2 (hindering) to 2 (enabling)."""
    name: FullLine
    """Its name."""


class Thresholds(Document):
    """From where on a key factor is met, close, or known at all."""

    met_lower_bound: float = Field(ge=0, le=100)
    """Lower bound from which a key factor counts as met, 0 to 100."""
    close_score: float = Field(ge=0, le=100)
    """Score from which it counts as close, 0 to 100."""
    known_coverage: float = Field(ge=0, le=100)
    """Coverage in per cent below which its standing is unknown."""


class Scale(Document):
    """How answers are read: level names, thresholds, weights."""

    levels: tuple[LevelName, LevelName, LevelName, LevelName]
    """Names of levels 0 to 3, in this order."""
    directions: tuple[Direction, ...] = Field(min_length=5, max_length=5)
    """Names of the context readings -2 to 2, in this order."""
    thresholds: Thresholds
    """Where the standings begin."""
    weights: dict[KeyFactorCode, Weight]
    """Weight of each key factor in the overall score, above 0."""
    mentoring: FitWeights = FitWeights()
    """How many points each part of a fit brings where mentors are found."""
    note: FullText
    """Where the scale comes from."""


class Benchmark(Document):
    """One toolkit as data: standard, terms, key factors, context factors, scale."""

    format: Literal["citygrow-benchmark"] = "citygrow-benchmark"
    """Name of the document format."""
    format_version: Literal[1] = 1
    """Version of the document format."""
    id: BenchmarkId
    """Permanent id of the benchmark; not ``cities``, whose folder of reports is another thing."""
    version: Version
    """Version of its content."""
    status: Literal["draft", "final"] = "final"
    """Whether people have still to finish it; of a draft every page says so."""
    language: str = Field(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]+)*$")
    """Language of its texts, BCP 47."""
    title: FullLine
    """Title."""
    standard: Standard
    """The standard."""
    introduction: tuple[FullText, ...]
    """Why the subject matters, in paragraphs."""
    terms: tuple[Term, ...] = ()
    """Words used in a defined sense."""
    how_to_use: tuple[FullText, ...]
    """Steps for a city."""
    publications: tuple[Publication, ...] = Field(min_length=1)
    """Publications that sources refer to."""
    provenance: tuple[FullText, ...]
    """Where the benchmark comes from, in paragraphs."""
    retired: tuple[str, ...] = ()
    """Codes that were once in use and are never used again."""
    notes: tuple[FullText, ...] = ()
    """Remarks on the source as a whole."""
    key_factors: tuple[KeyFactor, ...] = Field(min_length=1)
    """Key factors, in order."""
    context_factors: tuple[ContextFactor, ...] = ()
    """Context factors, in order."""
    scale: Scale
    """Level names, thresholds, weights."""

    @property
    def is_draft(self) -> bool:
        """Whether people have still to finish it."""
        return self.status == "draft"

    @cached_property
    def questions(self) -> dict[str, GuideQuestion]:
        """All guide questions by code, in order."""
        return {question.code: question for factor in self.key_factors for question in factor.questions}

    @cached_property
    def factors(self) -> dict[str, KeyFactor]:
        """All key factors by code, in order."""
        return {factor.code: factor for factor in self.key_factors}

    @cached_property
    def contexts(self) -> dict[str, ContextFactor]:
        """All context factors by code, in order."""
        return {factor.code: factor for factor in self.context_factors}

    def items(self) -> Iterator[tuple[str, Document]]:
        """Yield every coded item with its code, in reading order."""
        for term in self.terms:
            yield term.code, term
        for factor in self.key_factors:
            yield factor.code, factor
            yield from ((question.code, question) for question in factor.questions)
            yield from ((practice.code, practice) for practice in factor.practices)
        for context in self.context_factors:
            yield context.code, context
            yield from ((prompt.code, prompt) for prompt in context.prompts)
