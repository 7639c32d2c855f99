"""The wheels of a site: ours, what replaces what has none, and what a fault in fetching says."""

from __future__ import annotations

import subprocess
import zipfile
from pathlib import Path
from typing import Any

import pytest

from citygrow_nb import benchmarks
from citygrow_nb.exceptions import SiteError, UsageError
from citygrow_nb.model import Benchmark
from citygrow_nb.site import wheels
from citygrow_nb.site.wheels import Wheel


@pytest.fixture
def fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let pip be somebody who brings one small wheel."""

    def run(command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        folder = Path(command[command.index("--dest") + 1])
        locales = {f"babel/locale-data/{name}.dat": b"x" for name in ("root", "en", "pl", "zu", "pl_PL")}
        wheels._write(folder, "babel", "2", {"babel/core.py": b"", **locales})
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(wheels.subprocess, "run", run)


@pytest.mark.usefixtures("fetched")
def test_our_wheel_holds_the_package_and_the_toolkits_and_nothing_else(benchmark: Benchmark, tmp_path: Path) -> None:
    """Code, templates and scripts are in it, and the chosen benchmarks, compiled; no cache, no example."""
    found = {each.name: each for each in wheels.gather(tmp_path, [benchmark])}
    assert set(found) == {"babel", "markupsafe", "jedi", "citygrow-nb"}
    with zipfile.ZipFile(found["citygrow-nb"].path) as archive:
        names = archive.namelist()
        data = [name for name in names if name.startswith("citygrow_nb/data/")]
        assert data == [f"citygrow_nb/data/benchmark/{benchmark.id}.json"]
        assert archive.read(data[0]) == benchmarks.dump(benchmark)
    assert {"citygrow_nb/site/browser.py", "citygrow_nb/answers/browser_storage.js"} <= set(names)
    assert not [name for name in names if "__pycache__" in name or "node_modules" in name]


@pytest.mark.usefixtures("fetched")
def test_what_nothing_asks_for_is_left_out(benchmark: Benchmark, tmp_path: Path) -> None:
    """Babel keeps the languages in which countries are understood; MarkupSafe goes without its compiled part."""
    found = {each.name: each for each in wheels.gather(tmp_path, [benchmark])}
    with zipfile.ZipFile(found["babel"].path) as archive:
        kept = {Path(name).stem for name in archive.namelist() if "locale-data" in name}
    assert kept == {"root", "en", "pl"}
    with zipfile.ZipFile(found["markupsafe"].path) as archive:
        assert {"markupsafe/__init__.py", "markupsafe/_native.py"} <= set(archive.namelist())
        assert not [name for name in archive.namelist() if "_speedups.c" in name]


@pytest.mark.usefixtures("fetched")
def test_equal_wheels_have_equal_bytes(benchmark: Benchmark, tmp_path: Path) -> None:
    """Whoever puts a site under version control sees what has changed, and nothing else."""
    made = []
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        made.append([each.path.read_bytes() for each in wheels.gather(tmp_path / name, [benchmark])])
    assert made[0] == made[1]


def test_wheel_says_what_can_be_imported(tmp_path: Path) -> None:
    """Names are normalised, as the kernel asks for them."""
    wheels._write(tmp_path, "Some_Name", "1.0", {"one/__init__.py": b"", "two.py": b""})
    (path,) = tmp_path.glob("*.whl")
    assert Wheel.at(path) == Wheel(path, "some-name", "1.0", ("one", "two"))


@pytest.mark.parametrize(
    ("said", "kind", "sentence"),
    [
        ("/usr/bin/python: No module named pip", UsageError, "there is no pip here"),
        ("WARNING: x\nERROR: No matching distribution found for a==1", SiteError, "No matching distribution"),
        ("", SiteError, "no reason was given"),
    ],
)
def test_what_cannot_be_fetched_is_said(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, said: str, kind: type[Exception], sentence: str
) -> None:
    """One sentence, with the reason that pip gave."""
    monkeypatch.setattr(wheels.subprocess, "run", lambda *_, **__: subprocess.CompletedProcess([], 1, "", said))
    with pytest.raises(kind, match=sentence):
        wheels.gather(tmp_path, [])


def test_lock_has_hashes_names_no_host_and_fits_the_others() -> None:
    """What a browser loads is fixed to the same versions as everything else."""
    root = Path(__file__).parents[2]
    lines = wheels.LOCK.read_text("utf-8").splitlines()
    pinned = {line.split(" ")[0] for line in lines if "==" in line}
    others = {line.split(" ")[0] for line in (root / "requirements-dev.lock").read_text("utf-8").splitlines()}
    new = {name.split("==")[0] for name in pinned - others}
    assert new <= {"micropip", "pure-eval", "tzdata"}
    assert sum("--hash=sha256:" in line for line in lines) >= len(pinned)
    assert "://" not in "\n".join(lines)
