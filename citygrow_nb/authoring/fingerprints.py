"""Where the guide travels, and by which hashes the site's guide knows the workbooks that it may run unasked."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from citygrow_nb.authoring.building import build
from citygrow_nb.authoring.cells import fingerprint
from citygrow_nb.model import Benchmark

EXTENSIONS = Path(__file__).parents[1] / "labextensions"
"""Folder of the extensions for JupyterLab that travel with the package."""


def fingerprints_of(benchmark: Benchmark) -> frozenset[str]:
    """Return the fingerprints of all workbooks that are built from a benchmark."""
    return frozenset(fingerprint(json.loads(content)["cells"]) for content in build(benchmark).values())


def fingerprints(benchmarks: Sequence[Benchmark]) -> bytes:
    """Return those of all workbooks of a site, as its guide reads them: a list."""
    found = frozenset().union(*map(fingerprints_of, benchmarks))
    return (json.dumps(sorted(found), indent=1) + "\n").encode()
