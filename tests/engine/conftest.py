"""Both ways in which the warm engine runs notebooks."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from tests.engine.runner import Runner

WAYS = ["apart", "here"] if sys.platform == "linux" else ["here"]


@pytest.fixture(scope="package", params=WAYS)
def runner(request: pytest.FixtureRequest) -> Iterator[Runner]:
    """A process that runs notebooks one way, and ends in an orderly way."""
    runner = Runner(request.param)
    yield runner
    assert runner.close() == 0


@pytest.fixture(scope="package")
def apart() -> Iterator[Runner]:
    """A process that forks for each notebook."""
    if "apart" not in WAYS:
        pytest.skip("processes cannot be forked here")
    runner = Runner("apart")
    yield runner
    assert runner.close() == 0
