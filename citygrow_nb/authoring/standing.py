"""Which workbooks stand in a folder, and which of them are as they were built."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from citygrow_nb import atomic
from citygrow_nb.authoring.building import build
from citygrow_nb.authoring.cells import fingerprint
from citygrow_nb.exceptions import CitygrowError, Problem
from citygrow_nb.model import Benchmark
from citygrow_nb.plan import WorkbookName, plan
from citygrow_nb.slugs import slugify
from citygrow_nb.trust import LARGEST, modules_beside

State = Literal["as built", "older", "changed", "own"]

BUILT: tuple[State, ...] = ("as built", "older")
"""States of workbooks whose cells are nobody's but citygrow's: reports are made of what is built now."""

_RESERVED = ("index", "method", "report", "portfolio", "mentoring", "status")
_LONGEST_TITLE = 200
_MARKS = re.compile(r"[*_`~]|!?\[([^\]]*)\]\([^)]*\)")


@dataclass(frozen=True)
class StandingWorkbook:
    """A workbook of a folder.

    Parameters
    ----------
    name
        What it is called, and its page.
    content
        What is to be run: what is built now for one as built; else the file, without outputs and the state of widgets.
    state
        ``as built``; ``older``, as built by another version; ``changed``; or ``own``, which has a name of its own.
    """

    name: WorkbookName
    content: bytes
    state: State


@dataclass(frozen=True)
class Standing:
    """The workbooks of a folder.

    Parameters
    ----------
    workbooks
        In order of their files' names.
    missing
        Those that are built from the benchmark, and are not there.
    problems
        Files that cannot be read.
    beside
        The modules beside them that they could import, by path.
    """

    workbooks: tuple[StandingWorkbook, ...]
    missing: tuple[WorkbookName, ...] = ()
    problems: tuple[Problem, ...] = ()
    beside: Mapping[str, bytes] = field(default_factory=dict)


def standing(benchmark: Benchmark, folder: Path) -> Standing:
    """Look at the workbooks of a benchmark.

    Parameters
    ----------
    benchmark
        Whose workbooks.
    folder
        Where they stand; need not exist. Where there is no notebook, all are as built.
    """
    names, built = {name.file: name for name in plan(benchmark)}, build(benchmark)
    fresh = {file: fingerprint(json.loads(content)["cells"]) for file, content in built.items()}
    problems: list[Problem] = []
    found: dict[str, StandingWorkbook] = {}
    pages = {name.page for name in names.values()}
    older = False
    files = _notebooks(folder)
    for path in files:
        file = path.name
        notebook = _read(path, folder, problems)
        if notebook is None:
            continue
        mark = fingerprint(notebook["cells"])
        if mark == fresh.get(file):
            found[file] = StandingWorkbook(names[file], built[file], "as built")
        elif _is_intact(notebook, mark):
            older = True
            if file in built:
                found[file] = StandingWorkbook(names[file], built[file], "older")
        else:
            name = names.get(file) or _own_name(path.stem, notebook, pages)
            found[file] = StandingWorkbook(name, _bare(notebook), "changed" if file in names else "own")
    if not files or older:
        # An update loses no page.
        found.update(
            {file: StandingWorkbook(names[file], built[file], "as built") for file in built if file not in found}
        )
    unread = {Path(problem.where).name for problem in problems}
    missing = tuple(name for file, name in names.items() if file not in found and file not in unread)
    beside: Mapping[str, bytes] = {}
    if any(each.state not in BUILT for each in found.values()):
        beside, unreadable = modules_beside(folder)
        problems += unreadable
    return Standing(tuple(found[file] for file in sorted(found)), missing, tuple(problems), beside)


def _notebooks(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("*.ipynb") if not path.name.startswith("."))


def _read(path: Path, folder: Path, problems: list[Problem]) -> dict[str, Any] | None:
    try:
        notebook = json.loads(atomic.read(path, LARGEST, within=folder))
        _check(notebook)
    except CitygrowError as error:
        problems += error.problems
    except OSError as error:
        problems.append(Problem(str(path), f"it cannot be read: {error.strerror or error}"))
    except (ValueError, KeyError, TypeError, RecursionError):
        found, todo = (
            "this is not a notebook",
            "move it elsewhere, or build the workbooks again with “citygrow workbooks build”",
        )
        problems.append(Problem(str(path), found, todo=todo))
    else:
        return dict(notebook)
    return None


def _check(notebook: Any) -> None:
    if notebook["nbformat"] != 4 or not isinstance(notebook["metadata"], dict):
        raise ValueError("another format")
    for cell in notebook["cells"]:
        "".join(cell["source"])
        if not isinstance(cell["metadata"], dict) or not isinstance(cell["cell_type"], str):
            raise TypeError("no cell")


def _is_intact(notebook: Mapping[str, Any], mark: str) -> bool:
    """Tell whether a notebook is what some citygrow built: it bears the mark of its own cells."""
    own = notebook["metadata"].get("citygrow")
    return isinstance(own, dict) and own.get("build") == mark


def _bare(notebook: dict[str, Any]) -> bytes:
    """Return a notebook without what a run of it left."""
    cells = [
        {**cell, "outputs": [], "execution_count": None} if cell["cell_type"] == "code" else cell
        for cell in notebook["cells"]
    ]
    metadata = {key: value for key, value in notebook["metadata"].items() if key != "widgets"}
    bare = {**notebook, "cells": cells, "metadata": metadata}
    return f"{json.dumps(bare, ensure_ascii=False, sort_keys=True, indent=1)}\n".encode()


def _own_name(stem: str, notebook: Mapping[str, Any], pages: set[str]) -> WorkbookName:
    """Return what an own workbook is called; its page has a name that no other page has, and that is taken then."""
    title = str(notebook["metadata"].get("title") or "").strip() or next(_headings(notebook["cells"]), "")
    title = title or re.sub(r"^\d+[-_ ]*", "", stem).replace("-", " ").replace("_", " ").strip() or stem
    slug = slugify(stem) if any(map(str.isalnum, stem)) else "workbook"
    base = f"own-{slug}" if slug in _RESERVED else slug
    page = next(
        page
        for number in range(1, 10_000)
        if (page := f"{base}{f'-{number}' if number > 1 else ''}") + ".html" not in pages
    )
    pages.add(f"{page}.html")
    return WorkbookName(stem, title[:_LONGEST_TITLE], "own", paged=page)


def _headings(cells: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    for cell in cells:
        lines = "".join(cell["source"]).splitlines() if cell["cell_type"] == "markdown" else []
        for line in lines:
            # Anybody may have written it: no pattern looks at more of it than a title needs.
            text = line.strip()[2:].strip(" \t#")[: 2 * _LONGEST_TITLE]
            if line.lstrip(" ").startswith(("# ", "#\t")) and text:
                yield " ".join(_MARKS.sub(lambda mark: mark[1] or "", text).split())
