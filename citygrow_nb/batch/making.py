"""Make one city's pages, or the portfolio's: a pure function of the job, run in a worker process.

Workbooks find their answers in the workspace around the current folder. So each job gets a small workspace of its own,
in a temporary folder, and nothing that a page shows can depend on where it was made.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from citygrow_nb import authoring, engine, exporting, rendering, scoring
from citygrow_nb.authoring import WorkbookName
from citygrow_nb.batch.jobs import CityJob, Pages, PortfolioJob, Toolkit
from citygrow_nb.exceptions import CitygrowError, Problem
from citygrow_nb.model import Assessment, Benchmark
from citygrow_nb.rendering import NavLink
from citygrow_nb.workspace import OUTPUTS, Workspace, city_folder

if TYPE_CHECKING:
    from nbformat import NotebookNode

INDEX = "index.html"
RESULTS = "results.json"
PORTFOLIO = f"../../{INDEX}"
"""The portfolio as seen from a city's folder."""


def make_city(job: CityJob) -> Pages:
    """Make all pages of one city.

    Parameters
    ----------
    job
        What to make.

    Returns
    -------
    Pages
        A page and a notebook for every workbook except the portfolio, ``index.html``, and as the last ``results.json``;
        or what went wrong in the first workbook that failed.
    """
    return _timed(lambda: _city(job))


def make_portfolio(job: PortfolioJob) -> Pages:
    """Make the page of all cities.

    Parameters
    ----------
    job
        What to make.

    Returns
    -------
    Pages
        ``index.html``, or what went wrong.
    """
    return _timed(lambda: _portfolio(job))


class _Failure(Exception):
    def __init__(self, problems: tuple[Problem, ...], file: str, notebook: bytes) -> None:
        super().__init__()
        self.problems, self.broken = problems, {file: notebook}


def _timed(make: Callable[[], dict[str, bytes]]) -> Pages:
    begun = perf_counter()
    try:
        return Pages(make(), seconds=perf_counter() - begun)
    except _Failure as failure:
        return Pages(problems=failure.problems, broken=failure.broken, seconds=perf_counter() - begun)


def _city(job: CityJob) -> dict[str, bytes]:
    benchmark = _benchmark(job.toolkit.benchmark)
    assessment = Assessment.model_validate_json(job.document)
    site = f"{assessment.city.name} {assessment.round}"
    plan = authoring.plan(benchmark)
    names = [name for name in plan if name.kind != "portfolio"]
    pages: dict[str, str | None] = {name.file: PORTFOLIO for name in plan if name.kind == "portfolio"}
    crumbs = (NavLink(PORTFOLIO, "All cities"), NavLink(INDEX, site))
    parameters = {"city": job.city, "round": job.round, "form": False}
    files: dict[str, bytes] = {}
    with _stage(job.toolkit, benchmark) as workspace:
        document = workspace.document(job.city, job.round)
        document.parent.mkdir(parents=True)
        document.write_bytes(job.document)
        for name in names:
            notebook = _executed(name, job, parameters, workspace)
            files[name.file] = engine.dump(notebook)
            files[name.page] = _page(
                name,
                notebook,
                site=site,
                nav=_nav(names, name.page),
                crumbs=crumbs,
                lang=benchmark.language,
                pages=pages,
            )
    results = scoring.results(benchmark, assessment)
    links = {name.code: name.page for name in names if name.code}
    index = rendering.city_index(benchmark, assessment, results, _nav(names, INDEX), crumbs=crumbs[:1], links=links)
    return {**files, INDEX: index.encode(), RESULTS: f"{results.model_dump_json(indent=1)}\n".encode()}


def _portfolio(job: PortfolioJob) -> dict[str, bytes]:
    benchmark = _benchmark(job.toolkit.benchmark)
    plan = authoring.plan(benchmark)
    name = next(name for name in plan if name.kind == "portfolio")
    with _stage(job.toolkit, benchmark) as workspace:
        for (city, round_label), content in job.results.items():
            folder = city_folder(workspace.outputs, city, round_label)
            folder.mkdir(parents=True)
            (folder / RESULTS).write_bytes(content)
        notebook = _executed(name, job, {"outputs": OUTPUTS, "form": False}, workspace)
    return {INDEX: _page(name, notebook, lang=benchmark.language, pages={name.file: None for name in plan})}


def _executed(
    name: WorkbookName, job: CityJob | PortfolioJob, parameters: Mapping[str, object], workspace: Workspace
) -> NotebookNode:
    source = job.toolkit.workbooks[name.file]
    try:
        done = engine.run(
            source, parameters, name=name.file, cwd=workspace.root, engine=job.engine, timeout=job.timeout
        )
    except CitygrowError as error:
        raise _Failure(error.problems, name.file, source) from error
    if done.failure:
        raise _Failure((done.failure,), name.file, engine.dump(done.notebook))
    return done.notebook


def _page(
    name: WorkbookName,
    notebook: NotebookNode,
    *,
    lang: str,
    pages: Mapping[str, str | None],
    site: str = "",
    nav: tuple[NavLink, ...] = (),
    crumbs: tuple[NavLink, ...] = (),
) -> bytes:
    try:
        return exporting.page(notebook, name=name.file, site=site, nav=nav, crumbs=crumbs, lang=lang, pages=pages)
    except CitygrowError as error:
        raise _Failure(error.problems, name.file, engine.dump(notebook)) from error


def _nav(names: list[WorkbookName], current: str) -> tuple[NavLink, ...]:
    links = [(INDEX, "Overview"), *((name.page, name.title) for name in names)]
    return tuple(NavLink(href, label, href == current) for href, label in links)


@contextmanager
def _stage(toolkit: Toolkit, benchmark: Benchmark) -> Iterator[Workspace]:
    # On Windows a kernel that has just ended may still hold its folder for a moment.
    with tempfile.TemporaryDirectory(prefix="citygrow-", ignore_cleanup_errors=True) as folder:
        workspace = Workspace(Path(folder).resolve())
        for path in (workspace.answers, workspace.outputs, workspace.benchmarks):
            path.mkdir()
        (workspace.benchmarks / f"{benchmark.id}.json").write_bytes(toolkit.benchmark)
        yield workspace


@lru_cache(maxsize=2)
def _benchmark(content: bytes) -> Benchmark:
    return Benchmark.model_validate_json(content)
