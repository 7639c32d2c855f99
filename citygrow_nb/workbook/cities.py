"""The portfolio workbook: many cities side by side."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from citygrow_nb import rendering, scoring
from citygrow_nb.answers import AnswerStore
from citygrow_nb.exceptions import CitygrowError
from citygrow_nb.model import Benchmark, Results
from citygrow_nb.rendering import Fragment
from citygrow_nb.workbook.place import find_benchmark
from citygrow_nb.workspace import Workspace


def open_portfolio(benchmark: str, *, outputs: str = "", form: bool = True, folder: Path | None = None) -> Cities:
    """Open the portfolio of all cities.

    Parameters
    ----------
    benchmark
        Id of the benchmark; results of another one are left out.
    outputs
        Folder with ``<city>/<round>/results.json``; empty to score the answers of this workspace.
    form
        Whether people look at it in a notebook; else it becomes a page, and every error is raised.
    folder
        Where to look for the workspace, upwards; the current folder when None.
    """
    workspace = Workspace.find(folder)
    found = find_benchmark(benchmark, workspace)
    if outputs:
        return Cities(found, *_from_outputs(found, (folder or Path.cwd()) / outputs), form=form)
    return Cities(found, *_from_answers(found, workspace), form=form)


class Cities:
    """Results of many cities.

    Parameters
    ----------
    benchmark
        What was asked.
    results
        One for each city and round.
    left_out
        Sentences on what could not be read.
    form
        Whether people look at it in a notebook.
    """

    def __init__(
        self, benchmark: Benchmark, results: Sequence[Results], left_out: Sequence[str], *, form: bool
    ) -> None:
        self.benchmark = benchmark
        self.results = tuple(results)
        self.left_out = tuple(left_out)
        self.form = form

    def _repr_mimebundle_(self, **_: object) -> dict[str, Any]:
        fragment = rendering.portfolio_opening(self.benchmark, self.results, self.left_out, styled=self.form)
        return fragment._repr_mimebundle_()

    def heatmap(self) -> Fragment:
        """Show cities by key factor, with the figures in the cells."""
        return rendering.heatmap(self.benchmark, self.results, self._links)

    def advice(self) -> Fragment:
        """Show who could advise whom, by key factor."""
        return rendering.advice(self.benchmark, self.results, self._links)

    def records(self) -> list[dict[str, Any]]:
        """Return one flat row for each self-test, ready for ``pandas.DataFrame``.

        Returns
        -------
        list of dict
            ``city``, ``slug``, ``country``, ``population``, ``round``, overall ``score``, ``lower``, ``upper`` (0 to
            100), ``coverage`` (0 to 1) and ``met``; the same for every key factor, as in ``KF1_score``, with
            ``KF1_standing``. What is unknown is None.
        """
        return [_record(item) for item in self.results]

    @property
    def _links(self) -> dict[tuple[str, str], str]:
        if self.form:
            return {}
        return {(item.city.slug, item.round): f"{item.city.slug}/{item.round}/index.html" for item in self.results}


def _from_outputs(benchmark: Benchmark, outputs: Path) -> tuple[list[Results], list[str]]:
    found, left_out = [], []
    for path in sorted(outputs.glob("*/*/results.json")):
        try:
            results = Results.model_validate_json(path.read_bytes())
        except (OSError, ValidationError):
            left_out.append(f"{path.relative_to(outputs).as_posix()} cannot be read")
            continue
        if results.benchmark.id == benchmark.id and _same_factors(benchmark, results):
            found.append(results)
    return found, left_out


def _from_answers(benchmark: Benchmark, workspace: Workspace) -> tuple[list[Results], list[str]]:
    store = AnswerStore(workspace, benchmark)
    found, left_out = [], []
    for city, round_label in workspace.documents():
        try:
            found.append(scoring.results(benchmark, store.load(city, round_label)))
        except CitygrowError as error:
            left_out.append(str(error).replace(str(workspace.root) + os.sep, ""))
    return found, left_out


def _record(item: Results) -> dict[str, Any]:
    card = item.scorecard
    row: dict[str, Any] = {
        "city": item.city.name,
        "slug": item.city.slug,
        "country": item.city.country,
        "population": item.city.population,
        "round": item.round,
        "score": card.score,
        "lower": card.lower,
        "upper": card.upper,
        "coverage": card.coverage,
        "met": card.met,
    }
    for factor in card.factors:
        for name in ("score", "lower", "upper", "coverage"):
            row[f"{factor.code}_{name}"] = getattr(factor, name)
        row[f"{factor.code}_standing"] = str(factor.standing)
    return row


def _same_factors(benchmark: Benchmark, results: Results) -> bool:
    return [factor.code for factor in results.scorecard.factors] == list(benchmark.factors)
