"""Answers where there is no disk: a kernel in a browser has its files in memory, and the browser's storage beside it.

What other systems have locks, processes and fsync for is here: before a piece of work the files are as the browser has
them, no other page writes meanwhile, and what the work changed is in the browser's storage before anybody is told that
it was saved. So everything else reads and writes files as it does everywhere.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any, Protocol, TypeVar

from citygrow_nb.exceptions import Problem, StoreError
from citygrow_nb.workspace import is_name_of_answers

FULL = "QuotaExceededError"
"""What browsers call it when there is no room left."""

_MILLISECOND = 10**6
_R = TypeVar("_R")
File = tuple[str, int]
"""Text of a file, and when it was changed: milliseconds since 1970."""


class Storage(Protocol):
    """The storage of a browser, as the script beside this module offers it."""

    async def lock(self) -> Callable[[], object]:
        """Wait until nobody else writes; call the result to let others."""

    async def read(self) -> Mapping[str, File]:
        """Return every file by its path."""

    async def write(self, changed: Mapping[str, File | None]) -> None:
        """Write files, and remove those that are None: all or nothing."""


@dataclass
class BrowserStorage:
    """A folder in memory that follows the storage of the browser.

    Parameters
    ----------
    folder
        The folder; what is no city's answers in it, such as a half-written file, is not kept.
    storage
        The browser's.
    """

    folder: Path
    storage: Storage
    _busy: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def follow(self) -> None:
        """Bring the folder to what the browser has.

        Raises
        ------
        StoreError
            If the browser gives nothing away.
        """
        async with self._busy:
            await self._follow()

    async def kept(self, work: Callable[[], _R]) -> _R:
        """Do a piece of work on the files, and keep what it changed.

        Parameters
        ----------
        work
            What to do.

        Returns
        -------
        object
            What the work returned.

        Raises
        ------
        StoreError
            If the browser refuses; the folder is then as it was before, as it is when the work itself raises.
        """
        async with self._busy, self._alone():
            before = await self._follow()
            try:
                result = work()
                now = self._there()
                gone: dict[str, File | None] = dict.fromkeys(before.keys() - now.keys())
                changed = {path: file for path, file in now.items() if before.get(path) != file} | gone
                if changed:
                    with _explained():
                        await self.storage.write(changed)
            except BaseException:
                self._put(before)
                raise
            return result

    @contextlib.asynccontextmanager
    async def _alone(self) -> AsyncIterator[None]:
        with _explained():
            release = await self.storage.lock()
        try:
            yield
        finally:
            release()

    async def _follow(self) -> Mapping[str, File]:
        with _explained():
            there = await self.storage.read()
        # Whatever shares this address with the site may write there: no other name becomes part of a path, and what it
        # stands for stays in the browser as it is.
        found = {name: file for name, file in there.items() if is_name_of_answers(name)}
        self._put(found)
        return found

    def _there(self) -> dict[str, File]:
        found = {}
        for path in sorted(self.folder.glob("*/*/*")):
            name = path.relative_to(self.folder).as_posix()
            if is_name_of_answers(name) and path.is_file():
                found[name] = path.read_bytes().decode(), path.stat().st_mtime_ns // _MILLISECOND
        return found

    def _put(self, wanted: Mapping[str, File]) -> None:
        there = self._there()
        for name, (text, modified) in wanted.items():
            if there.get(name) != (text, modified):
                path = self.folder / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(text.encode())
                os.utime(path, ns=(modified * _MILLISECOND,) * 2)
        for name in there.keys() - wanted.keys():
            (self.folder / name).unlink()


_here: list[BrowserStorage] = []


def current() -> BrowserStorage | None:
    """Return the storage that answers of this process are kept in; None where there is a disk."""
    return _here[0] if _here else None


async def begin(folder: Path, name: str) -> None:
    """Keep the files of a folder in the storage of this browser from now on, and fetch what it has.

    Parameters
    ----------
    folder
        The folder; made if missing.
    name
        What this site calls its own: several may share one address.

    Raises
    ------
    StoreError
        If the browser gives nothing away; every later save raises it as well.
    """
    if not (_here and _here[0].folder == folder):
        folder.mkdir(parents=True, exist_ok=True)
        _here[:] = [BrowserStorage(folder, _Scripted(name))]
    await _here[0].follow()


class _Scripted:
    """The storage through its script, which speaks JSON."""

    def __init__(self, name: str) -> None:
        from pyodide.code import run_js

        script = (files("citygrow_nb.answers") / "browser_storage.js").read_text("utf-8")
        self._script: Any = run_js(script)(name)

    async def lock(self) -> Callable[[], object]:
        release: Callable[[], object] = await self._script.lock()
        return release

    async def read(self) -> Mapping[str, File]:
        return {path: (text, modified) for path, (text, modified) in json.loads(await self._script.read()).items()}

    async def write(self, changed: Mapping[str, File | None]) -> None:
        await self._script.write(json.dumps(changed))


@contextlib.contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except Exception as error:
        if FULL in str(error):
            found, todo = "there is no room left in it", "download your answers, then free some room on this computer"
        else:
            found, todo = f"it refuses: {error}", "open this page in an ordinary window, not a private one"
        raise StoreError(Problem("the storage of this browser", found, todo=todo)) from error
