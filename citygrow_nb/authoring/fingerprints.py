"""Which workbooks came with citygrow: hashes of their cells, by which the guide knows what it may run unasked."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from citygrow_nb.authoring.building import build
from citygrow_nb.model import Benchmark

EXTENSIONS = Path(__file__).parents[1] / "labextensions"
"""Folder of the extensions for JupyterLab that travel with the package."""

SHIPPED = EXTENSIONS / "citygrow-guide" / "static" / "shipped.json"
"""Hashes of all workbooks that came with this version, as a list."""


def fingerprint(cells: Iterable[dict[str, Any]]) -> str:
    r"""Return the hash of a notebook's cells: their kinds and sources in order, nothing else.

    Parameters
    ----------
    cells
        Cells as a notebook file has them; a source may be a text or a list of lines.

    Returns
    -------
    str
        SHA-256, hexadecimal; the guide's script computes the same.

    Examples
    --------
    >>> fingerprint([{"cell_type": "code", "source": ["1 +\n", "1"]}])[:8]
    '0bcf06d7'
    """
    content = [[cell["cell_type"], "".join(cell["source"])] for cell in cells]
    return sha256(json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()


@lru_cache(maxsize=64)
def is_shipped(workbook: bytes) -> bool:
    """Return whether a workbook came with citygrow, and nobody has changed what its cells say.

    Parameters
    ----------
    workbook
        The notebook as in its file.
    """
    try:
        return fingerprint(json.loads(workbook)["cells"]) in _shipped()
    except (ValueError, LookupError, TypeError, RecursionError):
        return False


@cache
def _shipped() -> frozenset[str]:
    return frozenset(json.loads(SHIPPED.read_text(encoding="utf-8")))


def fingerprints(benchmarks: Sequence[Benchmark]) -> bytes:
    """Return the content of :data:`SHIPPED` for the benchmarks that come with citygrow."""
    found = {fingerprint(json.loads(content)["cells"]) for one in benchmarks for content in build(one).values()}
    return (json.dumps(sorted(found), indent=1) + "\n").encode()
