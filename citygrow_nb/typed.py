"""What of a sentence people type into a terminal: it does there what the sentence says, whatever a name holds."""

from __future__ import annotations

import re

_LIVE = re.compile(r"""["“”„‟$`!%]|(?!\A)\\(?:\\|\Z)""")
"""What ends a text in double quotes, or is replaced within it, in bash, PowerShell or cmd."""


def is_typed_as_shown(text: str) -> bool:
    r"""Tell whether a text in double quotes reaches a program as it is, in every usual shell.

    >>> is_typed_as_shown("Halle (BE)"), is_typed_as_shown("$(touch x)"), is_typed_as_shown("Halle\x1b")
    (True, False, False)
    """
    return text.isprintable() and _LIVE.search(text) is None
