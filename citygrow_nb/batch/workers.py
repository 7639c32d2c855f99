"""What the worker processes of this machine have in common."""

from __future__ import annotations

from pathlib import Path

from citygrow_nb.running.processes import prepare
from citygrow_nb.workspace import MANIFEST

PRELOAD = "citygrow_nb.batch.preload"
"""Module that is loaded once, and shared by all workers where the system can fork."""


def prepare_workers(out: Path) -> None:
    """Begin to load what workers need if no batch has written to a folder yet: then there will be work for them."""
    if not (out / MANIFEST).exists():
        prepare(PRELOAD)
