"""Many cities as data: groups of size, latest rounds, and what can stand side by side."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from citygrow_nb.model import SIZE_GROUPS, Benchmark, Portfolio, latest, size_group
from tests.factories import figures, portfolio


@pytest.mark.parametrize("group", SIZE_GROUPS)
def test_a_size_group_begins_with_its_smallest_city(group: tuple[int, str]) -> None:
    """A city at the limit belongs to the larger group, one inhabitant fewer to the smaller one."""
    least, name = group
    assert size_group(least).name == name
    assert least == 0 or size_group(least - 1).name != name


def test_a_city_without_inhabitants_given_has_no_size_group() -> None:
    """Nobody is counted among the smallest because a figure is missing."""
    assert size_group(None) is None


def test_latest_round_is_the_last_as_people_count(benchmark: Benchmark) -> None:
    """Round 10 comes after round 9, and every city has exactly one latest round."""
    items = [figures(benchmark, "Alpha", round_label=label) for label in ("r10", "r9", "r1")]
    assert latest([*items, figures(benchmark, "Beta", round_label="2024")]) == {("alpha", "r10"), ("beta", "2024")}


def test_self_tests_with_other_key_factors_are_named_not_mixed_in(benchmark: Benchmark) -> None:
    """What cannot be compared is left out, and a sentence says so."""
    old = figures(benchmark, "Old")
    old = old.model_copy(update={"factors": old.factors[1:]})
    whole = portfolio(benchmark, figures(benchmark, "New"), old)
    found = whole.comparable(benchmark.factors)
    assert [item.city.name for item in found.cities] == ["New"]
    (sentence,) = found.left_out
    assert sentence.startswith("old/2026: ")


def test_a_portfolio_that_can_be_compared_is_unchanged(benchmark: Benchmark) -> None:
    """Nothing is left out without a reason."""
    whole = portfolio(benchmark, figures(benchmark, "New"))
    assert whole.comparable(benchmark.factors) == whole
    assert Portfolio.model_validate_json(whole.model_dump_json()) == whole


@pytest.mark.parametrize("names", [(), ("One",), ('","left_out":', '{"city":', ',{"city":{"name":"x"', "Ž \\ 🏙️")])
def test_a_file_is_read_city_by_city_as_all_at_once(benchmark: Benchmark, names: tuple[str, ...]) -> None:
    """Whatever somebody wrote, and whether the file is as it was written or was laid out anew."""
    whole = portfolio(benchmark, *(figures(benchmark, name) for name in names), left_out=('a "],"left_out": cannot',))
    for indent in (None, 1):
        content = whole.model_dump_json(indent=indent).encode()
        assert Portfolio.read(content) == Portfolio.model_validate_json(content) == whole


@pytest.mark.parametrize(
    ("old", "new"),
    [('"round":"2026"', '"round":""'), ('"version":1', '"version":9'), ('"cities":[', '"cities":[{'), ("}", "")],
)
def test_what_is_no_portfolio_is_refused(benchmark: Benchmark, old: str, new: str) -> None:
    """With what is wrong in the whole of it."""
    text = portfolio(benchmark, figures(benchmark, "One"), figures(benchmark, "Two")).model_dump_json()
    wrong = text.replace(old, new, 1)
    assert wrong != text
    with pytest.raises(ValidationError) as told:
        Portfolio.read(wrong.encode())
    with pytest.raises(ValidationError) as expected:
        Portfolio.model_validate_json(wrong.encode())
    assert str(told.value) == str(expected.value)
