"""Which code and which libraries are at work here: what pages can depend on besides their data."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

LIBRARIES = (
    "papermill",
    "nbclient",
    "nbconvert",
    "nbformat",
    "ipykernel",
    "ipython",
    "jinja2",
    "mistune",
    "openpyxl",
    "pydantic",
)
PDF_LIBRARIES = ("weasyprint",)

_CODE = frozenset({".py", ".j2", ".css", ".js"})


def versions(*, pdf: bool = False) -> dict[str, str]:
    """Return the versions of the libraries that shape a report, without importing them."""
    return {name: _version(name) for name in (*LIBRARIES, *(PDF_LIBRARIES if pdf else ()))}


@cache
def _version(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:
        return "unknown"


@cache
def code_sha256() -> str:
    """Return the fingerprint of this package's code, templates, style sheets and scripts."""
    root = Path(__file__).parent
    total = hashlib.sha256()
    for path in sorted(path for path in root.rglob("*") if path.suffix in _CODE):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        total.update(f"{path.relative_to(root).as_posix()} {content}\n".encode())
    return total.hexdigest()
