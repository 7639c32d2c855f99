"""One batch from sources to manifest: validate first, then make every city, then the portfolio."""

from __future__ import annotations

import hashlib
import logging
import platform
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter

import citygrow_nb
from citygrow_nb import answers, atomic
from citygrow_nb.batch.jobs import CityJob, Pages, PortfolioJob, Toolkit
from citygrow_nb.batch.making import RESULTS, make_city, make_portfolio
from citygrow_nb.batch.manifest import records, totals, versions
from citygrow_nb.batch.pools import Pool, cores, local_pool
from citygrow_nb.batch.publishing import keep_broken, publish, publish_city
from citygrow_nb.batch.scheduling import Crew
from citygrow_nb.batch.selecting import select
from citygrow_nb.batch.sources import Found, Gathered, gather
from citygrow_nb.engine import DEFAULT_ENGINE, TIMEOUT, checked_engine
from citygrow_nb.exceptions import CitygrowError, Problem, StoreBusy, StoreError, UsageError, one_line
from citygrow_nb.model import Results
from citygrow_nb.model.run import BenchmarkRecord, CityRecord, OptionsRecord, PortfolioRecord, RunManifest
from citygrow_nb.slugs import ROUND_PATTERN, SLUG_PATTERN
from citygrow_nb.workspace import Workspace, checked_round, city_folder, is_among_answers

MANIFEST = "run.json"

_log = logging.getLogger(__name__)

Progress = Callable[[CityRecord, int, int], None]
"""Told of each city that is done, with how many are done and how many there are."""


@dataclass(frozen=True)
class Options:
    """What a run is asked to do.

    Parameters
    ----------
    sources
        Files and folders of answers; none for the workspace's answers.
    out
        Output folder; None for the workspace's.
    round
        Only this round, and the round of table rows that name none.
    cities
        Only these, by folder name or name.
    jobs
        Number of workers; 0 for one per core.
    engine
        One of :data:`citygrow_nb.engine.ENGINES`.
    force
        Make everything anew.
    timeout
        Seconds that one cell may take.
    """

    sources: tuple[Path, ...] = ()
    out: Path | None = None
    round: str = ""
    cities: tuple[str, ...] = ()
    jobs: int = 0
    engine: str = DEFAULT_ENGINE
    force: bool = False
    timeout: int = TIMEOUT


def run(
    options: Options, workspace: Workspace, *, pool: Pool = local_pool, progress: Progress | None = None
) -> RunManifest:
    """Make the reports of all cities in the sources.

    Parameters
    ----------
    options
        What to do.
    workspace
        Where answers, benchmarks and outputs are unless the options say otherwise.
    pool
        Opens the executor that workers run on.
    progress
        Told of each city that is done.

    Returns
    -------
    RunManifest
        What was made and what failed; also written to ``run.json``.

    Raises
    ------
    UsageError
        If the options are wrong; nothing was started.
    StoreBusy
        If another batch is writing to the same folder.
    StoreError
        If the output folder cannot be written to.
    """
    clock, started_at = perf_counter(), datetime.now(UTC).replace(microsecond=0)
    checked_engine(options.engine)
    sources, out = _places(options, workspace)
    if options.round:
        checked_round(options.round)
    gathered = select(
        gather(sources, workspace, round_label=options.round),
        one_line(sources),
        round_label=options.round,
        cities=options.cities,
    )
    jobs = options.jobs or cores()
    with _only_writer(out), Crew(pool, max(1, min(jobs, len(gathered.found)))) as crew:
        maker = _Maker(gathered, out, options, crew)
        cities = maker.cities(progress)
        portfolio = maker.portfolio()
        manifest = RunManifest(
            citygrow=citygrow_nb.__version__,
            python=platform.python_version(),
            libraries=versions(),
            benchmark=maker.benchmark,
            options=OptionsRecord(
                sources=tuple(map(str, sources)),
                round=options.round,
                cities=options.cities,
                jobs=jobs,
                engine=options.engine,
                force=options.force,
            ),
            started_at=started_at,
            cities=cities,
            portfolio=portfolio,
            problems=tuple(map(str, gathered.problems)),
            totals=totals(cities, portfolio, perf_counter() - clock),
        )
        atomic.write(out / MANIFEST, f"{manifest.model_dump_json(indent=1)}\n".encode())
    return manifest


class _Maker:
    def __init__(self, gathered: Gathered, out: Path, options: Options, crew: Crew) -> None:
        self._found = gathered.found
        self._out, self._options, self._crew = out, options, crew
        self._toolkit = Toolkit.of(gathered.benchmark) if gathered.benchmark else None
        self.benchmark = (
            BenchmarkRecord(id=gathered.benchmark.id, version=gathered.benchmark.version, sha256=self._toolkit.sha256)
            if gathered.benchmark and self._toolkit
            else None
        )

    def cities(self, progress: Progress | None) -> tuple[CityRecord, ...]:
        if self._toolkit is None:
            return ()
        by_key = {item.key: item for item in self._found}
        jobs = (self._job(item, self._toolkit) for item in self._found)
        done: dict[tuple[str, str], CityRecord] = {}
        for job, outcome in self._crew.each(make_city, jobs):
            key = (job.city, job.round)
            done[key] = self._published(job, by_key[key], outcome)
            if progress:
                progress(done[key], len(done), len(self._found))
        return tuple(done[key] for key in sorted(done))

    def portfolio(self) -> PortfolioRecord:
        results, cities = self._results()
        if self._toolkit is None or not cities:
            return PortfolioRecord(status="skipped", reason="no city has results yet")
        job = PortfolioJob(self._toolkit, results, self._options.engine, self._options.timeout)
        ((_, outcome),) = self._crew.each(make_portfolio, [job])
        pages, reason = _outcome(outcome)
        try:
            for name, notebook in pages.broken.items():
                atomic.write(self._out / f"failed-{name}", notebook, durable=False)
            publish(self._out, pages.files)
        except StoreError as error:
            reason = reason or _reason(error.problems)
        return PortfolioRecord(
            status="failed" if reason else "made",
            reason=reason,
            cities=cities,
            files=() if reason else records(pages.files),
            seconds=round(pages.seconds, 3),
        )

    def _job(self, item: Found, toolkit: Toolkit) -> CityJob:
        document = answers.dump(item.assessment)
        return CityJob(toolkit, *item.key, document, self._options.engine, self._options.timeout)

    def _published(self, job: CityJob, item: Found, outcome: Pages | Exception) -> CityRecord:
        folder = city_folder(self._out, job.city, job.round)
        pages, reason = _outcome(outcome)
        try:
            if reason:
                keep_broken(folder, pages.broken)
            else:
                publish_city(folder, pages.files)
        except StoreError as error:
            reason = reason or _reason(error.problems)
        return CityRecord(
            city=job.city,
            name=item.assessment.city.name,
            round=job.round,
            source=str(item.source),
            document_sha256=hashlib.sha256(job.document).hexdigest(),
            status="failed" if reason else "made",
            reason=reason,
            files=() if reason else records(pages.files),
            seconds=round(pages.seconds, 3),
        )

    def _results(self) -> tuple[dict[tuple[str, str], bytes], int]:
        """Return all results below the output folder, of earlier runs too, and how many answer this benchmark."""
        found, usable = {}, 0
        for path in sorted(self._out.glob(f"*/*/{RESULTS}")):
            city, round_label = path.parts[-3:-1]
            if re.fullmatch(SLUG_PATTERN, city) and re.fullmatch(ROUND_PATTERN, round_label):
                # Also those that cannot be read: the portfolio names them.
                found[city, round_label] = path.read_bytes()
                usable += self._is_usable(found[city, round_label])
        return found, usable

    def _is_usable(self, content: bytes) -> bool:
        try:
            results = Results.model_validate_json(content)
        except ValueError:
            return False
        return self.benchmark is not None and results.benchmark.id == self.benchmark.id


def _places(options: Options, workspace: Workspace) -> tuple[tuple[Path, ...], Path]:
    out = options.out or workspace.outputs
    if out.exists() and not out.is_dir():
        raise UsageError(
            Problem(str(out), "a file stands where the reports should go", todo="name a folder with --out")
        )
    if is_among_answers(out, workspace):
        raise UsageError(
            Problem(str(out), "reports must not be written among the answers", todo="name another folder with --out")
        )
    if not options.sources and not any(workspace.documents()):
        raise UsageError(
            Problem(
                str(workspace.answers),
                "there are no answers here yet",
                todo="name files or folders of answers, import some with “citygrow answers import”, "
                "or begin with “citygrow lab”",
            )
        )
    return options.sources or (workspace.answers,), out


def _outcome(outcome: Pages | Exception) -> tuple[Pages, str]:
    if isinstance(outcome, Pages):
        return outcome, _reason(outcome.problems)
    if isinstance(outcome, CitygrowError):
        return Pages(), _reason(outcome.problems)
    _log.debug("a job failed", exc_info=outcome)
    return Pages(), f"unexpected fault: {type(outcome).__name__}: {' '.join(str(outcome).split())}"


def _reason(problems: Sequence[Problem]) -> str:
    return "; ".join(map(str, problems))


@contextmanager
def _only_writer(out: Path) -> Iterator[None]:
    with ExitStack() as stack:
        try:
            stack.enter_context(atomic.locked(out / MANIFEST, patience=0))
        except StoreBusy as error:
            found = "another batch is writing to this folder"
            todo = "wait until it has finished, or choose another folder with --out"
            raise StoreBusy(Problem(str(out), found, todo=todo)) from error
        yield
