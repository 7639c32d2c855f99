"""``citygrow schema``: what programs read."""

from __future__ import annotations

import json

import jsonschema
import pytest

from citygrow_nb import schemas
from tests.cli.conftest import Call


@pytest.mark.parametrize("name", schemas.names())
def test_schema_is_printed_whole(citygrow: Call, name: str) -> None:
    """Valid, and as published; every name stands in the help."""
    said = citygrow("schema", name)
    assert said.code == 0
    assert json.loads(said.out) == json.loads(schemas.text(name))
    jsonschema.Draft202012Validator.check_schema(json.loads(said.out))
    assert name in citygrow("schema", "--help").out


def test_unknown_name(citygrow: Call) -> None:
    """Wrong use, with the names that exist."""
    said = citygrow("schema", "city")
    assert said.code == 2
    assert all(name in said.err for name in schemas.names())
