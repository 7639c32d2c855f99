"""What a cell of a live workbook shows: a panel, and what is saved as static HTML where no panel can be shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
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


class Stack:
    """Several panels below each other, and what is saved as static HTML in their place.

    Parameters
    ----------
    lives
        The panels with their fragments.
    """

    def __init__(self, lives: Sequence[Live]) -> None:
        self.lives = lives

    @property
    def fragment(self) -> Fragment:
        """What everything else shows, as things are now."""
        parts = [live.fragment for live in self.lives]
        return Fragment("\n".join(part.html for part in parts), "\n".join(part.text for part in parts))

    def _repr_mimebundle_(self, **options: Any) -> dict[str, Any]:
        from ipywidgets import VBox

        box = VBox([live.panel for live in self.lives])
        box.add_class("cgw-meeting")
        return {**box._repr_mimebundle_(**options), **self.fragment._repr_mimebundle_()}
