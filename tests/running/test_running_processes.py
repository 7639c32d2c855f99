"""Real worker processes: they die and are replaced, stop when told, and do not outlive whoever started them."""

from __future__ import annotations

import ctypes
import os
import pickle
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from citygrow_nb.batch.workers import PRELOAD
from citygrow_nb.exceptions import ReportError
from citygrow_nb.running import ending, processes, worker
from citygrow_nb.running.processes import Processes, cores
from tests import tripwires

posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")

Job = tuple[str, str]


def work(job: Job) -> Any:
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
    if kind == "fail":
        raise OSError(28, "No space left on device")
    if kind == "odd":
        raise type("Local", (Exception,), {})("odd")
    if kind == "large":
        return b"x" * 50_000_000
    if kind == "exit":
        sys.exit("enough")
    if kind == "unreadable":
        return Unreadable()
    if kind == "print":
        print("out", flush=True)
        os.write(2, b"err\n")
    if kind == "pause":
        time.sleep(0.2)
    if kind == "lock":
        return threading.Lock()
    if kind == "environment":
        return os.environ.get(folder)
    return os.getpid()


class Counted:
    """A function that tells how often it has travelled to the process that calls it."""

    arrived = 0

    def __setstate__(self, state: object) -> None:
        Counted.arrived += 1

    def __getstate__(self) -> str:
        return "some"

    def __call__(self, job: int) -> tuple[int, int]:
        return os.getpid(), Counted.arrived


class Lost:
    """A function that cannot be unpacked where it arrives."""

    def __reduce__(self) -> tuple[object, ...]:
        return lose, ()

    def __call__(self, job: int) -> None:
        raise AssertionError("never")


class Unreadable:
    """A result that travels, but does not arrive."""

    def __reduce__(self) -> tuple[object, ...]:
        return lose, ()


class Slow(Lost):
    """A function that does not arrive in time."""

    def __reduce__(self) -> tuple[object, ...]:
        return time.sleep, (600,)


def lose() -> None:
    raise ImportError("no such module here")


def alive(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def wait_for(condition: Any, seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def pids(folder: Path, kind: str) -> list[int]:
    return [int(path.stem) for path in folder.glob(f"*.{kind}")]


@pytest.fixture(scope="module")
def pair() -> Iterator[Processes]:
    """Two workers that several tests share."""
    with Processes(work, 2, preload=PRELOAD) as workers:
        yield workers


def all_of(workers: Processes, *jobs: Job) -> dict[Job, Any]:
    return dict(workers.each(jobs))


def one(workers: Processes, kind: str, what: str = "") -> Any:
    return all_of(workers, (kind, what))[kind, what]


def test_death_of_a_worker_costs_only_the_job_that_kills(pair: Processes, tmp_path: Path) -> None:
    """One job kills its worker each time, one only once: the first has failed, all others are done."""
    jobs = [("work", str(n)) for n in range(4)] + [("die", str(tmp_path)), ("die once", str(tmp_path))]
    outcomes = all_of(pair, *jobs)
    assert str(outcomes.pop(("die", str(tmp_path)))).startswith("the process that made it died twice")
    assert len(outcomes) == 5
    assert all(isinstance(pid, int) and pid != os.getpid() for pid in outcomes.values())


@posix
def test_worker_that_was_killed_is_replaced(pair: Processes, tmp_path: Path) -> None:
    """One killed at its job: another does it. One killed between two jobs: nobody is to blame."""

    def jobs() -> Iterator[Job]:
        yield "die once", str(tmp_path)
        yield "work", "a"

    first = dict(pair.each(jobs()))
    assert all(isinstance(pid, int) for pid in first.values())
    for pid in first.values():
        os.kill(pid, signal.SIGKILL)
    wait_for(lambda: not any(map(alive, first.values())))
    second = all_of(pair, *[("work", str(n)) for n in range(6)])
    assert all(isinstance(pid, int) for pid in second.values())
    assert not set(second.values()) & set(first.values())


@posix
def test_job_that_hangs_is_killed_with_all_that_it_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A hang in native code ends with the time limit, as a sentence, and so does a child process; other jobs go on."""
    monkeypatch.setattr(worker, "GRACE", 1.0)
    with Processes(work, 1, limit=2, preload=PRELOAD) as workers:
        outcomes = all_of(workers, ("hang", str(tmp_path)), ("work", ""))
    assert isinstance(outcomes["hang", str(tmp_path)], ReportError)
    assert str(outcomes["hang", str(tmp_path)]) == "it took longer than 2 s"
    assert isinstance(outcomes["work", ""], int)
    wait_for(lambda: not any(map(alive, pids(tmp_path, "child") + pids(tmp_path, "working"))))


def test_outcomes_come_back_as_they_were(pair: Processes) -> None:
    """An exception of the job is its outcome; what cannot travel is told in words; size does not matter."""
    failed = one(pair, "fail")
    assert isinstance(failed, OSError)
    assert failed.strerror == "No space left on device"
    assert str(one(pair, "odd")) == "Local: odd"
    assert "cannot pickle" in str(one(pair, "lock"))
    assert isinstance(one(pair, "exit"), RuntimeError)
    assert str(one(pair, "unreadable")) == "its outcome cannot be read: ImportError: no such module here"
    assert len(one(pair, "large")) == 50_000_000


def test_job_that_prints_does_not_get_in_the_way(pair: Processes) -> None:
    """What goes to the terminal is no outcome."""
    assert isinstance(one(pair, "print"), int)


def test_job_that_cannot_travel_has_failed_and_others_are_done(pair: Processes) -> None:
    """It is the only one that knows of it."""
    outcomes = [outcome for _, outcome in pair.each([("work", "a"), threading.Lock(), ("work", "b")])]
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["TypeError", "int", "int"]


def test_job_that_ends_while_nobody_looks_has_ended_in_time() -> None:
    """Whoever asks may take long over the outcomes before; a job is not to blame for that."""
    with Processes(work, 2, limit=2, preload=PRELOAD) as workers:
        list(workers.each([("pause", "a"), ("pause", "b")]))
        outcomes = []
        for _, outcome in workers.each([("work", ""), ("pause", "")]):
            outcomes.append(outcome)
            time.sleep(3)
    assert all(isinstance(outcome, int) for outcome in outcomes)


def test_jobs_that_nobody_waits_for_any_more_are_stopped(tmp_path: Path) -> None:
    """The next ones get none of their outcomes."""
    with Processes(work, 2, preload=PRELOAD) as workers:
        outcomes = workers.each([("sleep", str(tmp_path)), ("work", "")])
        assert next(outcomes)[0] == ("work", "")
        outcomes.close()  # type: ignore[attr-defined]
        assert not any(map(alive, pids(tmp_path, "working")))
        assert list(all_of(workers, ("work", "next"))) == [("work", "next")]


def test_jobs_can_be_abandoned_from_another_thread(tmp_path: Path) -> None:
    """As a worker of a cluster does when its run is over."""
    workers = Processes(work, 1, preload=PRELOAD)

    def abandon() -> None:
        wait_for(lambda: pids(tmp_path, "working"))
        workers.abandon()

    watch = threading.Thread(target=abandon)
    watch.start()
    with pytest.raises(processes.Abandoned), workers:
        list(workers.each([("sleep", str(tmp_path))]))
    watch.join()
    assert not any(map(alive, pids(tmp_path, "working")))


@posix
def test_lost_fork_server_costs_time_only(tmp_path: Path) -> None:
    """What it forked counts as gone with it, is ended, and another does its jobs."""
    with Processes(work, 1, preload=PRELOAD) as workers:
        first = one(workers, "work")
        server = psutil.Process(first).parent()
        if server is None or server.pid == os.getpid():
            pytest.skip("there is none on this system")
        server.kill()
        wait_for(lambda: not alive(server.pid))
        second = one(workers, "work")
    assert isinstance(second, int)
    assert second != first
    assert not alive(first)


@posix
def test_what_has_the_number_of_one_that_ended_is_left_alone() -> None:
    """Numbers of processes are given again."""
    bystander = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
    tree = ending.Tree(bystander.pid)
    assert tree._root is not None
    tree._root._ident = (bystander.pid, 0.0)  # as if it had been another process, begun long ago
    tree.kill()
    assert bystander.poll() is None
    ending.Tree(bystander.pid).kill()
    assert bystander.wait() == -signal.SIGKILL


def test_what_jobs_share_travels_once_to_each_worker() -> None:
    """And a worker is replaced after so many jobs, whatever was left in it going with it."""
    with Processes(Counted(), 1, preload=PRELOAD, most=3) as workers:
        outcomes = [outcome for _, outcome in workers.each(range(7))]
    assert {arrived for _, arrived in outcomes} == {1}
    made = [pid for pid, _ in outcomes]
    assert [len(set(part)) for part in (made[:3], made[3:6], made)] == [1, 1, 3]


def test_work_that_gets_lost_on_the_way_fails_its_jobs_only() -> None:
    """Where a worker can't load what it is to do, each job says so."""
    with Processes(Lost(), 1, preload=PRELOAD) as workers:
        assert [str(outcome) for _, outcome in workers.each(range(3))] == ["no such module here"] * 3


def test_worker_that_does_not_get_going_is_no_fault_of_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """It counts as one that died, and a job has two."""
    monkeypatch.setattr(processes, "START", 0.1)
    monkeypatch.setattr(worker, "GRACE", 0.1)
    with Processes(Slow(), 1, preload=PRELOAD) as workers:
        assert str(one(workers, "work")).startswith("the process that made it died twice")


def test_jobs_are_asked_for_as_workers_become_free() -> None:
    """So a run over many cities holds no more of them than there are workers."""
    asked = []

    def jobs() -> Iterator[Job]:
        for number in range(20):
            asked.append(number)
            yield "work", str(number)

    with Processes(work, 2, preload=PRELOAD) as workers:
        for done, _ in enumerate(workers.each(jobs()), 1):
            assert len(asked) <= done + 2
    assert len(asked) == 20


def test_workers_go_home_and_new_ones_come(pair: Processes) -> None:
    """After that they hold nothing of before."""
    before = {one(pair, "work") for _ in range(3)}
    pair.let_go()
    assert not any(map(alive, before))
    assert one(pair, "work") not in before


def test_workers_have_the_environment_of_now(monkeypatch: pytest.MonkeyPatch, pair: Processes) -> None:
    """A variable set after the first workers were started reaches the next."""
    one(pair, "work")
    monkeypatch.setenv("CITYGROW_TEST", "now")
    with Processes(work, 1, preload=PRELOAD) as workers:
        assert one(workers, "environment", "CITYGROW_TEST") == "now"


IN_A_STRANGERS_FOLDER = """
import multiprocessing, os, sys

from citygrow_nb.running import processes, worker

if __name__ == "__main__":
    if sys.argv[1] == "spawn":
        worker._context = lambda preload: multiprocessing.get_context("spawn")
    processes.prepare("citygrow_nb.running.workers")
    with processes.Processes(os.getenv, 1, preload="citygrow_nb.running.workers") as workers:
        print(*workers.each(["PYTHONSAFEPATH"]))
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
    assert found.stdout == "('PYTHONSAFEPATH', None)\n", found.stderr


@posix
def test_workers_tidy_up_when_the_run_is_interrupted(tmp_path: Path) -> None:
    """They stop at once, finish their clean-up blocks and are gone."""

    def interrupt() -> None:
        wait_for(lambda: len(pids(tmp_path, "working")) == 2)
        signal.raise_signal(signal.SIGINT)

    watch = threading.Thread(target=interrupt)
    watch.start()
    with pytest.raises(KeyboardInterrupt), Processes(work, 3, preload=PRELOAD) as workers:
        list(workers.each([("sleep", str(tmp_path)), ("sleep", f"{tmp_path}/.")]))
    watch.join()
    assert sorted(pids(tmp_path, "tidied")) == sorted(pids(tmp_path, "working"))
    assert not any(map(alive, pids(tmp_path, "working")))


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
        "from citygrow_nb.running.processes import Processes\n"
        "from tests.running.test_running_processes import work\n"
        "if __name__ == '__main__':\n"
        "    with Processes(work, len(sys.argv) - 2) as workers:\n"
        "        list(workers.each([(kind, sys.argv[1]) for kind in sys.argv[2:]]))\n"
    )
    (folder / "main.py").write_text(script, encoding="utf-8")
    root = Path(__file__).parents[2]
    temporary = tempfile.mkdtemp(prefix="killed-")
    process = subprocess.Popen(
        [sys.executable, str(folder / "main.py"), str(folder), *kinds],
        env=os.environ | {"PYTHONPATH": str(root), "TMPDIR": temporary},
        stderr=subprocess.DEVNULL,
    )
    wait_for(lambda: len(pids(folder, "working")) == len(kinds))
    process.send_signal(signal.SIGKILL)
    process.wait()
    workers = pids(folder, "working")
    wait_for(lambda: not any(map(alive, workers)))


@posix
def test_worker_of_a_killed_run_removes_nothing_of_others(tmp_path: Path) -> None:
    """One that ends removes its own folder, by name, and never that in which everybody's temporary files are."""
    everybodys = tmp_path / "everybodys"
    everybodys.mkdir()
    (everybodys / "somebodys").touch()
    script = (
        "import multiprocessing, os, sys, tempfile, time\n"
        "from citygrow_nb.running.worker import serve\n"
        "if __name__ == '__main__':\n"
        "    assert tempfile.gettempdir() == sys.argv[1]\n"
        "    context = multiprocessing.get_context('fork')\n"
        "    ours, theirs = context.Pipe()\n"
        "    mine = tempfile.mkdtemp()\n"
        "    worker = context.Process(target=serve, args=(theirs, mine, dict(os.environ)))\n"
        "    worker.start()\n"
        "    print(worker.pid, flush=True)\n"
        "    time.sleep(600)\n"
    )
    variables = {"PYTHONPATH": str(Path(__file__).parents[2]), "TMPDIR": str(everybodys)}
    command = [sys.executable, "-c", script, str(everybodys)]
    process = subprocess.Popen(command, env=os.environ | variables, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    started = int(process.stdout.readline())
    process.kill()
    process.communicate()
    wait_for(lambda: not alive(started))
    assert [path.name for path in everybodys.iterdir()] == ["somebodys"]


def test_what_is_done_travels() -> None:
    """Before anything is started it is packed; what cannot travel is the caller's fault and not a job's."""
    with pytest.raises((AttributeError, pickle.PicklingError)), Processes(lambda job: job, 1) as workers:
        list(workers.each([1]))


def test_cores_are_counted() -> None:
    """There is always at least one."""
    assert cores() >= 1
