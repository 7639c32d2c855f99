"""One JupyterLab for all tests, one browser page for each file of them; tests work on cities of their own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from citygrow_nb.model import Benchmark
from tests.lab.lab_server import PATIENCE, Analyst, LabServer

HERE = re.compile(r"(https?|wss?)://127\.0\.0\.1[:/]|data:|blob:")


@pytest.fixture(scope="session")
def lab_server(tmp_path_factory: pytest.TempPathFactory, benchmark: Benchmark) -> Iterator[LabServer]:
    """Return a JupyterLab; it is not started before there is a browser to look at it."""
    made = LabServer(tmp_path_factory.mktemp("lab"), benchmark)
    yield made
    made.kill()


@pytest.fixture(scope="module")
def context(browser: Any, outside: list[str]) -> Iterator[Any]:
    """Return a browser window whose pages share what the browser keeps."""
    made = browser.new_context(viewport={"width": 1280, "height": 1000}, accept_downloads=True)
    made.set_default_timeout(PATIENCE)
    made.on("request", lambda request: note(outside, request.url))
    made.on("page", lambda page: page.on("websocket", lambda socket: note(outside, socket.url)))
    made.on("serviceworker", lambda worker: outside.append(f"service worker {worker.url}"))
    yield made
    made.close()


@pytest.fixture(scope="module")
def outside() -> list[str]:
    """Return the list of everything that pages have asked of other machines, or could ask unseen."""
    return []


def note(outside: list[str], url: str) -> None:
    """Note an address if it is not on this machine."""
    if not HERE.match(url):
        outside.append(url)


@pytest.fixture(autouse=True)
def _nothing_leaves_the_machine(outside: list[str], request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    assert outside == []
    if "lab_server" in request.fixturenames:
        assert request.getfixturevalue("lab_server").strangers() == []


@pytest.fixture(scope="module")
def _hands(context: Any, lab_server: LabServer) -> Analyst:
    lab_server.start()
    return Analyst(context, lab_server)


@pytest.fixture
def analyst(_hands: Analyst, request: pytest.FixtureRequest) -> Iterator[Analyst]:
    """Return an analyst at a loaded JupyterLab."""
    yield _hands
    if getattr(request.node, "failed", True):
        _hands.loaded = False  # the next test loads the page anew


@pytest.fixture(scope="module")
def _doomed(tmp_path_factory: pytest.TempPathFactory, benchmark: Benchmark, context: Any) -> Iterator[Analyst]:
    made = LabServer(tmp_path_factory.mktemp("doomed"), benchmark)
    yield Analyst(context, made)
    made.kill()


@pytest.fixture
def doomed(_doomed: Analyst) -> Analyst:
    """Return an analyst in a JupyterLab that may be killed."""
    _doomed.lab_server.start()
    return _doomed


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """Note whether a test has passed, for the fixture that it used."""
    report = yield
    if report.when == "call":
        item.failed = report.failed  # type: ignore[attr-defined]
    return report
