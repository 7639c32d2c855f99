"""What a cell of a live workbook shows: a panel, and what is saved as static HTML where no panel can be shown."""

from __future__ import annotations

from typing import Any

from citygrow_nb.rendering import Fragment
from citygrow_nb.widgets import Panel


class Live:
    """A panel together with the fragment that stands for it in a static page.

    Parameters
    ----------
    panel
        What JupyterLab shows.
    fragment
        What everything else shows.
    """

    def __init__(self, panel: Panel, fragment: Fragment) -> None:
        self.panel = panel
        self.fragment = fragment

    def _repr_mimebundle_(self, **options: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        data, metadata = self.panel._repr_mimebundle_(**options) or ({}, {})
        return {**data, **self.fragment._repr_mimebundle_()}, metadata
