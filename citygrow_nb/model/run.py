"""The records of a run and of each report: ``run.json`` in the output folder, and in every city's."""

from __future__ import annotations

from typing import Literal

from pydantic import AwareDatetime, Field

from citygrow_nb.model.fields import Document, RoundLabel, Slug, Version
from citygrow_nb.model.portfolio import CityFigures
from citygrow_nb.model.published import PublicNotice, PublicPath, PublicText


class FileRecord(Document):
    """One file of a report."""

    name: str
    """File name within the city's folder."""
    size: int = Field(ge=0)
    """Bytes."""
    sha256: str
    """Fingerprint of its content."""


class CityRecord(Document):
    """One city's report in this run."""

    benchmark: Slug
    """Id of the benchmark that was answered."""
    city: Slug
    """Folder name of the city."""
    name: str
    """Name of the city."""
    round: RoundLabel
    """The round."""
    source: PublicPath
    """File that the answers came from."""
    document_sha256: str
    """Fingerprint of the assessment as it stands in its source."""
    status: Literal["made", "incomplete", "unchanged", "failed"]
    """What came of it; incomplete when own workbooks failed and all else was made. What an earlier run made stays when
    it failed."""
    reason: PublicText = ""
    """Why it failed, or what it lacks."""
    seconds: float = Field(default=0, ge=0)
    """How long a worker was busy with it."""


class PortfolioRecord(Document):
    """The page of all cities."""

    status: Literal["made", "unchanged", "failed", "skipped"]
    """What came of it; skipped when no city has a report yet."""
    reason: PublicText = ""
    """Why it failed or was skipped."""
    cities: int = Field(default=0, ge=0)
    """Number of reports that it shows."""
    inputs_sha256: str = ""
    """Fingerprint of all that it was made from."""
    mentors_sha256: str = ""
    """Fingerprint of all that mentors were found from; empty where they were not found anew."""
    files: tuple[FileRecord, ...] = ()
    """The page, and those beside it."""
    seconds: float = Field(default=0, ge=0)
    """How long a worker was busy with it."""


class OverviewRecord(Document):
    """The front page, and the page of each city on all its benchmarks."""

    status: Literal["made", "unchanged", "failed", "skipped"]
    """What came of them; skipped when no city has a report yet."""
    reason: PublicText = ""
    """Why they failed or were skipped."""
    front_sha256: str = ""
    """Fingerprint of all that the front page was made from."""
    cities: dict[Slug, str] = {}
    """Fingerprint of all that each city's page was made from."""
    files: tuple[FileRecord, ...] = ()
    """These pages, by their path in the output folder."""


class BenchmarkRecord(Document):
    """The benchmark that was used."""

    id: Slug
    """Id."""
    version: Version
    """Version of its content."""
    sha256: str
    """Fingerprint of the compiled benchmark."""


class OptionsRecord(Document):
    """What the run was asked to do."""

    sources: tuple[PublicPath, ...]
    """Files and folders of answers."""
    benchmark: str = ""
    """Benchmark that it was limited to."""
    round: str = ""
    """Round that it was limited to."""
    cities: tuple[str, ...] = ()
    """Cities that it was limited to."""
    jobs: int = Field(ge=1)
    """Number of workers."""
    engine: str
    """Engine that ran the workbooks."""
    force: bool = False
    """Whether everything was to be made anew."""
    verify: bool = False
    """Whether all hashes were to be compared."""
    pdf: bool = False
    """Whether PDF files were to be made as well."""
    scheduler: PublicPath = ""
    """Address of the scheduler whose workers were used; empty for processes of the machine itself."""


class WorkbookRecord(Document):
    """A workbook that was run."""

    name: str
    """Its file name."""
    sha256: str
    """Fingerprint of its content before it ran."""
    engine: str
    """How it ran: ``citygrow`` in the process that made the report, ``kernel`` in a Jupyter kernel of its own."""
    failure: PublicText = ""
    """Why it has no page in this report."""


class ReportRecord(Document):
    """What one city's report was made from: ``run.json`` in its folder, written when all its other files stand.

    Nothing in it depends on when, where or how fast the report was made.
    """

    format: Literal["citygrow-report"] = "citygrow-report"
    """Name of the document format."""
    version: Literal[1] = 1
    """Version of the document format."""
    citygrow: str
    """Version of citygrow."""
    libraries: dict[str, str]
    """Versions of the libraries that shape a report."""
    benchmark: BenchmarkRecord
    """Benchmark that was used."""
    shaped_by: str
    """Fingerprint of what shapes all pages alike: benchmark, workbooks, templates, code, libraries, options."""
    document_sha256: str
    """Fingerprint of the assessment as it stood in its source; empty where it depends on fewer than five persons."""
    earlier_sha256: str = ""
    """Fingerprint of the assessments of the rounds before; empty if there were none, or where it depends on fewer than
    five persons."""
    mentors_sha256: str = ""
    """Fingerprint of what is told of mentors; empty if nothing is."""
    figures: CityFigures
    """City, round, and what the portfolio shows of them."""
    workbooks: tuple[WorkbookRecord, ...] = ()
    """The workbooks that its pages were made of, in reading order."""
    files: tuple[FileRecord, ...]
    """Every other file of the report."""


class Totals(Document):
    """Sums over the run."""

    cities: int = Field(ge=0)
    """Cities."""
    made: int = Field(ge=0)
    """Cities whose report was made."""
    incomplete: int = Field(default=0, ge=0)
    """Those of them that lack pages of own workbooks."""
    unchanged: int = Field(ge=0)
    """Cities whose report stood there already, made from the same."""
    failed: int = Field(ge=0)
    """Cities whose report failed."""
    files: int = Field(ge=0)
    """Files made."""
    bytes: int = Field(ge=0)
    """Their size."""
    seconds: float = Field(ge=0)
    """How long the run took."""


class ToolkitRecord(Document):
    """One benchmark's part in a run."""

    benchmark: BenchmarkRecord
    """The benchmark."""
    shaped_by: str
    """Fingerprint of what shapes all pages alike, as in each report's own record."""
    workbooks: tuple[WorkbookRecord, ...] = ()
    """The workbooks that were run, or would have been."""
    portfolio: PortfolioRecord
    """The page of all cities on this benchmark."""
    without_source: tuple[str, ...] = ()
    """Reports, as city/round, that stand in the output folder although the sources have no such city and round."""


class RunManifest(Document):
    """What a run leaves for programs: ``run.json``.

    Everybody may read it, so its sentences are written as :mod:`~citygrow_nb.model.published` says.
    """

    format: Literal["citygrow-run"] = "citygrow-run"
    """Name of the document format."""
    version: Literal[1] = 1
    """Version of the document format."""
    citygrow: str
    """Version of citygrow."""
    python: str
    """Version of Python."""
    libraries: dict[str, str]
    """Versions of the libraries that shape a report."""
    options: OptionsRecord
    """What was asked for."""
    started_at: AwareDatetime
    """When the run began."""
    cities: tuple[CityRecord, ...]
    """Every city, by benchmark, slug and round."""
    toolkits: tuple[ToolkitRecord, ...]
    """Every benchmark that the sources answer, by id."""
    overview: OverviewRecord
    """What shows all benchmarks together."""
    notices: tuple[PublicNotice, ...] = ()
    """What somebody should look at, though nothing failed: facts of a city that its documents tell differently, mentors
    that could not be found anew."""
    problems: tuple[PublicText, ...] = ()
    """Sources, or parts of them, that could not be used; records that could not be written."""
    totals: Totals
    """Sums."""

    @property
    def succeeded(self) -> bool:
        """Whether every city, every page over many cities, and every source succeeded."""
        pages = [self.overview.status, *(toolkit.portfolio.status for toolkit in self.toolkits)]
        return not self.problems and not self.totals.failed and not self.totals.incomplete and "failed" not in pages
