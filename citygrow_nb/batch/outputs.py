"""Where finished pages go: a folder on this machine, or a bucket behind any URL that fsspec knows.

A city's report is written all together, or not at all, as far as the place allows: everything goes there first, and the
last file, its seal, last of all. A report without its seal is not one, so that whatever kills a run in between costs no
more than that report, which the next run makes again.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from citygrow_nb import atomic
from citygrow_nb.exceptions import Problem, StoreBusy, StoreError, UsageError, problem_of
from citygrow_nb.workspace import INDEX, MANIFEST, checked_round, checked_slug, city_folder

FAILED = "failed"
"""Folder below a city's that keeps the notebooks of a failed run."""

_URL = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]+)://(?P<rest>.*)", re.DOTALL)
"""At least two letters before the colon, because one is a drive of Windows."""

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*(/[A-Za-z0-9_][A-Za-z0-9._-]*)*")
_OURS = re.compile(r"\d\d-.*\.(html|ipynb)|report\.(html|pdf)")
_PART = re.compile(r"cities-\d+\.html|advice-[a-z]+\d+\.html|failed-[^/]*\.ipynb")
"""Further pages of the portfolio, of which fewer cities make fewer, and what a portfolio that failed left behind."""

_HALF_WRITTEN = re.compile(r"\..*\.[0-9a-f]{16}\.tmp")


class Outputs(Protocol):
    """A place for reports. It is small and can travel to a worker, and threads may share it."""

    @property
    def where(self) -> str:
        """What people call it."""

    @property
    def everywhere(self) -> bool:
        """Whether it is the same place on every machine, so that workers elsewhere can write to it."""

    def only_writer(self) -> AbstractContextManager[None]:
        """Keep other batches out, find out that one can write here, and clear away what a killed one left.

        Raises
        ------
        StoreBusy
            If another batch is at it.
        StoreError
            If it cannot be written to.
        """

    def publish_city(self, city: str, round_label: str, files: Mapping[str, bytes]) -> None:
        """Write a city's report, and take away what no longer belongs to it.

        Parameters
        ----------
        city, round_label
            Whose report it is.
        files
            Content by file name, in order; the last one is the seal.

        Raises
        ------
        StoreError
            If they could not be written.
        """

    def keep_broken(self, city: str, round_label: str, notebooks: Mapping[str, bytes]) -> None:
        """Keep the notebooks of a failed run beside the report, which stays as it was; none leaves nothing behind."""

    def publish(self, files: Mapping[str, bytes]) -> None:
        """Write files at the top, by their name or path, the last one last.

        The others stay, except that a new first page leaves none of the portfolio's further pages behind.
        """

    def read(self, name: str) -> bytes | None:
        """Return a file by its name or path, such as ``port/2026/run.json``; None if there is none."""

    def cities(self) -> Iterator[tuple[str, str]]:
        """Yield city and round of every sealed report, sorted."""

    def sizes(self, city: str, round_label: str) -> Mapping[str, int]:
        """Return the size of each file that stands in a city's folder, without those below it."""


def open_outputs(where: str | Path) -> Outputs:
    """Return the place that a path or URL names; nothing is written or asked yet.

    Parameters
    ----------
    where
        A path, or a URL such as ``s3://bucket/reports``.

    Raises
    ------
    UsageError
        If there is no such kind of place, or what it needs is not installed.
    """
    url = _URL.fullmatch(where) if isinstance(where, str) else None
    if url is None:
        return Folder(Path(where))
    if url["scheme"].lower() in {"file", "local"}:
        return Folder(Path(url["rest"]))
    if importlib.util.find_spec("fsspec") is None:
        raise UsageError(
            Problem(
                str(where), "it takes more to write there", todo='install it with pip install "citygrow-nb[cluster]"'
            )
        )
    from citygrow_nb.batch.buckets import Bucket

    return Bucket.at(str(where))


def checked_name(name: str) -> str:
    """Return the name or path of a file unchanged if it keeps to the folder it is meant for."""
    if _NAME.fullmatch(name):
        return name
    raise UsageError(Problem(f"file “{name}”", "this cannot be the name of a page"))


def is_report(city: str, round_label: str) -> bool:
    """Tell whether a folder ``city/round_label`` may be one of ours."""
    try:
        return bool(checked_slug(city) and checked_round(round_label))
    except UsageError:
        return False


def is_stale(name: str, files: Mapping[str, bytes]) -> bool:
    """Tell whether a file in a city's folder was made by an earlier run and is not among the new ones."""
    return name not in files and _OURS.fullmatch(name) is not None


def is_half_written(name: str) -> bool:
    """Tell whether a file is what a run that was killed left of one."""
    return _HALF_WRITTEN.fullmatch(name) is not None


def is_stale_part(name: str, files: Mapping[str, bytes]) -> bool:
    """Tell whether a file at the top is a further page of a portfolio that new files take the place of."""
    return INDEX in files and name not in files and _PART.fullmatch(name) is not None


@dataclass(frozen=True)
class Folder:
    """A folder on this machine.

    Parameters
    ----------
    root
        The folder; made when needed.
    """

    root: Path

    @property
    def where(self) -> str:
        """The path."""
        return str(self.root)

    @property
    def everywhere(self) -> bool:
        """A disk belongs to one machine."""
        return False

    @contextlib.contextmanager
    def only_writer(self) -> Iterator[None]:
        """Hold a lock that goes with the process that has it."""
        with ExitStack() as stack:
            try:
                stack.enter_context(atomic.locked(self.root / MANIFEST, patience=0))
            except StoreBusy as error:
                found = "another batch is writing to this folder"
                todo = "wait until it has finished, or choose another folder with --out"
                raise StoreBusy(Problem(self.where, found, todo=todo)) from error
            _clear(self.root)
            yield

    def publish_city(self, city: str, round_label: str, files: Mapping[str, bytes]) -> None:
        """Write everything under temporary names before the first file gets its own.

        A full disk leaves the earlier report as it was.
        """
        folder = city_folder(self.root, city, round_label)
        _clear(folder)
        self._replace(folder, files, sealed=True)
        shutil.rmtree(folder / FAILED, ignore_errors=True)
        with contextlib.suppress(OSError):
            for path in folder.iterdir():
                if is_stale(path.name, files):
                    path.unlink()

    def keep_broken(self, city: str, round_label: str, notebooks: Mapping[str, bytes]) -> None:
        """Put them into a folder of their own, and take away those of the failure before."""
        folder = city_folder(self.root, city, round_label)
        _clear(folder)
        shutil.rmtree(folder / FAILED, ignore_errors=True)
        self._replace(folder / FAILED, notebooks)

    def publish(self, files: Mapping[str, bytes]) -> None:
        """Write all of them, then rename all of them."""
        self._replace(self.root, files)
        with contextlib.suppress(OSError):
            for path in self.root.iterdir():
                if is_stale_part(path.name, files):
                    path.unlink()

    def read(self, name: str) -> bytes | None:
        """Read a whole file."""
        path = self.root / checked_name(name)
        try:
            return atomic.read(path)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StoreError(problem_of(error, path)) from error

    def cities(self) -> Iterator[tuple[str, str]]:
        """Look two folders deep."""
        for city in _folders(self.root):
            for label in _folders(self.root / city):
                if is_report(city, label) and (self.root / city / label / MANIFEST).is_file():
                    yield city, label

    def sizes(self, city: str, round_label: str) -> Mapping[str, int]:
        """List the folder once."""
        folder = city_folder(self.root, city, round_label)
        try:
            with os.scandir(folder) as entries:
                return {entry.name: entry.stat().st_size for entry in entries if entry.is_file()}
        except OSError:
            return {}

    def _replace(self, folder: Path, files: Mapping[str, bytes], *, sealed: bool = False) -> None:
        with ExitStack() as stack:
            # A stack ends in reverse order: the last file gets its name last.
            for name, content in reversed(list(files.items())):
                file = stack.enter_context(atomic.replacing(folder / checked_name(name), durable=False))
                file.write(content)
                file.flush()
            if sealed:
                # Killed among the renames, old and new pages stand side by side: such a report must not look whole.
                with contextlib.suppress(OSError):
                    (folder / list(files)[-1]).unlink()


def _folders(folder: Path) -> list[str]:
    try:
        with os.scandir(folder) as entries:
            return sorted(entry.name for entry in entries if entry.is_dir())
    except OSError:
        return []


def _clear(folder: Path) -> None:
    # What a run that was killed left behind. Nobody else writes here: the caller holds the lock of the output folder.
    with contextlib.suppress(OSError):
        for path in folder.iterdir():
            if is_half_written(path.name):
                path.unlink()
