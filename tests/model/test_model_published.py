"""What a run publishes of its sentences."""

import doctest
import pickle

import pytest

from citygrow_nb.exceptions import Problem
from citygrow_nb.model import published
from citygrow_nb.model.published import Said, public_path, public_sentence

ROOTS = ("/home/ada lovelace/cities",)


def test_examples_in_docstrings_are_true() -> None:
    assert doctest.testmod(published).failed == 0


@pytest.mark.parametrize(
    ("problem", "told"),
    [
        (
            Problem("/home/ada lovelace/cities/a/t.csv, row 5 (Ada), column Phone of Ada", "“Ada” is “no” number"),
            "a/t.csv, row 5: “…” number",
        ),
        (Problem("/srv/x/t.xlsx: Ada's sheet, row 7, column KF1.Q2", "“Ada” ” 0664” is no answer", "0 to 3"), None),
        (Problem("C:\\Users\\Ada\\t.csv, row 2", 'found "Ada"'), "t.csv, row 2: found “…”"),
        (Problem("answers/b/graz/2026.json, responses.ada-lovelace.KF1.Q1.comment", "this is empty"), None),
        (Problem("city “Ada”", "it is “Ada”"), "city “…”: it is “…”"),
        (Problem("", "unexpected fault: ValueError: could not take Ada"), "unexpected fault: ValueError"),
        (Problem("12-p.ipynb", "KeyError: 'Ada' in /home/ada/x.py"), "12-p.ipynb: KeyError"),
        (Problem("a.json", "another is in /home/ada/b/2026.json, which was used"), None),
        (Problem("/home/ada", "it cannot be read"), "ada: it cannot be read"),
    ],
)
def test_where_and_what_kind_but_not_what(problem: Problem, told: str | None) -> None:
    said = public_sentence(problem, ROOTS)
    assert said == (told or said)
    assert "Ada" not in said
    assert "0664" not in said
    assert "/home" not in said
    assert "lovelace" not in said


def test_an_address_that_a_path_was_made_of_is_told_without_its_secrets() -> None:
    assert public_path("s3:/KEY:HUSH@bucket/answers") == "s3:/…@bucket/answers"


def test_a_sentence_is_a_text_that_goes_over_borders_of_processes() -> None:
    said = Said(Problem("a.csv, row 1", "“x”"), Problem("", "b"))
    again = pickle.loads(pickle.dumps(said))
    assert (again, again.problems) == ("a.csv, row 1: “x”; b", said.problems)


@pytest.mark.parametrize("path", ["answers/b/graz/2026.json", "table.csv"])
def test_a_path_below_a_root_or_without_one_is_told_whole(path: str) -> None:
    assert public_path(f"{ROOTS[0]}/{path}", ROOTS) == path
    assert public_path(path) == path
