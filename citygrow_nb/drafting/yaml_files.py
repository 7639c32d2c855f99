"""A toolkit as the files of a benchmark whose status is “draft”: what was found, and nothing else."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from citygrow_nb.drafting.toolkit import Item, Toolkit
from citygrow_nb.drafting.wording import CONTACT, links, years

_HEAD = """\
# A draft, made by "citygrow benchmark draft". Every text stands so in the document. "citygrow benchmark check" lists
# what is still to do; take a "check" away once you have looked. When all is done, write "final" as the status.
"""

_SCALE = {
    "levels": [
        {"level": 0, "name": "not in place", "meaning": "Nothing that the question asks for exists today."},
        {"level": 1, "name": "first steps", "meaning": "Something has begun, but nobody can rely on it."},
        {
            "level": 2,
            "name": "partly in place",
            "meaning": "Something works and can be shown, but a part of what is asked is missing.",
        },
        {"level": 3, "name": "in place", "meaning": "All that is asked works today and can be shown."},
    ],
    "thresholds": {"met_lower_bound": 75, "close_score": 50, "known_coverage": 50},
    "directions": [
        {"value": -2, "name": "strongly hindering"},
        {"value": -1, "name": "hindering"},
        {"value": 0, "name": "neither"},
        {"value": 1, "name": "enabling"},
        {"value": 2, "name": "strongly enabling"},
    ],
    "note": "The document asks questions. The four general levels, equal weights and thresholds are citygrow's.",
}


def write(toolkit: Toolkit, benchmark_id: str, document: str) -> dict[str, bytes]:
    """Return the files of the draft.

    Parameters
    ----------
    toolkit
        What was understood.
    benchmark_id
        Id of the benchmark; also that of its only publication.
    document
        Name of the document's file.

    Returns
    -------
    dict
        Content by path within the benchmark's folder.
    """

    def source(item: Item, part: str) -> dict[str, str]:
        return {"publication": benchmark_id, "part": part, "position": item.place or "not found"}

    codes = [f"KF{number}" for number in range(1, len(toolkit.factors) + 1)]
    title = toolkit.title.text or benchmark_id
    head = {
        "format": "citygrow-benchmark",
        "format_version": 1,
        "id": benchmark_id,
        "version": "0.1.0",
        "status": "draft",
        "language": "en",
        "title": title,
        "standard": {
            "text": toolkit.standard.text,
            "source": source(toolkit.standard, "Standard"),
            **_checked(toolkit.standard),
        },
        "introduction": toolkit.introduction,
        "terms": [
            {
                "code": f"T{number}",
                "term": term.title,
                "definition": term.text,
                "source": source(term, "Terms"),
                **_checked(term),
            }
            for number, term in enumerate(toolkit.terms, start=1)
        ],
        "publications": [{"id": benchmark_id, "title": title}],
        "provenance": [f"Drafted by citygrow from the document “{document}”."],
        "key_factors": codes,
    }
    made = {"benchmark.yaml": _HEAD.encode() + _dumped({key: value for key, value in head.items() if value != []})}
    for code, factor in zip(codes, toolkit.factors, strict=True):
        made[f"key-factors/{code}.yaml"] = _dumped(_factor(code, factor, toolkit, source))
    contexts = [_context(f"CF{n}", item, source) for n, item in enumerate(toolkit.contexts, start=1)]
    made["context-factors.yaml"] = _dumped({"context_factors": contexts})
    made["scale.yaml"] = _dumped({**_SCALE, "weights": dict.fromkeys(codes, 1)})
    return made


def _factor(code: str, item: Item, toolkit: Toolkit, source: Any) -> dict[str, Any]:
    part = item.title or code
    statement, *rationale = item.paragraphs or [""]
    made: dict[str, Any] = {"code": code, "title": item.title, "statement": statement, "rationale": " ".join(rationale)}
    made |= {"source": source(item, part), **_checked(item)}
    made["questions"] = [
        {"code": f"{code}.Q{number}", "text": question.text, "source": source(question, part), **_checked(question)}
        for number, question in enumerate(item.parts, start=1)
    ]
    made["practices"] = [
        _practice(f"{code}.P{number}", practice, toolkit, source(practice, part))
        for number, practice in enumerate(item.practices, start=1)
    ]
    return made


def _practice(code: str, item: Item, toolkit: Toolkit, source: dict[str, str]) -> dict[str, Any]:
    made: dict[str, Any] = {"code": code, "city": item.title, "text": item.text}
    if named := years(item.text):
        made["year"] = named
    if found := list(links(item.text, toolkit.links)):
        made["links"] = [{"title": url.partition("://")[2], "url": url} for url in found]
    if contact := CONTACT.search(item.text):
        made["contact"] = contact[0].rstrip(".")
    return {**made, "source": source, **_checked(item)}


def _context(code: str, item: Item, source: Any) -> dict[str, Any]:
    prompts = [
        {"code": f"{code}.{number}", "text": point.text, "source": source(point, item.title), **_checked(point)}
        for number, point in enumerate(item.parts, start=1)
    ]
    return {
        "code": code,
        "title": item.title,
        "source": source(item, "Context factors"),
        **_checked(item),
        "prompts": prompts,
    }


def _checked(item: Item) -> dict[str, list[str]]:
    return {"check": list(dict.fromkeys(item.doubts))} if item.doubts else {}


def doubts(toolkit: Toolkit) -> Iterator[str]:
    """Yield everything that a person must look at, in reading order."""
    yield from toolkit.standard.doubts
    for item in (*toolkit.terms, *toolkit.factors, *toolkit.contexts):
        for each in (item, *item.parts, *item.practices):
            yield from dict.fromkeys(each.doubts)


def _dumped(data: Any) -> bytes:
    yaml = YAML()
    yaml.width = 110
    yaml.indent(mapping=2, sequence=4, offset=2)
    stream = io.BytesIO()
    yaml.dump(data, stream)
    # The library leaves spaces where it folds lines; they mean nothing.
    return re.sub(rb" +\n", b"\n", stream.getvalue())


def save(files: dict[str, bytes], folder: Path) -> None:
    """Write the files of a draft into a new folder."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
