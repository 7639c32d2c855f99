"""Make the pages and tables of all cities: a pure function of the job, run in a worker process."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain

from pydantic import TypeAdapter

from citygrow_nb import exporting, rendering, scoring, tables
from citygrow_nb.batch.jobs import Pages, PortfolioJob, Toolkit
from citygrow_nb.batch.manifest import noted
from citygrow_nb.batch.temporary_workspace import body_of, failed, stage, timed
from citygrow_nb.model import Benchmark, CityFigures, Matching, Portfolio, latest
from citygrow_nb.model.run import FileRecord
from citygrow_nb.model.status import Expected
from citygrow_nb.storage import Outputs
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


def make_portfolio(job: PortfolioJob, toolkit: Toolkit, outputs: Outputs | None = None) -> Pages:
    """Make everything that shows all cities.

    Parameters
    ----------
    job
        What to make.
    toolkit
        Benchmark and workbooks.
    outputs
        Where to put each page as soon as it is made; None to hand all of them back.

    Returns
    -------
    Pages
        ``index.html`` and the pages to which it leads, and the same figures as ``portfolio.csv``, ``portfolio.xlsx``
        and ``portfolio.json``; or what went wrong.
    """
    if outputs is None:
        return timed(lambda: Pages(dict(_portfolio(job, toolkit))))
    published: dict[str, FileRecord] = {}

    def publish() -> Pages:
        outputs.publish(noted(_portfolio(job, toolkit), published))
        return Pages()

    return replace(timed(publish), published=tuple(published[name] for name in sorted(published)))


def _portfolio(job: PortfolioJob, toolkit: Toolkit) -> Iterator[tuple[str, bytes]]:
    """Run the workbook, and return its page with all others, which are made when they are asked for."""
    place = stage(toolkit)
    benchmark = place.benchmark
    workbook = next(each for each in toolkit.workbooks if each.name.kind == "portfolio")
    with place.open() as workspace:
        (workspace.outputs / PORTFOLIO).write_bytes(job.portfolio)
        if job.matching:
            (workspace.outputs / MENTORING_JSON).write_bytes(job.matching)
        run = place.run(workbook, {"outputs": OUTPUTS, "form": False})
    if run.failure:
        raise failed(workbook, run)
    portfolio = Portfolio.read(job.portfolio).comparable(benchmark.factors)
    cities = rendering.by_name(portfolio.cities)
    links: dict[str, str | None] = {each.name.file: None for each in toolkit.workbooks}
    body = body_of(workbook, run.notebook, links)
    index = exporting.framed(
        body,
        lang=benchmark.language,
        crumbs=(rendering.FRONT_CRUMB,) if job.front else (),
        notice=rendering.draft_notice(benchmark),
        extra=rendering.finder(benchmark, cities, latest(cities)),
    )
    return _files(job, benchmark, cities, portfolio.left_out, index)


def _files(
    job: PortfolioJob, benchmark: Benchmark, cities: Sequence[CityFigures], left_out: Sequence[str], index: bytes
) -> Iterator[tuple[str, bytes]]:
    for file, page in chain(
        rendering.further_pages(benchmark, cities, front=job.front), _status_pages(benchmark, cities, job)
    ):
        yield file, page.encode()
    if job.matching:
        yield from mentoring_files(benchmark, job.matching, front=job.front).items()
    yield PORTFOLIO_CSV, tables.portfolio_csv(benchmark, cities)
    yield PORTFOLIO_XLSX, tables.portfolio_xlsx(benchmark, cities, left_out)
    yield PORTFOLIO, job.portfolio
    yield INDEX, index


def _status_pages(benchmark: Benchmark, cities: Sequence[CityFigures], job: PortfolioJob) -> Iterable[tuple[str, str]]:
    expected = _EXPECTED.validate_json(job.expected) if job.expected else ()
    found = scoring.statuses(benchmark, cities, scoring.last_round(cities), expected)
    return rendering.status_pages(benchmark, found, expected=bool(job.expected), front=job.front)


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
