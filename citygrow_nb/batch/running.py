"""One batch from sources to manifest: validate first, then make every city that changed, then what shows many."""

from __future__ import annotations

import logging
import platform
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from itertools import chain
from pathlib import Path
from time import perf_counter
from typing import Any, Self

from pydantic import BaseModel, ValidationError

import citygrow_nb
from citygrow_nb.batch.city_work import Work
from citygrow_nb.batch.freshness import Imprint, Records, known, read_records
from citygrow_nb.batch.manifest import Written, totals
from citygrow_nb.batch.mentors import Lists
from citygrow_nb.batch.options import Options
from citygrow_nb.batch.overview import Overview
from citygrow_nb.batch.seals import Seal
from citygrow_nb.batch.selection import select
from citygrow_nb.batch.source_index import Gathered
from citygrow_nb.batch.sources import LoadBenchmark, gather
from citygrow_nb.batch.toolkit_run import ToolkitRun
from citygrow_nb.batch.workbooks import Plan, plan_workbooks
from citygrow_nb.batch.workers import PRELOAD
from citygrow_nb.exceptions import CitygrowError, Problem, StoreError, UsageError, one_line
from citygrow_nb.model import Benchmark
from citygrow_nb.model.published import ROOTS, Said
from citygrow_nb.model.run import CityRecord, OptionsRecord, OverviewRecord, PortfolioRecord, RunManifest, ToolkitRecord
from citygrow_nb.running import checked_engine
from citygrow_nb.running.processes import Processes, cores, prepare
from citygrow_nb.running.workers import Workers
from citygrow_nb.storage import Folder, Outputs, open_outputs
from citygrow_nb.versions import versions
from citygrow_nb.workspace import MANIFEST, Workspace, checked_round, is_among_answers

_MANY = 500
"""Reports made above which workers go before the pages of all are: these need the memory, and it costs a second."""

_log = logging.getLogger(__name__)

OpenWorkers = Callable[[Work, int], AbstractContextManager[Workers]]
"""Opens so many workers for all work of a run."""

Progress = Callable[[CityRecord, int, int], None]
"""Told of each city that is done, with how many are done and how many there are to do."""


def run(
    options: Options, workspace: Workspace, *, opened: OpenWorkers | None = None, progress: Progress | None = None
) -> RunManifest:
    """Make the reports of all cities in the sources that are not there yet, or would come out differently.

    Parameters
    ----------
    options
        What to do.
    workspace
        Where answers, benchmarks and outputs are unless the options say otherwise.
    opened
        Opens the workers; by the options when None.
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
    opened = opened or _workers(options)
    lists = Lists.read(sources, workspace)
    with ExitStack() as stack:
        stands = MANIFEST in outputs.files() or any(outputs.benchmarks())
        if stands:
            # What another batch is just writing, or a killed one was, must not be taken for what stands there.
            outputs = stack.enter_context(outputs.only_writer())
        elif not options.scheduler:
            prepare(PRELOAD)  # there will be work
        before = _Before.read(outputs, options)
        plans = _Plans(options, workspace)
        everything, wanted = _gathered(options, sources, workspace, before, plans)
        if not stands:
            # Not before it is known that there is something to do: what is wrong leaves no folder.
            outputs = stack.enter_context(outputs.only_writer())
            before = _Before.read(outputs, options)
        there = before.records
        runs = [
            ToolkitRun(
                options,
                outputs.within(benchmark.id),
                there.get(benchmark.id, {}),
                everything.on(benchmark.id),
                wanted.on(benchmark.id),
                benchmark,
                plans.of(benchmark),
                lists,
                before.portfolios.get(benchmark.id),
                before.seal,
            )
            for benchmark in wanted.toolkits()
        ]
        jobs = options.jobs or cores()
        front = len({*there, *(run.benchmark.id for run in runs)}) > 1
        count = sum(len(run.stale) for run in runs)
        shares_disk = not options.scheduler
        work = Work({run.benchmark.id: run.work(shares_disk) for run in runs})
        with _WhenNeeded(partial(opened, work, min(jobs, max(1, count)))) as workers:
            note = _counting(progress, count)
            cities = tuple(chain.from_iterable(run.cities(workers, note) for run in runs))
            if count > _MANY:
                workers.let_go()
            made = [run.record(run.portfolio(workers, front=front)) for run in runs]
        overview = Overview(outputs, there, runs, everything.load, before.seal).made(
            None if options.force else before.overview
        )
        portfolios = [toolkit.portfolio for toolkit in made]
        written = Written(sum(run.written.files for run in runs), sum(run.written.size for run in runs))
        manifest = RunManifest(
            citygrow=citygrow_nb.__version__,
            python=platform.python_version(),
            libraries=versions(pdf=options.pdf),
            options=OptionsRecord(
                sources=tuple(map(str, sources)),
                benchmark=options.benchmark,
                round=options.round,
                cities=options.cities,
                jobs=jobs,
                engine=options.engine,
                force=options.force,
                verify=options.verify,
                pdf=options.pdf,
                scheduler=options.scheduler,
            ),
            started_at=started_at,
            cities=cities,
            toolkits=tuple(made),
            overview=overview,
            notices=(
                *map(_noted, everything.notes),
                *everything.differences(),
                *chain.from_iterable(run.notices for run in runs),
            ),
            problems=tuple(
                map(Said, (*wanted.problems, *lists.problems, *chain.from_iterable(run.problems for run in runs)))
            ),
            totals=totals(cities, portfolios, written, perf_counter() - clock),
        )
        try:
            outputs.publish([(MANIFEST, f"{published(manifest, sources, workspace)}\n".encode())])
        except StoreError as error:
            # What the cities came to must not be lost with it.
            return manifest.model_copy(update={"problems": (*manifest.problems, *map(Said, error.problems))})
    return manifest


def published(manifest: RunManifest, sources: Sequence[Path], workspace: Workspace) -> str:
    """Return the record of a run as everybody may read it: ``run.json``.

    Parameters
    ----------
    manifest, sources, workspace
        The record, and where files may be told by their path below it.
    """
    folders = [workspace.root, Path.home(), *(source if source.is_dir() else source.parent for source in sources)]
    roots = [str(each) for folder in folders if folder != Path() for each in (folder, folder.resolve())]
    return manifest.model_dump_json(indent=1, context={ROOTS: roots})


def _noted(note: str) -> str:
    """Part a note on a file from the file: the note names its columns as they are headed there."""
    where, _, found = note.partition(": ")
    return Said(Problem(where, found)) if found else note


class _LastRun(BaseModel):
    """What the manifest says of pages over many cities; the rest of it is for others."""

    toolkits: tuple[ToolkitRecord, ...] = ()
    overview: OverviewRecord | None = None


@dataclass(frozen=True)
class _Before:
    """What stands in the output folder: reports, and what the manifest vouches for of pages over many of them."""

    records: Mapping[str, Records]
    portfolios: Mapping[str, PortfolioRecord]
    overview: OverviewRecord | None
    seal: Seal

    @classmethod
    def read(cls, outputs: Outputs, options: Options) -> _Before:
        records = {name: read_records(outputs.within(name)) for name in outputs.benchmarks()}
        manifest = outputs.files().get(MANIFEST)
        told = _LastRun()
        if manifest:
            with suppress(CitygrowError, ValidationError):
                told = _LastRun.model_validate_json(outputs.read(MANIFEST) or b"")
        portfolios = {toolkit.benchmark.id: toolkit.portfolio for toolkit in told.toolkits}
        return cls(records, portfolios, told.overview, Seal(manifest.written if manifest else 0.0, options.verify))


@dataclass(frozen=True)
class _Plans:
    """The workbooks of each benchmark, looked at once a run."""

    options: Options
    workspace: Workspace
    found: dict[str, Plan] = field(default_factory=dict)

    def of(self, benchmark: Benchmark) -> Plan:
        if benchmark.id not in self.found:
            self.found[benchmark.id] = plan_workbooks(
                benchmark,
                self.workspace,
                trust_all=self.options.own_workbooks,
                engine=self.options.engine,
                travels=bool(self.options.scheduler),
            )
        return self.found[benchmark.id]

    def imprint(self, benchmark: Benchmark) -> str:
        own = self.of(benchmark).sha256
        return Imprint.of(benchmark, engine=self.options.engine, pdf=self.options.pdf, own=own).sha256


def _gathered(
    options: Options, sources: Sequence[Path], workspace: Workspace, before: _Before, plans: _Plans
) -> tuple[Gathered, Gathered]:
    """Return what the sources hold, and what of it the run is about."""
    records = list(chain.from_iterable(found.values() for found in before.records.values()))

    def recalled(load: LoadBenchmark) -> Any:
        return known(records, lambda name: plans.imprint(load(name)))

    everything = gather(
        sources,
        workspace,
        round_label=options.round,
        benchmark_id=options.benchmark,
        known=None if options.force or options.verify else recalled,
    )
    wanted = select(
        everything,
        one_line(sources),
        round_label=options.round,
        cities=options.cities,
        benchmark=options.benchmark,
    )
    return everything, wanted


class _WhenNeeded:
    """Workers that are not opened before there is a job for them."""

    def __init__(self, opened: Callable[[], AbstractContextManager[Workers]]) -> None:
        self._opened, self._open = opened, ExitStack()
        self._workers: Workers | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: Any) -> None:
        self._open.__exit__(*raised)

    def each(self, jobs: Iterable[Any]) -> Iterator[tuple[Any, Any]]:
        rest = iter(jobs)
        for first in rest:
            self._workers = self._workers or self._open.enter_context(self._opened())
            yield from self._workers.each(chain([first], rest))

    def let_go(self) -> None:
        if self._workers:
            self._workers.let_go()


def _counting(progress: Progress | None, total: int) -> Callable[[CityRecord], None]:
    done = 0

    def note(record: CityRecord) -> None:
        nonlocal done
        done += 1
        if progress:
            progress(record, done, total)

    return note


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
    if not options.sources:
        workspace.require_toolkit_first()
    if not options.sources and not workspace.answered():
        raise UsageError(
            Problem(
                str(workspace.answers),
                "there are no answers here yet",
                todo="name files or folders of answers, import some with “citygrow answers import”, "
                "or begin with “citygrow lab”",
            )
        )
    return options.sources or (workspace.answers,), outputs


def _workers(options: Options) -> OpenWorkers:
    if not options.scheduler:
        return lambda work, count: Processes(work, count, limit=options.limit, preload=PRELOAD)
    from citygrow_nb.running.cluster import Cluster, require_cluster

    require_cluster(options.scheduler)
    return lambda work, _: Cluster(work, options.scheduler, limit=options.limit, preload=PRELOAD)


def _require_pdf() -> None:
    from citygrow_nb.exporting import pdf

    pdf.require()
