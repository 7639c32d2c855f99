"""The one nbconvert exporter of a process: our template on nbconvert's ``base``, and no second look at the page.

nbconvert neither escapes nor sanitises what cells show. That is safe here because every fragment comes from the
autoescaping environment of rendering, and because :mod:`citygrow_nb.exporting.checks` reads the result.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from nbconvert.exporters import HTMLExporter
from nbconvert.exporters.templateexporter import TemplateExporter
from nbformat import NotebookNode
from traitlets.config import Config

from citygrow_nb.exporting.markdown import to_html

SHOWN = ("text/html", "image/svg+xml", "image/png", "image/jpeg", "text/markdown", "text/plain")
"""Kinds of output that a page may show, best first."""


class BodyExporter(HTMLExporter):
    """Turn a notebook into the body of a page."""

    def from_notebook_node(
        self, nb: NotebookNode, resources: dict[str, Any] | None = None, **kw: Any
    ) -> tuple[Any, dict[str, Any]]:
        """Convert without the second parse of the whole page by which HTMLExporter makes up alternative texts."""
        body, found = TemplateExporter.from_notebook_node(self, nb, resources, **kw)
        return body.strip(), found

    def _preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        # There is nothing to do, and the notebook is a copy already; another would take as long as the page itself.
        return nb, resources


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
