"""A folder in memory follows the storage of a browser: nothing is told as saved before it is there."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from citygrow_nb.answers.browser_storage import BrowserStorage, File
from citygrow_nb.exceptions import StoreError


class Browser:
    """Stands in for the storage of one browser, which several pages share."""

    def __init__(self) -> None:
        self.files: dict[str, File] = {}
        self.refuses: Exception | None = None
        self.writes = 0
        self._lock = asyncio.Lock()

    async def lock(self) -> Callable[[], object]:
        await self._lock.acquire()
        return self._lock.release

    async def read(self) -> Mapping[str, File]:
        await asyncio.sleep(0)
        if self.refuses:
            raise self.refuses
        return dict(self.files)

    async def write(self, changed: Mapping[str, File | None]) -> None:
        await asyncio.sleep(0)
        if self.refuses:
            raise self.refuses
        self.writes += 1
        for path, file in changed.items():
            if file is None:
                del self.files[path]
            else:
                self.files[path] = file


@pytest.fixture
def browser() -> Browser:
    return Browser()


def page(browser: Browser, folder: Path) -> BrowserStorage:
    folder.mkdir(parents=True, exist_ok=True)
    return BrowserStorage(folder, browser)


def writing(page: BrowserStorage, name: str, text: str) -> Callable[[], str]:
    def work() -> str:
        path = page.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        return f"wrote {name}"

    return work


def test_what_one_page_wrote_another_finds_with_its_time(browser: Browser, tmp_path: Path) -> None:
    one, other = page(browser, tmp_path / "one"), page(browser, tmp_path / "other")
    assert asyncio.run(one.kept(writing(one, "b/zabia/2026.json", "Ż\r\n"))) == "wrote b/zabia/2026.json"
    asyncio.run(other.follow())
    assert (other.folder / "b/zabia/2026.json").read_bytes() == "Ż\r\n".encode()
    times = [each.folder.joinpath("b/zabia/2026.json").stat().st_mtime_ns // 10**6 for each in (one, other)]
    assert times[0] == times[1]


def test_what_one_page_removed_is_gone_in_the_other(browser: Browser, tmp_path: Path) -> None:
    one, other = page(browser, tmp_path / "one"), page(browser, tmp_path / "other")
    asyncio.run(one.kept(writing(one, "b/a/2026.json", "{}")))
    asyncio.run(other.follow())
    asyncio.run(one.kept((one.folder / "b/a/2026.json").unlink))
    asyncio.run(other.follow())
    assert not (other.folder / "b/a/2026.json").exists()
    assert not browser.files


def test_work_sees_what_others_wrote_meanwhile(browser: Browser, tmp_path: Path) -> None:
    pages = [page(browser, tmp_path / f"{number}") for number in range(8)]

    def add(one: BrowserStorage) -> Callable[[], None]:
        def work() -> None:
            path = one.folder / "b/count/2026.json"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(str(int(path.read_text() if path.exists() else "0") + 1))

        return work

    async def together() -> None:
        await asyncio.gather(*(one.kept(add(one)) for one in pages for _ in range(5)), *(one.follow() for one in pages))

    asyncio.run(together())
    assert browser.files["b/count/2026.json"][0] == "40"


@pytest.mark.parametrize(
    ("refusal", "says"),
    [(RuntimeError("QuotaExceededError: x"), "there is no room left"), (RuntimeError("SecurityError: y"), "private")],
)
def test_what_the_browser_refuses_is_said_and_undone(
    browser: Browser, tmp_path: Path, refusal: Exception, says: str
) -> None:
    one = page(browser, tmp_path / "one")
    asyncio.run(one.kept(writing(one, "b/a/2026.json", "before")))
    work = writing(one, "b/a/2026.json", "after")

    def full() -> None:
        work()
        browser.refuses = refusal

    with pytest.raises(StoreError, match=says):
        asyncio.run(one.kept(full))
    assert (one.folder / "b/a/2026.json").read_text() == "before" == browser.files["b/a/2026.json"][0]


def test_work_that_fails_keeps_nothing_and_lets_others_go_on(browser: Browser, tmp_path: Path) -> None:
    one = page(browser, tmp_path / "one")

    def broken() -> None:
        writing(one, "b/a/2026.json", "x")()
        raise KeyError("a fault")

    with pytest.raises(KeyError):
        asyncio.run(one.kept(broken))
    assert not (one.folder / "b/a/2026.json").exists()
    assert not browser.files
    asyncio.run(one.kept(writing(one, "b/a/2026.json", "y")))
    assert browser.files["b/a/2026.json"][0] == "y"


def test_nothing_is_written_where_nothing_changed_but_a_mark_is(browser: Browser, tmp_path: Path) -> None:
    one = page(browser, tmp_path / "one")
    asyncio.run(one.kept(writing(one, "b/a/2026.json", "x")))
    asyncio.run(one.kept(lambda: None))
    assert browser.writes == 1
    asyncio.run(one.kept(lambda: os.utime(one.folder / "b/a/2026.json", (5, 5))))
    assert browser.files["b/a/2026.json"] == ("x", 5000)


def test_what_is_half_written_stays_out(browser: Browser, tmp_path: Path) -> None:
    one = page(browser, tmp_path / "one")
    asyncio.run(one.kept(writing(one, ".a.json.0123.tmp", "half")))
    assert not browser.files


@pytest.mark.parametrize(
    "name",
    [
        "../../.ipython/profile_default/startup/a.py",
        "/tmp/b/2026.json",
        "b/zabia/../../../2026.json",
        "b/.zabia/2026.json",
        "b/zabia/2026.py",
        "b/żabia/2026.json",
        "b\\zabia\\2026.json",
        "cities/zabia/2026.json",
        "b/zabia/con.json",
        "2026.json",
        "b/zabia/.json",
        "",
    ],
)
def test_no_other_name_in_the_browser_becomes_a_path_or_is_taken_away(
    browser: Browser, tmp_path: Path, name: str
) -> None:
    """Other sites at the same address, and their scripts, share the browser's storage."""
    one = page(browser, tmp_path / "deep" / "one")
    browser.files = {name: ("print()", 5), "b/zabia/2026.persons.json": ("{}", 5)}
    asyncio.run(one.kept(writing(one, "b/zabia/2026.json", "{}")))
    written = [path.relative_to(one.folder).as_posix() for path in tmp_path.rglob("*") if path.is_file()]
    assert sorted(written) == ["b/zabia/2026.json", "b/zabia/2026.persons.json"]
    assert browser.files.keys() == {name, *written}
