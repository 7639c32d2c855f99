"""The second benchmark, which shares nothing with the shipped one but the format."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from citygrow_nb import benchmarks
from citygrow_nb.model import Benchmark

TINY = Path(__file__).parent / "data" / "quiet-nights"


def tiny() -> Benchmark:
    """Return it, loaded."""
    return benchmarks.load(TINY)


def tiny_data() -> dict[str, Any]:
    """Return it as plain values, free to be broken."""
    data: dict[str, Any] = json.loads(benchmarks.dump(tiny()))
    return data
