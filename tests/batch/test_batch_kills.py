"""Kill -9 of driver and workers, at random moments: afterwards one more run, and all is as if nothing had been."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from citygrow_nb import answers, demo
from citygrow_nb.model import Benchmark
from citygrow_nb.model.run import RunManifest
from citygrow_nb.workspace import Workspace
from tests.proof import WHOLE, seeded, times

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(times(1200, 3600)),
    pytest.mark.skipif(sys.platform == "win32", reason="there is no kill -9"),
]

ROOT = Path(__file__).parents[2]
KILLS = times(10, 50)
CITIES = 6
LONG = 300
SIGNS = {".run.json.lock", ".run.json.writer", ".run.json.writer.lock"}
FAILED_ONCE = (1738779056,)
"""Seeds with which files differed; what caused it, `test_batch_seals` tries without killing anything."""


@pytest.fixture
def temporary() -> Iterator[Path]:
    """Return a temporary folder for processes that will be killed: what they leave lying goes with it.

    Its path is short, because workers have a socket in it.
    """
    with tempfile.TemporaryDirectory(prefix="k-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


def batch(workspace: Workspace, out: Path, temporary: Path) -> subprocess.Popen[bytes]:
    """Start a batch as people do."""
    command = [sys.executable, "-m", "citygrow_nb", "batch", "--out", str(out), "--jobs", "2"]
    variables = {"PYTHONPATH": str(ROOT), "TMPDIR": str(temporary)}
    with out.with_suffix(".log").open("ab") as log:
        return subprocess.Popen(command, cwd=workspace.root, env=os.environ | variables, stdout=log, stderr=log)


def reports(out: Path) -> dict[str, bytes]:
    """Return every file but the record of the run, which tells of times, and the signs of who is writing."""
    found = {path: content(path) for path in out.rglob("*") if path.name not in SIGNS and path != out / "run.json"}
    return {path.relative_to(out).as_posix(): each for path, each in found.items() if each is not None}


def content(path: Path) -> bytes | None:
    """Return what is in a file; None for a folder, and for a file that a worker has just taken away."""
    try:
        return path.read_bytes()
    except (FileNotFoundError, IsADirectoryError):
        return None


def differences(found: dict[str, bytes], expected: dict[str, bytes]) -> list[str]:
    """Say in which files, and from where on, what was found is another than what was expected."""

    def told(name: str) -> str:
        parts = [of.get(name, b"nothing") for of in (found, expected)]
        place = next((at for at, (one, other) in enumerate(zip(*parts, strict=False)) if one != other), 0)
        return f"{name}: {' instead of '.join(str(part[max(0, place - 40) : place + 200]) for part in parts)}"

    return [told(name) for name in sorted({*found, *expected}) if found.get(name) != expected.get(name)]


def half_written(out: Path) -> list[str]:
    """Return pages that stand under their final name and are not whole."""
    pages = {path: content(path) for path in out.rglob("*.html") if not path.name.startswith(".")}
    return [str(path) for path, page in pages.items() if page is not None and not page.rstrip().endswith(b"</html>")]


def ends_within(process: subprocess.Popen[bytes], seconds: float) -> bool:
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return False
    return True


def names(out: Path) -> set[Path]:
    """Return all that stands there, temporary files too."""
    return set(out.rglob("*"))


def ends_before_it_writes(process: subprocess.Popen[bytes], out: Path) -> bool:
    """Wait until a run writes something."""
    before = names(out)
    while names(out) == before:
        if ends_within(process, 0.01):
            return True
    return False


def below(process: subprocess.Popen[bytes]) -> list[psutil.Process]:
    """Return the workers and whatever they have started."""
    try:
        return psutil.Process(process.pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def kill_at_random(process: subprocess.Popen[bytes], chance: random.Random, family: set[psutil.Process]) -> bool:
    """Kill the driver or something below it; return whether it was still there. Note who was in the family."""
    victims = below(process)
    family.update(victims)
    try:
        victim = chance.choice(victims) if victims and chance.random() < 0.5 else psutil.Process(process.pid)
        victim.kill()
    except psutil.NoSuchProcess:
        return False
    return True


@pytest.mark.parametrize("seed", [None, *(FAILED_ONCE if WHOLE else ())])
def test_killed_runs_leave_nothing_behind_that_the_next_does_not_mend(
    workspace: Workspace, tiny: Benchmark, tmp_path: Path, temporary: Path, seed: int | None
) -> None:
    """No half-written page ever stands under its name; after one undisturbed run every byte is as in a single run."""
    chance = seeded(seed)
    documents: dict[Path, bytes] = {}
    for city in demo.cities(tiny, CITIES):
        path = workspace.document(city.benchmark.id, city.city.slug, city.round)
        path.parent.mkdir(parents=True)
        documents[path] = answers.dump(city)
        path.write_bytes(documents[path])
    undisturbed, killed = tmp_path / "undisturbed", tmp_path / "killed"
    assert batch(workspace, undisturbed, temporary).wait(LONG) == 0, undisturbed.with_suffix(".log").read_text(
        encoding="utf-8"
    )
    expected = reports(undisturbed)
    record = RunManifest.model_validate_json((undisturbed / "run.json").read_bytes())
    at_work = sum(city.seconds for city in record.cities) / 2
    kills = 0
    family: set[psutil.Process] = set()
    while kills < KILLS:
        for path, document in documents.items():
            # Sometimes one answers otherwise, and takes it back.
            other = document.replace(b'"level": 2', b'"level": 1') if chance.random() < 1 / CITIES else document
            path.write_bytes(other)
        process = batch(workspace, killed, temporary)
        while not _over(process, killed, chance, at_work):
            kills += kill_at_random(process, chance, family)
            if kills >= KILLS:
                process.kill()
        if chance.random() < 0.5:
            # Workers outlive a killed driver by the blink of an eye. Else the next run begins beside them.
            assert psutil.wait_procs(family, timeout=60)[1] == []
        assert half_written(killed) == []
        if reports(killed) == expected:
            # Nothing left to disturb: some reports lose their seal, and are made anew.
            assert psutil.wait_procs(family, timeout=60)[1] == []
            for seal in chance.sample(sorted(killed.glob("*/*/*/run.json")), CITIES // 2):
                seal.unlink()
    for path, document in documents.items():
        path.write_bytes(document)
    last = batch(workspace, killed, temporary)
    assert last.wait(LONG) == 0, killed.with_suffix(".log").read_text(encoding="utf-8")
    assert psutil.wait_procs(family, timeout=60)[1] == []
    assert differences(reports(killed), expected) == []


def _over(process: subprocess.Popen[bytes], out: Path, chance: random.Random, at_work: float) -> bool:
    """Let some time go by: while a run starts, among the files that it is just writing, or while it is at work."""
    when = chance.choice(["at the start", "while it writes", "while it writes", "at work"])
    if when == "at the start":
        return ends_within(process, chance.uniform(0, at_work))
    if ends_before_it_writes(process, out):
        return True
    return ends_within(process, chance.uniform(0, 0.03 if when == "while it writes" else at_work))
