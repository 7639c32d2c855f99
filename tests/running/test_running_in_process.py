"""What a workbook as built yields in this process is what a real kernel yields; and what else a run promises."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from citygrow_nb import benchmarks
from citygrow_nb.exceptions import ReportError, UsageError
from citygrow_nb.running import checked_engine
from citygrow_nb.running.in_process import run_built
from citygrow_nb.running.kernels import Kernels
from citygrow_nb.running.notebooks import dump
from citygrow_nb.workspace import VARIABLE, Workspace, working_in
from tests.notebooks import code, content, parameters, prose

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A workspace as a batch stages it: one city's answers, and the benchmark compiled."""
    workspace = Workspace(tmp_path_factory.mktemp("workspace-"))
    document = json.loads((ROOT / "examples" / "port-imaginary.json").read_text(encoding="utf-8"))
    benchmark = benchmarks.load(ROOT / "benchmark" / document["benchmark"]["id"])
    for folder in (workspace.outputs, workspace.benchmarks):
        folder.mkdir()
    path = workspace.document(benchmark.id, "port-imaginary", document["round"])
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(document), encoding="utf-8")
    (workspace.benchmarks / f"{benchmark.id}.json").write_bytes(benchmarks.dump(benchmark))
    return workspace


@pytest.mark.slow
@pytest.mark.parametrize("path", sorted((ROOT / "workbooks").glob("*/*.ipynb")), ids=lambda path: path.stem)
def test_built_workbook_comes_out_as_of_a_kernel(path: Path, workspace: Workspace) -> None:
    """Every workbook of this package gives the same bytes with both ways of running it."""
    city = {"city": "port-imaginary", "round": "2026", "form": False}
    given = {"form": False} if "portfolio" in path.stem else city
    with working_in(workspace):
        here = run_built(path.read_bytes(), given, name=path.name)
        there = Kernels(workspace.root).run(path.read_bytes(), given, name=path.name, more=False)
    assert (here.failure, there.failure) == (None, None)
    assert dump(here.notebook) == dump(there.notebook)


def run(*cells: dict[str, Any]) -> Any:
    return run_built(content(prose("# Title"), parameters(), *cells), {"city": "zabia-gora"}, name="01-x.ipynb")


def test_cells_share_names_and_nothing_else_does() -> None:
    """Parameters reach the cells, one cell the next; the notebook after it begins anew, and the output is put back."""
    before = sys.stdout
    first = run(code("x = city"), code("print(x)\nx + '!'"), code(""), code("None"))
    assert first.failure is None
    assert [output.output_type for output in first.notebook.cells[4].outputs] == ["stream", "execute_result"]
    assert first.notebook.cells[4].outputs[0].text == "zabia-gora\n"
    assert first.notebook.cells[4].outputs[1].data == {"text/plain": "'zabia-gora!'"}
    assert [cell.execution_count for cell in first.notebook.cells[1:]] == [1, 2, 3, 4, None, 5]
    second = run(code("x"))
    assert str(second.failure) == "01-x.ipynb, In [3]: NameError: name 'x' is not defined"
    assert sys.stdout is before


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("print('before')\n1 / 0", "ZeroDivisionError: division by zero"),
        ("from citygrow_nb.exceptions import StoreError\nraise StoreError('disk full')", "disk full"),
        ("x =", "SyntaxError: invalid syntax (<unknown>, line 1)"),
    ],
)
def test_failure_is_a_sentence_with_the_cell(source: str, told: str) -> None:
    """What went wrong is told in words, with the place where the kept notebook shows it; nothing runs after it."""
    failed = run(code(source), code("print('not reached')"))
    assert str(failed.failure) == f"01-x.ipynb, In [3]: {told}"
    assert failed.notebook.cells[3].outputs[-1].output_type == "error"
    assert failed.notebook.cells[4].outputs == []


@pytest.mark.parametrize("damaged", [b"", b"{}", b"\xff\xfe", b'{"nbformat": 4}'])
def test_damaged_workbook_is_refused(damaged: bytes) -> None:
    """What is not a notebook is named as such."""
    with pytest.raises(ReportError, match=r"x\.ipynb: this is not a notebook"):
        run_built(damaged, {}, name="x.ipynb")


def test_unknown_engine_is_refused() -> None:
    """The sentence names those there are, and the one to take."""
    with pytest.raises(UsageError, match="no such engine; allowed: citygrow, kernel; use --engine citygrow"):
        checked_engine("steam")


def test_run_loads_no_kernel_and_no_grammars() -> None:
    """A process that runs its first workbook imports neither ipykernel nor the slow grammars of jsonschema."""
    script = (
        "import sys\nfrom citygrow_nb.running.in_process import run_built\n"
        f"run = run_built({content(parameters(), code('1'))!r}, {{'city': 'a'}}, name='x')\n"
        "print(run.failure, {'ipykernel', 'rfc3987_syntax'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, encoding="utf-8", check=True)
    assert done.stdout.split("\n")[0] == "None set()"


@pytest.mark.slow
@pytest.mark.parametrize(("place", "inside"), [("workspace", True), ("elsewhere", False)])
def test_papermill_runs_workbooks_with_this_engine(
    workspace: Workspace, tmp_path: Path, place: str, inside: bool
) -> None:
    """From any folder, without citygrow's command line: one as built without a kernel, a changed one in a kernel."""
    notebooks = workspace.notebooks("migrant-entrepreneurs")
    notebooks.mkdir(parents=True, exist_ok=True)
    built = json.loads((ROOT / "workbooks" / "migrant-entrepreneurs" / "06-access-to-money.ipynb").read_bytes())
    cell = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None, "id": "mine"}
    asks = {**cell, "source": "hasattr(get_ipython(), 'kernel')"}
    for name, notebook in {"built": built, "changed": {**built, "cells": [*built["cells"], asks]}}.items():
        (notebooks / f"{name}.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
        cwd = workspace.root if inside else tmp_path
        environment = {key: value for key, value in os.environ.items() if key != VARIABLE}
        out = tmp_path / f"{name}.ipynb"
        command = [
            sys.executable,
            "-m",
            "papermill",
            "--engine",
            "citygrow",
            str(notebooks / f"{name}.ipynb"),
            str(out),
        ]
        options = ["-p", "city", "port-imaginary", "-p", "form", "False", "--cwd", str(workspace.root)]
        options = options if name == "changed" else options[:-2]
        subprocess.run([*command, *options], cwd=cwd, env=environment, check=True, capture_output=True)
        done = json.loads(out.read_text(encoding="utf-8"))
        assert "Access to money" in json.dumps(done)
        shown = [output["data"] for each in done["cells"] for output in each.get("outputs", ()) if "data" in output]
        assert any("Level 2" in str(data.get("text/html", "")) for data in shown)
        assert (shown[-1]["text/plain"] in ("True", ["True"])) is (name == "changed")
