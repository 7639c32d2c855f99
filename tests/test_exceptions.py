"""Errors: one base, one form of sentence, and safe to send to another process."""

from __future__ import annotations

import errno
import inspect
import os
import pickle
from pathlib import Path

import pytest

from citygrow_nb import exceptions
from citygrow_nb.exceptions import CitygrowError, Problem, one_line, problem_of

ERRORS = [item for _, item in inspect.getmembers(exceptions, inspect.isclass) if issubclass(item, Exception)]


@pytest.mark.parametrize(
    ("problem", "sentence"),
    [
        (Problem("a.yaml, line 3", "“x” is missing", "", "add it"), "a.yaml, line 3: “x” is missing; add it"),
        (Problem("row 2", "7 was found", "0 to 3", "mend it"), "row 2: 7 was found; allowed: 0 to 3; mend it"),
        (Problem("", "nothing\n  to   do"), "nothing to do"),
    ],
)
def test_problem_is_one_sentence(problem: Problem, sentence: str) -> None:
    """Where, what was found, what is allowed, what to do, on one line."""
    assert str(problem) == sentence


def test_all_problems_are_kept_and_told() -> None:
    """An error has every fault as an attribute, and one line for each as its message."""
    error = CitygrowError(Problem("a", "b"), "c")
    assert error.problems == (Problem("a", "b"), Problem("", "c"))
    assert str(error) == "a: b\nc"


@pytest.mark.parametrize("kind", ERRORS, ids=lambda kind: kind.__name__)
def test_one_base_for_all(kind: type[Exception]) -> None:
    """Whoever catches CitygrowError catches every error raised on purpose."""
    assert issubclass(kind, CitygrowError)


@pytest.mark.parametrize("kind", ERRORS, ids=lambda kind: kind.__name__)
def test_errors_cross_processes(kind: type[CitygrowError]) -> None:
    """Kind, sentence and problems arrive as they were sent."""
    sent = kind(Problem("a", "b", "c", "d"), Problem("e", "f"))
    arrived = pickle.loads(pickle.dumps(sent))
    assert type(arrived) is kind
    assert (arrived.problems, str(arrived)) == (sent.problems, str(sent))


def test_docstring_draws_the_whole_tree() -> None:
    """The tree at the top of the module names every error, under its own parent."""
    tree = [line for line in (exceptions.__doc__ or "").splitlines() if "──" in line or "CitygrowError" in line]
    drawn: dict[str, str] = {}
    path: list[tuple[int, str]] = []
    for line in tree:
        indent, name = len(line) - len(line.lstrip(" │├└─")), line.strip(" │├└─").split()[0]
        path = [(depth, above) for depth, above in path if depth < indent]
        drawn[name] = path[-1][1] if path else "Exception"
        path.append((indent, name))
    assert drawn == {kind.__name__: kind.__base__.__name__ for kind in ERRORS if kind.__base__}


@pytest.mark.parametrize(
    ("code", "words"),
    [(errno.ENOSPC, "disk is full"), (errno.EACCES, "not permitted"), (errno.ENOENT, "no such file")],
)
def test_system_errors_become_plain_words(code: int, words: str) -> None:
    """What the system says in its own words is told in ours, with advice."""
    problem = problem_of(OSError(code, os.strerror(code)), Path("a.json"))
    assert problem.where == "a.json"
    assert words in problem.found
    assert problem.todo


def test_unknown_system_error_keeps_its_words() -> None:
    """Nothing is hidden behind a general phrase, and advice can be given from outside."""
    assert problem_of(OSError(9999, "strange"), "x").found == "strange"
    assert problem_of(OSError("no number"), "x", todo="wait").todo == "wait"


@pytest.mark.parametrize(
    ("items", "text"), [([], ""), ([1, 2], "1, 2"), ([1, 2, 3], "1, 2, 3"), ([1, 2, 3, 4, 5], "1, 2, 3 and 2 more")]
)
def test_long_lists_are_cut(items: list[int], text: str) -> None:
    """A list says how much it leaves out, and nothing when it leaves out nothing."""
    assert one_line(items, limit=3) == text
