"""Run the cells of one notebook, one after the other, as an IPython kernel does."""

from __future__ import annotations

import asyncio
import builtins
import contextlib
import getpass
import signal
import sys
import threading
from collections.abc import Coroutine, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from IPython.core.async_helpers import _asyncio_runner
from IPython.core.error import StdinNotImplementedError
from nbformat import NotebookNode

from citygrow_nb.engine.shell import Shell
from citygrow_nb.engine.streams import Emit


@dataclass(frozen=True)
class Task:
    """A cell to run.

    Parameters
    ----------
    index
        Its place in the notebook.
    source
        Its code.
    may_fail
        Whether the cells after it run although it failed.
    """

    index: int
    source: str
    may_fail: bool = False


def tasks(cells: Sequence[NotebookNode]) -> tuple[Task, ...]:
    """Return the cells of a notebook that are to be run; the rules are nbclient's.

    Parameters
    ----------
    cells
        All cells.
    """
    return tuple(
        Task(index, cell.source, may_fail="raises-exception" in cell.metadata.get("tags", []))
        for index, cell in enumerate(cells)
        if cell.cell_type == "code" and cell.source.strip() and "skip-execution" not in cell.metadata.get("tags", [])
    )


def run_cells(work: Sequence[Task], shell: Shell, emit: Emit) -> None:
    """Run cells up to the first that fails and may not.

    ``sys.stdout`` and ``sys.stderr`` have been replaced already. Each cell tells ``begin``, its outputs, and ``end``.

    Parameters
    ----------
    work
        The cells.
    shell
        Where they run; has begun.
    emit
        Takes the events.
    """
    # Like a kernel's, a cell without "await" finds an event loop running as well, and tasks outlive their cell.
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    try:
        loop.run_until_complete(_run_cells(work, shell, emit))
    finally:
        asyncio.set_event_loop(None)
        loop.close()


async def _run_cells(work: Sequence[Task], shell: Shell, emit: Emit) -> None:
    for task in work:
        emit({"type": "begin", "cell": task.index, "execution_count": shell.execution_count})
        with _nobody_answers():
            failed = await _run(task.source, shell)
        sys.stdout.flush()
        sys.stderr.flush()
        emit({"type": "end", "failed": failed and not task.may_fail})
        if (failed and not task.may_fail) or shell.exit_now:
            return
        await asyncio.sleep(0)


async def _run(source: str, shell: Shell) -> bool:
    """Run one cell, and return whether it failed."""
    transformed, trouble = source, None
    try:
        transformed = shell.transform_cell(source)  # type: ignore[no-untyped-call]
    except Exception:  # noqa: BLE001 - shown as the cell's own error
        trouble = sys.exc_info()
    ready: dict[str, Any] = {"transformed_cell": transformed, "preprocessing_exc_tuple": trouble}
    shell.failed_to_show = False
    running = shell.run_cell_async(source, store_history=True, **ready)
    result = None
    try:
        if not shell.should_run_async(source, **ready):
            result = _at_once(running)
        elif shell.loop_runner is _asyncio_runner:
            with _cancelled_by_interrupt(task := asyncio.ensure_future(running)):
                result = await task
        else:
            result = shell.loop_runner(running)
    except BaseException:  # noqa: BLE001 - shown as the cell's own error
        shell.showtraceback(running_compiled_code=True)
    finally:
        shell.events.trigger("post_execute")
        shell.events.trigger("post_run_cell", result)
    return result is None or not result.success or shell.failed_to_show


def _at_once(running: Coroutine[Any, Any, Any]) -> Any:
    """Run a coroutine that never has to wait."""
    try:
        running.send(None)
    except StopIteration as stop:
        return stop.value
    raise RuntimeError("the cell waits for something, although it has no “await”")


@contextlib.contextmanager
def _nobody_answers() -> Iterator[None]:
    saved = builtins.input, getpass.getpass
    builtins.input = partial(_refuse, "raw_input")
    getpass.getpass = partial(_refuse, "getpass")
    try:
        yield
    finally:
        builtins.input, getpass.getpass = saved


def _refuse(name: str, *_: object, **__: object) -> str:
    __tracebackhide__ = True
    # The words of ipykernel.
    raise StdinNotImplementedError(f"{name} was called, but this frontend does not support input requests.")


@contextlib.contextmanager
def _cancelled_by_interrupt(running: asyncio.Future[Any]) -> Iterator[None]:
    # An interrupt would end the event loop and with it the notebook.
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    loop = asyncio.get_running_loop()
    saved = signal.signal(signal.SIGINT, lambda *_: loop.call_soon_threadsafe(running.cancel))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, saved)
