"""What the model cannot see is checked on plain values, valid or not."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from citygrow_nb.benchmarks.checking import check
from citygrow_nb.benchmarks.faults import Fault, Loc
from tests.benchmarks.tiny import tiny_data

Q: Loc = ("key_factors", 0, "questions")
P: Loc = ("key_factors", 0, "practices", 0)
CF: Loc = ("context_factors", 0)
LEVEL: Loc = (*Q, 1, "levels", 2)


def put(data: dict[str, Any], loc: Loc, value: object) -> dict[str, Any]:
    holder: Any = data
    for step in loc[:-1]:
        holder = holder[step]
    if isinstance(holder, list) and loc[-1] == len(holder):
        holder.append(value)
    else:
        holder[loc[-1]] = value
    return data


def with_value(loc: Loc, value: object) -> list[Fault]:
    return list(check(put(tiny_data(), loc, value)))


def test_sound_benchmark_has_no_faults() -> None:
    """A retired code leaves a gap that is no fault, and parts that may be missing are not missed."""
    assert list(check(tiny_data())) == []


@pytest.mark.parametrize(
    ("loc", "value", "at", "says"),
    [
        # codes
        ((*Q, 1, "code"), "KF1.Q1", None, "the code KF1.Q1 is used twice"),
        ((*Q, 1, "code"), "KF1.Q3", None, "the code KF1.Q3 stands where KF1.Q2 is due"),
        ((*Q, 1, "code"), "KF2.Q4", None, "the code KF2.Q4 stands among the KF1.Q"),
        ((*Q, 1, "code"), "KF1.P2", None, "the code KF1.P2 stands among the KF1.Q"),
        (("key_factors", 1, "questions", 1, "code"), "KF2.Q2", None, "KF2.Q2 is retired and never used again"),
        (("key_factors", 1, "code"), "KF3", None, "the code KF3 stands where KF2 is due"),
        ((*P, "code"), "KF1.P2", None, "the code KF1.P2 stands where KF1.P1 is due"),
        ((*CF, "code"), "CF2", None, "the code CF2 stands where CF1 is due"),
        ((*CF, "prompts", 0, "code"), "CF2.1", None, "the code CF2.1 stands among the CF1."),
        (("retired", 0), "KF9 Q1", None, "“KF9 Q1” is no code"),
        (("retired", 1), "KF2.Q2", None, "KF2.Q2 is named twice"),
        # references
        ((*P, "inspires", 0), "KF1.Q7", None, "there is no KF1.Q7"),
        ((*P, "inspires", 0), "KF2.Q1", None, "KF2.Q1 under “inspires” belongs to another key factor"),
        ((*P, "inspires", 1), "KF1.Q1", None, "KF1.Q1 is named twice under “inspires”"),
        ((*CF, "often_bears_on", 0), "KF7", None, "there is no KF7"),
        ((*P, "source", "publication"), "another", None, "there is no publication “another”"),
        ((*CF, "prompts", 0, "source", "publication"), "another", None, "there is no publication “another”"),
        (("standard", "source", "publication"), "another", None, "there is no publication “another”"),
        # texts
        ((*Q, 0, "text"), "The city measures noise.", None, "does not end with a question mark"),
        ((*CF, "prompts", 0, "text"), "Roads.", None, "does not end with a question mark"),
        (LEVEL, "TODO: word it", None, "“TODO” was left in the text"),
        ((*Q, 0, "help"), "Lorem ipsum dolor", None, "“Lorem ipsum” was left in the text"),
        ((*Q, 0, "who_knows"), "…", None, "who_knows says nothing"),
        (LEVEL, "Residents see the measurements, when they ask in writing!", None, "the text of the level is the same"),
        (LEVEL, "The city has not measured noise at night.", None, "the text of the level is the same"),
        ((*Q, 1, "text"), "Has the city measured  noise at NIGHT?", None, "the question is the same"),
        (("key_factors", 1, "short_title"), "Noise map", None, "“short_title” is the same"),
        (("key_factors", 1, "title"), "Knowing where it is loud", None, "“title” is the same"),
        # facts
        ((*P, "links", 0, "url"), "example.org/x", None, "is neither http nor https"),
        (("publications", 0, "url"), "ftp://example.org", None, "is neither http nor https"),
        (("publications", 1), {"id": "noise-handbook"}, ("publications", 1, "id"), "two publications have the id"),
        # scale
        (("scale", "thresholds", "close_score"), 61, None, "“close_score” is 61, above “met_lower_bound”, which is 60"),
        (("scale", "weights"), {"KF1": 1}, None, "KF2 has no weight"),
        (("scale", "weights", "KF3"), 1, None, "there is no key factor “KF3”"),
        (("scale", "levels", 1, "level"), 2, None, "2 stands where 1 is due"),
        (("scale", "directions", 0, "value"), 2, None, "2 stands where -2 is due"),
    ],
)
def test_each_fault_is_found_where_it_is(loc: Loc, value: object, at: Loc | None, says: str) -> None:
    """One broken value is one fault, at that value, unless it breaks what leans on it as well."""
    found = [fault for fault in with_value(loc, value) if says in fault.found]
    assert [fault.loc for fault in found] == [at or loc]


def test_missing_format_is_found() -> None:
    """A document says what it is, though the model would take it as said."""
    data = tiny_data()
    del data["format"], data["format_version"]
    assert [fault.found for fault in check(data)] == ["“format” is missing", "“format_version” is missing"]


def test_swapped_codes_are_two_faults() -> None:
    """One mistake is not reported for every item after it."""
    data = tiny_data()
    first = data["key_factors"][0]["questions"]
    data["key_factors"][0]["questions"] = first[::-1]
    assert [fault.loc for fault in check(data)] == [(*Q, 0, "code"), (*Q, 1, "code")]


def test_retired_parent_retires_its_items() -> None:
    """What belongs to a retired key factor is retired with it."""
    data = tiny_data()
    data["retired"] = ["KF2", "KF2.Q2"]
    assert {fault.loc for fault in check(data) if "is retired" in fault.found} == {
        ("key_factors", 1, "code"),
        ("key_factors", 1, "questions", 0, "code"),
        ("key_factors", 1, "questions", 1, "code"),
    }


def test_same_text_names_the_first_place() -> None:
    """Whoever mends a repeated text is led to the other one."""
    (fault,) = with_value(LEVEL, "The measurements are secret.")
    assert (fault.loc, fault.other) == (LEVEL, (*Q, 1, "levels", 0))


@pytest.mark.parametrize("mark", ["?", "？", "؟", ";"])
def test_question_marks_of_other_scripts(mark: str) -> None:
    """A benchmark may be written in any language."""
    assert with_value((*Q, 0, "text"), f"xyz{mark}") == []


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org",
        "https://example.org/a?b=c#d",
        "https://www.münchen.example/",
        "HTTPS://example.org:8080/%20",
        "http://192.0.2.1/x",
        "https://bit.ly/2DqTCvA",
    ],
)
def test_links_that_may_stand(url: str) -> None:
    """Any http or https address with a host."""
    assert with_value((*P, "links", 0, "url"), url) == []


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "mailto:a@example.org",
        "https://",
        "https:///path",
        "https:example.org",
        "//example.org",
        "www.example.org",
        "https://localhost/",
        "https://exa mple.org/",
        "https://example.org/a b",
        "https://example..org/",
        "https://-example.org/",
        "https://example.org:port/",
        "https://[::1/",
    ],
)
def test_links_that_may_not_stand(url: str) -> None:
    """Nothing that does not lead to a page on a named host."""
    (fault,) = with_value((*P, "links", 0, "url"), url)
    assert fault.loc == (*P, "links", 0, "url")


junk = st.none() | st.booleans() | st.integers() | st.text(max_size=3) | st.lists(st.integers(), max_size=2)


def all_places(value: object, loc: Loc = ()) -> list[Loc]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [loc, *(place for step, item in inner for place in all_places(item, (*loc, step)))]


@given(st.sampled_from(all_places(tiny_data())[1:]), junk)
def test_no_value_makes_the_check_fail(loc: Loc, value: object) -> None:
    """Wrong types are the model's matter; here they never lead to a traceback."""
    for fault in with_value(loc, value):
        assert fault.found
