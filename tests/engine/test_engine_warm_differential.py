"""What the warm engine yields is what a real kernel yields."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from nbformat import NotebookNode

from citygrow_nb import benchmarks, engine
from citygrow_nb.engine import forking
from tests.engine.awkward import NOTEBOOKS
from tests.engine.runner import Runner
from tests.notebooks import content

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="uses programs that Windows does not have")

ROOT = Path(__file__).parents[2]

# What may differ, and why.
NORMAL = (
    # A kernel keeps its cells as files in a folder named after its process; the warm engine calls it /notebook.
    (r"([^\s\"]*/)?(ipykernel_\d+/\d+|\b\d+-[0-9a-f]{8})\.py", "CELL"),
    # The same in an error of syntax, which has only the file's name.
    (r"\((?:\d+|\d+-[0-9a-f]{8})\.py, line", "(CELL, line"),
    # The folder of a run is another each time.
    (r"/[^\s'\"]*/workspace-\w+", "FOLDER"),
    # Where an object lies in memory.
    (r"0x[0-9a-f]{6,}", "ADDRESS"),
)


ByKernel = Callable[[str], tuple[dict[str, Any], str]]


@pytest.fixture(scope="session")
def by_kernel(tmp_path_factory: pytest.TempPathFactory) -> ByKernel:
    """Return what a kernel makes of a notebook, once for both ways."""

    @cache
    def run(name: str) -> tuple[dict[str, Any], str]:
        with pytest.MonkeyPatch.context() as patch:
            # Where ipykernel finds this name, it leaves file descriptors alone.
            patch.delenv("PYTEST_CURRENT_TEST")
            cwd = tmp_path_factory.mktemp("workspace-")
            result = engine.run(content(*NOTEBOOKS[name]), {}, name="n.ipynb", cwd=cwd, engine="kernel")
        return json.loads(engine.dump(result.notebook)), str(result.failure)

    return run


def normal(notebook: dict[str, Any] | NotebookNode) -> str:
    text = json.dumps(notebook, indent=1, sort_keys=True, ensure_ascii=False)
    # Above a cell are other functions, so that endless recursion ends one call earlier or later.
    text = re.sub(r"(?m)^( *\"[^\n]+\n)\1+", r"\1", text)
    # Other patterns take very long over one endless line.
    text = text.replace("\\n", "\n")
    for pattern, name in NORMAL:
        text = re.sub(pattern, name, text)
    return text


@pytest.mark.slow
@pytest.mark.parametrize("name", NOTEBOOKS)
def test_awkward_notebook_comes_out_alike(
    name: str,
    runner: Runner,
    by_kernel: ByKernel,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """Outputs, their order, numbers, errors and the sentence about a failure are those of a kernel."""
    expected, failure = by_kernel(name)
    found, said = runner.run(content(*NOTEBOOKS[name]), tmp_path_factory.mktemp("workspace-"))
    assert normal(found) == normal(expected)
    assert normal({"failure": said}) == normal({"failure": failure})


def test_collection_is_large_enough() -> None:
    """There are as many awkward notebooks as were promised, and no two are the same."""
    assert len(NOTEBOOKS) >= 25
    assert len({json.dumps(cells) for cells in NOTEBOOKS.values()}) == len(NOTEBOOKS)


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace as a batch stages it: one city's answers, and the benchmark compiled."""
    root = tmp_path_factory.mktemp("workspace-")
    document = json.loads((ROOT / "examples" / "port-imaginary.json").read_text(encoding="utf-8"))
    benchmark = benchmarks.load(ROOT / "benchmark" / document["benchmark"]["id"])
    for folder in ("answers/migrant-entrepreneurs/port-imaginary", "benchmark", "outputs"):
        (root / folder).mkdir(parents=True)
    (root / "answers" / "migrant-entrepreneurs" / "port-imaginary" / f"{document['round']}.json").write_text(
        json.dumps(document), encoding="utf-8"
    )
    (root / "benchmark" / f"{benchmark.id}.json").write_bytes(benchmarks.dump(benchmark))
    return root


@pytest.mark.slow
@pytest.mark.parametrize("path", sorted((ROOT / "workbooks").glob("*/*.ipynb")), ids=lambda path: path.stem)
def test_shipped_workbook_comes_out_alike(path: Path, workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every workbook of this package gives the same bytes with every way of running it."""
    city = {"city": "port-imaginary", "round": "2026", "form": False}
    parameters = {"form": False} if "portfolio" in path.stem else city

    def run(by: str) -> bytes:
        done = engine.run(path.read_bytes(), parameters, name=path.name, cwd=workspace, engine=by)
        assert done.failure is None
        return engine.dump(done.notebook)

    with engine.warming():  # as each worker of a batch does
        run("warm")
    expected = run("kernel")
    assert run("warm") == expected
    # In company, too: the one before it is the same workbook.
    books = [engine.Workbook(path.name, path.read_bytes(), trusted=True)] * 2
    for done in engine.run_all(books, parameters, cwd=workspace):
        assert engine.dump(done.notebook) == expected
    monkeypatch.setattr(forking, "POSSIBLE", False)
    assert run("warm") == expected
