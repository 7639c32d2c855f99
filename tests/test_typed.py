"""What a sentence tells people to type does in a shell what it says."""

import doctest
from pathlib import Path

import pytest

from citygrow_nb import typed
from citygrow_nb.batch.source_places import stray

PLAIN = ("2026 (conflicted copy).json", "2026 - Kopie von Zoë & Ben's.json", "2026~DESKTOP-AB12.json")
LIVE = (
    "$(touch x)",
    "`touch x`",
    '"; touch x; "',
    "“; touch x",
    "!x",
    "%PATH%",
    "a\nb",
    "a\N{RIGHT-TO-LEFT OVERRIDE}b",
)


def test_examples_in_docstrings_are_true() -> None:
    assert doctest.testmod(typed).failed == 0


@pytest.mark.parametrize("name", PLAIN)
def test_a_plain_file_is_imported_by_the_command_that_stands_there(name: str) -> None:
    assert f'citygrow answers import "/a/{name}"; then' in stray(Path("/a") / name, ("b", "graz", "2026")).todo


@pytest.mark.parametrize("name", LIVE)
def test_no_name_that_a_shell_would_run_or_change_stands_in_a_command(name: str) -> None:
    """The file is to be given another name first."""
    todo = stray(Path("/a") / f"2026{name}.json", ("b", "graz", "2026")).todo
    assert name not in todo
    assert "a name of plain letters, then citygrow answers import FILE" in todo
