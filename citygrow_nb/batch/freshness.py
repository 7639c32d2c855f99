"""What a report was made from, and whether it would come out the same: judged by content alone.

Each report has its own record (``run.json`` in its folder), written when all its other files stand. It is fresh when
its files are what the record says, and the document, those of the rounds before, what is told of mentors, and what
shapes all pages are what they were. Whose report it is, is for the document to say: the record must agree.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from itertools import islice
from sys import intern
from types import MappingProxyType
from typing import Any, TypeVar

import citygrow_nb
from citygrow_nb import benchmarks
from citygrow_nb.batch.manifest import records
from citygrow_nb.batch.seals import Seal
from citygrow_nb.batch.source_index import Identity
from citygrow_nb.batch.sources import Known
from citygrow_nb.batch.workbooks import Planned
from citygrow_nb.exceptions import CitygrowError, Problem
from citygrow_nb.model import Benchmark, City, CityFigures, Results
from citygrow_nb.model.published import Said
from citygrow_nb.model.run import BenchmarkRecord, ReportRecord, WorkbookRecord
from citygrow_nb.storage import FAILED, Outputs, is_half_written
from citygrow_nb.versions import code_sha256, versions
from citygrow_nb.workspace import MANIFEST, RESULTS

Looked = TypeVar("Looked")
Key = tuple[str, str]
"""City and round."""

_NO_RECORD = (CitygrowError, ValueError, KeyError, TypeError, RecursionError)
"""What a file raises that should be a report's record and is none."""

_FORMAT, _VERSION = (ReportRecord.model_fields[name].default for name in ("format", "version"))
_LARGEST = 5_000_000
"""Bytes of the largest record of a report that is read; it has some ten thousand."""

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
    def of(cls, benchmark: Benchmark, *, engine: str, pdf: bool, own: str = "") -> Imprint:
        """Return the imprint of a run.

        Parameters
        ----------
        benchmark
            What is asked. Workbooks as built are not looked at: they follow from it and from the code.
        engine, pdf
            Options that shape pages.
        own
            Fingerprint of own workbooks and of what they read; empty where there are none.
        """
        content = hashlib.sha256(benchmarks.dump(benchmark)).hexdigest()
        libraries = versions(pdf=pdf)
        python = ".".join(map(str, sys.version_info[:2]))
        shape = [content, code_sha256(), python, sorted(libraries.items()), engine, pdf, own]
        return cls(
            BenchmarkRecord(id=benchmark.id, version=benchmark.version, sha256=content),
            libraries,
            hashlib.sha256(json.dumps(shape).encode()).hexdigest(),
        )

    def record(
        self,
        figures: CityFigures,
        document: bytes,
        earlier: bytes,
        mentors: bytes,
        files: Mapping[str, bytes],
        workbooks: Sequence[Planned] = (),
        left_out: Mapping[str, Sequence[Problem]] = MappingProxyType({}),
    ) -> bytes:
        """Return a report's own record.

        Parameters
        ----------
        figures
            What the portfolio shows of the city.
        document, earlier, mentors
            SHA-256 of the city's document, of those of the rounds before, and of what is told of mentors; empty if
            there is none.
        files
            All other files of the report.
        workbooks, left_out
            The workbooks that were run, and why some of them have no page, by file name.
        """
        record = ReportRecord(
            citygrow=citygrow_nb.__version__,
            libraries=dict(self.libraries),
            benchmark=self.benchmark,
            shaped_by=self.sha256,
            document_sha256=document.hex(),
            earlier_sha256=earlier.hex(),
            mentors_sha256=mentors.hex(),
            figures=figures,
            workbooks=tuple(
                WorkbookRecord(
                    name=each.name.file,
                    sha256=each.sha256,
                    engine=each.engine,
                    failure=Said(*left_out.get(each.name.file, ())),
                )
                for each in workbooks
                if each.name.kind != "portfolio"
            ),
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
        Fingerprint of what pages over many reports show of it.
    """

    made_from: bytes
    figures: bytes


@dataclass(frozen=True, slots=True)
class Record:
    """What a report's own record says, read once a run; small, because there are many.

    Parameters
    ----------
    identity
        Whose answers it says it shows.
    shaped_by
        Fingerprint of what shapes all pages alike.
    document, earlier, mentors
        SHA-256 of the city's document, of those of the rounds before, and of what is told of mentors.
    figures
        Fingerprint of what pages over many reports show of it.
    names, sizes
        Its files, and their bytes.
    """

    identity: Identity
    shaped_by: str
    document: bytes
    earlier: bytes
    mentors: bytes
    figures: bytes
    names: tuple[str, ...]
    sizes: tuple[int, ...]

    @classmethod
    def of(cls, content: bytes, key: Key) -> Record:
        """Return the record that a file holds; raises whatever a file that is none makes it raise."""
        # A thousand must be read in a moment, so they are not validated as a whole.
        raw = _raw(content, key)
        figures = raw["figures"]
        city = City.model_validate(figures["city"])
        return cls(
            Identity.stated(raw["benchmark"]["id"], key[1], city),
            # One that lacks a page is made anew.
            "" if any(each["failure"] for each in raw["workbooks"]) else intern(raw["shaped_by"]),
            bytes.fromhex(raw["document_sha256"]),
            bytes.fromhex(raw["earlier_sha256"]),
            bytes.fromhex(raw["mentors_sha256"]),
            _digest(figures),
            _shared(tuple(file["name"] for file in raw["files"])),
            tuple(file["size"] for file in raw["files"]),
        )


Records = Mapping[Key, Record | None]
"""Records of all reports on one benchmark, sorted; None stands for one that cannot be read."""


def made_from(whose: Identity, shaped_by: str, document: bytes, earlier: bytes, mentors: bytes) -> bytes:
    """Return the fingerprint of all that a report is made from, and of whose it is."""
    parts = [repr(whose), shaped_by, *(digest.hex() for digest in (document, earlier, mentors))]
    return hashlib.sha256(json.dumps(parts).encode()).digest()


def digest_of(told: bytes) -> bytes:
    """Return the fingerprint of what a report is told of mentors; empty where it is told nothing."""
    return hashlib.sha256(told).digest() if told else b""


def together(digests: Sequence[bytes]) -> bytes:
    """Return one fingerprint for several documents; empty for none."""
    return hashlib.sha256(b"".join(digests)).digest() if digests else b""


def figures_digest(figures: CityFigures) -> bytes:
    """Return the fingerprint of what pages over many reports show of a city."""
    return _digest(figures.model_dump(mode="json"))


def read_records(outputs: Outputs) -> Records:
    """Read the records of all reports on one benchmark.

    Parameters
    ----------
    outputs
        Where the reports on this benchmark are.
    """

    def look(key: Key) -> tuple[Key, Record | None]:
        key = (key[0], intern(key[1]))
        try:
            return key, Record.of(_content(outputs, key), key)
        except _NO_RECORD:
            return key, None

    return dict(_each(outputs, outputs.cities(), look))


def standing(
    outputs: Outputs, records: Records, wanted: Iterable[Key], *, verify: bool = False
) -> dict[Key, Report | None]:
    """Judge the reports on one benchmark.

    Parameters
    ----------
    outputs
        Where they are.
    records
        Their records.
    wanted
        Those whose files are to be looked at; the others are taken to be complete.
    verify
        Whether to compare all hashes.

    Returns
    -------
    dict
        Reports by city and round, sorted; None stands for one whose record cannot be read.
    """
    counted = set(wanted)

    def judge(key: Key) -> tuple[Key, Report | None]:
        record = records[key]
        if record is None:
            return key, None
        if key in counted and not _is_whole(outputs, key, record, verify):
            return key, Report(b"", record.figures)
        made = made_from(record.identity, record.shaped_by, record.document, record.earlier, record.mentors)
        return key, Report(made, record.figures)

    return dict(_each(outputs, records, judge))


def known(records: Iterable[Record | None], imprint: Callable[[str], str]) -> Known:
    """Return the documents that reports were made from by this citygrow, with the benchmarks of today.

    Parameters
    ----------
    records
        Of all reports.
    imprint
        Fingerprint of what shapes the pages on a benchmark today, by its id.
    """
    imprints: dict[str, str] = {}
    found: set[bytes] = set()
    for record in records:
        if record is None:
            continue
        named = record.identity.benchmark
        if named not in imprints:
            imprints[named] = ""
            with contextlib.suppress(CitygrowError):
                imprints[named] = imprint(named)
        if record.shaped_by and record.shaped_by == imprints[named]:
            found.add(record.document)
    return found


def figures_of(outputs: Outputs, keys: Iterable[Key]) -> Iterator[tuple[Key, bytes | None]]:
    """Yield what the portfolio shows of each city, as JSON; None if its record cannot be read any more."""

    def look(key: Key) -> tuple[Key, bytes | None]:
        try:
            figures = _raw(_content(outputs, key), key)["figures"]
            return key, CityFigures.model_validate(figures).model_dump_json().encode()
        except _NO_RECORD:
            return key, None

    return _each(outputs, keys, look)


def _raw(content: bytes, key: Key) -> dict[str, Any]:
    """Return what a file says that is the record of this report, and not of one that was copied into its folder."""
    raw: dict[str, Any] = json.loads(content)
    figures = raw["figures"]
    if (raw["format"], raw["version"], figures["city"]["slug"], figures["round"]) != (_FORMAT, _VERSION, *key):
        raise ValueError("this is another report's record")
    return raw


def _each(outputs: Outputs, keys: Iterable[Key], look: Callable[[Key], Looked]) -> Iterator[Looked]:
    if not outputs.everywhere:
        yield from map(look, keys)
        return
    # A bucket answers slowly, but many at a time.
    rest = iter(keys)
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        while some := list(islice(rest, _AT_ONCE)):
            yield from threads.map(look, some)


def _content(outputs: Outputs, key: Key) -> bytes:
    return outputs.read("/".join((*key, MANIFEST)), _LARGEST) or b""


@cache
def _shared(names: tuple[str, ...]) -> tuple[str, ...]:
    # Most reports have files of the same names.
    return names


def _is_whole(outputs: Outputs, key: Key, record: Record, verify: bool) -> bool:
    folder = "/".join(key)
    there = outputs.files(folder)
    # What a killed run or a failure since left lying goes when the report is made anew.
    if MANIFEST not in there or f"{FAILED}/" in there or any(map(is_half_written, there)):
        return False
    if any(
        name not in there or there[name].size != size for name, size in zip(record.names, record.sizes, strict=True)
    ):
        return False
    seal = Seal(there[MANIFEST].written, verify)
    if seal.trusts_times(record.names, there):
        return True
    try:
        content = _content(outputs, key)
        told = ReportRecord.model_validate_json(content)
        files = {file.name: file for file in told.files}
        if seal.intact(outputs, folder, files, there) != set(record.names):
            return False
        results = Results.model_validate_json(outputs.read(f"{folder}/{RESULTS}") or b"")
        if CityFigures.of(results) != told.figures:
            return False
        if not verify:
            # It is all as it was, and need not be looked at so closely the next time.
            outputs.publish([(f"{folder}/{MANIFEST}", content)])
    except _NO_RECORD:
        return False
    return True


def _digest(figures: dict[str, Any]) -> bytes:
    return hashlib.sha256(json.dumps(figures, sort_keys=True).encode()).digest()
