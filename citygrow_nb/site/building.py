"""Build the site: JupyterLite with workbooks, guide, Pyodide and all wheels, in one folder for any web space."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

from citygrow_nb import authoring, rendering
from citygrow_nb.exceptions import Problem, SiteError, StoreError, UsageError, problem_of
from citygrow_nb.model import Benchmark
from citygrow_nb.site import wheels
from citygrow_nb.site.wheels import Wheel
from citygrow_nb.workspace import INDEX, WORKBOOKS

INSTALL = 'pip install "citygrow-nb[site]"'
LAB = "lab"
"""Folder of the program within a site; by it a site is known."""

START = "start.py"
"""The script that serves the site to the browser of the same computer."""

KERNEL = "@jupyterlite/pyodide-kernel-extension"
SHIPPED = "static/shipped.json"
"""Hashes of the workbooks that the guide may run by itself, within its folder."""

_GUIDE = "citygrow-guide"
_PYODIDE = ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip")
_PYODIDE_LOCK = "pyodide-lock.json"
# By name, so that nothing else that is installed here gets into the site.
_EXTENSIONS = ("anywidget", "@jupyter-widgets/jupyterlab-manager", KERNEL)
_OF_THE_KERNEL = ("ipykernel", "piplite", "pyodide_kernel")
_SETTINGS = Path(__file__).parents[1] / "cli" / "jupyter" / "labconfig" / "default_setting_overrides.json"
_POLICY = (
    "default-src 'self' data: blob:; script-src 'self' 'unsafe-inline' 'unsafe-eval' 'wasm-unsafe-eval' blob: data:; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "form-action 'none'; base-uri 'self'; object-src 'none'"
)
"""Nothing is fetched from elsewhere, whatever a page holds. JupyterLab makes code at run time, and forms are data."""


@dataclass(frozen=True)
class Built:
    """What a site consists of.

    Parameters
    ----------
    folder
        Where it is.
    parts
        Bytes of each part, by its name.
    packages
        The packages of the kernel, each with its version.
    uncompiled
        Why the kernel's modules are not compiled yet; "" if they are.
    """

    folder: Path
    parts: Mapping[str, int]
    packages: Sequence[str]
    uncompiled: str


def require() -> None:
    """Check that sites can be built here.

    Raises
    ------
    UsageError
        If JupyterLite is missing; the sentence says how to install it.
    """
    for name in ("jupyterlite-core", "jupyterlite-pyodide-kernel"):
        try:
            distribution(name)
        except PackageNotFoundError as error:
            raise UsageError(Problem("site", f"{name} is not installed here", todo=f"install it: {INSTALL}")) from error


def checked_pyodide(folder: Path | None) -> Path:
    """Return the folder with Pyodide.

    Parameters
    ----------
    folder
        What was named: the unpacked npm package.

    Raises
    ------
    UsageError
        If it is not there, or of another version; the sentence says how to get it.
    """
    from jupyterlite_pyodide_kernel.constants import PYODIDE_PYTHON_VERSION, PYODIDE_VERSION

    major = PYODIDE_VERSION.partition(".")[0]
    todo = f"get it: npm pack pyodide@{PYODIDE_VERSION}, unpack that file, and name the folder: --pyodide package"
    if folder is None:
        raise UsageError(Problem("site", "the folder with Pyodide, the Python of browsers, was not named", todo=todo))
    missing = [name for name in (*_PYODIDE, _PYODIDE_LOCK) if not (folder / name).is_file()]
    if missing:
        raise UsageError(Problem(str(folder), f"this is not Pyodide: {missing[0]} is missing", todo=todo))
    info = json.loads((folder / _PYODIDE_LOCK).read_text("utf-8"))["info"]
    if not info["python"].startswith(f"{PYODIDE_PYTHON_VERSION}."):
        found = f"this Pyodide runs Python {info['python']}"
        raise UsageError(Problem(str(folder), found, f"Pyodide {major}, with Python {PYODIDE_PYTHON_VERSION}", todo))
    return folder


def checked_target(folder: Path) -> Path:
    """Return the folder that a site goes into.

    Raises
    ------
    UsageError
        If something else than a site is there.
    """
    if folder.exists() and not folder.is_dir():
        raise UsageError(Problem(str(folder), "a file of this name is there already", todo="name a folder"))
    if folder.exists() and any(folder.iterdir()) and not is_site(folder):
        found = "there are files here that are not a site, and a site replaces its whole folder"
        raise UsageError(Problem(str(folder), found, todo="name an empty or new folder"))
    return folder


def is_site(folder: Path) -> bool:
    """Tell whether a folder holds a site."""
    return (folder / LAB / INDEX).is_file() and (folder / START).is_file()


def build(folder: Path, benchmarks: Sequence[Benchmark], pyodide: Path) -> Built:
    """Build a site.

    Parameters
    ----------
    folder
        Where; a site that is there is replaced once the new one is whole.
    benchmarks
        Whose workbooks are in it.
    pyodide
        The unpacked npm package.

    Raises
    ------
    UsageError
        As of :func:`require` and :func:`checked_target`.
    SiteError, StoreError
        If it cannot be built or written; what was there stays.
    """
    require()
    target = checked_target(folder).resolve()
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{target.name}-", dir=target.parent) as work:
            made = Path(work) / "site"
            packages, uncompiled = _lay_out(Path(work) / "lite", benchmarks, pyodide)
            _run_jupyterlite(Path(work) / "lite", made)
            _finish(made, benchmarks)
            if target.exists():
                target.rename(Path(work) / "old")
            made.rename(target)
    except OSError as error:
        raise StoreError(problem_of(error, error.filename or target)) from error
    return Built(folder, _sizes(target), [f"{each.name} {each.version}" for each in packages], uncompiled)


def _lay_out(lite: Path, benchmarks: Sequence[Benchmark], pyodide: Path) -> tuple[list[Wheel], str]:
    """Put together what JupyterLite builds a site from; return the packages, and why modules are not compiled yet."""
    for benchmark in benchmarks:
        workbooks = lite / "contents" / WORKBOOKS / benchmark.id
        workbooks.mkdir(parents=True)
        for name, content in authoring.build(benchmark).items():
            (workbooks / name).write_bytes(content)
    python = lite / "static" / "pyodide"
    python.mkdir(parents=True)
    for name in _PYODIDE:
        shutil.copy(pyodide / name, python)
    kernel = _extension(KERNEL)
    for name in _OF_THE_KERNEL:
        shutil.copy(next((kernel / "static" / "pypi").glob(f"{name}-*.whl")), python)
    packages = wheels.gather(python, benchmarks)
    uncompiled = _compile(python, pyodide)
    lock = json.loads((pyodide / _PYODIDE_LOCK).read_text("utf-8"))
    lock["packages"] = {each.name: _entry(each) for each in packages}
    (python / _PYODIDE_LOCK).write_text(json.dumps(lock, indent=1), "utf-8")
    shutil.copy(_SETTINGS, lite / "overrides.json")
    (lite / "jupyter-lite.json").write_text(json.dumps(_configuration(packages), indent=1), "utf-8")
    guide = lite / "guide" / _GUIDE
    shutil.copytree(authoring.EXTENSIONS / _GUIDE, guide)
    # There is no server that the guide could ask.
    (guide / SHIPPED).write_bytes(authoring.fingerprints(benchmarks))
    return packages, uncompiled


def _compile(python: Path, pyodide: Path) -> str:
    """Compile the kernel's modules, which only its own Python can do; return why they are not compiled, or ""."""
    node = shutil.which("node")
    if node is None:
        return "there is no Node.js here"
    here = Path(__file__).parent
    command: list[str | Path] = [node, here / "compiling.mjs", pyodide.resolve(), python, here / "compiling.py"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 -- our own
    return f"Node.js failed: {_reason(done.stderr)}" if done.returncode else ""


def _reason(stderr: str) -> str:
    """Return the last line of what a program said."""
    said = [" ".join(line.split()) for line in stderr.splitlines() if line.strip()]
    return (said or ["it gave no reason"])[-1][:300]


def _entry(wheel: Wheel) -> dict[str, Any]:
    return {
        "name": wheel.name,
        "version": wheel.version,
        "file_name": wheel.path.name,
        "install_dir": "site",
        "sha256": hashlib.sha256(wheel.path.read_bytes()).hexdigest(),
        "package_type": "package",
        "imports": list(wheel.imports),
        "depends": [],
        "unvendored_tests": False,
    }


def _configuration(packages: Sequence[Wheel]) -> dict[str, Any]:
    kernel = {"disablePyPIFallback": True, "loadPyodideOptions": {"packages": [each.name for each in packages]}}
    return {
        "jupyter-lite-schema-version": 0,
        "jupyter-config-data": {
            "appName": "citygrow",
            "citygrowSite": True,
            # Workbooks are never saved, and answers have a storage of their own: `answers.browser_storage`.
            "enableMemoryStorage": True,
            "contentsStorageDrivers": ["memoryStorageDriver"],
            "workspacesStorageDrivers": ["memoryStorageDriver"],
            "disabledExtensions": [
                "@jupyterlab/extensionmanager-extension",
                "@jupyterlab/filebrowser-extension:widget",
                "@jupyterlab/notebook-extension:export",
                "@jupyterlite/application-extension:service-worker-manager",
                "@jupyterlite/application-extension:share-file",
            ],
            "litePluginSettings": {f"{KERNEL}:kernel": kernel},
            "terminalsAvailable": False,
        },
    }


def _run_jupyterlite(lite: Path, made: Path) -> None:
    options = {
        "--lite-dir": lite,
        "--output-dir": made,
        "--contents": lite / "contents",
        "--apps": LAB,
        "--pyodide": lite / "static" / "pyodide",
        "--LiteBuildConfig.cache_dir": lite / "cache",
    }
    command = [sys.executable, "-P", "-m", "jupyterlite_core", "build", "--ignore-sys-prefix", "--no-sourcemaps"]
    command += ["--no-unused-shared-packages", *(f"{name}={value}" for name, value in options.items())]
    extensions = [*map(_extension, _EXTENSIONS), lite / "guide" / _GUIDE]
    command += [f"--LiteBuildConfig.federated_extensions={path}" for path in extensions]
    done = subprocess.run(command, capture_output=True, text=True, cwd=lite, check=False)  # noqa: S603 -- our own
    if done.returncode:
        raise SiteError(Problem("site", f"JupyterLite failed: {_reason(done.stderr)}"))


def _extension(name: str) -> Path:
    """Return the folder of an installed JupyterLab extension."""
    from jupyter_core.paths import jupyter_path

    for folder in jupyter_path("labextensions"):
        if (found := Path(folder) / name / "package.json").is_file():
            return found.parent
    raise SiteError(Problem("site", f"JupyterLab's extension {name} is not installed here", todo=f"{INSTALL}"))


def _finish(made: Path, benchmarks: Sequence[Benchmark]) -> None:
    shutil.rmtree(made / "doc")
    for unused in (made / "service-worker.js", *made.glob("rspack.config*.js")):
        unused.unlink()
    program = made / LAB / INDEX
    policy = f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
    page = program.read_text("utf-8").replace("<html>", '<html lang="en">', 1)
    program.write_text(page.replace("<head>", f"<head>\n    {policy}", 1), "utf-8")
    front = rendering.site_front({_first(each): each for each in benchmarks})
    # JupyterLite looks for its settings in the page above the program.
    settings = '<script id="jupyter-config-data" type="application/json" data-jupyter-lite-root=".">{}</script>'
    (made / INDEX).write_text(front.replace("</body>", f"{settings}\n</body>"), "utf-8")
    shutil.copy(Path(__file__).parent / "serving.py", made / START)
    (made / ".nojekyll").touch()  # or GitHub Pages would leave out what begins with an underscore


def _first(benchmark: Benchmark) -> str:
    first = f"{WORKBOOKS}/{benchmark.id}/{authoring.plan(benchmark)[0].file}"
    return f"{LAB}/{INDEX}?path={first}&mode=single-document"


def _sizes(folder: Path) -> dict[str, int]:
    def size(*parts: str) -> int:
        return sum(path.stat().st_size for path in folder.joinpath(*parts).rglob("*") if path.is_file())

    python = {path.name: path.stat().st_size for path in (folder / "static" / "pyodide").iterdir()}
    own = sum(bytes_ for name, bytes_ in python.items() if not name.endswith(".whl"))
    packages = sum(python.values()) - own
    return {
        "Pyodide": own,
        "packages": packages,
        "JupyterLab": size() - own - packages - size("files"),
        "workbooks": size("files"),
    }
