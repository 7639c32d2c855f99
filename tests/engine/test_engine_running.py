"""One workbook at a time: parameters in, the same bytes out, and no process left behind, with either engine."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import papermill
import pytest
from nbformat import NotebookNode

from citygrow_nb import engine
from citygrow_nb.engine import forking
from citygrow_nb.engine import run as run_workbook
from citygrow_nb.exceptions import Problem, ReportError, UsageError
from tests.notebooks import code, content, parameters, prose

FORKS = pytest.mark.skipif(not forking.POSSIBLE, reason="processes cannot be forked here")
ENGINES = ["warm", pytest.param("kernel", marks=pytest.mark.slow)]


def run(tmp_path: Path, *cells: dict[str, Any], engine: str = "warm", **options: Any) -> engine.Run:
    source = content(prose("# Title"), parameters(), *cells)
    return run_workbook(source, {"city": "zabia-gora"}, name="01-x.ipynb", cwd=tmp_path, engine=engine, **options)


def shown(notebook: NotebookNode, cell: int) -> str:
    output = notebook.cells[cell].outputs[0]
    return str(output.get("text") or output.data["text/plain"])


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize("by", ENGINES)
def test_parameters_reach_the_cells_and_the_same_run_gives_the_same_bytes(by: str, tmp_path: Path) -> None:
    """Nothing of machine or moment is left in the notebook: no times, paths, random ids, addresses or widget state."""
    cells = (
        code("print(city)"),
        code("import os; print(os.getcwd() == os.path.realpath(os.environ['WHERE']))"),
        code("object()"),
        code("import ipywidgets; ipywidgets.IntSlider()"),
        code("class Both:\n    def _repr_mimebundle_(self, **_):\n        return {'text/html': '<p>x</p>', "
             "'application/vnd.jupyter.widget-view+json': {'model_id': os.urandom(8).hex()}}\nBoth()"),
    )  # fmt: skip
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WHERE", str(tmp_path))
        first, second = (run(tmp_path, *cells, engine=by) for _ in range(2))
    assert first.failure is None
    assert shown(first.notebook, 3) == "zabia-gora\n"
    assert shown(first.notebook, 4) == "True\n"
    slider = first.notebook.cells[6].outputs[0].data
    assert (
        slider.pop(engine.WIDGET_VIEW)["model_id"]
        != second.notebook.cells[6].outputs[0].data.pop(engine.WIDGET_VIEW)["model_id"]
    )
    assert engine.dump(first.notebook) == engine.dump(second.notebook)
    text = engine.dump(first.notebook).decode()
    assert not any(word in text for word in ("papermill", "iopub", "0x", str(tmp_path), tempfile.gettempdir()))
    assert json.loads(text)["metadata"].keys() == {"kernelspec", "language_info"}
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("source", "place", "told"),
    [
        ("print('before')\n1 / 0", ", In [3]", "ZeroDivisionError: division by zero"),
        ("from citygrow_nb.exceptions import StoreError\nraise StoreError('disk full')", ", In [3]", "disk full"),
        ("%nothing", ", In [3]", "UsageError: Line magic function `%nothing` not found."),
        ("raise KeyboardInterrupt", ", In [3]", "KeyboardInterrupt"),
    ],
)
@pytest.mark.parametrize("by", ENGINES)
def test_failure_is_a_sentence_with_the_cell(by: str, tmp_path: Path, source: str, place: str, told: str) -> None:
    """What went wrong is told in words, with the place where the kept notebook shows it."""
    failed = run(tmp_path, code(source), code("print('not reached')"), engine=by)
    assert isinstance(failed.failure, Problem)
    assert failed.failure.where == f"01-x.ipynb{place}"
    assert failed.failure.found == told
    assert "not reached\\n" not in engine.dump(failed.notebook).decode()
    assert failed.notebook.cells[-2].outputs


@pytest.mark.parametrize(
    ("by", "place"), [pytest.param("warm", ", In [3]", marks=FORKS), pytest.param("kernel", "", marks=pytest.mark.slow)]
)
def test_process_that_dies_has_last_words(by: str, place: str, tmp_path: Path) -> None:
    """A process that ends in the middle of a cell is a failure of this notebook, with what it said last."""
    dies = "import os; os.write(2, b'no memory'); os._exit(3)"
    failed = run(tmp_path, code("print('before')"), code(dies), engine=by)
    assert isinstance(failed.failure, Problem)
    assert failed.failure.found == "its process died: no memory"
    assert failed.failure.where == f"01-x.ipynb{place.replace('3', '4')}"
    if place:
        assert shown(failed.notebook, -3) == "before\n"


@pytest.mark.parametrize("by", ENGINES)
def test_cell_that_hangs_is_stopped_and_its_process_with_it(by: str, tmp_path: Path) -> None:
    """A cell beyond its time fails, the notebook shows where it hung, and its process has ended."""
    kernel = tmp_path / "kernel.pid"
    hang = f"import os, time\nopen({str(kernel)!r}, 'w').write(str(os.getpid()))\ntime.sleep(600)"
    failed = run(tmp_path, code(hang), timeout=2, engine=by)
    assert failed.failure is not None
    assert failed.failure.found == "the cell took more than 2 s"
    assert failed.notebook.cells[-1].outputs[-1].ename == "KeyboardInterrupt"
    if by == "kernel" or forking.POSSIBLE:
        assert not alive(int(kernel.read_text(encoding="utf-8")))


def test_what_asks_for_a_kernel_finds_none(tmp_path: Path) -> None:
    """As docs/engines.md says: an Output widget catches nothing, and the shell has no kernel."""
    done = run(
        tmp_path,
        code("import ipywidgets\nwith ipywidgets.Output():\n    print('inside')"),
        code("hasattr(get_ipython(), 'kernel')"),
    )
    assert done.failure is None
    assert [shown(done.notebook, cell) for cell in (3, 4)] == ["inside\n", "False"]


@FORKS
@pytest.mark.parametrize(
    "hang",
    [
        "while True:\n    try:\n        time.sleep(600)\n    except BaseException:\n        pass",
        "await asyncio.sleep(600)",
    ],
)
def test_cell_that_will_not_be_interrupted_is_killed(
    hang: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither catching the interrupt nor waiting keeps a cell alive beyond its time."""
    monkeypatch.setattr(forking, "GRACE", 0.5)
    failed = run(tmp_path, code("print('before')"), code(f"import asyncio, time\n{hang}"), timeout=1)
    assert failed.failure is not None
    assert (failed.failure.where, failed.failure.found) == ("01-x.ipynb, In [4]", "the cell took more than 1 s")
    assert "before" in engine.dump(failed.notebook).decode()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such sockets")
def test_long_temporary_folder_is_no_obstacle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a socket's path would be too long, the kernel is reached another way."""
    deep = tmp_path.joinpath(*["deep" * 10] * 3)
    deep.mkdir(parents=True)
    monkeypatch.setattr(tempfile, "tempdir", str(deep))
    assert run(tmp_path, code("print(city)"), engine="kernel").failure is None
    assert list(deep.iterdir()) == []


def test_unknown_parameter_is_refused_before_anything_starts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """papermill would only warn, and run the workbook with its default."""
    monkeypatch.setattr(papermill, "execute_notebook", lambda *_, **__: pytest.fail("started"))
    with pytest.raises(ReportError, match="no parameter citty; allowed: city;"):
        engine.run(content(parameters()), {"citty": "x"}, name="x.ipynb", cwd=tmp_path)


@pytest.mark.parametrize("damaged", [b"", b"{}", b"\xff\xfe", b'{"nbformat": 4}'])
def test_damaged_workbook_is_refused(tmp_path: Path, damaged: bytes) -> None:
    """What is not a notebook is named as such."""
    with pytest.raises(ReportError, match=r"x\.ipynb: this is not a notebook"):
        engine.run(damaged, {}, name="x.ipynb", cwd=tmp_path)


def test_unknown_engine_is_refused() -> None:
    """The sentence names those there are, and the one to take."""
    assert [engine.checked_engine(name) for name in engine.ENGINES] == ["warm", "kernel"]
    with pytest.raises(UsageError, match="no such engine; allowed: warm, kernel; use --engine warm"):
        engine.checked_engine("steam")


def test_warm_run_loads_no_kernel_and_no_grammars(tmp_path: Path) -> None:
    """A process that runs its first workbook imports neither ipykernel nor the slow grammars of jsonschema."""
    source = content(parameters(), code("1"))
    script = (
        "import sys; from pathlib import Path; from citygrow_nb import engine\n"
        f"run = engine.run({source!r}, {{}}, name='x', cwd=Path({str(tmp_path)!r}))\n"
        "print(run.failure, {'ipykernel', 'rfc3987_syntax'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, encoding="utf-8", check=True)
    assert done.stdout.split("\n")[0] == "None set()"


def test_warming_keeps_imports_and_nothing_else(tmp_path: Path) -> None:
    """Modules that a notebook imports while warming are there for the next; what else it did is undone."""
    spoils = 'import colorsys, os; os.environ["CG"] = "1"; os.chdir("/")'
    script = (
        "import os, sys; from pathlib import Path; from citygrow_nb import engine\n"
        f"source, cwd = {content(code(spoils))!r}, {str(tmp_path)!r}\n"
        "before = os.getcwd()\n"
        "with engine.warming():\n"
        "    run = engine.run(source, {}, name='x', cwd=Path(cwd))\n"
        "print(run.failure, 'colorsys' in sys.modules, 'CG' in os.environ, os.getcwd() == before)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, encoding="utf-8", check=True)
    assert done.stdout.split("\n")[0] == "None True False True"
