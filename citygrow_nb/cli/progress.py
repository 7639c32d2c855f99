"""How far a batch is: a bar on a terminal, plain lines elsewhere, always on stderr."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import TYPE_CHECKING, Self

import click

if TYPE_CHECKING:
    from click._termui_impl import ProgressBar

    from citygrow_nb.model.run import CityRecord


class Progress:
    """Tells of cities as they are done; a context manager.

    Parameters
    ----------
    on_terminal
        Whether to draw a bar; None to find out.
    """

    def __init__(self, on_terminal: bool | None = None) -> None:
        self._on_terminal = sys.stderr.isatty() if on_terminal is None else on_terminal
        self._bar: ProgressBar[int] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.__exit__(kind, error, trace)

    def __call__(self, record: CityRecord, done: int, total: int) -> None:
        """Tell of one city."""
        if not self._on_terminal:
            name = f"{record.city}, round {record.round}"
            click.echo(f"{done}/{total} {name}: {record.status} in {record.seconds:.1f} s", err=True)
            return
        if self._bar is None:
            self._bar = click.progressbar(length=total, label="Cities", file=sys.stderr, show_pos=True)
            self._bar.__enter__()
        self._bar.update(1)
