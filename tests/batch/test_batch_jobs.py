"""Jobs carry all they need."""

from __future__ import annotations

import pickle

from citygrow_nb import authoring
from citygrow_nb.batch import CityJob, Pages, Toolkit
from citygrow_nb.exceptions import Problem
from citygrow_nb.model import Benchmark


def test_job_and_outcome_travel_between_processes(tiny: Benchmark) -> None:
    """Everything in a job and in what comes back survives the way to another process."""
    job = CityJob(Toolkit.of(tiny), "a", "2026", b"{}")
    pages = Pages({"a": b"b"}, (Problem("x", "y"),), {"c": b"d"}, {"e": (Problem("x", "y"),)}, 1.5)
    there, back = pickle.loads(pickle.dumps((job, pages)))
    assert back == pages
    assert (there.city, there.round, there.document, there.toolkit.workbooks) == (
        "a",
        "2026",
        b"{}",
        job.toolkit.workbooks,
    )


def test_toolkit_is_the_benchmark_and_its_fresh_workbooks(tiny: Benchmark) -> None:
    """The workbooks of a run are those of its benchmark, and its fingerprint changes with it."""
    kit = Toolkit.of(tiny)
    assert [each.name for each in kit.workbooks] == list(authoring.plan(tiny))
    assert Benchmark.model_validate_json(kit.benchmark) == tiny
    assert kit.sha256 == Toolkit.of(tiny).sha256 != Toolkit.of(tiny.model_copy(update={"version": "9.9.9"})).sha256
