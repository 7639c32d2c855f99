"""What goes into the record of a run."""

from __future__ import annotations

import hashlib

from citygrow_nb.batch import manifest
from citygrow_nb.model.run import CityRecord, PortfolioRecord


def city(status: str, **files: bytes) -> CityRecord:
    return CityRecord.model_validate(
        {
            "city": "a",
            "name": "A",
            "round": "2026",
            "source": "a.json",
            "document_sha256": "0",
            "status": status,
            "files": manifest.records(files),
            "seconds": 1,
        }
    )


def test_files_are_recorded_by_name_with_their_fingerprints() -> None:
    """Order of the files does not matter; size and fingerprint are those of the bytes."""
    first, second = manifest.records({"b": b"bb", "a": "Ż".encode()})
    assert (first.name, first.size, first.sha256) == ("a", 2, hashlib.sha256("Ż".encode()).hexdigest())
    assert second.name == "b"


def test_totals_are_sums_over_cities_and_portfolio() -> None:
    """Every file counts once, and every city is either made or failed."""
    portfolio = PortfolioRecord(status="made", files=manifest.records({"index.html": b"123"}))
    totals = manifest.totals([city("made", a=b"1", b=b"22"), city("failed")], portfolio, 2.34567)
    assert totals.model_dump() == {"cities": 2, "made": 1, "failed": 1, "files": 3, "bytes": 6, "seconds": 2.346}


def test_versions_name_every_library() -> None:
    """A report says what shaped it."""
    assert set(manifest.versions()) == set(manifest.LIBRARIES)
    assert "unknown" not in manifest.versions().values()
