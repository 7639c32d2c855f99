"""Which workspace, benchmark, city and round a workbook is about."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path

from citygrow_nb import benchmarks
from citygrow_nb.exceptions import Problem, UsageError
from citygrow_nb.model import Benchmark
from citygrow_nb.workspace import Workspace

CITY_VARIABLE = "CITYGROW_CITY"
"""Environment variable with the folder name of the city that ``citygrow lab`` was opened for."""


def find_benchmark(benchmark_id: str, workspace: Workspace) -> Benchmark:
    """Load a benchmark, once per process while its files do not change."""
    path = benchmarks.find(benchmark_id, workspace)
    files = [path] if path.is_file() else sorted(path.rglob("*.yaml"))
    return _load(path, tuple((file, file.stat().st_mtime_ns) for file in files))


@lru_cache(maxsize=4)
def _load(path: Path, _stamp: tuple[tuple[Path, int], ...]) -> Benchmark:
    return benchmarks.load(path)


def find_document(workspace: Workspace, city: str, round_label: str) -> tuple[str, str]:
    """Return the city slug and round that are meant.

    Parameters
    ----------
    workspace
        Where to look.
    city
        Folder name; empty for ``CITYGROW_CITY``, else the city that was worked on last.
    round_label
        Round; empty for the city's latest.

    Raises
    ------
    UsageError
        If no document fits.
    """
    city = city or os.environ.get(CITY_VARIABLE, "")
    known = list(workspace.documents())
    fitting = [key for key in known if city in ("", key[0]) and round_label in ("", key[1])]
    if not fitting:
        wanted = f"city “{city}”" if city else "any city"
        wanted += f" in round “{round_label}”" if round_label else ""
        raise UsageError(
            Problem(
                "",
                f"there are no answers of {wanted} yet",
                todo="name the city and the round in the workbook 00-start, then run all cells again",
            )
        )
    if city:
        return max(fitting, key=lambda key: key[1])
    return max(fitting, key=lambda key: workspace.document(*key).stat().st_mtime_ns)
