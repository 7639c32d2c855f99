"""Reports in a folder on this machine: written under temporary names, renamed all together, kept by one lock."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from citygrow_nb import atomic, borders
from citygrow_nb.exceptions import Problem, StoreBusy, StoreError, problem_of
from citygrow_nb.storage.outputs import (
    FAILED,
    checked_name,
    is_benchmark,
    is_half_written,
    is_report,
    is_stale,
    is_stale_part,
)
from citygrow_nb.workspace import MANIFEST, checked_benchmark, city_folder


@dataclass(frozen=True)
class Folder:
    """A folder on this machine.

    Parameters
    ----------
    root
        The folder; made when needed.
    top
        The folder that its user chose, which this one is or lies in; no link below it is followed.
    """

    root: Path
    top: Path | None = None

    @property
    def where(self) -> str:
        """The path."""
        return str(self.root)

    @property
    def everywhere(self) -> bool:
        """A disk belongs to one machine."""
        return False

    def within(self, benchmark: str) -> Folder:
        """Return the folder of one benchmark."""
        return Folder(self.root / checked_benchmark(benchmark), self.top or self.root)

    def benchmarks(self) -> Iterator[str]:
        """Look one folder deep."""
        return filter(is_benchmark, _folders(self.root))

    @contextlib.contextmanager
    def only_writer(self) -> Iterator[None]:
        """Hold a lock that goes with the process that has it."""
        with ExitStack() as stack:
            try:
                stack.enter_context(atomic.locked(self.root / MANIFEST, patience=0, shared=True))
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
        self._replace(folder, files.items(), sealed=True)
        shutil.rmtree(folder / FAILED, ignore_errors=True)
        with contextlib.suppress(OSError):
            for path in folder.iterdir():
                if is_stale(path.name, files):
                    path.unlink()

    def keep_broken(self, city: str, round_label: str, notebooks: Mapping[str, bytes]) -> None:
        """Put them into a folder of their own, and take away those of the failure before."""
        folder = city_folder(self.root, city, round_label)
        _clear(borders.checked(self.top or self.root, folder))
        shutil.rmtree(folder / FAILED, ignore_errors=True)
        self._replace(folder / FAILED, notebooks.items())

    def publish(self, files: Iterable[tuple[str, bytes]]) -> None:
        """Write all of them, then rename all of them."""
        names = self._replace(self.root, files)
        with contextlib.suppress(OSError):
            for path in self.root.iterdir():
                if is_stale_part(path.name, names):
                    path.unlink()

    def read(self, name: str) -> bytes | None:
        """Read a whole file; a link is none, and what is published next takes its place."""
        path = self.root / checked_name(name)
        try:
            borders.keep_within(self.top or self.root, path)
            return atomic.read(path)
        except FileNotFoundError:
            return None
        except OSError as error:
            if error.errno in {errno.ELOOP, errno.ENODEV}:
                return None
            raise StoreError(problem_of(error, path)) from error

    def names(self, folder: str) -> Iterator[str]:
        """List the folder once."""
        try:
            borders.keep_within(self.top or self.root, self.root / checked_name(folder))
            with os.scandir(self.root / folder) as entries:
                yield from [entry.name for entry in entries if _is_file(entry) and not entry.name.startswith(".")]
        except OSError:
            return

    def remove(self, names: Sequence[str]) -> None:
        """Take them away one by one."""
        for name in map(checked_name, names):
            with contextlib.suppress(OSError):
                borders.keep_within(self.top or self.root, (self.root / name).parent)
                (self.root / name).unlink()

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
            borders.keep_within(self.top or self.root, folder)
            with os.scandir(folder) as entries:
                return {entry.name: entry.stat().st_size for entry in entries if _is_file(entry)}
        except OSError:
            return {}

    def _replace(self, folder: Path, files: Iterable[tuple[str, bytes]], *, sealed: bool = False) -> list[str]:
        """Write files under temporary names, give them theirs in the same order, and return these."""
        written: dict[str, ExitStack] = {}
        cleared: set[Path] = set()
        with ExitStack() as all_or_nothing:
            for name, content in files:
                path = folder / checked_name(name)
                if path.parent not in cleared:
                    _clear(borders.checked(self.top or self.root, path.parent))
                    cleared.add(path.parent)
                written[name] = all_or_nothing.enter_context(ExitStack())
                file = written[name].enter_context(atomic.replacing(path, durable=False, shared=True))
                file.write(content)
                file.flush()
            if sealed:
                # Killed among the renames, old and new pages stand side by side: such a report must not look whole.
                with contextlib.suppress(OSError):
                    (folder / list(written)[-1]).unlink()
            for each in written.values():
                each.close()
        return list(written)


def _is_file(entry: os.DirEntry[str]) -> bool:
    return entry.is_file(follow_symlinks=False)


def _folders(folder: Path) -> list[str]:
    try:
        with os.scandir(folder) as entries:
            return sorted(entry.name for entry in entries if entry.is_dir(follow_symlinks=False))
    except OSError:
        return []


def _clear(folder: Path) -> None:
    # What a run that was killed left behind. Nobody else writes here: the caller holds the lock of the output folder.
    with contextlib.suppress(OSError):
        for path in folder.iterdir():
            if is_half_written(path.name):
                path.unlink()
