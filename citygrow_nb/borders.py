"""What stays inside a folder: no link below it is followed, and only ordinary files are read.

A folder that somebody sent, or that several people write to, may hold a link to anywhere, or a pipe that never ends.
The folder itself is its user's choice and may be reached by links, as a disk that is mounted elsewhere is.
"""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

from citygrow_nb.exceptions import StoreError, problem_of

_JUNCTION = 0xA0000003
"""What Windows calls a link to a folder that is no symbolic link."""


def keep_within(folder: Path, path: Path) -> None:
    """Make sure that the way from a folder to something below it leads over no link, to an ordinary file or folder.

    Parameters
    ----------
    folder
        Where it must stay.
    path
        What is below, or the folder itself; need not exist.

    Raises
    ------
    OSError
        ``ELOOP`` for a link, ``ENODEV`` for what is neither file nor folder, ``EINVAL`` for what lies elsewhere.
    """
    # As texts: this is asked for every file of a hundred thousand reports, and pathlib takes ten times as long.
    place, way = str(folder), str(path)
    top = "" if place == "." else place.rstrip(os.sep) + os.sep
    if way == place:
        return
    parts = way[len(top) :].split(os.sep)  # noqa: PTH206
    if not way.startswith(top) or ".." in parts or (not top and path.is_absolute()):
        raise OSError(errno.EINVAL, f"this lies outside {folder}", way)
    for part in parts:
        place = os.path.join(place, part)  # noqa: PTH118
        try:
            told = os.lstat(place)
        except (FileNotFoundError, NotADirectoryError):
            return
        if is_link(told):
            raise OSError(errno.ELOOP, "this is a link", place)
        if not (stat.S_ISREG(told.st_mode) or stat.S_ISDIR(told.st_mode)):
            raise OSError(errno.ENODEV, "this is a device or a pipe, not a file", place)


def checked(folder: Path, path: Path) -> Path:
    """Return a path unchanged if :func:`keep_within` lets it pass.

    Raises
    ------
    StoreError
        If it does not.
    """
    try:
        keep_within(folder, path)
    except OSError as error:
        raise StoreError(problem_of(error, path)) from error
    return path


def is_link(told: os.stat_result) -> bool:
    """Tell whether a file's own facts are those of a link."""
    return stat.S_ISLNK(told.st_mode) or getattr(told, "st_reparse_tag", 0) == _JUNCTION
