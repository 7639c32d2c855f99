"""Notebooks that run one after the other in one child process: for those that are known to leave nothing behind.

Each finds a shell, a namespace, a folder, an environment, seeds, warnings and streams as if it were the first. What
they have in common is what is inside of imported modules.
"""

from __future__ import annotations

import contextlib
import contextvars
import os
from collections.abc import Generator, Sequence
from pathlib import Path

from nbformat import NotebookNode

from citygrow_nb.engine import forking, isolation
from citygrow_nb.engine.cells import Task, run_cells, tasks
from citygrow_nb.engine.isolation import StrayOutput
from citygrow_nb.engine.outputs import Outputs
from citygrow_nb.engine.shell import Shell, spare_shells
from citygrow_nb.engine.streams import Emit, Event

_DONE = "done"


def run_in_turn(
    notebooks: Sequence[NotebookNode], cwd: Path, timeout: float | None
) -> Generator[NotebookNode, None, None]:
    """Run notebooks, and yield each as soon as its outputs are in it.

    Parameters
    ----------
    notebooks
        Changed in place.
    cwd
        Folder in which they run.
    timeout
        Seconds that one notebook may take.

    Yields
    ------
    NotebookNode
        Up to the first in which anything went wrong, without it. It may have been run in part.
    """
    work = [tasks(notebook.cells) for notebook in notebooks]
    shells = spare_shells(len(work))
    stray = StrayOutput()

    def run(emit: Emit) -> None:
        os.chdir(cwd)
        for each, shell in zip(work, shells, strict=True):
            watch = _Watch(emit)
            with isolation.restored(keep_modules=True):
                # Decimal precision, numpy's error handling and the like live in the context.
                contextvars.copy_context().run(_run, each, shell, stray, watch.handle)
            # One that leaves in the middle has not run to its end.
            watch.failed = watch.failed or shell.exit_now
            emit({"type": _DONE, "failed": watch.failed})
            if watch.failed:
                return

    if not work:
        return
    left = iter(notebooks)
    notebook = next(left)
    outputs = Outputs(notebook.cells)
    events = forking.run_in_child(run, timeout, batch=_DONE)
    with contextlib.closing(stray), contextlib.closing(events), contextlib.suppress(forking.Died, forking.TookTooLong):
        for event in events:
            if event["type"] == _DONE:
                if event["failed"]:
                    return
                yield notebook
                if (following := next(left, None)) is None:
                    return
                notebook = following
                outputs = Outputs(notebook.cells)
            elif event["type"] == "begin":
                outputs.begin(event["cell"], event["execution_count"])
            elif event["type"] != "end":
                outputs.handle(event)


class _Watch:
    """Passes events on, and notes whether anything went wrong."""

    def __init__(self, emit: Emit) -> None:
        self._emit = emit
        self.failed = False

    def handle(self, event: Event) -> None:
        # papermill takes every error for a failure.
        self.failed = self.failed or event["type"] == "error" or event.get("failed", False)
        self._emit(event)


def _run(work: Sequence[Task], shell: Shell, stray: StrayOutput, emit: Emit) -> None:
    isolation.prepare(stray, emit)
    shell.begin(emit)
    run_cells(work, shell, emit)
    # Closes what the notebook left open, as the end of a kernel does.
    shell.user_ns.clear()
