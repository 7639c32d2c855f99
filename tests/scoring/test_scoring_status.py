"""The working list knows everybody: who answered, who began, who took part before, and who is only expected."""

from __future__ import annotations

from citygrow_nb.model import Assessment, City, CityFigures
from citygrow_nb.model.status import Expected
from citygrow_nb.scoring import figures, last_round, statuses
from tests.factories import QUESTIONS, assessment, benchmark, dont_know, rated

DEMO = benchmark()


def city(name: str, slug: str, label: str, answered: int) -> CityFigures:
    made: Assessment = assessment(name, slug, label)
    for code in QUESTIONS[:answered]:
        made = made.with_answer(code, rated(2))
    return figures(DEMO, made)


TESTS = [
    city("Bern", "bern", "2024", 5),
    city("Bern", "bern", "2026", 2),
    city("Graz", "graz", "2026", 5),
    city("Zug", "zug", "2022", 5),
    city("Zug", "zug", "2024", 5),
    city("Åre", "are", "2026", 0),
]


def test_every_city_stands_in_it_by_name() -> None:
    expected = [
        Expected(name="graz", country="AT"),
        Expected(name="Øvre", more={"email": "x@example.org"}),
        Expected(name="Other", benchmark="libraries"),
    ]
    found = statuses(DEMO, TESTS, "2026", expected)
    assert [(item.name, item.begun, item.answered, item.before, item.expected) for item in found] == [
        ("Åre", "not_begun", 0, "", False),
        ("Bern", "begun", 2, "2024", False),
        ("Graz", "complete", 5, "", True),
        ("Øvre", "not_begun", 0, "", True),
        ("Zug", "not_begun", 0, "2024", False),
    ]
    assert [(part.factor, part.questions) for part in found[1].missing] == [("KF1", 1), ("KF2", 2)]
    assert found[2].country == "AT"
    assert found[3].more == {"email": "x@example.org"}


def test_last_round_is_that_of_any_city() -> None:
    assert last_round(TESTS) == "2026"
    assert last_round([]) == ""


def test_dont_know_is_an_answer() -> None:
    made = assessment()
    for code in QUESTIONS:
        made = made.with_answer(code, dont_know())
    (found,) = statuses(DEMO, [figures(DEMO, made)], "2026")
    assert (found.begun, found.missing) == ("complete", ())


def test_expected_city_is_the_one_in_its_country() -> None:
    """Two cities of one name are told apart by their country, also where neither has begun."""
    halle = [
        figures(DEMO, assessment(city=City(name="Halle", slug=slug, country=country)))
        for slug, country in (("halle", "DE"), ("halle-be", "BE"))
    ]
    belgium = Expected(name="halle", country="BE")
    (one,) = [item for item in statuses(DEMO, halle, "2026", [belgium]) if item.expected]
    assert one.slug == "halle-be"
    (one,) = [item for item in statuses(DEMO, halle[:1], "2026", [belgium]) if item.expected]
    assert (one.slug, one.begun) == ("halle-be", "not_begun")
    assert len(statuses(DEMO, [], "2026", [belgium, Expected(name="Halle", country="DE")])) == 2
