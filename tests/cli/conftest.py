"""The command line as people call it, in this process."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from citygrow_nb import batch
from citygrow_nb.batch import CityJob, Pages, PortfolioJob, city_report, portfolio_report
from citygrow_nb.cli import main
from citygrow_nb.exceptions import Problem
from citygrow_nb.model import Assessment, Benchmark
from citygrow_nb.scoring import results
from tests.batch_fixtures import inline


@dataclass(frozen=True)
class Said:
    """What a command left: exit code and both streams."""

    code: int
    out: str
    err: str

    @property
    def complaints(self) -> list[str]:
        """Lines on stderr."""
        return self.err.splitlines()


Call = Callable[..., Said]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty folder, which is the current one."""
    folder = tmp_path / "place"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def citygrow(place: Path, capsys: pytest.CaptureFixture[str]) -> Call:
    """Return a function that runs one command in the empty folder."""

    def call(*arguments: object) -> Said:
        capsys.readouterr()
        log = logging.getLogger("citygrow_nb")
        before = log.level, log.handlers[:]
        with pytest.raises(SystemExit) as ended:
            main([str(argument) for argument in arguments])
        log.level, log.handlers[:] = before
        said = capsys.readouterr()
        assert isinstance(ended.value.code, int)
        return Said(ended.value.code, said.out, said.err)

    return call


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let batches make small pages without notebooks and processes; the city “bad” fails, “boom” raises."""

    def city(job: CityJob) -> Pages:
        if job.city == "bad":
            return Pages(problems=(Problem("01-x.ipynb", "it broke"),))
        if job.city == "boom":
            raise RuntimeError("out of luck")
        benchmark = Benchmark.model_validate_json(job.toolkit.benchmark)
        done = results(benchmark, Assessment.model_validate_json(job.document))
        return Pages({"index.html": b"x", "results.json": done.model_dump_json().encode()})

    def portfolio(job: PortfolioJob, toolkit: object, outputs: object = None) -> Pages:
        return Pages({"index.html": b"all"})

    monkeypatch.setattr(city_report, "make_city", city)
    monkeypatch.setattr(portfolio_report, "make_portfolio", portfolio)
    monkeypatch.setattr(batch, "run", partial(batch.run, opened=inline))
    monkeypatch.setattr(batch, "prepare_workers", lambda out: None)
