"""Between the model and plain data nothing is lost, and bad data is refused in words."""

import json

import pytest
from hypothesis import given

from citygrow_nb.exceptions import DocumentError
from citygrow_nb.model import Answer, Benchmark, ContextReading
from citygrow_nb.widgets import answer_of, context_state, plain, question_state, reading_of
from tests import factories


@given(factories.answers())
def test_answer_survives_the_way_to_the_form_and_back(answer: Answer) -> None:
    back = answer_of(json.loads(json.dumps(plain(answer))), "KF1.Q1")
    assert answer.says_the_same(back)


@given(factories.readings())
def test_reading_survives_the_way_to_the_form_and_back(reading: ContextReading) -> None:
    back = reading_of(json.loads(json.dumps(plain(reading))), "CF1")
    assert plain(back) == plain(reading)


def test_not_applicable_without_reason_is_refused_in_words() -> None:
    with pytest.raises(DocumentError, match=r"KF1\.Q1: .*reason"):
        answer_of({"state": "not_applicable", "level": None, "comment": " ", "evidence": []}, "KF1.Q1")


def test_form_of_a_question_has_its_four_levels_in_words(benchmark: Benchmark) -> None:
    state = question_state(benchmark, "KF1.Q1", None)
    assert [level["text"] for level in state["levels"]] == list(benchmark.questions["KF1.Q1"].levels)
    json.dumps(state)


def test_form_of_a_context_factor_has_its_five_directions(benchmark: Benchmark) -> None:
    state = context_state(benchmark, "CF1", None)
    assert [item["value"] for item in state["directions"]] == [-2, -1, 0, 1, 2]
    json.dumps(state)
