"""One JupyterLab for all tests, one browser page for each file of them; tests work on cities of their own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from citygrow_nb.model import Benchmark
from tests.lab.laboratory import Analyst, Laboratory


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip these tests unless they are asked for: they drive a whole JupyterLab, and want a machine to themselves."""
    if os.environ.get("CITYGROW_LAB"):
        return
    skip = pytest.mark.skip(reason="drives a real JupyterLab; run `make lab-test`, on a machine that does nothing else")
    for item in items:
        if item.path.parent == Path(__file__).parent:
            item.add_marker(skip)


@pytest.fixture(scope="session")
def laboratory(tmp_path_factory: pytest.TempPathFactory, benchmark: Benchmark) -> Iterator[Laboratory]:
    """Return a running JupyterLab."""
    made = Laboratory(tmp_path_factory.mktemp("lab"), benchmark)
    try:
        made.start()
        yield made
    finally:
        made.kill()


@pytest.fixture(scope="module")
def context(browser: Any) -> Iterator[Any]:
    """Return a browser window whose pages share what the browser keeps."""
    made = browser.new_context(viewport={"width": 1280, "height": 1000}, accept_downloads=True)
    yield made
    made.close()


@pytest.fixture(scope="module")
def _hands(context: Any, laboratory: Laboratory) -> Analyst:
    return Analyst(context, laboratory)


@pytest.fixture
def analyst(_hands: Analyst, request: pytest.FixtureRequest) -> Iterator[Analyst]:
    """Return an analyst at a loaded JupyterLab, whose page asks no other machine for anything."""
    yield _hands
    if getattr(request.node, "failed", True):
        _hands.loaded = False  # the next test loads the page anew
    assert _hands.outside == []


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """Note whether a test has passed, for the fixture that it used."""
    report = yield
    if report.when == "call":
        item.failed = report.failed  # type: ignore[attr-defined]
    return report
