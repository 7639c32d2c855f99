"""Options that several commands share."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from citygrow_nb.exceptions import Problem, UsageError

if TYPE_CHECKING:
    from citygrow_nb.model import Benchmark
    from citygrow_nb.workspace import Workspace

Function = TypeVar("Function", bound=Callable[..., Any])


class _Path(click.Path):
    """A path; not the empty one, which an unset variable of a script gives, and which would be the current folder."""

    def convert(
        self, value: str | os.PathLike[str], param: click.Parameter | None, ctx: click.Context | None
    ) -> str | bytes | os.PathLike[str]:
        """Return the path."""
        if value == "":
            self.fail("a file or folder without a name; for the current folder write “.”", param, ctx)
        return super().convert(value, param, ctx)


class _Place(_Path):
    """A folder, or the URL of one, which stays a text."""

    def convert(
        self, value: str | os.PathLike[str], param: click.Parameter | None, ctx: click.Context | None
    ) -> str | bytes | os.PathLike[str]:
        """Return the path or URL."""
        return value if "://" in str(value) else super().convert(value, param, ctx)


PATH = _Path(path_type=Path)
PLACE = _Place(path_type=Path)


def debug_option(function: Function) -> Function:
    """Add ``--debug``; the entry looks for it itself, so that it also works when a command is not understood."""
    return click.option("--debug", is_flag=True, expose_value=False, help="Show a traceback with an error.")(function)


def sources_argument(function: Function) -> Function:
    """Add ``SOURCE…``: files and folders of answers."""
    return click.argument("sources", metavar="[SOURCE]...", nargs=-1, type=PATH)(function)


def benchmark_option(text: str = "") -> Callable[[Function], Function]:
    """Add ``--benchmark``, with this help if another benchmark than the only one is meant by default."""
    help_ = text or "Id of the benchmark.  [default: the only one of the workspace]"
    return click.option("--benchmark", "benchmark_id", metavar="ID", default="", help=help_)


def chosen_benchmark(workspace: Workspace, benchmark_id: str) -> Benchmark:
    """Load the benchmark that was named, or the only one of a workspace; errors as of ``benchmarks.chosen``."""
    from citygrow_nb import benchmarks

    return benchmarks.by_id(benchmarks.chosen(workspace, benchmark_id), workspace)


def chosen_benchmarks(workspace: Workspace, named: Sequence[str]) -> list[tuple[Benchmark, Path]]:
    """Load the benchmarks that were named, each by id or folder, or all of a workspace; with where each stands."""
    from citygrow_nb import benchmarks

    def path(name: str) -> Path:
        folder = Path(name)
        if name in benchmarks.known(workspace) or not (folder.exists() or "/" in name or os.sep in name):
            return benchmarks.find(benchmarks.chosen(workspace, name), workspace)
        if not folder.is_dir():
            raise UsageError(Problem(name, "there is no such folder", todo="check the path"))
        return folder

    paths = [path(name) for name in named or benchmarks.of_workspace(workspace)]
    return [(benchmarks.load(each), each) for each in paths]


def round_option(text: str) -> Callable[[Function], Function]:
    """Add ``--round`` with this help."""
    return click.option("--round", "round_label", metavar="ROUND", default="", help=text)
