"""The head of a workbook: whose answers are open, how far one has come, who is answering; or why nothing is open."""

from __future__ import annotations

from typing import Any

from citygrow_nb import answers, rendering
from citygrow_nb.exceptions import CitygrowError, UsageError
from citygrow_nb.model import AGREED, Assessment, Benchmark
from citygrow_nb.plan import factor_files, plan
from citygrow_nb.rendering import Fragment
from citygrow_nb.widgets import within
from citygrow_nb.workbook import city, progress, respondents


class Head:
    """What the head of one workbook says.

    Parameters
    ----------
    benchmark
        What is asked.
    folder
        Where people are at work; sentences name files in it without it.

    Attributes
    ----------
    code
        Key factor that the workbook is about, or ``""``.
    names_city
        Whether the city is named in this very workbook.
    """

    def __init__(self, benchmark: Benchmark, folder: str) -> None:
        self.benchmark = benchmark
        self.code = ""
        self.names_city = False
        self._folder = folder

    def opened(
        self, assessment: Assessment, seen: Assessment, respondent: str, earlier: Assessment | None
    ) -> dict[str, Any]:
        """Return what the head shows of a city's answers.

        Parameters
        ----------
        assessment
            What was answered.
        seen
            The same as the respondent sees it.
        respondent
            Who is answering.
        earlier
            The round before, if there is one.
        """
        known = respondents.offered(seen)
        slug, label = assessment.city.slug, assessment.round
        factor = self.benchmark.factors.get(self.code)
        return {
            "html": self.fragment(assessment, styled=True).html,
            "respondents": [{"key": key, "role": role} for key, role in known.items()],
            "respondent": respondent,
            "file": f"{slug}-{label}.json",
            "document": answers.dump(assessment).decode(),
            "about": factor and [["What good looks like", factor.statement], ["Why it matters", factor.rationale]],
            "way": {
                "city": assessment.city.name,
                "round": label,
                "answering": known.get(respondent, respondent),
                "toolkit": self.benchmark.title,
                "workbooks": progress.workbooks(self.benchmark, seen, respondent, earlier),
            },
        }

    def closed(self, trouble: CitygrowError | None) -> dict[str, Any]:
        """Return what the head shows while no city is open: why, and the way to where one can be named."""
        start = None if self.names_city else plan(self.benchmark)[0]
        return {
            "at": "",
            "trouble": self.why_closed(trouble),
            "alarming": trouble is not None and not isinstance(trouble, UsageError),
            "start": start and {"file": start.file, "title": start.stem},
            "way": {
                "toolkit": self.benchmark.title,
                "workbooks": progress.workbooks(self.benchmark, None, AGREED, None),
            },
        }

    def why_closed(self, trouble: CitygrowError | None) -> str:
        """Say why no city is open, and what to do."""
        told = within(self._folder, trouble or UsageError("no city is open"))
        if trouble is not None and not isinstance(trouble, UsageError):
            return told  # a document that cannot be read: its sentence says what to do
        return city.closed(told, "" if self.names_city else plan(self.benchmark)[0].stem)

    def fragment(self, assessment: Assessment, *, styled: bool) -> Fragment:
        """Return the head of a page, with links to the workbooks."""
        links = factor_files(self.benchmark, "ipynb")
        return rendering.opening(self.benchmark, assessment, styled=styled, links=links)
