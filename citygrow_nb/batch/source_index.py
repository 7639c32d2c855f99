"""Where each assessment is, so that a batch never holds all of them: an index, and documents fetched one at a time."""

from __future__ import annotations

import hashlib
import tempfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from sys import intern

from pydantic import BaseModel, ValidationError

from citygrow_nb import answers, atomic
from citygrow_nb.batch.source_places import is_home, origin
from citygrow_nb.benchmarks import by_id
from citygrow_nb.exceptions import DocumentError, Problem, contained, problem_of
from citygrow_nb.model import Assessment, Benchmark, BenchmarkRef, City, Person
from citygrow_nb.model.city_facts import Told, differences
from citygrow_nb.model.fields import RoundLabel


class _Heading(BaseModel):
    """What a document says of whose it is; the rest of it is not looked at."""

    benchmark: BenchmarkRef
    city: City
    round: RoundLabel


@dataclass(frozen=True, slots=True)
class Identity:
    """Whose answers a document holds.

    Parameters
    ----------
    city, round
        Folder name of the city, label of the round.
    name, country, population
        What the document says of the city.
    benchmark
        Id of the benchmark that was answered.
    """

    city: str
    round: str
    name: str
    benchmark: str
    country: str | None = None
    population: int | None = None

    @classmethod
    def of(cls, assessment: Assessment) -> Identity:
        """Return whose answers an assessment holds."""
        return cls.stated(assessment.benchmark.id, assessment.round, assessment.city)

    @classmethod
    def told(cls, document: bytes) -> Identity | None:
        """Return whose answers a document that was checked before says it holds; None if it must be looked at whole."""
        try:
            heading = _Heading.model_validate_json(document, strict=True)
        except ValidationError:
            return None
        return cls.stated(heading.benchmark.id, heading.round, heading.city)

    @classmethod
    def stated(cls, benchmark: str, round_label: str, city: City) -> Identity:
        """Return whose answers a document holds that says this of its city."""
        country = city.country and intern(city.country)
        return cls(city.slug, intern(round_label), city.name, intern(benchmark), country, city.population)

    @property
    def key(self) -> tuple[str, str]:
        """City and round: what no two reports on one benchmark can share."""
        return self.city, self.round

    @property
    def address(self) -> tuple[str, str, str]:
        """Benchmark, city and round: what no two documents can share."""
        return self.benchmark, self.city, self.round

    @property
    def facts(self) -> City:
        """The city, as the document tells it."""
        return City.model_construct(name=self.name, slug=self.city, country=self.country, population=self.population)


@dataclass(frozen=True, slots=True)
class Found:
    """Where one assessment is; small, because there may be a hundred thousand of them.

    Parameters
    ----------
    identity
        Whose answers it holds.
    source
        The file it came from.
    digest
        SHA-256 of the document: of the file's bytes, or of the document that a table's rows make.
    place
        Where it was put aside; None if the file itself is the document.
    as_written
        Whether its bytes are known to be those that citygrow itself would write.
    """

    identity: Identity
    source: str
    digest: bytes
    place: tuple[int, int] | None = None
    as_written: bool = False

    @property
    def key(self) -> tuple[str, str]:
        """City and round."""
        return self.identity.key

    @property
    def is_home(self) -> bool:
        """Whether it stands where a document of its city, benchmark and round belongs."""
        return is_home(Path(self.source), self.identity.address)

    @property
    def origin(self) -> str:
        """The folder of answers or the file that tells its cities apart."""
        return origin(Path(self.source), self.identity.address)


@dataclass(frozen=True)
class Held:
    """One assessment in hand.

    Parameters
    ----------
    assessment
        What the city answered.
    source
        The file it came from.
    persons
        Who answered for herself there, by key.
    """

    assessment: Assessment
    source: Path
    persons: Mapping[str, Person] = field(default_factory=dict)

    @property
    def identity(self) -> Identity:
        """Whose answers they are."""
        return Identity.of(self.assessment)


def files_of(found: Iterable[Held]) -> list[list[Held]]:
    """Return what came together, in one file or in one folder of answers: its cities are told apart by it."""
    files: dict[str, list[Held]] = {}
    for held in found:
        files.setdefault(origin(held.source, held.identity.address), []).append(held)
    return list(files.values())


class Spool:
    """Documents put aside in a temporary file, which goes with the process."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile(prefix="citygrow-")  # noqa: SIM115 - it lives as long as the index

    def put(self, document: bytes) -> tuple[int, int]:
        """Put a document aside and return its place."""
        packed = zlib.compress(document, 1)
        self._file.seek(0, 2)
        place = (self._file.tell(), len(packed))
        self._file.write(packed)
        return place

    def get(self, place: tuple[int, int]) -> bytes:
        """Return the document at a place."""
        self._file.seek(place[0])
        return zlib.decompress(self._file.read(place[1]))


@dataclass(frozen=True)
class Gathered:
    """What the sources hold.

    Parameters
    ----------
    found
        One assessment for each benchmark, city and round, sorted.
    problems
        What could not be used.
    benchmarks
        The benchmarks that they answer, by id.
    load
        Loads any benchmark by its id.
    spool
        Where documents of tables are.
    notes
        Sentences on how files were read.
    """

    found: tuple[Found, ...]
    problems: tuple[Problem, ...]
    benchmarks: Mapping[str, Benchmark]
    load: Callable[[str], Benchmark] = field(default=by_id, compare=False)
    spool: Spool | None = field(default=None, compare=False)
    notes: tuple[str, ...] = ()

    def on(self, benchmark_id: str) -> Gathered:
        """Return those that answer one benchmark."""
        return replace(self, found=tuple(item for item in self.found if item.identity.benchmark == benchmark_id))

    def toolkits(self) -> tuple[Benchmark, ...]:
        """Return the benchmarks that something was found for, by id."""
        return tuple(self.benchmarks[name] for name in sorted({item.identity.benchmark for item in self.found}))

    def differences(self) -> tuple[str, ...]:
        """Return a sentence for each city of which documents tell different facts."""
        told: dict[str, list[Told]] = {}
        for item in self.found:
            of = item.identity
            told.setdefault(of.city, []).append(Told(of.benchmark, of.round, of.facts))
        return tuple(
            f"{slug}: its documents tell the city differently, {fact}; correct the one that is wrong"
            for slug, documents in sorted(told.items())
            if len(documents) > 1
            for fact in differences(documents)
        )

    def document(self, item: Found) -> bytes:
        """Fetch a document in the form in which citygrow writes it.

        Raises
        ------
        DocumentError
            If its file is not what it was when it was found.
        """
        if item.place is not None and self.spool is not None:
            return self.spool.get(item.place)
        content = _content(item)
        return content if item.as_written else answers.dump(self._parsed(item, content))

    def assessment(self, item: Found) -> Assessment:
        """Fetch an assessment; errors as in :meth:`document`."""
        if item.place is not None:
            return Assessment.model_validate_json(self.document(item))
        return self._parsed(item, _content(item))

    def assessments(self, note: Callable[[Problem], object]) -> Iterator[Assessment]:
        """Fetch all assessments that can be fetched, one after the other; ``note`` is told of the others."""
        for item in self.found:
            found = None
            with contained(partial(str, item.source), note):
                found = self.assessment(item)
            if found is not None:
                yield found

    def _parsed(self, item: Found, content: bytes) -> Assessment:
        return answers.parse(content, item.source, self.benchmarks[item.identity.benchmark])


def _content(item: Found) -> bytes:
    try:
        content = atomic.read(Path(item.source), answers.MAX_DOCUMENT)
    except OSError as error:
        raise DocumentError(problem_of(error, item.source)) from error
    if hashlib.sha256(content).digest() != item.digest:
        found = "the answers were changed while the batch was running"
        raise DocumentError(Problem(item.source, found, todo="run the same command again"))
    return content
