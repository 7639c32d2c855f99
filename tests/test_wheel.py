"""The wheel, as a stranger gets it: built from a copy, installed elsewhere, used without this repository."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
DATA = ("benchmark", "workbooks", "examples")

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the project's files."""
    copy = tmp_path_factory.mktemp("source") / "citygrow"
    ours = {".git", ".venv", "answers", "outputs", "dist", "build"}
    caches = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints", ".*_cache", ".hypothesis")

    def ignored(folder: str, names: list[str]) -> set[str]:
        return set(caches(folder, names)) | (ours & set(names) if Path(folder) == ROOT else set())

    shutil.copytree(ROOT, copy, ignore=ignored)
    return copy


@pytest.fixture(scope="module")
def wheel(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the wheel, built as a release is: first the sdist, from it the wheel."""
    return build(source, tmp_path_factory.mktemp("dist"))


def build(source: Path, out: Path, *options: str) -> Path:
    run(sys.executable, "-m", "build", "--no-isolation", *options, "--outdir", out, source, cwd=out)
    (path,) = out.glob("*.whl")
    return path


def run(*command: str | Path, cwd: Path, **variables: str) -> str:
    """Run a command that must succeed, away from this repository; return what it printed."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "COV_", "CITYGROW_"))}
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=kept | {"PYTHONUTF8": "1"} | variables,
        capture_output=True,
        encoding="utf-8",
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def contents(wheel: Path) -> dict[str, int]:
    with zipfile.ZipFile(wheel) as archive:
        return {entry.filename: entry.CRC for entry in archive.infolist()}


def test_sdist_and_checkout_build_the_same_wheel(source: Path, wheel: Path, tmp_path: Path) -> None:
    """Nothing is lost on the way through the source distribution."""
    assert contents(wheel) == contents(build(source, tmp_path, "--wheel"))


def test_wheel_carries_benchmark_workbooks_and_examples(source: Path, wheel: Path) -> None:
    """Every data file of the repository travels inside the package, and answers never do."""
    names = set(contents(wheel))
    for folder in DATA:
        files = {path.relative_to(source).as_posix() for path in (source / folder).rglob("*") if path.is_file()}
        assert files
        assert {f"citygrow_nb/data/{name}" for name in files} <= names
    tops = {name.split("/")[0] for name in names if ".dist-info/" not in name}
    assert {top for top in tops if not top.endswith(".data")} == {"citygrow_nb"}
    assert {name.split("/")[2] for name in names if name.startswith("citygrow_nb/data/")} == set(DATA)


class Installed:
    """A new environment that holds the wheel and the locked packages, and knows nothing of this repository."""

    def __init__(self, folder: Path, wheel: Path) -> None:
        self.folder = folder
        self.variables: dict[str, str] = {}
        venv.create(folder, with_pip=False)
        binaries = folder / ("Scripts" if os.name == "nt" else "bin")
        self.python = binaries / ("python.exe" if os.name == "nt" else "python")
        self.citygrow = binaries / ("citygrow.exe" if os.name == "nt" else "citygrow")
        if os.environ.get("CITYGROW_WHEEL_FROM_NETWORK"):
            self.pip("install", "--require-hashes", "-r", ROOT / "requirements.lock")
        self.pip("install", "--no-deps", "--no-index", wheel)
        if not os.environ.get("CITYGROW_WHEEL_FROM_NETWORK"):
            self.borrow()

    def pip(self, *arguments: str | Path) -> None:
        run(sys.executable, "-m", "pip", "--python", self.python, "--quiet", *arguments, cwd=self.folder)

    def borrow(self) -> None:
        """Lend the test environment's packages, which are the locked ones; installing them anew takes a minute.

        A line in a .pth file adds the folder, but does not read the .pth files inside it. So the editable install
        of this repository, which is such a file, stays out of sight.
        """
        ask = "import sysconfig; print(sysconfig.get_path('purelib'))"
        own = Path(run(self.python, "-c", ask, cwd=self.folder).strip())
        lent = dict.fromkeys((sysconfig.get_path("purelib"), sysconfig.get_path("platlib")))
        (own / "lent.pth").write_text("\n".join(lent), encoding="utf-8")
        # nbconvert's templates stand outside site-packages.
        self.variables["JUPYTER_PATH"] = str(Path(sys.prefix) / "share" / "jupyter")

    def run(self, *command: str | Path, cwd: Path) -> str:
        return run(*command, cwd=cwd, **self.variables)


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """Return the environment with the wheel.

    With CITYGROW_WHEEL_FROM_NETWORK=1 all packages come from the network by requirements.lock.
    """
    return Installed(tmp_path_factory.mktemp("installed") / "venv", wheel)


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_wheel_puts_the_guide_where_jupyter_looks_for_it(installed: Installed, tmp_path: Path) -> None:
    """After `pip install` it is there as in the repository, JupyterLab finds it, and nothing else is put there."""
    share = installed.folder / "share" / "jupyter" / "labextensions"
    assert [path.name for path in share.iterdir()] == ["citygrow-guide"]
    assert files(share) == files(ROOT / "citygrow_nb" / "labextensions")
    ask = "import sys; from jupyterlab_server import config; print(*config.get_federated_extensions(sys.argv[1:]))"
    assert installed.run(installed.python, "-c", ask, share, cwd=tmp_path).split() == ["citygrow-guide"]


def test_wheel_works_in_an_empty_environment(installed: Installed, tmp_path: Path) -> None:
    """From the wheel alone, `citygrow init` makes a workspace and `citygrow batch` makes a city's report in it."""
    ask = "import citygrow_nb, json, sys; print(json.dumps([citygrow_nb.__file__, sys.path]))"
    module, search = json.loads(installed.run(installed.python, "-c", ask, cwd=tmp_path))
    package = Path(module).parent
    assert package.is_relative_to(installed.folder)
    assert str(ROOT) not in search

    workspace = tmp_path / "workspace"
    installed.run(installed.citygrow, "init", workspace, cwd=tmp_path)
    assert (workspace / "answers").is_dir()
    assert sorted(path.name[:2] for path in workspace.glob("workbooks/*/*.ipynb")) == [f"{n:02}" for n in range(15)]

    example = package / "data" / "examples" / "port-imaginary.json"
    document = json.loads(example.read_text(encoding="utf-8"))
    installed.run(installed.citygrow, "batch", example, "--out", workspace / "outputs", cwd=workspace)
    report = workspace / "outputs" / document["benchmark"]["id"] / document["city"]["slug"] / document["round"]
    assert (workspace / "outputs" / "index.html").is_file()
    assert (workspace / "outputs" / "run.json").is_file()
    assert (report / "index.html").is_file()
    assert (report / "results.json").is_file()
    assert len(list(report.glob("[0-9][0-9]-*.html"))) >= 11
