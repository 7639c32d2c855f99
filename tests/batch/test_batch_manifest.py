"""What goes into the record of a run."""

from __future__ import annotations

import hashlib

from citygrow_nb.batch import manifest
from citygrow_nb.model.run import CityRecord, PortfolioRecord


def city(status: str) -> CityRecord:
    return CityRecord.model_validate(
        {
            "benchmark": "x",
            "city": "a",
            "name": "A",
            "round": "2026",
            "source": "a.json",
            "document_sha256": "0",
            "status": status,
        }
    )


def test_files_are_recorded_by_name_with_their_fingerprints() -> None:
    """Order of the files does not matter; size and fingerprint are those of the bytes."""
    first, second = manifest.records({"b": b"bb", "a": "Ż".encode()})
    assert (first.name, first.size, first.sha256) == ("a", 2, hashlib.sha256("Ż".encode()).hexdigest())
    assert second.name == "b"


def test_totals_are_sums_over_cities_and_portfolio() -> None:
    """Every city is made, unchanged or failed, and every file that was written counts once."""
    written = manifest.Written()
    written.add(2, 30)
    written.add(1, 3)
    portfolio = PortfolioRecord(status="made", files=manifest.records({"index.html": b"123"}))
    cities = [city(status) for status in ("made", "made", "unchanged", "failed")]
    assert manifest.totals(cities, [portfolio], written, 2.34567).model_dump() == {
        "cities": 4,
        "made": 2,
        "incomplete": 0,
        "unchanged": 1,
        "failed": 1,
        "files": 4,
        "bytes": 36,
        "seconds": 2.346,
    }


def test_portfolio_that_was_left_alone_was_not_written() -> None:
    """Its files are in its record, and not among those of this run."""
    portfolio = PortfolioRecord(status="unchanged", files=manifest.records({"index.html": b"123"}))
    assert manifest.totals([], [portfolio], manifest.Written(), 0).files == 0
