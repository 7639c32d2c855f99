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

from citygrow_nb import answers, authoring, batch, demo
from citygrow_nb.batch import Options
from citygrow_nb.exceptions import ReportError, UsageError
from citygrow_nb.model import Benchmark
from citygrow_nb.model.run import CityRecord
from citygrow_nb.running import cluster
from citygrow_nb.running.cluster import Cluster, require_cluster
from citygrow_nb.storage import Outputs, open_outputs
from citygrow_nb.workspace import Workspace
from tests.notebooks import code, content, parameters, prose
from tests.running.test_running_processes import work

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
def test_nothing_is_lost_when_a_worker_dies(dask: Dask, tmp_path: Path) -> None:
    """Through kill -9 of a worker every job ends exactly once; one that hangs is killed, one that kills has failed."""
    dask.start_scheduler()
    victim, _ = dask.start_worker(), dask.start_worker()
    ended = []
    with Cluster(brief, dask.address, limit=LONG, connect=LONG) as workers:
        for number, (job, outcome) in enumerate(workers.each(range(40))):
            assert outcome[0] == job
            ended.append(job)
            if number == 10:
                victim.send_signal(signal.SIGKILL)
    assert sorted(ended) == list(range(40))
    with Cluster(work, dask.address, limit=1, connect=LONG) as workers:
        outcomes = dict(workers.each([("hang", str(tmp_path)), ("die", ""), ("fail", "")]))
    assert str(outcomes["hang", str(tmp_path)]) == "it took longer than 1 s"
    assert "died twice" in str(outcomes["die", ""])
    assert isinstance(outcomes["fail", ""], OSError)


@pytest.mark.slow
def test_scheduler_that_is_lost_ends_the_run_with_a_sentence(dask: Dask) -> None:
    """What is done is done, and the sentence says that the same command makes the rest."""
    dask.start_scheduler()
    dask.start_worker()
    ended = []

    def lose() -> None:
        with Cluster(brief, dask.address, connect=LONG) as workers:
            for job, _ in workers.each(range(60)):
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
    with pytest.raises(UsageError, match="has no workers"), Cluster(brief, dask.address, connect=LONG / 9):
        pass
    dask.start_worker(PYTHONPATH=str(other))
    dask.start_worker(PYTHONPATH=str(none))
    _wait_for_workers(dask.address, 2)
    with pytest.raises(UsageError) as caught, Cluster(brief, dask.address, connect=LONG):
        pass
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
        address = f"tcp://127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(UsageError, match="there is no scheduler"), Cluster(brief, address, connect=0.5):
            pass


@pytest.mark.parametrize("address", ["nonsense", "tcp://", "http://127.0.0.1:1"])
def test_wrong_address_is_a_sentence(address: str) -> None:
    """What is no address is not waited for at all."""
    with pytest.raises(UsageError, match="no address"), Cluster(brief, address, connect=LONG):
        pass


def test_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without Dask the sentence says what to install."""
    monkeypatch.setattr(cluster, "find_spec", lambda _name: None)
    with pytest.raises(UsageError, match=r'pip install "citygrow-nb\[cluster\]"'):
        require_cluster("tcp://127.0.0.1:8786")


@pytest.mark.slow
def test_cluster_writes_to_a_bucket_what_one_machine_writes_to_its_disk(
    dask: Dask, s3: str, workspace: Workspace, tiny: Benchmark, tmp_path: Path
) -> None:
    """Each city is in the bucket once, byte for byte as on a disk, with an own workbook, its module and data.

    Although meanwhile a worker is killed in the middle. A second run finds everything unchanged there.
    """
    cities = list(demo.cities(tiny, 4))
    for city in cities:
        path = workspace.document(city.benchmark.id, city.city.slug, city.round)
        path.parent.mkdir(parents=True)
        path.write_bytes(answers.dump(city))
    folder = workspace.notebooks(tiny.id)
    folder.mkdir(parents=True)
    reads = code("import helper, pathlib\nprint(city, helper.WHAT, pathlib.Path('../../data/x.txt').read_text())")
    (folder / "90-own.ipynb").write_bytes(content(prose("# Our own"), parameters(), reads))
    for name, notebook in authoring.build(tiny).items():
        (folder / name).write_bytes(notebook)
    (folder / "helper.py").write_text("WHAT = 'read'", encoding="utf-8")
    workspace.data.mkdir()
    (workspace.data / "x.txt").write_text("our figures", encoding="utf-8")
    dask.start_scheduler()
    victim, _ = dask.start_worker(), dask.start_worker()

    def strike(record: CityRecord, done: int, total: int) -> None:
        if done == 1:
            victim.kill()

    far = {"scheduler": dask.address, "own_workbooks": True}
    made = batch.run(Options(out=s3, **far), workspace, progress=strike)
    assert made.succeeded, made.problems or [city.reason for city in made.cities]
    assert len(made.cities) == len(cities)
    assert batch.run(Options(out=tmp_path / "local", jobs=1, own_workbooks=True), workspace).succeeded
    assert batch.run(Options(out=tmp_path / "driver", **far), workspace).succeeded
    expected = files(open_outputs(tmp_path / "local"))
    pages = [content for name, content in expected.items() if name.endswith("/90-own.html")]
    assert len(pages) == len(cities)
    assert all(b"read our figures" in (page or b"") for page in pages)
    assert files(open_outputs(s3)) == expected
    assert files(open_outputs(tmp_path / "driver")) == expected
    assert {city.status for city in batch.run(Options(out=s3, **far), workspace).cities} == {"unchanged"}


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
    assert len(pages) == 4
    return found | {name: outputs.read(name) for name in ("index.html", *pages)}
