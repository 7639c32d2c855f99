"""Which workbooks stand in a folder, and which of them are as they were built."""

from __future__ import annotations

import html
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
from citygrow_nb.invisible import write_out
from citygrow_nb.model import Benchmark
from citygrow_nb.plan import WorkbookName, plan
from citygrow_nb.slugs import slugify
from citygrow_nb.trust import LARGEST, modules_beside

State = Literal["as built", "older", "changed", "own"]

BUILT: tuple[State, ...] = ("as built", "older")
"""States of workbooks whose cells are nobody's but citygrow's: reports are made of what is built now."""

_RESERVED = ("index", "method", "report", "portfolio", "mentoring", "status")
_LOOKED_AT = 2_000  # letters of a cell in which its heading is looked for, and of a title: more takes time, no reader


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
    idle
        Files that an earlier citygrow built and today's does not: no report is made of them.
    problems
        Files that cannot be read.
    beside
        The modules beside them that they could import, by path.
    """

    workbooks: tuple[StandingWorkbook, ...]
    missing: tuple[WorkbookName, ...] = ()
    problems: tuple[Problem, ...] = ()
    beside: Mapping[str, bytes] = field(default_factory=dict)
    idle: tuple[str, ...] = ()


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
    idle: list[str] = []
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
        elif _is_intact(notebook, mark) and mark not in fresh.values():  # a copy under another name is somebody's own
            older = True
            if file in built:
                found[file] = StandingWorkbook(names[file], built[file], "older")
            else:
                idle.append(file)
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
    workbooks = tuple(found[file] for file in sorted(found))
    return Standing(workbooks, missing, tuple(problems), beside, tuple(idle))


def _notebooks(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("*.ipynb") if not path.name.startswith("."))


def _read(path: Path, folder: Path, problems: list[Problem]) -> dict[str, Any] | None:
    try:
        path.name.encode()
    except UnicodeEncodeError:
        found, todo = "its name has bytes that are no letters", "give the file another name"
        problems.append(Problem(str(path), found, todo=todo))
        return None
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
        "".join(cell["source"]).encode()  # half a letter is no text
        if (
            not isinstance(cell["source"], str | list)
            or not isinstance(cell["metadata"], dict)
            or not isinstance(cell["cell_type"], str)
        ):
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
    return f"{json.dumps(bare, ensure_ascii=False, sort_keys=True, indent=1)}\n".encode(errors="replace")


def _own_name(stem: str, notebook: Mapping[str, Any], pages: set[str]) -> WorkbookName:
    """Return what an own workbook is called; its page has a name that no other page has, and that is taken then."""
    told = notebook["metadata"].get("title")
    title = _plain(told) if isinstance(told, str) else ""
    title = title or next(_headings(notebook["cells"]), "")
    title = title or _plain(re.sub(r"^\d+[-_ ]*", "", stem).replace("-", " ").replace("_", " ")) or stem
    slug = slugify(stem) if any(map(str.isalnum, stem)) else "workbook"
    base = f"own-{slug}" if slug in _RESERVED else slug
    page = next(
        page
        for number in range(1, 10_000)
        if (page := f"{base}{f'-{number}' if number > 1 else ''}") + ".html" not in pages
    )
    pages.add(f"{page}.html")
    return WorkbookName(stem, title[:200], "own", paged=page)


def _headings(cells: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Yield main headings as plain text."""
    import mistune  # few have own workbooks

    parse = mistune.create_markdown(renderer=None)
    for cell in cells:
        text = "".join(cell["source"])[:_LOOKED_AT] if cell["cell_type"] == "markdown" else ""
        for token in parse(text):
            if isinstance(token, dict) and token["type"] == "heading" and token["attrs"]["level"] == 1:
                title = _plain(html.unescape("".join(_words(token))))
                if title:
                    yield title


def _words(token: Mapping[str, Any]) -> Iterator[str]:
    if token["type"] in {"text", "codespan"}:
        yield token["raw"]
    elif token["type"] in {"softbreak", "linebreak"}:
        yield " "
    for child in token.get("children", ()):
        yield from _words(child)


def _plain(text: str) -> str:
    return write_out(" ".join(text[:_LOOKED_AT].split()))
