"""How far a batch is: a bar on a terminal, plain lines elsewhere, always on stderr."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Self

import click

from citygrow_nb.cli.messages import print_line

if TYPE_CHECKING:
    from click._termui_impl import ProgressBar

    from citygrow_nb.model.run import CityRecord

FEW = 100
"""As many cities have a line each; of more there is a line now and then."""

EVERY = 10.0
"""Seconds between these lines."""


class Progress:
    """Tells of cities as they are done; a context manager.

    Parameters
    ----------
    on_terminal
        Whether to draw a bar; None to find out.
    clock
        Tells the time in seconds.
    """

    def __init__(self, on_terminal: bool | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._on_terminal = sys.stderr.isatty() if on_terminal is None else on_terminal
        self._clock = clock
        self._begun = self._told = clock()
        self._failed = 0
        self._bar: ProgressBar[str] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.__exit__(kind, error, trace)

    def __call__(self, record: CityRecord, done: int, total: int) -> None:
        """Tell of one city that was made or failed."""
        now = self._clock()
        self._failed += record.status == "failed"
        rate = done / max(now - self._begun, 1e-9)
        if self._on_terminal:
            self._draw(rate, total)
        elif total <= FEW:
            name = f"{record.city}, round {record.round}"
            print_line(f"{done}/{total} {name}: {record.status} in {record.seconds:.1f} s", err=True)
        elif done == total or now - self._told >= EVERY:
            self._told = now
            failed = f", {self._failed:,} failed" if self._failed else ""
            left = f", about {_duration((total - done) / rate)} left" if done < total else ""
            print_line(f"{done:,} of {total:,} cities{failed}, {_rate(rate)}{left}", err=True)

    def _draw(self, rate: float, total: int) -> None:
        if self._bar is None:
            self._bar = click.progressbar(
                length=total, label="Cities", file=sys.stderr, show_pos=True, item_show_func=lambda told: told
            )
            self._bar.__enter__()
        failed = f", {self._failed:,} failed" if self._failed else ""
        self._bar.update(1, f"{_rate(rate)}{failed}")


def _rate(rate: float) -> str:
    """Write how fast it goes.

    >>> _rate(31.26), _rate(0.25)
    ('31.3 a second', '15.0 a minute')
    """
    return f"{rate:.1f} a second" if rate >= 1 else f"{60 * rate:.1f} a minute"


def _duration(seconds: float) -> str:
    """Write a number of seconds roughly.

    >>> _duration(41.3), _duration(200), _duration(9000)
    ('41 s', '3 min', '2.5 h')
    """
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
