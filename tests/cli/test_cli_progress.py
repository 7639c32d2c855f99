"""Progress: a bar for people who watch, lines for files."""

from __future__ import annotations

import pytest

from citygrow_nb.cli.progress import Progress
from citygrow_nb.model.run import CityRecord

RECORD = CityRecord(city="a", name="A", round="2026", source="a.json", document_sha256="0", status="made", seconds=1.25)


def test_lines_elsewhere(capsys: pytest.CaptureFixture[str]) -> None:
    """One for each city, on stderr."""
    with Progress() as progress:
        progress(RECORD, 1, 2)
        progress(RECORD, 2, 2)
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == "1/2 a, round 2026: made in 1.2 s\n2/2 a, round 2026: made in 1.2 s\n"


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
