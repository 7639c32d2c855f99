"""Which workbooks a batch runs on a benchmark, and how: those that stand in the workspace, else those built."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from citygrow_nb import authoring, trust
from citygrow_nb.authoring import Standing, StandingWorkbook
from citygrow_nb.exceptions import Problem, UsageError
from citygrow_nb.model import Benchmark
from citygrow_nb.plan import WorkbookName
from citygrow_nb.running import IN_KERNEL, IN_PROCESS
from citygrow_nb.workspace import DATA, WORKBOOKS, Workspace

MOST_DATA = 50_000_000
"""Bytes of ``data/`` that travel to workers elsewhere."""

_LARGE = 64_000_000
"""Bytes above which a file is known by its size and time of change: to read it for each run would take too long."""


@dataclass(frozen=True)
class Planned:
    """A workbook that a batch runs.

    Parameters
    ----------
    name
        What it is called, and its page.
    content
        The notebook.
    engine
        How it runs: one of :data:`citygrow_nb.running.ENGINES`.
    """

    name: WorkbookName
    content: bytes
    engine: str = IN_PROCESS

    @property
    def sha256(self) -> str:
        """Fingerprint of its content."""
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True)
class OwnFiles:
    """What workbooks find beside them that run in a kernel.

    Parameters
    ----------
    folder
        Folder of the workbooks, where workers can reach it; None where it travels.
    modules
        Modules that they may import, by path.
    data
        A ZIP of ``data/``, where that travels.
    """

    folder: Path | None = None
    modules: Mapping[str, bytes] = field(default_factory=dict)
    data: bytes = b""


@dataclass(frozen=True)
class Plan:
    """The workbooks of one benchmark, as a run will run them.

    Parameters
    ----------
    workbooks
        In order of their names.
    files
        What own ones find beside them.
    sha256
        Fingerprint of all that reports depend on here beyond benchmark and code; empty where all is as built.
    notices
        What is left out, and what to do about it.
    problems
        Files that cannot be used.
    """

    workbooks: tuple[Planned, ...]
    files: OwnFiles = OwnFiles()
    sha256: str = ""
    notices: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()


def plan_built(benchmark: Benchmark, engine: str = IN_PROCESS) -> Plan:
    """Return the plan of a benchmark whose workbooks are all as built."""
    built = authoring.build(benchmark)
    return Plan(tuple(Planned(name, built[name.file], engine) for name in authoring.plan(benchmark)))


def plan_workbooks(
    benchmark: Benchmark,
    workspace: Workspace,
    *,
    trust_all: bool = False,
    engine: str = IN_PROCESS,
    travels: bool = False,
) -> Plan:
    """Look at the workbooks that stand in a workspace.

    Parameters
    ----------
    benchmark, workspace
        Whose workbooks, and where.
    trust_all
        Whether to run own ones though nobody has trusted them here.
    engine
        How workbooks as built run.
    travels
        Whether workers cannot reach this machine's folders.

    Raises
    ------
    UsageError
        If ``data/`` would have to travel and is too large.
    """
    folder = workspace.notebooks(benchmark.id)
    standing = authoring.standing(benchmark, folder)
    chosen: list[Planned] = []
    untrusted: list[StandingWorkbook] = []
    built: dict[str, bytes] = {}
    for each in standing.workbooks:
        if each.state in authoring.BUILT:
            chosen.append(Planned(each.name, each.content, engine))
        elif trust_all or trust.is_trusted(trust.digest(each.content, standing.beside)):
            chosen.append(Planned(each.name, each.content, IN_KERNEL))
        else:
            untrusted.append(each)
            built = built or authoring.build(benchmark)
            if each.name.file in built:
                chosen.append(Planned(each.name, built[each.name.file], engine))
    chosen += _portfolio(benchmark, chosen)
    own = [each for each in chosen if each.engine == IN_KERNEL and engine != IN_KERNEL]
    files, known = OwnFiles(), ""
    if own or engine == IN_KERNEL:
        files = _files(folder, standing, workspace, travels and bool(own))
    if own:
        known = _fingerprint(own, files.modules, workspace.data)
    elif standing.missing:
        known = "".join(sorted(name.file for name in standing.missing))
    notices = (*map(_untrusted, untrusted), *_missing(standing.missing), *map(_idle, standing.idle))
    return Plan(tuple(chosen), files, known, tuple(f"{folder}: {notice}" for notice in notices), standing.problems)


def _portfolio(benchmark: Benchmark, chosen: Iterable[Planned]) -> list[Planned]:
    """Return the workbook without which there is no page of all cities, if it is missing."""
    if any(each.name.kind == "portfolio" for each in chosen):
        return []
    return [each for each in plan_built(benchmark).workbooks if each.name.kind == "portfolio"]


def _untrusted(workbook: StandingWorkbook) -> str:
    instead = "is not in the reports" if workbook.state == "own" else "was changed; reports are made of what was built"
    return (
        f"{workbook.name.file} {instead}, because nobody here has said that it may run; if you know who wrote it, run "
        f"“citygrow workbooks trust {workbook.name.stem}”, or the batch with --own-workbooks"
    )


def _missing(names: Iterable[WorkbookName]) -> Iterator[str]:
    for name in names:
        if name.kind != "portfolio":
            yield f"{name.file} is missing, so reports have no such page; “citygrow workbooks build” makes it again"


def _idle(file: str) -> str:
    return f"{file} is as an earlier citygrow built it, and today's has no such workbook; remove it"


def _files(folder: Path, standing: Standing, workspace: Workspace, travels: bool) -> OwnFiles:
    if not travels:
        return OwnFiles(folder if folder.is_dir() else workspace.root, standing.beside)
    found = list(_data(workspace.data))
    size = sum(path.stat().st_size for _, path in found)
    if size > MOST_DATA:
        told = f"it holds {size / 1e6:,.0f} MB, and own workbooks on a cluster can be given {MOST_DATA / 1e6:,.0f} MB"
        todo = "keep only what they read there, or run without --scheduler"
        raise UsageError(Problem(str(workspace.data), told, todo=todo))
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, path in found:
            archive.writestr(zipfile.ZipInfo(name), path.read_bytes(), zipfile.ZIP_DEFLATED)
    return OwnFiles(None, standing.beside, content.getvalue())


def _data(folder: Path) -> Iterator[tuple[str, Path]]:
    """Yield name and path of each file that own workbooks may read, in order."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            yield path.relative_to(folder).as_posix(), path


def _fingerprint(own: Iterable[Planned], modules: Mapping[str, bytes], data: Path) -> str:
    total = hashlib.sha256()
    for each in own:
        total.update(f"{each.name.file} {each.sha256}\n".encode())
    for name, content in sorted(modules.items()):
        total.update(f"{name} {hashlib.sha256(content).hexdigest()}\n".encode())
    for name, path in _data(data):
        told = path.stat()
        if told.st_size > _LARGE:
            total.update(f"{name} {told.st_size} {told.st_mtime_ns}\n".encode())
        else:
            total.update(f"{name} {hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return total.hexdigest()


def lay_out(files: OwnFiles, root: Path, benchmark: str) -> tuple[Path, Path | None]:
    """Lay out what own workbooks find beside them.

    Parameters
    ----------
    files
        The files.
    root
        Folder of a workspace that is made for them, and not the one they come from.
    benchmark
        Whose workbooks.

    Returns
    -------
    tuple
        The folder in which they run, and the folder of modules that they may import: copies of what was looked at, and
        never compiled code that lies beside.
    """
    modules = None
    if files.modules:
        modules = root / "modules"
        trust.copy(files.modules, modules)
    if files.folder is not None:
        return files.folder, modules
    folder = root / WORKBOOKS / benchmark
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(io.BytesIO(files.data)) as archive:
        archive.extractall(root / DATA)
    return folder, modules
