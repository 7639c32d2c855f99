"""The method as docs/method.md defines it: the product against a plain script, and what the rules promise."""

from __future__ import annotations

import json
from collections.abc import Sequence
from fractions import Fraction
from itertools import product
from random import Random
from typing import Any

import pytest

from citygrow_nb.answers import dump, parse
from citygrow_nb.model import Assessment, Standing
from citygrow_nb.scoring import compare, score
from citygrow_nb.scoring.change import tolerance, ways_to_differ
from citygrow_nb.scoring.scorecard import Sums, could_be, standing
from tests.factories import benchmark
from tests.proof import times
from tests.scoring import plain_method

ASKED = benchmark()
CODES = [[question.code for question in factor.questions] for factor in ASKED.key_factors]
LIMITS = {"met": Fraction(75), "close": Fraction(50)}
ORDER = [Standing.GAP, Standing.UNKNOWN, Standing.CLOSE, Standing.MET]


def answer(random: Random, agreed: bool = False) -> dict[str, Any]:
    state = random.choices(("rated", "dont_know", "not_applicable"), (6, 1, 1))[0]
    made: dict[str, Any] = {"state": state}
    if state == "rated":
        made["level"] = random.randrange(4)
    if state == "not_applicable":
        made["comment"] = "no port here"
    return made


def self_test(random: Random) -> dict[str, Any]:
    """Make up a self-test with every kind of voice: agreed answers, over some or none of them, reviewers, persons."""
    respondents: dict[str, Any] = {"agreed": {"role": "agreed answer of the city"}}
    for number in range(random.randrange(4)):
        respondents[f"d{number}"] = {"role": f"Department {number}", "kind": "institution"}
    if random.random() < 0.2:
        respondents["peer"] = {"role": "Port office", "kind": "institution", "from_city": "Elsewhere"}
    responses: dict[str, Any] = {key: {} for key in respondents}
    groups = []
    for code in (code for codes in CODES for code in codes):
        for key in respondents:
            if random.random() < (0.5 if key == "agreed" else 0.6):
                responses[key][code] = answer(random)
        for role in random.sample(("Founders", "FOUNDERS", "Advisers"), random.randrange(3)):
            levels = [random.randrange(5) for _ in range(4)]
            if sum(levels) >= 5:
                groups.append({"role": role, "code": code, "levels": levels})
    made = {
        "format": "citygrow-assessment",
        "version": 1,
        "benchmark": {"id": ASKED.id, "version": ASKED.version},
        "city": {"name": "A", "slug": "a"},
        "round": "2026",
        "respondents": respondents,
        "responses": responses,
        "groups": groups,
    }
    for code, given in responses["agreed"].items():
        if random.random() < 0.6:
            voices = plain_method.voices(made, code)
            given["over"] = {
                name: None if voice[0] is None else float(voice[0])
                for (_, name), voice in voices.items()
                if random.random() < 0.8
            }
            if given["over"] and random.random() < 0.3:
                given["over"][random.choice(sorted(given["over"]))] = random.choice((None, 0.0, 1.5, 3.0))
    return made


def read(document: dict[str, Any]) -> Assessment:
    return parse(json.dumps(document).encode(), "a.json", ASKED)


def rounded(value: Fraction | int | None) -> float | None:
    return None if value is None else round(float(value), 6)


@pytest.mark.parametrize("seed", range(8))
def test_product_and_a_plain_script_of_the_page_come_to_the_same(seed: int) -> None:
    """250 self-tests each, in exact fractions."""
    random = Random(seed)
    for _ in range(250):
        document = self_test(random)
        card = score(ASKED, read(document))
        for factor, codes in zip(card.factors, CODES, strict=True):
            meant = plain_method.factor(document, codes, LIMITS)
            for name in ("score", "lower", "upper", "coverage"):
                assert getattr(factor, name) == rounded(meant[name]), (name, document)
            assert (factor.standing, factor.could_be) == (meant["standing"], meant["could_be"]), document
            for question, (state, level, low, high, disputed) in zip(factor.questions, meant["questions"], strict=True):
                assert question.state == state, document
                assert question.level == rounded(level)
                assert (question.low, question.high, question.disputed) == (low, high, disputed), document


def test_a_document_comes_back() -> None:
    """With groups, and what agreed answers were agreed over."""
    random = Random(1)
    for _ in range(50):
        made = read(self_test(random))
        again = parse(dump(made), "a.json", ASKED)
        assert dump(again) == dump(made)
        assert again.model_copy(update={"groups": ()}) == made.model_copy(update={"groups": ()})


def rated(levels: list[int | None]) -> dict[str, Any]:
    """Return a self-test with these agreed answers to the first questions; None is not known."""
    codes = CODES[0]
    return {
        "format": "citygrow-assessment",
        "version": 1,
        "benchmark": {"id": ASKED.id, "version": ASKED.version},
        "city": {"name": "A", "slug": "a"},
        "round": "2026",
        "respondents": {"agreed": {"role": "agreed answer of the city"}},
        "responses": {
            "agreed": {
                code: {"state": "dont_know"} if level is None else {"state": "rated", "level": level}
                for code, level in zip(codes, levels, strict=False)
            }
        },
    }


def test_a_standing_holds_whatever_open_answers_turn_out_to_be() -> None:
    """By trying all of them, for every factor of three questions."""
    for levels in product((None, 0, 1, 2, 3), repeat=3):
        here = score(ASKED, read(rated(list(levels)))).factors[0]
        ends = [
            score(ASKED, read(rated(list(filled)))).factors[0].standing
            for filled in product(*([level] if level is not None else range(4) for level in levels))
        ]
        assert here.could_be is max(ends, key=ORDER.index)
        if here.standing is Standing.UNKNOWN:
            assert Standing.GAP in ends
            assert set(ends) != {Standing.GAP}
        else:
            assert min(ends, key=ORDER.index) is here.standing


def test_no_better_answer_makes_a_standing_worse() -> None:
    for levels in product(range(4), repeat=3):
        here = ORDER.index(score(ASKED, read(rated(list(levels)))).factors[0].standing)
        for place in range(3):
            if levels[place] < 3:
                better = [level + (place == other) for other, level in enumerate(levels)]
                assert ORDER.index(score(ASKED, read(rated(better))).factors[0].standing) >= here


Ends = tuple[int, int, bool]
"""The lowest and the highest level of a question, and whether it is rated."""


def factor_of(random: Random) -> list[Ends]:
    """Make up a key factor of one to six questions: known, open, disputed."""
    made: list[Ends] = []
    for _ in range(random.randint(1, 6)):
        low, high = sorted((random.randrange(4), random.randrange(4)))
        kind = random.random()
        made.append((0, 3, False) if kind < 0.2 else (low, high, True) if kind < 0.35 else (low, low, True))
    return made


def standing_of(ends: Sequence[Ends]) -> tuple[Standing, Standing]:
    """Return where a key factor stands, and what it could be."""
    found = Sums(0, sum(rated for *_, rated in ends), tuple(e[0] for e in ends), tuple(e[1] for e in ends))
    limits = ASKED.scale.thresholds
    return standing(found, limits), could_be(found, limits)


def test_standings_hold_against_enumeration() -> None:
    """All that open and disputed questions of larger key factors can turn out to be."""
    random = Random(7)
    for _ in range(times(300, 5_000)):
        ends = factor_of(random)
        here, best = standing_of(ends)
        turns = product(*(range(low, high + 1) for low, high, _ in ends))
        found = {standing_of([(level, level, True) for level in levels])[0] for levels in turns}
        assert best is max(found, key=ORDER.index), ends
        if here is Standing.UNKNOWN:
            assert (min(found, key=ORDER.index), best is Standing.GAP) == (Standing.GAP, False), ends
        else:
            assert here is min(found, key=ORDER.index), ends


def test_a_better_answer_never_makes_a_standing_worse_in_larger_factors() -> None:
    random = Random(8)
    for _ in range(times(1_000, 20_000)):
        ends = factor_of(random)
        place = random.randrange(len(ends))
        low, high, rated = ends[place]
        better = [*ends]
        better[place] = (min(3, low + 1), min(3, high + 1), True) if rated else (3, 3, True)
        assert ORDER.index(standing_of(better)[0]) >= ORDER.index(standing_of(ends)[0]), (ends, place)


def test_tolerance_errs_in_at_most_one_of_twenty_and_no_smaller_one_does() -> None:
    """By the plain sum of all ways; the table in docs/method.md has the same numbers."""
    assert [(n, tolerance(n)) for n in (1, 5, 6, 16, 17, 31, 32, 40)] == [
        (1, 1),
        (5, 1),
        (6, 2),
        (16, 2),
        (17, 3),
        (31, 3),
        (32, 4),
        (40, 4),
    ]
    for questions in range(1, 41):
        ways = ways_to_differ(questions)
        whole = sum(ways.values())
        assert whole == 40 ** (2 * questions)

        def beyond(limit: int, ways: dict[int, int] = ways) -> int:
            return sum(count for moved, count in ways.items() if abs(moved) > limit)

        assert 20 * beyond(tolerance(questions)) <= whole
        assert 20 * beyond(tolerance(questions) - 1) > whole


def test_no_direction_is_given_across_a_break() -> None:
    """The city agreed in one round, departments answered in the other."""
    then = read(rated([0, 0, 0]))
    departments = rated([])
    departments["respondents"]["d1"] = {"role": "D", "kind": "institution"}
    departments["responses"] = {"d1": {code: {"state": "rated", "level": 3} for code in CODES[0]}}
    changes = compare(ASKED, then, read(departments))
    assert changes.factors[0].direction is None
    assert changes.direction is None
    assert compare(ASKED, then, read(rated([3, 3, 3]))).factors[0].direction == "up"
