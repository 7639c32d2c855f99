"""Where finished pages go: a folder on this machine, or a bucket behind any URL that fsspec knows.

A city's report is written all together, or not at all, as far as the place allows: everything goes there first, and the
last file, its seal, last of all. A report without its seal is not one, so that whatever kills a run in between costs no
more than that report, which the next run makes again.

Workers outlive a run that was killed by some seconds. So only the batch that was the last to begin may write: what
another holds of the same place is refused from that moment on.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import NamedTuple, Protocol

from citygrow_nb.exceptions import Problem, StoreError, UsageError
from citygrow_nb.workspace import INDEX, checked_benchmark, checked_round, checked_slug

FAILED = "failed"
"""Folder below a city's that keeps the notebooks of a failed run."""

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*(/[A-Za-z0-9_][A-Za-z0-9._-]*)*")
_OURS = re.compile(r"\d\d-.*\.(html|ipynb)|report\.(html|pdf)")
_PART = re.compile(
    r"(cities|status)-\d+\.html|(advice|mentoring)-[a-z]+\d+\.html|mentoring\.(html|csv|xlsx|json)|failed-[^/]*\.ipynb"
)
"""Further pages of the portfolio, of which fewer cities make fewer, and what a portfolio that failed left behind."""

LARGEST = 1_000_000_000
"""Bytes of the largest file that is read: nothing that citygrow writes comes near."""

_HALF_WRITTEN = re.compile(r"\..*\.[0-9a-f]{16}\.tmp")


class Standing(NamedTuple):
    """A file that stands in a place for reports: its bytes, and when it was written by the place's own clock."""

    size: int
    written: float


class Outputs(Protocol):
    """A place for reports. It is small and can travel to a worker, and threads may share it."""

    @property
    def where(self) -> str:
        """What people call it."""

    @property
    def everywhere(self) -> bool:
        """Whether it is the same place on every machine, so that workers elsewhere can write to it."""

    def within(self, benchmark: str) -> Outputs:
        """Return the place for the reports on one benchmark, a folder below this one."""

    def benchmarks(self) -> Iterator[str]:
        """Yield the ids of all benchmarks that have a folder here, sorted."""

    def only_writer(self) -> AbstractContextManager[Outputs]:
        """Keep other batches out, find out that one can write here, and clear away what a killed one left.

        Yields
        ------
        Outputs
            The place as this batch may write to it. Workers of one that was killed can't any more.

        Raises
        ------
        StoreBusy
            If another batch is at it.
        StoreError
            If it cannot be written to.
        """

    def publish_city(self, city: str, round_label: str, files: Mapping[str, bytes]) -> None:
        """Write a city's report, and take away what no longer belongs to it.

        Parameters
        ----------
        city, round_label
            Whose report it is.
        files
            Content by file name, in order; the last one is the seal.

        Raises
        ------
        StoreError
            If they could not be written.
        """

    def keep_broken(self, city: str, round_label: str, notebooks: Mapping[str, bytes]) -> None:
        """Keep the notebooks of a failed run beside the report, which stays as it was; none leaves nothing behind."""

    def publish(self, files: Iterable[tuple[str, bytes]]) -> None:
        """Write files at the top as they come, so that they need not be in memory all together.

        The others stay, except that a new first page leaves none of the portfolio's further pages behind.

        Parameters
        ----------
        files
            Name or path, and content; the last one is put in its place last.

        Raises
        ------
        StoreError
            If they could not be written.
        """

    def read(self, name: str, most: int = LARGEST) -> bytes | None:
        """Return a file by its name or path, such as ``port/2026/run.json``; None if there is none.

        Raises
        ------
        StoreError
            If it cannot be read, or is no file of at most so many bytes where this is known beforehand.
        """

    def files(self, folder: str = "") -> Mapping[str, Standing]:
        """Return what stands in a folder such as ``cities`` or ``port/2026``: files, hidden ones too.

        Of folders in it there is the name, with a slash; what is in these is not told.
        """

    def remove(self, names: Sequence[str]) -> None:
        """Take files away, by their path; one that is not there is no error."""

    def cities(self) -> Iterator[tuple[str, str]]:
        """Yield city and round of every sealed report, sorted."""


def overtaken(where: str) -> StoreError:
    """Return the error of a batch that is no longer the last that began to write to a place."""
    return StoreError(Problem(where, "another batch has begun to write there", todo="wait until it has finished"))


def checked_name(name: str) -> str:
    """Return the name or path of a file unchanged if it keeps to the folder it is meant for."""
    if _NAME.fullmatch(name):
        return name
    raise UsageError(Problem(f"file “{name}”", "this cannot be the name of a page"))


def is_report(city: str, round_label: str) -> bool:
    """Tell whether a folder ``city/round_label`` may be one of ours."""
    try:
        return bool(checked_slug(city) and checked_round(round_label))
    except UsageError:
        return False


def is_benchmark(folder: str) -> bool:
    """Tell whether a folder may hold the reports on one benchmark."""
    try:
        return bool(checked_benchmark(folder))
    except UsageError:
        return False


def is_stale(name: str, files: Collection[str]) -> bool:
    """Tell whether a file in a city's folder was made by an earlier run and is not among the new ones."""
    return name not in files and _OURS.fullmatch(name) is not None


def is_half_written(name: str) -> bool:
    """Tell whether a file is what a run that was killed left of one."""
    return _HALF_WRITTEN.fullmatch(name) is not None


def is_stale_part(name: str, files: Collection[str]) -> bool:
    """Tell whether a file at the top is a further page of a portfolio that new files take the place of."""
    return INDEX in files and name not in files and _PART.fullmatch(name) is not None
