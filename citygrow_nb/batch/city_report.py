"""Make one city's site: a pure function of the job, run in a worker process."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass

import citygrow_nb
from citygrow_nb import answers, authoring, engine, exporting, rendering, scoring
from citygrow_nb.authoring import WorkbookName
from citygrow_nb.batch.jobs import CityJob, Pages
from citygrow_nb.batch.temporary_workspace import bodied, executed, stage, timed
from citygrow_nb.model import Assessment, Benchmark, Matching
from citygrow_nb.rendering import PORTFOLIO_PAGE, NavLink, Past, Provenance
from citygrow_nb.versions import versions
from citygrow_nb.workspace import INDEX, MENTORING_JSON, METHOD, REPORT, REPORT_PDF, RESULTS, Workspace, city_page

_LABELS = {"start": "The standard"}
"""What a page is called where its workbook's name says what to do there."""


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
        site = Site(job, benchmark, names)
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


@dataclass
class Site:
    """One city's pages, as parts of a whole."""

    job: CityJob
    benchmark: Benchmark
    names: list[WorkbookName]

    def __post_init__(self) -> None:
        # The city's own document last: what was read last, workbooks find read.
        self.earlier = [self._read(document) for document in self.job.earlier]
        self.assessment = self._read(self.job.document)
        self.matching = Matching.model_validate_json(self.job.matching) if self.job.matching else None
        self.title = f"{self.assessment.city.name} {self.assessment.round}"
        self._past = self._compared()
        self._links = {name.code: name.page for name in self.names if name.code}
        self._labels = {INDEX: "Summary", **self._numbered(), METHOD: "Method"}
        provenance = Provenance(
            "" if scoring.has_few_persons(self.assessment) else hashlib.sha256(self.job.document).hexdigest(),
            self.job.toolkit.sha256,
            {"citygrow": citygrow_nb.__version__, **versions()},
        )
        self._crumbs = (
            NavLink(PORTFOLIO_PAGE, "All cities"),
            NavLink(f"../../../{city_page(self.assessment.city.slug)}", self.assessment.city.name),
            NavLink(INDEX, self.assessment.round),
        )
        told = rendering.method(self.benchmark, self.assessment, provenance, self.changes)
        self._method = exporting.checked(told.html, METHOD)

    @property
    def changes(self) -> scoring.Changes | None:
        """What changed since the round before."""
        return self._past.changes if self._past else None

    def lay_out(self, workspace: Workspace) -> None:
        """Put what the workbooks read where they find it."""
        for assessment, content in zip(
            (*self.earlier, self.assessment), (*self.job.earlier, self.job.document), strict=True
        ):
            document = workspace.document(self.benchmark.id, self.job.city, assessment.round)
            document.parent.mkdir(parents=True, exist_ok=True)
            document.write_bytes(content)
        if self.job.matching:
            path = workspace.outputs / self.benchmark.id / MENTORING_JSON
            path.parent.mkdir()
            path.write_bytes(self.job.matching)

    def _compared(self) -> Past | None:
        if not self.earlier:
            return None
        before, now = self.earlier[-1], self.assessment
        return Past(
            scoring.compare(self.benchmark, before, now),
            scoring.trend(self.benchmark, [*self.earlier, now]),
            scoring.follow_up(before, now),
        )

    def _read(self, document: bytes) -> Assessment:
        return answers.parse(document, self.job.city, self.benchmark)

    def framed(self, bodies: Mapping[str, str]) -> dict[str, bytes]:
        """Return all pages, of workbooks and of the city itself."""
        results = next(name.page for name in self.names if name.kind == "results")
        summary = self._summary(more=results)
        return {
            page: exporting.framed(
                body,
                site=self.benchmark.title + " " + self.assessment.round if page == INDEX else self.title,
                nav=self._nav(page),
                crumbs=self._crumbs[:2] if page == INDEX else self._crumbs,
                lang=self.benchmark.language,
                look="summary" if page == INDEX else "",
                notice=rendering.draft_notice(self.benchmark),
            )
            for page, body in {INDEX: summary, **bodies, METHOD: self._method}.items()
        }

    def report(self, bodies: Mapping[str, str]) -> bytes:
        """Return everything in one file. The workbook of results is left out: the summary says the same in full."""
        left_out = {name.page for name in self.names if name.kind == "results"}
        parts = {
            INDEX: self._summary(),
            **{page: body for page, body in bodies.items() if page not in left_out},
            METHOD: self._method,
        }
        body = rendering.report(self.benchmark, self.assessment, exporting.chapters(parts, self._labels))
        # Not checked as a whole: all of its parts were.
        return exporting.framed(
            body,
            site=f"{self.benchmark.title} {self.assessment.round}",
            lang=self.benchmark.language,
            look="whole",
            notice=rendering.draft_notice(self.benchmark),
        )

    def _summary(self, more: str = "") -> str:
        made = rendering.summary(
            self.benchmark,
            self.assessment,
            links=self._links,
            pages=self._nav(INDEX),
            more=more,
            past=self._past,
            matching=self.matching,
        )
        return exporting.checked(made, INDEX)

    def _nav(self, current: str) -> tuple[NavLink, ...]:
        return tuple(NavLink(page, label, page == current) for page, label in self._labels.items())

    def _numbered(self) -> dict[str, str]:
        places = {page: place for place, page in enumerate(self._links.values(), start=1)}
        return {
            name.page: f"{places[name.page]}. {name.title}" if name.code else _LABELS.get(name.kind, name.title)
            for name in self.names
        }
