"""What a report was made from, and whether it would come out the same: judged by content alone, never by times.

Each report has its own record (``run.json`` in its folder), written when all its other files stand. It is fresh when
its files are there, and the document, that of the round before, and what shapes all pages are what they were.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import islice
from sys import intern
from typing import Any, TypeVar

from pydantic import ValidationError

import citygrow_nb
from citygrow_nb import benchmarks
from citygrow_nb.batch.manifest import records
from citygrow_nb.batch.source_index import Identity
from citygrow_nb.batch.sources import Known, LoadBenchmark
from citygrow_nb.exceptions import CitygrowError
from citygrow_nb.model import Benchmark, CityFigures
from citygrow_nb.model.run import BenchmarkRecord, ReportRecord
from citygrow_nb.storage import Outputs, is_half_written
from citygrow_nb.versions import code_sha256, versions
from citygrow_nb.workspace import MANIFEST

Looked = TypeVar("Looked")
Key = tuple[str, str]
"""City and round."""

_FORMAT, _VERSION = (ReportRecord.model_fields[name].default for name in ("format", "version"))
_AT_ONCE = 64
"""Records read at the same time from a place that answers slowly."""


@dataclass(frozen=True)
class Imprint:
    """What shapes all pages of a run alike.

    Parameters
    ----------
    benchmark
        The benchmark, with the fingerprint of its content.
    libraries
        Versions of the libraries that shape a report.
    sha256
        Fingerprint of these, of this package's code, templates and style sheets, and of the options that shape pages.
    """

    benchmark: BenchmarkRecord
    libraries: Mapping[str, str]
    sha256: str

    @classmethod
    def of(cls, benchmark: Benchmark, *, engine: str, pdf: bool) -> Imprint:
        """Return the imprint of a run.

        Workbooks are not looked at: they follow from the benchmark and the code.
        """
        content = hashlib.sha256(benchmarks.dump(benchmark)).hexdigest()
        libraries = versions(pdf=pdf)
        python = ".".join(map(str, sys.version_info[:2]))
        shape = [content, code_sha256(), python, sorted(libraries.items()), engine, pdf]
        return cls(
            BenchmarkRecord(id=benchmark.id, version=benchmark.version, sha256=content),
            libraries,
            hashlib.sha256(json.dumps(shape).encode()).hexdigest(),
        )

    def record(self, figures: CityFigures, document: bytes, earlier: bytes, files: Mapping[str, bytes]) -> bytes:
        """Return a report's own record.

        Parameters
        ----------
        figures
            What the portfolio shows of the city.
        document, earlier
            SHA-256 of the city's document and of that of the round before; empty if there is none.
        files
            All other files of the report.
        """
        record = ReportRecord(
            citygrow=citygrow_nb.__version__,
            libraries=dict(self.libraries),
            benchmark=self.benchmark,
            shaped_by=self.sha256,
            document_sha256=document.hex(),
            earlier_sha256=earlier.hex(),
            figures=figures,
            files=records(files),
        )
        return f"{record.model_dump_json(indent=1)}\n".encode()


@dataclass(frozen=True, slots=True)
class Report:
    """What one needs to know of a report that stands in the output folder; small, because there are many.

    Parameters
    ----------
    made_from
        Fingerprint of all that it was made from; empty if some of its files are missing.
    figures
        Fingerprint of what the portfolio shows of it.
    """

    made_from: bytes
    figures: bytes


def made_from(shaped_by: str, document: bytes, earlier: bytes) -> bytes:
    """Return the fingerprint of all that a report is made from."""
    return hashlib.sha256(f"{shaped_by} {document.hex()} {earlier.hex()}".encode()).digest()


def figures_digest(figures: CityFigures) -> bytes:
    """Return the fingerprint of what the portfolio shows of a city."""
    return _digest(figures.model_dump(mode="json"))


def standing(outputs: Outputs, benchmark_id: str, wanted: Iterable[Key]) -> dict[Key, Report | None]:
    """Look at all reports of a benchmark in the output folder.

    Parameters
    ----------
    outputs
        Where they are.
    benchmark_id
        Reports of another benchmark are passed over.
    wanted
        Those whose files are to be counted; the others are taken to be complete.

    Returns
    -------
    dict
        Reports by city and round, sorted; None stands for one whose record cannot be read.
    """
    counted = set(wanted)

    def look(key: Key) -> tuple[Key, str, Report | None]:
        record = _record(outputs, key)
        if record is None:
            return key, benchmark_id, None
        whole = key not in counted or _is_whole(outputs, key, record)
        made = made_from(record.shaped_by, record.document, record.earlier) if whole else b""
        return key, record.benchmark, Report(made, _digest(record.figures))

    looked = _each(outputs, outputs.cities(), look)
    return {key: report for key, benchmark, report in looked if benchmark == benchmark_id}


def known(outputs: Outputs, benchmark: LoadBenchmark, *, engine: str, pdf: bool) -> Known:
    """Return the documents that reports were made from by this citygrow, with the benchmarks of today.

    Parameters
    ----------
    outputs
        Where the reports are.
    benchmark
        Loads a benchmark by its id.
    engine, pdf
        Options that shape pages.
    """
    imprints: dict[str, str] = {}
    found: dict[bytes, Identity] = {}
    for record in _each(outputs, outputs.cities(), partial(_record, outputs)):
        if record is None:
            continue
        named = record.benchmark
        if named not in imprints:
            imprints[named] = ""
            with contextlib.suppress(CitygrowError):
                imprints[named] = Imprint.of(benchmark(named), engine=engine, pdf=pdf).sha256
        if record.shaped_by == imprints[named]:
            found[record.document] = Identity(*record.key, record.figures["city"]["name"], named)
    return found


def figures_of(outputs: Outputs, keys: Iterable[Key]) -> Iterator[tuple[Key, bytes | None]]:
    """Yield what the portfolio shows of each city, as JSON; None if its record cannot be read any more."""

    def look(key: Key) -> tuple[Key, bytes | None]:
        record = _record(outputs, key)
        try:
            return key, CityFigures.model_validate(record.figures).model_dump_json().encode() if record else None
        except ValidationError:
            return key, None

    return _each(outputs, keys, look)


def _each(outputs: Outputs, keys: Iterable[Key], look: Callable[[Key], Looked]) -> Iterator[Looked]:
    if not outputs.everywhere:
        yield from map(look, keys)
        return
    # A bucket answers slowly, but many at a time.
    rest = iter(keys)
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        while some := list(islice(rest, _AT_ONCE)):
            yield from threads.map(look, some)


@dataclass(frozen=True, slots=True)
class _Record:
    """What matters of a report's record; a thousand must be read in a moment, so they are not validated as a whole."""

    key: Key
    benchmark: str
    shaped_by: str
    document: bytes
    earlier: bytes
    figures: dict[str, Any]
    sizes: dict[str, int]


def _record(outputs: Outputs, key: Key) -> _Record | None:
    """Return a report's record; None if it cannot be read, or is of another city."""
    try:
        raw = json.loads(outputs.read("/".join((*key, MANIFEST))) or b"")
        figures = raw["figures"]
        if (raw["format"], raw["version"], figures["city"]["slug"], figures["round"]) != (_FORMAT, _VERSION, *key):
            return None
        return _Record(
            (key[0], intern(key[1])),
            intern(raw["benchmark"]["id"]),
            intern(raw["shaped_by"]),
            bytes.fromhex(raw["document_sha256"]),
            bytes.fromhex(raw["earlier_sha256"]),
            figures,
            {file["name"]: file["size"] for file in raw["files"]},
        )
    except (CitygrowError, ValueError, KeyError, TypeError, RecursionError):
        return None


def _is_whole(outputs: Outputs, key: Key, record: _Record) -> bool:
    there = outputs.sizes(*key)
    # What a killed run left lying goes when the report is made anew.
    return record.sizes.items() <= there.items() and not any(map(is_half_written, there))


def _digest(figures: dict[str, Any]) -> bytes:
    return hashlib.sha256(json.dumps(figures, sort_keys=True).encode()).digest()
