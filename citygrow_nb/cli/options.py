"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

Function = TypeVar("Function", bound=Callable[..., Any])

PATH = click.Path(path_type=Path)


def debug_option(function: Function) -> Function:
    """Add ``--debug``; the entry looks for it itself, so that it also works when a command is not understood."""
    return click.option("--debug", is_flag=True, expose_value=False, help="Show a traceback with an error.")(function)


def sources_argument(function: Function) -> Function:
    """Add ``SOURCE…``: files and folders of answers."""
    return click.argument("sources", metavar="[SOURCE]...", nargs=-1, type=PATH)(function)


def round_option(text: str) -> Callable[[Function], Function]:
    """Add ``--round`` with this help."""
    return click.option("--round", "round_label", metavar="ROUND", default="", help=text)
