"""The wheels that a kernel in the browser loads: those of ``wheels.lock``, our own, and what replaces what has none.

Versions and hashes stand in the lock file beside this module, which `make lock` writes; pip fetches and checks them.
"""

from __future__ import annotations

import base64
import hashlib
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import distribution
from pathlib import Path

import citygrow_nb
from citygrow_nb import benchmarks
from citygrow_nb.exceptions import Problem, SiteError, UsageError
from citygrow_nb.model import Benchmark, countries

LOCK = Path(__file__).parent / "wheels.lock"
PLATFORM, PYTHON = "pyemscripten_2026_0_wasm32", "3.14"
"""Of the Pyodide that the kernel runs on."""

_DATE = (1980, 1, 1, 0, 0, 0)
_LEFT_OUT = frozenset({"__pycache__", "node_modules", ".ipynb_checkpoints"})


@dataclass(frozen=True)
class Wheel:
    """One wheel in a folder.

    Parameters
    ----------
    path
        Where it is.
    name
        Name of the package, normalised.
    version
        Its version.
    imports
        What can be imported from it.
    """

    path: Path
    name: str
    version: str
    imports: tuple[str, ...]

    @classmethod
    def at(cls, path: Path) -> Wheel:
        """Read what a wheel says of itself."""
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            about = next(name for name in names if name.endswith(".dist-info/METADATA"))
            text = archive.read(about).decode()
        said = dict(line.split(": ", 1) for line in reversed(text.split("\n\n")[0].splitlines()) if ": " in line)
        tops = {name.partition("/")[0].removesuffix(".py") for name in names if not _is_metadata(name)}
        return cls(path, re.sub(r"[-_.]+", "-", said["Name"]).lower(), said["Version"], tuple(sorted(tops)))


def gather(folder: Path, toolkits: Sequence[Benchmark]) -> list[Wheel]:
    """Put all wheels into a folder, except those that the kernel brings along.

    Parameters
    ----------
    folder
        Where; exists.
    toolkits
        The benchmarks that travel in our wheel.

    Returns
    -------
    list of Wheel
        Sorted by name.

    Raises
    ------
    SiteError
        If they cannot be fetched.
    UsageError
        If pip is missing.
    """
    _fetch(folder)
    _slim(next(folder.glob("babel-*.whl")), _is_needed_locale)
    _write(folder, "markupsafe", distribution("markupsafe").version, _pure("markupsafe"))
    # The kernel asks for it, and nobody types code into workbooks: IPython does without.
    _write(folder, "jedi", "0", {})
    _write(folder, "citygrow_nb", citygrow_nb.__version__, _own(toolkits))
    return sorted((Wheel.at(path) for path in folder.glob("*.whl")), key=lambda wheel: wheel.name)


def _fetch(folder: Path) -> None:
    options = ["--require-hashes", "--no-deps", "--only-binary", ":all:", "--platform", PLATFORM]
    command = [sys.executable, "-P", "-m", "pip", "--disable-pip-version-check", "--quiet", "download", *options]
    command += ["--implementation", "cp", "--python-version", PYTHON, "--dest", str(folder), "--requirement", str(LOCK)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 -- our own command
    if "No module named pip" in done.stderr:
        raise UsageError(Problem("site", "there is no pip here to fetch packages with", todo="python -m ensurepip"))
    if done.returncode:
        said = [line for line in done.stderr.splitlines() if line.startswith("ERROR: ")]
        found = f"the packages for the browser could not be fetched: {(said or ['no reason was given'])[-1]}"
        raise SiteError(Problem("site", found, todo="check that this computer reaches PyPI, and try again"))


def _slim(wheel: Path, needed: Callable[[str], bool]) -> None:
    """Leave files out of a wheel that nothing of ours asks for."""
    with zipfile.ZipFile(wheel) as archive:
        kept = {name: archive.read(name) for name in archive.namelist() if needed(name) or _is_metadata(name)}
    _zip(wheel, kept)


def _is_needed_locale(name: str) -> bool:
    path = Path(name)
    return path.parent.name != "locale-data" or path.stem in {"root", "en", *countries.LANGUAGES}


def _pure(name: str) -> dict[str, bytes]:
    """Return the Python files of an installed package whose compiled part only makes it faster."""
    found = distribution(name).files or ()
    return {file.as_posix(): Path(str(file.locate())).read_bytes() for file in found if file.suffix == ".py"}


def _own(toolkits: Sequence[Benchmark]) -> dict[str, bytes]:
    package = Path(citygrow_nb.__file__).parent
    data = package / "data"
    own = (path for path in _files(package) if data not in path.parents)
    files = {f"citygrow_nb/{path.relative_to(package).as_posix()}": path.read_bytes() for path in own}
    # Compiled: YAML takes seconds to read in a browser.
    return files | {f"citygrow_nb/data/benchmark/{each.id}.json": benchmarks.dump(each) for each in toolkits}


def _files(folder: Path) -> Iterable[Path]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not _LEFT_OUT & set(path.relative_to(folder).parts) and path.suffix != ".pyc":
            yield path


def _write(folder: Path, name: str, version: str, files: Mapping[str, bytes]) -> None:
    info = f"{name}-{version}.dist-info"
    about = {
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n".encode(),
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nGenerator: citygrow\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    content = {**files, **about}
    record = "".join(f"{path},{_digest(data)},{len(data)}\n" for path, data in content.items())
    content[f"{info}/RECORD"] = f"{record}{info}/RECORD,,\n".encode()
    _zip(folder / f"{name}-{version}-py3-none-any.whl", content)


def _zip(path: Path, content: Mapping[str, bytes]) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in content.items():
            archive.writestr(zipfile.ZipInfo(name, _DATE), data, zipfile.ZIP_DEFLATED)


def _digest(data: bytes) -> str:
    return "sha256=" + base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()


def _is_metadata(name: str) -> bool:
    return ".dist-info/" in name or ".data/" in name
