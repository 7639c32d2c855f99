"""Real worker processes: they die and are replaced, stop when told, and do not outlive whoever started them."""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Executor
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from citygrow_nb.batch.workers import PRELOAD
from citygrow_nb.exceptions import ReportError
from citygrow_nb.executors import JobRunner, ProcessPool, WorkerDied, cores
from tests import tripwires

posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")


def work(job: tuple[str, str]) -> int:
    """Do what the job says; runs in a worker."""
    kind, folder = job
    if kind == "die":
        os._exit(3)
    if kind == "die once" and not Path(folder, "died").exists():
        Path(folder, "died").touch()
        os._exit(3)
    if kind == "sleep":
        Path(folder, f"{os.getpid()}.working").touch()
        try:
            time.sleep(600)
        finally:
            Path(folder, f"{os.getpid()}.tidied").touch()
    if kind == "tidy slowly":
        mine = Path(tempfile.gettempdir(), "mine")
        mine.touch()
        Path(folder, f"{os.getpid()}.working").touch()
        try:
            time.sleep(600)
        finally:
            while len(pids(Path(folder), "tidied")) < 1:
                time.sleep(0.01)
            time.sleep(1)
            Path(folder, f"{os.getpid()}.{'whole' if mine.exists() else 'robbed'}").touch()
    if kind == "hang":
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
        Path(folder, f"{child.pid}.child").touch()
        Path(folder, f"{os.getpid()}.working").touch()
        # Python's lock is held all the while: no signal handler and no other thread of the worker gets its turn.
        ctypes.PyDLL(None).sleep(600)
    return os.getpid()


def fail() -> None:
    raise OSError(28, "No space left on device")


def refuse_to_travel() -> None:
    class Local(Exception):
        pass

    raise Local("odd")


class Counted:
    """A function that tells how often it has travelled to the process that calls it."""

    arrived = 0

    def __setstate__(self, state: object) -> None:
        Counted.arrived += 1

    def __getstate__(self) -> str:
        return "some"

    def __call__(self, job: int) -> tuple[int, int, int]:
        return os.getpid(), job, Counted.arrived


class Lost:
    """A function that cannot be unpacked where it arrives."""

    def __reduce__(self) -> tuple[object, ...]:
        return lose, ()

    def __call__(self, job: int) -> None:
        raise AssertionError("never")


def lose() -> None:
    raise ImportError("no such module here")


def warm_up(folder: str) -> None:
    Path(folder, f"{os.getpid()}.warm").touch()
    if Path(folder, "cold").exists():
        raise ValueError("it will not light")


def environment(name: str) -> str | None:
    return os.environ.get(name)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return "zombie" not in Path(f"/proc/{pid}/status").read_text(encoding="utf-8") if Path("/proc").exists() else True


def wait_for(condition: object, seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def pids(folder: Path, kind: str) -> list[int]:
    return [int(path.stem) for path in folder.glob(f"*.{kind}")]


@pytest.fixture(scope="module")
def pair() -> Iterator[Executor]:
    """Two workers that several tests share."""
    with ProcessPool(PRELOAD)(2) as executor:
        yield executor


def test_death_of_a_worker_costs_only_the_job_that_kills(tmp_path: Path) -> None:
    """One job kills its worker each time, one only once: the first has failed, all others are done."""
    with JobRunner(ProcessPool(PRELOAD), 2) as runner:
        jobs = [("work", str(n)) for n in range(4)] + [("die", str(tmp_path)), ("die once", str(tmp_path))]
        outcomes = dict(runner.each(work, jobs))
    assert isinstance(outcomes.pop(("die", str(tmp_path))), ReportError)
    assert len(outcomes) == 5
    assert all(isinstance(pid, int) and pid != os.getpid() for pid in outcomes.values())


@posix
def test_only_the_job_of_a_killed_worker_knows_of_it(pair: Executor, tmp_path: Path) -> None:
    """The executor goes on: after kill -9 of one worker its job has died, and others are done as before."""
    future = pair.submit(work, ("sleep", str(tmp_path)))
    wait_for(lambda: pids(tmp_path, "working"))
    (pid,) = pids(tmp_path, "working")
    os.kill(pid, signal.SIGKILL)
    with pytest.raises(WorkerDied):
        future.result(120)
    others = {pair.submit(work, ("work", "")).result(120) for _ in range(4)}
    assert pid not in others


@posix
def test_idle_worker_that_was_killed_is_replaced(pair: Executor) -> None:
    """Workers killed between two jobs are noticed at the latest with the next jobs, and then replaced."""
    for pid in {pair.submit(work, ("work", "")).result(120) for _ in range(4)}:
        os.kill(pid, signal.SIGKILL)
    with JobRunner(lambda _workers, **_: _kept(pair), 2) as runner:
        outcomes = [outcome for _, outcome in runner.each(work, [("work", str(n)) for n in range(6)])]
    assert all(isinstance(outcome, int) for outcome in outcomes)


class _kept:  # noqa: N801 - a context manager
    def __init__(self, executor: Executor) -> None:
        self.executor = executor

    def __enter__(self) -> Executor:
        return self.executor

    def __exit__(self, *_: object) -> None:
        pass


@posix
def test_job_that_hangs_is_killed_with_all_that_it_started(tmp_path: Path) -> None:
    """A hang in native code ends with the time limit, as a sentence, and so does a child process; other jobs go on."""
    with JobRunner(ProcessPool(PRELOAD), 1, limit=2) as runner:
        outcomes = dict(runner.each(work, [("hang", str(tmp_path)), ("work", "")]))
    assert str(outcomes["hang", str(tmp_path)]) == "it took longer than 2 s"
    assert isinstance(outcomes["work", ""], int)
    wait_for(lambda: not any(map(alive, pids(tmp_path, "child") + pids(tmp_path, "working"))))


def test_errors_come_back_as_they_were(pair: Executor) -> None:
    """An exception of the job is its outcome; one that cannot travel is told in words."""
    with pytest.raises(OSError, match="No space left"):
        pair.submit(fail).result(120)
    with pytest.raises(RuntimeError, match="Local: odd"):
        pair.submit(refuse_to_travel).result(120)


def test_what_jobs_share_travels_once(pair: Executor) -> None:
    """The function goes to each worker a single time, the jobs each time."""
    counted = Counted()
    outcomes = [future.result(120) for future in [pair.submit(counted, job) for job in range(12)]]
    assert [job for _, job, _ in outcomes] == list(range(12))
    assert {arrived for _, _, arrived in outcomes} == {1}


def test_work_that_gets_lost_on_the_way_fails_its_jobs_only(pair: Executor) -> None:
    """Where a worker can't load what it is to do, each job says so, and the worker goes on."""
    lost = Lost()
    for _ in range(4):
        with pytest.raises(ImportError, match="no such module here"):
            pair.submit(lost, 1).result(120)
    assert pair.submit(work, ("work", "")).result(120) > 0


@pytest.mark.parametrize("cold", [False, True])
def test_every_worker_is_warmed_before_its_first_job(tmp_path: Path, cold: bool) -> None:
    """What warms a worker is done once in each; where that fails, the worker works all the same."""
    if cold:
        (tmp_path / "cold").touch()
    with ProcessPool(PRELOAD)(2, warm_up=partial(warm_up, str(tmp_path))) as executor:
        workers = {future.result(120) for future in [executor.submit(work, ("work", "")) for _ in range(8)]}
        wait_for(lambda: len(pids(tmp_path, "warm")) == 2)
    assert workers <= set(pids(tmp_path, "warm"))


def test_workers_have_the_environment_of_now(monkeypatch: pytest.MonkeyPatch, pair: Executor) -> None:
    """A variable set after the first pool was opened reaches the workers of the next."""
    pair.submit(work, ("work", "")).result(120)
    monkeypatch.setenv("CITYGROW_TEST", "now")
    with ProcessPool(PRELOAD)(1) as executor:
        assert executor.submit(environment, "CITYGROW_TEST").result(120) == "now"


IN_A_STRANGERS_FOLDER = """
import multiprocessing, os, sys

from citygrow_nb.executors import ProcessPool, process_pool

if __name__ == "__main__":
    if sys.argv[1] == "spawn":
        process_pool._context = lambda preload: multiprocessing.get_context("spawn")
    pool = ProcessPool("citygrow_nb.executors")
    pool.prepare()
    with pool(1) as executor:
        print(executor.submit(os.getenv, "PYTHONSAFEPATH").result())
"""


@pytest.mark.parametrize("method", ["usual", "spawn"])
def test_workers_import_nothing_from_the_current_folder(tmp_path: Path, method: str) -> None:
    """Nor does what multiprocessing starts beside them; kernels, which a worker starts, keep their environment."""
    folder = tmp_path / "of a city"
    folder.mkdir()
    tripwires.lay(folder)
    script = tmp_path / "command"
    script.write_text(IN_A_STRANGERS_FOLDER, encoding="utf-8")
    found = subprocess.run([sys.executable, script, method], cwd=folder, capture_output=True, text=True)
    assert tripwires.sprung(folder) == []
    assert found.stdout == "None\n", found.stderr


@posix
def test_workers_tidy_up_when_the_run_is_interrupted(tmp_path: Path) -> None:
    """An interrupted pool stops at once: its workers finish their clean-up blocks and are gone."""

    def interrupt() -> None:
        with ProcessPool(PRELOAD)(2) as executor:
            for _ in range(4):
                executor.submit(work, ("sleep", str(tmp_path)))
            wait_for(lambda: len(pids(tmp_path, "working")) == 2)
            raise KeyboardInterrupt

    before = set(threading.enumerate())
    begun = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        interrupt()
    assert time.monotonic() - begun < 30
    assert sorted(pids(tmp_path, "tidied")) == sorted(pids(tmp_path, "working"))
    assert not any(map(alive, pids(tmp_path, "working")))
    assert set(threading.enumerate()) <= before


@posix
def test_workers_do_not_outlive_a_killed_run(tmp_path: Path) -> None:
    """After kill -9 of the run its workers tidy up and end by themselves."""
    kill_a_run_with(["sleep", "sleep"], tmp_path)
    assert len(pids(tmp_path, "tidied")) == 2


@posix
def test_worker_of_a_killed_run_takes_nothing_from_another(tmp_path: Path) -> None:
    """One that ends leaves alone what another is still at, or that one would make a page of what is left."""
    kill_a_run_with(["sleep", "tidy slowly"], tmp_path)
    assert len(pids(tmp_path, "tidied")) == len(pids(tmp_path, "whole")) == 1


def kill_a_run_with(kinds: list[str], folder: Path) -> None:
    """Start a run with some jobs, kill it once all are at work, and wait until its workers have gone."""
    script = (
        "import sys\n"
        "from citygrow_nb.executors import ProcessPool\n"
        "from tests.executors.test_executors_process_pool import work\n"
        "if __name__ == '__main__':\n"
        "    with ProcessPool()(len(sys.argv) - 2) as executor:\n"
        "        for kind in sys.argv[2:]: executor.submit(work, (kind, sys.argv[1]))\n"
    )
    (folder / "main.py").write_text(script, encoding="utf-8")
    root = Path(__file__).parents[2]
    process = subprocess.Popen(
        [sys.executable, str(folder / "main.py"), str(folder), *kinds],
        env=os.environ | {"PYTHONPATH": str(root)},
        stderr=subprocess.DEVNULL,
    )
    wait_for(lambda: len(pids(folder, "working")) == len(kinds))
    process.send_signal(signal.SIGKILL)
    process.wait()
    workers = pids(folder, "working")
    wait_for(lambda: not any(map(alive, workers)))


def end_without_parent() -> None:
    """Wait until whoever started this process is gone, and find nothing to go on with."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    raise EOFError


class Unfinished:
    """What a worker is to begin with, but does not get to the end of."""

    def __reduce__(self) -> tuple[Any, tuple[()]]:
        return end_without_parent, ()


@posix
def test_worker_of_a_killed_run_removes_nothing_of_others(tmp_path: Path) -> None:
    """One that has no folder of its own yet leaves that alone in which everybody's temporary files are."""
    script = (
        "import multiprocessing, os, pickle, sys, tempfile, time\n"
        "from citygrow_nb.executors.worker_process import serve_jobs\n"
        "from tests.executors.test_executors_process_pool import Unfinished\n"
        "if __name__ == '__main__':\n"
        "    assert tempfile.gettempdir() == sys.argv[1]\n"
        "    context = multiprocessing.get_context('fork')\n"
        "    ours, theirs = context.Pipe()\n"
        "    worker = context.Process(target=serve_jobs, args=(theirs, pickle.dumps(Unfinished()), dict(os.environ)))\n"
        "    worker.start()\n"
        "    print(worker.pid, flush=True)\n"
        "    time.sleep(600)\n"
    )
    everybodys = tmp_path / "everybodys"
    everybodys.mkdir()
    (everybodys / "somebodys").touch()
    variables = {"PYTHONPATH": str(Path(__file__).parents[2]), "TMPDIR": str(everybodys)}
    command = [sys.executable, "-c", script, str(everybodys)]
    process = subprocess.Popen(command, env=os.environ | variables, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    worker = int(process.stdout.readline())
    process.kill()
    process.communicate()
    wait_for(lambda: not alive(worker))
    assert [path.name for path in everybodys.iterdir()] == ["somebodys"]


def test_cores_are_counted() -> None:
    """There is always at least one."""
    assert cores() >= 1
