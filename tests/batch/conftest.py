"""Workspaces with cities of the tiny benchmark, and a pool that needs no process."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import Any

import pytest

from citygrow_nb import answers, benchmarks
from citygrow_nb.model import Assessment, Benchmark
from citygrow_nb.workspace import Workspace
from tests.factories import assessment_of


class Inline(Executor):
    """Does each job at once, where it stands."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001 - as an executor does
            future.set_exception(error)
        return future


@contextlib.contextmanager
def inline_pool(workers: int) -> Iterator[Executor]:
    """Open such an executor."""
    yield Inline()


@pytest.fixture
def workspace(tmp_path: Path, tiny: Benchmark) -> Workspace:
    """Return an empty workspace with the tiny benchmark."""
    made = Workspace(tmp_path / "workspace")
    for folder in (made.answers, made.outputs, made.benchmarks):
        folder.mkdir(parents=True)
    (made.benchmarks / f"{tiny.id}.json").write_bytes(benchmarks.dump(tiny))
    return made


@pytest.fixture
def add(workspace: Workspace, tiny: Benchmark) -> Callable[..., Path]:
    """Return a function that saves one city's document and returns its path."""

    def save(slug: str, name: str = "", round_label: str = "2026", path: Path | None = None) -> Path:
        target = path or workspace.document(slug, round_label)
        target.parent.mkdir(parents=True, exist_ok=True)
        made: Assessment = assessment_of(tiny, name or slug.title(), slug).model_copy(update={"round": round_label})
        target.write_bytes(answers.dump(made))
        return target

    return save
