"""Reading and writing assessment documents: nothing is lost, and every fault has its sentence and place."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from citygrow_nb.answers import documents, dump, parse
from citygrow_nb.exceptions import DocumentError, DocumentTooNew, DocumentTooOld, UnknownCode
from citygrow_nb.model import Assessment
from tests.factories import MORNING, assessment, assessments, benchmark, rated

DEMO = benchmark()
WHERE = "answers/zabia-gora/2026.json"


def raw(**changes: Any) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(dump(assessment().with_answer("KF1.Q1", rated(2, "so"))))
    return {**document, **changes}


def fault(document: object) -> DocumentError:
    content = document if isinstance(document, bytes) else json.dumps(document).encode()
    with pytest.raises(DocumentError) as caught:
        parse(content, WHERE, DEMO)
    return caught.value


# --- what is kept ---------------------------------------------------------------------------------------------------


@given(assessments())
def test_round_trip(document: Assessment) -> None:
    """What is written is read back, whatever people typed."""
    assert parse(dump(document), WHERE, DEMO) == document


@given(assessments(), st.randoms())
def test_same_content_gives_the_same_bytes(document: Assessment, random: Any) -> None:
    """The order in which answers were given leaves no trace in the file."""
    mixed = {key: list(answers.items()) for key, answers in document.responses.items()}
    for answers in mixed.values():
        random.shuffle(answers)
    keys = list(mixed)
    random.shuffle(keys)
    shuffled = document.model_copy(update={"responses": {key: dict(mixed[key]) for key in keys}})
    assert dump(shuffled) == dump(document)


def test_document_is_readable() -> None:
    """A person can read the file: agreed answers first, codes in order, letters as letters, nothing empty."""
    document = assessment()
    for respondent in ("econ", "agreed"):
        for code in ("KF2.Q1", "KF1.Q2"):
            document = document.with_answer(code, rated(1, "größer", updated_at=MORNING), respondent)
    text = dump(document).decode()
    assert list(json.loads(text)["responses"]) == ["agreed", "econ"]
    assert list(json.loads(text)["responses"]["agreed"]) == ["KF1.Q2", "KF2.Q1"]
    assert json.loads(text)["responses"]["agreed"]["KF1.Q2"] == {
        "state": "rated",
        "level": 1,
        "comment": "größer",
        "updated_at": "2026-11-22T10:15:00Z",
    }
    assert "Żabia" in text
    assert text.endswith("}\n")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_byte_order_mark_is_passed_over(encoding: str) -> None:
    """A file saved again by Windows Notepad is read."""
    text = dump(assessment()).decode()
    assert parse(text.encode(encoding), WHERE, DEMO) == assessment()


def test_answers_to_retired_codes_are_kept() -> None:
    """A question that is no longer asked does not make old answers unreadable."""
    document = assessment().with_answer("KF1.Q9", rated(3))
    assert parse(dump(document), WHERE, DEMO).answer("KF1.Q9") == rated(3)


def test_older_content_of_the_benchmark_is_read() -> None:
    """Answers to an older version of the benchmark are read, and keep its version."""
    newer = benchmark(version="2.1.0")
    assert parse(dump(assessment()), WHERE, newer).benchmark.version == "1.0.0"


# --- upgrades -------------------------------------------------------------------------------------------------------


def test_upgrade_goes_step_by_step() -> None:
    """A document two versions old takes both steps, and the parsed file is left as it was."""
    old = {"version": 1, "town": "X"}
    steps = {
        1: lambda raw: {"version": 1, "city": raw["town"]},
        2: lambda raw: {**raw, "city": {"name": raw["city"]}},
    }
    assert documents.upgrade(old, 1, steps, 3) == {"version": 3, "city": {"name": "X"}}
    assert old == {"version": 1, "town": "X"}


def test_there_is_a_step_from_every_version_that_is_read() -> None:
    """The chain of upgrades has no gap."""
    assert set(documents.UPGRADES) == set(range(min(documents.UPGRADES, default=documents.VERSION), documents.VERSION))


def test_older_document_is_read_through_its_upgrade(monkeypatch: pytest.MonkeyPatch) -> None:
    """An older document is accepted as soon as there is a step for it, and given in the present form."""

    def name_the_city(document: dict[str, Any]) -> dict[str, Any]:
        return {**{k: v for k, v in document.items() if k != "town"}, "city": {"name": document["town"], "slug": "x"}}

    monkeypatch.setattr(documents, "UPGRADES", {0: name_the_city})
    old = {k: v for k, v in raw(version=0, town="X").items() if k != "city"}
    found = parse(json.dumps(old).encode(), WHERE, DEMO)
    assert (found.city.name, found.version) == ("X", 1)


@pytest.mark.parametrize(
    ("changes", "error", "sentence"),
    [
        (
            {"version": 2},
            DocumentTooNew,
            "written by a newer citygrow (version 2 of the format); allowed: version 1; up",
        ),
        ({"version": 0}, DocumentTooOld, "version 0 of the format is older than any that this citygrow can read"),
        ({"benchmark": {"id": "demo", "version": "2.0.0"}}, DocumentTooNew, "version 2.0.0 of the benchmark"),
        ({"benchmark": {"id": "other", "version": "1.0.0"}}, DocumentError, "answers to the benchmark “other”"),
    ],
)
def test_other_times_and_other_benchmarks(changes: dict[str, Any], error: type[DocumentError], sentence: str) -> None:
    """Too new, too old and of another benchmark are three different errors."""
    caught = fault(raw(**changes))
    assert type(caught) is error
    assert sentence in str(caught)


# --- unknown codes --------------------------------------------------------------------------------------------------


def test_unknown_codes_name_place_and_nearest() -> None:
    """Every unknown code is named with its place and the nearest code there is."""
    caught = fault(
        raw(
            responses={"agreed": {"KF1.Q7": {"state": "dont_know"}, "kf2-q02": {"state": "dont_know"}}},
            context={"CF3": {"direction": 1}, "CF1": {"direction": 1, "bears_on": ["KF8"]}},
            actions=[{"id": "a", "what": "Do", "questions": ["KF2.Q3"]}],
        )
    )
    assert type(caught) is UnknownCode
    assert str(caught).splitlines() == [
        (
            f"{WHERE}, responses.agreed.KF1.Q7: the benchmark has no code “KF1.Q7”; "
            "allowed: guide questions KF1.Q1 to KF2.Q2; did you mean “KF1.Q3”?"
        ),
        (
            f"{WHERE}, responses.agreed.kf2-q02: the benchmark has no code “kf2-q02”; "
            "allowed: guide questions KF1.Q1 to KF2.Q2; did you mean “KF2.Q2”?"
        ),
        (
            f"{WHERE}, context.CF3: the benchmark has no code “CF3”; "
            "allowed: context factors CF1 to CF2; did you mean “CF2”?"
        ),
        (
            f"{WHERE}, context.CF1.bears_on no. 1: the benchmark has no code “KF8”; "
            "allowed: key factors KF1 to KF2; did you mean “KF2”?"
        ),
        (
            f"{WHERE}, actions no. 1.questions no. 1: the benchmark has no code “KF2.Q3”; "
            "allowed: guide questions KF1.Q1 to KF2.Q2; did you mean “KF2.Q2”?"
        ),
    ]


def test_unknown_code_of_a_newer_benchmark_says_so() -> None:
    """A question that a newer version of the benchmark asks is no typing error."""
    document = raw(benchmark={"id": "demo", "version": "1.1.0"}, context={"CF3": {"direction": 1}})
    assert "newer version of the benchmark than 1.0.0: update it" in str(fault(document))


# --- faults of content ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "sentences"),
    [
        ({"round": 2026}, ["round: found 2026; allowed: a text in double quotes"]),
        ({"round": "2026/27"}, ["round: “2026/27” is not of the right form; allowed: small letters, digits"]),
        ({"city": {"name": "X"}}, ["city.slug: this field is missing; add it"]),
        ({"city": []}, ["city: found a list; allowed: an object in curly brackets"]),
        ({"city": {"name": " ", "slug": "x"}}, ["city.name: this is empty; fill it in"]),
        (
            {"city": {"name": "X", "slug": "X Y", "country": "Poland", "population": "many"}},
            [
                "city.slug: “X Y” is not",
                "country: “Poland” is no country; allowed: a code of two letters",
                "“many”",
            ],
        ),
        ({"city": {"name": "X", "slug": "x", "population": -5}}, ["city.population: found -5; allowed: at least 0"]),
        ({"citty": 1}, ["citty: there is no field of this name", "did you mean “city”?"]),
        ({"actions": {}}, ["actions: found an object; allowed: a list in square brackets"]),
        ({"actions": [{"id": "A-1", "what": ""}]}, ["actions no. 1.id: “A-1”", "actions no. 1.what: this is empty"]),
        ({"actions": [{"id": "a", "what": "x"}] * 2}, ["two actions have the same id"]),
        ({"responses": {"econ": {}}}, ["responses of “econ”, who is not among the respondents"]),
        ({"respondents": {"A b": {"role": "x"}}}, ["respondents.A b: “A b” is not of the right form"]),
        ({"context": {"CF1": {"direction": 3}}}, ["context.CF1.direction: found 3; allowed: -2, -1, 0, 1, 2"]),
        (
            {"context": {"CF1": {"comment": "x" * 20_001}}},
            ["comment: 20,001 characters are too many; allowed: at most 20,000"],
        ),
    ],
)
def test_fault_has_place_and_sentence(changes: dict[str, Any], sentences: list[str]) -> None:
    """A wrong value is named with its place, what was found, and what may stand there."""
    caught = str(fault(raw(**changes)))
    assert caught.count(f"{WHERE}") == len(sentences) or "did you mean" in caught
    for sentence in sentences:
        assert sentence in caught


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ({"state": "rated", "level": 7}, ".level: found 7; allowed: 0, 1, 2, 3"),
        ({"state": "rated", "level": "2"}, ".level: found “2”; allowed: 0, 1, 2, 3"),
        ({"state": "rated", "level": True}, ".level: found true; allowed: a whole number"),
        ({"state": "rated", "level": 2.5}, ".level: found 2.5; allowed: 0, 1, 2, 3"),
        ({"state": "rated"}, ": an answer has a level (0 to 3) if, and only if, its state is “rated”"),
        ({"state": "yes"}, ".state: found “yes”; allowed: rated, dont_know, not_applicable"),
        ({}, ".state: this field is missing"),
        ({"state": "not_applicable"}, ": “not applicable” needs its reason, as comment"),
        ({"state": "dont_know", "levl": 1}, ".levl: there is no field of this name; allowed: state, level"),
        ({"state": "dont_know", "updated_at": "yesterday"}, ".updated_at: found “yesterday”; allowed: date, time"),
        (
            {"state": "dont_know", "updated_at": "2026-11-22T10:15:00"},
            ".updated_at: found “2026-11-22T10:15:00”; allowed: a time with its",
        ),
        ({"state": "dont_know", "evidence": [{"title": ""}]}, ".evidence no. 1: evidence needs a title or a link"),
        ([], ": found a list; allowed: an object in curly brackets"),
    ],
)
def test_fault_of_an_answer_names_the_question(answer: object, sentence: str) -> None:
    """A wrong answer is named with respondent, question and field."""
    caught = str(fault(raw(responses={"agreed": {"KF1.Q1": answer}})))
    assert caught.startswith(f"{WHERE}, responses.agreed.KF1.Q1{sentence[:1]}")
    assert sentence in caught


def test_all_faults_at_once() -> None:
    """One reading names every fault, unknown codes among them."""
    caught = fault(
        raw(
            round=7,
            bogus=1,
            responses={"agreed": {"KF1.Q1": {"state": "rated", "level": 9}, "KF9.Q1": {"state": "hm"}}},
            context={"CF1": {"direction": "-1"}},
        )
    )
    assert sorted(problem.where.removeprefix(f"{WHERE}, ") for problem in caught.problems) == [
        "bogus",
        "context.CF1.direction",
        "responses.agreed.KF1.Q1.level",
        "responses.agreed.KF9.Q1",
        "responses.agreed.KF9.Q1.state",
        "round",
    ]
    assert type(caught) is DocumentError


# --- faults of form -------------------------------------------------------------------------------------------------


def replaced(old: str, new: str) -> bytes:
    text = dump(assessment().with_answer("KF1.Q1", rated(2, "so"))).decode()
    assert old in text
    return text.replace(old, new, 1).encode()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "the file is empty; put back an earlier copy"),
        (b" \n", "the file is empty"),
        (b"\0" * 40, "the file is empty"),
        (b"\xef\xbb\xbf", "the file is empty"),
        (b"[]", "found a list instead of an assessment document"),
        (b"null", "found nothing (null) instead of an assessment document"),
        (b"{}", "format: this field is missing; allowed: “citygrow-assessment”; choose a file that holds a city's"),
        (b'{"format": "citygrow-results"}', "format: found “citygrow-results”; allowed: “citygrow-assessment”"),
        (b'{"format": "citygrow-assessment"}', "version: this field is missing"),
        (b'{"format": "citygrow-assessment", "version": "1"}', "version: found “1”; allowed: a whole number"),
        (b'{"format": "citygrow-assessment", "version": true}', "version: found true"),
        (b"city,round\nX,2026\n", "line 1, column 1: this is not JSON: a value is missing or not written as JSON"),
        (b'{"a": 1\n "b": 2}', "line 2, column 2: this is not JSON: a comma or a closing bracket is missing"),
        (b'{"a": 1,}', "this is not JSON"),
        (b'{"a": "x\ny"}', "a text breaks off at the end of the line"),
        (b'{"a": 1} x', "something follows after the end of the document"),
        (b'{"a": "C:\\x"}', "a backslash stands alone in a text"),
        (b"[" * 100_000, "brackets within brackets without end"),
        (replaced('"actions": []', f'"actions": {"[" * 500}{"]" * 500}'), "brackets within brackets without end"),
        (b'{"a": ' + b"9" * 5_000 + b"}", "a number with too many digits"),
        (b'{"a": 1,\n "b": "\xfc"}', "line 2: the text is not UTF-8; save it again as UTF-8"),
        (replaced('"slug"', '"name": "Y", "slug"'), "city.name: this name stands more than once in the same object"),
        (replaced('"level": 2', '"level": NaN'), "KF1.Q1.level: nan is not a number that can be used"),
        (replaced('"level": 2', '"level": 1e999'), "KF1.Q1.level: inf is not a number that can be used"),
        (replaced('"so"', r'"\ud83d"'), "KF1.Q1.comment: the text holds half a character; type it again"),
        (replaced('"city"', r'"\ud83d": 1, "city"'), "this name holds half a character"),
    ],
)
def test_damaged_file_has_its_sentence(content: bytes, sentence: str) -> None:
    """Whatever stands in the file, the answer is a sentence with place and advice, printable everywhere."""
    caught = str(fault(content))
    assert caught.startswith(WHERE)
    assert sentence in caught
    caught.encode()


@given(st.integers(0, 400))
def test_file_that_breaks_off_is_refused(length: int) -> None:
    """A document cut anywhere is an error that says so, never a smaller document."""
    content = dump(assessment().with_answer("KF1.Q1", rated(2, "so")))
    cut = content[: min(length, len(content.rstrip()) - 1)]
    assert str(fault(cut)).endswith("put back an earlier copy of the file")


@given(st.binary(max_size=200))
def test_no_bytes_make_a_traceback(content: bytes) -> None:
    """Any bytes at all are refused with a sentence."""
    assert str(fault(content)).startswith(WHERE)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)


@given(
    st.sampled_from(
        ["benchmark", "city", "round", "respondents", "responses", "context", "actions", "version", "format"]
    ),
    _JSON,
)
def test_no_content_makes_a_traceback(name: str, value: object) -> None:
    """Whatever stands in a field, the outcome is an assessment or a DocumentError."""
    content = json.dumps(raw(**{name: value})).encode()
    told = WHERE
    try:
        parse(content, WHERE, DEMO)
    except DocumentError as error:
        told = str(error)
    assert told.startswith(WHERE)
