"""Make the pages and tables of all cities: a pure function of the job, run in a worker process."""

from __future__ import annotations

from citygrow_nb import authoring, rendering, tables
from citygrow_nb.batch.jobs import Pages, PortfolioJob
from citygrow_nb.batch.temporary_workspace import executed, paged, stage, timed
from citygrow_nb.model import Portfolio, latest
from citygrow_nb.workspace import INDEX, OUTPUTS, PORTFOLIO, PORTFOLIO_CSV, PORTFOLIO_XLSX


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
        notebook = executed(name, job, {"outputs": OUTPUTS, "form": False}, workspace)
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
        PORTFOLIO_CSV: tables.portfolio_csv(benchmark, cities),
        PORTFOLIO_XLSX: tables.portfolio_xlsx(benchmark, cities, portfolio.left_out),
        PORTFOLIO: job.portfolio,
        INDEX: index,
    }
