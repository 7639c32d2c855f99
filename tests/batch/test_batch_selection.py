"""Which of the found cities a run is about."""

from __future__ import annotations

import dataclasses

import pytest

from citygrow_nb.batch import Found, Gathered, Identity, no_such_city, select
from citygrow_nb.exceptions import Problem, UsageError
from citygrow_nb.model import Benchmark

FAULT = Problem("x.json", "cannot be read")


@pytest.fixture
def gathered(tiny: Benchmark) -> Gathered:
    """Return three documents of two cities."""
    rows = (("Żabia Góra", "zabia-gora", "2025"), ("Żabia Góra", "zabia-gora", "2026"), ("Οία", "oia", "2026"))
    found = (Found(Identity(slug, label, name, tiny.id), "a", b"") for name, slug, label in rows)
    return Gathered(tuple(found), (), {tiny.id: tiny})


def keys(gathered: Gathered) -> list[tuple[str, str]]:
    return [item.key for item in gathered.found]


def test_everything_without_a_wish(gathered: Gathered) -> None:
    """Nothing is left out unless it was asked for."""
    assert select(gathered, "answers") == gathered


def test_round_and_city_narrow_it_down(gathered: Gathered) -> None:
    """Cities go by folder name or by name, in any script."""
    assert keys(select(gathered, "answers", round_label="2025")) == [("zabia-gora", "2025")]
    assert keys(select(gathered, "answers", cities=["Οία"])) == [("oia", "2026")]
    assert keys(select(gathered, "answers", cities=["ŻABIA GÓRA"], round_label="2026")) == [("zabia-gora", "2026")]


def test_what_is_not_there_is_named_with_what_is(gathered: Gathered) -> None:
    """A round or city that does not exist is wrong use, before anything starts."""
    with pytest.raises(UsageError, match="no city has a round “2024”; allowed: 2025, 2026"):
        select(gathered, "answers", round_label="2024")
    with pytest.raises(UsageError, match="no city “zabia-gor”; did you mean “zabia-gora”"):
        select(gathered, "answers", cities=["zabia-gor"])
    with pytest.raises(UsageError, match=r"no city “\.\./\.\./etc”; allowed: oia, zabia-gora"):
        select(gathered, "answers", cities=["../../etc"])
    with pytest.raises(UsageError, match="there are no answers in it"):
        select(Gathered((), (), {}), "answers")


def test_missing_city_may_stand_in_what_cannot_be_read(gathered: Gathered) -> None:
    """Beside a broken source the cities that are there are made, and the missing one is named too."""
    broken = Gathered(gathered.found, (FAULT,), gathered.benchmarks)
    selected = select(broken, "answers", cities=["oia", "atlantis"])
    assert keys(selected) == [("oia", "2026")]
    assert [problem.found for problem in selected.problems] == ["cannot be read", "there is no city “atlantis”"]


def test_long_lists_are_cut() -> None:
    """A sentence stays one, also among a thousand cities."""
    assert "and 992 more" in str(no_such_city("xyz", (f"city-{n}" for n in range(1000)), "answers"))


def test_name_of_two_cities_is_asked_about(gathered: Gathered) -> None:
    """Neither is taken for the other; the folder name says which."""
    (first, *_) = gathered.found
    two = tuple(
        dataclasses.replace(first, identity=dataclasses.replace(first.identity, name="Halle", city=slug))
        for slug in ("halle", "halle-be")
    )
    found = Gathered(two, (), gathered.benchmarks)
    with pytest.raises(
        UsageError, match="several cities are called “Halle”; allowed: halle, halle-be; write the folder"
    ):
        select(found, "answers", cities=["Halle"])
    assert keys(select(found, "answers", cities=["halle"])) == [("halle", first.identity.round)]
