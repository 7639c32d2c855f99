"""JSON Schemas from the models: closed, with a description on every field.

A published schema is never changed in its meaning; a document that changes gets a new version and a new file.
"""

from __future__ import annotations

import ast
import inspect
import json
import textwrap
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any, Literal, NamedTuple

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from citygrow_nb.model import Assessment, Benchmark, FactorFigures, Matching, Portfolio, Results
from citygrow_nb.model.fields import Document
from citygrow_nb.model.run import ReportRecord, RunManifest

DIALECT = "https://json-schema.org/draft/2020-12/schema"


class Published(NamedTuple):
    """What one schema is made of.

    Parameters
    ----------
    model
        The document.
    version
        Version of the document format.
    written_by
        ``person``: fields with a default may be left out. ``program``: we write it, and write every field.
    """

    model: type[BaseModel]
    version: int
    written_by: Literal["person", "program"]


_MODEL = Document.__module__.rpartition(".")[0]

PUBLISHED: Mapping[str, Published] = {
    "assessment": Published(Assessment, 1, "person"),
    "benchmark": Published(Benchmark, 1, "person"),
    "mentoring": Published(Matching, 1, "program"),
    "portfolio": Published(Portfolio, 1, "program"),
    "report": Published(ReportRecord, 1, "program"),
    "results": Published(Results, 1, "program"),
    "run": Published(RunManifest, 1, "program"),
}
"""All published schemas by name; a new document is one line here."""


def make(name: str) -> str:
    """Return the schema that a model says, as the text of its file.

    >>> import json
    >>> json.loads(make("results"))["$id"]
    'urn:citygrow:schema:results:1'
    """
    model, version, written_by = PUBLISHED[name]
    generator = _Closed if written_by == "person" else _Complete
    made = model.model_json_schema(mode="validation", schema_generator=generator)
    kinds: dict[str, type] = {kind.__name__: kind for kind in _kinds(Document)} | {"FactorFigures": FactorFigures}
    for code, schema in (*made.get("$defs", {}).items(), (model.__name__, made)):
        _describe(schema, kinds.get(code))
    definitions = {code: _untitled(schema) for code, schema in sorted(made.pop("$defs", {}).items())}
    # What a document is must stand in it, whoever wrote it.
    named = [field for field, schema in made["properties"].items() if "const" in schema]
    for field in named:
        del made["properties"][field]["default"]
    schema = made | {
        "$schema": DIALECT,
        "$id": f"urn:citygrow:schema:{name}:{version}",
        "title": f"citygrow {name}, version {version}",
        "description": made["description"].split("\n\n")[0],
        "required": sorted({*named, *made["required"]}, key=list(made["properties"]).index),
        "$defs": definitions,
    }
    return json.dumps(_tidy(schema, definitions), ensure_ascii=False, indent=2) + "\n"


def file_name(name: str) -> str:
    """Return the name of a schema's file."""
    return f"{name}.v{PUBLISHED[name].version}.json"


def _describe(schema: JsonSchemaValue, kind: type | None) -> None:
    """Give every field of a document the description that stands below it in the code, if it has none."""
    fields = schema.get("properties", {})
    for base in kind.__mro__ if kind else ():
        if base.__module__.startswith(f"{_MODEL}."):
            for name, text in _below(base):
                fields.get(name, {}).setdefault("description", text)


def _below(kind: type) -> Iterator[tuple[str, str]]:
    """Yield the fields that a class defines itself, with what stands below each."""
    (definition,) = ast.parse(textwrap.dedent(inspect.getsource(kind))).body
    assert isinstance(definition, ast.ClassDef)  # noqa: S101 -- the source of a class is one
    for field, below in pairwise(definition.body):
        match field, below:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                yield name, inspect.cleandoc(text)


def _kinds(kind: type[Document]) -> Iterator[type[Document]]:
    for each in kind.__subclasses__():
        yield each
        yield from _kinds(each)


class _Closed(GenerateJsonSchema):
    """Closes maps with code keys too, and leaves out titles that only repeat names."""

    def dict_schema(self, schema: core_schema.DictSchema) -> JsonSchemaValue:
        made = super().dict_schema(schema)
        if "patternProperties" in made:
            made["additionalProperties"] = False
            longest = schema.get("keys_schema", {}).get("max_length")
            if longest is not None:
                made["propertyNames"] = {"maxLength": longest}
        return made

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002
        return False


class _Complete(_Closed):
    """Requires every field, as a program writes them all."""

    def field_is_required(self, field: Any, total: bool) -> bool:  # noqa: ARG002
        return True


def _untitled(schema: JsonSchemaValue) -> JsonSchemaValue:
    schema.pop("title", None)
    return schema


_FIRST = ("$schema", "$id", "title", "description", "type", "$ref", "const", "enum", "required", "properties")
_MAPS = {"properties", "patternProperties", "$defs"}


def _tidy(schema: Any, definitions: dict[str, Any]) -> Any:
    """Put what people read first, and give every field that is a thing of its own the description of that thing."""
    if isinstance(schema, list):
        return [_tidy(item, definitions) for item in schema]
    if not isinstance(schema, dict):
        return schema
    ordered = sorted(schema, key=lambda key: (_FIRST.index(key) if key in _FIRST else len(_FIRST), key == "$defs"))
    tidy: dict[str, Any] = {}
    for key in ordered:
        value = schema[key]
        if key == "description":
            tidy[key] = " ".join(value.replace("``", "").split())
        elif key in _MAPS:
            tidy[key] = {name: _tidy(_described(item, definitions), definitions) for name, item in value.items()}
        else:
            tidy[key] = _tidy(value, definitions)
    return tidy


def _described(schema: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in schema and "description" not in schema:
        return {"description": definitions[schema["$ref"].removeprefix("#/$defs/")]["description"], **schema}
    return schema
