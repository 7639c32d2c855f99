"""A trend claims no more than its bounds allow, and breaks where rounds cannot be compared."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from citygrow_nb.model import Assessment, Benchmark, BenchmarkRef, Break, CityFigures, Direction
from citygrow_nb.scoring import results, trend, trend_of
from tests.factories import QUESTIONS, assessment, benchmark, rated

DEMO = benchmark()


def reworded(code: str, version: str) -> Benchmark:
    """Return the tiny benchmark with one question worded anew in a version."""
    raw = DEMO.model_dump(mode="json")
    for factor in raw["key_factors"]:
        for question in factor["questions"]:
            if question["code"] == code:
                question["reworded"] = [version]
    return Benchmark.model_validate({**raw, "version": "1.2.0"})


def rounds(*levels: int | None, version: str = "1.0.0") -> list[Assessment]:
    """Return a round for each level, in which every question is at this level; None for no answer."""
    made = []
    for place, level in enumerate(levels):
        city = assessment(round_label=str(2018 + 2 * place), benchmark=BenchmarkRef(id="demo", version=version))
        for code in QUESTIONS if level is not None else ():
            city = city.with_answer(code, rated(level))
        made.append(city)
    return made


def test_two_rounds_are_no_trend() -> None:
    assert trend(DEMO, rounds(1, 2)) is None
    assert trend(DEMO, rounds(1, 2, 3)) is not None


@pytest.mark.parametrize(
    ("levels", "direction"),
    [
        ((1, 2, 3), Direction.UP),
        ((3, 2, 0), Direction.DOWN),
        ((2, 3, 2), Direction.SAME),
        ((1, 2, None), Direction.UNCLEAR),
        ((None, 2, 3), Direction.UNCLEAR),
    ],
)
def test_up_and_down_only_where_bounds_do_not_overlap(levels: tuple[int | None, ...], direction: Direction) -> None:
    found = trend(DEMO, rounds(*levels))
    assert found is not None
    assert {line.direction for line in (found.overall, *found.factors)} == {direction}


def test_new_wording_breaks_the_line_of_its_factor_and_of_the_whole() -> None:
    """Between the versions that were answered; the other factor's line goes on."""
    asked = reworded("KF1.Q2", "1.1.0")
    cities = [*rounds(1, 1, version="1.0.0"), *rounds(3, 3, 3, version="1.2.0")[2:]]
    found = trend(asked, cities)
    assert found is not None
    first, second = found.factors
    assert [point.breaks for point in first.points] == [(), (), (Break.WORDING,)]
    assert first.direction is None
    assert [len(stretch) for stretch in first.stretches] == [2, 1]
    assert second.direction is Direction.UP
    assert found.overall.direction is None


def test_wording_of_a_version_that_both_answered_breaks_nothing() -> None:
    found = trend(reworded("KF1.Q2", "1.1.0"), rounds(1, 2, 3, version="1.2.0"))
    assert found is not None
    assert all(not point.breaks for line in found.factors for point in line.points)


def test_other_people_break_the_line() -> None:
    cities = rounds(1, 2, 3)
    other = cities[1].model_copy(update={"responses": {}}).with_respondent("econ", "Economy", kind="institution")
    for code in QUESTIONS[:3]:
        other = other.with_answer(code, rated(2), "econ")
    for code in QUESTIONS[3:]:
        other = other.with_answer(code, rated(2))
    found = trend(DEMO, [cities[0], other, cities[2]])
    assert found is not None
    assert [point.breaks for point in found.factors[0].points] == [(), (Break.VOICES,), (Break.VOICES,)]
    assert found.factors[1].direction is Direction.UP


def test_questions_that_moved_stand_with_all_their_levels() -> None:
    cities = rounds(1, 1, 1)
    cities[1] = cities[1].with_answer("KF1.Q1", None)
    cities[2] = cities[2].with_answer("KF1.Q1", rated(3))
    found = trend(DEMO, cities)
    assert found is not None
    assert [(item.code, item.levels) for item in found.moved] == [("KF1.Q1", (1, None, 3))]


@given(st.lists(st.sampled_from([None, 0, 1, 2, 3]), min_size=3, max_size=5))
def test_figures_of_reports_show_the_same_lines(levels: list[int | None]) -> None:
    """The city's page has the figures of its reports only, in any order, and shows the same."""
    cities = rounds(*levels)
    told = [
        CityFigures.of(results(DEMO, city, cities[place - 1] if place else None)) for place, city in enumerate(cities)
    ]
    whole, figures = trend(DEMO, cities), trend_of(list(reversed(told)))
    assert whole is not None
    assert figures is not None
    assert figures.rounds == whole.rounds
    for told_line, line in zip((figures.overall, *figures.factors), (whole.overall, *whole.factors), strict=True):
        assert (told_line.code, told_line.points) == (line.code, line.points)
    # They know what became of each since the round before, and no more.
    assert {line.since for line in (figures.overall, *figures.factors)} == {whole.rounds[-2]}
