"""The process around a running notebook: made to look like a new one, and put back as it was.

A forked process only needs the first. The second is for systems that cannot fork, and for warming: it restores what
can be restored, and `docs/engines.md` says what cannot.
"""

from __future__ import annotations

import builtins
import contextlib
import decimal
import gc
import importlib.machinery
import locale
import logging
import os
import random
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

from citygrow_nb.engine.streams import Emit, Spill, Stream

_PLACES = {"stdin": 0, "stdout": 1, "stderr": 2}

_SIGNALS = tuple(map(int, signal.valid_signals()))

_ENVIRONMENT = {
    # As in a kernel: programs that a cell starts use colours, but no pager.
    "TERM": "xterm-color",
    "CLICOLOR": "1",
    "FORCE_COLOR": "1",
    "CLICOLOR_FORCE": "1",
    "PAGER": "cat",
    "GIT_PAGER": "cat",
}


class StrayOutput:
    """What cells write past Python to the descriptors of standard output and standard error."""

    def __init__(self) -> None:
        self.stdout, self.stderr = Spill(), Spill()

    def last_words(self) -> str:
        """Return what stands last in standard error and has not been read, to follow on a sentence."""
        lines = [" ".join(line.split()) for line in self.stderr.fresh().splitlines() if line.strip()]
        return f": {lines[-1][:200]}" if lines else ""

    def close(self) -> None:
        """Give them up."""
        self.stdout.close()
        self.stderr.close()


def prepare(stray: StrayOutput, emit: Emit) -> None:
    """Make this process look as if it had just been started to run a notebook.

    Parameters
    ----------
    stray
        Take the place of descriptors 1 and 2.
    emit
        Takes what is written to ``sys.stdout`` and ``sys.stderr``.
    """
    nowhere = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nowhere, 0)
    os.close(nowhere)
    os.dup2(stray.stdout.fileno(), 1)
    os.dup2(stray.stderr.fileno(), 2)
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - as long as the process
    sys.stdout = Stream("stdout", 1, stray.stdout, emit)
    sys.stderr = Stream("stderr", 2, stray.stderr, emit)
    sys.argv = ["notebook"]
    if "" not in sys.path:
        sys.path.insert(0, "")
    os.environ.update(_ENVIRONMENT)
    os.environ.setdefault("MPLBACKEND", "module://matplotlib_inline.backend_inline")
    root = logging.getLogger()
    root.handlers.clear()
    if root.level != logging.WARNING:  # all loggers are told
        root.setLevel(logging.WARNING)
    decimal.setcontext(decimal.Context())
    _seed()
    if threading.current_thread() is threading.main_thread():
        for number in _SIGNALS:
            if callable(signal.getsignal(number)):
                signal.signal(number, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _seed() -> None:
    # Two notebooks must not draw the same numbers because their processes have the same parent.
    random.seed()
    numpy: Any = sys.modules.get("numpy.random")
    if numpy is not None:
        numpy.seed()


@contextlib.contextmanager
def restored(*, keep_modules: bool) -> Iterator[None]:
    """Put this process back as it was when the block ends.

    Parameters
    ----------
    keep_modules
        Whether modules stay as they are: those imported meanwhile, and what any of them has changed in itself.
    """
    saved = [save() for save in (_descriptors, _interpreter, _folder, _signals, _logging, _locale)]
    modules = _modules(keep=keep_modules)
    with warnings.catch_warnings():
        try:
            yield
        finally:
            for restore in reversed(saved):
                restore()
            modules()
            _seed()
            if not keep_modules:
                # What a notebook left open is closed once nothing points to it any more.
                gc.collect()


Restore = Callable[[], None]


def _descriptors() -> Restore:
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError, AttributeError):
            stream.flush()
    copies = {}
    for descriptor in _PLACES.values():
        with contextlib.suppress(OSError):
            copies[descriptor] = os.dup(descriptor)

    def restore() -> None:
        for descriptor, copy in copies.items():
            os.dup2(copy, descriptor)
            os.close(copy)

    return restore


def _interpreter() -> Restore:
    names = (*_PLACES, "argv", "displayhook", "excepthook", "unraisablehook", "path", "meta_path", "path_hooks")
    objects = {name: getattr(sys, name) for name in names}
    lists = {name: list(value) for name, value in objects.items() if isinstance(value, list)}
    known, environment, limit = dict(vars(builtins)), dict(os.environ), sys.getrecursionlimit()
    hook, collecting = threading.excepthook, gc.isenabled()

    def restore() -> None:
        for name, value in objects.items():
            setattr(sys, name, value)
        for name, content in lists.items():
            objects[name][:] = content
        _put_back("builtins", vars(builtins), known)
        if dict(os.environ) != environment:
            os.environ.clear()
            os.environ.update(environment)
        sys.setrecursionlimit(limit)
        sys.settrace(None)
        sys.setprofile(None)
        threading.excepthook = hook
        (gc.enable if collecting else gc.disable)()

    return restore


def _folder() -> Restore:
    folder, mask = os.getcwd(), os.umask(0o077)  # noqa: PTH109 - as a text, to go back to
    os.umask(mask)

    def restore() -> None:
        os.umask(mask)
        os.chdir(folder)

    return restore


def _signals() -> Restore:
    if threading.current_thread() is not threading.main_thread():
        return _nothing
    handlers = {number: signal.getsignal(number) for number in _SIGNALS}
    timer = signal.setitimer(signal.ITIMER_REAL, 0) if hasattr(signal, "setitimer") else None

    def restore() -> None:
        if timer is not None:
            signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in handlers.items():
            if handler is not None and signal.getsignal(number) is not handler:
                signal.signal(number, handler)
        if timer is not None:
            signal.setitimer(signal.ITIMER_REAL, *timer)

    return restore


def _logging() -> Restore:
    root = logging.getLogger()
    handlers, level, disabled = list(root.handlers), root.level, root.manager.disable

    def restore() -> None:
        root.handlers[:] = handlers
        if (root.level, root.manager.disable) != (level, disabled):
            root.setLevel(level)
            root.manager.disable = disabled

    return restore


def _locale() -> Restore:
    saved = locale.setlocale(locale.LC_ALL)

    def restore() -> None:
        locale.setlocale(locale.LC_ALL, saved)

    return restore


def _modules(*, keep: bool) -> Restore:
    contents = {} if keep else {name: (module, dict(vars(module))) for name, module in _loaded()}
    main = sys.modules.get("__main__")

    def restore() -> None:
        if main is not None:
            sys.modules["__main__"] = main
        if keep:
            return
        known = {name.partition(".")[0] for name in contents}
        _forget([name for name, _ in _loaded() if name.partition(".")[0] not in known])
        for name, (module, content) in contents.items():
            sys.modules[name] = module
            _put_back(name, vars(module), content)

    return restore


def _put_back(name: str, now: dict[str, Any], content: dict[str, Any]) -> None:
    # Name by name: another thread may be using the module.
    for key in now.keys() - content.keys():
        if f"{name}.{key}" not in sys.modules:
            del now[key]
    for key, value in content.items():
        if key not in now or now[key] is not value:
            now[key] = value


def _loaded() -> list[tuple[str, ModuleType]]:
    # Not builtins, sys and __main__, which are looked after by name.
    skipped = {"builtins", "sys", "__main__"}
    return [
        (name, module)
        for name, module in list(sys.modules.items())
        if name not in skipped and isinstance(module, ModuleType)
    ]


def _forget(names: list[str]) -> None:
    """Forget packages that a notebook was the first to import; not those with compiled parts, which load only once."""
    compiled = {name.partition(".")[0] for name in names if not _is_python(name, sys.modules[name])}
    for name in names:
        if name.partition(".")[0] not in compiled:
            del sys.modules[name]


def _is_python(name: str, module: ModuleType) -> bool:
    specification: Any = getattr(module, "__spec__", None)
    if specification is None or specification.name != name:
        # Put there by hand.
        return True
    return specification.loader is None or isinstance(specification.loader, importlib.machinery.SourceFileLoader)


def _nothing() -> None:
    pass
