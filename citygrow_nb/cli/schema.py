"""``citygrow schema``: the published JSON Schemas."""

from __future__ import annotations

import click

from citygrow_nb.cli.messages import print_json
from citygrow_nb.cli.options import debug_option


@click.command()
@click.argument("name")
@debug_option
def schema(name: str) -> None:
    """Print the JSON Schema of a document.

    NAME is assessment, benchmark, mentoring, portfolio, report, results or run.
    """
    from citygrow_nb import schemas

    print_json(schemas.text(name).rstrip())
