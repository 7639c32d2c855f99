"""Benchmarks on disk: finding, loading, checking and compiling them. Knows files, and no particular benchmark."""

from __future__ import annotations

import contextlib
import hashlib
import json
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from citygrow_nb import atomic, borders, private_cache
from citygrow_nb.benchmarks import checking, drafts, faults, folder
from citygrow_nb.benchmarks.finding import chosen, find, known, of_workspace, shipped
from citygrow_nb.benchmarks.folder import MAX_FILE
from citygrow_nb.benchmarks.places import Places
from citygrow_nb.exceptions import BenchmarkError, Problem, problem_of
from citygrow_nb.model import Benchmark
from citygrow_nb.versions import code_sha256
from citygrow_nb.workspace import BENCHMARKS, Workspace

FORMAT_VERSION = 1
MAX_COMPILED = 16 << 20
"""Bytes of a compiled benchmark."""

__all__ = [
    "MAX_FILE",
    "by_id",
    "check",
    "chosen",
    "dump",
    "files",
    "find",
    "fingerprint",
    "known",
    "load",
    "of_workspace",
    "shipped",
    "todos",
]


def load(path: Path) -> Benchmark:
    """Load a benchmark; one that is loaded is free of faults.

    Parameters
    ----------
    path
        A folder of YAML files, or one compiled ``.json`` file.

    Returns
    -------
    Benchmark
        Complete, and checked as :func:`check` does.

    Raises
    ------
    BenchmarkError
        With all problems, each with its file and line.
    """
    name = _name_of_compiled(Path(path))
    if name and (content := private_cache.kept(name)):
        with contextlib.suppress(ValidationError):
            return Benchmark.model_validate_json(content, strict=True)
    benchmark, problems, _ = _examine(Path(path))
    if benchmark is None or problems:
        raise BenchmarkError(*problems)
    if name:
        private_cache.keep(name, dump(benchmark))
    return benchmark


def _name_of_compiled(path: Path) -> str:
    """Return the name under which a folder's benchmark is kept, by all that it is made from; empty for none."""
    content = fingerprint(path) if path.is_dir() else ""
    name = hashlib.sha256(f"{code_sha256()} {path.resolve().name} {content}".encode()).hexdigest()
    return f"{name}.benchmark.json" if content else ""


def fingerprint(path: Path) -> str:
    """Return a fingerprint of all that a benchmark is read from; empty if it cannot be read.

    Parameters
    ----------
    path
        A folder of YAML files, or one compiled ``.json`` file.
    """
    total = hashlib.sha256()
    try:
        borders.keep_within(folder.top_of(path), path)
        for file in folder.parts(path) if path.is_dir() else [path]:
            limit = folder.MAX_FILE if path.is_dir() else MAX_COMPILED
            content = atomic.read(file, limit, within=folder.top_of(path))
            total.update(f"\n{file.relative_to(path).as_posix()} {len(content)} ".encode() + content)
    except OSError:
        return ""
    return total.hexdigest()


def by_id(benchmark_id: str, workspace: Workspace | None = None) -> Benchmark:
    """Load a benchmark by its id; parameters and errors as of :func:`find` and :func:`load`."""
    return load(find(benchmark_id, workspace))


def check(path: Path) -> list[Problem]:
    """Return everything that is wrong with a benchmark, file by file and line by line.

    Parameters
    ----------
    path
        A folder of YAML files, or one compiled ``.json`` file.
    """
    return _examine(Path(path))[1]


def todos(path: Path) -> list[Problem]:
    """Return what is still to do in a draft, file by file and line by line; no fault is among it."""
    return _examine(Path(path))[2]


def files(path: Path) -> list[Path]:
    """Return the files that belong to the benchmark in a folder, sorted: its YAML, and what people read beside it.

    Raises
    ------
    BenchmarkError
        If one of them is a link, or no ordinary file.
    """
    found = sorted(file for file in path.rglob("*") if file.suffix in {".yaml", ".md"} and not file.is_dir())
    for file in found:
        try:
            borders.keep_within(path, file)
        except OSError as error:
            raise BenchmarkError(problem_of(error, file)) from error
    return found


def dump(benchmark: Benchmark) -> bytes:
    """Return a benchmark as one compiled JSON document, which loads much faster than its YAML files."""
    return benchmark.model_dump_json().encode()


def _examine(path: Path) -> tuple[Benchmark | None, list[Problem], list[Problem]]:
    places = Places(path)
    open_: list[drafts.Todo] = []
    data = _compiled(path, places) if path.suffix == ".json" else folder.gather(path, places)
    benchmark = None
    if newer := _too_new(data):
        places.note_faults([newer], data)
    elif data:
        whole = data
        if drafts.is_draft(data):
            whole, open_ = drafts.completed(data)
        try:
            # By way of JSON, because only there can pydantic be strict about 1, "1" and true, and still take lists.
            benchmark = Benchmark.model_validate_json(json.dumps(whole), strict=True)
        except ValidationError as error:
            places.note_faults(faults.of_model(error, Benchmark), data)
        places.note_faults([*checking.check(data), *_name(path, data)], data)
    return benchmark, places.problems(), places.todos(open_)


def _compiled(path: Path, places: Places) -> dict[str, Any]:
    try:
        data = json.loads(atomic.read(path, MAX_COMPILED, within=folder.top_of(path)))
    except OSError as error:
        problem = problem_of(error, path)
        places.note(path, 0, problem.found, problem.allowed, problem.todo)
        return {}
    except (ValueError, RecursionError) as error:
        line = error.lineno if isinstance(error, json.JSONDecodeError) else 1
        places.note(path, line, f"this is not JSON ({error})", todo="compile the benchmark again")
        return {}
    if isinstance(data, dict) and data:
        return data
    places.note(path, 1, f"the file holds {faults.shown(data)}", "one benchmark", "compile the benchmark again")
    return {}


def _too_new(data: dict[str, Any]) -> faults.Fault | None:
    version = data.get("format_version")
    if not isinstance(version, int) or version <= FORMAT_VERSION:
        return None
    found = f"this benchmark has format version {version}"
    return faults.Fault(("format_version",), found, f"up to {FORMAT_VERSION}", "install a newer citygrow to use it")


def _name(path: Path, data: dict[str, Any]) -> list[faults.Fault]:
    """Workspaces find a benchmark by the name of its folder or file, so that name must be the id."""
    name = path.resolve().stem if path.suffix == ".json" else path.resolve().name
    if path.resolve().parent.name != BENCHMARKS or data.get("id") in {name, None}:
        return []
    found = f"the id is {faults.shown(data['id'])}, but the name on disk is {faults.shown(name)}"
    return [faults.Fault(("id",), found, todo="give both the same name")]
