"""Where a workbook runs: a small workspace of its own, in a temporary folder.

Workbooks find their answers in the workspace around the current folder, so nothing that a page shows can depend on
where it was made.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from functools import lru_cache
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from citygrow_nb import authoring, engine, exporting
from citygrow_nb.authoring import WorkbookName
from citygrow_nb.batch.jobs import CityJob, Pages, PortfolioJob, Toolkit
from citygrow_nb.exceptions import CitygrowError, Problem, StoreError
from citygrow_nb.model import Benchmark
from citygrow_nb.rendering import Extra, NavLink
from citygrow_nb.workbook.place import find_benchmark
from citygrow_nb.workspace import Workspace

if TYPE_CHECKING:
    from nbformat import NotebookNode


class _Failure(Exception):
    def __init__(self, problems: tuple[Problem, ...], file: str, notebook: bytes) -> None:
        super().__init__()
        self.problems, self.broken = problems, {file: notebook}


def timed(make: Callable[[], dict[str, bytes]]) -> Pages:
    """Return what was made, or why not, with the time it took."""
    begun = perf_counter()
    try:
        return Pages(make(), seconds=perf_counter() - begun)
    except _Failure as failure:
        return Pages(problems=failure.problems, broken=failure.broken, seconds=perf_counter() - begun)
    except StoreError as error:
        return Pages(problems=error.problems, seconds=perf_counter() - begun)


def executed(
    names: Sequence[WorkbookName], job: CityJob | PortfolioJob, parameters: Mapping[str, object], workspace: Workspace
) -> Generator[tuple[WorkbookName, NotebookNode], None, None]:
    """Run workbooks of a job, and yield each; whatever goes wrong ends the job within :func:`timed`."""
    sources = [job.toolkit.workbooks[name.file] for name in names]
    runs = engine.run_all(
        [
            engine.Workbook(name.file, source, trusted=authoring.is_shipped(source))
            for name, source in zip(names, sources, strict=True)
        ],
        parameters,
        cwd=workspace.root,
        engine=job.engine,
        timeout=job.timeout,
    )
    with closing(runs):
        for name, source in zip(names, sources, strict=True):
            try:
                done = next(runs)
            except CitygrowError as error:
                raise _Failure(error.problems, name.file, source) from error
            if done.failure:
                raise _Failure((done.failure,), name.file, engine.dump(done.notebook))
            yield name, done.notebook


def bodied(name: WorkbookName, notebook: NotebookNode, *, pages: Mapping[str, str | None]) -> str:
    """Turn an executed workbook into its page's body; one that is refused ends the job within :func:`timed`."""
    try:
        return exporting.body(notebook, name=name.file, pages=pages)
    except CitygrowError as error:
        raise _Failure(error.problems, name.file, engine.dump(notebook)) from error


def paged(
    name: WorkbookName,
    notebook: NotebookNode,
    *,
    lang: str,
    pages: Mapping[str, str | None],
    site: str = "",
    nav: Sequence[NavLink] = (),
    crumbs: Sequence[NavLink] = (),
    notice: str = "",
    extra: Extra = Extra(),  # noqa: B008 -- frozen
) -> bytes:
    """Turn an executed workbook into its page; a page that is refused ends the job within :func:`timed`."""
    try:
        return exporting.page(
            notebook,
            name=name.file,
            site=site,
            nav=nav,
            crumbs=crumbs,
            lang=lang,
            pages=pages,
            notice=notice,
            extra=extra,
        )
    except CitygrowError as error:
        raise _Failure(error.problems, name.file, engine.dump(notebook)) from error


@contextmanager
def stage(toolkit: Toolkit) -> Iterator[tuple[Workspace, Benchmark]]:
    """Open a workspace without answers, with its benchmark as workbooks will find it.

    It is loaded here already, and so is what the caller reads with it: workbooks that run in processes forked off this
    one need not do it again.
    """
    # On Windows a kernel that has just ended may still hold its folder for a moment.
    with tempfile.TemporaryDirectory(prefix="citygrow-", ignore_cleanup_errors=True) as folder:
        workspace = Workspace(Path(folder).resolve())
        for path in (workspace.answers, workspace.outputs, workspace.benchmarks):
            path.mkdir()
        name = benchmark_of(toolkit.benchmark).id
        (workspace.benchmarks / f"{name}.json").write_bytes(toolkit.benchmark)
        yield workspace, find_benchmark(name, workspace)


@lru_cache(maxsize=2)
def benchmark_of(content: bytes) -> Benchmark:
    """Return a compiled benchmark, parsed once per process."""
    return Benchmark.model_validate_json(content)
