"""What is open in this kernel, for the cells after the opening one; and what their settings say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Generic, TypeVar

from citygrow_nb.exceptions import Problem, UsageError

_T = TypeVar("_T")


class NotOpened(UsageError):
    """A cell was run before the one that opens the workbook, as after a restart of its kernel."""

    def _render_traceback_(self) -> list[str]:
        return [str(self)]  # IPython shows this: people get the sentence, and no traceback


class Opened(Generic[_T]):
    """What the opening cell of a notebook opened; one for each kind of notebook."""

    def __init__(self) -> None:
        self._kept: list[_T] = []

    def keep(self, opened: _T) -> _T:
        """Make this what the other cells belong to, and return it."""
        self._kept[:] = [opened]
        return opened

    def get(self) -> _T:
        """Return what was opened last.

        Raises
        ------
        NotOpened
            If nothing was; the sentence says what to do.
        """
        if self._kept:
            return self._kept[0]
        raise NotOpened(Problem("", "this workbook is not open yet", todo="in the menu Run, choose Run All Cells"))


def settings(namespace: Mapping[str, Any] | None, **defaults: Any) -> dict[str, Any]:
    """Return what a notebook's parameters cell says, and a default for what it does not say or was not run for.

    Parameters
    ----------
    namespace
        The notebook's names, as ``globals()`` gives them; None for a call with arguments.
    defaults
        The parameters.
    """
    return {name: (namespace or {}).get(name, default) for name, default in defaults.items()}
