"""The public interface: these names, and no cost before they are used."""

from __future__ import annotations

import subprocess
import sys

import pytest

import citygrow_nb

NAMES = [
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


def loaded_after(code: str) -> set[str]:
    """Run code in a fresh interpreter and return the top-level modules that it loaded."""
    command = f"{code}\nimport sys; print(*sorted({{name.split('.')[0] for name in sys.modules}}))"
    done = subprocess.run([sys.executable, "-c", command], capture_output=True, encoding="utf-8", check=True)
    return set(done.stdout.split())


def test_names_are_pinned() -> None:
    """A name is added or taken away on purpose, never by accident."""
    assert sorted(citygrow_nb.__all__) == NAMES
    assert set(NAMES) <= set(dir(citygrow_nb))


@pytest.mark.parametrize("name", [name for name in NAMES if not name.startswith("__")])
def test_name_is_what_its_home_exports(name: str) -> None:
    """Each name is the very object of the module it comes from."""
    home, _, original = citygrow_nb._HOMES[name].partition(":")
    assert getattr(citygrow_nb, name) is getattr(sys.modules[home], original or name)


def test_unknown_name() -> None:
    """A misspelt name is the usual error."""
    with pytest.raises(AttributeError, match="load_bench"):
        citygrow_nb.load_bench  # noqa: B018


def test_star_import_gives_all() -> None:
    """Lazy names come along."""
    names: dict[str, object] = {}
    exec("from citygrow_nb import *", names)
    assert set(NAMES) <= set(names)


def test_import_costs_nothing() -> None:
    """The package alone loads nothing outside the standard library."""
    assert loaded_after("import citygrow_nb") & {"pydantic", "ruamel", "click", "jinja2"} == set()


def test_names_need_no_jupyter() -> None:
    """Using every public name loads neither notebooks nor arrays."""
    code = f"import citygrow_nb\nfor name in {NAMES!r}: getattr(citygrow_nb, name)"
    heavy = {"IPython", "ipywidgets", "jupyter_client", "nbconvert", "nbformat", "numpy", "pandas", "papermill"}
    assert loaded_after(code) & heavy == set()
