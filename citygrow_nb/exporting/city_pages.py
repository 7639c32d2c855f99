"""One city's pages around the bodies of its workbooks: frames, summary, method, and the report in one file."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import citygrow_nb
from citygrow_nb import answers, rendering, scoring
from citygrow_nb.exporting.chapters import chapters
from citygrow_nb.exporting.links import without_links_to
from citygrow_nb.exporting.pages import checked, framed
from citygrow_nb.model import Assessment, Benchmark, Matching
from citygrow_nb.plan import WorkbookName, factor_files, plan
from citygrow_nb.rendering import PORTFOLIO_PAGE, NavLink, Past, Provenance
from citygrow_nb.versions import versions
from citygrow_nb.workspace import INDEX, MENTORING_JSON, METHOD, Workspace, city_page

_LABELS = {"start": "The standard"}
"""What a page is called where its workbook's name says what to do there."""


@dataclass
class CityPages:
    """One city's pages, as parts of a whole.

    Parameters
    ----------
    benchmark
        What was asked.
    fingerprint
        SHA-256 of the compiled benchmark.
    city
        Folder name of the city.
    document
        The assessment as in its file.
    earlier_documents
        The city's assessments of the rounds before, earliest first, to show what changed.
    matching_document
        Who mentors this city and whom it mentors, as in ``mentoring.json``; empty where nobody has looked.
    """

    benchmark: Benchmark
    fingerprint: str
    city: str
    document: bytes
    earlier_documents: tuple[bytes, ...] = ()
    matching_document: bytes = b""

    def __post_init__(self) -> None:
        # The city's own document last: what was read last, workbooks find read.
        self.earlier = [self._read(document) for document in self.earlier_documents]
        self.assessment = self._read(self.document)
        self.matching = Matching.model_validate_json(self.matching_document) if self.matching_document else None
        self.title = f"{self.assessment.city.name} {self.assessment.round}"
        self._past = self._compared()
        provenance = Provenance(
            hashlib.sha256(self.document).hexdigest(),
            self.fingerprint,
            {"citygrow": citygrow_nb.__version__, **versions()},
        )
        self._crumbs = (
            NavLink(PORTFOLIO_PAGE, "All cities"),
            NavLink(f"../../../{city_page(self.assessment.city.slug)}", self.assessment.city.name),
            NavLink(INDEX, self.assessment.round),
        )
        told = rendering.method(self.benchmark, self.assessment, provenance, self.changes)
        self._method = checked(told.html, METHOD)

    @property
    def changes(self) -> scoring.Changes | None:
        """What changed since the round before."""
        return self._past.changes if self._past else None

    def lay_out(self, workspace: Workspace) -> None:
        """Put what the workbooks read where they find it."""
        for assessment, content in zip(
            (*self.earlier, self.assessment), (*self.earlier_documents, self.document), strict=True
        ):
            document = workspace.document(self.benchmark.id, self.city, assessment.round)
            document.parent.mkdir(parents=True, exist_ok=True)
            document.write_bytes(content)
        if self.matching_document:
            path = workspace.outputs / self.benchmark.id / MENTORING_JSON
            path.parent.mkdir()
            path.write_bytes(self.matching_document)

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
        return answers.parse(document, self.city, self.benchmark)

    def framed(self, names: Sequence[WorkbookName], bodies: Mapping[str, str]) -> dict[str, bytes]:
        """Return all pages, of workbooks and of the city itself.

        Parameters
        ----------
        names
            The workbooks that have pages, in reading order.
        bodies
            The body of each by its page.
        """
        results = next((name.page for name in names if name.kind == "results"), "")
        parts = self._linked(names, {INDEX: self._summary(names, more=results), **bodies, METHOD: self._method})
        return {
            page: framed(
                body,
                site=self.benchmark.title + " " + self.assessment.round if page == INDEX else self.title,
                nav=self._nav(names, page),
                crumbs=self._crumbs[:2] if page == INDEX else self._crumbs,
                lang=self.benchmark.language,
                look="summary" if page == INDEX else "",
                notice=rendering.draft_notice(self.benchmark),
            )
            for page, body in parts.items()
        }

    def report(self, names: Sequence[WorkbookName], bodies: Mapping[str, str]) -> bytes:
        """Return everything in one file; parameters as for :meth:`framed`.

        The workbook of results is left out: the summary says the same in full.
        """
        left_out = {name.page for name in names if name.kind == "results"}
        parts = {
            INDEX: self._summary(names),
            **{page: body for page, body in bodies.items() if page not in left_out},
            METHOD: self._method,
        }
        body = rendering.report(self.benchmark, self.assessment, chapters(parts, self._labels(names)))
        # Not checked as a whole: all of its parts were.
        return framed(
            body,
            site=f"{self.benchmark.title} {self.assessment.round}",
            lang=self.benchmark.language,
            look="whole",
            notice=rendering.draft_notice(self.benchmark),
        )

    def _linked(self, names: Sequence[WorkbookName], parts: dict[str, str]) -> dict[str, str]:
        """Turn links to pages of workbooks that are not there into their text."""
        gone = {name.page for name in plan(self.benchmark)} - {name.page for name in names}
        gone -= {name.page for name in plan(self.benchmark) if name.kind == "portfolio"}
        return {page: without_links_to(body, gone) for page, body in parts.items()} if gone else parts

    def _summary(self, names: Sequence[WorkbookName], more: str = "") -> str:
        made = rendering.summary(
            self.benchmark,
            self.assessment,
            links=factor_files(self.benchmark, "html"),
            pages=self._nav(names, INDEX),
            more=more,
            past=self._past,
            matching=self.matching,
        )
        return checked(made, INDEX)

    def _nav(self, names: Sequence[WorkbookName], current: str) -> tuple[NavLink, ...]:
        return tuple(NavLink(page, label, page == current) for page, label in self._labels(names).items())

    def _labels(self, names: Sequence[WorkbookName]) -> dict[str, str]:
        places = {factor.code: place for place, factor in enumerate(self.benchmark.key_factors, start=1)}
        labels = {
            name.page: f"{places[name.code]}. {name.title}" if name.code else _LABELS.get(name.kind, name.title)
            for name in names
        }
        return {INDEX: "Summary", **labels, METHOD: "Method"}
