"""Progress: a bar for people who watch, lines for files."""

from __future__ import annotations

import pytest

from citygrow_nb.cli.progress import Progress
from citygrow_nb.model.run import CityRecord

RECORD = CityRecord(
    benchmark="jobs",
    city="a",
    name="A",
    round="2026",
    source="a.json",
    document_sha256="0",
    status="made",
    seconds=1.25,
)
FAILED = RECORD.model_copy(update={"status": "failed"})


class Clock:
    """Goes on by so many seconds whenever it is asked."""

    def __init__(self, step: float) -> None:
        self._step, self._now = step, -step

    def __call__(self) -> float:
        self._now += self._step
        return self._now


def test_lines_elsewhere(capsys: pytest.CaptureFixture[str]) -> None:
    """One for each city while they are few, on stderr."""
    with Progress() as progress:
        progress(RECORD, 1, 2)
        progress(FAILED, 2, 2)
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == "1/2 a, round 2026: made in 1.2 s\n2/2 a, round 2026: failed in 1.2 s\n"


def test_many_cities_have_a_line_now_and_then(capsys: pytest.CaptureFixture[str]) -> None:
    """Every ten seconds, with rate, remaining time and failures, and at the end."""
    with Progress(clock=Clock(0.5)) as progress:
        for done in range(1, 1201):
            progress(FAILED if done in {25, 30} else RECORD, done, 1200)
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "20 of 1,200 cities, 2.0 a second, about 10 min left"
    assert lines[1] == "40 of 1,200 cities, 2 failed, 2.0 a second, about 10 min left"
    assert lines[-1] == "1,200 of 1,200 cities, 2 failed, 2.0 a second"
    assert len(lines) == 60


def test_bar_on_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """No lines, and nothing at all when there is nothing to tell."""
    with Progress(on_terminal=True) as progress:
        progress(RECORD, 1, 2)
        progress(RECORD, 2, 2)
    said = capsys.readouterr()
    assert said.out == ""
    assert "round 2026" not in said.err
    with Progress(on_terminal=True):
        pass
    assert capsys.readouterr().err == ""
