"""Three-way merge: both sides' changes stay, and what both changed is reported with both values."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from citygrow_nb.answers import Conflict, merge
from citygrow_nb.answers.merge import Key, items, same
from citygrow_nb.exceptions import DocumentError
from citygrow_nb.model import Action, Assessment, BenchmarkRef, City, ContextReading, Meeting, Respondent
from tests.factories import assessment, assessments, dont_know, few, later, not_applicable, rated

BASE = assessment().with_answer("KF1.Q1", rated(1)).with_answer("KF1.Q2", rated(1), "econ")

versions = assessments(say=few, round_label="2026")


def content(document: Assessment) -> dict[Key, Any]:
    """All items of a document, without their times; the order of actions is not content."""
    return {
        key: value.model_copy(update={"updated_at": None}) if hasattr(value, "updated_at") else value
        for key, value in items(document)
    }


# --- properties -----------------------------------------------------------------------------------------------------


@given(versions, versions, versions)
def test_every_item_follows_the_rule(base: Assessment, mine: Assessment, theirs: Assessment) -> None:
    """A change of one side is taken; where both changed, the first writer's stays and both values are reported."""
    merged = merge(base, mine, theirs)
    before, wanted, saved, after = map(content, (base, mine, theirs, merged.document))
    reported = {Key(c.what, c.code, c.respondent): (c.mine, c.theirs) for c in merged.conflicts}
    answering = {key.respondent for key in after if key.what == "answer"}
    for key in before.keys() | wanted.keys() | saved.keys():
        old, one, other, new = (side.get(key) for side in (before, wanted, saved, after))
        if key.what == "respondent" and key.respondent in answering and new is not None and None in (one, other):
            continue  # stays for the sake of the answers, see below
        if one in (old, other):
            assert new == other
        elif other == old:
            assert new == one
        else:
            assert new == other
            assert same(reported[key][0], one)
            assert same(reported[key][1], other)
        assert (key in reported) is (one not in (old, other) and other != old)


@given(versions, versions)
def test_merge_of_one_change_is_that_change(base: Assessment, mine: Assessment) -> None:
    """If nobody else changed anything, what I have is what stands; if I changed nothing, what they have."""
    assert content(merge(base, mine, base).document) == content(mine)
    assert merge(base, mine, base).document.actions == mine.actions
    assert content(merge(base, base, mine).document) == content(mine)
    assert merge(base, base, mine).document.actions == mine.actions
    assert merge(base, mine, base).conflicts == merge(base, base, mine).conflicts == ()


@given(versions, versions, versions)
def test_merge_is_idempotent(base: Assessment, mine: Assessment, theirs: Assessment) -> None:
    """Saving the same thing twice changes nothing the second time and reports the same."""
    first = merge(base, mine, theirs)
    again = merge(base, mine, first.document)
    assert content(again.document) == content(first.document)
    kept = [c for c in first.conflicts if not (c.what == "respondent" and c.theirs is None)]
    assert [(c.what, c.code, c.respondent) for c in again.conflicts if c in kept] == [
        (c.what, c.code, c.respondent) for c in kept
    ]


@st.composite
def disjoint(draw: st.DrawFn) -> tuple[Assessment, Assessment, Assessment]:
    """Draw a document and two others that changed different items of it."""
    base, wish = draw(versions), draw(versions)
    before, wanted = dict(items(base)), dict(items(wish))
    keys = [key for key in before.keys() | wanted.keys() if key.what in {"answer", "context", "action"}]
    side = {key: draw(st.sampled_from(["mine", "theirs", "nobody"])) for key in sorted(keys)}

    def changed(who: str) -> Assessment:
        result = base
        for key, owner in side.items():
            if owner != who:
                continue
            value: Any = wanted.get(key)
            if key.what == "answer":
                result = result.with_answer(key.code, value, key.respondent)
            elif key.what == "context":
                result = result.with_context(key.code, value)
            else:
                others = [action for action in result.actions if action.id != key.code]
                result = result.model_copy(update={"actions": (*others, *([value] if value else []))})
        return result

    return base, changed("mine"), changed("theirs")


@given(disjoint())
def test_disjoint_changes_commute(documents: tuple[Assessment, Assessment, Assessment]) -> None:
    """Two writers who changed different items get the same document, whoever came first, and no conflict."""
    base, mine, theirs = documents
    one, other = merge(base, mine, theirs), merge(base, theirs, mine)
    assert content(one.document) == content(other.document)
    assert [c for c in (*one.conflicts, *other.conflicts) if c.what != "respondent"] == []


@given(versions, versions)
def test_without_a_base_nothing_is_taken_back(mine: Assessment, theirs: Assessment) -> None:
    """Merging two documents that began apart keeps every item of both; where they differ, the first one's."""
    after = content(merge(None, mine, theirs).document)
    assert after == {**content(mine), **content(theirs)}


# --- cases ----------------------------------------------------------------------------------------------------------


def test_same_question_changed_by_both_is_a_conflict() -> None:
    """The first writer's answer stays, and the second writer hears of both."""
    mine, theirs = BASE.with_answer("KF1.Q1", rated(3, "ours")), BASE.with_answer("KF1.Q1", dont_know())
    merged = merge(BASE, mine, theirs)
    assert merged.document == theirs
    assert merged.conflicts == (Conflict("answer", "KF1.Q1", "agreed", rated(3, "ours"), dont_know()),)
    assert str(merged.conflicts[0]) == (
        "KF1.Q1 (agreed): you have level 3 with the comment “ours”, but meanwhile “don't know” was saved"
    )


def test_same_answer_at_another_time_is_no_conflict() -> None:
    """Two people who gave the same answer do not disagree; the first time of change stays."""
    mine = BASE.with_answer("KF1.Q1", rated(3, updated_at=later(2)))
    theirs = BASE.with_answer("KF1.Q1", rated(3, updated_at=later(1)))
    assert merge(BASE, mine, theirs) == merge(BASE, theirs, theirs)
    assert merge(BASE, mine, theirs).document.answer("KF1.Q1") == rated(3, updated_at=later(1))


def test_taking_back_against_changing_is_a_conflict() -> None:
    """An answer that one took back and the other changed is reported, and what was saved first stands."""
    gone, changed = BASE.with_answer("KF1.Q1", None), BASE.with_answer("KF1.Q1", rated(0))
    assert merge(BASE, gone, changed).document.answer("KF1.Q1") == rated(0)
    assert merge(BASE, changed, gone).document.answer("KF1.Q1") is None
    assert str(merge(BASE, changed, gone).conflicts[0]).endswith("you have level 0, but meanwhile nothing was saved")


def test_respondent_with_new_answers_stays() -> None:
    """Who is taken out by one while the other adds an answer of theirs stays, with the role, and it is reported."""
    without = BASE.model_copy(
        update={
            "respondents": {"agreed": BASE.respondents["agreed"]},
            "responses": {"agreed": BASE.responses["agreed"]},
        }
    )
    more = BASE.with_respondent("econ", "Economy").with_answer("KF2.Q1", rated(2), "econ")
    for mine, theirs in ((without, more), (more, without)):
        merged = merge(BASE, mine, theirs)
        assert merged.document.answer("KF2.Q1", "econ") == rated(2)
        assert merged.document.respondents["econ"] == Respondent(role="Economy")
        assert [c.respondent for c in merged.conflicts if c.what == "respondent"] == ["econ"]


def test_facts_and_benchmark_version() -> None:
    """Facts about the city are merged one by one, and the newer version of the benchmark counts."""
    mine = BASE.model_copy(
        update={
            "city": City(name="Żabia Góra", slug="zabia-gora", population=5),
            "benchmark": BenchmarkRef(id="demo", version="1.10.0"),
        }
    )
    theirs = BASE.model_copy(
        update={
            "city": City(name="Żabia", slug="zabia-gora", country="PL"),
            "benchmark": BenchmarkRef(id="demo", version="1.9.0"),
        }
    )
    merged = merge(BASE, mine, theirs)
    assert merged.document.city == City(name="Żabia", slug="zabia-gora", country="PL", population=5)
    assert merged.document.benchmark.version == "1.10.0"
    assert merged.conflicts == ()


def acting(*ids: str) -> Assessment:
    return BASE.model_copy(update={"actions": tuple(Action(id=i, what=f"do {i}") for i in ids)})


@pytest.mark.parametrize(
    ("base", "mine", "theirs", "merged"),
    [
        ("ab", "abc", "abd", "abdc"),
        ("ab", "ba", "ab", "ba"),
        ("ab", "ab", "ba", "ba"),
        ("ab", "xab", "ab", "xab"),
        ("abc", "cba", "abcd", "cbad"),
        ("abc", "ac", "abcd", "acd"),
        ("", "ab", "cd", "cdab"),
    ],
)
def test_order_of_actions(base: str, mine: str, theirs: str, merged: str) -> None:
    """A side that moved lines of the plan gets its order; new lines of both stay in theirs."""
    document = merge(acting(*base), acting(*mine), acting(*theirs)).document
    assert "".join(action.id for action in document.actions) == merged


def test_versions_of_different_things_are_refused() -> None:
    """Two cities, rounds or benchmarks are never merged."""
    for other in (
        assessment(slug="other"),
        assessment(round_label="2027"),
        assessment(benchmark=BenchmarkRef(id="other", version="1.0.0")),
    ):
        with pytest.raises(DocumentError, match="answers for"):
            merge(None, BASE, other)
        with pytest.raises(DocumentError, match="answers for"):
            merge(other, BASE, BASE)


@pytest.mark.parametrize(
    ("conflict", "sentence"),
    [
        (
            Conflict("answer", "KF1.Q1", "econ", not_applicable("x" * 70), None),
            f"KF1.Q1 (econ): you have “not applicable” with the comment “{'x' * 57}…”, but meanwhile nothing was saved",
        ),
        (
            Conflict("context", "CF1", "", ContextReading(direction=2), ContextReading(comment="hm")),
            "CF1: you have +2, but meanwhile no reading with the comment “hm” was saved",
        ),
        (
            Conflict("context", "CF1", "", ContextReading(direction=0), ContextReading(direction=-1)),
            "CF1: you have 0, but meanwhile -1 was saved",
        ),
        (Conflict("action", "a1", "", Action(id="a1", what="Go"), None), "action a1: you have “Go”, but meanwhile"),
        (
            Conflict("respondent", "", "econ", Respondent(role="A"), Respondent(role="B")),
            "respondent (econ): you have “A”",
        ),
        (Conflict("city", "population", "", 5, 6), "the city's population: you have “5”, but meanwhile “6” was saved"),
    ],
)
def test_conflict_is_told_in_words(conflict: Conflict, sentence: str) -> None:
    """A conflict of any kind can be shown as it is."""
    assert str(conflict).startswith(sentence)


def test_meetings_of_both_sides_stay() -> None:
    """What one noted, and what the other noted meanwhile."""
    first = assessment(meetings={"a": Meeting(held_on="Monday")})
    second = assessment(meetings={"b": Meeting(held_on="Tuesday")})
    merged = merge(assessment(), first, second)
    assert {key: meeting.held_on for key, meeting in merged.document.meetings.items()} == {
        "a": "Monday",
        "b": "Tuesday",
    }
    assert merged.conflicts == ()
