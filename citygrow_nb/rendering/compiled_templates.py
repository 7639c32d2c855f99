"""Templates compiled once for all processes of a user, as Python does with modules: that takes a third of a second."""

from __future__ import annotations

import contextlib

from jinja2 import BytecodeCache
from jinja2.bccache import Bucket

from citygrow_nb import private_cache


class CompiledTemplates(BytecodeCache):
    """Compiled templates among what is kept for the next process."""

    def load_bytecode(self, bucket: Bucket) -> None:
        """Load a template if it is there, and fits this version of Python and Jinja."""
        if content := private_cache.kept(_name(bucket)):
            with contextlib.suppress(EOFError, ValueError, TypeError):
                bucket.bytecode_from_string(content)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep a template."""
        private_cache.keep(_name(bucket), bucket.bytecode_to_string())


def _name(bucket: Bucket) -> str:
    return f"{bucket.key}.template"
