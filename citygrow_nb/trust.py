"""Which own workbooks the user of this machine has allowed to run: by what their code says, not by where they stand.

Kept in the user's own folder, so that no workspace, downloaded or shared, brings its own permission along. Jupyter's
signatures would not do: it signs any notebook without rich output when it is saved.
"""

from __future__ import annotations

import atexit
import hashlib
import json
import os
import shutil
import stat
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from citygrow_nb import atomic
from citygrow_nb.exceptions import CitygrowError, Problem, StoreError

LARGEST = 100_000_000
"""Bytes of a notebook or module above which it is not read."""

_FILE = "trusted-workbooks.json"

_admitted: set[str] = set()  # here, in this process


def digest(notebook: bytes, beside: Mapping[str, bytes]) -> str:
    """Return the fingerprint of the code of a workbook: its code cells in order, and the modules beside it.

    Parameters
    ----------
    notebook
        The notebook as in its file. Its prose, outputs and metadata do not matter.
    beside
        Modules that it could import, by path.
    """
    cells = json.loads(notebook)["cells"]
    code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    modules = {name: hashlib.sha256(content).hexdigest() for name, content in beside.items()}
    return hashlib.sha256(json.dumps([code, modules], sort_keys=True).encode()).hexdigest()


def is_trusted(code: str) -> bool:
    """Tell whether the user has allowed a workbook to run.

    Parameters
    ----------
    code
        Its :func:`digest`.
    """
    return code in (_kept() or {})


def trust(code: str, what: str) -> None:
    """Note that the user allows a workbook to run.

    Parameters
    ----------
    code
        Its :func:`digest`.
    what
        What to call it, for people who read the list.

    Raises
    ------
    StoreError
        If that cannot be kept, or what is kept already cannot be believed.
    """
    from filelock import FileLock

    path = _path()
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with FileLock(f"{path}.lock", timeout=10):
            kept = _kept()
            if kept is None:
                found = "the list of trusted workbooks is damaged, or others may write to it"
                raise StoreError(Problem(str(path), found, todo="look at it, and move it away"))
            atomic.write(path, f"{json.dumps({**kept, code: what}, ensure_ascii=False, indent=1)}\n".encode())
    except OSError as error:
        raise StoreError(Problem(str(path), f"it cannot be written: {error.strerror or error}")) from error


def _path() -> Path:
    from platformdirs import user_config_path  # a kernel in a browser has neither this nor locks

    return user_config_path("citygrow") / _FILE


def _kept() -> dict[str, str] | None:
    """Return what is trusted, by digest; None where the list does not say what its user said."""
    path = _path()
    try:
        told = path.lstat()
        if not stat.S_ISREG(told.st_mode) or _others_may_write(told):
            return None
        kept = json.loads(atomic.read(path, 10_000_000))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError):
        return None
    return {str(code): str(what) for code, what in kept.items()} if isinstance(kept, dict) else None


def _others_may_write(told: os.stat_result) -> bool:
    return sys.platform != "win32" and (told.st_uid != os.getuid() or bool(told.st_mode & 0o022))


def copy(modules: Mapping[str, bytes], folder: Path) -> None:
    """Write copies of modules that were looked at: what runs is what was trusted, and never compiled code beside it."""
    for name, content in modules.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def modules_beside(folder: Path) -> tuple[dict[str, bytes], tuple[Problem, ...]]:
    """Return the modules in a folder that a workbook there could import, by path, and what cannot be read of them."""
    found: dict[str, bytes] = {}
    problems: list[Problem] = []
    for path in sorted(folder.rglob("*.py")):
        name = path.relative_to(folder).as_posix()
        if any(part.startswith(".") or part == "__pycache__" for part in name.split("/")):
            continue
        try:
            found[name] = atomic.read(path, LARGEST, within=folder)
        except CitygrowError as error:
            problems += error.problems
        except OSError as error:
            problems.append(Problem(str(path), f"it cannot be read: {error.strerror or error}"))
    return found, tuple(problems)


def admit(folder: Path | str, name: str) -> bool:
    """Let this process import the modules beside a workbook, last in its path, if the user trusts the workbook.

    Parameters
    ----------
    folder
        Where the workbook stands.
    name
        Its file name.

    Returns
    -------
    bool
        Whether it is trusted, with its modules as they are now.
    """
    modules, _ = modules_beside(Path(folder))
    try:
        code = digest(atomic.read(Path(folder, name), LARGEST, within=Path(folder)), modules)
    except (OSError, ValueError, KeyError, TypeError, RecursionError, CitygrowError):
        return False
    if not is_trusted(code):
        return False
    if modules and code not in _admitted:
        copies = Path(tempfile.mkdtemp(prefix="cg-"))
        atexit.register(shutil.rmtree, copies, ignore_errors=True)
        copy(modules, copies)
        sys.path.append(str(copies))
        _admitted.add(code)
    return True
