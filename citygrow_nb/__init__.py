"""citygrow: a city tests itself against an Integrating Cities benchmark, in guided Jupyter workbooks.

The names below are the public interface. They are loaded when first used, so that ``import citygrow_nb`` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from citygrow_nb.answers import AnswerStore
    from citygrow_nb.benchmarks import load as load_benchmark
    from citygrow_nb.exceptions import CitygrowError
    from citygrow_nb.model import Assessment, Benchmark, Scorecard
    from citygrow_nb.scoring import score
    from citygrow_nb.workspace import Workspace

__version__ = "0.1.0"

__all__ = [
    "AnswerStore",
    "Assessment",
    "Benchmark",
    "CitygrowError",
    "Scorecard",
    "Workspace",
    "__version__",
    "load_benchmark",
    "score",
]

_HOMES = {
    "AnswerStore": "citygrow_nb.answers",
    "Assessment": "citygrow_nb.model",
    "Benchmark": "citygrow_nb.model",
    "CitygrowError": "citygrow_nb.exceptions",
    "Scorecard": "citygrow_nb.model",
    "Workspace": "citygrow_nb.workspace",
    "load_benchmark": "citygrow_nb.benchmarks:load",
    "score": "citygrow_nb.scoring",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, _, original = _HOMES[name].partition(":")
    value: object = getattr(import_module(module), original or name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
