"""Reports in a folder and in a bucket: whole or not at all, and every refusal a sentence."""

from __future__ import annotations

import contextlib
import errno
import importlib.util
import os
import pickle
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO
from uuid import uuid4

import fsspec
import pytest
from fsspec.implementations.local import LocalFileSystem

from citygrow_nb import atomic
from citygrow_nb.exceptions import StoreBusy, StoreError, UsageError
from citygrow_nb.storage import Folder, Outputs, object_store, open_outputs
from citygrow_nb.storage.object_store import ObjectStore

OLD = {
    "01-a.html": b"old page",
    "report.pdf": b"old pdf",
    "01-a.ipynb": b"old notebook",
    "index.html": b"old index",
    "run.json": b"old",
}
NEW = {"01-b.html": b"new page", "01-b.ipynb": b"new notebook", "index.html": b"new index", "run.json": b"new"}
PORT = ("port", "2026")


class Elsewhere(LocalFileSystem):
    """Stands for places such as SFTP, where a file grows while it is written."""

    protocol = "elsewhere"


fsspec.register_implementation("elsewhere", Elsewhere)


@pytest.fixture(params=["folder", "memory", "elsewhere", "s3"])
def outputs(request: pytest.FixtureRequest, tmp_path: Path) -> Outputs:
    """Return an empty place of each kind."""
    if request.param == "s3":
        return open_outputs(request.getfixturevalue("s3"))
    return {
        "folder": lambda: open_outputs(tmp_path / "out"),
        "memory": lambda: ObjectStore(f"memory://{uuid4().hex}"),
        "elsewhere": lambda: open_outputs(f"elsewhere://{tmp_path.as_posix()}/out"),
    }[request.param]()


def content(outputs: Outputs) -> dict[str, bytes]:
    """Return all files in a place but its lock."""
    if isinstance(outputs, Folder):
        paths = [path for path in outputs.root.rglob("*") if path.is_file() and path.suffix != ".lock"]
        return {path.relative_to(outputs.root).as_posix(): path.read_bytes() for path in paths}
    assert isinstance(outputs, ObjectStore)
    top = outputs._path("")
    with contextlib.suppress(FileNotFoundError):
        return {path[len(top) + 1 :]: outputs._files.cat_file(path) for path in outputs._files.find(top)}
    return {}


def at(folder: str, files: Mapping[str, bytes]) -> dict[str, bytes]:
    return {f"{folder}/{name}": data for name, data in files.items()}


# --- every kind of place --------------------------------------------------------------------------------------------


def test_new_report_takes_the_place_of_the_old(outputs: Outputs) -> None:
    """Afterwards there is exactly the new report, without what failed before; files of the user's own stay."""
    outputs.publish_city(*PORT, OLD)
    outputs.keep_broken(*PORT, {"01-a.ipynb": b"broken"})
    outputs.publish({"port/2026/notes.txt": b"mine"}.items())
    outputs.publish_city(*PORT, NEW)
    assert content(outputs) == at("port/2026", {**NEW, "notes.txt": b"mine"})


def test_failed_notebooks_stand_beside_the_old_report(outputs: Outputs) -> None:
    """A failure adds what broke this time, and takes away what broke before, but touches no page."""
    outputs.publish_city(*PORT, OLD)
    outputs.keep_broken(*PORT, {"01-a.ipynb": b"first"})
    outputs.keep_broken(*PORT, {"02-b.ipynb": b"second"})
    assert content(outputs) == at("port/2026", {**OLD, "failed/02-b.ipynb": b"second"})
    outputs.keep_broken(*PORT, {})
    assert content(outputs) == at("port/2026", OLD)


def test_sealed_reports_are_found_again(outputs: Outputs) -> None:
    """Only folders with a seal are reports; listed is what stands in the folder itself; any file can be read."""
    assert list(outputs.cities()) == []
    for city in (("port", "2026"), ("port", "2025"), ("port-2", "2026"), ("aa", "2026")):
        outputs.publish_city(*city, NEW)
    outputs.keep_broken("broken", "2026", {"01-a.ipynb": b"x"})
    outputs.keep_broken(*PORT, {"01-a.ipynb": b"x"})
    others = {"index.html": b"all", "lists/a.html": b"some", "run.json": b"record", "Not_A_City/2026/run.json": b""}
    outputs.publish(others.items())
    assert list(outputs.cities()) == [("aa", "2026"), ("port", "2025"), ("port", "2026"), ("port-2", "2026")]
    listed = outputs.files("port/2026")
    sizes = {name: file.size for name, file in listed.items() if name != "failed/"}
    assert (sizes, "failed/" in listed) == ({name: len(data) for name, data in NEW.items()}, True)
    assert max(listed[name].written for name in NEW) == listed["run.json"].written
    assert outputs.files("nowhere/2026") == {}
    folders = {"aa/", "broken/", "lists/", "port/", "port-2/", "Not_A_City/"}
    assert set(outputs.files()) == {"index.html", "run.json", *folders}
    assert outputs.read("lists/a.html") == b"some"
    assert outputs.read("port/2026/run.json") == b"new"
    assert outputs.read("nowhere/2026/run.json") is None


def test_portfolio_of_fewer_cities_leaves_no_page_of_the_larger_one(outputs: Outputs) -> None:
    """Further pages that are no longer made are gone with the new first page, and nothing else is."""
    outputs.publish(
        {"cities-01.html": b"1", "cities-02.html": b"2", "advice-kf1.html": b"3", "index.html": b"old"}.items()
    )
    outputs.publish({"notes-01.html": b"mine", "run.json": b"record"}.items())
    outputs.publish({"cities-01.html": b"4", "index.html": b"new"}.items())
    there = {"cities-01.html": b"4", "index.html": b"new", "notes-01.html": b"mine", "run.json": b"record"}
    assert content(outputs) == there


def test_pages_that_end_in_the_middle_leave_everything_as_it_was(outputs: Outputs) -> None:
    """Pages come one by one; if the last one never comes, none has taken its place, and nothing is left over."""
    outputs.publish([("cities-01.html", b"old"), ("index.html", b"old")])

    def pages() -> Iterator[tuple[str, bytes]]:
        yield "cities-01.html", b"new"
        raise RuntimeError("no more")

    with pytest.raises(RuntimeError, match="no more"):
        outputs.publish(pages())
    assert content(outputs) == {"cities-01.html": b"old", "index.html": b"old"}


@pytest.mark.parametrize("name", ["../x", "a/../../x", "/etc/x", "", "a\\b", "C:x", ".hidden", "a//b", "a\0b", "a*"])
def test_no_path_leads_out(outputs: Outputs, name: str) -> None:
    """Neither a city, nor a round, nor a file name gets anywhere else."""
    with pytest.raises(UsageError):
        outputs.publish({name: b"x"}.items())
    with pytest.raises(UsageError):
        outputs.publish_city(*PORT, {name: b"x", "run.json": b"y"})
    with pytest.raises(UsageError):
        outputs.publish_city(name, "2026", NEW)
    with pytest.raises(UsageError):
        outputs.keep_broken("port", name, OLD)
    with pytest.raises(UsageError):
        outputs.read(name)
    assert content(outputs) == {}


def test_place_travels_to_workers(outputs: Outputs) -> None:
    """What a worker unpacks is the same place."""
    outputs.publish_city(*PORT, NEW)
    assert pickle.loads(pickle.dumps(outputs)).read("port/2026/run.json") == b"new"


def test_threads_share_a_place(outputs: Outputs) -> None:
    """Many cities may be written and looked up at the same time."""
    threads = [threading.Thread(target=outputs.publish_city, args=(f"c{n}", "2026", NEW)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(list(outputs.cities())) == 8


def test_second_writer_is_told_to_wait(outputs: Outputs) -> None:
    """Two batches never mix their files; when the first has gone, the second may begin, and no sign is left of it."""
    with outputs.only_writer(), pytest.raises(StoreBusy, match="another batch is writing"), outputs.only_writer():
        pass
    with outputs.only_writer():
        outputs.publish({"index.html": b"x"}.items())
    assert content(outputs) == {"index.html": b"x"}


@pytest.mark.parametrize("is_there", [True, False])
def test_only_the_batch_that_began_last_can_write(outputs: Outputs, is_there: bool) -> None:
    """What workers of another still hold is refused in every way, beside the next batch and after it."""
    with outputs.only_writer() as first:
        first.publish_city(*PORT, OLD)
        first.publish([("index.html", b"x")])
        first.within("toolkit").publish([("index.html", b"x")])
        old = pickle.loads(pickle.dumps(first))
    with contextlib.ExitStack() as stack:
        new = stack.enter_context(outputs.only_writer()) if is_there else None
        before = content(outputs)
        for refused in (
            lambda: old.publish_city(*PORT, NEW),
            lambda: old.keep_broken(*PORT, {"01-a.ipynb": b"x"}),
            lambda: old.publish([("index.html", b"y")]),
            lambda: old.within("toolkit").publish([("index.html", b"y")]),
            lambda: old.remove(["index.html"]),
        ):
            with pytest.raises(StoreError, match="another batch has begun to write there"):
                refused()
        assert content(outputs) == before
        if new:
            new.publish_city(*PORT, NEW)
            new.remove(["index.html"])
            assert "index.html" not in outputs.files()
            assert outputs.read("port/2026/run.json") == b"new"


def test_sleeper_does_not_take_the_place_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that slept for longer than its sign is believed renews it no more, and leaves the other's alone."""
    outputs = ObjectStore(f"memory://{uuid4().hex}")
    with outputs.only_writer() as sleeper:
        monkeypatch.setattr(object_store, "LEASE", 0)
        with outputs.only_writer() as other:
            with pytest.raises(StoreError, match="another batch"):
                sleeper._require_turn()
            other._require_turn()
    assert content(outputs) == {}


def test_what_a_killed_run_left_goes_wherever_something_is_written(tmp_path: Path) -> None:
    """At the top, in a folder below it, and in a city's."""
    outputs = open_outputs(tmp_path)
    left = [tmp_path / name / f".a.html.{'0' * 16}.tmp" for name in (".", "cities", "port/2026")]
    for path in left:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"half")
    outputs.publish([("cities/port.html", b"x"), ("index.html", b"x")])
    outputs.publish_city(*PORT, NEW)
    assert not any(path.exists() for path in left)


def test_pages_are_not_held_all_together(tmp_path: Path) -> None:
    """Pages that come one by one are forgotten when they are written."""
    alive, most = 0, 0

    class Page(bytes):
        def __del__(self) -> None:
            nonlocal alive
            alive -= 1

    def pages() -> Iterator[tuple[str, bytes]]:
        nonlocal alive, most
        for number in range(1, 21):
            alive += 1
            most = max(most, alive)
            yield f"cities-{number:02}.html", Page(2_000)

    open_outputs(tmp_path / "out").publish(pages())
    assert most < 5
    assert len(list((tmp_path / "out").iterdir())) >= 20


def test_report_killed_in_mid_publication_is_none(outputs: Outputs, monkeypatch: pytest.MonkeyPatch) -> None:
    """When all ends while files take their places, old and new pages mixed do not pass for a report."""

    class Killed(BaseException):
        pass

    def cut(function: Any) -> Any:
        left = iter(range(2))

        def counted(*args: Any, **kwargs: Any) -> Any:
            if next(left, None) is None:
                raise Killed
            return function(*args, **kwargs)

        return counted

    outputs.publish_city(*PORT, {**OLD, "01-b.html": b"old", "01-b.ipynb": b"old"})
    with monkeypatch.context() as patch:
        if isinstance(outputs, Folder):
            patch.setattr(atomic, "_replace", cut(atomic._replace))
        elif outputs.url.startswith("elsewhere"):
            patch.setattr(ObjectStore, "_move_in", cut(ObjectStore._move_in))
        else:
            patch.setattr(ObjectStore, "_put", lambda *_: cut(lambda: None)() or (_ for _ in ()).throw(Killed))
        with pytest.raises(Killed):
            outputs.publish_city(*PORT, NEW)
    assert list(outputs.cities()) == []
    outputs.publish_city(*PORT, NEW)
    assert content(outputs) == at("port/2026", NEW)


# --- a folder -------------------------------------------------------------------------------------------------------


@pytest.fixture
def order(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return a list that fills with file names as they get their final names."""
    names: list[str] = []
    replace = atomic._replace

    def noted(source: Path, target: Path) -> None:
        names.append(target.name)
        replace(source, target)

    monkeypatch.setattr(atomic, "_replace", noted)
    return names


def test_seal_comes_last_and_leftovers_go(tmp_path: Path, order: list[str]) -> None:
    """Files get their names in order; what a killed run left half-written is cleared away."""
    folder = tmp_path / "port" / "2026"
    folder.mkdir(parents=True)
    (folder / ".index.html.0123456789abcdef.tmp").write_bytes(b"left by a killed run")
    (tmp_path / ".index.html.0123456789abcdef.tmp").write_bytes(b"left by a killed run")
    outputs = Folder(tmp_path)
    with outputs.only_writer() as mine:
        mine.publish_city(*PORT, NEW)
    assert order == [".run.json.writer", *NEW]
    assert content(outputs) == at("port/2026", NEW)


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such modes")
def test_whoever_may_write_to_the_folder_may_begin_the_next_batch(tmp_path: Path) -> None:
    """What keeps two batches apart bears the rights that the reports have."""
    before = os.umask(0o002)
    try:
        with Folder(tmp_path / "out").only_writer():
            modes = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "out").iterdir()}
    finally:
        os.umask(before)
    assert modes.keys() >= {".run.json.writer", ".run.json.writer.lock"}
    assert {name for name, mode in modes.items() if mode & 0o060 != 0o060} == set()


def test_next_batch_waits_for_files_that_are_just_getting_their_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker in the middle of it ends it first, so what the next batch finds is not changed under its eyes."""
    outputs = Folder(tmp_path)
    with outputs.only_writer() as first:
        pass
    turn = first.turn
    assert turn is not None
    atomic.write(turn._sign, turn.batch.encode())  # as a batch that was killed leaves it
    begun = threading.Event()
    replace = atomic._replace

    def slow(source: Path, target: Path) -> None:
        begun.set()
        time.sleep(0.1)
        replace(source, target)

    monkeypatch.setattr(atomic, "_replace", slow)
    worker = threading.Thread(target=first.publish_city, args=(*PORT, NEW))
    worker.start()
    assert begun.wait(30)
    with outputs.only_writer():
        assert content(outputs).items() >= at("port/2026", NEW).items()
    worker.join()


def test_full_disk_leaves_the_old_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, order: list[str]) -> None:
    """Where one file does not fit, none is replaced, and nothing half-written is left."""
    outputs = Folder(tmp_path)
    outputs.publish_city(*PORT, OLD)
    order.clear()
    replacing = atomic.replacing

    class Full:
        def __init__(self, file: BinaryIO) -> None:
            self.file = file

        def write(self, data: bytes) -> None:
            if data == NEW["01-b.html"]:
                raise OSError(errno.ENOSPC, "No space left on device")
            self.file.write(data)

        def flush(self) -> None:
            self.file.flush()

    @contextlib.contextmanager
    def full(path: Path, **options: Any) -> Iterator[Full]:
        with replacing(path, **options) as file:
            yield Full(file)

    monkeypatch.setattr(atomic, "replacing", full)
    with pytest.raises(StoreError, match="the disk is full"):
        outputs.publish_city(*PORT, NEW)
    assert content(outputs) == at("port/2026", OLD)
    assert order == []


def test_folder_that_cannot_be_made_is_a_sentence(tmp_path: Path) -> None:
    """A file where the report's folder should be is named."""
    (tmp_path / "port").write_bytes(b"")
    with pytest.raises(StoreError, match="file"):
        Folder(tmp_path).publish_city(*PORT, NEW)
    with pytest.raises(StoreError, match="file"), Folder(tmp_path / "port").only_writer():
        pass


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="nothing is forbidden to root")
def test_folder_that_is_read_only_is_a_sentence(tmp_path: Path) -> None:
    """Before anything is made, the folder's rights are named."""
    tmp_path.chmod(0o500)
    with pytest.raises(StoreError, match="not permitted"), Folder(tmp_path / "out").only_writer():
        pass


@pytest.mark.parametrize(
    ("where", "root"),
    [
        ("C:\\reports", "C:\\reports"),
        ("C:/reports", "C:/reports"),
        ("C://reports", "C://reports"),
        ("\\\\server\\share", "\\\\server\\share"),
        ("reports", "reports"),
        ("file:///srv/reports", "/srv/reports"),
    ],
)
def test_paths_are_no_urls(where: str, root: str) -> None:
    """A drive of Windows is not a kind of store."""
    assert open_outputs(where) == Folder(Path(root))


# --- a bucket -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("nosuch://bucket/x", "there is no kind of place called “nosuch”"),
        ("s3://", "this is no address of a folder"),
        ("s3://bucket/../other", "this is no address of a folder"),
        ("S3://bucket/a/./b", "this is no address of a folder"),
    ],
)
def test_wrong_address_is_a_sentence(url: str, sentence: str) -> None:
    """It names the address, and what may stand there."""
    with pytest.raises(UsageError, match=sentence) as caught:
        open_outputs(url)
    assert url in str(caught.value)


@pytest.mark.parametrize(("module", "extra"), [("fsspec", "cluster"), ("s3fs", "s3")])
def test_missing_package_is_named(monkeypatch: pytest.MonkeyPatch, module: str, extra: str) -> None:
    """The sentence says what to install."""

    def missing(protocol: str) -> None:
        raise ImportError("Install s3fs to access S3")

    if module == "fsspec":
        find = importlib.util.find_spec
        monkeypatch.setattr(importlib.util, "find_spec", lambda name, *_: None if name == module else find(name))
    else:
        monkeypatch.setattr(fsspec, "get_filesystem_class", missing)
    with pytest.raises(UsageError) as caught:
        open_outputs("s3://bucket/reports")
    assert f'pip install "citygrow-nb[{extra}]"' in str(caught.value)


def test_bucket_that_is_missing_is_a_sentence(s3: str) -> None:
    """Nothing is made before it is known that it can be written."""
    with (
        pytest.raises(StoreError, match="there is no such bucket"),
        open_outputs("s3://no-such-bucket/x").only_writer(),
    ):
        pass


def test_missing_credentials_are_a_sentence(s3: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """It says what is missing on this machine."""
    import s3fs

    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    for name in ("AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    s3fs.S3FileSystem.clear_instance_cache()
    with pytest.raises(StoreError, match="no credentials"), open_outputs(s3).only_writer():
        pass
    s3fs.S3FileSystem.clear_instance_cache()


def test_browser_shows_pages_of_a_bucket(s3: str) -> None:
    """Objects carry their type; without it a browser would save them."""
    outputs = open_outputs(s3)
    assert isinstance(outputs, ObjectStore)
    outputs.publish_city(*PORT, {**NEW, "results.json": b"{}"})
    kinds = {
        name: outputs._files.info(f"{s3}/port/2026/{name}")["ContentType"] for name in ("index.html", "results.json")
    }
    assert kinds == {"index.html": "text/html; charset=utf-8", "results.json": "application/json"}


def test_sign_of_a_dead_writer_is_believed_for_a_while_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """A batch that was killed does not lock a bucket for ever; one that lives renews its sign."""
    outputs = ObjectStore(f"memory://{uuid4().hex}")
    outputs._sign()
    with pytest.raises(StoreBusy), outputs.only_writer():
        pass
    monkeypatch.setattr(object_store, "LEASE", 0)
    signed = threading.Semaphore(0)
    sign = ObjectStore._sign
    monkeypatch.setattr(ObjectStore, "_sign", lambda self: (sign(self), signed.release()))
    with outputs.only_writer():
        assert all(signed.acquire(timeout=30) for _ in range(3))


def test_reports_of_a_bucket_can_be_reached_from_anywhere(tmp_path: Path) -> None:
    """Workers on other machines publish there themselves, but not to a disk of this one."""
    assert open_outputs("s3://bucket/reports").everywhere
    assert not open_outputs(tmp_path).everywhere


@pytest.mark.skipif(os.name != "posix", reason="making links takes rights on Windows")
@pytest.mark.parametrize("link", ["port", "port/2026"])
def test_nothing_is_written_read_or_removed_over_a_link(tmp_path: Path, link: str) -> None:
    """Outputs that somebody sent may lead anywhere; the folder itself is its user's choice."""
    victim = tmp_path / "victim"
    names = [*OLD, "2026/run.json", "2026/01-a.html", "failed/01-a.ipynb", "2026/failed/01-a.ipynb"]
    for name in names:
        (victim / name).parent.mkdir(parents=True, exist_ok=True)
        (victim / name).write_bytes(b"theirs")
    out = tmp_path / "disk"
    (out / "quiet-nights" / link).parent.mkdir(parents=True)
    (out / "quiet-nights" / link).symlink_to(victim, target_is_directory=True)
    chosen = tmp_path / "chosen"
    chosen.symlink_to(out, target_is_directory=True)
    outputs = Folder(chosen).within("quiet-nights")
    outputs.publish_city("other", "2026", NEW)
    assert outputs.read("other/2026/run.json") == b"new"
    for write in (
        lambda: outputs.publish_city(*PORT, NEW),
        lambda: outputs.keep_broken(*PORT, {"01-b.ipynb": b"ours"}),
        lambda: outputs.publish([("port/2026/a.html", b"ours")]),
    ):
        with pytest.raises(StoreError, match=r"port.*a link stands here"):
            write()
    outputs.remove(["port/2026/run.json"])
    assert list(outputs.cities()) == [("other", "2026")]
    assert outputs.files("port/2026") == {}
    assert outputs.read("port/2026/run.json") is None
    assert {name: (victim / name).read_bytes() for name in names} == dict.fromkeys(names, b"theirs")
    assert "01-b.html" not in {path.name for path in victim.rglob("*")}


@pytest.mark.skipif(os.name != "posix", reason="making links takes rights on Windows")
def test_a_file_that_is_a_link_is_none_and_is_replaced(tmp_path: Path) -> None:
    """So a report that was tampered with is made again, and what the link led to stays as it was."""
    secret = tmp_path / "secret"
    secret.write_bytes(b"theirs")
    outputs = Folder(tmp_path / "out")
    outputs.publish_city(*PORT, NEW)
    for name in ("run.json", "index.html"):
        (tmp_path / "out" / "port" / "2026" / name).unlink()
        (tmp_path / "out" / "port" / "2026" / name).symlink_to(secret)
    assert outputs.read("port/2026/run.json") is None
    assert outputs.files("port/2026").keys() == NEW.keys() - {"run.json", "index.html"}
    outputs.publish_city(*PORT, NEW)
    assert outputs.read("port/2026/run.json") == b"new"
    assert secret.read_bytes() == b"theirs"
