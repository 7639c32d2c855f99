"""Where benchmarks are: those that came with citygrow, and a workspace's own."""

from __future__ import annotations

import re
from pathlib import Path

from citygrow_nb.benchmarks.folder import HEAD
from citygrow_nb.exceptions import BenchmarkError, Problem, one_line
from citygrow_nb.model.fields import nearest
from citygrow_nb.slugs import SLUG_PATTERN
from citygrow_nb.workspace import BENCHMARKS, Workspace

PACKAGE = Path(__file__).parents[1]


def shipped() -> dict[str, Path]:
    """Return the benchmarks that came with citygrow.

    Returns
    -------
    dict
        Folders by benchmark id, sorted. An installed package carries them inside, a source checkout at its top.
    """
    inside = PACKAGE / "data" / BENCHMARKS
    return _folders(inside if inside.is_dir() else PACKAGE.parent / BENCHMARKS)


def default_id() -> str:
    """Return the id of the benchmark that is meant when none is named.

    Raises
    ------
    BenchmarkError
        If citygrow came without any.
    """
    for benchmark_id in shipped():
        return benchmark_id
    raise BenchmarkError(Problem(str(PACKAGE), "no benchmark came with this citygrow", todo="install it again"))


def find(benchmark_id: str, workspace: Workspace | None = None) -> Path:
    """Find a benchmark by its id.

    Parameters
    ----------
    benchmark_id
        Id, which is also the name of its folder.
    workspace
        Its own benchmarks come before the shipped ones.

    Returns
    -------
    Path
        A folder, or one compiled ``.json`` file.

    Raises
    ------
    BenchmarkError
        If there is none; the sentence names those that exist.
    """
    known = shipped()
    if workspace is not None:
        known |= _compiled(workspace.benchmarks) | _folders(workspace.benchmarks)
    if benchmark_id in known:
        return known[benchmark_id]
    near = nearest(benchmark_id, known)
    raise BenchmarkError(
        Problem(
            f"benchmark “{benchmark_id}”",
            "there is no such benchmark here",
            one_line(sorted(known)) or "none is installed",
            f"did you mean “{near}”?" if near else "install citygrow again",
        )
    )


def _folders(parent: Path) -> dict[str, Path]:
    return {path.parent.name: path.parent for path in sorted(parent.glob(f"*/{HEAD}")) if _is_id(path.parent.name)}


def _compiled(parent: Path) -> dict[str, Path]:
    return {path.stem: path for path in sorted(parent.glob("*.json")) if _is_id(path.stem)}


def _is_id(name: str) -> bool:
    return re.fullmatch(SLUG_PATTERN, name) is not None
