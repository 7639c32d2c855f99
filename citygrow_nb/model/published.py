"""What is published of a run's sentences: where something is and of what kind, never what was found.

Who ran it reads the whole sentence; ``run.json`` stands beside the pages, for everybody. So cells, keys and names out
of files, and where on a machine they lie, stay away from it: the types here are written without, however they are
written.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated, Any, Self

from pydantic import PlainSerializer, PlainValidator, SerializationInfo, WithJsonSchema

from citygrow_nb.addresses import without_secrets
from citygrow_nb.exceptions import Problem
from citygrow_nb.invisible import write_out

ROOTS = "roots"
"""Names the folders, in a serializer's context, below which a file's whole path may be told."""

_FILE = re.compile(r"(?P<path>.*?[^/\\]\.[A-Za-z][A-Za-z0-9]{1,5})(?=$|[,: ;])", re.DOTALL)
_PLACE = re.compile(r"\b(?:row|line) \d+\b|\b(?:KF\d{1,2}(?:\.[QP]\d{1,2})?|CF\d{1,2}(?:\.\d{1,2})?)\b")
_QUOTED = re.compile(r"“.*”|\".*\"|(?<!\w)'.*'(?!\w)", re.DOTALL)
_PATHS = re.compile(r"(?:\b[A-Za-z]:|\\\\|(?<![\w.…/:])|(?<=\dm))(?:[/\\]+[^\s/\\“”,;:]+)+")
_FAULT = re.compile(r"\b([A-Za-z]+(?:Error|Exception|Interrupt|Exit|Warning|Fault))\b.*", re.DOTALL)


def public_path(path: str, roots: Sequence[str] = ()) -> str:
    """Return the name of a file or folder as everybody may read it: below one of the roots, else its last part alone.

    >>> public_path("/home/ada/cities/answers/b/graz/2026.json", ["/home/ada/cities"])
    'answers/b/graz/2026.json'
    >>> public_path("/home/ada/table.csv"), public_path("s3://me:SECRET@bucket/a")
    ('table.csv', 's3://…@bucket/a')
    """
    path = without_secrets(path, path)
    if "://" in path:
        return path
    plain = path.replace("\\", "/").rstrip("/")
    for root in sorted((root.replace("\\", "/").rstrip("/") for root in roots if root), key=len, reverse=True):
        if root and plain.startswith(f"{root}/"):
            return plain[len(root) + 1 :]
    absolute = plain.startswith(("/", "..", "~")) or plain[1:2] == ":"
    return plain.rpartition("/")[2] if absolute else plain


def public_sentence(problem: Problem, roots: Sequence[str] = ()) -> str:
    """Return where a fault is and of what kind.

    >>> public_sentence(Problem("/home/ada/t.csv, row 5 (Ada), column KF1.Q1", "“call Ada: 0664 1234” is no answer"))
    't.csv, row 5, KF1.Q1: “…” is no answer'
    """
    where = _public_where(problem.where, roots)
    kind = _FAULT.sub(r"\1", _QUOTED.sub("“…”", " ".join(problem.found.split())))
    kind = without_paths(without_secrets(kind), roots)
    return write_out(f"{where}: {kind}" if where and kind else where or kind)


def without_paths(text: str, roots: Sequence[str] = ()) -> str:
    """Return a text in which files stand without where they lie on this machine.

    >>> without_paths("see /home/ada b/c/d.py and /usr/lib/e.py:5", ["/home/ada b"])
    'see c/d.py and e.py:5'
    """
    for root in sorted(roots, key=len, reverse=True):
        if root.rstrip("/\\"):
            text = text.replace(f"{root}/", "").replace(f"{root}\\", "")
    return _PATHS.sub(lambda found: public_path(found[0]), text)


def _public_where(where: str, roots: Sequence[str]) -> str:
    if "://" in where:
        return without_secrets(where, *where.split(maxsplit=1)[:1])
    file = _FILE.match(where)
    if file is None:
        return without_paths(_QUOTED.sub("“…”", where), roots)
    places = dict.fromkeys(_PLACE.findall(where[file.end() :]))
    return ", ".join([public_path(file["path"], roots), *places])


def _roots(info: SerializationInfo) -> Sequence[str]:
    context: Any = info.context or {}
    roots: Sequence[str] = context.get(ROOTS, ())
    return roots


class Said(str):
    """What faults say, as whoever started the run reads it; it is published as :func:`public_sentence` says.

    >>> Said(Problem("/home/ada/a.csv", "it is empty"))
    '/home/ada/a.csv: it is empty'
    """

    problems: tuple[Problem, ...]

    def __new__(cls, *problems: Problem) -> Self:
        """Join the sentences of some faults."""
        made = super().__new__(cls, "; ".join(map(str, problems)))
        made.problems = problems
        return made


def _published(said: str, info: SerializationInfo) -> str:
    problems = said.problems if isinstance(said, Said) else (Problem("", said),) if said else ()
    return "; ".join(public_sentence(problem, _roots(info)) for problem in problems)


def _published_notice(said: str, info: SerializationInfo) -> str:
    where = _public_where(said.problems[0].where, _roots(info)) if isinstance(said, Said) else ""
    return f"{where}: how it was read was said where the run was started" if where else _published(said, info)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("a text belongs here")
    return value


_TEXT = (PlainValidator(_text), WithJsonSchema({"type": "string"}))

PublicPath = Annotated[str, PlainSerializer(lambda path, info: public_path(path, _roots(info)), return_type=str)]
"""A file, a folder or an address."""

PublicText = Annotated[str, *_TEXT, PlainSerializer(_published, return_type=str)]
"""What is wrong, or why something failed."""

PublicNotice = Annotated[str, *_TEXT, PlainSerializer(_published_notice, return_type=str)]
"""What somebody should look at: facts of cities, which pages show as well, or how the columns of a file were read."""
