"""Whole files or nothing: atomic replacement, and locks between processes.

A file written here is complete under its final name or not there at all, whatever kills the process. Works on Linux,
macOS and Windows, where a reader may hold a file for a moment.

What is written is the user's own, unless it is said to be ``shared``: answers, and what is made of them for their
writer, are nobody else's to read. In a folder that was given to a group on purpose (its setgid bit is set) the group
keeps its access.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import secrets
import stat
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from citygrow_nb import borders
from citygrow_nb.exceptions import Problem, StoreBusy, StoreError, problem_of

PATIENCE = 10.0
"""Seconds to wait for a lock."""

_WINDOWS_RETRIES = 20
_WINDOWS_PAUSE = 0.05


def require_plain(path: Path, limit: int) -> None:
    """Refuse, before it is opened, what is no file (opening a pipe would wait for ever) or larger than a limit.

    Parameters
    ----------
    path
        The file.
    limit
        How many bytes it may have.

    Raises
    ------
    OSError
        If it cannot be read, or must not be.
    """
    there = path.stat()
    if not stat.S_ISREG(there.st_mode) and not stat.S_ISDIR(there.st_mode):
        raise OSError(errno.ENODEV, "this is a device or a pipe, not a file", str(path))
    if there.st_size > limit:
        size, most = (f"{bytes_ / 2**20:,.0f} MB" for bytes_ in (there.st_size, limit))
        raise OSError(errno.EFBIG, f"the file has {size}; a file of this kind may have {most}", str(path))


def read(path: Path, limit: int = sys.maxsize, *, within: Path | None = None) -> bytes:
    """Return a whole file as it stood at one moment.

    Parameters
    ----------
    path
        The file.
    limit
        How many bytes it may have.
    within
        A folder that the way to the file must not lead out of, as in :func:`citygrow_nb.borders.keep_within`.

    Returns
    -------
    bytes
        Its content.

    Raises
    ------
    OSError
        If it cannot be read; a missing file stays ``FileNotFoundError``, so that the caller can tell.
    """
    if within is not None:
        borders.keep_within(within, path)
    for attempt in range(_WINDOWS_RETRIES):
        try:
            require_plain(path, limit)
            return path.read_bytes()
        except PermissionError:
            # On Windows a file that is just being replaced cannot be opened for some milliseconds.
            if os.name != "nt" or attempt == _WINDOWS_RETRIES - 1:
                raise
            time.sleep(_WINDOWS_PAUSE)
    raise AssertionError("the last attempt returns or raises")


def make_folder(path: Path, *, shared: bool = False) -> None:
    """Make a folder and those above it, as far as they are missing.

    Parameters
    ----------
    path
        The folder.
    shared
        Whether others may read what is in it, as the user's umask says.

    Raises
    ------
    OSError
        If it cannot be made.
    """
    if shared:
        path.mkdir(parents=True, exist_ok=True)
        return
    for folder in reversed([path, *path.parents]):
        if not folder.is_dir():
            mode = _mode(folder.parent) | stat.S_IXUSR
            folder.mkdir(mode=mode, exist_ok=True)
            if mode & stat.S_IRWXG:
                folder.chmod(mode | stat.S_IXGRP | stat.S_ISGID)


def _mode(folder: Path) -> int:
    """Return how a file of the user's own stands in a folder."""
    given_to_group = os.name == "posix" and folder.stat().st_mode & stat.S_ISGID
    return stat.S_IRUSR | stat.S_IWUSR | (stat.S_IRGRP | stat.S_IWGRP if given_to_group else 0)


def write(path: Path, content: bytes, *, durable: bool = True, shared: bool = False) -> None:
    """Write a file so that it is never seen half-written.

    Parameters
    ----------
    path
        Final name. Its folder is made if missing.
    content
        All bytes of the file.
    durable
        Wait until the content is on disk (fsync), so that it survives a power cut. Leave it out for what can be made
        again.
    shared
        Whether others may read it, as the user's umask says.

    Raises
    ------
    StoreError
        If it could not be written; the file then stands as it was before.
    """
    with replacing(path, durable=durable, shared=shared) as file:
        file.write(content)


@contextlib.contextmanager
def replacing(path: Path, *, durable: bool = True, shared: bool = False) -> Iterator[BinaryIO]:
    """Open a file for writing piece by piece; it replaces what was there only when the block ends well.

    Parameters
    ----------
    path
        Final name. Its folder is made if missing.
    durable, shared
        As in :func:`write`.

    Yields
    ------
    BinaryIO
        An empty file, open for writing.

    Raises
    ------
    StoreError
        If it could not be written; the file then stands as it was before.
    """
    try:
        # A new folder is only durable once the folder above it is.
        folders = [path.parent, *(folder.parent for folder in (path.parent, *path.parents) if not folder.exists())]
        make_folder(path.parent, shared=shared)
        name = path.parent / f".{path.name}.{secrets.token_hex(8)}.tmp"
        mode = 0o666 if shared else _mode(path.parent)
        try:
            with open(name, "xb", opener=lambda file, flags: os.open(file, flags, mode)) as file:
                if not shared and mode & stat.S_IWGRP:
                    os.fchmod(file.fileno(), mode)
                yield file
                file.flush()
                if durable:
                    os.fsync(file.fileno())
            _replace(name, path)
        except BaseException:
            with contextlib.suppress(OSError):
                name.unlink()
            raise
        if durable:
            for folder in folders:
                _sync_folder(folder)
    except OSError as error:
        raise StoreError(problem_of(error, path)) from error


@contextlib.contextmanager
def locked(path: Path, patience: float = PATIENCE, *, shared: bool = False) -> Iterator[None]:
    """Hold the lock that belongs to a file, and clear away what a killed writer left beside it.

    Parameters
    ----------
    path
        The file; the lock is a hidden file beside it and goes with the process that holds it.
    patience
        Seconds to wait.
    shared
        Whether what stands there is for others, too, as in :func:`write`.

    Raises
    ------
    StoreBusy
        If somebody else holds it for longer.
    StoreError
        If the folder cannot be written to.
    """
    try:
        make_folder(path.parent, shared=shared)
        mode = -1 if shared else _mode(path.parent)
    except OSError as error:
        raise StoreError(problem_of(error, path.parent)) from error
    with _alone(path, patience, mode):
        # Exactly the names that `replacing` gives: ".2026.json." also begins the names of a round "2026.json.b".
        left = re.compile(rf"\.{re.escape(path.name)}\.[0-9a-f]{{16}}\.tmp")
        with contextlib.suppress(OSError):
            for file in path.parent.iterdir():
                if left.fullmatch(file.name):
                    file.unlink()
        yield


@contextlib.contextmanager
def locked_together(path: Path) -> Iterator[None]:
    """Hold the lock that belongs to a file with all others who hold it so; :func:`locked` waits for every one.

    Parameters
    ----------
    path
        The file. Its folder must be there.
    """
    if sys.platform in {"win32", "emscripten"}:
        with _alone(path, PATIENCE, -1):  # there a lock has one holder
            yield
        return
    import fcntl

    try:
        handle = os.open(_lock_of(path), os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o666)
    except OSError as error:
        raise StoreError(problem_of(error, path.parent)) from error
    try:
        with contextlib.suppress(OSError):  # a disk without such locks
            fcntl.flock(handle, fcntl.LOCK_SH)
        yield
    finally:
        os.close(handle)


def _lock_of(path: Path) -> Path:
    return path.parent / f".{path.name}.lock"


@contextlib.contextmanager
def _alone(path: Path, patience: float, mode: int) -> Iterator[None]:
    if sys.platform == "emscripten":
        yield  # one process and one thread; against other pages there is the lock of `answers.browser_storage`
        return
    from filelock import FileLock, Timeout

    lock = FileLock(_lock_of(path), timeout=patience, mode=mode)
    try:
        lock.acquire()
    except Timeout as error:
        raise StoreBusy(
            Problem(str(path), "somebody else is saving to this file", todo="wait a moment and save again")
        ) from error
    except OSError as error:
        raise StoreError(problem_of(error, path.parent)) from error
    try:
        yield
    finally:
        lock.release()


def _replace(source: Path, target: Path) -> None:
    for attempt in range(_WINDOWS_RETRIES):
        try:
            source.replace(target)
            return
        except PermissionError:
            # On Windows a virus scanner or a reader holds the target for some milliseconds.
            if os.name != "nt" or attempt == _WINDOWS_RETRIES - 1:
                raise
            time.sleep(_WINDOWS_PAUSE)


def _sync_folder(folder: Path) -> None:
    # Windows can't open folders; there the replacement is durable with the file.
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
