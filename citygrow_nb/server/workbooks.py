"""What the guide asks our server: which workbooks may run by themselves; and that its user trusts one of them."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import APIHandler
from jupyter_server.services.contents.filemanager import FileContentsManager
from tornado.web import HTTPError, authenticated

from citygrow_nb import authoring, trust
from citygrow_nb.exceptions import CitygrowError, Problem
from citygrow_nb.workbook.place import find_benchmark
from citygrow_nb.workspace import WORKBOOKS, Workspace

ADDRESS = "citygrow/workbooks"
"""Where it is asked, below the server's own address."""

_ENDING = ".ipynb"
_ASK_AGAIN = "load the page again, and look at what you are asked"

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Entry:
    """What the guide is told of one workbook, as JSON.

    Parameters
    ----------
    file, title
        Its name in its folder, and what navigation calls it.
    state
        ``as built``, ``older``, ``changed`` or ``own``.
    trusted
        Whether the user has said that it may run, as it stands, with the modules beside it.
    helpers
        The modules beside it, which it may import.
    fingerprint
        Hash of its cells, by which a page knows whether it shows what stands on disk; "" for an older one.
    beside
        Hash of the modules: whoever is asked has been told of these.
    """

    file: str
    title: str
    state: str
    trusted: bool
    helpers: tuple[str, ...]
    fingerprint: str
    beside: str


class Refused(CitygrowError):
    """What is to be trusted is not what was looked at."""


def list_workbooks(folder: Path) -> list[Entry]:
    """Return the workbooks in a folder, in the order of their names; none where it is no folder of workbooks.

    Parameters
    ----------
    folder
        Such as ``workbooks/<benchmark>``; without links in its path.
    """
    standing = _standing(folder)
    if standing is None:
        return []
    return [_entry(each, standing.beside) for each in standing.workbooks if (folder / each.name.file).is_file()]


def trust_workbook(folder: Path, file: str, fingerprint: str, beside: str) -> None:
    """Keep in the user's own folder that a workbook may run, if it is the one that was looked at.

    Parameters
    ----------
    folder, file
        Which one.
    fingerprint, beside
        What the page shows, and what it was told of the modules.

    Raises
    ------
    Refused
        If something else stands on disk by now.
    CitygrowError
        If it cannot be kept.
    """
    standing = _standing(folder)
    found = next((each for each in standing.workbooks if each.name.file == file), None) if standing else None
    if standing is None or found is None or found.state == "older":
        todo = f"only a notebook in the folder {WORKBOOKS}/<benchmark> of a workspace can be trusted"
        raise Refused(Problem(file, "this is not among the workbooks here", todo=todo))
    entry = _entry(found, standing.beside)  # of the same bytes that are trusted
    if entry.fingerprint != fingerprint:
        todo = f"if you have changed it, save it; else {_ASK_AGAIN}"
        raise Refused(Problem(file, "the file is not what this page shows, so it was not run", todo=todo))
    if entry.beside != beside:
        found_now = ", ".join(entry.helpers) or "none"
        told = f"the modules beside it are not those that you were asked about (now: {found_now}), so it was not run"
        raise Refused(Problem(file, told, todo="look at them, and decide again"))
    if found.state != "as built":
        trust.trust(trust.digest(found.content, standing.beside), str(folder / file))


def _standing(folder: Path) -> authoring.Standing | None:
    workspace = Workspace(folder.parent.parent)
    if folder.parent != workspace.workbooks or not folder.is_dir():
        return None
    try:
        standing = authoring.standing(find_benchmark(folder.name, workspace), folder)
    except CitygrowError as error:  # no benchmark of this name, or one with faults: nothing is known to be as built
        _log.warning("%s", error)
        return None
    for problem in standing.problems:
        _log.warning("%s", problem)
    return standing


def _entry(workbook: authoring.StandingWorkbook, beside: Mapping[str, bytes]) -> Entry:
    older = workbook.state == "older"  # its content is what is built now, not what stands there
    return Entry(
        file=workbook.name.file,
        title=workbook.name.title,
        state=workbook.state,
        trusted=workbook.state in {"changed", "own"} and trust.is_trusted(trust.digest(workbook.content, beside)),
        helpers=tuple(sorted(beside)),
        fingerprint="" if older else authoring.fingerprint(json.loads(workbook.content)["cells"]),
        beside=trust.digest(b'{"cells": []}', beside),
    )


class WorkbooksHandler(APIHandler):
    """Lists the workbooks of a folder; keeps that one of them is trusted. Both for the user of this server alone."""

    auth_resource = "contents"

    @authenticated
    @authorized
    async def get(self) -> None:
        """Return the workbooks of a folder, or of the folder of a notebook, as a list."""
        folder, _ = self._place(self.get_query_argument("path", ""))
        # In a thread: benchmark and notebooks are read, and other pages are waiting.
        entries = await asyncio.to_thread(list_workbooks, folder) if folder else []
        self.finish(json.dumps([asdict(entry) for entry in entries]))

    @authenticated
    @authorized
    async def post(self) -> None:
        """Trust one workbook, which stands on disk as it is shown."""
        body: Any = self.get_json_body()
        named = [body.get(key) for key in ("path", "fingerprint", "beside")] if isinstance(body, dict) else []
        if len(named) != 3 or not all(isinstance(each, str) for each in named):
            raise HTTPError(400, "a path, a fingerprint and what stands beside it are needed, as texts")
        path, fingerprint, beside = map(str, named)
        folder, file = self._place(path)
        if folder is None or not file:
            raise HTTPError(404, "there is no such notebook below the folder of this server")
        try:
            await asyncio.to_thread(trust_workbook, folder, file, fingerprint, beside)
        except Refused as error:
            self._say(409, error)
        except CitygrowError as error:
            self._say(500, error)
        else:
            self.set_status(204)
            self.finish()

    def _say(self, status: int, error: CitygrowError) -> None:
        """Answer with a sentence, as it is: an exception of Tornado's would take its % for places to fill."""
        self.set_status(status)
        self.finish(json.dumps({"message": str(error)}))

    def _place(self, path: str) -> tuple[Path | None, str]:
        """Return the folder that is meant, if it lies below the server's own, and the notebook in it, if one is."""
        manager = self.contents_manager
        if not isinstance(manager, FileContentsManager):  # its notebooks are no files
            return None, ""
        try:
            root = Path(manager.root_dir).resolve()
            named = root / path.strip("/")
            file = named.name if named.suffix == _ENDING and not named.is_dir() else ""
            folder = (named.parent if file else named).resolve()
        except (OSError, ValueError, RuntimeError):  # no path at all
            return None, ""
        return (folder, file) if folder.is_relative_to(root) else (None, "")
