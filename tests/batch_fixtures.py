"""Workspaces with cities of the tiny benchmark, and a pool that needs no process."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import fsspec
import pytest

from citygrow_nb import answers, benchmarks
from citygrow_nb.model import Assessment, Benchmark
from citygrow_nb.workspace import Workspace
from tests.factories import assessment_of


class Inline:
    """Does each job at once, where it stands."""

    def __init__(self, work: Callable[[Any], Any]) -> None:
        self.work = work

    def each(self, jobs: Iterable[Any]) -> Iterator[tuple[Any, Any]]:
        for job in jobs:
            try:
                outcome = self.work(job)
            except Exception as error:  # noqa: BLE001 - as workers do
                outcome = error
            yield job, outcome

    def let_go(self) -> None:
        pass


def inline(work: Callable[[Any], Any], _workers: int = 1) -> contextlib.AbstractContextManager[Inline]:
    """Open such workers."""
    return contextlib.nullcontext(Inline(work))


@pytest.fixture(scope="session")
def store() -> Iterator[str]:
    """Return the address of an S3 store on this machine."""
    server = pytest.importorskip("moto.server").ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def s3(store: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the URL of an empty folder in a bucket; credentials and address are in the environment, as for a user."""
    for name, value in {
        "AWS_ENDPOINT_URL": store,
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "NO_PROXY": "127.0.0.1",
    }.items():
        monkeypatch.setenv(name, value)
    fsspec.filesystem("s3", use_listings_cache=False).mkdirs("reports", exist_ok=True)
    return f"s3://reports/{uuid4().hex}"


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
        target = path or workspace.document(tiny.id, slug, round_label)
        target.parent.mkdir(parents=True, exist_ok=True)
        made: Assessment = assessment_of(tiny, name or slug.title(), slug).model_copy(update={"round": round_label})
        target.write_bytes(answers.dump(made))
        return target

    return save
