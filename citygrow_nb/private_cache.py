"""What one process has worked out and the next need not: compiled templates, benchmarks read from YAML.

It is in the user's own part of the temporary folder. Nothing depends on it: what cannot be read or kept, or is not what
was kept, is made again.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
import tempfile
from pathlib import Path

from citygrow_nb import atomic
from citygrow_nb.exceptions import CitygrowError

_SEAL = hashlib.sha256().digest_size
"""Bytes of the fingerprint in front of what is kept."""


def private_folder() -> Path | None:
    """Return the folder; None where there is none that nobody else may write to."""
    mine = f"-{os.getuid()}" if hasattr(os, "getuid") else ""  # elsewhere each user has a temporary folder
    folder = Path(tempfile.gettempdir()) / f"cg-compiled{mine}"
    try:
        with contextlib.suppress(FileExistsError):
            folder.mkdir(mode=stat.S_IRWXU)
        told = folder.lstat()
    except OSError:
        return None
    if not stat.S_ISDIR(told.st_mode) or (mine and (told.st_uid != os.getuid() or told.st_mode & 0o077)):
        return None
    return folder


def kept(name: str) -> bytes | None:
    """Return what was kept under a name; None if there is nothing, or something else."""
    folder = private_folder()
    if folder is None:
        return None
    with contextlib.suppress(OSError):
        found = atomic.read(folder / name)
        content = found[_SEAL:]
        return content if hashlib.sha256(content).digest() == found[:_SEAL] else None
    return None


def keep(name: str, content: bytes) -> None:
    """Keep something under a name, if there is room for it."""
    if folder := private_folder():
        with contextlib.suppress(CitygrowError):
            atomic.write(folder / name, hashlib.sha256(content).digest() + content, durable=False)
