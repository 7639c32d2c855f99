"""The bodies of a city's pages straight from its answers: what each cell of a workbook shows, and no notebook is run.

Equal, byte by byte, to what is made of notebooks, because every cell is one call. This is how a report is made where no
notebook can be run from within, as in a browser.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator, Mapping
from functools import lru_cache

from citygrow_nb.exporting.links import between_pages
from citygrow_nb.exporting.markdown import to_html
from citygrow_nb.plan import WorkbookName, plan
from citygrow_nb.rendering import PORTFOLIO_PAGE
from citygrow_nb.workbook import Workbook

HIDDEN = frozenset({"form-only", "parameters", "injected-parameters"})
"""Tags of cells that a page does not show."""

_Part = str | tuple[str, tuple[str, ...]]


def bodies(opened: Workbook, names: list[WorkbookName], workbooks: Mapping[str, bytes]) -> dict[str, str]:
    """Return the body of the page of each workbook.

    Parameters
    ----------
    opened
        The city's answers, opened without forms.
    names
        Workbooks that have pages.
    workbooks
        The notebooks as in their files, by file name.

    Returns
    -------
    dict
        Markup by the page's file name.
    """
    pages: dict[str, str | None] = {
        name.file: PORTFOLIO_PAGE for name in plan(opened.benchmark) if name.kind == "portfolio"
    }
    return {
        name.page: between_pages("\n".join(_shown(part, opened) for part in _parts(workbooks[name.file])), pages)
        for name in names
    }


def _shown(part: _Part, opened: Workbook) -> str:
    if isinstance(part, str):
        return part
    method, arguments = part
    return str(getattr(opened, method)(*arguments).html)


@lru_cache(maxsize=64)
def _parts(workbook: bytes) -> tuple[_Part, ...]:
    """Return what a workbook shows: markup of its prose, and calls by name and arguments."""
    return tuple(_found(json.loads(workbook)["cells"]))


def _found(cells: list[dict[str, object]]) -> Iterator[_Part]:
    for cell in cells:
        metadata, source = cell["metadata"], "".join(map(str, _lines(cell["source"])))
        if isinstance(metadata, dict) and HIDDEN & set(metadata.get("tags", ())):
            continue
        if cell["cell_type"] == "markdown":
            yield to_html(source)
            continue
        last = ast.parse(source).body[-1]
        called = last.value if isinstance(last, ast.Expr) else None
        if isinstance(called, ast.Call) and isinstance(called.func, ast.Attribute):
            if called.func.attr == "open_workbook":
                yield "opening", ()
            else:
                yield called.func.attr, tuple(ast.literal_eval(argument) for argument in called.args)


def _lines(source: object) -> list[object]:
    return source if isinstance(source, list) else [source]
