"""What people and programs read: plain sentences on stderr, results on stdout, on every console.

All that citygrow prints leaves through this module, and no text of others steers the terminal that shows it.
"""

from __future__ import annotations

import io
import logging
import sys
import traceback
import warnings
from typing import TextIO

import click

from citygrow_nb.invisible import write_out, write_out_in_json


class _Log(logging.Handler):
    """Shows what libraries and workers tell, by the same way as all else."""

    def emit(self, record: logging.LogRecord) -> None:
        """Print one message, with its traceback."""
        print_text(self.format(record), err=True)


def prepare_streams() -> None:
    """Make sure that no text in any script stops a command on a console that cannot show it, or steers it."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    # What Python prints by itself, if nothing else does.
    logging.lastResort = _Log(logging.WARNING)
    warnings.showwarning = _show_warning


def _show_warning(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,  # noqa: ARG001 -- as Python calls it
    line: str | None = None,
) -> None:
    print_text(warnings.formatwarning(message, category, filename, lineno, line).rstrip(), err=True)


def show_log() -> None:
    """Show on stderr what is otherwise kept back, such as the traceback of a fault in a worker."""
    log = logging.getLogger("citygrow_nb")
    log.setLevel(logging.DEBUG)
    log.addHandler(_Log())


def print_problem(problem: object) -> None:
    """Print one problem as one line on stderr."""
    print_text(f"citygrow: {' '.join(str(problem).split())}", err=True)


def print_line(text: str, *, err: bool = False) -> None:
    """Print one line, whatever stands in the text: a result on stdout, or with ``err`` how it goes on stderr."""
    print_text(" ".join(text.splitlines()), err=err)


def print_text(text: str, *, err: bool = False) -> None:
    """Print a text of several lines."""
    click.echo(write_out(text), err=err)


def is_confirmed(question: str) -> bool:
    """Ask a question on the terminal; anything but a yes is a no."""
    return click.confirm(write_out(question), default=False)


def print_traceback() -> None:
    """Print where the error came from that is being handled."""
    print_text(traceback.format_exc().rstrip(), err=True)


def print_json(text: str) -> None:
    """Print a JSON document on stdout: as it is where the console can show it, else with its letters escaped.

    Parameters
    ----------
    text
        The document.
    """
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    try:
        text.encode(encoding)
    except UnicodeError:
        import json

        text = json.dumps(json.loads(text), indent=1)
    click.echo(write_out_in_json(text))


def counted(number: int, singular: str, plural: str = "") -> str:
    """Write a number with its noun.

    >>> counted(1, "city", "cities"), counted(0, "report")
    ('1 city', '0 reports')
    """
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"
