"""``citygrow schema``: the published JSON Schemas."""

from __future__ import annotations

import click

from citygrow_nb.cli.options import debug_option
from citygrow_nb.cli.speech import tell_json


@click.command()
@click.argument("name")
@debug_option
def schema(name: str) -> None:
    """Print the JSON Schema of a document.

    NAME is assessment, benchmark, portfolio, report, results or run.
    """
    from citygrow_nb import schemas

    tell_json(schemas.text(name).rstrip())
