"""Sentences about documents: every kind of error has one."""

from __future__ import annotations

import json

import pytest
from pydantic import ValidationError

from citygrow_nb.answers.validation_messages import model_problems, place, shown
from citygrow_nb.model import Assessment


def test_places() -> None:
    """A place is named as people read it, items of lists counted from 1, line ends and half letters made visible."""
    assert place(("context", "CF1", "bears_on", 1)) == "context.CF1.bears_on no. 2"
    assert place(("respondents", "A b", "[key]")) == "respondents.A b"
    assert place(("a\nb", "\ud83d")) == "a b.\\ud83d"
    assert place(()) == ""


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "nothing (null)"),
        (True, "true"),
        (2.5, "2.5"),
        ("a\n b", "“a b”"),
        ("x" * 61, f"“{'x' * 57}…”"),
        ([1], "a list"),
        ({}, "an object"),
    ],
)
def test_values(value: object, text: str) -> None:
    """A value is quoted in one short line."""
    assert shown(value) == text


@pytest.mark.parametrize(
    ("where", "names"),
    [
        ({"x": 1}, "format, version, benchmark, city, round, respondents, responses, groups, context, actions"),
        ({"city": {"x": 1}}, "name, slug, country, population"),
        ({"respondents": {"agreed": {"x": 1}}}, "role"),
        ({"responses": {"agreed": {"KF1.Q1": {"x": 1}}}}, "state, level, comment, evidence, over, updated_at"),
        ({"responses": {"agreed": {"KF1.Q1": {"evidence": [{"x": 1}]}}}}, "title, url"),
        ({"context": {"CF1": {"x": 1}}}, "direction, comment, bears_on, updated_at"),
        (
            {"actions": [{"x": 1}]},
            "id, what, who, by_when, budget, indicator, questions, targets, status, with_city, updated_at",
        ),
    ],
)
def test_unknown_field_names_those_there_are(where: dict[str, object], names: str) -> None:
    """An unknown field says which fields there are in its place."""
    with pytest.raises(ValidationError) as caught:
        Assessment.model_validate_json(json.dumps(where), strict=True)
    told = [str(problem) for problem in model_problems(caught.value, Assessment, "f.json")]
    assert [text for text in told if "there is no field of this name" in text] == [
        next(text for text in told if f"there is no field of this name; allowed: {names}" in text)
    ]
