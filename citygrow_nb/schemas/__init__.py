"""The published JSON Schemas of citygrow's documents, as they are committed beside this module.

Reading them needs nothing but their files. ``python -m citygrow_nb.schemas`` makes them anew from the models.
"""

from __future__ import annotations

import re
from pathlib import Path

from citygrow_nb.exceptions import Problem, UsageError, one_line

FOLDER = Path(__file__).parent


def names() -> tuple[str, ...]:
    """Return the names of all published schemas, sorted."""
    return tuple(sorted({path.name.split(".")[0] for path in FOLDER.glob("*.v*.json")}))


def text(name: str) -> str:
    """Return a schema's newest version as it was published.

    Parameters
    ----------
    name
        One of :func:`names`.

    Returns
    -------
    str
        A JSON Schema, draft 2020-12.

    Raises
    ------
    UsageError
        If there is no schema of this name.
    """
    if name not in names():
        raise UsageError(Problem(f"schema “{name}”", "there is no such schema", one_line(names())))
    newest = max(FOLDER.glob(f"{name}.v*.json"), key=lambda path: int(re.sub(r"\D", "", path.suffixes[0])))
    return newest.read_text(encoding="utf-8")
