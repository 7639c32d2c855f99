"""Warm a worker: make the report of an invented city once, so that real ones find everything loaded."""

from __future__ import annotations

from dataclasses import dataclass

from citygrow_nb import answers, demo, engine
from citygrow_nb.batch.city_report import make_city
from citygrow_nb.batch.jobs import CityJob, Toolkit
from citygrow_nb.batch.temporary_workspace import benchmark_of


@dataclass(frozen=True)
class WarmUp:
    """What each worker of a run does before its first job; can travel.

    Parameters
    ----------
    toolkit, engine, pdf
        As in the jobs to come. An engine that starts a process for each notebook has nothing to warm.
    """

    toolkit: Toolkit
    engine: str
    pdf: bool = False

    def __call__(self) -> None:
        """Make the report, and forget it."""
        if self.engine != "warm":
            return
        benchmark = benchmark_of(self.toolkit.benchmark)
        (city,) = demo.cities(benchmark, 1)
        job = CityJob(self.toolkit, city.city.slug, city.round, answers.dump(city), engine=self.engine, pdf=self.pdf)
        with engine.warming():
            make_city(job)
