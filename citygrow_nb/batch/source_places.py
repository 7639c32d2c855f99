"""Where a document stands, and whether that is its own place: the file named by its round, in the folder of its city.

Programs that keep folders alike on several computers leave copies beside it, such as ``2026 (conflicted copy).json``.
What a copy holds may be older or newer, so it is never taken instead: it is named, and can be imported.
"""

from __future__ import annotations

from pathlib import Path

from citygrow_nb.exceptions import Problem
from citygrow_nb.typed import is_typed_as_shown
from citygrow_nb.workspace import ANSWERS

Address = tuple[str, str, str]
"""Benchmark, city and round, as a document tells them."""


def origin(path: Path, address: Address) -> str:
    """Return what tells the cities of a document apart: the folder of answers that it stands in, else its file."""
    return str(path.parents[2] if path.suffix.lower() == ".json" and path.parts[-3:-1] == address[:2] else path)


def is_home(path: Path, address: Address) -> bool:
    """Tell whether a document is named by its round, and stands in the folder of its city and benchmark."""
    benchmark, city, label = address
    return path.parts[-3:] == (benchmark, city, f"{label}.json")


def is_stray(path: Path, address: Address) -> bool:
    """Tell whether a document of a folder is not where it belongs: beside its original, or anywhere among answers."""
    if is_home(path, address):
        return False
    original = path.with_name(f"{address[2]}.json")
    beside = path.parent.name == address[1] and path != original and original.is_file()
    return beside or path.parts[-4:-3] == (ANSWERS,)


def stray(path: Path, address: Address) -> Problem:
    """Say that a document is not where it belongs, and how to bring its answers in."""
    benchmark, city, label = address
    original = path.with_name(f"{label}.json")
    if path.parent.name != city or (path.parts[-4:-3] == (ANSWERS,) and path.parts[-3] != benchmark):
        found = f"these are answers of {benchmark}/{city}, which is not the folder they stand in, so they do not count"
    elif original.is_file():
        found = f"this is a copy beside {original.name}, whose answers count"
    else:
        found = f"this is not named by its round, {label}, so its answers do not count"
    return Problem(str(path), found, todo=f"to bring them in: {import_command(path)}; then remove this file")


def import_command(*files: Path | str) -> str:
    """Return what somebody types to import some files; one whose name a shell would run or change is renamed first."""
    if not all(is_typed_as_shown(str(file)) for file in files):
        return "give the file a name of plain letters, then citygrow answers import FILE"
    return " ".join(["citygrow answers import", *(f'"{file}"' for file in files)])


def is_leftover(path: Path) -> bool:
    """Tell whether a file among answers is a copy under a name that is no document's, such as ``2026.json.orig``."""
    named = ".json" in path.name or path.name.endswith("~")
    return named and path.suffix != ".jsonl" and path.parts[-4:-3] == (ANSWERS,)
