"""Notebooks that are hard to run right: each named after what is hard about it."""

from __future__ import annotations

from typing import Any

from tests.notebooks import code, prose

Cells = tuple[dict[str, Any], ...]

DISPLAYS: dict[str, Cells] = {
    "values": (code("1 + 1"), code("_ + 1"), code("_1, Out[2], In[1]"), code("None"), code("3;"), code("'ż', b'x'")),
    "several values in a cell": (
        code("%config InteractiveShell.ast_node_interactivity = 'all'"),
        code("1\n'two'\nNone\n3.0"),
    ),
    "rich representations": (
        code(
            "class Rich:\n    def _repr_html_(self): return '<b>x</b>'\n"
            "    def _repr_markdown_(self): return '*x*', {'isolated': True}\n"
            "    def __repr__(self): return 'Rich'\nRich()"
        ),
        code(
            "class Bundle:\n    def _repr_mimebundle_(self, include=None, exclude=None):\n"
            "        return {'text/html': 'h', 'text/plain': 'p',\n"
            "                'application/x-own+json': {'a': [1, 2.5, None, True]}}\nBundle()"
        ),
        code(
            "class Shown:\n    def _ipython_display_(self):\n        print('shown by itself')\n"
            "        display('inner')\nShown()"
        ),
    ),
    "broken representations": (
        code(
            "class Half:\n    def _repr_html_(self): raise ValueError('no html')\n    def __repr__(self): return 'half'"
        ),
        code("Half()", tags=("raises-exception",)),
        code("class Mute:\n    def __repr__(self): raise ValueError('mute')\nMute()", tags=("raises-exception",)),
        code("print('not reached')"),
    ),
    "own formatters": (
        code(
            "f = get_ipython().display_formatter.formatters['text/html']\nf.for_type(complex, lambda c: f'<i>{c}</i>')"
        ),
        code("1j"),
        code(
            "get_ipython().display_formatter.formatters['text/plain'].for_type(int, lambda n, p, c: p.text('int!'))\n5"
        ),
    ),
    "pictures": (
        code(
            "from IPython.display import SVG, HTML, JSON, Markdown, Image\n"
            "display(SVG('<svg xmlns=\"http://www.w3.org/2000/svg\"/>'), HTML('<p>'), JSON({'a': 1}), Markdown('*x*'))"
        ),
        code(
            "import base64\npng = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWj"
            "R9awAAAABJRU5ErkJggg=='\nImage(base64.b64decode(png), width=7)"
        ),
    ),
    "raw bundles": (
        code(
            "display({'text/plain': 'p', 'application/x+json': {'k': 1}}, raw=True, metadata={'text/plain': {'m': 1}})"
        ),
        code("import datetime\ndisplay({'application/json': {'when': datetime.date(2026, 11, 23)}}, raw=True)"),
    ),
    "updates": (
        code("h = display('one', display_id='a')"),
        code("display('same name', display_id='a')"),
        code("h.update('two')"),
        code("from IPython.display import update_display\nupdate_display('nobody', display_id='unknown')\nprint('x')"),
        code("for i in range(3):\n    h.update(i)"),
    ),
    "clearing": (
        code(
            "from IPython.display import clear_output\nprint('gone')\ndisplay('gone')\nclear_output()\nprint('stays')"
        ),
        code("print('gone')\nclear_output(wait=True)\nprint('stays')"),
        code("print('stays')\nclear_output(wait=True)"),
        code("h = display('gone', display_id='z')\nclear_output()\ndisplay('new')"),
        code("h.update('nowhere')"),
    ),
}

STREAMS: dict[str, Cells] = {
    "text between displays": (
        code("print('a')\ndisplay('b')\nprint('c')\nimport sys\nprint('e', file=sys.stderr)\ndisplay('d')\n'last'"),
    ),
    "text without lines": (code("print('a', end='')\nprint('', end='')\nprint('b\\rc\\x08d')"),),
    "much text": (code("for i in range(20000):\n    print(i)"),),
    "letters of all kinds": (code("print('żółw 🐢 \\x1b[31mred\\x1b[0m \\u2028')"),),
    "file descriptors": (
        # A kernel reads its descriptors in a thread, and misses what comes when the cell ends.
        code("import os, time\nos.write(1, b'past Python\\n')\ntime.sleep(0.5)"),
        code("os.write(2, b'wrong\\n')\ntime.sleep(0.5)"),
        code("import ctypes; ctypes.CDLL(None).puts(b'from C'); ctypes.CDLL(None).fflush(None)\ntime.sleep(0.5)"),
    ),
    "other programs": (
        code("import subprocess, sys, time\nsubprocess.run([sys.executable, '-c', 'print(5)'])\ntime.sleep(0.5)"),
        code("subprocess.run('echo out; echo err >&2', shell=True, capture_output=True)"),
        code("import os\nos.system('echo by system')\ntime.sleep(0.5)"),
    ),
    "logging and warnings": (
        code(
            "import logging\nlogging.warning('root')\nlogging.getLogger('own').error('own %s', 1)\nlogging.info('not')"
        ),
        code("logging.basicConfig(level='DEBUG', force=True)\nlogging.debug('now')"),
        code("import warnings\nwarnings.warn('a warning')"),
        code("warnings.warn('old', DeprecationWarning)"),
        code("warnings.simplefilter('error')\nwarnings.warn('as error')"),
        code("print('not reached')"),
    ),
}

MAGIC: dict[str, Cells] = {
    "shell commands": (
        code("!echo hello"),
        code("x = 'w'\n!echo {x} $x"),
        code("out = !printf 'a\\nb\\n'\nout"),
        code("!exit 3"),
        code("_exit_code"),
    ),
    "shell cells": (
        code("%%bash\necho in bash; echo wrong >&2"),
        code("%%script sh --out text\necho kept"),
        code("text"),
        code("%%bash\nexit 4"),
    ),
    "magics": (
        code("%%capture caught\nprint('hidden')\ndisplay('hidden too')"),
        code("caught.stdout, len(caught.outputs)"),
        code("%pwd\n%cd -q ..\n%env CG_TEST=1"),
        code("import os; os.environ['CG_TEST']"),
        code("%who_ls"),
        code("%precision 2\n3.14159"),
        code("%pprint"),
        code("%xmode Plain\n%alias_magic t timeit\n%unalias_magic nothing", tags=("raises-exception",)),
    ),
    "writing and running a file": (
        code("%%writefile part.py\nprint('in part', __name__)\nvalue = 5"),
        code("%run part.py\nvalue"),
        code("import part\npart.value, part.__name__"),
        code("%%file other.txt\nx"),
        code("!cat other.txt"),
    ),
    "own magics and hooks": (
        code(
            "from IPython.core.magic import register_line_magic\n@register_line_magic\ndef twice(line):\n"
            "    return line * 2\nget_ipython().events.register('post_run_cell', lambda r: print('after', r.success))"
        ),
        code("%twice ab"),
        code("get_ipython().set_custom_exc((KeyError,), lambda s, t, v, tb, tb_offset=None: print('own', t.__name__))"),
        code("{}['x']", tags=("raises-exception",)),
    ),
    "help": (code("len?"), code("?int.bit_count"), code("help(abs)")),
    "unknown magic": (code("%nothing_like_this"), code("print('not reached')")),
}

ENDINGS: dict[str, Cells] = {
    "error": (code("def f(x):\n    return 1 / x\nprint('before')"), code("f(0)"), code("print('not reached')")),
    "error of an error": (code("try:\n    {}['a']\nexcept KeyError as e:\n    raise ValueError('ż') from e"),),
    "expected errors": (
        code("1 / 0", tags=("raises-exception",)),
        code("print('goes on')"),
        code("skipped", tags=("skip-execution",)),
        code("   \n  "),
        code("# only a comment"),
    ),
    "syntax": (code("x = (1,\ny = 2"), code("print('not reached')")),
    "indentation": (code("if True:\nprint(1)"),),
    "interrupt by hand": (code("raise KeyboardInterrupt"), code("print('not reached')")),
    "group of errors": (code("raise ExceptionGroup('two', [ValueError(1), KeyError(2)])"),),
    "deep recursion": (code("def f(): return f()"), code("f()")),
    "own traceback": (
        code("class Own(Exception):\n    def _render_traceback_(self): return ['my', 'words']\nraise Own('x')"),
    ),
    "leaving": (code("print('a')\nimport sys\nsys.exit(0)"), code("print('not reached')")),
    "leaving with a reason": (code("raise SystemExit('reason')"),),
    "assertion": (code("a = 1\nassert a == 2, 'not two'"),),
}

ASYNC: dict[str, Cells] = {
    "await": (
        code("import asyncio\nasync def f(x):\n    await asyncio.sleep(0.01)\n    return x\nawait f(3)"),
        code("[await c for c in (f(1), f(2))]"),
        code("async with asyncio.timeout(1):\n    print(await f('in time'))"),
        code("await asyncio.gather(f(1), f(2))"),
    ),
    "tasks": (
        code("import asyncio\nlater = []\nasync def f():\n    later.append(1)\ntask = asyncio.create_task(f())"),
        code("await task\nlater"),
        code("asyncio.get_running_loop().is_running()"),
        code("c = f()\ntry:\n    asyncio.run(c)\nexcept RuntimeError as e:\n    print(e)\nfinally:\n    c.close()"),
    ),
    "error while waiting": (code("import asyncio\nasync def f():\n    raise ValueError('late')\nawait f()"),),
}

INPUT: dict[str, Cells] = {
    "questions": (
        code("try:\n    input('name? ')\nexcept Exception as e:\n    print(type(e).__name__, e)"),
        code("import getpass\ntry:\n    getpass.getpass()\nexcept Exception as e:\n    print(type(e).__name__, e)"),
        code("import sys\nsys.stdin.read()"),
    ),
    "threads": (
        code(
            "import threading\nt = threading.Thread(target=lambda: print('in a thread'))\nt.start(); t.join()\n"
            "print('after')"
        ),
        code(
            "from concurrent.futures import ThreadPoolExecutor\nwith ThreadPoolExecutor(2) as p:\n"
            "    print(sum(p.map(lambda x: x * x, range(5))))"
        ),
    ),
    "processes": (
        code(
            "import multiprocessing, sys\nfork = multiprocessing.get_context('fork')\n"
            "p = fork.Process(target=lambda: print('child'))\np.start(); p.join(); sys.stdout.flush(); p.exitcode"
        ),
    ),
    "modules and names": (
        code("import __main__, sys\n__name__, sys.modules['__main__'].__dict__ is globals()"),
        code("from __future__ import annotations\ndef f(x: undefined): return x\nf.__annotations__"),
        code("import inspect\ndef g():\n    return 1  # here\nprint(inspect.getsource(g))"),
        code("import pickle\nclass P: pass\ntype(pickle.loads(pickle.dumps(P()))) is P"),
        code("from dataclasses import dataclass\n@dataclass\nclass D:\n    a: int = 1\nD()"),
        code("'ipykernel' in sys.modules or get_ipython() is not None"),
        code("del sys; dir()[-1], '' in __import__('sys').path"),
    ),
    "prose between": (prose("# A"), code("1"), prose("b"), code("2")),
}

NOTEBOOKS: dict[str, Cells] = {**DISPLAYS, **STREAMS, **MAGIC, **ENDINGS, **ASYNC, **INPUT}
