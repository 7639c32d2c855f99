"""Nothing that one notebook does is there for the next."""

from __future__ import annotations

import json
import os
import select
from pathlib import Path
from typing import Any

import pytest

from tests.engine.runner import Runner
from tests.notebooks import code, content

# What the first notebook does, and where the second looks.
KEPT_APART = {
    "variables": ("x = 1\nimport json", "'x' in globals(), 'json' in globals(), len(In), Out"),
    "current folder": ("%cd -q /", "import os; os.getcwd()"),
    "environment": (
        "import os; os.environ['CG'] = '1'; del os.environ['PATH']",
        "import os; 'CG' in os.environ, 'PATH' in os.environ",
    ),
    "warnings": (
        "import warnings; warnings.simplefilter('error'); warnings.showwarning = print",
        "import warnings; print(warnings.filters, warnings.showwarning is print)",
    ),
    "globals of a module": (
        "import json; json.dumps = 1; json.own = 2",
        "import json; json.dumps == 1, hasattr(json, 'own')",
    ),
    "globals of a module nobody had imported": (
        "import colorsys; colorsys.own = 1",
        "import sys; known = 'colorsys' in sys.modules; import colorsys; known, hasattr(colorsys, 'own')",
    ),
    "a module beside the notebook": (
        "open('beside.py', 'w').write('a = 1'); import beside; beside.b = 2",
        "import sys; 'beside' in sys.modules",
    ),
    "modules": (
        "import sys; del sys.modules['json']; sys.modules['own'] = sys",
        "import sys; 'json' in sys.modules, 'own' in sys.modules",
    ),
    "builtins": (
        "import builtins; builtins.own = 1; builtins.len = None",
        "import builtins; hasattr(builtins, 'own'), len([])",
    ),
    "search path": (
        "import sys; sys.path[:0] = ['/own']; sys.meta_path.clear(); sys.argv.append('own')",
        "import sys; sys.path, len(sys.meta_path), sys.argv",
    ),
    "settings of the interpreter": (
        "import sys, gc; sys.setrecursionlimit(500); gc.disable(); sys.displayhook = print; sys.excepthook = print",
        "import sys, gc; print(sys.getrecursionlimit(), gc.isenabled(), sys.excepthook is print)",
    ),
    "tracing": ("import sys; sys.settrace(lambda *a: None)", "import sys; print(sys.gettrace())"),
    "signals": (
        "import signal; signal.signal(signal.SIGTERM, print); signal.signal(signal.SIGINT, signal.SIG_IGN)",
        "import signal; print(signal.getsignal(signal.SIGTERM) is print, signal.getsignal(signal.SIGINT))",
    ),
    "alarm": (
        "import signal; signal.signal(signal.SIGALRM, print); signal.alarm(3600)",
        "import signal; signal.alarm(0)",
    ),
    "locale": ("import locale; locale.setlocale(locale.LC_ALL, 'C')", "import locale; locale.setlocale(locale.LC_ALL)"),
    "decimal numbers": ("import decimal; decimal.getcontext().prec = 3", "import decimal; decimal.getcontext().prec"),
    "streams": (
        "import sys, io; sys.stdout = sys.stderr = io.StringIO(); sys.stdin = None",
        "import sys; print(sys.stdin is None)",
    ),
    "file descriptors": (
        "import os; os.close(1); os.close(2); os.close(0)",
        "import os; [os.fstat(n).st_mode > 0 for n in (0, 1, 2)]",
    ),
    "files left open": (
        "f = open('left.txt', 'w'); f.write('written')",
        "import os; names = [os.path.realpath(f'/proc/self/fd/{n}') for n in range(50)]\n"  # noqa: ISC004
        "open('left.txt').read(), sum('left' in name for name in names)",
    ),
    "permissions of files": ("import os; os.umask(0o777)", "import os; old = os.umask(0o022); os.umask(old); old"),
    "logging": (
        "import logging; logging.basicConfig(level=1); logging.disable(50)",
        "import logging; logging.root.handlers, logging.root.level, logging.root.manager.disable",
    ),
    "formatters": (
        "get_ipython().display_formatter.formatters['text/plain'].for_type(int, lambda n, p, c: p.text('own'))",
        "12",
    ),
    "IPython's settings": (
        "%precision 1\n%config InteractiveShell.ast_node_interactivity = 'all'\n%xmode Plain",
        "1\n2.55",
    ),
    "magics and hooks": (
        "%alias_magic own pwd\nget_ipython().events.register('post_run_cell', print)",
        "get_ipython().find_line_magic('own')",
    ),
    "stored values": ("x = 1\n%store x", "dict(get_ipython().db)"),
    "displays": (
        "display('a', display_id='same')",
        "from IPython.display import update_display; update_display('b', display_id='same')",
    ),
    "tasks": (
        "import asyncio; task = asyncio.create_task(asyncio.sleep(3600))",
        "import asyncio; len(asyncio.all_tasks())",
    ),
    "leaving in the middle": ("import sys; sys.exit(3)", "1"),
}

# Without a fork these stay behind; docs/engines.md says so.
ONLY_APART = {
    "inside of a module's object": (
        "import json; json.JSONEncoder.item_separator = '!'",
        "import json; json.dumps([1, 2])",
    ),
    "threads": (
        "import threading; threading.Thread(target=threading.Event().wait, daemon=True).start()",
        "import threading; threading.active_count()",
    ),
    "limits": (
        "import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))",
        "import resource; resource.getrlimit(resource.RLIMIT_NOFILE)",
    ),
    "endings": ("import atexit; atexit.register(print, 'own')", "import atexit; atexit._ncallbacks()"),
    "end of the process": ("import os; os._exit(0)", "1"),
    "crash": ("import ctypes; ctypes.string_at(0)", "1"),
}


def outputs(runner: Runner, source: str, cwd: Path) -> list[dict[str, Any]]:
    notebook, _ = runner.run(content(code(source)), cwd)
    return [output for cell in notebook["cells"] for output in cell.get("outputs", [])]


def look_before_and_after(runner: Runner, does: str, looks: str, cwd: Path) -> None:
    before = outputs(runner, looks if "left.txt" not in looks else "1", cwd)
    runner.run(content(code(does)), cwd)
    after = outputs(runner, looks, cwd)
    if "left.txt" in looks:
        before = [{**after[0], "data": {"text/plain": "('written', 0)"}}]
    assert after == before
    assert "Error" not in json.dumps(after)


@pytest.mark.parametrize("what", KEPT_APART)
def test_notebook_leaves_nothing_to_the_next(what: str, runner: Runner, tmp_path: Path) -> None:
    """In a process of its own or not, the next notebook sees what it would have seen without the first."""
    look_before_and_after(runner, *KEPT_APART[what], tmp_path)


@pytest.mark.parametrize("what", ONLY_APART)
def test_process_of_its_own_takes_everything_with_it(what: str, apart: Runner, tmp_path: Path) -> None:
    """Where the system can fork, not even threads, limits or a crash reach the next notebook."""
    look_before_and_after(apart, *ONLY_APART[what], tmp_path)


def test_seed_of_one_notebook_is_not_that_of_the_next(runner: Runner, tmp_path: Path) -> None:
    """Random numbers are different in each notebook, also after one that asked for certain ones."""
    drawn = []
    for _ in range(3):
        runner.run(content(code("import random; random.seed(1)")), tmp_path)
        drawn.append(str(outputs(runner, "import random; random.random()", tmp_path)))
    assert len(set(drawn)) == 3


def test_program_left_running_ends_with_its_notebook(apart: Runner, tmp_path: Path) -> None:
    """What a cell started in the background does not go on."""
    os.mkfifo(tmp_path / "alive")
    watch = os.open(tmp_path / "alive", os.O_RDONLY | os.O_NONBLOCK)
    start = "import os, subprocess\nsubprocess.Popen(['sleep', '3600'], stdout=os.open('alive', os.O_WRONLY)).pid > 0"
    assert outputs(apart, start, tmp_path)[0]["data"]["text/plain"] == "True"
    poll = select.poll()
    poll.register(watch, 0)
    # Nobody holds the other end any more.
    assert poll.poll(20_000) == [(watch, select.POLLHUP)]
    os.close(watch)
