"""A change is said only where it is more than a few answers one level off."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from citygrow_nb.model import Assessment, Break, Direction
from citygrow_nb.scoring import compare, tolerance
from tests.factories import QUESTIONS, assessment, benchmark, dont_know, not_applicable, rated

BENCHMARK = benchmark()
ANSWERS = st.one_of(st.integers(0, 3).map(rated), st.just(dont_know()), st.just(not_applicable()), st.none())


@st.composite
def rounds(draw: st.DrawFn, label: str = "2026") -> Assessment:
    """Draw a self-test with any kind of answers."""
    made = assessment(round_label=label)
    for code in QUESTIONS:
        made = made.with_answer(code, draw(ANSWERS))
    return made


def answered(*levels: int | None, label: str = "2026") -> Assessment:
    """Return a self-test with these levels, None for don't know."""
    made = assessment(round_label=label)
    for code, level in zip(QUESTIONS, levels, strict=False):
        made = made.with_answer(code, dont_know() if level is None else rated(level))
    return made


@given(rounds(), rounds("2025"))
def test_swapping_the_rounds_turns_every_trend_around(now: Assessment, then: Assessment) -> None:
    turned = {Direction.UP: Direction.DOWN, Direction.DOWN: Direction.UP}
    ahead, back = compare(BENCHMARK, then, now), compare(BENCHMARK, now, then)
    assert [turned.get(change.direction, change.direction) for change in ahead.factors] == [
        c.direction for c in back.factors
    ]
    assert turned.get(ahead.direction, ahead.direction) == back.direction
    assert ahead.learned == back.forgotten


@given(rounds())
def test_nothing_changed_is_said_when_nothing_changed(now: Assessment) -> None:
    changes = compare(BENCHMARK, now, now)
    ways = {changes.direction, *(change.direction for change in changes.factors)}
    assert ways <= {Direction.SAME, Direction.UNCLEAR}, "not clear where too little is known"
    assert changes.moved == changes.learned == changes.forgotten == ()


@given(rounds("2025"), rounds())
def test_up_is_never_said_of_questions_that_went_down(then: Assessment, now: Assessment) -> None:
    """Over the questions that are known in both rounds, by more than the tolerance."""
    for change in compare(BENCHMARK, then, now).factors:
        pairs = zip(change.then.questions, change.now.questions, strict=True)
        moves = [after.level - before.level for before, after in pairs if None not in (before.level, after.level)]
        if change.direction is Direction.UP:
            assert sum(moves) > tolerance(len(moves))
        if change.direction is Direction.DOWN:
            assert sum(moves) < -tolerance(len(moves))


def test_a_change_is_more_than_a_few_answers_one_level_off() -> None:
    """Of three questions one level in all may be chance, two are not; and half of them must be known in both."""

    def way(then: tuple[int | None, ...], now: tuple[int | None, ...]) -> object:
        return compare(BENCHMARK, answered(*then, label="2025"), answered(*now)).factors[0].direction

    assert way((1, 1, 1), (1, 1, 2)) is Direction.SAME
    assert way((1, 1, 1), (1, 2, 2)) is Direction.UP
    assert way((1, 2, 2), (1, 1, 1)) is Direction.DOWN
    assert way((1, 1, None), (2, 2, 3)) is Direction.UP
    assert way((1, None, None), (3, 3, 3)) is Direction.UNCLEAR


def test_what_is_disputed_can_leave_a_change_unclear() -> None:
    """From its least to its greatest value."""
    then, now = (
        assessment(round_label=label)
        .with_respondent("econ", "Economy")
        .with_respondent("jobs", "Jobs")
        .with_answer("KF1.Q1", rated(low), "econ")
        .with_answer("KF1.Q1", rated(high), "jobs")
        .with_answer("KF1.Q2", rated(1))
        for label, low, high in (("2025", 0, 0), ("2026", 0, 3))
    )
    assert compare(BENCHMARK, then, now).factors[0].direction is Direction.UNCLEAR


def test_a_dont_know_more_breaks_no_line_and_another_department_does() -> None:
    first = assessment().with_respondent("econ", "Economy").with_answer("KF1.Q1", rated(1), "econ")
    unsure = first.with_respondent("jobs", "Jobs").with_answer("KF1.Q1", dont_know(), "jobs")
    other = first.with_respondent("jobs", "Jobs").with_answer("KF1.Q1", rated(1), "jobs")
    assert compare(BENCHMARK, first, unsure).factors[0].breaks == ()
    changes = compare(BENCHMARK, first, other)
    assert changes.factors[0].breaks == (Break.VOICES,)
    assert (changes.factors[0].direction, changes.direction) == (None, None)


def test_questions_that_moved_were_learned_or_forgotten_are_named() -> None:
    changes = compare(BENCHMARK, answered(1, None, 2, 3, label="2025"), answered(2, 0, 1, None))
    assert [(item.code, item.then, item.now) for item in changes.moved] == [("KF1.Q1", 1, 2), ("KF1.Q3", 2, 1)]
    assert changes.learned == ("KF1.Q2",)
    assert changes.forgotten == ("KF2.Q1",)
    assert changes.round == "2025"


def test_other_version_and_other_voices_are_told() -> None:
    then = assessment(round_label="2025", benchmark={"id": "demo", "version": "0.9.0"})
    then = then.with_respondent("econ", "Economy", kind="institution").with_answer("KF1.Q1", rated(1), "econ")
    changes = compare(BENCHMARK, then, answered(1))
    assert changes.version == "0.9.0"
    assert changes.other_voices
    assert not compare(BENCHMARK, answered(1), answered(1)).other_voices


def test_other_respondents_and_other_questions_that_do_not_apply_are_told() -> None:
    """Also where as many answered, and as many questions do not apply, as before."""
    econ, jobs = (
        assessment().with_respondent(key, key, kind="institution").with_answer("KF1.Q1", rated(1), key)
        for key in ("econ", "jobs")
    )
    assert compare(BENCHMARK, econ, jobs).other_voices
    assert not compare(BENCHMARK, econ, econ).other_voices
    first, second = (answered(1, 1).with_answer(code, not_applicable()) for code in ("KF1.Q1", "KF1.Q2"))
    assert compare(BENCHMARK, first, second).other_questions
    assert not compare(BENCHMARK, first, first).other_questions
