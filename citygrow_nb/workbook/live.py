"""What a cell of a live workbook shows: a panel, and what is saved as static HTML where no panel can be shown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from citygrow_nb.rendering import Fragment
from citygrow_nb.widgets import Panel


class Live:
    """A panel together with the fragment that stands for it in a static page.

    Parameters
    ----------
    panel
        What JupyterLab shows.
    draw
        Makes what everything else shows.
    """

    def __init__(self, panel: Panel, draw: Callable[[], Fragment]) -> None:
        self.panel = panel
        self._draw = draw

    @property
    def fragment(self) -> Fragment:
        """What everything else shows, as things are now."""
        return self._draw()

    def _repr_mimebundle_(self, **options: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        data, metadata = self.panel._repr_mimebundle_(**options) or ({}, {})
        return {**data, **self.fragment._repr_mimebundle_()}, metadata
