"""What people and programs read: plain sentences on stderr, results on stdout, on every console."""

from __future__ import annotations

import io
import logging
import sys

import click


def prepare_streams() -> None:
    """Make sure that no name in any script stops a command on a console that cannot show it."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def show_log() -> None:
    """Show on stderr what is otherwise kept back, such as the traceback of a fault in a worker."""
    log = logging.getLogger("citygrow_nb")
    log.setLevel(logging.DEBUG)
    log.addHandler(logging.StreamHandler())


def print_problem(problem: object) -> None:
    """Print one problem as one line on stderr."""
    click.echo(f"citygrow: {' '.join(str(problem).split())}", err=True)


def print_line(text: str) -> None:
    """Print a result on stdout."""
    click.echo(text)


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
    click.echo(text)


def counted(number: int, singular: str, plural: str = "") -> str:
    """Write a number with its noun.

    >>> counted(1, "city", "cities"), counted(0, "report")
    ('1 city', '0 reports')
    """
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"
