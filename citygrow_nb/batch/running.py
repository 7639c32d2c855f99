"""One batch from sources to manifest: validate first, then make every city that changed, then the portfolio."""

from __future__ import annotations

import hashlib
import json
import logging
import platform
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property, partial
from itertools import pairwise
from pathlib import Path
from time import perf_counter

import citygrow_nb
from citygrow_nb.batch.city_work import CityDone, CityTask, CityWork, published
from citygrow_nb.batch.freshness import Imprint, Key, Report, figures_of, known, made_from, standing
from citygrow_nb.batch.jobs import Pages, PortfolioJob, Toolkit
from citygrow_nb.batch.manifest import Written, records, totals
from citygrow_nb.batch.selection import select
from citygrow_nb.batch.source_index import Found, Gathered
from citygrow_nb.batch.sources import gather
from citygrow_nb.engine import DEFAULT_ENGINE, TIMEOUT, checked_engine
from citygrow_nb.exceptions import CitygrowError, Problem, StoreError, UsageError, one_line
from citygrow_nb.executors import LIMIT, JobRunner, Pool, ProcessPool, cores
from citygrow_nb.model import Benchmark, BenchmarkRef, Portfolio
from citygrow_nb.model.run import CityRecord, OptionsRecord, PortfolioRecord, RunManifest
from citygrow_nb.storage import Folder, Outputs, open_outputs
from citygrow_nb.workspace import MANIFEST, Workspace, checked_round, is_among_answers

PRELOAD = "citygrow_nb.batch.preload"
"""What workers have in common: loaded once, and shared by all of them where the system can fork."""

_WORTH_WARMING = 3
"""Reports for each worker above which it is quicker to warm the worker first."""

_log = logging.getLogger(__name__)

Progress = Callable[[CityRecord, int, int], None]
"""Told of each city that is done, with how many are done and how many there are to do."""


@dataclass(frozen=True)
class Options:
    """What a run is asked to do.

    Parameters
    ----------
    sources
        Files and folders of answers; none for the workspace's answers.
    out
        Output folder, or URL of one; None for the workspace's.
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
    pdf
        Make PDF files as well.
    scheduler
        Address of a Dask scheduler to work on; empty for processes of this machine.
    timeout
        Seconds that one cell may take.
    limit
        Seconds that one city may take.
    """

    sources: tuple[Path, ...] = ()
    out: Path | str | None = None
    round: str = ""
    cities: tuple[str, ...] = ()
    jobs: int = 0
    engine: str = DEFAULT_ENGINE
    force: bool = False
    pdf: bool = False
    scheduler: str = ""
    timeout: int = TIMEOUT
    limit: float = LIMIT


def run(
    options: Options, workspace: Workspace, *, pool: Pool | None = None, progress: Progress | None = None
) -> RunManifest:
    """Make the reports of all cities in the sources that are not there yet, or would come out differently.

    Parameters
    ----------
    options
        What to do.
    workspace
        Where answers, benchmarks and outputs are unless the options say otherwise.
    pool
        Opens the executor that workers run on; by the options when None.
    progress
        Told of each city that is done.

    Returns
    -------
    RunManifest
        What was made, what stood there already and what failed; also written to ``run.json``. If that could not be
        written, this is one of its problems.

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
    if options.pdf:
        _require_pdf()
    sources, outputs = _places(options, workspace)
    if options.round:
        checked_round(options.round)
    recall = None if options.force else partial(known, outputs, engine=options.engine, pdf=options.pdf)
    everything = gather(sources, workspace, round_label=options.round, known=recall)
    wanted = select(everything, one_line(sources), round_label=options.round, cities=options.cities)
    jobs = options.jobs or cores()
    pool = pool or _pool(options)
    with outputs.only_writer():
        batch = _Batch(options, outputs, everything, wanted, wanted.benchmark) if wanted.benchmark else None
        cities: tuple[CityRecord, ...] = ()
        portfolio = PortfolioRecord(status="skipped", reason=_NOTHING)
        if batch:
            with batch.runner(pool, jobs) as runner:
                cities = batch.cities(runner, pool.shares_disk, progress)
                portfolio = batch.portfolio(runner)
        manifest = RunManifest(
            citygrow=citygrow_nb.__version__,
            python=platform.python_version(),
            libraries=dict(batch.imprint.libraries) if batch else {},
            benchmark=batch.imprint.benchmark if batch else None,
            shaped_by=batch.imprint.sha256 if batch else "",
            options=OptionsRecord(
                sources=tuple(map(str, sources)),
                round=options.round,
                cities=options.cities,
                jobs=jobs,
                engine=options.engine,
                force=options.force,
                pdf=options.pdf,
                scheduler=options.scheduler,
            ),
            started_at=started_at,
            cities=cities,
            portfolio=portfolio,
            problems=tuple(map(str, wanted.problems)),
            without_source=batch.without_source if batch else (),
            totals=totals(cities, portfolio, batch.written if batch else Written(), perf_counter() - clock),
        )
        try:
            outputs.publish({MANIFEST: f"{manifest.model_dump_json(indent=1)}\n".encode()})
        except StoreError as error:
            # What the cities came to must not be lost with it.
            return manifest.model_copy(update={"problems": (*manifest.problems, *map(str, error.problems))})
    return manifest


_NOTHING = "no city has a report yet"


class _Batch:
    """What is to be done, what came of it; lives while the output folder is locked."""

    def __init__(
        self, options: Options, outputs: Outputs, everything: Gathered, wanted: Gathered, benchmark: Benchmark
    ) -> None:
        self.written = Written()
        self._options, self._outputs = options, outputs
        self._everything, self._wanted = everything, wanted
        self._benchmark = benchmark
        self.imprint = Imprint.of(benchmark, engine=options.engine, pdf=options.pdf)
        self._earlier = {
            item.key: before
            for before, item in pairwise(everything.found)
            if before.identity.city == item.identity.city
        }
        wanted_keys = [] if options.force else [item.key for item in wanted.found]
        self._reports = standing(outputs, benchmark.id, wanted_keys)
        present = {item.key for item in everything.found}
        self.without_source = tuple("/".join(key) for key in self._reports if key not in present)
        self.stale = tuple(item for item in wanted.found if options.force or not self._is_fresh(item))
        self._done: dict[Key, CityRecord] = {}

    def runner(self, pool: Pool, jobs: int) -> JobRunner:
        """Return the workers for what is to be done; none is there before the first is needed."""
        limit = self._options.limit
        if not self.stale:
            return JobRunner(pool, 1, limit=limit)
        from citygrow_nb.batch.warm_up import WarmUp
        from citygrow_nb.engine import forking

        workers = min(jobs, len(self.stale))
        warm_up = WarmUp(self._toolkit, self._options.engine, self._options.pdf)
        # Where workbooks run in the worker itself, it must have imported what they need before the first of them.
        worth_it = len(self.stale) > _WORTH_WARMING * workers or not forking.POSSIBLE
        return JobRunner(pool, workers, limit=limit, warm_up=warm_up if worth_it else None)

    def cities(self, runner: JobRunner, shares_disk: bool, progress: Progress | None) -> tuple[CityRecord, ...]:
        """Make the reports of all cities that need one, and return the records of all that are wanted."""

        def done(item: Found, outcome: CityDone) -> None:
            self._done[item.key] = record = _recorded(item, outcome)
            self.written.add(outcome.files, outcome.size)
            if record.status == "made":
                self._reports[item.key] = Report(self._made_from(item), outcome.figures)
            if progress:
                progress(record, len(self._done), len(self.stale))

        if self.stale:
            items = {item.key: item for item in self.stale}
            near = shares_disk or self._outputs.everywhere
            work = self._work(self._outputs if near else None)
            for task, outcome in runner.each(work, self._tasks(done)):
                made = CityDone(_problems(outcome)) if isinstance(outcome, Exception) else outcome
                done(items[task.key], made if near else published(made, task.key, self._outputs))
        return tuple(self._done.get(item.key) or _unchanged(item) for item in self._wanted.found)

    def portfolio(self, runner: JobRunner) -> PortfolioRecord:
        """Make the page of all reports that stand in the output folder, unless it would come out the same."""
        self._reports = dict(sorted(self._reports.items()))
        if not any(self._reports.values()):
            return PortfolioRecord(status="skipped", reason=_NOTHING)
        inputs = self._inputs()
        if not self._options.force and (before := self._before(inputs)):
            return before
        from citygrow_nb.batch import portfolio_report

        content, shown, complete = self._figures()
        job = PortfolioJob(self._toolkit, content, self._options.engine, self._options.timeout)
        ((_, outcome),) = runner.each(portfolio_report.make_portfolio, [job])
        pages = Pages(problems=_problems(outcome)) if isinstance(outcome, Exception) else outcome
        problems = pages.problems
        try:
            self._outputs.publish(
                {f"failed-{name}": notebook for name, notebook in pages.broken.items()} if problems else pages.files
            )
        except StoreError as error:
            problems = (*problems, *error.problems)
        return PortfolioRecord(
            status="failed" if problems else "made",
            reason=_reason(problems),
            cities=shown,
            # Made anew the next time if something could not be read that had been there a moment before.
            inputs_sha256=inputs if complete else "",
            files=() if problems else records(pages.files),
            seconds=round(pages.seconds, 3),
        )

    @cached_property
    def _toolkit(self) -> Toolkit:
        return Toolkit.of(self._benchmark)

    def _work(self, outputs: Outputs | None) -> CityWork:
        options = self._options
        return CityWork(self._toolkit, self.imprint, options.engine, options.timeout, options.pdf, outputs)

    def _tasks(self, done: Callable[[Found, CityDone], None]) -> Iterator[CityTask]:
        for item in self.stale:
            before = self._earlier.get(item.key)
            try:
                document = self._wanted.document(item)
                earlier = self._everything.document(before) if before else b""
            except CitygrowError as error:
                done(item, CityDone(error.problems))
                continue
            yield CityTask(*item.key, document, item.digest, earlier, before.digest if before else b"")

    def _is_fresh(self, item: Found) -> bool:
        report = self._reports.get(item.key)
        return report is not None and report.made_from == self._made_from(item)

    def _made_from(self, item: Found) -> bytes:
        before = self._earlier.get(item.key)
        return made_from(self.imprint.sha256, item.digest, before.digest if before else b"")

    def _inputs(self) -> str:
        total = hashlib.sha256(self.imprint.sha256.encode())
        for key, report in self._reports.items():
            total.update(f"{key} {report.figures.hex() if report else None}\n".encode())
        return total.hexdigest()

    def _before(self, inputs: str) -> PortfolioRecord | None:
        """Return the record of the portfolio that stands there if it was made from the same and is whole."""
        try:
            manifest = json.loads(self._outputs.read(MANIFEST) or b"{}")
            before = PortfolioRecord.model_validate_json(json.dumps(manifest["portfolio"]))
            whole = all(
                hashlib.sha256(self._outputs.read(file.name) or b"").hexdigest() == file.sha256 for file in before.files
            )
        except (CitygrowError, ValueError, KeyError, TypeError):
            return None
        if not whole or not before.files or before.inputs_sha256 != inputs:
            return None
        return before.model_copy(update={"status": "unchanged", "reason": "", "seconds": 0.0})

    def _figures(self) -> tuple[bytes, int, bool]:
        """Return ``portfolio.json``, put together piece by piece, the number of reports in it, and if none is missing.

        A report whose record could not be read at the beginning either is not missing, but left out.
        """
        pieces, left_out = [], []
        complete = True
        for key, figures in figures_of(self._outputs, self._reports):
            if figures is None:
                left_out.append(f"{'/'.join((*key, MANIFEST))} cannot be read")
                complete = complete and self._reports[key] is None
            else:
                pieces.append(figures)
        ref = BenchmarkRef(id=self._benchmark.id, version=self._benchmark.version)
        frame = Portfolio(benchmark=ref, cities=(), left_out=tuple(left_out)).model_dump_json().encode()
        return frame.replace(b'"cities":[]', b'"cities":[' + b",".join(pieces) + b"]", 1) + b"\n", len(pieces), complete


def _places(options: Options, workspace: Workspace) -> tuple[tuple[Path, ...], Outputs]:
    outputs = open_outputs(options.out or workspace.outputs)
    if isinstance(outputs, Folder):
        out = outputs.root
        if out.exists() and not out.is_dir():
            found = "a file stands where the reports should go"
            raise UsageError(Problem(str(out), found, todo="name a folder with --out"))
        if is_among_answers(out, workspace):
            found = "reports must not be written among the answers"
            raise UsageError(Problem(str(out), found, todo="name another folder with --out"))
    if not options.sources and not any(workspace.documents()):
        raise UsageError(
            Problem(
                str(workspace.answers),
                "there are no answers here yet",
                todo="name files or folders of answers, import some with “citygrow answers import”, "
                "or begin with “citygrow lab”",
            )
        )
    return options.sources or (workspace.answers,), outputs


def _pool(options: Options) -> Pool:
    if not options.scheduler:
        return ProcessPool(PRELOAD)
    from citygrow_nb.executors.dask_cluster import dask_pool

    return dask_pool(options.scheduler, PRELOAD)


def _require_pdf() -> None:
    from citygrow_nb.exporting import pdf

    pdf.require()


def _recorded(item: Found, outcome: CityDone) -> CityRecord:
    return _unchanged(item).model_copy(
        update={
            "status": "failed" if outcome.problems else "made",
            "reason": _reason(outcome.problems),
            "seconds": round(outcome.seconds, 3),
        }
    )


def _unchanged(item: Found) -> CityRecord:
    return CityRecord(
        city=item.identity.city,
        name=item.identity.name,
        round=item.identity.round,
        source=item.source,
        document_sha256=item.digest.hex(),
        status="unchanged",
    )


def _problems(error: Exception) -> tuple[Problem, ...]:
    if isinstance(error, CitygrowError):
        return error.problems
    _log.debug("a job failed", exc_info=error)
    return (Problem("", f"unexpected fault: {type(error).__name__}: {' '.join(str(error).split())}"),)


def _reason(problems: Sequence[Problem]) -> str:
    return "; ".join(map(str, problems))
