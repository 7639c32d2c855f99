"""What a worker does for one city: make its report and, where it can reach the output folder, put it there.

So pages travel no further than they must, and what comes back to the driver is small. What all cities have in common
travels to each worker once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import chain

from citygrow_nb.batch.freshness import Imprint, digest_of, figures_digest
from citygrow_nb.batch.jobs import CityJob, Pages, PortfolioJob, Toolkit
from citygrow_nb.exceptions import CitygrowError, Problem
from citygrow_nb.model import CityFigures, Results
from citygrow_nb.storage import Outputs
from citygrow_nb.workspace import MANIFEST, RESULTS


@dataclass(frozen=True)
class CityTask:
    """One city.

    Parameters
    ----------
    benchmark
        Id of the benchmark that it answered.
    city, round
        Folder name of the city, label of the round.
    document
        The assessment.
    digest
        SHA-256 of the assessment as it stands in its source.
    earlier
        The assessments of the rounds before, earliest first.
    earlier_digest
        Fingerprint of these as they stand in their sources; empty if there are none.
    matching
        Who mentors this city and whom it mentors; empty where nobody has looked.
    """

    benchmark: str
    city: str
    round: str
    document: bytes
    digest: bytes
    earlier: tuple[bytes, ...] = ()
    earlier_digest: bytes = b""
    matching: bytes = b""

    @property
    def key(self) -> tuple[str, str]:
        """City and round."""
        return self.city, self.round


@dataclass(frozen=True)
class CityDone:
    """What came of one city.

    Parameters
    ----------
    problems
        Why it failed.
    left_out
        Why own workbooks have no page, though the report was made.
    figures
        Fingerprint of what the portfolio shows of it.
    files, size
        How many files the report has, and their bytes.
    seconds
        How long it took to make.
    pages, broken
        The report, or the notebooks of a failed one, where the driver has to publish them.
    """

    problems: tuple[Problem, ...] = ()
    left_out: tuple[Problem, ...] = ()
    figures: bytes = b""
    files: int = 0
    size: int = 0
    seconds: float = 0.0
    pages: Mapping[str, bytes] = field(default_factory=dict)
    broken: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True)
class CityWork:
    """The work on any city of one benchmark in a run.

    Parameters
    ----------
    toolkit
        Benchmark and workbooks.
    imprint
        What shapes all pages of the run, for each report's record.
    pdf
        As in :class:`~citygrow_nb.batch.CityJob`.
    outputs
        Where reports are put; None if workers cannot get there, and hand the pages back.
    """

    toolkit: Toolkit
    imprint: Imprint
    pdf: bool
    outputs: Outputs | None

    def __call__(self, task: CityTask) -> CityDone:
        """Make a city's report, with its record as the last file, and publish it if that can be done from here."""
        done = self._made(task)
        return done if self.outputs is None else published(done, task.key, self.outputs)

    def _made(self, task: CityTask) -> CityDone:
        # Not before there is something to make: a run that finds all as it was shall end at once.
        from citygrow_nb.batch import city_report

        job = CityJob(
            self.toolkit,
            *task.key,
            task.document,
            task.earlier,
            task.matching,
            pdf=self.pdf,
        )
        made = city_report.make_city(job)
        if made.problems:
            return CityDone(made.problems, seconds=made.seconds, broken=made.broken)
        figures = CityFigures.of(Results.model_validate_json(made.files[RESULTS]))
        told = digest_of(task.matching)
        record = self.imprint.record(
            figures, task.digest, task.earlier_digest, told, made.files, self.toolkit.workbooks, made.left_out
        )
        pages = {**made.files, MANIFEST: record}
        size = sum(map(len, pages.values()))
        left_out = tuple(chain.from_iterable(made.left_out.values()))
        return CityDone((), left_out, figures_digest(figures), len(pages), size, made.seconds, pages)


@dataclass(frozen=True)
class Work:
    """All work of a run: a function of its tasks that can travel.

    Parameters
    ----------
    cities
        The work on cities, by benchmark.
    """

    cities: Mapping[str, CityWork]

    def __call__(self, task: CityTask | PortfolioJob) -> CityDone | Pages:
        """Do a task: make a city's report, or the pages of all cities."""
        if isinstance(task, CityTask):
            return self.cities[task.benchmark](task)
        from citygrow_nb.batch import portfolio_report

        work = self.cities[task.benchmark]
        return portfolio_report.make_portfolio(task, work.toolkit, outputs=work.outputs)


def published(done: CityDone, key: tuple[str, str], outputs: Outputs) -> CityDone:
    """Put what came of a city into the output folder.

    Parameters
    ----------
    done
        The report, or the notebooks of a failed one.
    key
        City and round.
    outputs
        Where to.

    Returns
    -------
    CityDone
        The same without the pages; with a problem more if they could not be written.
    """
    light = replace(done, pages={}, broken={})
    try:
        if done.problems:
            outputs.keep_broken(*key, done.broken)
        else:
            outputs.publish_city(*key, done.pages)
    except CitygrowError as error:
        return CityDone((*done.problems, *error.problems), seconds=done.seconds)
    return light
