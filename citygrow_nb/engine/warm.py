"""The warm engine: notebooks without a kernel, run by papermill in a process that has everything imported already.

Each notebook gets a process of its own, forked off this one, which costs a few milliseconds. Where that is impossible,
and while warming, notebooks run in this very process, which is then put back as it was.
"""

from __future__ import annotations

import contextlib
import contextvars
import gc
import signal
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from nbformat.notebooknode import from_dict
from papermill.engines import Engine, NotebookExecutionManager, papermill_engines

from citygrow_nb.engine import forking, isolation
from citygrow_nb.engine.cells import Task, run_cells, tasks
from citygrow_nb.engine.isolation import StrayOutput
from citygrow_nb.engine.outputs import Outputs
from citygrow_nb.engine.shell import Shell, spare_shells
from citygrow_nb.engine.streams import Emit, Event, pack, unpack

REGISTERED = "citygrow-warm"
"""Its name with papermill."""


@dataclass
class Outcome:
    """What the engine knows of a run beyond what papermill hands back.

    Parameters
    ----------
    notebook
        The notebook that was run, also if it failed; papermill works on the same one.
    took_too_long
        Whether the last cell was stopped because it took too long.
    died
        Whether its process died.
    last_words
        What the process said last before it died, to follow on a sentence.
    cell
        Number in square brackets of the last cell that was begun.
    """

    notebook: Any = None
    took_too_long: bool = False
    died: bool = False
    last_words: str = ""
    cell: int = 1


class Warm(Engine):  # type: ignore[misc]
    """papermill's engine of that name."""

    @classmethod
    def execute_managed_notebook(
        cls,
        nb_man: NotebookExecutionManager,
        kernel_name: str,  # noqa: ARG003 - papermill's
        *,
        execution_timeout: float | None = None,
        outcome: Outcome | None = None,
        **_: Any,
    ) -> None:
        """Run a notebook's cells.

        Parameters
        ----------
        nb_man
            papermill's wrapper around the notebook.
        kernel_name
            Not used: it is this Python.
        execution_timeout
            Seconds that one cell may take.
        outcome
            Filled in, if given.
        """
        asked = outcome is not None
        outcome = outcome or Outcome()
        outcome.notebook = nb_man.nb
        record = _EventRecorder(nb_man, outcome)
        work = tasks(nb_man.nb.cells)
        stray = StrayOutput()
        try:
            (_run_in_child if forks() else _run_in_process)(work, stray, record, execution_timeout)
        except forking.TookTooLong:
            outcome.took_too_long = True
            record.broke_off()
        except forking.Died:
            outcome.died, outcome.last_words = True, stray.last_words()
            record.broke_off()
        finally:
            stray.close()
        if asked and not record.failed:
            # papermill would copy, validate and write out what nobody reads: the notebook is in the outcome.
            hollow = {"cells": [], "metadata": {"papermill": {}}, "nbformat": 4, "nbformat_minor": 5}
            nb_man.nb = from_dict(hollow)  # type: ignore[no-untyped-call]


class _EventRecorder:
    """Takes a run's events into the notebook, and tells papermill."""

    def __init__(self, nb_man: NotebookExecutionManager, outcome: Outcome) -> None:
        self._nb_man, self._outcome = nb_man, outcome
        self._outputs = Outputs(nb_man.nb.cells)
        self._cell: Any = None
        self.failed = False
        self._index = 0

    def handle(self, event: Event) -> None:
        if event["type"] == "begin":
            self._index, self._outcome.cell = event["cell"], event["execution_count"]
            self._cell = self._outputs.begin(self._index, event["execution_count"])
        elif event["type"] == "end":
            if event.get("interrupted"):
                self._outcome.took_too_long = True
            if event["failed"]:
                self.broke_off()
        else:
            # papermill finds it, also where the cell may fail.
            self.failed = self.failed or event["type"] == "error"
            self._outputs.handle(event)

    def broke_off(self) -> None:
        self.failed = True
        if self._cell is not None:
            self._nb_man.cell_exception(self._cell, cell_index=self._index)


@dataclass
class _State:
    """How notebooks run in this process just now."""

    warming: bool = False


_state = _State()


def forks() -> bool:
    """Return whether notebooks run in processes forked off this one."""
    return forking.POSSIBLE and not _state.warming


def _run_in_child(work: tuple[Task, ...], stray: StrayOutput, record: _EventRecorder, timeout: float | None) -> None:
    (shell,) = spare_shells(1)

    def run(emit: Emit) -> None:
        isolation.prepare(stray, emit)
        shell.begin(emit)
        run_cells(work, shell, emit)
        # Closes what the notebook left open, as the end of a kernel does.
        shell.user_ns.clear()

    for event in forking.run_in_child(run, timeout):
        record.handle(event)


def _run_in_process(work: tuple[Task, ...], stray: StrayOutput, record: _EventRecorder, timeout: float | None) -> None:
    shell = Shell()

    def run() -> None:
        limit = _Limit(timeout, record.handle)
        isolation.prepare(stray, limit.handle)
        shell.begin(limit.handle)
        try:
            run_cells(work, shell, limit.handle)
        finally:
            limit.stop()
            shell.user_ns.clear()
            Shell.clear_instance()

    with isolation.restored(keep_modules=_state.warming):
        # Decimal precision, numpy's error handling and the like live in the context.
        contextvars.copy_context().run(run)


class _Limit:
    """Interrupts a cell of this process that takes too long."""

    def __init__(self, seconds: float | None, handle: Emit) -> None:
        self._seconds, self._pass_on = seconds, handle
        self._thread = threading.current_thread()
        self._timer: threading.Timer | None = None
        self._struck = False

    def handle(self, event: Event) -> None:
        if event["type"] == "begin" and self._seconds:
            self._timer = threading.Timer(self._seconds, self._strike)
            self._timer.daemon = True
            self._timer.start()
        if event["type"] == "end":
            self.stop()
            event["interrupted"] = self._struck
        self._pass_on(unpack(pack(event)))

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def _strike(self) -> None:
        self._struck = True
        if hasattr(signal, "pthread_kill") and self._thread.ident is not None:
            signal.pthread_kill(self._thread.ident, signal.SIGINT)
        else:
            signal.raise_signal(signal.SIGINT)


@contextlib.contextmanager
def warming() -> Iterator[None]:
    """Keep what notebooks import: inside this block they run in this very process.

    When the block ends, everything else is as it was, and what is in memory stays out of the garbage collector's way,
    so that later processes share it.
    """
    _state.warming = True
    try:
        with isolation.restored(keep_modules=True):
            yield
    finally:
        _state.warming = False
        if forking.POSSIBLE:
            spare_shells(1)
        gc.collect()
        gc.freeze()


def register() -> None:
    """Make the engine known to papermill."""
    papermill_engines.register(REGISTERED, Warm)
