"""One workbook at a time: parameters in, the same bytes out, and no kernel left behind."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

import papermill
import pytest
from nbformat import NotebookNode

from citygrow_nb import engine
from citygrow_nb.exceptions import Problem, ReportError, UsageError
from tests.notebooks import code, content, parameters, prose


def run(tmp_path: Path, *cells: dict[str, Any], **options: Any) -> engine.Run:
    source = content(prose("# Title"), parameters(), *cells)
    return engine.run(source, {"city": "zabia-gora"}, name="01-x.ipynb", cwd=tmp_path, **options)


def shown(notebook: NotebookNode, cell: int) -> str:
    output = notebook.cells[cell].outputs[0]
    return str(output.get("text") or output.data["text/plain"])


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_parameters_reach_the_cells_and_the_same_run_gives_the_same_bytes(tmp_path: Path) -> None:
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
        first, second = (run(tmp_path, *cells) for _ in range(2))
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
        ("import os; os.write(2, b'no memory'); os._exit(3)", "", "its kernel died: no memory"),
    ],
)
def test_failure_is_a_sentence_with_the_cell(tmp_path: Path, source: str, place: str, told: str) -> None:
    """What went wrong is told in words, with the place where the kept notebook shows it."""
    failed = run(tmp_path, code(source), code("print('not reached')"))
    assert isinstance(failed.failure, Problem)
    assert failed.failure.where == f"01-x.ipynb{place}"
    assert failed.failure.found == told
    assert "not reached\\n" not in engine.dump(failed.notebook).decode()
    if place:
        assert failed.notebook.cells[-2].outputs[-1].output_type == "error"


def test_cell_that_hangs_is_stopped_and_its_kernel_with_it(tmp_path: Path) -> None:
    """A cell beyond its time fails, and the kernel's process has ended when the run returns."""
    kernel = tmp_path / "kernel.pid"
    hang = f"import os, time\nopen({str(kernel)!r}, 'w').write(str(os.getpid()))\ntime.sleep(600)"
    failed = run(tmp_path, code(hang), timeout=1)
    assert failed.failure is not None
    assert failed.failure.found == "the cell took more than 1 s"
    assert not alive(int(kernel.read_text(encoding="utf-8")))


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such sockets")
def test_long_temporary_folder_is_no_obstacle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a socket's path would be too long, the kernel is reached another way."""
    deep = tmp_path.joinpath(*["deep" * 10] * 3)
    deep.mkdir(parents=True)
    monkeypatch.setattr(tempfile, "tempdir", str(deep))
    assert run(tmp_path, code("print(city)")).failure is None
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


def test_engine_to_come_and_engine_unknown_are_told_apart() -> None:
    """The promised engine says “not yet”, and both sentences name the one that works."""
    assert engine.checked_engine("kernel") == "kernel"
    with pytest.raises(UsageError, match="not there yet; allowed: kernel"):
        engine.checked_engine("warm")
    with pytest.raises(UsageError, match="no such engine; allowed: kernel"):
        engine.checked_engine("steam")
