"""A real Dask scheduler with real workers on this machine: they differ, die and come back, and no city is lost."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from citygrow_nb import answers, batch, demo
from citygrow_nb.batch import Options
from citygrow_nb.exceptions import ReportError, UsageError
from citygrow_nb.executors import JobRunner, dask_cluster
from citygrow_nb.executors.dask_cluster import DaskPool, dask_pool
from citygrow_nb.model import Benchmark
from citygrow_nb.model.run import CityRecord
from citygrow_nb.storage import Outputs, open_outputs
from citygrow_nb.workspace import Workspace
from tests.executors.test_executors_process_pool import work

pytest.importorskip("distributed")

ROOT = Path(__file__).parents[2]
LONG = 180.0
"""Seconds until a process on a very busy machine has started."""


class Dask:
    """A scheduler and workers, started as people start them; all that listens does so on loopback."""

    def __init__(self, logs: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.address = f"tcp://127.0.0.1:{self.port}"
        self.logs = logs
        # Of processes that are killed; short, because of the sockets below it.
        self.temporary = tempfile.mkdtemp(prefix="killed-")
        self.scheduler: subprocess.Popen[bytes] | None = None
        self.workers: list[subprocess.Popen[bytes]] = []

    def start_scheduler(self) -> None:
        self.scheduler = self._start("scheduler", "--host", "127.0.0.1", "--port", str(self.port))

    def start_worker(self, **environment: str) -> subprocess.Popen[bytes]:
        options = ("--host", "127.0.0.1", "--nthreads", "1", "--no-nanny", "--death-timeout", f"{LONG:g}")
        self.workers.append(self._start("worker", self.address, *options, **environment))
        return self.workers[-1]

    def stop(self) -> None:
        for process in (*self.workers, self.scheduler):
            if process is not None:
                process.kill()
                process.wait()
        self.workers, self.scheduler = [], None

    def _start(self, *command: str, **environment: str) -> subprocess.Popen[bytes]:
        variables = {
            "PYTHONPATH": str(ROOT),
            "TMPDIR": self.temporary,
            "DASK_TEMPORARY_DIRECTORY": str(self.logs),
            "DASK_DISTRIBUTED__DIAGNOSTICS__NVML": "false",
            "DASK_DISTRIBUTED__ADMIN__SYSTEM_MONITOR__GIL__ENABLED": "false",
            **environment,
        }
        with (self.logs / f"{command[0]}.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "dask", *command, "--no-dashboard"],
                env=os.environ | variables,
                stdout=log,
                stderr=log,
            )


@pytest.fixture
def dask(tmp_path: Path) -> Iterator[Dask]:
    made = Dask(tmp_path)
    yield made
    made.stop()


def brief(job: int) -> tuple[int, int]:
    return job, os.getpid()


@pytest.mark.slow
def test_nothing_is_lost_when_a_worker_dies_and_the_scheduler_restarts(dask: Dask, tmp_path: Path) -> None:
    """Through kill -9 of a worker and later of the scheduler every job ends exactly once; one that hangs is killed."""
    dask.start_scheduler()
    victim, other = dask.start_worker(), dask.start_worker()
    ended = []
    with JobRunner(DaskPool(dask.address, connect=LONG, back=LONG), 1, limit=LONG) as runner:
        for number, (job, outcome) in enumerate(runner.each(brief, range(60))):
            assert outcome[0] == job  # type: ignore[index]
            ended.append(job)
            if number == 10:
                victim.send_signal(signal.SIGKILL)
            if number == 30:
                assert dask.scheduler
                dask.scheduler.send_signal(signal.SIGKILL)
                dask.scheduler.wait()
                # Dask's workers end when they lose their scheduler; whoever runs a cluster starts them again.
                other.kill()
                dask.start_scheduler()
                dask.start_worker()
    assert sorted(ended) == list(range(60))
    with JobRunner(DaskPool(dask.address, connect=LONG), 1, limit=1) as runner:
        ((_, outcome),) = runner.each(work, [("hang", str(tmp_path))])
    assert isinstance(outcome, ReportError)
    assert "took longer than 1 s" in str(outcome)


@pytest.mark.slow
def test_scheduler_that_stays_away_ends_the_run_with_a_sentence(dask: Dask) -> None:
    """What is done is done, and the sentence says that the same command makes the rest."""
    dask.start_scheduler()
    dask.start_worker()
    ended = []

    def lose() -> None:
        with JobRunner(DaskPool(dask.address, connect=LONG, back=1), 1) as runner:
            for job, _ in runner.each(brief, range(60)):
                ended.append(job)
                if len(ended) == 5:
                    dask.stop()

    with pytest.raises(ReportError, match="the same command makes the rest"):
        lose()
    assert 5 <= len(ended) < 60


@pytest.mark.slow
def test_workers_that_differ_are_named_before_anything_starts(dask: Dask, tmp_path: Path) -> None:
    """Another version, and a worker without this package: each is a sentence with the worker, and nothing is done."""
    other, none = tmp_path / "other", tmp_path / "none"
    (other / "papermill-0.0.1.dist-info").mkdir(parents=True)
    (other / "papermill-0.0.1.dist-info" / "METADATA").write_text("Name: papermill\nVersion: 0.0.1\n", encoding="utf-8")
    none.mkdir()
    (none / "sitecustomize.py").write_text(
        "import importlib.metadata as metadata, sys\n"
        "found = metadata.version\n"
        "def version(name):\n"
        "    if name == 'citygrow-nb': raise metadata.PackageNotFoundError(name)\n"
        "    return found(name)\n"
        "metadata.version = version\n"
        "class Without:\n"
        "    def find_spec(self, name, *_):\n"
        "        if name.split('.')[0] == 'citygrow_nb': raise ModuleNotFoundError(name)\n"
        "sys.meta_path.insert(0, Without())\n",
        encoding="utf-8",
    )
    dask.start_scheduler()
    with (
        pytest.raises(UsageError, match="has no workers"),
        JobRunner(DaskPool(dask.address, connect=LONG / 9), 1) as runner,
    ):
        list(runner.each(brief, [1]))
    dask.start_worker(PYTHONPATH=str(other))
    dask.start_worker(PYTHONPATH=str(none))
    _wait_for_workers(dask.address, 2)
    with pytest.raises(UsageError) as caught, JobRunner(DaskPool(dask.address, connect=LONG), 1) as runner:
        list(runner.each(brief, [1]))
    sentences = str(caught.value).splitlines()
    assert any("has papermill 0.0.1, here is" in sentence for sentence in sentences)
    assert any("lacks citygrow-nb" in sentence for sentence in sentences)


def _wait_for_workers(address: str, count: int) -> None:
    from distributed import Client

    with Client(address, timeout=LONG, set_as_default=False) as client:
        if count:
            client.wait_for_workers(count, timeout=LONG)


def test_missing_scheduler_is_a_sentence() -> None:
    """Nobody at the address: that is said within seconds, with what to do."""
    with socket.socket() as taken:
        # Bound but not listening: nobody answers, and nobody else can take it.
        taken.bind(("127.0.0.1", 0))
        pool = DaskPool(f"tcp://127.0.0.1:{taken.getsockname()[1]}", connect=0.5)
        with pytest.raises(UsageError, match="there is no scheduler"), JobRunner(pool, 1) as runner:
            list(runner.each(brief, [1]))


@pytest.mark.parametrize("address", ["nonsense", "tcp://", "http://127.0.0.1:1"])
def test_wrong_address_is_a_sentence(address: str) -> None:
    """What is no address is not waited for at all."""
    with pytest.raises(UsageError, match="no address"), JobRunner(DaskPool(address, connect=LONG), 1) as runner:
        list(runner.each(brief, [1]))


def test_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without Dask the sentence says what to install."""
    monkeypatch.setattr(dask_cluster, "find_spec", lambda _name: None)
    with pytest.raises(UsageError, match=r'pip install "citygrow-nb\[cluster\]"'):
        dask_pool("tcp://127.0.0.1:8786")


def test_workers_of_a_cluster_have_no_disk_of_ours() -> None:
    """So pages come back to the driver, unless they go to a bucket."""
    assert not dask_pool("tcp://127.0.0.1:8786").shares_disk


@pytest.mark.slow
def test_cluster_writes_to_a_bucket_what_one_machine_writes_to_its_disk(
    dask: Dask, s3: str, workspace: Workspace, tiny: Benchmark, tmp_path: Path
) -> None:
    """Each city is in the bucket once, byte for byte as on a disk; a second run finds everything unchanged there.

    Although meanwhile a worker is killed, and the scheduler with the other one.
    """
    cities = list(demo.cities(tiny, 5))
    for city in cities:
        path = workspace.document(city.benchmark.id, city.city.slug, city.round)
        path.parent.mkdir(parents=True)
        path.write_bytes(answers.dump(city))
    dask.start_scheduler()
    victim, other = dask.start_worker(), dask.start_worker()
    pool = DaskPool(dask.address, connect=LONG, back=LONG)
    told = []

    def strike(record: CityRecord, done: int, total: int) -> None:
        told.append(record.city)
        if done == 1:
            victim.kill()
        if done == 3:
            assert dask.scheduler
            dask.scheduler.kill()
            dask.scheduler.wait()
            other.kill()
            dask.start_scheduler()
            dask.start_worker()

    made = batch.run(Options(out=s3), workspace, pool=pool, progress=strike)
    assert made.succeeded, made.problems or [city.reason for city in made.cities]
    assert sorted(told) == sorted(city.city.slug for city in cities)
    assert batch.run(Options(out=tmp_path / "local", jobs=1), workspace).succeeded
    assert batch.run(Options(out=tmp_path / "driver"), workspace, pool=pool).succeeded
    expected = files(open_outputs(tmp_path / "local"))
    assert files(open_outputs(s3)) == expected
    assert files(open_outputs(tmp_path / "driver")) == expected
    again = batch.run(Options(out=s3), workspace, pool=pool)
    assert {city.status for city in again.cities} == {"unchanged"}
    assert len(again.cities) == 5


def files(outputs: Outputs) -> dict[str, bytes | None]:
    """Return every file of every report, and the pages over all of them."""
    found: dict[str, bytes | None] = {}
    for benchmark in outputs.benchmarks():
        here = outputs.within(benchmark)
        folders = ["/".join(key) for key in here.cities()]
        names = [f"{folder}/{name}" for folder in folders for name in here.files(folder)]
        assert len(names) > 5
        found |= {f"{benchmark}/{name}": here.read(name) for name in (*names, "index.html", "portfolio.json")}
    pages = [f"cities/{name}" for name in outputs.files("cities")]
    assert len(pages) == 5
    return found | {name: outputs.read(name) for name in ("index.html", *pages)}
