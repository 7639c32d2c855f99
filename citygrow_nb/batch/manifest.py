"""What goes into ``run.json`` besides the cities: fingerprints of files, sums."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from citygrow_nb.model.run import CityRecord, FileRecord, PortfolioRecord, Totals


@dataclass
class Written:
    """How much was written in a run.

    Parameters
    ----------
    files, size
        Number of files, and bytes of them all together.
    """

    files: int = 0
    size: int = 0

    def add(self, files: int, size: int) -> None:
        """Add some files."""
        self.files += files
        self.size += size


def record(name: str, content: bytes) -> FileRecord:
    """Return the record of a file."""
    return FileRecord(name=name, size=len(content), sha256=hashlib.sha256(content).hexdigest())


def records(files: Mapping[str, bytes]) -> tuple[FileRecord, ...]:
    """Return the record of each file, in order of their names."""
    return tuple(record(*file) for file in sorted(files.items()))


def noted(files: Iterable[tuple[str, bytes]], records: dict[str, FileRecord]) -> Iterator[tuple[str, bytes]]:
    """Pass files on, and note the record of each by its name."""
    for name, content in files:
        records[name] = record(name, content)
        yield name, content


def totals(
    cities: Iterable[CityRecord], portfolios: Iterable[PortfolioRecord], written: Written, seconds: float
) -> Totals:
    """Return the sums over a run that took so many seconds, and wrote so much for its cities."""
    statuses = [city.status for city in cities]
    pages = [file for portfolio in portfolios if portfolio.status == "made" for file in portfolio.files]
    return Totals(
        cities=len(statuses),
        made=statuses.count("made") + statuses.count("incomplete"),
        incomplete=statuses.count("incomplete"),
        unchanged=statuses.count("unchanged"),
        failed=statuses.count("failed"),
        files=written.files + len(pages),
        bytes=written.size + sum(file.size for file in pages),
        seconds=round(seconds, 3),
    )
