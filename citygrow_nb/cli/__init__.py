"""The command line: parse, call one function, print. Nothing slow is imported before a command needs it."""

from citygrow_nb.cli.entry import cli, main

__all__ = ["cli", "main"]
