"""What travels to a worker and back: bytes and names only, so that a worker needs no disk in common with anybody."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from citygrow_nb import authoring, benchmarks
from citygrow_nb.engine import DEFAULT_ENGINE, TIMEOUT
from citygrow_nb.exceptions import Problem
from citygrow_nb.model import Benchmark
from citygrow_nb.model.run import FileRecord


@dataclass(frozen=True)
class Toolkit:
    """What all jobs of a run share.

    Parameters
    ----------
    benchmark
        The compiled benchmark.
    workbooks
        Content of each workbook by file name, in reading order.
    """

    benchmark: bytes
    workbooks: Mapping[str, bytes]

    @classmethod
    def of(cls, benchmark: Benchmark) -> Toolkit:
        """Return the toolkit of a benchmark; its workbooks are built anew, so they are never stale."""
        return cls(benchmarks.dump(benchmark), authoring.build(benchmark))

    @property
    def sha256(self) -> str:
        """Fingerprint of the benchmark."""
        return hashlib.sha256(self.benchmark).hexdigest()


@dataclass(frozen=True)
class CityJob:
    """One city's report.

    Parameters
    ----------
    toolkit
        Benchmark and workbooks.
    city, round
        Folder name of the city, label of the round.
    document
        The assessment as in its file.
    earlier
        The city's assessments of the rounds before, earliest first, to show what changed.
    matching
        Who mentors this city and whom it mentors, as in ``mentoring.json``; empty where nobody has looked.
    pdf
        Whether to make the report as a PDF file too.
    engine
        Engine that runs the workbooks.
    timeout
        Seconds that one cell may take.
    """

    toolkit: Toolkit
    city: str
    round: str
    document: bytes
    earlier: tuple[bytes, ...] = ()
    matching: bytes = b""
    pdf: bool = False
    engine: str = DEFAULT_ENGINE
    timeout: int = TIMEOUT


@dataclass(frozen=True)
class PortfolioJob:
    """The page of all cities.

    Parameters
    ----------
    toolkit
        Benchmark and workbooks.
    packed
        The :class:`~citygrow_nb.model.Portfolio`, as in ``portfolio.json``, packed by zlib: there may be many cities.
    matching
        Who mentors whom, as in ``mentoring.json``; empty where nobody has looked.
    expected
        Of which cities self-tests are expected, as JSON; empty where there is no list.
    front
        Whether there is a front page over several benchmarks to lead back to.
    engine, timeout
        As in :class:`CityJob`.
    """

    toolkit: Toolkit
    packed: bytes
    matching: bytes = b""
    expected: bytes = b""
    front: bool = False
    engine: str = DEFAULT_ENGINE
    timeout: int = TIMEOUT

    @property
    def portfolio(self) -> bytes:
        """The portfolio, unpacked anew each time."""
        return zlib.decompress(self.packed)


@dataclass(frozen=True)
class Pages:
    """What came of a job.

    Parameters
    ----------
    files
        Content by file name; empty when the job failed.
    problems
        Why it failed.
    broken
        Notebooks as far as they ran, by file name, when the job failed.
    seconds
        How long it took.
    published
        Records of the files, where they are in the output folder already and not in ``files``.
    """

    files: Mapping[str, bytes] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    broken: Mapping[str, bytes] = field(default_factory=dict)
    seconds: float = 0.0
    published: tuple[FileRecord, ...] = ()
