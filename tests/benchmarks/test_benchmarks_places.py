"""Places in the data become files and lines."""

from __future__ import annotations

from pathlib import Path

from citygrow_nb.benchmarks.faults import Fault
from citygrow_nb.benchmarks.places import Places

A, B = Path("a.yaml"), Path("b.yaml")
DATA = {"x": [{"code": "KF1", "text": "…"}]}


def places() -> Places:
    made = Places(Path("folder"))
    made.lines = {(): (A, 1), ("x",): (A, 2), ("x", 0): (B, 1), ("x", 0, "code"): (B, 2), ("x", 0, "text"): (B, 3)}
    return made


def sentences(made: Places) -> list[str]:
    return [str(problem) for problem in made.problems()]


def test_line_and_code_stand_in_front() -> None:
    """A problem begins with file and line, and names the code of the item around it."""
    made = places()
    made.note_faults([Fault(("x", 0, "text"), "says nothing", todo="write it")], DATA)
    assert sentences(made) == ["b.yaml, line 3 (KF1): says nothing; write it"]


def test_what_is_missing_is_looked_for_in_what_should_hold_it() -> None:
    """A place without a line of its own has that of the nearest place around it."""
    made = places()
    made.note_faults([Fault(("x", 0, "levels", 2), "is missing")], DATA)
    assert sentences(made) == ["b.yaml, line 1 (KF1): is missing"]


def test_second_place_is_named() -> None:
    """Where two places are at odds, both are told."""
    made = places()
    made.note_faults([Fault(("x",), "is used twice", other=("x", 0, "code"))], DATA)
    assert sentences(made) == ["a.yaml, line 2: is used twice, as in b.yaml, line 2"]


def test_problems_come_file_by_file_and_line_by_line_and_once() -> None:
    """Whoever mends a file goes through it once, from top to bottom."""
    made = places()
    made.note(B, 3, "third")
    made.note(Path("unlisted.yaml"), 1, "last")
    made.note(A, 2, "first")
    made.note(B, 1, "second")
    made.note(B, 3, "third")
    assert [problem.found for problem in made.problems()] == ["first", "second", "third", "last"]


def test_what_could_not_be_read_has_no_further_faults() -> None:
    """A file with a syntax error is not reported as empty besides."""
    made = places()
    made.unread = {("x", 0)}
    made.note_faults([Fault(("x", 0, "text"), "is missing"), Fault(("x",), "stays")], DATA)
    assert sentences(made) == ["a.yaml, line 2: stays"]


def test_compiled_benchmark_has_no_lines() -> None:
    """There the path through the document leads to the fault."""
    made = Places(Path("b.json"))
    made.note_faults([Fault(("x", 0, "text"), "says nothing")], DATA)
    assert sentences(made) == ["b.json (x[0].text KF1): says nothing"]
