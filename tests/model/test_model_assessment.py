"""The assessment: answers that make sense, and changes that return copies."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from citygrow_nb.model import (
    AGREED,
    Action,
    Answer,
    Assessment,
    BenchmarkRef,
    City,
    ContextReading,
    Evidence,
    Respondent,
    State,
)
from citygrow_nb.model.assessment import AGREED_ROLE

EMPTY = Assessment(
    benchmark=BenchmarkRef(id="demo", version="1.0.0"), city=City(name="Żabia Góra", slug="zabia-gora"), round="2026"
)
THREE = Answer(state=State.RATED, level=3)


@pytest.mark.parametrize(
    "raw",
    [
        {"state": "rated"},
        {"state": "rated", "level": 4},
        {"state": "rated", "level": True},
        {"state": "dont_know", "level": 1},
        {"state": "not_applicable", "level": 0, "comment": "because"},
        {"state": "not_applicable"},
        {"state": "not_applicable", "comment": " \n"},
        {"state": "unanswered"},
        {"state": "rated", "level": 1, "updated_at": "2026-11-22T10:15:00"},
        {"state": "rated", "level": 1, "evidence": [{"title": " "}]},
        {"state": "rated", "level": 1, "evidence": [{"url": "https://example.org"}]},
    ],
)
def test_answers_that_make_no_sense(raw: dict[str, object]) -> None:
    """A level goes with rated alone, not applicable has its reason, times have a zone, evidence is something."""
    with pytest.raises(ValidationError):
        Answer.model_validate(raw)


def test_answers_that_do() -> None:
    """The three states, each with what it needs."""
    assert THREE.level == 3
    assert Answer(state=State.DONT_KNOW).level is None
    assert Answer(state=State.NOT_APPLICABLE, comment=" no harbour ").comment == "no harbour"
    assert Evidence(title="", url="https://example.org").url


def test_same_content_at_another_time() -> None:
    """When an answer was given is no part of what it says."""
    now = datetime(2026, 11, 22, tzinfo=UTC)
    later = THREE.model_copy(update={"updated_at": now})
    assert THREE.says_the_same(later)
    assert later != THREE
    assert not THREE.says_the_same(Answer(state=State.RATED, level=3, comment="x"))
    assert not THREE.says_the_same(None)


def test_change_returns_a_copy() -> None:
    """The one before stays as it was."""
    changed = EMPTY.with_answer("KF1.Q1", THREE)
    assert EMPTY.responses == {}
    assert changed.answer("KF1.Q1") == THREE
    assert changed.respondents[AGREED].role == AGREED_ROLE
    assert changed.with_answer("KF1.Q1", None).answer("KF1.Q1") is None
    assert changed.answer("KF1.Q1", "econ") is None


def test_known_respondent_keeps_the_role() -> None:
    """An answer never overwrites who somebody is."""
    named = EMPTY.with_respondent("econ", "Economic development").with_answer("KF1.Q1", THREE, "econ")
    assert named.respondents["econ"].role == "Economic development"
    assert EMPTY.with_answer("KF1.Q1", THREE, "econ").respondents["econ"].role == "econ"


def test_context_that_says_nothing_is_none() -> None:
    """An emptied reading leaves no trace."""
    read = EMPTY.with_context("CF1", ContextReading(direction=-1))
    assert read.context["CF1"].direction == -1
    assert read.with_context("CF1", ContextReading(direction=None, comment=" ")).context == {}
    assert read.with_context("CF1", None).context == {}
    assert not ContextReading(bears_on=("KF1",)).is_empty


def test_no_copy_is_invalid() -> None:
    """A code that is none cannot slip in by way of a change."""
    with pytest.raises(ValidationError):
        EMPTY.with_answer("KF1.Q0", THREE)
    with pytest.raises(ValidationError):
        EMPTY.with_answer("KF1.Q1", THREE, "Not A Key")


def test_who_answers_is_known() -> None:
    """Responses of somebody who is not among the respondents are refused."""
    fields = EMPTY.model_dump() | {"responses": {"econ": {}}}
    with pytest.raises(ValidationError, match="econ"):
        Assessment.model_validate(fields)


def test_actions_have_ids_of_their_own() -> None:
    """Merging goes by id."""
    action = Action(id="a1", what="Translate the forms")
    with pytest.raises(ValidationError, match="same id"):
        Assessment.model_validate(EMPTY.model_dump() | {"actions": [action, action]})


answers = (
    st.builds(Answer, state=st.just(State.RATED), level=st.integers(0, 3), comment=st.text(max_size=9))
    | st.builds(Answer, state=st.just(State.DONT_KNOW), comment=st.text(max_size=9))
    | st.builds(Answer, state=st.just(State.NOT_APPLICABLE), comment=st.text("abc", min_size=1, max_size=9))
)


@given(st.dictionaries(st.sampled_from(["KF1.Q1", "KF1.Q2", "KF10.Q1"]), answers), st.text("Ża 中", min_size=1))
def test_document_survives_json(responses: dict[str, Answer], role: str) -> None:
    """What is written is read again as the same."""
    full = EMPTY.model_copy(
        update={"respondents": {"econ": Respondent(role=f"x{role}")}, "responses": {"econ": responses}}
    )
    assert Assessment.model_validate_json(full.model_dump_json()) == full
