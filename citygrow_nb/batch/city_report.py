"""Make one city's site: a pure function of the job, run in a worker process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from citygrow_nb import scoring
from citygrow_nb.authoring import plan
from citygrow_nb.batch.jobs import CityJob, Pages
from citygrow_nb.batch.temporary_workspace import WorkbookFailed, body_of, failed, stage, timed
from citygrow_nb.exceptions import Problem
from citygrow_nb.exporting import CityPages
from citygrow_nb.rendering import PORTFOLIO_PAGE
from citygrow_nb.running import IN_PROCESS
from citygrow_nb.running.notebooks import dump
from citygrow_nb.workspace import REPORT, REPORT_PDF, RESULTS

if TYPE_CHECKING:
    from nbformat import NotebookNode


def make_city(job: CityJob) -> Pages:
    """Make all pages of one city.

    Parameters
    ----------
    job
        What to make.

    Returns
    -------
    Pages
        A page and a notebook for every workbook except the portfolio, ``index.html``, ``method.html``, ``report.html``
        with everything in one file, ``report.pdf`` if asked for, and as the last ``results.json``; or what went wrong
        in the first workbook as built that failed. An own workbook that failed has its notebook there, and no page.
    """
    return timed(lambda: _city(job))


def _city(job: CityJob) -> Pages:
    parameters = {"city": job.city, "round": job.round, "form": False}
    place = stage(job.toolkit)
    workbooks = [each for each in job.toolkit.workbooks if each.name.kind != "portfolio"]
    site = CityPages(place.benchmark, job.toolkit.sha256, job.city, job.document, job.earlier, job.matching)
    executed: dict[str, NotebookNode] = {}
    left_out: dict[str, tuple[Problem, ...]] = {}
    with place.open() as workspace:
        site.lay_out(workspace)
        for each in workbooks:
            run = place.run(each, parameters)
            if run.failure and each.engine == IN_PROCESS:
                raise failed(each, run)
            executed[each.name.file] = run.notebook
            if run.failure:
                left_out[each.name.file] = (run.failure,)
    bodies: dict[str, str] = {}
    links = _links(job, left_out)
    for each in workbooks:
        if each.name.file not in left_out:
            try:
                bodies[each.name.page] = body_of(each, executed[each.name.file], links)
            except WorkbookFailed as error:
                if each.engine == IN_PROCESS:
                    raise
                left_out[each.name.file] = error.problems
    names = [each.name for each in workbooks if each.name.page in bodies]
    pages, report = site.framed(names, bodies), site.report(names, bodies)
    notebooks = {each.name.executed: dump(executed[each.name.file]) for each in workbooks}
    made = {**notebooks, **pages, REPORT: report}
    if job.pdf:
        from citygrow_nb.exporting import pdf

        made[REPORT_PDF] = pdf.make(report, running=site.title)
    results = scoring.results(place.benchmark, site.assessment, changes=site.changes)
    return Pages({**made, RESULTS: f"{results.model_dump_json(indent=1)}\n".encode()}, left_out=left_out)


def _links(job: CityJob, left_out: dict[str, tuple[Problem, ...]]) -> dict[str, str | None]:
    """Return where links to other workbooks lead: to their pages, and nowhere where there is none."""
    links: dict[str, str | None] = {name.file: None for name in plan(stage(job.toolkit).benchmark)}
    for each in job.toolkit.workbooks:
        page = PORTFOLIO_PAGE if each.name.kind == "portfolio" else each.name.page
        links[each.name.file] = None if each.name.file in left_out else page
    return links
