"""The IPython shell in which cells run: a kernel's own, except that it tells its outputs to a function.

It is made before a notebook's cells may run and changes nothing around it until :meth:`Shell.begin`, so that a process
can make it in advance and fork.
"""

# mypy: disable-error-code="no-untyped-call"

from __future__ import annotations

import ast
import atexit
import builtins
import copy
import sys
from functools import lru_cache
from types import CodeType
from typing import Any
from zlib import crc32

from IPython.core import page
from IPython.core.async_helpers import _should_be_async
from IPython.core.autocall import ZMQExitAutocall
from IPython.core.builtin_trap import BuiltinTrap
from IPython.core.compilerop import CachingCompiler
from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.inputtransformer2 import TransformerManager
from IPython.core.interactiveshell import InteractiveShell
from IPython.display import display
from traitlets import Instance, Type, default
from traitlets.config import Config

from citygrow_nb.engine.streams import Emit, Event


def _ignore(*_: object, **__: object) -> None:
    pass


class _Compiler(CachingCompiler):
    """Compiles each cell once per process, however many notebooks it stands in.

    It names cells as files, as a kernel does, because tracebacks look different otherwise; but always alike.
    """

    def get_code_name(self, raw_code: str, transformed_code: str, number: int) -> str:  # noqa: ARG002 - IPython's
        """Return the name of a cell's file, which does not exist."""
        return f"/notebook/{number}-{crc32(transformed_code.encode(errors='replace')):08x}.py"

    def ast_parse(self, source: str, filename: str = "<unknown>", symbol: str = "exec") -> ast.AST:
        """Return the tree of a cell; not to be changed, because others have it too."""
        return _parsed(source, filename, symbol, self.flags)

    def __call__(self, source: Any, filename: str, symbol: str, **options: Any) -> CodeType:
        """Compile a statement as IPython hands it over: the only one of a module."""
        flags = self.flags
        (statement,) = getattr(source, "body", None) or (None,)
        known = _compiled.get((filename, symbol, id(statement), flags))
        if known and known[0] is statement:
            return known[1]
        code: CodeType = super().__call__(source, filename, symbol, **options)
        if self.flags == flags and isinstance(statement, ast.stmt) and len(_compiled) < _MOST:
            _compiled[filename, symbol, id(statement), flags] = statement, code
        return code


_MOST = 4096
"""Statements and cells that are kept."""

_compiled: dict[tuple[str, str, int, int], tuple[ast.stmt, CodeType]] = {}
"""Code of statements. Each stays here with its code, so that no other gets its number."""


@lru_cache(maxsize=_MOST)
def _parsed(source: str, filename: str, symbol: str, flags: int) -> ast.AST:
    tree: ast.AST = compile(source, filename, symbol, flags | ast.PyCF_ONLY_AST, dont_inherit=True)
    return tree


class _Transformer(TransformerManager):
    """Turns what only IPython understands into Python, for each cell once per process."""

    def transform_cell(self, cell: str) -> str:
        """Return the cell as Python, as IPython does: its text alone decides while nobody has added a rule."""
        if _rules(self) == _RULES:
            return _transformed(cell)
        return str(super().transform_cell(cell))


@lru_cache(maxsize=_MOST)
def _transformed(cell: str) -> str:
    return str(TransformerManager().transform_cell(cell))


def _rules(manager: TransformerManager) -> tuple[list[Any], ...]:
    return manager.cleanup_transforms, manager.line_transforms, manager.token_transformers


_RULES = _rules(TransformerManager())


class _Hook(DisplayHook):
    """Tells the value of a cell's last line."""

    shell: Shell
    _event: Event | None = None
    semicolon_at_end_of_expression = staticmethod(lru_cache(_MOST)(DisplayHook.semicolon_at_end_of_expression))

    def start_displayhook(self) -> None:
        self._event = {"type": "execute_result", "data": {}, "metadata": {}}

    def write_output_prompt(self) -> None:
        if self._event is not None:
            self._event["execution_count"] = self.prompt_count

    def write_format_data(self, format_dict: dict[str, Any], md_dict: dict[str, Any] | None = None) -> None:
        if self._event is not None:
            self._event.update(data=format_dict, metadata=md_dict or {})

    def finish_displayhook(self) -> None:
        if self._event is not None and self._event["data"]:
            self.shell.emit(self._event)
        self._event = None

    @property
    def formatting(self) -> bool:
        """Whether a value is being turned into its representations."""
        return self._event is not None


class _Publisher(DisplayPublisher):
    """Tells what ``display`` shows."""

    shell: Shell

    def publish(  # type: ignore[override]
        self,
        data: dict[str, Any],
        metadata: dict[str, Any] | None = None,
        *,
        transient: dict[str, Any] | None = None,
        update: bool = False,
        **_: Any,
    ) -> None:
        self._validate_data(data, metadata or {})
        self.shell.emit(
            {
                "type": "update_display_data" if update else "display_data",
                "data": data,
                "metadata": metadata or {},
                "display_id": (transient or {}).get("display_id"),
            }
        )

    def clear_output(self, wait: bool = False) -> None:
        self.shell.emit({"type": "clear_output", "wait": wait})


class Shell(InteractiveShell):
    """An IPython shell for one notebook."""

    displayhook_class = Type(_Hook)
    display_pub_class = Type(_Publisher)
    compiler_class = Type(_Compiler)
    input_transformer_manager = Instance(_Transformer, ())
    exiter = Instance(ZMQExitAutocall)
    system = InteractiveShell.system_piped
    displayhook: _Hook

    def __init__(self) -> None:
        self._emit: Emit = _ignore
        self.failed_to_show = False
        self.keepkernel_on_exit = None
        super().__init__(config=Config(HistoryManager={"enabled": False, "hist_file": ":memory:"}))
        # Whatever %store is given stays in this notebook.
        self.db = {}
        atexit.unregister(self.atexit_operations)
        # Made on first use otherwise, which would be in every process that is forked off.
        if self.display_formatter is not None:
            self.display_formatter.format("")
        self.compile.ast_parse(self.transform_cell("1"))

    def begin(self, emit: Emit) -> None:
        """Become the shell of this process.

        Parameters
        ----------
        emit
            Takes every output.
        """
        self._emit = emit
        vars(builtins).update(__IPYTHON__=True, display=display)
        sys.modules["__main__"] = self.user_module
        for kind in self._walk_mro():
            kind._instance = self  # type: ignore[assignment]

    def emit(self, event: Event) -> None:
        """Pass an output on, after all text that was written before it."""
        sys.stdout.flush()
        sys.stderr.flush()
        self._emit(event)

    def transform_ast(self, node: ast.Module) -> ast.Module:
        """Return the tree of a cell as the notebook's own rules want it; what others share is copied first."""
        if self.ast_transformers or self.ast_node_interactivity == "last_expr_or_assign":
            node = copy.deepcopy(node)
        changed: ast.Module = super().transform_ast(node)
        return changed

    def should_run_async(
        self, raw_cell: str, *, transformed_cell: str | None = None, preprocessing_exc_tuple: Any = None
    ) -> bool:
        """Return whether a cell waits for something; found out once per process."""
        if self.autoawait and preprocessing_exc_tuple is None and transformed_cell is not None:
            return _awaits(transformed_cell)
        ready = {"transformed_cell": transformed_cell, "preprocessing_exc_tuple": preprocessing_exc_tuple}
        return bool(super().should_run_async(raw_cell, **ready))

    def ask_exit(self) -> None:
        """Note that a cell called ``exit``."""
        self.exit_now = not self.keepkernel_on_exit

    def enable_gui(self, gui: str | None = None) -> None:
        """Refuse event loops of windows; none is fine."""
        if gui not in {None, "inline"}:
            raise NotImplementedError(f"there is no screen for {gui}")

    def _showtraceback(self, etype: type[BaseException], evalue: BaseException | None, stb: list[str]) -> None:
        self.failed_to_show = self.failed_to_show or self.displayhook.formatting
        self.emit({"type": "error", "ename": etype.__name__, "evalue": str(evalue), "traceback": stb})

    @default("exiter")
    def _default_exiter(self) -> ZMQExitAutocall:
        return ZMQExitAutocall(self)

    def init_builtins(self) -> None:
        """Set nothing in the process around yet; :meth:`begin` does."""
        self.builtin_trap = BuiltinTrap(shell=self)

    def init_hooks(self) -> None:
        """Leave out what goes into a pager, because it is not part of a notebook."""
        super().init_hooks()
        self.set_hook("show_in_pager", page.as_hook(_ignore), 99)

    # What else IPython does to the process around it when a shell is made waits for begin(), or is not wanted at all.
    init_ipython_dir = init_profile_dir = init_environment = init_virtualenv = init_sys_modules = init_prompts = _ignore


_awaits = lru_cache(_MOST)(_should_be_async)

_spare: list[Shell] = []


def spare_shells(count: int) -> list[Shell]:
    """Return shells that were made in advance, once per process: each process forked off this one has its own copies.

    Parameters
    ----------
    count
        How many.
    """
    while len(_spare) < count:
        _spare.append(Shell())
    return _spare[:count]
