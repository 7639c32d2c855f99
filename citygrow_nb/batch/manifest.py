"""What goes into ``run.json`` besides the cities: fingerprints of files, versions of libraries, sums."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version

from citygrow_nb.model.run import CityRecord, FileRecord, PortfolioRecord, Totals

LIBRARIES = ("papermill", "nbclient", "nbconvert", "nbformat", "ipykernel", "jinja2", "pydantic")


def records(files: Mapping[str, bytes]) -> tuple[FileRecord, ...]:
    """Return the record of each file, in order of their names."""
    return tuple(
        FileRecord(name=name, size=len(content), sha256=hashlib.sha256(content).hexdigest())
        for name, content in sorted(files.items())
    )


def totals(cities: Sequence[CityRecord], portfolio: PortfolioRecord, seconds: float) -> Totals:
    """Return the sums over a run that took so many seconds."""
    files = [*(file for city in cities for file in city.files), *portfolio.files]
    return Totals(
        cities=len(cities),
        made=sum(city.status == "made" for city in cities),
        failed=sum(city.status == "failed" for city in cities),
        files=len(files),
        bytes=sum(file.size for file in files),
        seconds=round(seconds, 3),
    )


def versions() -> dict[str, str]:
    """Return the versions of the libraries that shape a report, without importing them."""
    found = {}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "unknown"
    return found
