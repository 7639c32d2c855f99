"""The benchmark as a value: look-up by code, reading order, strictness."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from citygrow_nb.model import Benchmark
from tests.benchmarks.tiny import tiny, tiny_data


def test_items_come_in_reading_order() -> None:
    """Every coded item once: terms, key factors with questions and practices, context factors with prompts."""
    data = tiny_data()
    source = data["standard"]["source"]
    data["terms"] = [{"code": "T1", "term": "Night", "definition": "From ten to six.", "source": source}]
    codes = [code for code, _ in Benchmark.model_validate(data).items()]
    assert codes == ["T1", "KF1", "KF1.Q1", "KF1.Q2", "KF1.P1", "KF2", "KF2.Q1", "KF2.Q3", "CF1", "CF1.1"]


def test_look_up_by_code() -> None:
    """Questions, key factors and context factors are found by code, in order."""
    benchmark = tiny()
    assert list(benchmark.questions) == ["KF1.Q1", "KF1.Q2", "KF2.Q1", "KF2.Q3"]
    assert benchmark.questions["KF2.Q3"].levels[3] == "The city pays at least half of the windows in loud streets."
    assert list(benchmark.factors) == ["KF1", "KF2"]
    assert list(benchmark.contexts) == ["CF1"]


def test_look_up_leaves_the_value_as_it_is() -> None:
    """A benchmark is equal to itself whether or not somebody has looked things up in it."""
    looked = tiny()
    assert looked.questions
    assert looked == tiny()
    assert looked.model_dump() == tiny().model_dump()


def change(data: dict[str, Any], *steps: str | int, value: object) -> None:
    holder: Any = data
    for step in steps[:-1]:
        holder = holder[step]
    holder[steps[-1]] = value


@pytest.mark.parametrize(
    ("steps", "value"),
    [
        (("scale", "weights", "KF1"), 0),
        (("scale", "weights", "KF1"), float("nan")),
        (("scale", "weights", "KF1"), float("inf")),
        (("scale", "thresholds", "known_coverage"), float("nan")),
        (("scale", "directions"), []),
        (("key_factors",), []),
        (("key_factors", 0, "questions"), []),
        (("key_factors", 0, "short_title"), "x" * 29),
        (("key_factors", 0, "questions", 0, "levels"), ["a", "b", "c"]),
        (("language",), "English"),
        (("format_version",), 2),
    ],
)
def test_what_scoring_and_pages_lean_on_is_checked(steps: tuple[str | int, ...], value: object) -> None:
    """Weights can be divided by, every question has four levels, titles fit."""
    data = tiny_data()
    change(data, *steps, value=value)
    with pytest.raises(ValidationError):
        Benchmark.model_validate(data)
