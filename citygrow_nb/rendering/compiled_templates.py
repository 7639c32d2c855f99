"""Templates compiled once for all processes of a user, as Python does with modules: that takes a third of a second."""

from __future__ import annotations

import contextlib

from jinja2 import BytecodeCache, FileSystemBytecodeCache
from jinja2.bccache import Bucket

from citygrow_nb.private_cache import private_folder


class CompiledTemplates(FileSystemBytecodeCache):
    """Compiled templates in a folder; without those that cannot be read or kept."""

    def load_bytecode(self, bucket: Bucket) -> None:
        """Load a template if it is there and whole."""
        try:
            super().load_bytecode(bucket)
        except Exception:  # noqa: BLE001 -- a damaged file may fail in any way
            bucket.reset()

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep a template, unless the disk is full."""
        with contextlib.suppress(OSError):
            super().dump_bytecode(bucket)


def compiled_templates() -> BytecodeCache | None:
    """Return the place of compiled templates; None where there is no folder that nobody else may write to."""
    folder = private_folder()
    return CompiledTemplates(str(folder), "%s.template") if folder else None
