"""A benchmark's folder: which files it has, and how they make one document.

::

    benchmark.yaml           standard, terms, introduction …, and the order of the key factors
    key-factors/<code>.yaml  one key factor with its questions and practices
    context-factors.yaml     all context factors
    scale.yaml               level names, thresholds, weights
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from citygrow_nb import atomic, borders
from citygrow_nb.benchmarks.faults import Loc, shown
from citygrow_nb.benchmarks.places import Places
from citygrow_nb.exceptions import problem_of
from citygrow_nb.model.fields import KEY_FACTOR
from citygrow_nb.workspace import BENCHMARKS

if TYPE_CHECKING:
    from citygrow_nb.benchmarks.lines import Lined

HEAD = "benchmark.yaml"
FACTORS = "key-factors"
CONTEXT = "context-factors.yaml"
SCALE = "scale.yaml"

MAX_FILE = 1 << 20
"""Bytes of one of the files; the longest known has a twentieth of that."""

_PARTS = f"{HEAD}, {CONTEXT}, {SCALE} and the folder {FACTORS}"


def top_of(path: Path) -> Path:
    """Return the folder that a benchmark must not lead out of: that of all, where it stands among others."""
    return path.parent if path.parent.name == BENCHMARKS else path


def parts(path: Path) -> list[Path]:
    """Return the files in a folder that are read, or should not be there; no others are opened."""
    return [*_yaml_files(path), *_yaml_files(path / FACTORS)]


def gather(path: Path, places: Places) -> dict[str, Any]:
    """Read a folder's files and put them together.

    Parameters
    ----------
    path
        The folder.
    places
        Learns where each value came from, and what is wrong with the files themselves.

    Returns
    -------
    dict
        The whole document as plain values, whether valid or not; empty if there is no ``benchmark.yaml`` to begin with.
    """
    data = _fields(path / HEAD, (), places)
    if data is None:
        return {}
    for name, file in {"context_factors": CONTEXT, "scale": SCALE}.items():
        if name in data:
            line = places.lines[name,][1]
            places.note(path / HEAD, line, f"“{name}” stands here", f"only in {file}", "move it there")
    data["key_factors"] = _factors(path, data.get("key_factors"), places)
    data["context_factors"] = _context(path / CONTEXT, places)
    data["scale"] = _fields(path / SCALE, ("scale",), places)
    for extra in _yaml_files(path):
        if extra.name not in {HEAD, CONTEXT, SCALE}:
            _extra(extra, _PARTS, places)
    return data


def _factors(path: Path, listed: object, places: Places) -> list[dict[str, Any]]:
    if not isinstance(listed, list) or not listed:
        line = places.lines.get(("key_factors",), (path, 1))[1]
        places.note(path / HEAD, line, f"“key_factors” is {shown(listed)}", "the list of their codes, in order")
        places.unread.add(("key_factors",))
        return []
    entries = [(code, places.lines["key_factors", number][1]) for number, code in enumerate(listed)]
    factors: list[dict[str, Any]] = []
    codes: list[str] = []
    for code, line in entries:
        if not isinstance(code, str) or not re.fullmatch(KEY_FACTOR, code):
            places.note(path / HEAD, line, f"{shown(code)} is listed under “key_factors”", "a code such as KF1")
        elif code in codes:
            places.note(path / HEAD, line, f"{code} is listed twice", todo="remove one of the two")
        else:
            factors.append(_factor(path, code, line, len(factors), places))
            codes.append(code)
    for extra in _yaml_files(path / FACTORS):
        if extra.name not in {f"{code}.yaml" for code in codes}:
            _extra(extra, f"one file for each code listed under “key_factors” in {HEAD}", places)
    return factors


def _factor(path: Path, code: str, line: int, number: int, places: Places) -> dict[str, Any]:
    file, loc = path / FACTORS / f"{code}.yaml", ("key_factors", number)
    if not file.is_file():
        places.note(path / HEAD, line, f"{code} is listed, but there is no {FACTORS}/{file.name}", todo="add the file")
        places.unread.add(loc)
        return {"code": code}
    factor = _fields(file, loc, places)
    if factor is None:
        return {"code": code}
    found = factor.get("code", code)
    if found != code:
        line = places.lines[*loc, "code"][1]
        places.note(file, line, f"the file of {code} holds the code {shown(found)}", f"“{code}”, as the file is named")
        factor["code"] = code
    return factor


def _context(file: Path, places: Places) -> Any:
    lined = _read(file, ("context_factors",), places)
    if lined is None or not isinstance(lined.value, dict):
        places.unread.add(("context_factors",))
        if lined and not lined.faults:
            places.note(file, 1, f"the file holds {shown(lined.value)}", "the field “context_factors”")
        return []
    places.lines["context_factors",] = (file, 1)
    # The file's only field is a field of the whole document, so its locations are the document's own.
    for loc, line in lined.lines.items():
        if loc[:1] == ("context_factors",):
            places.lines[loc] = (file, line)
        elif len(loc) == 1:
            places.note(file, line, f"“{loc[0]}” is not a field here", "context_factors", "remove it")
    if "context_factors" not in lined.value:
        places.note(file, 1, "“context_factors” is missing", todo="add it; an empty list is written []")
        places.unread.add(("context_factors",))
    return lined.value.get("context_factors")


def _fields(file: Path, loc: Loc, places: Places) -> dict[str, Any] | None:
    lined = _read(file, loc, places)
    if lined is None:
        return None
    places.lines[loc] = (file, 1)
    places.lines |= {(*loc, *inner): (file, line) for inner, line in lined.lines.items()}
    if isinstance(lined.value, dict):
        return lined.value
    places.unread.add(loc)
    if not lined.faults:
        places.note(file, 1, f"the file holds {shown(lined.value)}", "fields, each with a name and a colon")
    return None


def _read(file: Path, loc: Loc, places: Places) -> Lined | None:
    try:
        from citygrow_nb.benchmarks import lines  # loads a YAML parser, which a compiled benchmark does not need

        lined = lines.read(atomic.read(file, MAX_FILE, within=top_of(places.root)))
    except OSError as error:
        missing = f"a benchmark has {_PARTS}" if isinstance(error, FileNotFoundError) else ""
        problem = problem_of(error, file)
        places.note(file, 0, problem.found, missing, problem.todo)
        places.unread.add(loc)
        return None
    for fault in lined.faults:
        places.note(file, fault.line, fault.found, fault.allowed, fault.todo)
    return lined


def _extra(file: Path, allowed: str, places: Places) -> None:
    places.note(file, 1, "this file belongs to no part of the benchmark", allowed, "list it or remove it")


def _yaml_files(folder: Path) -> list[Path]:
    if not folder.is_dir() or borders.is_link(folder.lstat()):
        return []  # its files are missed one by one where they are listed
    endings = {".yaml", ".yml"}
    return sorted(file for file in folder.iterdir() if file.suffix.lower() in endings and not file.name.startswith("."))
