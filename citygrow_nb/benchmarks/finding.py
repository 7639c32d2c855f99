"""Where benchmarks are: those that came with citygrow, and a workspace's own."""

from __future__ import annotations

import re
from difflib import get_close_matches
from pathlib import Path

from citygrow_nb.benchmarks.folder import HEAD
from citygrow_nb.exceptions import BenchmarkError, Problem, UsageError, one_line
from citygrow_nb.slugs import SLUG_PATTERN
from citygrow_nb.workspace import BENCHMARKS, CITIES, Workspace

PACKAGE = Path(__file__).parents[1]


def shipped() -> dict[str, Path]:
    """Return the benchmarks that came with citygrow.

    Returns
    -------
    dict
        Folders by benchmark id, sorted. An installed package carries them inside, a source checkout at its top; the
        package of a site has compiled ones, which are quick to read.
    """
    inside = PACKAGE / "data" / BENCHMARKS
    place = inside if inside.is_dir() else PACKAGE.parent / BENCHMARKS
    return _compiled(place) | _folders(place)


def known(workspace: Workspace | None = None) -> dict[str, Path]:
    """Return all benchmarks that can be used in a workspace, by id: its own before those that came with citygrow."""
    found = shipped()
    if workspace is not None:
        found |= _compiled(workspace.benchmarks) | _folders(workspace.benchmarks)
    return found


def of_workspace(workspace: Workspace) -> tuple[str, ...]:
    """Return the benchmarks that a workspace works with.

    Parameters
    ----------
    workspace
        Which one.

    Returns
    -------
    tuple of str
        Ids, sorted: those that have workbooks or answers here, and its own. Where there are none yet, all that came
        with citygrow.
    """
    there = known(workspace)
    built = [path.name for path in workspace.workbooks.glob("*/") if path.is_dir()]
    own = [*_compiled(workspace.benchmarks), *_folders(workspace.benchmarks)]
    used = {benchmark_id for benchmark_id in (*built, *own, *workspace.answered()) if benchmark_id in there}
    return tuple(sorted(used or shipped()))


def chosen(workspace: Workspace, benchmark_id: str = "") -> str:
    """Return the benchmark that is meant where only one can be.

    Parameters
    ----------
    workspace
        Where.
    benchmark_id
        What was asked for; empty for the only one of the workspace.

    Raises
    ------
    UsageError
        If there is no such benchmark, or none was named and there are several.
    BenchmarkError
        If there is none at all.
    """
    if benchmark_id:
        try:
            find(benchmark_id, workspace)
        except BenchmarkError as error:
            raise UsageError(*error.problems) from error
        return benchmark_id
    there = of_workspace(workspace)
    if len(there) == 1:
        return there[0]
    if not there:
        raise BenchmarkError(Problem(str(PACKAGE), "no benchmark came with this citygrow", todo="install it again"))
    found = f"there are several benchmarks here: {one_line(there)}"
    raise UsageError(Problem(str(workspace.root), found, todo=f"name one, such as --benchmark {there[0]}"))


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
    there = known(workspace)
    if benchmark_id in there:
        return there[benchmark_id]
    near = next(iter(get_close_matches(benchmark_id, there, n=1, cutoff=0.5)), "")
    raise BenchmarkError(
        Problem(
            f"benchmark “{benchmark_id}”",
            "there is no such benchmark here",
            one_line(sorted(there)) or "none is installed",
            f"did you mean “{near}”?" if near else "install citygrow again",
        )
    )


def _folders(parent: Path) -> dict[str, Path]:
    return {path.parent.name: path.parent for path in sorted(parent.glob(f"*/{HEAD}")) if _is_id(path.parent.name)}


def _compiled(parent: Path) -> dict[str, Path]:
    return {path.stem: path for path in sorted(parent.glob("*.json")) if _is_id(path.stem)}


def _is_id(name: str) -> bool:
    return re.fullmatch(SLUG_PATTERN, name) is not None and name != CITIES
