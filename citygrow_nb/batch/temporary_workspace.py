"""Where a workbook runs: a small workspace of its own, in a temporary folder.

Workbooks find their answers there and nowhere else, so nothing that a page shows can depend on where it was made.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from citygrow_nb import exporting
from citygrow_nb.batch.jobs import Pages, Toolkit
from citygrow_nb.batch.workbooks import Planned, lay_out
from citygrow_nb.exceptions import CitygrowError, Problem, StoreError
from citygrow_nb.model import Benchmark
from citygrow_nb.running import IN_PROCESS
from citygrow_nb.running.in_process import run_built
from citygrow_nb.running.kernels import Kernels
from citygrow_nb.running.notebooks import Run, dump
from citygrow_nb.workbook.place import find_benchmark
from citygrow_nb.workspace import Workspace, working_in

if TYPE_CHECKING:
    from nbformat import NotebookNode


class WorkbookFailed(Exception):
    """A workbook failed, and with it the job."""

    def __init__(self, problems: tuple[Problem, ...], file: str, notebook: bytes) -> None:
        super().__init__()
        self.problems, self.broken = problems, {file: notebook}


def timed(make: Callable[[], Pages]) -> Pages:
    """Return what was made, or why not, with the time it took."""
    begun = perf_counter()
    try:
        made = make()
    except WorkbookFailed as failure:
        made = Pages(problems=failure.problems, broken=failure.broken)
    except StoreError as error:
        made = Pages(problems=error.problems)
    return replace(made, seconds=perf_counter() - begun)


class Stage:
    """The workspace of one process for the workbooks of one toolkit: the same for all its jobs.

    Parameters
    ----------
    toolkit
        Benchmark and workbooks.
    """

    def __init__(self, toolkit: Toolkit) -> None:
        # On Windows a kernel that has just ended may still hold its folder for a moment.
        self._folder = tempfile.TemporaryDirectory(prefix="citygrow-", ignore_cleanup_errors=True)
        self.workspace = Workspace(Path(self._folder.name).resolve())
        self._toolkit = toolkit
        self._kernels: Kernels | None = None
        self._jobs = 0
        benchmark = benchmark_of(toolkit.benchmark)
        self.workspace.benchmarks.mkdir()
        (self.workspace.benchmarks / f"{benchmark.id}.json").write_bytes(toolkit.benchmark)
        self.benchmark = find_benchmark(benchmark.id, self.workspace)

    @contextmanager
    def open(self) -> Iterator[Workspace]:
        """Open it without answers; what is laid out in it goes at the end."""
        folders = self.workspace.answers, self.workspace.outputs
        for folder in folders:
            folder.mkdir()
        self._jobs += 1
        try:
            with working_in(self.workspace):
                yield self.workspace
        finally:
            for folder in folders:
                shutil.rmtree(folder, ignore_errors=True)

    def close(self) -> None:
        """End the kernel that waits, and remove the workspace."""
        if self._kernels is not None:
            self._kernels.close()
        self._folder.cleanup()

    def run(self, workbook: Planned, parameters: Mapping[str, object]) -> Run:
        """Run one of the toolkit's workbooks on what is laid out.

        Raises
        ------
        WorkbookFailed
            If it cannot be read.
        """
        name, content = workbook.name.file, workbook.content
        try:
            if workbook.engine == IN_PROCESS:
                return run_built(content, parameters, name=name)
            if self._kernels is None:
                self._kernels = Kernels(*lay_out(self._toolkit.files, self.workspace.root, self.benchmark.id))
            # A second job, or another own workbook to come: then the next kernel may as well start already.
            others = [each.name.file for each in self._toolkit.workbooks if each.engine != IN_PROCESS]
            return self._kernels.run(content, parameters, name=name, more=self._jobs > 1 or name != others[-1])
        except CitygrowError as error:
            raise WorkbookFailed(error.problems, workbook.name.executed, content) from error


_stages: dict[Toolkit, Stage] = {}
_MOST = 4


def stage(toolkit: Toolkit) -> Stage:
    """Return this process's stage for a toolkit."""
    if toolkit not in _stages:
        if len(_stages) == _MOST:
            close_stages()
        _stages[toolkit] = Stage(toolkit)
    return _stages[toolkit]


def close_stages() -> None:
    """Close all stages of this process."""
    while _stages:
        _stages.popitem()[1].close()


@lru_cache(maxsize=2)
def benchmark_of(content: bytes) -> Benchmark:
    """Return a compiled benchmark, parsed once per process."""
    return Benchmark.model_validate_json(content)


def failed(workbook: Planned, run: Run) -> WorkbookFailed:
    """Return what a failed run comes to."""
    return WorkbookFailed((run.failure,) if run.failure else (), workbook.name.executed, dump(run.notebook))


def body_of(workbook: Planned, notebook: NotebookNode, links: Mapping[str, str | None]) -> str:
    """Turn an executed workbook into its page's body.

    Parameters
    ----------
    workbook, notebook
        The workbook, before and after its run.
    links
        Where links to workbooks lead, by file name; None for nowhere.

    Raises
    ------
    WorkbookFailed
        If it may not be published.
    """
    name = workbook.name
    try:
        if workbook.engine == IN_PROCESS:
            return exporting.body(notebook, name=name.file, pages=links)
        from citygrow_nb.exporting.own import own_body  # what it takes to sanitise, few runs need

        return own_body(notebook, name=name.file, title=name.title, pages=links)
    except CitygrowError as error:
        raise WorkbookFailed(error.problems, name.executed, dump(notebook)) from error
