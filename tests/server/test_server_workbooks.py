"""What our server says of workbooks, and what it keeps: never more than its user was shown."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import quote
from urllib.request import HTTPCookieProcessor, Request, build_opener

import pytest

from citygrow_nb import authoring
from citygrow_nb.model import Benchmark
from citygrow_nb.server.workbooks import Entry, Refused, list_workbooks, trust_workbook
from tests.notebooks import code, content, prose

OWN = "15-jobs.ipynb"
MONEY = "06-access-to-money.ipynb"
SETTINGS = Path(__file__).parents[2] / "citygrow_nb" / "cli" / "jupyter"


def entry(folder: Path, file: str = OWN) -> Entry:
    """Return what is said of one workbook."""
    return next(each for each in list_workbooks(folder) if each.file == file)


def allow(folder: Path, said: Entry) -> None:
    """Trust a workbook as it is shown."""
    trust_workbook(folder, said.file, said.fingerprint, said.beside)


def reword(path: Path) -> None:
    """Change one word of a workbook."""
    document = json.loads(path.read_bytes())
    document["cells"][0]["source"] = ["# One word more"]
    path.write_text(json.dumps(document), encoding="utf-8")


@pytest.fixture
def own(folder: Path) -> Path:
    """Return an own workbook, with a module beside it."""
    (folder / "helping.py").write_text("figures = 7", encoding="utf-8")
    (folder / OWN).write_bytes(content(prose("# Jobs in our city"), code("import helping")))
    return folder / OWN


def test_every_workbook_is_listed_with_how_it_stands(folder: Path, own: Path, benchmark: Benchmark) -> None:
    """In the order of names; with the hash of the cells that stand on disk, which the page can make, too."""
    reword(folder / MONEY)
    said = list_workbooks(folder)
    assert [each.file for each in said] == [*(name.file for name in authoring.plan(benchmark)), OWN]
    assert [each.file for each in said if each.state != "as built"] == [MONEY, OWN]
    assert (entry(folder, MONEY).state, entry(folder, MONEY).title) == ("changed", "Access to money")
    assert (entry(folder).state, entry(folder).title) == ("own", "Jobs in our city")
    assert not any(each.trusted for each in said)
    assert {each.helpers for each in said} == {("helping.py",)}
    for each in said:
        cells = json.loads((folder / each.file).read_bytes())["cells"]
        assert each.fingerprint == authoring.fingerprint(cells)


def test_page_cannot_vouch_for_a_workbook_of_another_version(folder: Path, benchmark: Benchmark) -> None:
    """Its mark is one that anybody can make: it is asked about, and nothing of it is kept."""
    path = folder / MONEY
    reword(path)
    document = json.loads(path.read_bytes())
    document["metadata"]["citygrow"] = {"benchmark": benchmark.id, "build": authoring.fingerprint(document["cells"])}
    path.write_text(json.dumps(document), encoding="utf-8")
    said = entry(folder, MONEY)
    assert (said.state, said.trusted, said.fingerprint) == ("older", False, "")
    with pytest.raises(Refused):
        trust_workbook(folder, MONEY, authoring.fingerprint(document["cells"]), said.beside)


def test_nothing_is_said_where_no_workbooks_are(folder: Path, own: Path) -> None:
    """Nor of what is missing in a folder, nor where the benchmark is not known."""
    (folder / "01-strategy.ipynb").unlink()
    assert "01-strategy.ipynb" not in {each.file for each in list_workbooks(folder)}
    unknown = folder.with_name("quiet-nights")
    folder.rename(unknown)
    for place in (unknown, folder, folder.parent, folder.parent.parent, folder / "sub"):
        assert list_workbooks(place) == []


def test_trust_ends_with_the_code_that_was_trusted(own: Path) -> None:
    """What it showed does not matter; its code does, and that of a module which it could import."""
    folder = own.parent
    allow(folder, entry(folder))
    assert entry(folder).trusted
    before = own.read_bytes()
    document = json.loads(before)
    document["cells"][1]["execution_count"] = 7
    own.write_text(json.dumps(document), encoding="utf-8")
    assert entry(folder).trusted
    document["cells"][1]["source"] = "import helping as of_others"
    own.write_text(json.dumps(document), encoding="utf-8")
    assert not entry(folder).trusted
    own.write_bytes(before)
    assert entry(folder).trusted
    (folder / "helping.py").write_text("figures = 8", encoding="utf-8")
    assert not entry(folder).trusted


def test_only_what_was_looked_at_is_trusted(own: Path) -> None:
    """Another file, another text, another module: each is refused with what to do, and nothing is kept."""
    folder, said = own.parent, entry(own.parent)
    for file in ("16-none.ipynb", "../15-jobs.ipynb", "helping.py", ""):
        with pytest.raises(Refused, match="not among the workbooks here"):
            trust_workbook(folder, file, said.fingerprint, said.beside)
    reword(own)
    with pytest.raises(
        Refused, match="the file is not what this page shows, so it was not run; if you have changed it"
    ):
        allow(folder, said)
    said = entry(folder)
    (folder / "more.py").touch()
    with pytest.raises(Refused, match=r"not those that you were asked about \(now: helping.py, more.py\)"):
        allow(folder, said)
    assert not entry(folder).trusted
    allow(folder, entry(folder))
    assert entry(folder).trusted


class Server:
    """A Jupyter server with our extension, on a folder, and somebody who asks it.

    Parameters
    ----------
    root
        The folder.
    home
        Folder of its user's settings.
    """

    def __init__(self, root: Path, home: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("JUPYTER", "XDG_"))}
        options = ["--no-browser", f"--port={self.port}", "--IdentityProvider.token=t", "--allow-root"]
        options += [f"--ServerApp.root_dir={root}", "--ServerApp.port_retries=0"]
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-m", "jupyter_server", *options],
            env=kept | {"HOME": str(home), "XDG_CONFIG_HOME": str(home), "JUPYTER_CONFIG_PATH": str(SETTINGS)},
            cwd=root,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self.opener = build_opener(HTTPCookieProcessor(CookieJar()))
        deadline = time.monotonic() + 60
        while self.ask("api/status?token=t")[0] != 200:
            assert time.monotonic() < deadline
            assert self.process.poll() is None
            time.sleep(0.1)

    def ask(self, place: str, body: object = None, **headers: str) -> tuple[int, Any]:
        """Return the status and the reply."""
        data = None if body is None else json.dumps(body).encode()
        request = Request(f"http://127.0.0.1:{self.port}/{place}", data, headers)
        try:
            with self.opener.open(request, timeout=60) as reply:
                return reply.status, json.loads(reply.read() or "null")
        except HTTPError as error:
            return error.code, json.loads(error.read() or "null")
        except URLError:
            return 0, None


TOKEN = {"Authorization": "token t"}
ASKED = "citygrow/workbooks"


@pytest.fixture
def server(folder: Path, own: Path, tmp_path: Path) -> Iterator[Server]:
    made = Server(folder.parent.parent, tmp_path / "home")
    yield made
    made.process.terminate()
    made.process.wait(timeout=30)


@pytest.mark.slow
def test_server_answers_its_own_user_about_its_own_folder(server: Server, folder: Path, tmp_path: Path) -> None:
    """Paths that lead elsewhere find nothing, and are no error; a cookie alone is not enough."""
    path = folder.relative_to(folder.parent.parent).as_posix()
    status, said = server.ask(f"{ASKED}?path={path}/{OWN}", **TOKEN)
    assert status == 200
    assert server.ask(f"{ASKED}?path=/{path}/", **TOKEN) == (200, said)
    assert said[-1]["file"] == OWN
    elsewhere = Path(folder.parent.parent.parent / "elsewhere")
    folder.parent.parent.joinpath("workbooks").rename(elsewhere)
    (folder.parent.parent / "workbooks").symlink_to(elsewhere, target_is_directory=True)
    for wrong in (path, f"../{elsewhere.name}", str(folder), "a\0b", "", ".", "~", "C:\\x"):
        assert server.ask(f"{ASKED}?path={quote(wrong)}", **TOKEN) == (200, [])
    body = {"path": f"{path}/{OWN}", "fingerprint": said[-1]["fingerprint"], "beside": said[-1]["beside"]}
    assert server.ask(ASKED, body, **TOKEN)[0] == 404
    (folder.parent.parent / "workbooks").unlink()
    elsewhere.rename(folder.parent)

    refused = [
        server.ask(ASKED, body),  # with the cookie
        server.ask(ASKED, body, Authorization="token wrong"),
        server.ask(ASKED, [body], **TOKEN),
        server.ask(ASKED, body | {"beside": 7}, **TOKEN),
        server.ask(ASKED, body | {"path": path}, **TOKEN),
    ]
    assert [status for status, _ in refused] == [403, 403, 400, 400, 404]
    status, reply = server.ask(ASKED, body | {"fingerprint": "0" * 64}, **TOKEN)
    assert status == 409
    assert reply["message"].startswith(f"{OWN}: the file is not what this page shows")
    assert server.ask(f"{ASKED}?path={path}", **TOKEN) == (200, said)
    (tmp_path / "home").mkdir(exist_ok=True)
    (tmp_path / "home" / "citygrow").touch()
    status, reply = server.ask(ASKED, body, **TOKEN)
    assert status == 500
    assert "cannot be written" in reply["message"]
    (tmp_path / "home" / "citygrow").unlink()
    assert server.ask(ASKED, body, **TOKEN) == (204, None)
    assert server.ask(f"{ASKED}?path={path}", **TOKEN)[1] == [*said[:-1], said[-1] | {"trusted": True}]
    server.opener = build_opener()
    assert server.ask(f"{ASKED}?path={path}")[0] == 403
