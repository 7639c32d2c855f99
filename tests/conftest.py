"""What every test shares: settings for hypothesis, a private IPython folder, and a browser for those that need one."""

from __future__ import annotations

import contextlib
import multiprocessing.util
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from citygrow_nb import benchmarks
from citygrow_nb.model import Benchmark
from tests.browsing import launched

pytest_plugins = ["tests.batch_fixtures"]

# Whoever begins with what takes longest ends when the others do; nothing waits for a last file. The longest first.
LONGEST = (
    *("test_site.py", "lab/test_guide.py", "lab/test_restarts.py", "lab/test_losing.py", "lab/test_answering.py"),
    *("lab/test_whole_afternoon.py", "lab/test_seeing.py", "lab/test_monkey.py", "lab/test_failing.py"),
    *("lab/test_kills.py", "engine/test_engine_warm_differential.py", "rendering/test_parts.py"),
    *("executors/test_executors_dask_cluster.py", "batch/test_batch_kills.py", "lab/test_agreeing.py"),
    *("answers/test_answers_store.py", "rendering/test_network_pages.py", "batch/test_batch_small_groups.py"),
)
PLACES = {Path(__file__).parent / file: place for place, file in enumerate(LONGEST)}

# How long one example takes says more about the machine than about the code.
settings.register_profile("citygrow", deadline=None, print_blob=True)
settings.load_profile("citygrow")


def pytest_configure(config: pytest.Config) -> None:
    """Have files begin in the order of the tests, and not those first that have the most tests."""
    config.option.loadscopereorder = False


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the longest; mark what asks for a browser, so that `-m "not browser"` leaves none behind."""
    items.sort(key=lambda item: PLACES.get(item.path, len(PLACES)))
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def benchmark() -> Benchmark:
    """Return the shipped benchmark."""
    return benchmarks.load(next(iter(benchmarks.shipped().values())))


@pytest.fixture(scope="session")
def tiny() -> Benchmark:
    """Return a benchmark that shares nothing with the shipped one but the format."""
    return benchmarks.load(Path(__file__).parent / "benchmarks" / "data" / "quiet-nights")


@pytest.fixture(autouse=True, scope="session")
def _nothing_left_behind() -> Iterator[None]:
    """Give this process a temporary folder of its own, and fail if anything is left in it at the end.

    Its path is short, because kernels put their sockets below it.
    """
    folder = Path(tempfile.mkdtemp(prefix="t-"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", str(folder))
        patch.setattr(tempfile, "tempdir", str(folder))
        yield
        if staging := sys.modules.get("citygrow_nb.batch.temporary_workspace"):
            staging.close_stages()  # as the end of a worker does
    # Our private cache; multiprocessing's own, of this process until it ends, and of those that tests kill; pytest's
    # own; what a browser that is killed, or closed while it writes, leaves.
    own = ("cg-compiled-", "pymp-", "killed-", "pytest-of-", ".org.chromium.", "org.chromium.")
    left = sorted(path.name for path in folder.iterdir() if not path.name.startswith(own))
    # After multiprocessing has removed its own, which complains if it is gone.
    multiprocessing.util.Finalize(None, shutil.rmtree, (folder,), {"ignore_errors": True}, exitpriority=-200)
    assert left == [], f"the tests left something in the temporary folder: {left}"


@pytest.fixture(autouse=True, scope="session")
def _private_ipython(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep kernels away from the user's IPython history and profile."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("IPYTHONDIR", str(tmp_path_factory.mktemp("ipython")))
        yield


# Per module, not per session: while Playwright's synchronous interface is open, an event loop runs in this
# thread, and code under test that starts its own would see it.
@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    """Return a Playwright browser; without one skip, or fail if CITYGROW_REQUIRE_BROWSER is set."""
    from playwright.sync_api import Error

    with contextlib.ExitStack() as open_until_the_end:
        try:
            chromium = open_until_the_end.enter_context(launched())
        except Error as error:
            if os.environ.get("CITYGROW_REQUIRE_BROWSER"):
                raise
            pytest.skip(f"no browser: {str(error).splitlines()[0]}")
        yield chromium
