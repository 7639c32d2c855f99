"""Voices: institutions by name, all persons of a role together; what is agreed, contested, disputed."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from citygrow_nb.model import Answer, Assessment, Group, QuestionState, Standing
from citygrow_nb.scoring import (
    agreed_over_voices,
    consensus,
    follow_up,
    levels_of_voices,
    question_result,
    score,
    self_and_peers,
    statements,
    to_agree,
)
from citygrow_nb.scoring.voices import take_together
from tests.factories import assessment, benchmark, dont_know, not_applicable, rated

BENCHMARK = benchmark()
FIRST = "KF1.Q1"


def told(*institutions: Answer, code: str = FIRST, **roles: Sequence[int]) -> Assessment:
    """Return what departments said to one question, and groups of some roles by how many gave each level."""
    made = assessment()
    for number, answer in enumerate(institutions):
        made = made.with_respondent(f"dept-{number}", f"Department {number}")
        made = made.with_answer(code, answer, f"dept-{number}")
    groups = tuple(
        Group(role=role, code=code, levels=(levels[0], levels[1], levels[2], levels[3]), comments=(f"of {role}",))
        for role, levels in roles.items()
    )
    return made.model_copy(update={"groups": groups})


def found(made: Assessment) -> tuple[object, ...]:
    result = question_result(FIRST, made)
    return result.state.value, result.level, result.low, result.high, result.disputed


@pytest.mark.parametrize(
    ("made", "result"),
    [
        (told(), ("unanswered", None, 0, 3, False)),
        (told(dont_know()), ("dont_know", None, 0, 3, False)),
        (told(not_applicable(), not_applicable()), ("not_applicable", None, None, None, False)),
        (told(not_applicable(), dont_know()), ("dont_know", None, 0, 3, False)),
        (told(rated(2), rated(2), dont_know()), ("rated", 2, 2, 2, False)),
        (told(rated(0), rated(3)), ("rated", 1.5, 0, 3, True)),
        (told(rated(2), not_applicable()), ("rated", 2, 0, 3, True)),
        (told(founders=(3, 0, 0, 3)), ("rated", 1.5, 0, 3, True)),
        (told(founders=(0, 0, 5, 1)), ("rated", 2.166667, 2, 2, False)),
        (told(rated(0), founders=(0, 0, 0, 200)), ("rated", 1.5, 0, 3, True)),
    ],
)
def test_voices_are_taken_together(made: Assessment, result: tuple[object, ...]) -> None:
    """Two hundred founders are one voice, and a lone group that is divided is no sure mean."""
    assert found(made) == result


def test_groups_of_one_role_are_one_voice_whatever_its_case() -> None:
    made = told(founders=(5, 0, 0, 0))
    more = Group(role="FOUNDERS", code=FIRST, levels=(0, 0, 0, 5))
    (voice,) = question_result(FIRST, made.model_copy(update={"groups": (*made.groups, more)})).voices
    assert (voice.levels, voice.level, voice.low, voice.high) == ((5, 0, 0, 5), 1.5, 0, 3)


@pytest.mark.parametrize(
    ("agreed", "over", "contested", "ends"),
    [
        (rated(3), {}, True, (0, 3)),
        (rated(3), {"dept-0": 0, "dept-1": 2}, False, (3, 3)),
        (rated(3), {"dept-0": 1, "dept-1": 2}, True, (0, 3)),
        (rated(2), {"dept-0": 0}, False, (2, 2)),
        (not_applicable(), {"dept-0": 0, "dept-1": 2}, False, (None, None)),
        (not_applicable(), {"dept-0": 0}, True, (0, 3)),
    ],
)
def test_an_agreed_answer_is_contested_by_voices_that_are_new_or_changed(
    agreed: Answer, over: dict[str, float], contested: bool, ends: tuple[int | None, int | None]
) -> None:
    """Departments say 0 and 2. It counts all the same."""
    made = told(rated(0), rated(2)).with_answer(FIRST, agreed.model_copy(update={"over": over}))
    result = question_result(FIRST, made)
    assert (result.state, result.level, result.basis) == (QuestionState(agreed.state), agreed.level, "agreed")
    assert (result.contested, result.disputed, (result.low, result.high)) == (contested, contested, ends)


def test_what_is_agreed_now_is_contested_by_nobody() -> None:
    made = told(rated(0), dont_know(), founders=(1, 2, 3, 4)).with_answer(FIRST, rated(2))
    assert question_result(FIRST, made).contested
    assert not question_result(FIRST, agreed_over_voices(made)).contested
    assert levels_of_voices(FIRST, made) == {"dept-0": 0.0, "dept-1": None, "founders": 2.0}


def test_persons_contest_by_half_a_level_and_dont_know_by_none() -> None:
    def contested(*counts: int) -> bool:
        return question_result(FIRST, told(dont_know(), founders=counts).with_answer(FIRST, rated(2))).contested

    assert contested(0, 3, 3, 0)
    assert not contested(0, 3, 4, 0)


def test_an_agreed_dont_know_gives_way_to_voices_that_know() -> None:
    """The report does not say that nobody knows."""
    made = told(rated(1), rated(1), dont_know()).with_answer(FIRST, dont_know())
    assert (question_result(FIRST, made).basis, *found(made)) == ("voices", "rated", 1, 1, 1, False)
    nobody = told(dont_know()).with_answer(FIRST, dont_know())
    assert (question_result(FIRST, nobody).basis, *found(nobody)) == ("agreed", "dont_know", None, 0, 3, False)


def test_a_reviewer_counts_nothing_and_stands_beside() -> None:
    made = told(rated(1)).with_respondent("peer", "Unit", from_city="Porto").with_answer(FIRST, rated(3), "peer")
    assert found(made) == found(told(rated(1)))
    assert [(voice.name, voice.level) for voice in question_result(FIRST, made).reviews] == [("Unit", 3)]
    views = self_and_peers(BENCHMARK, made)
    assert views is not None
    assert [view.factors[0].score for view in views] == [pytest.approx(33.333333), 100]
    assert self_and_peers(BENCHMARK, told(rated(1))) is None


def test_a_meeting_begins_where_voices_are_furthest_apart() -> None:
    """Not where their consensus is least: many voices have less of it."""
    made = told(rated(1), rated(2))
    for key, level in (("dept-0", 0), ("dept-1", 3)):
        made = made.with_answer("KF1.Q2", rated(level), key)
    assert [question.code for question in to_agree(score(BENCHMARK, made))] == ["KF1.Q2", FIRST]


def test_words_of_persons_stand_without_names_and_in_the_order_of_the_texts() -> None:
    made = told(rated(1, "ours"), zebras=(5, 0, 0, 0), apes=(5, 0, 0, 0))
    assert [(said.name, said.comment) for said in statements(FIRST, made)] == [
        ("Department 0", "ours"),
        ("", "of apes"),
        ("", "of zebras"),
    ]


def test_one_of_two_hundred_and_one_is_seen() -> None:
    """Exact fractions decide whether a target is reached; only what is printed is rounded."""
    made = told(founders=(0, 0, 1, 200))
    assert take_together(FIRST, made).level == Fraction(602, 201)
    plan = {"id": "a1", "what": "act", "targets": [{"code": FIRST, "level": 3}]}
    earlier = type(made).model_validate({**assessment().model_dump(mode="json"), "actions": [plan]})
    (item,) = follow_up(earlier, made)
    assert item.reached == "not_yet"


def test_open_and_disputed_questions_never_make_a_factor_met() -> None:
    made = assessment()
    for code in ("KF1.Q1", "KF1.Q2"):
        made = made.with_answer(code, rated(3))
    open_ = score(BENCHMARK, made.with_answer("KF1.Q3", dont_know())).factors[0]
    assert (open_.standing, open_.could_be, open_.decides) == (Standing.CLOSE, Standing.MET, "KF1.Q3")
    split = told(rated(0), rated(3), code="KF1.Q3")
    split = split.model_copy(update={"respondents": {**split.respondents, **made.respondents}})
    split = split.with_answer("KF1.Q1", rated(3)).with_answer("KF1.Q2", rated(3))
    assert score(BENCHMARK, split).factors[0].standing is Standing.CLOSE


def test_consensus_of_the_source() -> None:
    """Tastle and Wierman: all alike 1, half at either end 0."""
    assert (consensus([0, 0, 1, 0]), consensus([0.5, 0, 0, 0.5])) == (1, 0)


@given(st.lists(st.integers(0, 20), min_size=4, max_size=4).filter(any))
def test_consensus_is_between_its_ends_and_the_same_from_both(counts: list[int]) -> None:
    shares = [count / sum(counts) for count in counts]
    assert 0 <= consensus(shares) <= 1
    assert consensus(shares) == pytest.approx(consensus(shares[::-1]))
