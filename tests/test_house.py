"""The house rules: layers, light imports, locked dependencies, small modules with telling names."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version
from ruamel.yaml import YAML

import citygrow_nb

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "citygrow_nb"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
MODULES = sorted(PACKAGE.rglob("*.py"))

MAX_LINES = 600
GRAB_BAGS = {"utils", "util", "helpers", "helper", "common", "core", "base", "misc"}
HEAVY = ("IPython", "ipywidgets", "nbconvert", "nbformat", "numpy", "pandas", "papermill")
# Tests of the whole project rather than of one module.
PROJECT_WIDE = {
    "bench",
    "community",
    "docs",
    "examples",
    "hostile",
    "house",
    "lab",
    "mutated_inputs",
    "public_api",
    "site",
    "wheel",
}


def locked(name: str) -> dict[str, dict[str, str]]:
    """Return a lock file as package → version → marker."""
    pins: dict[str, dict[str, str]] = {}
    for line in (ROOT / name).read_text(encoding="utf-8").splitlines():
        if line[:1].isalnum():
            add_pin(pins, line.removesuffix("\\").strip())
    return pins


def add_pin(pins: dict[str, dict[str, str]], text: str) -> None:
    requirement = Requirement(text)
    (pin,) = requirement.specifier
    assert pin.operator == "==", text
    pins.setdefault(canonicalize_name(requirement.name), {})[pin.version] = str(requirement.marker or "")


def declared(*, dev: bool) -> dict[str, SpecifierSet]:
    """Return the dependencies that pyproject.toml names, as package → allowed versions."""
    texts = list(PROJECT["project"]["dependencies"])
    if dev:
        texts += PROJECT["dependency-groups"]["dev"] + PROJECT["dependency-groups"]["build"]
        texts += [text for extra in PROJECT["project"]["optional-dependencies"].values() for text in extra]
    return {canonicalize_name(r.name): r.specifier for r in map(Requirement, texts)}


def environment() -> list[object]:
    return list(YAML(typ="safe").load(ROOT / "environment.yml")["dependencies"])


def dotted(path: Path) -> str:
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return "_".join(part for part in parts if part != "__init__")


# --- layers and imports ---------------------------------------------------------------------------------------------


def test_imports_point_down() -> None:
    """No module imports from a layer above its own, and every module has a layer."""
    command = "from importlinter.cli import lint_imports_command; lint_imports_command(['--no-cache'])"
    done = subprocess.run(
        [sys.executable, "-c", command],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        env=os.environ | {"NO_COLOR": "1"},
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_layer_below_the_live_form_is_kept_from_jupyter() -> None:
    """The contract that forbids Jupyter names every module from the bottom up to `rendering`."""
    layers, _, jupyter = PROJECT["tool"]["importlinter"]["contracts"]
    top = next(i for i, layer in enumerate(layers["layers"]) if "rendering" in layer)
    below = {name for layer in layers["layers"][top:] for name in re.findall(r"\w+", layer)} - {"widgets"}
    assert {f"citygrow_nb.{name}" for name in below} == set(jupyter["source_modules"])


@pytest.mark.parametrize("module", ["citygrow_nb", "citygrow_nb.cli"])
def test_import_stays_light(module: str) -> None:
    """Importing the package or its command line loads no notebook machinery and no array library."""
    command = f"import sys, {module}; print(*sorted({set(HEAVY)!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", command], cwd=ROOT, capture_output=True, encoding="utf-8", check=True)
    assert done.stdout.split() == []


# --- modules --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", MODULES, ids=dotted)
def test_module_is_small(path: Path) -> None:
    """No module grows beyond what one sitting can read."""
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MAX_LINES


def test_module_names_say_what_is_inside() -> None:
    """No module is a grab-bag by name."""
    assert [str(path) for path in MODULES if GRAB_BAGS & {part.strip("_") for part in dotted(path).split("_")}] == []


def test_tests_mirror_modules() -> None:
    """Every module at the top of the package has tests named after it, and no test file names anything else."""
    modules = {dotted(path) for path in MODULES} - {""}
    files = [path.relative_to(ROOT / "tests") for path in (ROOT / "tests").rglob("test_*.py")]
    tests = {"_".join((*path.parts[:-1], path.stem.removeprefix("test_"))) for path in files}
    named = modules | PROJECT_WIDE
    strays = {test for test in tests if not any(test == name or test.startswith(f"{name}_") for name in named)}
    top = {path.stem for path in PACKAGE.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}
    untested = {
        name
        for name in top - {"__init__", "__main__"}
        if not any(test == name or test.startswith(f"{name}_") for test in tests)
    }
    assert (strays, untested) == (set(), set())


@pytest.mark.parametrize("path", MODULES, ids=dotted)
def test_module_runs_on_every_system(path: Path) -> None:
    """No module needs a POSIX-only library to be imported, or reads and writes text in the system's own encoding."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert {"fcntl", "grp", "pwd", "resource", "termios"} & set(imported_unconditionally(tree)) == set()
    assert [node.lineno for node in ast.walk(tree) if lacks_encoding(node)] == []


PRINTS = re.compile(
    r"(?:^|\.)(?:print|pprint|echo|secho|echo_via_pager|prompt|confirm|print_exc|print_exception|print_stack|print_tb"
    r"|StreamHandler|basicConfig|lastResort)$|^sys\.(?:__)?std(?:out|err)(?:__)?\.(?:write|writelines|buffer\.write)$"
)
# The one place that prints; and what stands in a site as a program of its own, and tells nothing but its own address.
PRINTERS = {"cli/messages.py", "site/serving.py"}


def test_one_place_prints() -> None:
    """No text of others reaches a terminal but through `cli.messages`, which writes out what steers it or hides."""
    printing = {
        path.relative_to(PACKAGE).as_posix()
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and PRINTS.search(ast.unparse(node.func))
    }
    assert printing == PRINTERS


def imported_unconditionally(tree: ast.Module) -> Iterator[str]:
    for node in tree.body:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def lacks_encoding(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call) or any(keyword.arg == "encoding" for keyword in node.keywords):
        return False
    name = getattr(node.func, "attr", "")
    return (name == "read_text" and not node.args) or (name == "write_text" and len(node.args) < 2)


# --- dependencies ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(path.name for path in ROOT.glob("*.lock")))
def test_lock_is_only_names_versions_and_hashes(name: str) -> None:
    """A lock file names no host and no path, and pins every package with its hashes."""
    text = (ROOT / name).read_text(encoding="utf-8")
    assert re.findall(r"://|\bfile:| @ |^-.*", text, flags=re.MULTILINE) == []
    entries = re.findall(r"^[a-zA-Z0-9][^\n]*(?:\n    --hash=\S+(?: \\)?)*", text, flags=re.MULTILINE)
    assert entries
    assert [entry for entry in entries if "==" not in entry or "--hash=sha256:" not in entry] == []


@pytest.mark.parametrize(("name", "dev"), [("requirements.lock", False), ("requirements-dev.lock", True)])
def test_lock_covers_every_dependency(name: str, dev: bool) -> None:
    """Each dependency in pyproject.toml is locked, to a version that it allows."""
    pins = locked(name)
    allowed = declared(dev=dev)
    assert allowed.keys() - pins.keys() == set()
    assert {
        package: version for package in allowed for version in pins[package] if Version(version) not in allowed[package]
    } == {}


def test_nothing_is_installed_that_is_not_locked() -> None:
    """Every `pip install` of ours names a lock file and its hashes, or builds with nothing but what one brought."""
    texts = [
        (ROOT / name).read_text(encoding="utf-8") for name in ("Makefile", "postBuild", ".ci/run", "CONTRIBUTING.md")
    ]
    texts += [path.read_text(encoding="utf-8") for path in (ROOT / ".github" / "workflows").iterdir()]
    options = [option for text in texts for option in re.findall(r"(?:pip|PIP\)).*? install +(-.*|\w.*)", text)]
    locked_ = re.compile(
        r"--require-hashes -r requirements[\w-]*\.lock|--no-deps (?:dist/\*\.whl|--no-build-isolation)"
    )
    assert len(options) > 8
    assert [option for option in options if not locked_.match(option)] == []


def test_what_builds_is_locked() -> None:
    """What `build-system` asks for is in the lock that users install, in each with which this package is built."""
    build = PROJECT["build-system"]["requires"]
    assert build == PROJECT["dependency-groups"]["build"]
    for name in ("requirements.lock", "requirements-dev.lock", "requirements-bench.lock"):
        assert {Requirement(text).name for text in build} <= locked(name).keys()


def test_locks_agree() -> None:
    """What a user runs is what the tests run: the small lock is part of the large one."""
    small, large = locked("requirements.lock"), locked("requirements-dev.lock")
    assert {package: set(pins) for package, pins in small.items()} == {
        package: set(large.get(package, ())) for package in small
    }


def test_environment_repeats_the_lock() -> None:
    """Binder and conda install exactly the versions of requirements.lock, and nothing that is not released."""
    python, pip, packages = environment()
    assert pip == "pip"
    assert isinstance(packages, dict)
    pins: dict[str, dict[str, str]] = {}
    for line in packages["pip"]:
        add_pin(pins, line)
    assert pins == locked("requirements.lock")
    assert declared(dev=False).keys() - pins.keys() == set()
    name, version = str(python).split("=")
    assert name == "python"
    assert Version(version) in SpecifierSet(PROJECT["project"]["requires-python"])


def test_post_build_adds_only_this_package() -> None:
    """Binder's last step installs citygrow without changing a pinned version."""
    script = (ROOT / "postBuild").read_text(encoding="utf-8")
    assert re.findall(r"pip install (.*)", script) == ["--no-deps --no-build-isolation --no-cache-dir ."]


def test_no_python_is_started_that_imports_from_the_current_folder() -> None:
    """Files of others may lie there; with `-m` and `-c` Python looks there first, unless it is told `-P`."""
    starts = [found for path in MODULES for found in re.findall(r'sys\.executable,\s*"(-\w)"', path.read_text("utf-8"))]
    assert len(starts) >= 4
    assert set(starts) == {"-P"}


@pytest.mark.skipif(os.name == "nt", reason="Binder is no Windows")
def test_post_build_sets_jupyterlab_up_as_citygrow_lab_does(tmp_path: Path) -> None:
    """Binder's JupyterLab gets the settings that `citygrow lab` uses, and nothing else."""
    python = tmp_path / "bin" / "python"
    python.parent.mkdir()
    python.write_text(f'#!/bin/sh\n[ "$1" = -m ] || echo "{tmp_path}/there"\n', encoding="utf-8")
    python.chmod(0o755)
    path = os.pathsep.join([str(python.parent), os.environ["PATH"]])
    subprocess.run(["./postBuild"], cwd=ROOT, env=os.environ | {"PATH": path}, check=True)
    assert settings(tmp_path / "there" / "etc" / "jupyter") == settings(PACKAGE / "cli" / "jupyter") != {}


def settings(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


# --- release and commands -------------------------------------------------------------------------------------------


def test_version_stands_everywhere_alike() -> None:
    """pyproject.toml, the package and the top of CHANGELOG.md name one version."""
    version = PROJECT["project"]["version"]
    headings = re.findall(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert citygrow_nb.__version__ == version
    assert next(heading for heading in headings if heading != "Unreleased") == version


@pytest.mark.skipif(os.name == "nt", reason="Windows has no executable bit")
@pytest.mark.parametrize("name", ["postBuild", ".ci/run"])
def test_script_can_be_run(name: str) -> None:
    """Scripts that others start by name are executable."""
    assert os.access(ROOT / name, os.X_OK)


def test_clean_leaves_answers_and_reports_alone() -> None:
    """`make clean` removes nothing that a person made."""
    recipe = re.search(r"^clean:.*\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert recipe
    assert not re.search(r"answers|outputs|\*$", recipe[1])
