"""The worker processes of this machine, and what all of them have in common."""

from __future__ import annotations

from pathlib import Path

from citygrow_nb.executors import ProcessPool
from citygrow_nb.workspace import MANIFEST

PRELOAD = "citygrow_nb.batch.preload"
"""What workers have in common: loaded once, and shared by all of them where the system can fork."""


def local_pool() -> ProcessPool:
    """Return the pool of this machine's workers."""
    return ProcessPool(PRELOAD)


def prepare_workers(out: Path) -> None:
    """Begin to load what workers need if no batch has written to a folder yet: then there will be work for them."""
    if not (out / MANIFEST).exists():
        local_pool().prepare()
