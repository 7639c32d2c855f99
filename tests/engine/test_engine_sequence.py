"""Trusted notebooks share a process, and each comes out as if it were the only one."""

from __future__ import annotations

import json
import os
import random
import select
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from citygrow_nb import engine
from citygrow_nb.engine import Run, Workbook, forking
from citygrow_nb.exceptions import ReportError
from tests.engine.awkward import NOTEBOOKS
from tests.engine.test_engine_warm_isolation import KEPT_APART
from tests.notebooks import code, content, parameters

pytestmark = pytest.mark.skipif(not forking.POSSIBLE, reason="processes cannot be forked here")

# What notebooks of one process have in common, because it is inside of modules; docs/engines.md says so.
IN_COMMON = {
    "globals of a module",
    "globals of a module nobody had imported",
    "a module beside the notebook",
    "modules",
    "leaving in the middle",
}
PID = "import os; os.getpid()"


def trusted(*sources: str) -> list[Workbook]:
    return [Workbook(f"{n}.ipynb", content(code(source)), trusted=True) for n, source in enumerate(sources)]


def run_all(workbooks: Sequence[Workbook], cwd: Path, timeout: int = 60) -> list[Run]:
    return list(engine.run_all(workbooks, {}, cwd=cwd, timeout=timeout))


def shown(run: Run) -> str:
    return json.dumps(run.notebook.cells[-1].outputs)


@pytest.mark.parametrize("what", sorted(KEPT_APART.keys() - IN_COMMON))
def test_notebook_leaves_nothing_to_the_next_in_its_process(what: str, tmp_path: Path) -> None:
    """Namespace, folder, environment, warnings, streams and all that belongs to the shell are as for the first."""
    does, looks = KEPT_APART[what]
    (before,) = run_all(trusted(looks if "left.txt" not in looks else "1"), tmp_path)
    *_, after = run_all([*trusted(does, looks)], tmp_path)
    assert after.failure is None
    if "left.txt" in looks:
        assert "('written', 0)" in shown(after)
    else:
        assert shown(after) == shown(before)


def test_each_draws_its_own_random_numbers(tmp_path: Path) -> None:
    """A seed that one notebook asked for is not that of the next, nor of the next process."""
    draw = "import random; random.random(), random.seed(1)"
    runs = [*run_all(trusted(draw, draw), tmp_path), *run_all(trusted(draw), tmp_path)]
    assert len({shown(run) for run in runs}) == 3


def test_changed_workbook_has_a_process_of_its_own(tmp_path: Path) -> None:
    """Trusted ones that follow each other share one."""
    first, second, third, fourth, fifth = trusted(*[PID] * 5)
    changed = Workbook(third.name, third.content)
    pids = [shown(run) for run in run_all([first, second, changed, fourth, fifth], tmp_path)]
    assert pids[0] == pids[1]
    assert pids[3] == pids[4]
    assert len(set(pids)) == 3


@pytest.mark.parametrize(
    "source",
    [
        "1 / 0",
        "import os; os._exit(3)",
        "import time; print('before'); time.sleep(60)",
        "import sys; print('before'); sys.exit('why')",
        "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
        "%no_such_magic",
    ],
)
def test_one_in_which_something_goes_wrong_fails_as_by_itself(source: str, tmp_path: Path) -> None:
    """The same sentence and the same notebook as in a process of its own; those before and after are as ever."""
    limit = 1 if "sleep" in source else 60
    alone = engine.run(content(code(source)), {}, name="1.ipynb", cwd=tmp_path, timeout=limit)
    first, failed, last = run_all(trusted("1", source, "3"), tmp_path, limit)
    assert failed.failure == alone.failure
    assert failed.failure is not None
    assert engine.dump(failed.notebook) == engine.dump(alone.notebook)
    assert (first.failure, last.failure) == (None, None)
    assert '"3"' in shown(last)


def test_unreadable_and_unknown_are_refused_in_their_turn(tmp_path: Path) -> None:
    """Whoever reads the runs knows which workbook is meant."""
    good = Workbook("a.ipynb", content(parameters(), code("city")), trusted=True)
    for bad, told in ((b"{}", "not a notebook"), (content(code("1")), "no parameter city")):
        runs = engine.run_all([good, Workbook("b.ipynb", bad, trusted=True)], {"city": "x"}, cwd=tmp_path)
        assert "'x'" in shown(next(runs))
        with pytest.raises(ReportError, match=told):
            next(runs)


def test_nobody_wants_more(tmp_path: Path) -> None:
    """When the iterator is closed, the process ends, whatever it is at."""
    os.mkfifo(tmp_path / "alive")
    watch = os.open(tmp_path / "alive", os.O_RDONLY | os.O_NONBLOCK)
    runs = engine.run_all(
        trusted("import os; os.open('alive', os.O_WRONLY)", "import time; time.sleep(60)"), {}, cwd=tmp_path
    )
    begun = time.monotonic()
    assert next(runs).failure is None
    runs.close()
    assert time.monotonic() - begun < 20
    poll = select.poll()
    poll.register(watch, 0)
    assert poll.poll(20_000) == [(watch, select.POLLHUP)]
    os.close(watch)


@pytest.mark.slow
def test_awkward_notebooks_come_out_alike_in_any_company(tmp_path: Path) -> None:
    """Notebooks that the kernel agrees on one by one come out the same side by side in one process."""
    # A module beside the notebook would be known already; how deep a recursion goes depends on what is above it.
    names = [name for name in NOTEBOOKS if name not in {"writing and running a file", "deep recursion"}]
    chance = random.Random(14)
    for _ in range(2):
        chance.shuffle(names)
        workbooks = [Workbook(name, content(*NOTEBOOKS[name]), trusted=True) for name in names]
        for workbook, run in zip(workbooks, run_all(workbooks, tmp_path), strict=True):
            alone = engine.run(workbook.content, {}, name=workbook.name, cwd=tmp_path)
            assert engine.dump(run.notebook) == engine.dump(alone.notebook), workbook.name
            assert run.failure == alone.failure
