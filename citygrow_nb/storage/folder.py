"""Reports in a folder on this machine: written under temporary names, renamed all together, kept by one lock."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import shutil
import stat
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path

from citygrow_nb import atomic, borders
from citygrow_nb.exceptions import Problem, StoreBusy, StoreError, problem_of
from citygrow_nb.storage.outputs import (
    FAILED,
    LARGEST,
    Standing,
    checked_name,
    is_benchmark,
    is_half_written,
    is_report,
    is_stale,
    is_stale_part,
    overtaken,
)
from citygrow_nb.workspace import MANIFEST, checked_benchmark, city_folder

WRITER = f"{MANIFEST}.writer"
"""Lock that workers share while they give files their names; a hidden file of the same name says for which batch."""


@dataclass(frozen=True)
class Turn:
    """The right of one batch to write to a folder, until the next one begins.

    Parameters
    ----------
    top
        The folder.
    batch
        Name of the batch, another one each time.
    """

    top: Path
    batch: str

    @classmethod
    def begin(cls, top: Path) -> Turn:
        """Take the right away from whoever had it, as soon as none of them is in the middle of it."""
        turn = cls(top, secrets.token_hex(8))
        with atomic.locked(top / WRITER, shared=True):
            atomic.write(turn._sign, turn.batch.encode(), durable=False, shared=True)
        return turn

    def end(self) -> None:
        """Leave no sign."""
        with contextlib.suppress(OSError):
            self._sign.unlink()

    @contextlib.contextmanager
    def use(self) -> Iterator[None]:
        """Keep the right until the block ends; raises StoreError if it is another's."""
        with atomic.locked_together(self.top / WRITER):
            try:
                has_right = atomic.read(self._sign) == self.batch.encode()
            except OSError:
                has_right = False
            if not has_right:
                raise overtaken(str(self.top))
            yield

    @property
    def _sign(self) -> Path:
        return self.top / f".{WRITER}"


@dataclass(frozen=True)
class Folder:
    """A folder on this machine.

    Parameters
    ----------
    root
        The folder; made when needed.
    top
        The folder that its user chose, which this one is or lies in; no link below it is followed.
    turn
        Which batch may write; None for whoever comes, as in a folder of one's own.
    """

    root: Path
    top: Path | None = None
    turn: Turn | None = None

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
        return replace(self, root=self.root / checked_benchmark(benchmark), top=self.top or self.root)

    def benchmarks(self) -> Iterator[str]:
        """Look one folder deep."""
        return filter(is_benchmark, _folders(self.root))

    @contextlib.contextmanager
    def only_writer(self) -> Iterator[Folder]:
        """Hold a lock that goes with the process that has it; its workers, which may outlive it, lose their turn."""
        with ExitStack() as stack:
            try:
                stack.enter_context(atomic.locked(self.root / MANIFEST, patience=0, shared=True))
            except StoreBusy as error:
                found = "another batch is writing to this folder"
                todo = "wait until it has finished, or choose another folder with --out"
                raise StoreBusy(Problem(self.where, found, todo=todo)) from error
            turn = Turn.begin(self.root)
            _clear(self.root)
            try:
                yield replace(self, turn=turn)
            finally:
                turn.end()

    def publish_city(self, city: str, round_label: str, files: Mapping[str, bytes]) -> None:
        """Write everything under temporary names before the first file gets its own.

        A full disk leaves the earlier report as it was.
        """
        self._replace(city_folder(self.root, city, round_label), files.items(), is_stale, sealed=True)

    def keep_broken(self, city: str, round_label: str, notebooks: Mapping[str, bytes]) -> None:
        """Put them into a folder of their own, and take away those of the failure before."""
        folder = city_folder(self.root, city, round_label)
        with self._turn():
            _clear(borders.checked(self.top or self.root, folder))
            shutil.rmtree(folder / FAILED, ignore_errors=True)
        self._replace(folder / FAILED, notebooks.items())

    def publish(self, files: Iterable[tuple[str, bytes]]) -> None:
        """Write all of them, then rename all of them."""
        self._replace(self.root, files, is_stale_part)

    def read(self, name: str, most: int = LARGEST) -> bytes | None:
        """Read a whole file; a link is none, and what is published next takes its place."""
        path = self.root / checked_name(name)
        try:
            borders.keep_within(self.top or self.root, path)
            told = path.stat()
            if not stat.S_ISREG(told.st_mode) or told.st_size > most:
                raise StoreError(Problem(str(path), "this is no file that citygrow wrote", todo="take it away"))
            return atomic.read(path)
        except FileNotFoundError:
            return None
        except OSError as error:
            if error.errno in {errno.ELOOP, errno.ENODEV}:
                return None
            raise StoreError(problem_of(error, path)) from error

    def files(self, folder: str = "") -> Mapping[str, Standing]:
        """List the folder once."""
        try:
            if folder:
                borders.keep_within(self.top or self.root, self.root / checked_name(folder))
            with os.scandir(self.root / folder) as entries:
                return dict(filter(None, map(_entry, entries)))
        except OSError:
            return {}

    def remove(self, names: Sequence[str]) -> None:
        """Take them away one by one."""
        with self._turn():
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

    def _turn(self) -> AbstractContextManager[None]:
        return self.turn.use() if self.turn else nullcontext()

    def _replace(
        self,
        folder: Path,
        files: Iterable[tuple[str, bytes]],
        is_old: Callable[[str, Collection[str]], bool] | None = None,
        *,
        sealed: bool = False,
    ) -> None:
        """Write files under temporary names, take away what they make old, and give them theirs in the same order."""
        written: dict[str, ExitStack] = {}
        cleared: set[Path] = set()
        with ExitStack() as all_or_nothing:
            for name, content in files:
                path = folder / checked_name(name)
                if path.parent not in cleared:
                    with self._turn():
                        _clear(borders.checked(self.top or self.root, path.parent))
                    cleared.add(path.parent)
                written[name] = all_or_nothing.enter_context(ExitStack())
                file = written[name].enter_context(atomic.replacing(path, durable=False, shared=True))
                file.write(content)
                file.flush()
            with self._turn():
                if sealed:
                    # Killed among what follows, old and new stand side by side: such a report must not look whole.
                    with contextlib.suppress(OSError):
                        (folder / list(written)[-1]).unlink()
                    shutil.rmtree(folder / FAILED, ignore_errors=True)
                if is_old:
                    with contextlib.suppress(OSError):
                        for path in folder.iterdir():
                            if is_old(path.name, written):
                                path.unlink()
                for each in written.values():
                    each.close()


def _entry(entry: os.DirEntry[str]) -> tuple[str, Standing] | None:
    """Return a file or a folder; a link is none."""
    told = entry.stat(follow_symlinks=False)
    mark = "" if stat.S_ISREG(told.st_mode) else "/" if stat.S_ISDIR(told.st_mode) else None
    return None if mark is None else (f"{entry.name}{mark}", Standing(told.st_size, told.st_mtime))


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
