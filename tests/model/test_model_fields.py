"""Text, codes and the closed, frozen base."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from citygrow_nb.model import City, Respondent, fields


@given(st.text())
def test_cleaned_text_stays_clean(text: str) -> None:
    """Cleaning twice changes nothing more, so saving what was loaded changes no document."""
    for clean in (fields.clean, fields.clean_line):
        assert clean(clean(text)) == clean(text)


@given(st.text())
def test_cleaned_text_fits_forms_and_spreadsheets(text: str) -> None:
    """Only tab and newline remain of the control characters, and letters are composed."""
    cleaned = fields.clean(text)
    assert {char for char in cleaned if unicodedata.category(char) == "Cc"} <= {"\t", "\n"}
    assert cleaned == unicodedata.normalize("NFC", cleaned).strip()
    assert not re.search(r"[\n\t]|  ", fields.clean_line(text))


def test_cleaning_keeps_paragraphs_and_passes_other_values_on() -> None:
    """Line ends of any system become one kind; what is no text is for the type to judge."""
    assert fields.clean("a\r\nb\rc\x85d\x00\u2028e\u2029f") == "a\nb\nc\nd\ne\nf"
    assert fields.clean_line(" a\n\tb ") == "a b"
    assert fields.clean(5) == 5
    assert fields.clean_line(None) is None


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("Ha\u202even", r"Ha\u202even"),
        ("Haven\U000e0041", r"Haven\U000e0041"),
        ("Ha\u200dven\ufe00", r"Ha\u200dven\ufe00"),
        ("\u2068مدينة\u2069\u200f", "مدينة"),
        ("می\u200cخواهم ❤\ufe0f", "می\u200cخواهم ❤\ufe0f"),
    ],
    ids=ascii,
)
def test_a_name_hides_nothing(name: str, kept: str) -> None:
    """What copying leaves goes, spelling stays, and what steers or hides is there to be seen, wherever."""
    assert City(name=name, slug="a").name == kept == fields.clean_name(kept)
    assert Respondent(role=name).role == kept


@pytest.mark.parametrize("name", ["\u202e", "\u200b\u0301", "\u3164", "\u2800\U000e0041", "\u2066\u2069"], ids=ascii)
def test_a_name_has_something_to_see(name: str) -> None:
    """What would only be there written out is no name."""
    with pytest.raises(ValidationError, match="can be seen"):
        City(name=name, slug="a")


def test_blank_is_no_full_text() -> None:
    """A required text of spaces is empty, and a limit counts what is left after cleaning."""
    with pytest.raises(ValidationError):
        TypeAdapter(fields.FullText).validate_python(" \n ")
    assert TypeAdapter(fields.ShortTitle).validate_python(" " * 30 + "x" * 28) == "x" * 28
    with pytest.raises(ValidationError):
        TypeAdapter(fields.ShortTitle).validate_python("x" * 29)


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        (fields.KeyFactorCode, ["KF1", "KF99"], ["KF0", "KF01", "KF100", "kf1", "KF1.Q1", "KF1\n"]),
        (fields.QuestionCode, ["KF1.Q1", "KF12.Q34"], ["KF1Q1", "KF1.Q0", "KF1.P1", "KF1.Q1 ", "KF1.Q1\n"]),
        (fields.PracticeCode, ["KF1.P1"], ["KF1.Q1", "P1"]),
        (fields.ContextCode, ["CF1", "CF10"], ["CF0", "CF1.1", "KF1"]),
        (fields.PromptCode, ["CF1.1"], ["CF1", "CF1.Q1"]),
        (fields.TermCode, ["T1"], ["T0", "T"]),
        (fields.RespondentKey, ["agreed", "econ-2"], ["", "Econ", "a--b", "-a", "a" * 65]),
        (fields.RoundLabel, ["2026", "2026-2", "2026.spring"], ["", "2026/27", "..", "a" * 33]),
        (fields.Version, ["1.0.0", "10.2.33"], ["1.0", "v1.0.0", "1.0.0-rc1", "1.0.0\n"]),
        (fields.CountryCode, ["PL"], ["POL", "", "QQ", "P1"]),
    ],
)
def test_grammar_of_codes(kind: object, good: list[str], bad: list[str]) -> None:
    """A code has one spelling, and none of them can be mistaken for another kind."""
    adapter: TypeAdapter[str] = TypeAdapter(kind)
    assert [adapter.validate_python(code) for code in good] == good
    for code in bad:
        with pytest.raises(ValidationError):
            adapter.validate_python(code)


@pytest.mark.parametrize("value", [True, False, "1", 4, 1.5])
def test_level_is_a_whole_number(value: object) -> None:
    """True is not level 1, though Python thinks so."""
    with pytest.raises(ValidationError):
        TypeAdapter(fields.Level).validate_python(value)


class Thing(fields.Document):
    """A document for these tests."""

    name: str


def test_documents_are_closed_and_frozen() -> None:
    """An unknown field is an error, and a value never changes under somebody's hands."""
    with pytest.raises(ValidationError, match="extra_forbidden"):
        Thing.model_validate({"name": "a", "nmae": "b"})
    with pytest.raises(ValidationError, match="frozen"):
        Thing(name="a").name = "b"  # type: ignore[misc]


@given(st.lists(st.tuples(st.integers(1, 99), st.integers(1, 99))))
def test_natural_order_counts(numbers: list[tuple[int, int]]) -> None:
    """Codes sort as their numbers do."""
    codes = [f"KF{factor}.Q{question}" for factor, question in numbers]
    assert sorted(codes, key=fields.natural) == [f"KF{factor}.Q{question}" for factor, question in sorted(numbers)]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("KF1.Q01", "KF1.Q1"), ("kf10_q2", "KF10.Q2"), ("KF1Q1", "KF1.Q1"), (" KF2.Q1", "KF2.Q1"), ("KF2-Q3", "KF2.Q1")],
)
def test_nearest_code(typed: str, meant: str) -> None:
    """What people type leads to the code they mean."""
    assert fields.nearest(typed, ["KF1.Q1", "KF2.Q1", "KF10.Q1", "KF10.Q2"]) == meant


@pytest.mark.parametrize("name", ["\u200b", "\u2060\u200d", "\u0301"])
def test_name_that_nobody_can_see_is_refused(name: str) -> None:
    """A city or a respondent without a visible letter would be an empty link."""
    with pytest.raises(ValidationError, match="can be seen"):
        City(name=name, slug="x")
    with pytest.raises(ValidationError, match="can be seen"):
        Respondent(role=name)


def test_folder_names_that_windows_keeps_are_refused() -> None:
    """A slug or round that was chosen by hand is as safe as a derived one."""
    with pytest.raises(ValidationError, match="Windows"):
        City(name="Con", slug="con")
    with pytest.raises(ValidationError, match="Windows"):
        TypeAdapter(fields.RoundLabel).validate_python("nul.2026")


def test_nearest_of_nothing() -> None:
    """Without any code there is none to suggest."""
    assert fields.nearest("KF1", []) == ""
