"""The assessment document: from bytes to an assessment and back. Knows no folder and no lock.

Versions of the format have their own numbers. An older document is raised step by step by :data:`UPGRADES`; a newer one
is refused, and so is one that is older than the first step.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from pydantic import ValidationError
from pydantic_core import to_json

from citygrow_nb.answers.validation_messages import Repeated, Step, located, model_problems, raw_problems, shown
from citygrow_nb.exceptions import DocumentError, DocumentTooNew, DocumentTooOld, Problem, UnknownCode
from citygrow_nb.model import AGREED, Assessment, Benchmark, Person
from citygrow_nb.model.assessment import FORMAT, VERSION
from citygrow_nb.model.fields import natural, nearest

Upgrade = Callable[[dict[str, Any]], dict[str, Any]]

MAX_DOCUMENT = 16 << 20
"""Bytes of a document; a city with a thousand groups' comments has a tenth of that."""

UPGRADES: Mapping[int, Upgrade] = {}
"""For each older version of the format the step to the next one. Version 1 is the first."""

_Split = tuple[Assessment, Mapping[str, Person]]

_last: list[tuple[bytes, Benchmark, _Split]] = []
"""The document that was read last. All workbooks of a city begin by reading the same one."""

_RESTORE = "put back an earlier copy of the file"
_BOMS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_JSON_FAULTS = {
    "Expecting ',' delimiter": "a comma or a closing bracket is missing",
    "Expecting ':' delimiter": "a colon is missing",
    "Expecting value": "a value is missing or not written as JSON",
    "Expecting property name": "a name in double quotes is missing, or the comma before is one too many",
    "Illegal trailing comma": "there is a comma too many",
    "Unterminated string": "a closing quote is missing",
    "Invalid control character": "a text breaks off at the end of the line",
    "Invalid \\": "a backslash stands alone in a text",
    "Extra data": "something follows after the end of the document",
}


def parse(content: bytes, where: str, benchmark: Benchmark) -> Assessment:
    """Return the assessment that a document holds.

    Parameters
    ----------
    content
        The whole file: JSON, UTF-8; a byte order mark is passed over.
    where
        What to call the file in error messages.
    benchmark
        The benchmark that was answered. Answers to its retired codes are kept.

    Returns
    -------
    Assessment
        In the present version of the format.

    Raises
    ------
    DocumentTooNew, DocumentTooOld
        If the format or the benchmark is of another time.
    UnknownCode
        If nothing but codes is wrong.
    DocumentError
        If anything else is wrong; with all problems, each naming its place.
    """
    return split(content, where, benchmark)[0]


def split(content: bytes, where: str, benchmark: Benchmark) -> tuple[Assessment, Mapping[str, Person]]:
    """Return the assessment that a document holds, and the persons whom an older citygrow kept in it, by key.

    Parameters and errors as of :func:`parse`. Respondents who do not say that they are institutions are persons.
    """
    for known, asked, found in _last:
        if known == content and asked is benchmark:
            return found
    text = _text(content, where)
    raw = _json(text, where)
    version = _version(raw, where)
    _right_benchmark(raw, where, benchmark)
    problems = list(raw_problems(raw, where))
    upgraded, persons = _as_institutions(upgrade(raw, version, UPGRADES, VERSION))
    unknown = list(unknown_codes(upgraded, where, benchmark))
    try:
        assessment = Assessment.model_validate_json(text if upgraded is raw else json.dumps(upgraded), strict=True)
    except ValidationError as error:
        named = {problem.where for problem in unknown}
        problems += (p for p in model_problems(error, Assessment, where) if p.where not in named)
        if not (problems or unknown):
            raise DocumentError(Problem(where, "brackets within brackets without end", todo=_RESTORE)) from error
    if problems:
        raise DocumentError(*problems, *unknown)
    if unknown:
        raise UnknownCode(*unknown)
    parted = _without(assessment, persons)
    _last[:] = [(content, benchmark, parted)]
    return parted


def _as_institutions(raw: dict[str, Any]) -> tuple[dict[str, Any], frozenset[str]]:
    """Return a document in which nobody is a person, and the keys of those who were; as it is if none was."""
    people = frozenset(key for key, who in _entries(raw.get("respondents")) if key != AGREED and _is_person(who))
    if not people:
        return raw, people
    told = {key: {**who, "kind": "institution"} if key in people else who for key, who in raw["respondents"].items()}
    return {**raw, "respondents": told}, people


def _is_person(who: object) -> bool:
    return isinstance(who, dict) and who.get("kind", "person") == "person" and not who.get("from_city")


def _without(assessment: Assessment, people: frozenset[str]) -> _Split:
    if not people:
        return assessment, {}
    persons = {
        key: Person(role=assessment.respondents[key].role, answers=assessment.responses.get(key, {}))
        for key in sorted(people)
    }
    rest = {
        name: {key: value for key, value in getattr(assessment, name).items() if key not in people}
        for name in ("respondents", "responses")
    }
    return assessment.model_copy(update=rest), persons


def dump(assessment: Assessment) -> bytes:
    """Return an assessment as its document: the same content always gives the same bytes.

    Examples
    --------
    >>> from citygrow_nb.model import BenchmarkRef, City
    >>> empty = Assessment(
    ...     benchmark=BenchmarkRef(id="demo", version="1.0.0"), city=City(name="Żabia", slug="zabia"), round="2026"
    ... )
    >>> dump(empty).decode().splitlines()[3]
    '  "benchmark": {'
    """
    raw = assessment.model_dump(mode="json", exclude_defaults=True)

    def people(section: Mapping[str, Any]) -> dict[str, Any]:
        return {key: section[key] for key in sorted(section, key=lambda key: (key != AGREED, key))}

    def coded(section: Mapping[str, Any]) -> dict[str, Any]:
        return {code: section[code] for code in sorted(section, key=natural)}

    document = {
        "format": assessment.format,
        "version": assessment.version,
        "benchmark": raw["benchmark"],
        "city": raw["city"],
        "round": raw["round"],
        "respondents": {
            key: who if key == AGREED else {**who, "kind": assessment.respondents[key].kind}
            for key, who in people(raw.get("respondents", {})).items()
        },
        "responses": {key: coded(answers) for key, answers in people(raw.get("responses", {})).items()},
        **({"groups": _ordered(raw["groups"])} if raw.get("groups") else {}),
        "context": coded(raw.get("context", {})),
        "actions": raw.get("actions", []),
        **({"meetings": dict(sorted(raw["meetings"].items()))} if raw.get("meetings") else {}),
        **({"mentoring": _by_factor(raw["mentoring"])} if raw.get("mentoring") else {}),
    }
    return to_json(document, indent=2) + b"\n"


def _ordered(groups: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return sorted(
        groups, key=lambda group: (natural(group["code"]), group["role"].casefold(), group.get("counted_at", ""))
    )


def _by_factor(section: Mapping[str, Any]) -> dict[str, Any]:
    ordered = {
        name: sorted(section[name], key=lambda item: natural(item["factor"]))
        for name in ("offers", "needs")
        if name in section
    }
    return {**ordered, **{name: value for name, value in section.items() if name not in ordered}}


def upgrade(raw: dict[str, Any], version: int, upgrades: Mapping[int, Upgrade], current: int) -> dict[str, Any]:
    """Return a document raised to the present version, step by step.

    Parameters
    ----------
    raw
        The parsed document; left as it is.
    version
        Its version.
    upgrades
        For each older version the step to the next.
    current
        The version to reach.
    """
    while version < current:
        raw = {**upgrades[version](raw), "version": version + 1}
        version += 1
    return raw


def unknown_codes(raw: Mapping[str, Any], where: str, benchmark: Benchmark) -> Iterator[Problem]:
    """Yield a problem for every code that the benchmark neither has nor had.

    Parameters
    ----------
    raw
        The parsed document, which may be faulty otherwise.
    where
        The file.
    benchmark
        The benchmark that was answered.
    """
    kinds: dict[str, tuple[Iterable[str], str]] = {
        "question": (benchmark.questions, "guide questions"),
        "context": (benchmark.contexts, "context factors"),
        "factor": (benchmark.factors, "key factors"),
    }
    for steps, code, kind in _codes(raw):
        known, name = list(kinds[kind][0]), kinds[kind][1]
        if code not in known and code not in benchmark.retired:
            first, *_, last = (*known, *known) or ("none",) * 2
            near = nearest(code, known)
            newer = _newer_content(raw, benchmark)
            yield Problem(
                located(where, steps),
                f"the benchmark has no code {shown(code)}",
                f"{name} {first} to {last}",
                newer or (f"did you mean “{near}”?" if near else ""),
            )


def _codes(raw: Mapping[str, Any]) -> Iterator[tuple[tuple[Step, ...], str, str]]:
    for respondent, answers in _entries(raw.get("responses")):
        for code, _ in _entries(answers):
            yield ("responses", respondent, code), code, "question"
    for code, reading in _entries(raw.get("context")):
        yield ("context", code), code, "context"
        for i, factor in _texts(reading, "bears_on"):
            yield ("context", code, "bears_on", i), factor, "factor"
    for i, code in _named(raw, "groups", "code"):
        yield ("groups", i, "code"), code, "question"
    actions = raw.get("actions")
    for i, action in enumerate(actions if isinstance(actions, (list, tuple)) else ()):
        for j, question in _texts(action, "questions"):
            yield ("actions", i, "questions", j), question, "question"
        for j, code in _named(action, "targets", "code"):
            yield ("actions", i, "targets", j, "code"), code, "question"
    for name in ("offers", "needs"):
        for j, code in _named(raw.get("mentoring"), name, "factor"):
            yield ("mentoring", name, j, "factor"), code, "factor"


def _entries(section: object) -> Iterable[tuple[str, Any]]:
    return section.items() if isinstance(section, dict) else ()


def _texts(item: object, name: str) -> Iterator[tuple[int, str]]:
    values = item.get(name) if isinstance(item, dict) else None
    for i, value in enumerate(values if isinstance(values, (list, tuple)) else ()):
        if isinstance(value, str):
            yield i, value


def _named(item: object, section: str, name: str) -> Iterator[tuple[int, str]]:
    values = item.get(section) if isinstance(item, dict) else None
    for i, value in enumerate(values if isinstance(values, (list, tuple)) else ()):
        if isinstance(value, dict) and isinstance(value.get(name), str):
            yield i, value[name]


def _text(content: bytes, where: str) -> str:
    encoding = next((name for mark, name in _BOMS.items() if content.startswith(mark)), "utf-8")
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise DocumentError(
            Problem(f"{where}, line {line}", "the text is not UTF-8", todo=f"save it again as UTF-8, or {_RESTORE}")
        ) from error
    if not text.strip("\0 \t\r\n"):
        raise DocumentError(Problem(where, "the file is empty", todo=_RESTORE))
    return text


def _json(text: str, where: str) -> dict[str, Any]:
    try:
        raw = json.loads(text, object_pairs_hook=_object)
    except json.JSONDecodeError as error:
        raise DocumentError(_json_problem(error, where)) from error
    except RecursionError as error:
        raise DocumentError(Problem(where, "brackets within brackets without end", todo=_RESTORE)) from error
    except ValueError as error:
        raise DocumentError(Problem(where, "it holds a number with too many digits", todo=_RESTORE)) from error
    if not isinstance(raw, dict):
        raise DocumentError(Problem(where, f"found {shown(raw)} instead of an assessment document", todo=_RESTORE))
    return raw


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) < len(pairs):
        names = [name for name, _ in pairs]
        result = Repeated(pairs)
        result.names = tuple(name for name in result if names.count(name) > 1)
    return result


def _json_problem(error: json.JSONDecodeError, where: str) -> Problem:
    fault = next((text for start, text in _JSON_FAULTS.items() if error.msg.startswith(start)), error.msg)
    if error.pos >= len(error.doc.rstrip()):
        fault = "the document stops in the middle"
    return Problem(
        f"{where}, line {error.lineno}, column {error.colno}",
        f"this is not JSON: {fault}",
        todo=f"mend it, or {_RESTORE}",
    )


def _version(raw: Mapping[str, Any], where: str) -> int:
    if raw.get("format") != FORMAT:
        found = f"found {shown(raw['format'])}" if "format" in raw else "this field is missing"
        raise DocumentError(
            Problem(f"{where}, format", found, f"“{FORMAT}”", "choose a file that holds a city's answers")
        )
    version = raw.get("version")
    if not isinstance(version, int) or isinstance(version, bool):
        found = f"found {shown(version)}" if "version" in raw else "this field is missing"
        raise DocumentError(Problem(f"{where}, version", found, f"a whole number up to {VERSION}"))
    oldest = min(UPGRADES, default=VERSION)
    if version > VERSION:
        raise DocumentTooNew(
            Problem(
                f"{where}, version",
                f"the document was written by a newer citygrow (version {version} of the format)",
                f"versions {oldest} to {VERSION}" if oldest < VERSION else f"version {VERSION}",
                "update citygrow",
            )
        )
    if version < oldest:
        raise DocumentTooOld(
            Problem(
                f"{where}, version",
                f"version {version} of the format is older than any that this citygrow can read",
                f"versions {oldest} to {VERSION}" if oldest < VERSION else f"version {VERSION}",
            )
        )
    return version


def _right_benchmark(raw: Mapping[str, Any], where: str, benchmark: Benchmark) -> None:
    reference = raw.get("benchmark")
    found = reference.get("id") if isinstance(reference, dict) else None
    if isinstance(found, str) and found != benchmark.id:
        raise DocumentError(
            Problem(
                f"{where}, benchmark.id",
                f"these are answers to the benchmark {shown(found)}",
                f"“{benchmark.id}”",
                "open them with their own benchmark",
            )
        )
    version = _content_version(raw)
    if version and version[0] > _numbers(benchmark.version)[0]:
        raise DocumentTooNew(
            Problem(
                f"{where}, benchmark.version",
                f"the answers were given to version {'.'.join(map(str, version))} of the benchmark",
                f"versions up to {_numbers(benchmark.version)[0]}.x; here is {benchmark.version}",
                "update the benchmark or citygrow",
            )
        )


def _newer_content(raw: Mapping[str, Any], benchmark: Benchmark) -> str:
    if _content_version(raw) <= _numbers(benchmark.version):
        return ""
    return f"the answers were given to a newer version of the benchmark than {benchmark.version}: update it"


def _content_version(raw: Mapping[str, Any]) -> tuple[int, ...]:
    reference = raw.get("benchmark")
    version = reference.get("version") if isinstance(reference, dict) else None
    return _numbers(version) if isinstance(version, str) and re.fullmatch(r"\d{1,9}(\.\d{1,9}){2}", version) else ()


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))
