"""Make one city's site: a pure function of the job, run in a worker process."""

from __future__ import annotations

from contextlib import closing

from citygrow_nb import authoring, engine, scoring
from citygrow_nb.batch.jobs import CityJob, Pages
from citygrow_nb.batch.temporary_workspace import bodied, executed, stage, timed
from citygrow_nb.exporting import CityPages
from citygrow_nb.rendering import PORTFOLIO_PAGE
from citygrow_nb.workspace import REPORT, REPORT_PDF, RESULTS


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
        in the first workbook that failed.
    """
    return timed(lambda: _city(job))


def _city(job: CityJob) -> dict[str, bytes]:
    parameters = {"city": job.city, "round": job.round, "form": False}
    notebooks: dict[str, bytes] = {}
    bodies: dict[str, str] = {}
    with stage(job.toolkit) as (workspace, benchmark):
        plan = authoring.plan(benchmark)
        names = [name for name in plan if name.kind != "portfolio"]
        pages: dict[str, str | None] = {name.file: PORTFOLIO_PAGE for name in plan if name.kind == "portfolio"}
        site = CityPages(benchmark, job.toolkit.sha256, names, job.city, job.document, job.earlier, job.matching)
        site.lay_out(workspace)
        with closing(executed(names, job, parameters, workspace)) as done:
            for name, notebook in done:
                notebooks[name.file] = engine.dump(notebook)
                bodies[name.page] = bodied(name, notebook, pages=pages)
    report = site.report(bodies)
    made = {**notebooks, **site.framed(bodies), REPORT: report}
    if job.pdf:
        from citygrow_nb.exporting import pdf

        made[REPORT_PDF] = pdf.make(report, running=site.title)
    results = scoring.results(benchmark, site.assessment, changes=site.changes)
    return {**made, RESULTS: f"{results.model_dump_json(indent=1)}\n".encode()}
