"""The portfolio workbook: many cities side by side."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from citygrow_nb import atomic, rendering, scoring, tables
from citygrow_nb.answers import AnswerStore
from citygrow_nb.exceptions import CitygrowError, DocumentError, Problem
from citygrow_nb.model import Benchmark, CityFigures, Portfolio
from citygrow_nb.rendering import Fragment
from citygrow_nb.workbook.book import NOTHING_OPEN
from citygrow_nb.workbook.opened import Opened, settings
from citygrow_nb.workbook.place import find_benchmark
from citygrow_nb.workspace import MENTORING_JSON, PORTFOLIO, Workspace, here


def open_portfolio(
    benchmark: str,
    parameters: Mapping[str, Any] | None = None,
    *,
    outputs: str = "",
    form: bool = True,
    folder: Path | None = None,
) -> Cities | NoCities:
    """Open the portfolio of all cities.

    Parameters
    ----------
    benchmark
        Id of the benchmark; results of another one are left out.
    parameters
        The notebook's names, as ``globals()`` gives them; ``outputs`` and ``form`` among them count.
    outputs
        Folder with ``portfolio.json``; empty to score the answers of this workspace.
    form
        Whether people look at it in a notebook; else it becomes a page, and every error is raised.
    folder
        Where to look for the workspace, upwards; the current folder when None.

    Returns
    -------
    Cities or NoCities
        With ``form``, what explains itself if there is no portfolio.
    """
    chosen = settings(parameters, outputs=outputs, form=form)
    return _current.keep(_opened(benchmark, chosen["outputs"], chosen["form"], folder))


def current_portfolio() -> Cities | NoCities:
    """Return the portfolio that the opening cell opened; an error of one sentence if it was not run."""
    return _current.get()


def _opened(benchmark: str, outputs: str, form: bool, folder: Path | None) -> Cities | NoCities:
    workspace = Workspace.find(folder)
    try:
        found = find_benchmark(benchmark, workspace)
        if outputs:
            path = (folder or here()) / outputs
            there = (path / MENTORING_JSON).is_file()
            return Cities(found, *_from_outputs(found, path), form=form, mentoring=there)
        return Cities(found, *_from_answers(found, workspace), form=form)
    except CitygrowError as error:
        if not form:
            raise
        return NoCities(str(error))


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
    mentoring
        Whether the page of who mentors whom stands beside.
    """

    def __init__(
        self,
        benchmark: Benchmark,
        results: Sequence[CityFigures],
        left_out: Sequence[str],
        *,
        form: bool,
        mentoring: bool = False,
    ) -> None:
        self.benchmark = benchmark
        self.results = tuple(results)
        self.left_out = tuple(left_out)
        self.form = form
        self._has_mentors = mentoring

    def _repr_mimebundle_(self, **_: object) -> dict[str, Any]:
        fragment = rendering.portfolio_opening(self.benchmark, self.results, self.left_out, live=self.form)
        return fragment._repr_mimebundle_()

    def distribution(self) -> Fragment:
        """Show how many cities stand where, by key factor."""
        return rendering.distribution(self.benchmark, self.results)

    def advice(self) -> Fragment:
        """Show who could advise whom, by key factor."""
        return rendering.advice(self.benchmark, self.results, linked=not self.form, mentoring=self._has_mentors)

    def movement(self) -> Fragment:
        """Show how many cities went up or down since their round before."""
        return rendering.movement(self.benchmark, self.results)

    def heatmap(self) -> Fragment:
        """Show cities by key factor, with the figures in the cells."""
        pages = () if self.form else rendering.city_pages(self.results)
        return rendering.heatmap(self.benchmark, self.results, linked=not self.form, pages=pages)

    def records(self) -> list[dict[str, Any]]:
        """Return one flat row for each self-test, ready for ``pandas.DataFrame``.

        Returns
        -------
        list of dict
            ``city``, ``slug``, ``country``, ``population``, ``size_group``, ``round``, ``latest`` (whether it is the
            city's last round), overall ``score``, ``lower``, ``upper`` (0 to 100), ``coverage`` (0 to 1) and ``met``;
            the same for every key factor, as in ``KF1_score``, with ``KF1_standing``. What is unknown is None.
        """
        return tables.portfolio_records(self.results)


class NoCities:
    """What stands in place of the portfolio while it cannot be shown: every cell says so, the first one why.

    Parameters
    ----------
    why
        The sentence.
    """

    def __init__(self, why: str) -> None:
        self._why = why

    def _repr_mimebundle_(self, **_: object) -> dict[str, Any]:
        return rendering.message(self._why)._repr_mimebundle_()

    def distribution(self) -> Fragment:
        """Say that there is nothing."""
        return rendering.message(NOTHING_OPEN)

    advice = movement = heatmap = distribution

    def records(self) -> list[dict[str, Any]]:
        """Return no row."""
        return []


def _from_outputs(benchmark: Benchmark, outputs: Path) -> tuple[Sequence[CityFigures], Sequence[str]]:
    path = outputs / PORTFOLIO
    try:
        portfolio = Portfolio.read(atomic.read(path, within=outputs))
    except (OSError, ValidationError) as error:
        found = "this is not a portfolio, or it cannot be read"
        raise DocumentError(Problem(str(path), found, todo="make it with “citygrow batch”")) from error
    portfolio = portfolio.comparable(benchmark.factors)
    return portfolio.cities, portfolio.left_out


def _from_answers(benchmark: Benchmark, workspace: Workspace) -> tuple[list[CityFigures], list[str]]:
    store = AnswerStore(workspace, benchmark)
    found, left_out = [], []
    workspace.require_toolkit_first()
    for city, round_label in store.documents():
        try:
            found.append(CityFigures.of(scoring.results(benchmark, store.load(city, round_label))))
        except CitygrowError as error:
            left_out.append(str(error).replace(str(workspace.root) + os.sep, ""))
    return found, left_out


_current: Opened[Cities | NoCities] = Opened()
