"""Put finished pages below the output folder: a report's files all together, or none of them."""

from __future__ import annotations

import contextlib
import re
import shutil
from collections.abc import Mapping
from pathlib import Path

from citygrow_nb import atomic

FAILED = "failed"
"""Folder below a city's that keeps the notebooks of a failed run."""

_OF_A_WORKBOOK = re.compile(r"\d\d-.*\.(html|ipynb)")
_HALF_WRITTEN = re.compile(r"\..*\.[0-9a-f]{16}\.tmp")


def publish_city(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write a city's report, and take away what no longer belongs to it.

    Parameters
    ----------
    folder
        The city's folder for this round; made if missing.
    files
        Content by file name, in order.

    Raises
    ------
    StoreError
        If they could not be written; the earlier report is then as it was.
    """
    publish(folder, files)
    shutil.rmtree(folder / FAILED, ignore_errors=True)
    with contextlib.suppress(OSError):
        for path in folder.iterdir():
            if path.name not in files and _OF_A_WORKBOOK.fullmatch(path.name):
                path.unlink()


def publish(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write some files all together.

    All are written under temporary names first; only when everything is on disk do they get their names, the last one
    last. So a full disk leaves the earlier report as it was.

    Parameters
    ----------
    folder
        Where to; made if missing.
    files
        Content by file name, in order.

    Raises
    ------
    StoreError
        If they could not be written; what was there is then as it was.
    """
    _clear(folder)
    with contextlib.ExitStack() as stack:
        # A stack ends in reverse order.
        for name, content in reversed(list(files.items())):
            file = stack.enter_context(atomic.replacing(folder / name, durable=False))
            file.write(content)
            file.flush()


def keep_broken(folder: Path, notebooks: Mapping[str, bytes]) -> None:
    """Keep the notebooks of a failed run beside the report, which stays as it was.

    Parameters
    ----------
    folder
        The city's folder for this round.
    notebooks
        Content by file name; none leaves nothing behind.
    """
    shutil.rmtree(folder / FAILED, ignore_errors=True)
    for name, content in notebooks.items():
        atomic.write(folder / FAILED / name, content, durable=False)


def _clear(folder: Path) -> None:
    # What a run that was killed left behind. Nobody else writes here: the caller holds the lock of the output folder.
    with contextlib.suppress(OSError):
        for path in folder.iterdir():
            if _HALF_WRITTEN.fullmatch(path.name):
                path.unlink()
