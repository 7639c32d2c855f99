"""Which workbooks a benchmark has, in which order, and what their files and pages are called."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from citygrow_nb.model import Benchmark
from citygrow_nb.slugs import slugify

Kind = Literal["start", "factor", "context", "agree", "results", "portfolio", "mentoring", "own"]


@dataclass(frozen=True)
class WorkbookName:
    """One workbook of a benchmark.

    Parameters
    ----------
    stem
        File name without ending, such as ``01-strategy``.
    title
        What navigation calls it.
    kind
        What kind of workbook it is.
    code
        Key factor it is about, or ``""``.
    paged
        File name of its page without ending, where that is another than the notebook's.
    """

    stem: str
    title: str
    kind: Kind
    code: str = ""
    paged: str = ""

    @property
    def file(self) -> str:
        """File name of the notebook."""
        return f"{self.stem}.ipynb"

    @property
    def executed(self) -> str:
        """File name of the executed notebook beside its page."""
        return self.page.removesuffix(".html") + ".ipynb"

    @property
    def page(self) -> str:
        """File name of the page made from it."""
        return f"{self.paged or self.stem}.html"


def plan(benchmark: Benchmark) -> tuple[WorkbookName, ...]:
    """Return the workbooks of a benchmark in reading order: from start to mentoring."""
    kinds: list[tuple[Kind, str, str]] = [("start", "Start", "")]
    kinds += [("factor", factor.short_title, factor.code) for factor in benchmark.key_factors]
    kinds += [("context", "Context factors", ""), ("agree", "Agree", "")]
    kinds += [("results", "Results", ""), ("portfolio", "Portfolio", "")]
    kinds += [("mentoring", "Mentoring", "")]
    return tuple(
        WorkbookName(f"{number:02d}-{slugify(title)}", title, kind, code)
        for number, (kind, title, code) in enumerate(kinds)
    )


def factor_files(benchmark: Benchmark, ending: Literal["ipynb", "html"]) -> dict[str, str]:
    """Return the file of each key factor by code, as notebook or as page."""
    return {name.code: f"{name.stem}.{ending}" for name in plan(benchmark) if name.kind == "factor"}
