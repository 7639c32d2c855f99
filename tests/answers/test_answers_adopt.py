"""Adding what comes from a table: nothing on disk is taken back, and what a table leaves out is not lost."""

from __future__ import annotations

import pytest
from hypothesis import given

from citygrow_nb.answers.adopt import adopt
from citygrow_nb.answers.merge import items, same
from citygrow_nb.exceptions import DocumentError
from citygrow_nb.model import Answer, Assessment, City, ContextReading, Evidence
from citygrow_nb.model.assessment import NO_REASON
from tests.factories import assessment, assessments, dont_know, few, not_applicable, rated

versions = assessments(say=few, round_label="2026")
REPORT = (Evidence(title="report"),)


@given(versions, versions)
def test_nothing_is_taken_back(mine: Assessment, theirs: Assessment) -> None:
    """Everything that was there is still there, and what came is there or reported; with replace it always counts."""
    kept, taken = adopt(mine, theirs), adopt(mine, theirs, replace=True)
    there, came = dict(items(theirs)), dict(items(mine))
    for document in (kept.document, taken.document):
        assert dict(items(document)).keys() == there.keys() | came.keys()
    reported = {(conflict.what, conflict.code, conflict.respondent) for conflict in kept.conflicts}
    for key, before in there.items():
        after = dict(items(kept.document))[key]
        if key in came and tuple(key) in reported:
            assert same(after, before)
        elif isinstance(before, Answer) and isinstance(after, Answer):
            assert (after.state, after.level) == (before.state, before.level)
            assert before.comment in {"", NO_REASON, after.comment}
    assert taken.conflicts == ()
    for key, value in came.items():
        after = dict(items(taken.document))[key]
        if isinstance(value, Answer) and isinstance(after, Answer):
            assert (after.state, after.level) == (value.state, value.level)


@given(versions, versions)
def test_adding_twice_changes_nothing(mine: Assessment, theirs: Assessment) -> None:
    """The same table imported again finds everything in place."""
    for replace in (False, True):
        once = adopt(mine, theirs, replace=replace).document
        again = adopt(mine, once, replace=replace).document
        assert [same(again_value, dict(items(once))[key]) for key, again_value in items(again)].count(False) == 0


@pytest.mark.parametrize(
    ("came", "there", "kept", "replaced"),
    [
        (rated(2), rated(2, "why", evidence=REPORT), rated(2, "why", evidence=REPORT), None),
        (rated(2, "why"), rated(2), rated(2, "why"), None),
        (rated(2, evidence=REPORT), rated(2, "why"), rated(2, "why", evidence=REPORT), None),
        (not_applicable(NO_REASON), not_applicable("no port"), not_applicable("no port"), None),
        (not_applicable("no port"), not_applicable(NO_REASON), not_applicable("no port"), None),
        (rated(2), rated(1, "why"), rated(1, "why"), rated(2, "why")),
        (rated(2, "new"), rated(2, "old"), rated(2, "old"), rated(2, "new")),
        (dont_know(), rated(1), rated(1), dont_know()),
    ],
)
def test_answers_are_completed(came: Answer, there: Answer, kept: Answer, replaced: Answer | None) -> None:
    """An answer without a comment keeps the one on disk; only where the two differ is there a conflict."""
    mine, theirs = assessment().with_answer("KF1.Q1", came), assessment().with_answer("KF1.Q1", there)
    merged = adopt(mine, theirs)
    assert merged.document.answer("KF1.Q1") == kept
    assert bool(merged.conflicts) is (replaced is not None)
    assert adopt(mine, theirs, replace=True).document.answer("KF1.Q1") == (replaced or kept)


def test_readings_are_completed() -> None:
    """A reading without a comment keeps the one on disk, another reading is a conflict."""
    there = ContextReading(direction=1, comment="why", bears_on=("KF1",))
    theirs = assessment().with_context("CF1", there)
    same_reading = adopt(assessment().with_context("CF1", ContextReading(direction=1)), theirs)
    assert (same_reading.document.context["CF1"], same_reading.conflicts) == (there, ())
    other = assessment().with_context("CF1", ContextReading(direction=-1))
    assert adopt(other, theirs).conflicts[0].theirs == there
    assert adopt(other, theirs, replace=True).document.context["CF1"].comment == "why"


def test_roles_and_spellings_that_say_nothing() -> None:
    """A role that is only the short name, and another spelling of the name, change nothing."""
    theirs = assessment().with_respondent("econ", "Economy").with_answer("KF1.Q1", rated(1), "econ")
    mine = assessment(name="ŻABIA góra").with_answer("KF1.Q2", rated(1), "econ")
    for replace in (False, True):
        merged = adopt(mine, theirs, replace=replace)
        assert merged.conflicts == ()
        assert merged.document.respondents["econ"].role == "Economy"
        assert merged.document.city.name == "Żabia Góra"
    renamed = assessment(city=City(name="Frog Hill", slug="zabia-gora"))
    assert [conflict.code for conflict in adopt(renamed, theirs).conflicts] == ["name"]


def test_another_round_is_refused() -> None:
    """Two rounds are never put together."""
    with pytest.raises(DocumentError, match="round"):
        adopt(assessment(round_label="2027"), assessment())


def test_other_evidence_for_the_same_level_is_a_conflict_and_more_of_it_is_not() -> None:
    """What is there is never given up for what comes."""
    there = assessment().with_answer("KF1.Q1", rated(2, evidence=[{"title": "Minutes"}]))
    other = assessment().with_answer("KF1.Q1", rated(2, evidence=[{"title": "Report"}]))
    found = adopt(other, there)
    assert len(found.conflicts) == 1
    assert found.document.answer("KF1.Q1") == there.answer("KF1.Q1")
    assert adopt(there, assessment().with_answer("KF1.Q1", rated(2))).conflicts == ()
