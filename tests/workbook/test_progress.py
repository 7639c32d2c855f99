"""How each question stands, and what last round's answers offer."""

from __future__ import annotations

from datetime import datetime

import pytest

from citygrow_nb.answers import AnswerStore
from citygrow_nb.exceptions import StoreError
from citygrow_nb.model import AGREED, Assessment, Benchmark, ContextReading
from citygrow_nb.workbook import progress
from citygrow_nb.workbook.session import Session
from tests.factories import assessment_of, dont_know, not_applicable, rated

LAST, NOW = "2026", "2027"


@pytest.fixture
def earlier(benchmark: Benchmark) -> Assessment:
    """Return last year's self-test."""
    before = assessment_of(benchmark).with_answer("KF1.Q1", rated(2, "As adopted."))
    before = before.with_answer("KF1.Q2", dont_know("Asked the office."))
    return before.with_context("CF1", ContextReading(direction=-1, comment="Few flats."))


def test_every_state_is_told_apart(benchmark: Benchmark, earlier: Assessment) -> None:
    """Answered, don't know, not applicable, disputed, to confirm and open; the last three are left to do."""
    now = assessment_of(benchmark, round_label=NOW).with_answer("KF1.Q3", rated(0))
    now = now.with_answer("KF1.Q4", not_applicable("None here.")).with_answer("KF1.Q5", dont_know("Asked."))
    for number in range(5):
        now = now.with_answer("KF2.Q1", rated(number % 3), f"office-{number}")
        now = now.with_answer("KF2.Q2", rated(1), f"office-{number}")
    states = {
        item["code"]: item["state"]
        for book in progress.workbooks(benchmark, now, AGREED, earlier)
        for item in book["items"]
    }
    assert [states[f"KF1.Q{n}"] for n in range(1, 7)] == [
        "confirm", "confirm", "answered", "not_applicable", "dont_know", "open",
    ]  # fmt: skip
    assert (states["KF2.Q1"], states["KF2.Q2"]) == ("disputed", "open")
    assert (states["CF1"], states["CF2"]) == ("confirm", "open")
    assert list(states) == [*benchmark.questions, *benchmark.contexts]


def test_one_respondents_progress_is_its_own(benchmark: Benchmark, earlier: Assessment) -> None:
    """What others answered, now or last time, is not theirs to confirm."""
    now = assessment_of(benchmark, round_label=NOW).with_answer("KF1.Q3", rated(0))
    assert progress.of_question(now, "econ", earlier, "KF1.Q1") == "open"
    assert progress.of_question(now, "econ", earlier, "KF1.Q3") == "open"
    assert progress.answer_before(benchmark, earlier, "econ", "KF1.Q1") is None


def test_last_rounds_answer_stands_beside_in_words(benchmark: Benchmark, earlier: Assessment) -> None:
    found = progress.answer_before(benchmark, earlier, AGREED, "KF1.Q1")
    assert found is not None
    assert (found["round"], found["words"], found["comment"]) == (LAST, "2 · partly in place", "As adopted.")
    assert found["answer"]["level"] == 2
    reading = progress.reading_before(benchmark, earlier, "CF1")
    assert reading is not None
    assert (reading["words"], reading["answer"]["direction"]) == ("hindering", -1)
    assert progress.reading_before(benchmark, earlier, "CF2") is None
    assert progress.answer_before(benchmark, None, AGREED, "KF1.Q1") is None


def test_next_round_is_the_year_after_and_never_one_that_is_over() -> None:
    year = datetime.now().astimezone().year
    assert progress.next_round("2019") == str(year)
    assert progress.next_round(str(year)) == str(year + 1)


def test_new_round_begins_empty_with_the_same_city_and_respondents(store: AnswerStore, benchmark: Benchmark) -> None:
    """Nothing counts before it is confirmed, nothing of the old round changes, and a round is begun once."""
    before = store.load("zabia-gora", LAST)
    store.save(before.with_respondent("econ", "Economic development"), before)
    before = store.load("zabia-gora", LAST)
    session = Session(store, before)
    reply = session.act({"do": "round", "round": NOW, "at": f"zabia-gora/{LAST}"})
    assert reply["ok"]
    assert reply["at"] == f"zabia-gora/{NOW}"
    assert reply["next"]["code"] == "KF1.Q1"
    begun = store.load("zabia-gora", NOW)
    assert begun.responses == {}
    assert begun.respondents == before.respondents
    assert begun.city == before.city
    assert store.load("zabia-gora", LAST) == before

    state = session.question("KF1.Q1").panel.state
    assert (state["answer"], state["before"]["words"]) == (None, "2 · partly in place")
    with pytest.raises(StoreError, match="already has answers for the round"):
        Session(store, before).act({"do": "round", "round": NOW, "at": f"zabia-gora/{LAST}"})


def test_round_before_is_found_by_the_order_of_labels(store: AnswerStore, benchmark: Benchmark) -> None:
    for label in ("9", "10", "2030"):
        store.create(assessment_of(benchmark, round_label=label))
    assert store.before("zabia-gora", "9") is None
    assert store.before("zabia-gora", "10").round == "9"  # type: ignore[union-attr]
    assert store.before("zabia-gora", "2030").round == LAST  # type: ignore[union-attr]
