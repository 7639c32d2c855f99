"""What travels to a worker and back: bytes and names only, so that a worker needs no disk in common with anybody."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from citygrow_nb import benchmarks
from citygrow_nb.batch.workbooks import OwnFiles, Plan, Planned, plan_built
from citygrow_nb.exceptions import Problem
from citygrow_nb.model import Benchmark
from citygrow_nb.model.run import FileRecord


@dataclass(frozen=True, eq=False)
class Toolkit:
    """What all jobs of a run share; one and the same for all of them in a process.

    Parameters
    ----------
    benchmark
        The compiled benchmark.
    workbooks
        The workbooks, in reading order.
    files
        What own ones find beside them.
    """

    benchmark: bytes
    workbooks: tuple[Planned, ...]
    files: OwnFiles = OwnFiles()  # noqa: RUF009 - frozen

    @classmethod
    def of(cls, benchmark: Benchmark, plan: Plan | None = None) -> Toolkit:
        """Return the toolkit of a benchmark; without a plan its workbooks are those that are built from it."""
        plan = plan or plan_built(benchmark)
        return cls(benchmarks.dump(benchmark), plan.workbooks, plan.files)

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
    """

    toolkit: Toolkit
    city: str
    round: str
    document: bytes
    earlier: tuple[bytes, ...] = ()
    matching: bytes = b""
    pdf: bool = False


@dataclass(frozen=True)
class PortfolioJob:
    """The page of all cities.

    Parameters
    ----------
    benchmark
        Id of the benchmark that they answered.
    packed
        The :class:`~citygrow_nb.model.Portfolio`, as in ``portfolio.json``, packed by zlib: there may be many cities.
    matching
        Who mentors whom, as in ``mentoring.json``; empty where nobody has looked.
    expected
        Of which cities self-tests are expected, as JSON; empty where there is no list.
    front
        Whether there is a front page over several benchmarks to lead back to.
    """

    benchmark: str
    packed: bytes
    matching: bytes = b""
    expected: bytes = b""
    front: bool = False

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
    left_out
        Why own workbooks have no page here, by file name: they failed, and the job did not.
    seconds
        How long it took.
    published
        Records of the files, where they are in the output folder already and not in ``files``.
    """

    files: Mapping[str, bytes] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    broken: Mapping[str, bytes] = field(default_factory=dict)
    left_out: Mapping[str, tuple[Problem, ...]] = field(default_factory=dict)
    seconds: float = 0.0
    published: tuple[FileRecord, ...] = ()
