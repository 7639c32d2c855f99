"""What could turn a result is exact: the same as trying everything on a fine grid, and no more than what is known."""

from __future__ import annotations

import itertools
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from citygrow_nb.model import Assessment, Benchmark, Sensitivity, Standing
from citygrow_nb.scoring import SHIFT, score, sensitivity
from citygrow_nb.scoring.sensitivity import weight_range
from tests.factories import assessment, benchmark, dont_know, not_applicable, rated
from tests.proof import times

WEIGHTED = benchmark(
    scale={
        **benchmark().scale.model_dump(mode="json"),
        "weights": {"KF1": 1, "KF2": 3},
    }
)


def city_of(asked: Benchmark, random: Random) -> Assessment:
    """Return a city with agreed answers of all kinds by chance."""
    made = assessment()
    for code in asked.questions:
        chosen = random.choice([*range(4), *range(4), None, "dk", "na"])
        if isinstance(chosen, int):
            made = made.with_answer(code, rated(chosen))
        elif chosen is not None:
            made = made.with_answer(code, dont_know() if chosen == "dk" else not_applicable())
    return made


def overall_on_a_grid(asked: Benchmark, city: Assessment) -> tuple[float, float] | None:
    """Return lowest and highest overall score over a fine grid of weights between half and double."""
    factors = [factor for factor in score(asked, city).factors if factor.score is not None]
    if not factors:
        return None
    grid = [2 ** (step / 8) for step in range(-8, 9)]
    found = []
    for scales in itertools.product(grid, repeat=len(factors)):
        weights = [asked.scale.weights[f.code] * scale for f, scale in zip(factors, scales, strict=True)]
        found.append(sum(w * (f.score or 0) for w, f in zip(weights, factors, strict=True)) / sum(weights))
    return min(found), max(found)


def with_thresholds(asked: Benchmark, met: float, close: float, known: float) -> Benchmark:
    limits = asked.scale.thresholds
    moved = limits.model_copy(
        update={
            "met_lower_bound": limits.met_lower_bound + met,
            "close_score": limits.close_score + close,
            "known_coverage": limits.known_coverage + known,
        }
    )
    return asked.model_copy(update={"scale": asked.scale.model_copy(update={"thresholds": moved})})


def standings(asked: Benchmark, city: Assessment) -> list[Standing]:
    return [factor.standing for factor in score(asked, city).factors]


def by_thresholds_on_a_grid(asked: Benchmark, city: Assessment) -> list[set[Standing]]:
    """Return the standings that thresholds up to 5 points off give each key factor, in steps of a point."""
    now = standings(asked, city)
    found: list[set[Standing]] = [set() for _ in now]
    steps = [SHIFT * step / 5 for step in range(-5, 6)]
    for shift in itertools.product(steps, repeat=3):
        for place, standing in enumerate(standings(with_thresholds(asked, *shift), city)):
            found[place] |= {standing} - {now[place]}
    return found


def by_level_one_by_one(asked: Benchmark, city: Assessment) -> list[set[tuple[str | None, int, Standing]]]:
    """Return what each rated question one level off does to its key factor."""
    now = standings(asked, city)
    found: list[set[tuple[str | None, int, Standing]]] = [set() for _ in now]
    for place, factor in enumerate(asked.key_factors):
        for question in factor.questions:
            answer = city.answer(question.code)
            if answer is None or answer.level is None:
                continue
            for change in (-1, 1):
                if 0 <= answer.level + change <= 3:
                    moved = city.with_answer(question.code, rated(answer.level + change))
                    standing = standings(asked, moved)[place]
                    if standing is not now[place]:
                        found[place].add((question.code, change, standing))
    return found


@pytest.mark.parametrize("asked", [benchmark(), WEIGHTED], ids=["equal weights", "other weights"])
def test_it_is_what_a_fine_grid_finds(asked: Benchmark) -> None:
    """For cities by chance."""
    turned = 0
    count = times(25, 100)
    for seed in range(count):
        city = city_of(asked, Random(seed))
        found = sensitivity(asked, city)
        grid = overall_on_a_grid(asked, city)
        assert (found.lowest is None) == (grid is None)
        if grid and found.lowest is not None and found.highest is not None:
            assert found.lowest == pytest.approx(grid[0], abs=1e-5)
            assert found.highest == pytest.approx(grid[1], abs=1e-5)
        assert [set(factor.by_thresholds) for factor in found.factors] == by_thresholds_on_a_grid(asked, city)
        assert [
            {(turn.question, turn.change, turn.standing) for turn in factor.by_level} for factor in found.factors
        ] == by_level_one_by_one(asked, city)
        turned += len(found.turning)
    assert turned > count / 2  # there was something to find


@given(
    st.lists(st.tuples(st.floats(0, 100), st.floats(0.1, 10)), min_size=1, max_size=6),
    st.lists(st.floats(0.5, 2), min_size=6, max_size=6),
)
def test_no_weights_lead_out_of_the_range(weighted: list[tuple[float, float]], scales: list[float]) -> None:
    low, high = weight_range(weighted)
    weights = [weight * scale for (_, weight), scale in zip(weighted, scales, strict=False)]
    mean = sum(w * s for w, (s, _) in zip(weights, weighted, strict=True)) / sum(weights)
    assert low - 1e-5 <= mean <= high + 1e-5


def test_nothing_answered_has_nothing_to_turn() -> None:
    assert sensitivity(benchmark(), assessment()) == Sensitivity(
        factors=tuple(item for item in sensitivity(benchmark(), assessment()).factors)
    )
    assert sensitivity(benchmark(), assessment()).turning == ()


def test_disputed_question_moves_as_a_whole() -> None:
    """All its voices one level higher: the lower bound rises by as much, and the factor is met."""
    asked, city = benchmark(), assessment()
    for key, level in (("econ", 1), ("jobs", 2)):
        city = city.with_respondent(key, key, kind="institution")
        city = city.with_answer("KF2.Q1", rated(level), key)
    city = city.with_answer("KF2.Q2", rated(3))
    before = score(asked, city).factor("KF2")
    assert (before.lower, before.standing) == (pytest.approx(66.67, abs=0.01), Standing.CLOSE)
    turns = {(t.question, t.change): t.standing for t in sensitivity(asked, city).factors[1].by_level}
    assert turns[("KF2.Q1", 1)] is Standing.MET
