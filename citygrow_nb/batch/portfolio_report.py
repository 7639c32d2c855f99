"""Make the pages and tables of all cities: a pure function of the job, run in a worker process."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import TypeAdapter

from citygrow_nb import authoring, rendering, scoring, tables
from citygrow_nb.batch.jobs import Pages, PortfolioJob
from citygrow_nb.batch.temporary_workspace import executed, paged, stage, timed
from citygrow_nb.model import Benchmark, CityFigures, Matching, Portfolio, latest
from citygrow_nb.model.status import Expected
from citygrow_nb.workspace import (
    INDEX,
    MENTORING_CSV,
    MENTORING_JSON,
    MENTORING_XLSX,
    OUTPUTS,
    PORTFOLIO,
    PORTFOLIO_CSV,
    PORTFOLIO_XLSX,
)


def make_portfolio(job: PortfolioJob) -> Pages:
    """Make everything that shows all cities.

    Parameters
    ----------
    job
        What to make.

    Returns
    -------
    Pages
        ``index.html`` and the pages to which it leads, and the same figures as ``portfolio.csv``, ``portfolio.xlsx``
        and ``portfolio.json``; or what went wrong.
    """
    return timed(lambda: _portfolio(job))


def _portfolio(job: PortfolioJob) -> dict[str, bytes]:
    with stage(job.toolkit) as (workspace, benchmark):
        plan = authoring.plan(benchmark)
        name = next(name for name in plan if name.kind == "portfolio")
        (workspace.outputs / PORTFOLIO).write_bytes(job.portfolio)
        if job.matching:
            (workspace.outputs / MENTORING_JSON).write_bytes(job.matching)
        ((_, notebook),) = executed([name], job, {"outputs": OUTPUTS, "form": False}, workspace)
    portfolio = Portfolio.model_validate_json(job.portfolio).comparable(benchmark.factors)
    cities = rendering.by_name(portfolio.cities)
    index = paged(
        name,
        notebook,
        lang=benchmark.language,
        pages={name.file: None for name in plan},
        crumbs=(rendering.FRONT_CRUMB,) if job.front else (),
        notice=rendering.draft_notice(benchmark),
        extra=rendering.finder(benchmark, cities, latest(cities)),
    )
    return {
        **{file: page.encode() for file, page in rendering.further_pages(benchmark, cities, front=job.front)},
        **_status(benchmark, cities, job),
        **(mentoring_files(benchmark, job.matching, front=job.front) if job.matching else {}),
        PORTFOLIO_CSV: tables.portfolio_csv(benchmark, cities),
        PORTFOLIO_XLSX: tables.portfolio_xlsx(benchmark, cities, portfolio.left_out),
        PORTFOLIO: job.portfolio,
        INDEX: index,
    }


def _status(benchmark: Benchmark, cities: Sequence[CityFigures], job: PortfolioJob) -> dict[str, bytes]:
    expected = _EXPECTED.validate_json(job.expected) if job.expected else ()
    found = scoring.statuses(benchmark, cities, scoring.last_round(cities), expected)
    pages = rendering.status_pages(benchmark, found, expected=bool(job.expected), front=job.front)
    return {file: page.encode() for file, page in pages}


def mentoring_files(benchmark: Benchmark, content: bytes, *, front: bool, linked: bool = True) -> dict[str, bytes]:
    """Return pages and tables of who mentors whom.

    Parameters
    ----------
    benchmark
        What was asked.
    content
        The matches, as in ``mentoring.json``.
    front
        Whether there is a front page over several benchmarks to lead back to.
    linked
        Whether reports and the page of all cities stand where links to them lead.
    """
    matching = Matching.model_validate_json(content)
    return {
        **{
            file: page.encode()
            for file, page in rendering.mentoring_pages(benchmark, matching, front=front, linked=linked)
        },
        MENTORING_CSV: tables.mentoring_csv(benchmark, matching),
        MENTORING_XLSX: tables.mentoring_xlsx(benchmark, matching),
        MENTORING_JSON: content,
    }


_EXPECTED: TypeAdapter[tuple[Expected, ...]] = TypeAdapter(tuple[Expected, ...])
