"""The model's errors become sentences that name fields as they stand in the files."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import ValidationError

from citygrow_nb.benchmarks.faults import Fault, Loc, is_number, of_model, shown
from citygrow_nb.model import Benchmark
from tests.benchmarks.tiny import tiny_data

REMOVED = object()


def faults(data: dict[str, Any]) -> list[Fault]:
    with pytest.raises(ValidationError) as caught:
        Benchmark.model_validate_json(json.dumps(data), strict=True)
    return list(of_model(caught.value, Benchmark))


def broken(loc: Loc, value: object) -> dict[str, Any]:
    data = tiny_data()
    holder: Any = data
    for step in loc[:-1]:
        holder = holder[step]
    if value is REMOVED:
        del holder[loc[-1]]
    else:
        holder[loc[-1]] = value
    return data


QUESTION: Loc = ("key_factors", 0, "questions", 1)


@pytest.mark.parametrize(
    ("loc", "value", "at", "found", "allowed", "todo"),
    [
        (("title",), REMOVED, (), "“title” is missing", "", "add it"),
        ((*QUESTION, "levels", 3), REMOVED, (*QUESTION, "levels"), "item 4 of “levels” is missing", "", "add it"),
        ((*QUESTION, "txt"), "a", (*QUESTION, "txt"), "“txt” is not a field here", "code, text, help", "“text”?"),
        ((*QUESTION, "zzz"), "a", (*QUESTION, "zzz"), "“zzz” is not a field here", "code, text", "remove it"),
        (("version",), 1.0, ("version",), "“version” is the number 1.0", "text", "in quotes"),
        (("version",), "1", ("version",), "“version” is “1”", "such as 1.0.0", ""),
        (("language",), False, ("language",), "“language” is false", "text", "in quotes"),
        (("introduction",), "a", ("introduction",), "“introduction” is “a”", "a list", ""),
        (("introduction", 0), None, ("introduction", 0), "item 1 of “introduction” is nothing", "text", ""),
        (("introduction", 0), " ", ("introduction", 0), "item 1 of “introduction” is empty", "", "write the text"),
        (("standard",), [1, 2], ("standard",), "“standard” is a list of 2", "a block of fields", ""),
        (("publications",), [], ("publications",), "“publications” has too few items", "at least 1", ""),
        ((*QUESTION, "levels"), ["a"] * 5, (*QUESTION, "levels"), "“levels” has 5 items", "at most 4", ""),
        ((*QUESTION, "text"), "a" * 20_001, (*QUESTION, "text"), "has 20001 characters", "at most 20000", ""),
        ((*QUESTION, "code"), "Q2", (*QUESTION, "code"), "“code” is “Q2”", "such as KF1.Q1", ""),
        (("format",), "other", ("format",), "“format” is “other”", "citygrow-benchmark", ""),
        (("scale", "levels", 0, "level"), 7, ("scale", "levels", 0, "level"), "the number 7", "0, 1, 2 or 3", ""),
        (("scale", "levels", 1, "level"), True, ("scale", "levels", 1, "level"), "not true or false", "", ""),
        (("scale", "weights", "KF1"), 0, ("scale", "weights", "KF1"), "“KF1” is the number 0", "above 0", ""),
        (("scale", "weights", "KF1"), "3", ("scale", "weights", "KF1"), "“KF1” is “3”", "a number", ""),
        (("scale", "weights", "KF1"), float("inf"), ("scale", "weights", "KF1"), "number inf", "", ""),
        (("scale", "weights", "kf1"), 1, ("scale", "weights", "kf1"), "the key is “kf1”", "such as KF1", ""),
        (("scale", "thresholds", "close_score"), 101, ("scale", "thresholds", "close_score"), "101", "at most 100", ""),
    ],
)
def test_sentence_says_where_what_and_what_instead(
    loc: Loc, value: object, at: Loc, found: str, allowed: str, todo: str
) -> None:
    """Each kind of fault has its own words, and one fault gives one sentence."""
    (fault,) = faults(broken(loc, value))
    assert fault.loc == at
    assert found in fault.found
    assert allowed in fault.allowed
    assert todo in fault.todo


def test_all_faults_come_at_once() -> None:
    """Nobody has to mend one fault to see the next."""
    data = tiny_data()
    del data["title"]
    data["key_factors"][1]["questions"][0]["text"] = 5
    data["scale"]["weights"]["KF2"] = -1
    assert len(faults(data)) == 3


def test_shown_values_are_short() -> None:
    """A text that is too long for an error is cut, a nested value is only named."""
    assert shown("x" * 100) == f"“{'x' * 57}…”"
    assert shown({"a": 1}) == "a block of fields"
    assert shown(True) == "true"


@pytest.mark.parametrize(
    ("value", "expected"), [(1, True), (0.5, True), (True, False), ("1", False), (float("nan"), False)]
)
def test_only_finite_numbers_are_numbers(value: object, expected: bool) -> None:
    """Neither true nor nan can be compared with a threshold."""
    assert is_number(value) is expected
