"""Real worker processes: they die and are replaced, stop when told, and do not outlive whoever started them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from citygrow_nb.batch.pools import cores, local_pool, stoppable
from citygrow_nb.batch.scheduling import Crew
from citygrow_nb.exceptions import ReportError


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
    return os.getpid()


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def wait_for(condition: object, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def test_death_of_a_worker_costs_only_the_job_that_kills() -> None:
    """One job kills its worker each time, one only once: the first has failed, all others are done."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder, Crew(local_pool, 2) as crew:
        jobs = [("work", str(n)) for n in range(4)] + [("die", folder), ("die once", folder)]
        outcomes = dict(crew.each(work, jobs))
    assert isinstance(outcomes.pop(("die", folder)), ReportError)
    assert len(outcomes) == 5
    assert all(isinstance(pid, int) and pid != os.getpid() for pid in outcomes.values())


@pytest.mark.skipif(sys.platform == "win32", reason="Windows ends processes without asking them")
def test_workers_tidy_up_when_the_run_is_interrupted(tmp_path: Path) -> None:
    """An interrupted pool stops at once: its workers finish their clean-up blocks and are gone."""

    def interrupt() -> None:
        with local_pool(2) as executor:
            for _ in range(2):
                executor.submit(stoppable, work, ("sleep", str(tmp_path)))
            wait_for(lambda: len(list(tmp_path.glob("*.working"))) == 2)
            raise KeyboardInterrupt

    begun = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        interrupt()
    assert time.monotonic() - begun < 30
    assert {path.stem for path in tmp_path.glob("*.tidied")} == {path.stem for path in tmp_path.glob("*.working")}
    assert not any(alive(int(path.stem)) for path in tmp_path.glob("*.working"))


@pytest.mark.skipif(sys.platform == "win32", reason="there is no kill -9")
def test_workers_do_not_outlive_a_killed_run(tmp_path: Path) -> None:
    """After kill -9 of the run its workers tidy up and end by themselves."""
    script = (
        "import sys\n"
        "from citygrow_nb.batch.pools import local_pool, stoppable\n"
        "from tests.batch.test_batch_pools import work\n"
        "if __name__ == '__main__':\n"
        "    with local_pool(2) as executor:\n"
        "        for _ in range(2): executor.submit(stoppable, work, ('sleep', sys.argv[1]))\n"
    )
    (tmp_path / "main.py").write_text(script, encoding="utf-8")
    root = Path(__file__).parents[2]
    process = subprocess.Popen(
        [sys.executable, str(tmp_path / "main.py"), str(tmp_path)],
        env=os.environ | {"PYTHONPATH": str(root)},
        stderr=subprocess.DEVNULL,
    )
    wait_for(lambda: len(list(tmp_path.glob("*.working"))) == 2)
    process.send_signal(signal.SIGKILL)
    process.wait()
    workers = [int(path.stem) for path in tmp_path.glob("*.working")]
    wait_for(lambda: not any(map(alive, workers)))
    assert len(list(tmp_path.glob("*.tidied"))) == 2


def test_cores_are_counted() -> None:
    """There is always at least one."""
    assert cores() >= 1
