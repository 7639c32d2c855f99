"""Answers in words: what people and forms write instead of a level's number."""

from __future__ import annotations

from pathlib import Path

import pytest

from citygrow_nb import tables
from citygrow_nb.model import AGREED, State
from tests.factories import benchmark

DEMO = benchmark()
NAMES = [level.name for level in DEMO.scale.levels]
SENTENCES = DEMO.questions["KF1.Q1"].levels


def answered(tmp_path: Path, cell: str, column: str = "KF1.Q1") -> tables.Reading:
    path = tmp_path / "cities.csv"
    quoted = cell.replace('"', '""')
    path.write_text(f'city,round,{column}\nX,2026,"{quoted}"\n', encoding="utf-8")
    return tables.read(path, DEMO)


@pytest.mark.parametrize("level", range(4))
@pytest.mark.parametrize(
    "written",
    [
        *("{n}", "{n}.0", "{n},00", "'{n}", "’{n}", " {n} ", "{wide}", "{n} · {name}", "{n} - {name}", "{n}: {name}"),
        *("{n}. {NAME}", "{name}", "{NAME}", "{sentence}", "{n} · {sentence}", "{name}: {sentence}"),
        "{n} · {name} {sentence}",
    ],
)
def test_level_in_other_words(tmp_path: Path, level: int, written: str) -> None:
    """Number, name, sentence, or several of them."""
    wide = chr(ord("０") + level)
    name, sentence = NAMES[level], SENTENCES[level]
    cell = written.format(n=level, wide=wide, name=name, NAME=name.upper(), sentence=sentence)
    found = answered(tmp_path, cell)
    assert [str(problem) for problem in found.problems] == []
    answer = found.assessments[0].responses[AGREED]["KF1.Q1"]
    assert (answer.state, answer.level) == (State.RATED, level)


@pytest.mark.parametrize("written", ["don't know", "Don’t know", "DO NOT KNOW", "dk", "ｄｋ", "not known", "unknown"])
def test_dont_know_in_other_words(tmp_path: Path, written: str) -> None:
    assert answered(tmp_path, written).assessments[0].responses[AGREED]["KF1.Q1"].state is State.DONT_KNOW


@pytest.mark.parametrize("written", ["?", "4", "-1", "1.5", "0 or 1", "yes", "2 2", f"1 · {NAMES[2]}", "2026-01-01"])
def test_what_says_no_level_is_a_fault(tmp_path: Path, written: str) -> None:
    """Also a number with the name of another level; nothing is guessed."""
    found = answered(tmp_path, written)
    assert "is not an answer" in str(found.problems[0])
    assert found.assessments == ()


@pytest.mark.parametrize("direction", DEMO.scale.directions, ids=lambda item: str(item.value))
def test_reading_of_a_context_factor_by_its_name(tmp_path: Path, direction: object) -> None:
    found = answered(tmp_path, direction.name.upper(), "CF1")  # type: ignore[attr-defined]
    assert found.assessments[0].context["CF1"].direction == direction.value  # type: ignore[attr-defined]
