"""Fragments look as they did when somebody last looked at them.

After a change that is meant, run the tests once with ``CITYGROW_SNAPSHOTS=write``, and read what git says has changed.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from citygrow_nb import rendering
from citygrow_nb.model import Action, Assessment, ContextReading, Evidence
from citygrow_nb.rendering import Fragment
from citygrow_nb.rendering.cards import card_of
from citygrow_nb.scoring import compare
from tests.factories import MORNING, assessment, benchmark, dont_know, not_applicable, rated

SNAPSHOTS = Path(__file__).parent / "snapshots"
BENCHMARK = benchmark()
LINKS = {"KF1": "01-kf1.html", "KF2": "02-kf2.html"}


def city() -> Assessment:
    """Return a self-test with one of everything."""
    minutes = Evidence(title="Minutes", url="https://example.org/minutes")
    made = assessment().with_answer("KF1.Q1", rated(2, "Adopted in May.", evidence=(minutes,), updated_at=MORNING))
    made = made.with_answer("KF1.Q2", dont_know("Nobody <b>asked</b> yet.")).with_answer("KF1.Q3", rated(0))
    made = made.with_answer("KF2.Q1", not_applicable()).with_answer("KF2.Q2", rated(3))
    made = made.with_context("CF1", ContextReading(direction=-1, comment="New law.", bears_on=("KF1",)))
    return made.model_copy(update={"actions": (Action(id="a", what="Ask", by_when="May", questions=("KF1.Q2",)),)})


def before() -> Assessment:
    """Return the round before."""
    made = assessment(round_label="2025")
    for code in BENCHMARK.questions:
        made = made.with_answer(code, rated(1))
    return made


FRAGMENTS: dict[str, Callable[[], Fragment]] = {
    "question-rated": lambda: rendering.question(BENCHMARK, city(), "KF1.Q1"),
    "question-open": lambda: rendering.question(BENCHMARK, city(), "KF1.Q2"),
    "scorecard": lambda: rendering.scorecard(BENCHMARK, city(), "KF1"),
    "standings": lambda: rendering.standings(
        BENCHMARK, card_of(BENCHMARK, city()), LINKS, compare(BENCHMARK, before(), city())
    ),
    "changes": lambda: rendering.changes_table(BENCHMARK, compare(BENCHMARK, before(), city()), "2026", LINKS),
    "headline": lambda: rendering.headline(BENCHMARK, city()),
    "gaps-brief": lambda: rendering.gaps(BENCHMARK, city(), LINKS, more="11-results.html"),
    "actions": lambda: rendering.actions(city()),
    "context-beside": lambda: rendering.context_beside_factors(BENCHMARK, city()),
}


@pytest.mark.parametrize("name", FRAGMENTS)
def test_fragment_is_what_it_was(name: str) -> None:
    path = SNAPSHOTS / f"{name}.html"
    html = FRAGMENTS[name]().html.replace("><", ">\n<") + "\n"
    if os.environ.get("CITYGROW_SNAPSHOTS") == "write":
        path.parent.mkdir(exist_ok=True)
        path.write_text(html, "utf-8", newline="\n")
    assert html == path.read_text("utf-8")


def test_every_snapshot_belongs_to_a_fragment() -> None:
    assert {path.stem for path in SNAPSHOTS.glob("*")} == set(FRAGMENTS)
