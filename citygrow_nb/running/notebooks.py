"""Notebooks before and after a run: read once a process, prepared by papermill, and freed of what differs each time."""

from __future__ import annotations

import copy
import json
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from citygrow_nb.exceptions import Problem, ReportError

if TYPE_CHECKING:
    from nbformat import NotebookNode

_SLOW_AND_UNUSED = ("rfc3987_syntax", "boto3")


@dataclass(frozen=True)
class Run:
    """What came of running a workbook.

    Parameters
    ----------
    notebook
        The executed notebook without anything specific to machine or moment.
    failure
        Why it failed, or None. The notebook then shows how far it came.
    """

    notebook: NotebookNode
    failure: Problem | None = None


@lru_cache(maxsize=64)
def read(workbook: bytes, name: str) -> NotebookNode:
    """Read a workbook, once a process. What is returned is shared: copy it before you change it.

    Parameters
    ----------
    workbook
        The notebook as in its file.
    name
        What to call it in errors.

    Raises
    ------
    ReportError
        If it is not a notebook.
    """
    papermill()
    import nbformat

    faults: dict[str, Exception] = {}
    try:
        text = workbook.decode()
        notebook: NotebookNode = nbformat.reads(text, as_version=4, capture_validation_error=faults)  # type: ignore[no-untyped-call]
    except (ValueError, nbformat.ValidationError) as error:
        faults["read"] = error
    if faults:
        todo = "build the workbooks again with “citygrow workbooks build”"
        raise ReportError(Problem(name, "this is not a notebook", todo=todo)) from next(iter(faults.values()))
    return notebook


def execute(notebook: NotebookNode, **options: Any) -> NotebookNode:
    """Have papermill execute a notebook, or prepare it.

    Parameters
    ----------
    notebook
        Is not changed.
    **options
        What else ``papermill.execute_notebook`` is told.
    """
    options = {"output_path": None, "progress_bar": False, **options}
    done: NotebookNode = papermill().execute_notebook(copy.deepcopy(notebook), **options)
    return done


def dump(notebook: NotebookNode) -> bytes:
    """Return a notebook as the bytes of its file, in one line: the same notebook always gives the same bytes."""
    # nbformat's own writer takes ten times as long to indent what nobody edits by hand.
    return f"{json.dumps(notebook, ensure_ascii=False, sort_keys=True, separators=(',', ':'))}\n".encode()


@cache
def papermill() -> Any:
    """Return papermill, imported in the way that leaves out what is slow and never used."""
    with _without(*_SLOW_AND_UNUSED):
        import papermill
    # What papermill and nbclient log when a workbook fails stands in the failure's sentence already.
    logging.getLogger("papermill").addHandler(logging.NullHandler())
    logging.getLogger("papermill").propagate = False
    return papermill


@contextmanager
def _without(*modules: str) -> Iterator[None]:
    """Import other modules as if some that they can do without were not installed.

    nbformat imports jsonschema, and jsonschema builds the grammars of a checker of international web addresses, which
    takes two seconds. No notebook format has such addresses, and nbformat validates with fastjsonschema. papermill
    imports boto3 for notebooks in buckets; it is given all of them from memory.
    """
    missing = [module for module in modules if module not in sys.modules]
    for module in missing:
        sys.modules[module] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        for module in missing:
            del sys.modules[module]
