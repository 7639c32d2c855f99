"""Where each assessment is, so that a batch never holds all of them: an index, and documents fetched one at a time."""

from __future__ import annotations

import hashlib
import tempfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from sys import intern

from citygrow_nb import answers
from citygrow_nb.exceptions import DocumentError, Problem, problem_of
from citygrow_nb.model import Assessment, Benchmark


@dataclass(frozen=True, slots=True)
class Identity:
    """Whose answers a document holds.

    Parameters
    ----------
    city, round
        Folder name of the city, label of the round.
    name
        Name of the city.
    benchmark
        Id of the benchmark that was answered.
    """

    city: str
    round: str
    name: str
    benchmark: str

    @classmethod
    def of(cls, assessment: Assessment) -> Identity:
        """Return whose answers an assessment holds."""
        city = assessment.city
        return cls(city.slug, intern(assessment.round), city.name, intern(assessment.benchmark.id))

    @property
    def key(self) -> tuple[str, str]:
        """City and round: what no two reports can share."""
        return self.city, self.round


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
        One assessment for each city and round, sorted.
    problems
        What could not be used.
    benchmarks
        The benchmarks that they answer, by id; a run has one, or none when nothing was found.
    spool
        Where documents of tables are.
    """

    found: tuple[Found, ...]
    problems: tuple[Problem, ...]
    benchmarks: Mapping[str, Benchmark]
    spool: Spool | None = field(default=None, compare=False)

    @property
    def benchmark(self) -> Benchmark | None:
        """The benchmark that all of them answer; None when nothing was found."""
        return next(iter(self.benchmarks.values()), None)

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

    def assessments(self) -> Iterator[Assessment]:
        """Fetch all assessments, one after the other; errors as in :meth:`document`."""
        return map(self.assessment, self.found)

    def _parsed(self, item: Found, content: bytes) -> Assessment:
        return answers.parse(content, item.source, self.benchmarks[item.identity.benchmark])


def _content(item: Found) -> bytes:
    try:
        content = Path(item.source).read_bytes()
    except OSError as error:
        raise DocumentError(problem_of(error, item.source)) from error
    if hashlib.sha256(content).digest() != item.digest:
        found = "the answers were changed while the batch was running"
        raise DocumentError(Problem(item.source, found, todo="run the same command again"))
    return content
