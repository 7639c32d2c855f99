"""Columns are recognised by what they mean: other spellings of codes, texts of questions, other languages."""

from __future__ import annotations

from pathlib import Path

import pytest

from citygrow_nb import tables
from citygrow_nb.model import AGREED, Assessment, Benchmark
from citygrow_nb.tables.codes import beside, code_of, texts
from tests.factories import benchmark, rated

DEMO = benchmark()


def read(path: Path, text: str, asked: Benchmark = DEMO) -> tables.Reading:
    path.write_text(text, encoding="utf-8")
    return tables.read(path, asked)


def only(found: tables.Reading) -> Assessment:
    assert [str(problem) for problem in found.problems] == []
    (assessment,) = found.assessments
    return assessment


SPELLINGS = [
    *(
        "KF1.Q1",
        "kf1.q1",
        "KF1_Q1",
        "KF1-Q1",
        "KF 1 Q1",
        "KF1Q1",
        "kf1q1",
        "Kf1. Q1",
        "KF01.Q01",
        "ＫＦ１．Ｑ１",
        "KF1 – Q1",
    ),
    *(
        "section/KF1_Q1",
        "KF1/KF1_Q1",
        "CF/KF1/kf1q1",
        "group_a/strategy/kf1q1",
        "KF1.Q1 Does the city …",
        "KF1.Q1: Does the city …",
        "KF1Q1. Does it?",
    ),
    *("KF1 – Q1", "KF1Q1. Does it?", "KF1.Q1) Does the city and/or the region …", "KF1.Q1\nDoes the city …"),
]


@pytest.mark.parametrize("written", SPELLINGS)
def test_code_in_another_spelling_is_the_code(tmp_path: Path, written: str) -> None:
    """In the header of a wide table and in the cells of a long one; a note names it, unless only case differs."""
    quoted = f'"{written}"'
    wide = read(tmp_path / "wide.csv", f"city,round,{quoted}\nX,2026,2\n")
    assert only(wide).responses == {AGREED: {"KF1.Q1": rated(2)}}
    assert bool(wide.notes) == (written.upper() != "KF1.Q1")
    long = read(tmp_path / "long.csv", f"city,round,code,level\nX,2026,{quoted},2\n")
    assert only(long).responses == {AGREED: {"KF1.Q1": rated(2)}}


@pytest.mark.parametrize(
    "written",
    [
        "KF1",
        "KF1.Q12",
        "KF1.Q1.2",
        "KF11.Q1",
        "KF1.Q1a",
        "KF1_Q1_other",
        "AKF1.Q1",
        "KF1.Q1 1",
        "Q1",
        "KF1.Q1/b",
        "KF1.Q1 Q2",
        "KF1_Q1/KF1_Q2",
        "KF1.Q1 and KF1.Q2",
    ],
)
def test_what_only_looks_like_a_code_is_none(tmp_path: Path, written: str) -> None:
    """It is a fault with the nearest code, and nothing is guessed."""
    known = {*DEMO.questions, *DEMO.contexts}
    assert code_of(written, known) == ""
    found = read(tmp_path / "wide.csv", f"city,round,KF1.Q2,{written}\nX,2026,1,2\n")
    assert "there is no column of this name" in str(found.problems[0])
    assert found.assessments == ()


def test_two_columns_that_mean_one_question_are_a_fault(tmp_path: Path) -> None:
    """The importer does not choose between them."""
    found = read(tmp_path / "wide.csv", "city,round,KF1.Q1,kf1_q1\nX,2026,1,2\n")
    assert "column kf1_q1: this means “KF1.Q1”, as another column does; keep one of them" in str(found.problems[0])
    assert found.assessments == ()


def test_text_of_a_question_is_its_column(tmp_path: Path) -> None:
    """As forms of Google and Microsoft export it; a text that two questions have is a fault."""
    question = DEMO.questions["KF1.Q2"].text
    found = read(tmp_path / "wide.csv", f'City,Year,"{question.upper()}"\nX,2026,3\n')
    assert only(found).responses == {AGREED: {"KF1.Q2": rated(3)}}
    twice = DEMO.key_factors[0]
    same = tuple(q.model_copy(update={"text": "The same?"}) for q in twice.questions)
    asked = DEMO.model_copy(
        update={"key_factors": (twice.model_copy(update={"questions": same}), *DEMO.key_factors[1:])}
    )
    assert "thesame" not in texts(asked)


def test_comment_has_a_column_of_its_own(tmp_path: Path) -> None:
    """As survey tools name it; a comment without an answer is a fault, a reason makes “not applicable” whole."""
    for name in ("KF1_Q1_comment", "KF1Q1[comment]", "KF1.Q1 comment", "g/KF1.Q1: Comment", "KF1.Q1 Reason"):
        assert beside(name, {"KF1.Q1"}) == ("KF1.Q1", "comment")
        found = read(tmp_path / "wide.csv", f'city,round,KF1.Q1,"{name}"\nX,2026,na,"Two, with reasons"\n')
        answer = only(found).answer("KF1.Q1")
        assert answer is not None
        assert (answer.state.value, answer.comment) == ("not_applicable", "Two, with reasons")
    found = read(tmp_path / "wide.csv", "city,round,KF1.Q1,KF1.Q1 comment\nX,2026,,Lost\n")
    assert "neither a state nor a level" in str(found.problems[0])


@pytest.mark.parametrize(
    ("city", "label"),
    [
        ("Municipality", "Year"),
        ("Stadt", "Jahr"),
        ("Ville", "Année"),
        ("Miasto", "Rok"),
        ("Πόλη", "Έτος"),
        ("Град", "Година"),
    ],
)
def test_known_columns_in_other_languages(tmp_path: Path, city: str, label: str) -> None:
    found = read(tmp_path / "wide.csv", f"{city},{label},KF1.Q1\nX,2026,1\n")
    assert (only(found).city.name, only(found).round) == ("X", "2026")
    assert f"“{city}” as city, “{label}” as round" in found.notes[0]


def test_header_below_others_is_found_in_other_words(tmp_path: Path) -> None:
    """Rows above the names of the columns are told also where those are recognised only by their meaning."""
    found = read(tmp_path / "wide.csv", "Our self-test\n\nStadt,Jahr,KF1_Q1\nX,2026,1\n")
    assert "they seem to stand in row 3" in str(found.problems[0])
