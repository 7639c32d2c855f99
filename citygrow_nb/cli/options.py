"""Options that several commands share."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

Function = TypeVar("Function", bound=Callable[..., Any])


class _Path(click.Path):
    """A path; not the empty one, which an unset variable of a script gives, and which would be the current folder."""

    def convert(
        self, value: str | os.PathLike[str], param: click.Parameter | None, ctx: click.Context | None
    ) -> str | bytes | os.PathLike[str]:
        """Return the path."""
        if value == "":
            self.fail("a file or folder without a name; for the current folder write “.”", param, ctx)
        return super().convert(value, param, ctx)


class _Place(_Path):
    """A folder, or the URL of one, which stays a text."""

    def convert(
        self, value: str | os.PathLike[str], param: click.Parameter | None, ctx: click.Context | None
    ) -> str | bytes | os.PathLike[str]:
        """Return the path or URL."""
        return value if "://" in str(value) else super().convert(value, param, ctx)


PATH = _Path(path_type=Path)
PLACE = _Place(path_type=Path)


def debug_option(function: Function) -> Function:
    """Add ``--debug``; the entry looks for it itself, so that it also works when a command is not understood."""
    return click.option("--debug", is_flag=True, expose_value=False, help="Show a traceback with an error.")(function)


def sources_argument(function: Function) -> Function:
    """Add ``SOURCE…``: files and folders of answers."""
    return click.argument("sources", metavar="[SOURCE]...", nargs=-1, type=PATH)(function)


def round_option(text: str) -> Callable[[Function], Function]:
    """Add ``--round`` with this help."""
    return click.option("--round", "round_label", metavar="ROUND", default="", help=text)
