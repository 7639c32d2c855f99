"""The one nbconvert exporter of a process: our template on nbconvert's ``base``, and no second look at the page.

nbconvert neither escapes nor sanitises what cells show. That is safe here because every fragment comes from the
autoescaping environment of rendering, and because :mod:`citygrow_nb.exporting.checks` reads the result.
"""

from __future__ import annotations

from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import Any

from nbconvert.exporters import HTMLExporter
from nbconvert.exporters.templateexporter import TemplateExporter
from nbformat import NotebookNode, from_dict
from traitlets.config import Config

from citygrow_nb.exporting.markdown import to_html

_MARKUP = "text/html"

SHOWN = (_MARKUP, "image/svg+xml", "image/png", "image/jpeg", "text/markdown", "text/plain")
"""Kinds of output that a page may show, best first."""

_SHOWING = ("execute_result", "display_data")


_PROSES = 4096
"""Prose cells that are kept as markup: they are the same for all cities."""


class BodyExporter(HTMLExporter):
    """Turn a notebook into the body of a page, cell by cell: our template puts nothing around or between them."""

    def from_notebook_node(
        self, nb: NotebookNode, resources: dict[str, Any] | None = None, **_: Any
    ) -> tuple[Any, dict[str, Any]]:
        """Convert without a copy, and without the second parse by which HTMLExporter makes up alternative texts."""
        return "".join(map(self._part, nb.cells)).strip(), resources or {}

    def _part(self, cell: NotebookNode) -> str:
        if cell.cell_type == "markdown" and "transient" not in cell.metadata:
            return self._prose(cell.source)
        if cell.cell_type == "code" and all(map(_is_markup, cell.outputs)):
            # Word for word what the template says, for what nearly all cells show.
            return "".join(f"{output['data'][_MARKUP]}\n" for output in cell.outputs)
        return self._by_template(cell)

    @lru_cache(maxsize=_PROSES)  # noqa: B019 - there is one exporter in a process
    def _prose(self, source: str) -> str:
        cell: NotebookNode = from_dict({"cell_type": "markdown", "metadata": {}, "source": source})  # type: ignore[no-untyped-call]
        return self._by_template(cell)

    def _by_template(self, cell: NotebookNode) -> str:
        return str(self.template.render(nb=_notebook(cell), resources=self._settings))

    @cached_property
    def _settings(self) -> dict[str, Any]:
        """What nbconvert tells its templates, whatever the notebook."""
        return dict(TemplateExporter.from_notebook_node(self, _notebook())[1])


def _notebook(*cells: NotebookNode) -> NotebookNode:
    made: NotebookNode = from_dict({"cells": [], "metadata": {}})  # type: ignore[no-untyped-call]
    made["cells"] = list(cells)
    return made


def _is_markup(output: NotebookNode) -> bool:
    return output.output_type in _SHOWING and _MARKUP in output.data


@cache
def exporter() -> BodyExporter:
    """Return this process's exporter. Its first conversion is slow, all others are not."""
    config = Config()
    config.NbConvertBase.display_data_priority = list(SHOWN)
    made = BodyExporter(  # type: ignore[no-untyped-call]
        config=config,
        template_name="citygrow",
        # Not the current folder, which nbconvert would search first.
        extra_template_basedirs=[str(Path(__file__).parent / "templates")],
        default_preprocessors=[],
        exclude_input=True,
        filters={"markdown2html": to_html},
    )
    # Or Jinja looks at the files of all templates for every page.
    made.environment.auto_reload = False
    return made
