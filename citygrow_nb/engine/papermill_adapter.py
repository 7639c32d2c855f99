"""papermill, given what it needs and asked for nothing twice.

A workbook is read and inspected once per process, however many cities it is run for, and papermill reads it from
memory by an address of our own instead of from a file.
"""

from __future__ import annotations

import copy
import logging
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, lru_cache
from hashlib import sha256
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from citygrow_nb.engine.traces import INJECTED, without_traces

if TYPE_CHECKING:
    from nbformat import NotebookNode

_SCHEME = "citygrow-workbook:"
_SLOW_AND_UNUSED = ("rfc3987_syntax", "boto3")

_texts: dict[str, str] = {}


@dataclass(frozen=True)
class Source:
    """A workbook that can be run.

    Parameters
    ----------
    text
        The notebook as in its file.
    notebook
        The notebook. Shared: take a :meth:`copy` to change it.
    parameters
        Names of its parameters.
    """

    text: str
    notebook: NotebookNode
    parameters: tuple[str, ...]

    def copy(self) -> NotebookNode:
        """Return the notebook for someone to change."""
        return copy.deepcopy(self.notebook)


@lru_cache(maxsize=64)
def read(workbook: bytes) -> Source:
    """Read a workbook.

    Parameters
    ----------
    workbook
        The notebook as in its file.

    Raises
    ------
    ValueError
        If it is not a notebook.
    """
    papermill = _papermill()
    import nbformat

    text = workbook.decode()
    try:
        notebook = nbformat.reads(text, as_version=4)  # type: ignore[no-untyped-call]
    except nbformat.ValidationError as error:
        raise ValueError(str(error)) from error
    with _addressed(text) as address:
        return Source(text, notebook, tuple(papermill.inspect_notebook(address)))


@dataclass(frozen=True)
class Template:
    """A workbook as papermill prepares it for parameters of certain names, whatever their values.

    Parameters
    ----------
    notebook
        The notebook. Shared, as are its cells: take :meth:`filled`.
    place
        Where the cell stands into which papermill writes the values; None if there are no parameters.
    kernel, language
        By which papermill chooses how to write them.
    """

    notebook: NotebookNode
    place: int | None
    kernel: str
    language: str

    def filled(self, parameters: Mapping[str, object]) -> NotebookNode:
        """Return the notebook with values for its parameters, and cells that may be run."""
        from papermill.translators import translate_parameters

        filled = copy.copy(self.notebook)
        filled["cells"] = [type(cell)(cell) if cell.cell_type == "code" else cell for cell in self.notebook.cells]
        if self.place is not None:
            filled.cells[self.place]["source"] = translate_parameters(self.kernel, self.language, dict(parameters))
        return filled


@lru_cache(maxsize=64)
def template(workbook: bytes, names: tuple[str, ...]) -> Template:
    """Have papermill prepare a workbook.

    Parameters
    ----------
    workbook
        The notebook as in its file.
    names
        Of its parameters, those that get a value.
    """
    source = read(workbook)
    prepared = execute(source, None, parameters=dict.fromkeys(names, ""), prepare_only=True, progress_bar=False)
    places = [place for place, cell in enumerate(prepared.cells) if INJECTED in cell.metadata.get("tags", [])]
    kernel, language = prepared.metadata["kernelspec"]["name"], prepared.metadata["language_info"]["name"]
    return Template(without_traces(prepared, source.notebook), next(iter(places), None), kernel, language)


def execute(source: Source, to: Path | None, **options: Any) -> NotebookNode:
    """Have papermill execute a workbook.

    Parameters
    ----------
    source
        The workbook.
    to
        File for the executed notebook, or None.
    **options
        What else ``papermill.execute_notebook`` is told.
    """
    with _addressed(source.text) as address:
        done: NotebookNode = _papermill().execute_notebook(address, to, **options)
        return done


@contextmanager
def _addressed(text: str) -> Iterator[str]:
    address = f"{_SCHEME}{sha256(text.encode()).hexdigest()}.ipynb"
    _texts[address] = text
    try:
        yield address
    finally:
        _texts.pop(address, None)


class _Shelf:
    """Where papermill finds workbooks by their address."""

    def read(self, path: str) -> str:
        return _texts[path]

    def pretty_path(self, path: str) -> str:
        return path


@cache
def _papermill() -> Any:
    with _without(*_SLOW_AND_UNUSED):
        import papermill
        from papermill.iorw import papermill_io

    papermill_io.register(_SCHEME, _Shelf())
    # What papermill and nbclient log when a workbook fails stands in the failure's sentence already.
    logging.getLogger("papermill").addHandler(logging.NullHandler())
    from citygrow_nb.engine import warm

    warm.register()
    return papermill


def engine() -> ModuleType:
    """Return :mod:`citygrow_nb.engine.warm`, once papermill has been imported."""
    _papermill()
    from citygrow_nb.engine import warm

    return warm


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
