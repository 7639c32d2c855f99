"""Own workbooks in kernels: parameters in, the same bytes out, limits, and no process left behind."""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from citygrow_nb.exceptions import Problem, ReportError
from citygrow_nb.running.kernels import Kernels
from citygrow_nb.running.notebooks import Run, dump
from tests.notebooks import code, content, parameters, prose

pytestmark = pytest.mark.slow

CITY = {"city": "zabia-gora"}


@pytest.fixture
def kernels(tmp_path: Path) -> Iterator[Kernels]:
    kernels = Kernels(tmp_path)
    yield kernels
    kernels.close()


def run(kernels: Kernels, *cells: dict[str, Any], **options: Any) -> Run:
    source = content(prose("# Title"), parameters(), *cells)
    return kernels.run(source, CITY, name="15-own.ipynb", **{"more": False, **options})


def shown(run: Run, cell: int) -> str:
    output = run.notebook.cells[cell].outputs[0]
    return str(output.get("text") or output.data["text/plain"])


def gone(pid: int) -> bool:
    """Tell whether a process ends within a while."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        if not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
            return True
        time.sleep(0.05)
    return False


def test_the_same_run_gives_the_same_bytes(kernels: Kernels, tmp_path: Path) -> None:
    """Nothing of machine or moment is left in the notebook: no times, paths, random ids, addresses or widget state."""
    cells = (
        code("print(city)"),
        code("import os; os.getcwd() == os.path.realpath(os.environ['WHERE'])"),
        code("object()"),
        code("import ipywidgets; ipywidgets.IntSlider()"),
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WHERE", str(tmp_path))
        first, second = run(kernels, *cells, more=True), run(kernels, *cells)
    assert first.failure is None
    assert [shown(first, cell) for cell in (3, 4)] == ["zabia-gora\n", "True"]
    for each in (first, second):
        each.notebook.cells[6].outputs[0].data.pop("application/vnd.jupyter.widget-view+json")
    assert dump(first.notebook) == dump(second.notebook)
    text = dump(first.notebook).decode()
    assert not any(word in text for word in ("papermill", "iopub", "0x", str(tmp_path), tempfile.gettempdir()))
    assert list(tmp_path.iterdir()) == []


def test_notebook_without_parameters_gets_them_at_its_top(kernels: Kernels) -> None:
    """Those of others have no such cell, and are no worse for it."""
    done = kernels.run(content(code("city")), CITY, name="theirs.ipynb", more=False)
    assert done.failure is None
    assert shown(done, 1) == "'zabia-gora'"


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("print('before')\n1 / 0", "ZeroDivisionError: division by zero"),
        ("from citygrow_nb.exceptions import StoreError\nraise StoreError('disk full')", "disk full"),
        ("%nothing", "UsageError: Line magic function `%nothing` not found."),
    ],
)
def test_failure_is_a_sentence_with_the_cell(kernels: Kernels, source: str, told: str) -> None:
    """What went wrong is told in words; the notebook has papermill's mark there, and nothing runs after it."""
    failed = run(kernels, code(source), code("print('not reached')"))
    assert isinstance(failed.failure, Problem)
    assert (failed.failure.where, failed.failure.found) == ("15-own.ipynb, In [3]", told)
    text = dump(failed.notebook).decode()
    assert "papermill-error-cell-tag" in text
    assert "not reached\\n" not in text


def test_error_that_a_tag_allows_is_shown_and_no_failure(kernels: Kernels) -> None:
    """As nbclient has it; papermill alone would call it one."""
    allowed = code("1 / 0", tags=("raises-exception",))
    done = run(kernels, allowed, code("print('reached')"))
    assert done.failure is None
    assert [cell.outputs[0].output_type for cell in done.notebook.cells[3:]] == ["error", "stream"]
    failed = run(kernels, allowed, code("1 / 0"))
    assert failed.failure is not None
    assert failed.failure.where == "15-own.ipynb, In [4]"


def test_process_that_dies_has_last_words(kernels: Kernels) -> None:
    """A kernel that ends in the middle of a cell is a failure of this notebook, with what it said last."""
    failed = run(kernels, code("import os; os.write(2, b'no memory'); os._exit(3)"))
    assert failed.failure is not None
    assert failed.failure.found == "its process died: no memory"


@pytest.mark.skipif(sys.platform == "win32", reason="uses programs that Windows does not have")
def test_cell_that_hangs_is_stopped_and_all_that_it_started(kernels: Kernels, tmp_path: Path) -> None:
    """A cell beyond its time fails, the notebook shows where it hung, and kernel and programs have ended."""
    hang = (
        "import os, subprocess, time\n"
        "child = subprocess.Popen(['sleep', '600'], start_new_session=True)\n"
        "open('pids', 'w').write(f'{os.getpid()} {child.pid}')\ntime.sleep(600)"
    )
    failed = run(kernels, code(hang), timeout=2)
    assert failed.failure is not None
    assert failed.failure.found == "the cell took more than 2 s"
    assert failed.notebook.cells[-1].outputs[-1].ename == "KeyboardInterrupt"
    assert all(gone(int(pid)) for pid in (tmp_path / "pids").read_text(encoding="utf-8").split())


def test_metadata_allow_a_cell_more_time(kernels: Kernels) -> None:
    """Of the cell, or of the whole notebook; what makes no sense there changes nothing."""
    slow = code("import time; time.sleep(3)")
    slow["metadata"]["citygrow"] = {"timeout": 60}
    assert run(kernels, slow, timeout=1).failure is None
    slow["metadata"]["citygrow"] = {"timeout": "long"}
    assert run(kernels, slow, timeout=1).failure is not None


def test_modules_beside_are_found_last_and_nothing_else_is(tmp_path: Path) -> None:
    """Copies of the modules that were trusted; a module that lies in the current folder is not imported."""
    modules = tmp_path / "modules"
    modules.mkdir()
    (modules / "helper.py").write_text("WHAT = 'ours'", encoding="utf-8")
    (modules / "json.py").write_text("raise SystemError('foreign')", encoding="utf-8")
    (tmp_path / "stranger.py").write_text("", encoding="utf-8")
    (tmp_path / "ipykernel_launcher.py").write_text("raise SystemError('foreign')", encoding="utf-8")
    kernels = Kernels(tmp_path, modules)
    done = run(kernels, code("import helper, json, sys\nhelper.WHAT, sys.path[-1] == json.dumps(sys.path[-1])[1:-1]"))
    assert done.failure is None
    assert shown(done, 3) == "('ours', True)"
    failed = run(kernels, code("import stranger"))
    assert failed.failure is not None
    assert failed.failure.found == "ModuleNotFoundError: No module named 'stranger'"


def test_other_kernels_names_and_languages(kernels: Kernels) -> None:
    """The name of somebody's environment is no obstacle; a language that is not there is named."""
    notebook = json.loads(content(parameters(), code("city")))
    notebook["metadata"]["kernelspec"] = {"name": "conda-env-ours", "display_name": "Ours", "language": "python"}
    done = kernels.run(json.dumps(notebook).encode(), CITY, name="x.ipynb", more=False)
    assert done.failure is None
    notebook["metadata"] = {}
    assert kernels.run(json.dumps(notebook).encode(), CITY, name="x.ipynb", more=False).failure is None
    notebook["metadata"]["kernelspec"] = {"name": "ir", "display_name": "R", "language": "R"}
    notebook["metadata"]["language_info"] = {"name": "R"}
    failed = kernels.run(json.dumps(notebook).encode(), CITY, name="x.ipynb", more=False)
    assert failed.failure is not None
    assert failed.failure.found == "it needs the Jupyter kernel “ir”, which is not there"


def test_next_kernel_is_on_its_way_and_goes_when_nobody_needs_it(tmp_path: Path) -> None:
    """It is started while the one before runs, is another process, and leaves neither process nor folder behind."""
    scratch = tmp_path / "t"
    scratch.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tempfile, "tempdir", str(scratch))
        kernels = Kernels(tmp_path)
        before = set(psutil.Process().children())
        pids = [int(shown(run(kernels, code("import os; os.getpid()"), more=True), 3)) for _ in range(2)]
        assert len(set(pids)) == 2
        (waiting,) = set(psutil.Process().children()) - before
        kernels.close()
        assert gone(waiting.pid)
        assert all(map(gone, pids))
        assert list(scratch.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such sockets")
def test_long_temporary_folder_is_no_obstacle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a socket's path would be too long, the kernel is reached another way."""
    deep = tmp_path.joinpath(*["deep" * 10] * 3)
    deep.mkdir(parents=True)
    monkeypatch.setattr(tempfile, "tempdir", str(deep))
    assert run(Kernels(tmp_path), code("print(city)")).failure is None
    assert list(deep.iterdir()) == []


def test_damaged_workbook_starts_nothing(kernels: Kernels, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is not a notebook is named as such."""
    monkeypatch.setattr(os, "fork", lambda: pytest.fail("started"), raising=False)
    with pytest.raises(ReportError, match=r"x\.ipynb: this is not a notebook"):
        kernels.run(b"{}", CITY, name="x.ipynb")
