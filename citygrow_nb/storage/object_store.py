"""Reports in a bucket: S3 and its like through fsspec, where an object is there whole or not at all.

Credentials are what the machine that writes has, by the rules of its store; they never travel with a job.
"""

from __future__ import annotations

import contextlib
import json
import platform
import secrets
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from citygrow_nb.addresses import without_secrets
from citygrow_nb.exceptions import CitygrowError, Problem, StoreBusy, StoreError, UsageError
from citygrow_nb.storage.outputs import (
    FAILED,
    LARGEST,
    Standing,
    checked_name,
    is_benchmark,
    is_report,
    is_stale,
    is_stale_part,
    overtaken,
)
from citygrow_nb.workspace import INDEX, MANIFEST, checked_benchmark, checked_round, checked_slug

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem

WRITER = f".{MANIFEST}.lock"
"""Object that says who is writing to a bucket."""

LEASE = 60.0
"""Seconds after which a writer that gave no sign of life counts as gone."""

_AT_ONCE = 32
"""Cities looked up at the same time: a store answers slowly, but many."""

_TOGETHER = 4_000_000
"""Bytes of files that are written at the same time, and held in memory for that."""

_WHOLE = frozenset({"s3", "s3a", "gs", "gcs", "az", "abfs", "abfss", "adl", "oss", "oci", "memory"})
"""Kinds of place where an object appears whole; elsewhere it is written under another name and moved."""

_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".json": "application/json",
    ".ipynb": "application/x-ipynb+json",
    ".pdf": "application/pdf",
    ".csv": "text/csv; charset=utf-8",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
"""So that a browser shows the pages of a bucket and does not save them."""

_TIMES = ("LastModified", "last_modified", "updated", "mtime", "created")
"""What the kinds of store call the moment at which an object was written."""

_TYPE_OPTION = {"s3": "ContentType", "s3a": "ContentType", "gs": "content_type", "gcs": "content_type"}


@dataclass(frozen=True)
class ObjectStore:
    """A bucket, or a folder in one.

    Parameters
    ----------
    url
        Its address without a slash at the end.
    top, batch
        Where the sign of the writer is, and which batch may write; empty for whoever comes.
    """

    url: str
    top: str = ""
    batch: str = ""

    @classmethod
    def at(cls, url: str) -> ObjectStore:
        """Return the bucket at an address.

        Raises
        ------
        UsageError
            If there is no such kind of place, or what it needs is not installed.
        """
        import fsspec

        scheme, _, rest = url.partition("://")
        try:
            fsspec.get_filesystem_class(scheme.lower())
        except ValueError as error:
            allowed = "a folder, s3://…, gs://…, abfs://… and the other addresses that fsspec knows"
            raise UsageError(Problem(url, f"there is no kind of place called “{scheme}”", allowed)) from error
        except ImportError as error:
            extra = 'pip install "citygrow-nb[s3]"' if scheme.lower() in {"s3", "s3a"} else str(error)
            raise UsageError(Problem(url, "it takes more to write there", todo=f"install it: {extra}")) from error
        if not rest.strip("/") or {"..", "."} & set(rest.split("/")):
            raise UsageError(Problem(url, "this is no address of a folder", f"{scheme}://name/folder"))
        return cls(f"{scheme.lower()}://{rest.rstrip('/')}")

    @property
    def where(self) -> str:
        """The address."""
        return without_secrets(self.url, self.url)

    @property
    def everywhere(self) -> bool:
        """A bucket is the same from every machine."""
        return not self.url.startswith("memory://")

    def within(self, benchmark: str) -> ObjectStore:
        """Return the folder of one benchmark."""
        return replace(self, url=f"{self.url}/{checked_benchmark(benchmark)}")

    def benchmarks(self) -> Iterator[str]:
        """List once."""
        return iter(name for name in self._folders() if is_benchmark(name))

    @contextlib.contextmanager
    def only_writer(self) -> Iterator[ObjectStore]:
        """Leave a sign that one is writing here and renew it; the best that all stores can do.

        Of two batches that begin in the same instant, the one that signs last goes on. The sign of a batch that was
        killed is believed for a minute.
        """
        mine = replace(self, top=self.url, batch=secrets.token_hex(8))
        with self._explained():
            self._refuse_another()
            mine._sign()
        done = threading.Event()
        renewing = threading.Thread(target=mine._renew, args=(done,), daemon=True)
        renewing.start()
        try:
            yield mine
        finally:
            done.set()
            renewing.join()
            with contextlib.suppress(Exception):
                mine._require_turn()
                self._files.rm([self._path(WRITER)])

    def publish_city(self, city: str, round_label: str, files: Mapping[str, bytes]) -> None:
        """Take the seal away, write the other files, remove what they make old, and write the new seal."""
        folder = _folder(city, round_label)
        *pages, seal = map(checked_name, files)
        with self._explained():
            self._require_turn()
            there = self._listed(folder)
            self._remove([f"{folder}/{seal}"] if seal in there else [])
            self._put({f"{folder}/{name}": files[name] for name in pages})
            self._require_turn()
            old = (name for name in there if is_stale(name, files) or name.startswith(f"{FAILED}/"))
            self._remove([f"{folder}/{name}" for name in old])
            self._put({f"{folder}/{seal}": files[seal]})

    def keep_broken(self, city: str, round_label: str, notebooks: Mapping[str, bytes]) -> None:
        """Write them into a folder of their own, and take away those of the failure before."""
        folder = _folder(city, round_label)
        with self._explained():
            self._require_turn()
            names = [f"{FAILED}/{name}" for name in map(checked_name, notebooks)]
            before = [name for name in self._listed(folder) if name.startswith(f"{FAILED}/") and name not in names]
            self._remove([f"{folder}/{name}" for name in before])
            self._put({f"{folder}/{FAILED}/{name}": content for name, content in notebooks.items()})

    def publish(self, files: Iterable[tuple[str, bytes]]) -> None:
        """Write some megabytes of them at a time, and the last one alone."""
        names: list[str] = []
        waiting: dict[str, bytes] = {}
        for name, content in files:
            if sum(map(len, waiting.values())) > _TOGETHER:
                with self._explained():
                    self._require_turn()
                    self._put(waiting)
                waiting.clear()
            names.append(checked_name(name))
            waiting[name] = content
        with self._explained():
            self._require_turn()
            last = {name: waiting.pop(name) for name in names[-1:]}
            self._put(waiting)
            self._put(last)
            if INDEX in names:
                there = (PurePosixPath(path).name for path in self._files.ls(self._path(""), detail=False))
                self._remove([name for name in there if is_stale_part(name, names)])

    def read(self, name: str, most: int = LARGEST) -> bytes | None:  # noqa: ARG002 - it would take another request
        """Read a whole object."""
        with self._explained():
            try:
                content: bytes = self._files.cat_file(self._path(checked_name(name)))
            except FileNotFoundError:
                return None
            return content

    def files(self, folder: str = "") -> Mapping[str, Standing]:
        """List the objects once."""
        with self._explained():
            try:
                entries = self._files.ls(self._path(folder and checked_name(folder)), detail=True)
            except (FileNotFoundError, NotADirectoryError):
                return {}
        return dict(map(_entry, entries))

    def remove(self, names: Sequence[str]) -> None:
        """Take away those that are there."""
        with self._explained():
            self._require_turn()
            self._remove(list(map(checked_name, names)))

    def cities(self) -> Iterator[tuple[str, str]]:
        """List the cities once, then each city's objects, many at a time."""
        slugs = [slug for slug in self._folders() if is_report(slug, "0")]
        with ThreadPoolExecutor(_AT_ONCE) as threads:
            for begin in range(0, len(slugs), _AT_ONCE):
                some = slugs[begin : begin + _AT_ONCE]
                for slug, labels in zip(some, threads.map(self._rounds, some), strict=True):
                    for label in labels:
                        yield slug, label

    @property
    def _files(self) -> AbstractFileSystem:
        import fsspec

        # fsspec keeps one for each process; its own memory of what is there would hide what other machines write.
        return fsspec.filesystem(self._scheme, use_listings_cache=False)

    @property
    def _scheme(self) -> str:
        return self.url.partition("://")[0]

    def _path(self, name: str) -> str:
        path: str = self._files._strip_protocol(f"{self.url}/{name}".rstrip("/"))
        return path

    def _listed(self, folder: str) -> list[str]:
        """Return all objects below a folder, by their path in it."""
        top = self._path(folder)
        try:
            found = self._files.find(top)
        except FileNotFoundError:
            return []
        return [path[len(top) + 1 :] for path in found if path.startswith(f"{top}/")]

    def _folders(self) -> list[str]:
        with self._explained():
            try:
                entries = self._files.ls(self._path(""), detail=True)
            except FileNotFoundError:
                return []
        return sorted(PurePosixPath(entry["name"]).name for entry in entries if entry["type"] == "directory")

    def _rounds(self, city: str) -> list[str]:
        with self._explained():
            parts = [tuple(name.split("/")) for name in self._listed(city)]
        return sorted(part[0] for part in parts if part[1:] == (MANIFEST,) and is_report(city, part[0]))

    def _put(self, files: Mapping[str, bytes]) -> None:
        if self._scheme not in _WHOLE:
            for name, content in files.items():
                self._move_in(name, content)
            return
        option = _TYPE_OPTION.get(self._scheme)
        kinds: dict[str, dict[str, bytes]] = {}
        for name, content in files.items():
            kinds.setdefault(PurePosixPath(name).suffix if option else "", {})[self._path(name)] = content
        for kind, objects in kinds.items():
            headers = {option: _TYPES.get(kind, "application/octet-stream")} if option else {}
            self._files.pipe(objects, **headers)

    def _move_in(self, name: str, content: bytes) -> None:
        path = PurePosixPath(self._path(name))
        temporary = str(path.with_name(f".{path.name}.{secrets.token_hex(8)}.tmp"))
        self._files.makedirs(str(path.parent), exist_ok=True)
        try:
            self._files.pipe_file(temporary, content)
            self._files.mv(temporary, str(path))
        except BaseException:
            with contextlib.suppress(Exception):
                self._files.rm_file(temporary)
            raise

    def _remove(self, names: list[str]) -> None:
        if names:
            self._files.rm([self._path(name) for name in names])

    def _refuse_another(self) -> None:
        try:
            told: Any = json.loads(self._files.cat_file(self._path(WRITER)))
            host, moment = str(told["host"]), float(told["time"])
        except (FileNotFoundError, ValueError, TypeError, KeyError, OverflowError):
            return
        if abs(time.time() - moment) < LEASE:  # one from the future is nobody's
            found = f"another batch is writing there, or was until a moment ago, from {host}"
            todo = "wait until it has finished, or a minute if it was killed; or choose another place with --out"
            raise StoreBusy(Problem(self.where, found, todo=todo))

    def _sign(self) -> None:
        sign = {"host": platform.node(), "time": time.time(), "batch": self.batch}
        self._put({WRITER: json.dumps(sign).encode()})

    def _require_turn(self) -> None:
        if not self.batch:
            return
        try:
            told: Any = json.loads(self._files.cat_file(replace(self, url=self.top)._path(WRITER)))
            has_turn = told["batch"] == self.batch
        except (FileNotFoundError, ValueError, TypeError, KeyError):
            has_turn = False
        if not has_turn:
            raise overtaken(self.where)

    def _renew(self, done: threading.Event) -> None:
        while not done.wait(LEASE / 3):
            with contextlib.suppress(Exception):
                # Somebody may have taken over while this machine slept.
                self._require_turn()
                self._sign()

    @contextlib.contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except CitygrowError:
            raise
        except Exception as error:
            # Every kind of store has errors of its own.
            raise StoreError(_problem(error, self.url)) from error


def _entry(info: Mapping[str, Any]) -> tuple[str, Standing]:
    name = PurePosixPath(info["name"]).name
    moment = next((info[name] for name in _TIMES if info.get(name)), 0.0)
    if isinstance(moment, str):
        moment = datetime.fromisoformat(moment)
    written = moment.timestamp() if isinstance(moment, datetime) else float(moment)
    return name if info["type"] == "file" else f"{name}/", Standing(int(info["size"] or 0), written)


def _folder(city: str, round_label: str) -> str:
    return f"{checked_slug(city)}/{checked_round(round_label)}"


def _problem(error: Exception, address: str) -> Problem:
    where = without_secrets(address, address)
    kind = type(error).__name__
    if "Credential" in kind:
        todo = "set them as your store wants it, for S3 with AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
        return Problem(where, "this machine has no credentials for it", todo=todo)
    if isinstance(error, PermissionError):
        return Problem(where, "access is refused", todo="check the credentials of this machine, and what they allow")
    if isinstance(error, FileNotFoundError):
        return Problem(where, "there is no such bucket", todo="make it first, or check the address")
    if isinstance(error, NotImplementedError):
        return Problem(where, "one can only read there", todo="choose another place with --out")
    words = without_secrets(" ".join(str(error).split()), address)[:300]
    return Problem(where, f"it cannot be reached or written to ({kind}: {words})", todo="try again later")
