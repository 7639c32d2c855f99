"""Voices: institutions by name, persons never alone; disputes widen bounds; small groups cannot be attacked."""

from __future__ import annotations

import itertools
import json
from collections import defaultdict
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from citygrow_nb import scoring
from citygrow_nb.model import Answer, Assessment, Respondent, Spread, Standing
from citygrow_nb.scoring import consensus, question_result, results, score, statements
from tests.factories import assessment, benchmark, dont_know, not_applicable, rated

BENCHMARK = benchmark()
FIRST = "KF1.Q1"


def told(institutions: Sequence[Answer] = (), *, code: str = FIRST, **roles: Sequence[Answer]) -> Assessment:
    """Return what institutions and persons of some roles said to one question."""
    made = assessment()
    for number, answer in enumerate(institutions):
        made = made.with_respondent(f"dept-{number}", f"Department {number}", kind="institution")
        made = made.with_answer(code, answer, f"dept-{number}")
    for role, answers in roles.items():
        for number, answer in enumerate(answers):
            made = made.with_respondent(f"{role}-{number}", role).with_answer(code, answer, f"{role}-{number}")
    return made


def levels(*given: int) -> list[Answer]:
    return [rated(level) for level in given]


def test_departments_that_differ_are_named_and_widen_the_bounds() -> None:
    """Six departments between 0 and 3 never look like one sure mean."""
    card = score(BENCHMARK, told(levels(0, 1, 2, 2, 3, 3)))
    [first, *_] = card.factors
    question = first.questions[0]
    assert [voice.name for voice in question.voices] == [f"Department {number}" for number in range(6)]
    assert (question.level, question.disputed, question.spread) == (1.83, True, Spread(low=0, high=3))
    assert first.score == pytest.approx(100 * 11 / 6 / 3, abs=1e-6)
    assert (first.lower, first.upper) == (0, 100)
    assert first.disputed_width == pytest.approx(100 / 3, abs=1e-5)
    assert first.open_width == pytest.approx(200 / 3, abs=1e-5)
    assert first.disputed == 1


def test_agreed_answer_ends_the_dispute() -> None:
    agreed = told(levels(0, 3)).with_answer(FIRST, rated(2))
    question = question_result(FIRST, agreed)
    assert (question.level, question.disputed, question.basis, len(question.voices)) == (2, False, "agreed", 2)
    [first, *_] = score(BENCHMARK, agreed).factors
    assert (first.disputed_width, first.disputed) == (0, 0)


def test_two_hundred_persons_do_not_outvote_three_departments() -> None:
    """All persons of one role are one voice, their mean."""
    question = question_result(FIRST, told(levels(3, 3, 3), founders=levels(*[0] * 100, *[2] * 100)))
    assert question.level == pytest.approx((3 + 3 + 3 + 1) / 4)
    [*_, persons] = question.voices
    assert (persons.kind, persons.name, persons.level, persons.levels) == ("persons", "founders", 1, (100, 0, 100, 0))
    assert (question.spread.low, question.spread.high) == (1, 3)  # type: ignore[union-attr]
    assert (question.respondents, question.raters) == (203, 203)


def test_few_of_a_role_join_other_persons() -> None:
    """Two of one role and four of another are six persons of several roles; bounds run over each of them."""
    question = question_result(FIRST, told(founders=levels(0, 1), advisers=levels(2, 2, 3, 3)))
    [persons] = question.voices
    assert (persons.name, persons.levels, persons.pooled) == (scoring.SEVERAL_ROLES, (1, 1, 2, 2), True)
    assert question.disputed
    assert (question.spread.low, question.spread.high) == (0, 3)  # type: ignore[union-attr]


def test_few_beside_a_large_role_take_it_in() -> None:
    """Two beside five could be had by subtraction, so all seven stand together."""
    [persons] = question_result(FIRST, told(founders=levels(0, 1), advisers=levels(2, 2, 3, 3, 3))).voices
    assert (persons.name, persons.levels) == (scoring.SEVERAL_ROLES, (1, 1, 2, 3))
    names = [voice.name for voice in question_result(FIRST, told(a=levels(1) * 5, b=levels(2) * 6)).voices]
    assert names == ["b", "a"]


def test_fewer_than_five_persons_count_in_the_score_alone() -> None:
    """No level, spread, comment or count of theirs, and not even which question they answered."""
    few = told(founders=[rated(3, "Mine."), rated(3), dont_know(), rated(0)])
    [first, second] = score(BENCHMARK, few).factors
    assert first.score == pytest.approx(200 / 3, abs=1e-5)
    assert first.lower == pytest.approx(200 / 9, abs=1e-5)
    assert (first.rated, first.withheld, second.withheld) == (1, True, False)
    assert {question.state.value for question in first.questions} == {"withheld"}
    assert {question.state.value for question in second.questions} == {"unanswered"}
    for question in first.questions:
        assert (question.level, question.respondents, question.raters, question.voices) == (None, 0, 0, ())
    assert statements(FIRST, few) == []
    assert "Mine" not in results(BENCHMARK, few).model_dump_json()


def test_what_persons_say_stands_without_names_and_in_no_order_of_theirs() -> None:
    given = told(
        [rated(1, "Ours.")], founders=[rated(3, "Zebra"), rated(2, "Ape"), rated(1), rated(1), not_applicable("Never.")]
    )
    assert [(said.name, said.answer.comment) for said in statements(FIRST, given)] == [
        ("Department 0", "Ours.")
    ]  # four levels are too few
    given = given.with_respondent("x", "founders").with_answer(FIRST, rated(0, "Me too"), "x")
    assert [(said.name, said.answer.comment) for said in statements(FIRST, given)] == [
        *[("Department 0", "Ours."), ("", ""), ("", ""), ("", "Ape"), ("", "Me too"), ("", "Never."), ("", "Zebra")],
    ]


def test_self_and_peers_stand_side_by_side() -> None:
    """A reviewing city is an institution; without an agreed answer it counts as a voice, and its view stands apart."""
    both = told(levels(3)).with_respondent("porto", "Integration unit", kind="institution", from_city="Porto")
    assert scoring.self_and_peers(BENCHMARK, both) is None
    both = both.with_answer(FIRST, rated(1), "porto")
    own, peers = scoring.self_and_peers(BENCHMARK, both)  # type: ignore[misc]
    assert (own.factors[0].score, peers.factors[0].score) == (100, pytest.approx(100 / 3, abs=1e-5))
    assert score(BENCHMARK, both).factors[0].score == pytest.approx(200 / 3, abs=1e-5)
    assert [said.name for said in statements(FIRST, both)] == ["Department 0", "Integration unit (Porto)"]


def test_reviewer_is_an_institution() -> None:
    with pytest.raises(ValueError, match="is an institution"):
        Respondent(role="someone", from_city="Porto")


@given(st.lists(st.floats(0.01, 1), min_size=4, max_size=4))
def test_consensus_is_between_its_ends_and_the_same_from_both(weights: list[float]) -> None:
    shares = [weight / sum(weights) for weight in weights]
    assert 0 <= consensus(shares) <= 1
    assert consensus(shares) == pytest.approx(consensus(shares[::-1]))
    assert consensus([0, 1, 0, 0]) == 1
    assert consensus([0.5, 0, 0, 0.5]) == 0


def test_consensus_of_the_source() -> None:
    """Worked by hand: half at 1 and half at 2, mean 1.5: 1 + log2(1 - 0.5 / 3)."""
    assert consensus([0, 0.5, 0.5, 0]) == pytest.approx(1 + (-0.2630344), abs=1e-6)
    assert question_result(FIRST, told(levels(1, 2))).consensus == pytest.approx(0.737, abs=1e-4)
    assert question_result(FIRST, told(levels(1))).consensus is None


# --- the attack: all outputs, and one's own answers -------------------------------------------------------------------

ANY = (rated(0), rated(1), rated(2), rated(3), dont_know("secret"), not_applicable("secret"), None)


def outputs(test: Assessment) -> str:
    """Return everything that scoring gives out of a city."""
    sides = scoring.self_and_peers(BENCHMARK, test)
    return json.dumps(
        [
            results(BENCHMARK, test).model_dump(mode="json"),
            [[(said.name, said.answer.comment) for said in statements(code, test)] for code in BENCHMARK.questions],
            [side.model_dump(mode="json") for side in sides or ()],
        ]
    )


def core(test: Assessment) -> tuple[object, ...]:
    """Return what the scores of the key factors say, and no more."""
    return tuple(
        (factor.score, factor.coverage, factor.rated, factor.not_applicable, factor.withheld)
        for factor in score(BENCHMARK, test).factors
    )


@pytest.mark.parametrize(
    "around", ["nobody", "institutions", "who do not know", "peers", "five of another role on another question"]
)
def test_the_other_of_two_cannot_be_found_out(around: str) -> None:
    """Whatever the second person says: where the scores are the same, every output is the same byte by byte."""
    basis = told(levels(1, 3)) if around != "nobody" else assessment()
    if around == "who do not know":
        basis = told([dont_know(), not_applicable()])
    if around == "peers":
        basis = basis.with_respondent("p", "Unit", kind="institution", from_city="P").with_answer(FIRST, rated(0), "p")
    if around.startswith("five"):
        basis = told(levels(2), founders=levels(0, 1, 2, 3, 3), code="KF1.Q3")
    seen = defaultdict(set)
    for mine in (rated(0), rated(2), None):
        for first, second, third in itertools.product(ANY, repeat=3):
            test = basis.with_respondent("me", "citizen").with_respondent("other", "citizen")
            for code, answer in ((FIRST, first), ("KF1.Q2", second), ("KF2.Q1", third)):
                test = test.with_answer(code, answer, "other") if answer else test
            for code in (FIRST, "KF1.Q2"):
                test = test.with_answer(code, mine, "me") if mine else test
            seen[core(test), mine and mine.level].add(outputs(test))
    assert len(seen) > 50
    assert {len(found) for found in seen.values()} == {1}


def test_no_group_of_fewer_than_five_can_be_subtracted() -> None:
    """By trying every mix of up to seven persons in three roles: what is shown is never the whole but a few."""
    for sizes in itertools.product(range(8), repeat=3):
        roles = dict(zip("abc", (levels(*[1] * size) for size in sizes), strict=True))
        question = question_result(FIRST, told(levels(2), **roles))
        shown = [sum(voice.levels or ()) for voice in question.voices if voice.kind == "persons"]
        assert all(count >= scoring.SMALLEST_GROUP for count in shown)
        assert sum(shown) == (sum(sizes) if sum(sizes) >= scoring.SMALLEST_GROUP else 0)
        assert question.respondents == sum(shown) + 1


def test_met_is_not_told_by_levels_that_are_not_shown() -> None:
    """Levels 0, 3, 3, 3 and 3, 2, 2, 2 have the same score: as one may be at 0, neither is met; three 3s are."""
    asked = BENCHMARK.key_factors[0].questions

    def standing(*given: int) -> Standing:
        test = assessment().with_respondent("me", "citizen")
        for question, level in zip(asked, given, strict=True):
            test = test.with_answer(question.code, rated(level), "me")
        return score(BENCHMARK, test).factors[0].standing

    assert standing(1, 3, 3) is standing(2, 2, 3) is Standing.MET  # 7 of 9 cannot hold a 0
    assert standing(3, 3, 3) is Standing.MET
    assert standing(0, 3, 3) is standing(2, 2, 2) is Standing.CLOSE


def test_what_is_not_shown_moves_neither_bound_but_with_the_score() -> None:
    """The distance between the bounds is that of the voices that are shown."""
    given = told(levels(1, 3))
    for level in range(4):
        hidden = given.with_respondent("me", "citizen").with_answer(FIRST, rated(level), "me")
        [first, *_] = score(BENCHMARK, hidden).factors
        question = first.questions[0]
        assert (question.level, len(question.voices)) == (2, 2)
        assert first.lower is not None
        assert first.upper is not None
        assert first.score == pytest.approx(100 * (1 + 3 + level) / 9, abs=1e-5)
        assert first.lower <= first.score <= first.upper  # type: ignore[operator]
