"""Which workspace, benchmark, city and round a workbook is about."""

from __future__ import annotations

import os

from pydantic import ValidationError

from citygrow_nb import atomic, benchmarks
from citygrow_nb.exceptions import Problem, UsageError, one_line
from citygrow_nb.model import Benchmark, Matching
from citygrow_nb.slugs import slugify
from citygrow_nb.workspace import MENTORING_JSON, Workspace, checked_benchmark

CITY_VARIABLE = "CITYGROW_CITY"
"""Environment variable with the folder name of the city that ``citygrow lab`` was opened for."""


_loaded: dict[tuple[str, str], Benchmark] = {}
_MOST_LOADED = 4


def find_benchmark(benchmark_id: str, workspace: Workspace) -> Benchmark:
    """Load a benchmark, once per process and content: wherever it stands, and as long as its files do not change."""
    path = benchmarks.find(benchmark_id, workspace)
    content = (path.name, benchmarks.fingerprint(path))
    if content not in _loaded:
        if len(_loaded) == _MOST_LOADED:
            _loaded.clear()
        _loaded[content] = benchmarks.load(path)
    return _loaded[content]


def find_document(workspace: Workspace, benchmark: str, city: str, round_label: str) -> tuple[str, str]:
    """Return the city slug and round that are meant.

    Parameters
    ----------
    workspace, benchmark
        Where to look.
    city
        Folder name or name; empty for ``CITYGROW_CITY``, else the city that was worked on last.
    round_label
        Round; empty for the one that was worked on last.

    Raises
    ------
    UsageError
        If no document fits.
    """
    city = str(city) or os.environ.get(CITY_VARIABLE, "")
    workspace.require_toolkit_first()
    known = list(workspace.documents(benchmark))
    if city not in dict(known) and slugify(city) in dict(known):
        city = slugify(city)  # people write its name
    fitting = [key for key in known if city in ("", key[0]) and round_label in ("", key[1])]
    if not fitting:
        wanted = f"the city “{city}”" if city else "any city"
        wanted += f" in round “{round_label}”" if round_label else ""
        found = f"there are no answers of {wanted} yet" if known else "no city has been named yet"
        others = one_line("/".join(key) for key in known if city in ("", key[0])) or one_line(dict(known))
        check = "check the settings at the top of this workbook (menu View, Expand All Code)"
        raise UsageError(Problem("", found, todo=f"answers here: {others}; {check}" if known else ""))
    return max(fitting, key=lambda key: (workspace.document(benchmark, *key).lstat().st_mtime_ns, key))


def found_mentors(workspace: Workspace, benchmark: str) -> Matching | None:
    """Return who mentors whom, as was last found in this workspace; None where nobody has looked, or it is no more."""
    path = workspace.outputs / checked_benchmark(benchmark) / MENTORING_JSON
    try:
        return Matching.model_validate_json(atomic.read(path, within=workspace.outputs))
    except (OSError, ValidationError):
        return None
