"""Files as no program would write them: seeds of each kind that citygrow reads, changed by chance.

``python -m tests.mutated_inputs 10000 [SEED]`` prints what comes of them. Each file stands beside a healthy one; both
are read in a process of their own, whose time and memory are watched.
"""

from __future__ import annotations

import collections
import contextlib
import io
import json
import multiprocessing
import random
import re
import resource
import shutil
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from tests import binary_tables

SECONDS, MEGABYTES = 5.0, 500
_PATIENCE = 60.0
"""Seconds of the clock after which a process is given up: the machine may be busy with others."""
_SAMPLES = Path(__file__).parent / "tables" / "samples"
_ROOT = Path(__file__).parents[1]
_ROWS: Sequence[Sequence[str | float | None]] = (
    ("city", "round", "country", "KF1.Q1", "KF1.Q2", "CF1", "KF1.offer", "languages"),
    ("Żabia Góra", 2026.0, "PL", 2.0, "dk", -1.0, 2.0, "pl en"),
    ("Αθήνα", 2026.0, "GR", 3.0, 1.0, 2.0, None, "el"),
)
_LONG = (
    "city,round,respondent,code,state,level,comment,evidence_title,evidence_url\n"
    "Żabia Góra,2026,econ,KF1.Q1,rated,2,As adopted.,Plan,https://example.org/plan\n"
    "Żabia Góra,2026,,KF1,need,1,,,\nAlpha,2026,,CF1,,-1,hard,,\nAlpha,2026,,KF1.Q2,na,,no port,,\n"
)
_SURVEY = (
    "Respondent ID,city,round,role,KF1.Q1 Is there a strategy?,KF1Q1[comment]\n"
    "1,Beta,2026,founder,2 – Partly in place,fine\n2,Beta,2026,founder,Don't know,\n"
)
_PINS = "decision,factor,mentor,mentee\npin,KF1,Healthy,Alpha\nban,KF2,Alpha,Healthy\n"
_EXPECTED = "city,country,mail\nHealthy,DE,a@example.org\nAlpha,IE,b@example.org\n"

_NASTY_NUMBERS = (
    "-1",
    "0",
    "3",
    "256",
    "65536",
    "1048576",
    "2147483648",
    "9" * 30,
    "9" * 5000,
    "1e999",
    "NaN",
    "",
    "x",
)
_NASTY_TEXTS = (
    "",
    " ",
    "\0",
    "\u202e",
    "x" * 600,
    "x" * 40_000,
    "=1+1",
    "'",
    '"',
    "KF1",
    "agreed",
    "../..",
    "\ud83c",
    "İ",
)
_NASTY_VALUES: tuple[Any, ...] = (
    *(None, True, -1, 0, 4, 10**30, 1.5, float("inf"), [], {}, [[]], {"a": {}}, ["x"] * 1000),
    *_NASTY_TEXTS,
)


@dataclass(frozen=True)
class Mutant:
    """One input.

    Parameters
    ----------
    number
        Which one it is of all that a seed gives.
    name
        Name of its file.
    content
        What stands there.
    """

    number: int
    name: str
    content: bytes


@dataclass(frozen=True)
class Outcome:
    """What came of one input."""

    fault: str = ""
    seconds: float = 0.0
    megabytes: int = 0


def seeds() -> dict[str, bytes]:
    """Return a healthy file of each kind, by name."""
    toolkit = _ROOT / "tests" / "benchmarks" / "data" / "quiet-nights"
    return {
        "answers.json": (_ROOT / "examples" / "port-imaginary.json").read_bytes(),
        "small.json": _document("Small").encode(),
        "long.csv": _LONG.encode(),
        "wide.csv": (_ROOT / "examples" / "nowhere-on-sea.csv").read_bytes(),
        "survey.csv": _SURVEY.encode(),
        "pins.csv": _PINS.encode(),
        "expected.csv": _EXPECTED.encode(),
        "answers.xlsx": _xlsx(),
        "answers.ods": (_SAMPLES / "answers.ods").read_bytes(),
        "small.ods": _ods(),
        "answers.xls": (_SAMPLES / "answers.xls").read_bytes(),
        "small.xls": binary_tables.xls(binary_tables.grid(_ROWS)),
        "small.xlsb": binary_tables.xlsb(binary_tables.grid(_ROWS)),
        "benchmark.yaml": (toolkit / "benchmark.yaml").read_bytes(),
        "scale.yaml": (toolkit / "scale.yaml").read_bytes(),
        "context-factors.yaml": (toolkit / "context-factors.yaml").read_bytes(),
        "compiled.json": _compiled(toolkit),
        "toolkit.txt": (_ROOT / "examples" / "toolkit.txt").read_bytes()[:6000],
        "toolkit.pdf": _pdf(),
        "workbook.ipynb": next((_ROOT / "workbooks").rglob("00-start.ipynb")).read_bytes(),
    }


def mutants(count: int, seed: int) -> Iterator[Mutant]:
    """Yield as many inputs, the same for the same seed."""
    healthy = seeds()
    names = sorted(healthy)
    for number in range(count):
        chance = random.Random(f"{seed} {number}")
        name = names[number % len(names)]
        yield Mutant(number, name, mutated(healthy[name], name, chance))


def mutated(content: bytes, name: str, chance: random.Random) -> bytes:
    """Return a file with one to four faults: of bytes, or of what they mean."""
    for _ in range(chance.choice((1, 1, 2, 4))):
        kinds = [_bytes, _meant(name)] if _meant(name) else [_bytes]
        # What an earlier fault broke cannot always be changed by its meaning.
        with contextlib.suppress(Exception):
            content = chance.choice([*kinds, kinds[-1]])(content, chance)
    return content


def _meant(name: str) -> Callable[[bytes, random.Random], bytes] | None:
    ending = name.rpartition(".")[2]
    return {
        **dict.fromkeys(("json", "ipynb"), _json_values),
        **dict.fromkeys(("csv", "txt", "yaml"), _words),
        **dict.fromkeys(("xlsx", "ods", "xlsb"), _packed),
        "xls": _records,
        "pdf": _words,
    }.get(ending)


def _bytes(content: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(content) + 1)
    to = min(len(content), at + chance.choice((1, 1, 4, 64, 1024)))
    return chance.choice(
        (
            lambda: content[:at],
            lambda: content[:at] + bytes(chance.randrange(256) for _ in range(to - at)) + content[to:],
            lambda: content[:at] + bytes([byte ^ 1 << chance.randrange(8) for byte in content[at:to]]) + content[to:],
            lambda: content[:at] + content[to:],
            lambda: content[:at] + content[at:to] * chance.choice((2, 100)) + content[to:],
            lambda: content[:at] + b"\xff" * (to - at) + content[to:],
            lambda: content[:at] + b"\0" * (to - at) + content[to:],
        )
    )()


def _words(content: bytes, chance: random.Random) -> bytes:
    places = [match.span() for match in re.finditer(rb"[\w.:-]+|[,;\n\"']", content)]
    start, end = chance.choice(places)
    other = content[slice(*chance.choice(places))]
    new = chance.choice(
        (
            *(text.encode("utf-8", "replace") for text in (*_NASTY_NUMBERS, *_NASTY_TEXTS)),
            *(
                b"[" * 3000,
                b"- " * 3000,
                b"&a [*a, *a]",
                b"!!int x",
                b"!!float x",
                b"{a: 1}",
                b"? ",
                b"%YAML 1.1\n",
                b"\t",
            ),
            *(
                b"," * 20_000,
                b'"' * 3,
                b"\n" * 1000,
                b"a,b\n" * 5000,
                b"1 0 obj",
                b"/Length 9999999999",
                b"endobj",
                other,
            ),
        )
    )
    return content[:start] + new + content[end:]


def _json_values(content: bytes, chance: random.Random) -> bytes:
    document = json.loads(content)
    places: list[tuple[Any, Any]] = []

    def walk(value: Any) -> None:
        for key in value if isinstance(value, dict) else range(len(value)):
            places.append((value, key))
            if isinstance(value[key], (dict, list)):
                walk(value[key])

    walk(document)
    holder, key = chance.choice(places)
    how = chance.randrange(6)
    if how == 0:
        del holder[key]
    elif how == 1 and isinstance(holder, dict):
        holder[chance.choice(_NASTY_TEXTS)] = holder.pop(key)
    elif how == 2:
        other, at = chance.choice(places)
        holder[key] = json.loads(json.dumps(other[at]))
    elif how == 3:
        holder[key] = "DEEP"
        depth = chance.choice((50, 5000, 200_000))
        nested = chance.choice(("[" * depth + "]" * depth, '{"a":' * depth + "1" + "}" * depth, "9" * 5000))
        return json.dumps(document).encode().replace(b'"DEEP"', nested.encode())
    else:
        holder[key] = chance.choice(_NASTY_VALUES)
    return json.dumps(document).encode()


def _packed(content: bytes, chance: random.Random) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    name = chance.choice(sorted(parts, key=lambda name: -len(parts[name]))[: chance.choice((1, 2, len(parts)))])
    how = chance.randrange(12)
    if how == 0:
        del parts[name]
    elif how == 1:
        parts[name] = parts[chance.choice(sorted(parts))]
    elif how == 2:
        parts[name] = chance.choice(
            (b"", b" " * 3_000_000, b"<a>" * 100_000, parts[name].decode("utf-8").encode("utf-16"))
        )
    elif how == 3:
        entities = "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True))
        start = f'<!DOCTYPE x [<!ENTITY a "{"x" * 100}">{entities}]>'.encode()
        parts[name] = re.sub(rb"^(<\?xml[^>]*>)?", lambda match: match[0] + start, parts[name], count=1)
        parts[name] = re.sub(rb">([^<]+)<", rb">&i;<", parts[name], count=1)
    elif how == 4 or name.endswith(".bin"):
        parts[name] = _bytes(parts[name], chance)
    else:
        parts[name] = _markup(parts[name], chance)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for each, part in parts.items():
            archive.writestr(each, part)
    packed = bytearray(file.getvalue())
    if how == 5:
        # Sizes that are not true, in the list at the end.
        at = packed.find(b"PK\x01\x02") + chance.choice((20, 24))
        packed[at : at + 4] = chance.randrange(1 << 32).to_bytes(4, "little")
    return bytes(packed)


def _markup(part: bytes, chance: random.Random) -> bytes:
    how = chance.randrange(5)
    if how == 0 and (values := [match.span(1) for match in re.finditer(rb'="([^"]*)"', part)]):
        start, end = chance.choice(values)
        said = chance.choice((*_NASTY_NUMBERS, "XFD1048576", "ZZZZ9", "A0", "date", "error", "s", "e", "true", "rId99"))
        return part[:start] + said.encode() + part[end:]
    if how == 1 and (texts := [match.span(1) for match in re.finditer(rb">([^<]+)<", part)]):
        start, end = chance.choice(texts)
        said = re.sub("[<&\0\ud800-\udfff]", "", chance.choice((*_NASTY_NUMBERS, *_NASTY_TEXTS)))
        return part[:start] + said.encode() + part[end:]
    places = [match.span() for match in re.finditer(rb"<[^>]*>", part)]
    start, end = chance.choice(places)
    if how == 2:
        return part[:start] + part[end:]
    if how == 3:
        return part[:end] + part[start:end] * chance.choice((1, 100, 5000)) + part[end:]
    repeats = ("table:number-rows-repeated", "table:number-columns-repeated", "r", "text:c", "s", "t")
    said = f' {chance.choice(repeats)}="{chance.choice(_NASTY_NUMBERS)}"'.encode()
    at = end - 2 if part[end - 2 : end] == b"/>" else end - 1
    return part[:at] + said + part[at:]


def _records(content: bytes, chance: random.Random) -> bytes:
    """Change a number in an XLS file: a kind, a length, a row, a column, a place in a chain."""
    at = 2 * chance.randrange(len(content) // 2 - 4)
    if chance.random() < 0.3:
        at = chance.choice((30, 32, 44, 48, 60, 64, 68, 72, 76, 512))
    new = chance.choice(
        (0, 1, 2, 0x85, 0x203, 0x204, 0xFD, 0x200, 0xFFFE, 0xFFFF, 0xFFFFFFFF, 0x7FFFFFFF, len(content))
    )
    size = 4 if new > 0xFFFF else 2
    return content[:at] + new.to_bytes(size, "little") + content[at + size :]


# --- seeds ---


def _document(name: str) -> str:
    ref = {"id": "migrant-entrepreneurs", "version": "1.0.0"}
    answer = {
        "state": "rated",
        "level": 2,
        "comment": "",
        "evidence": [{"title": "Plan", "url": "https://example.org"}],
    }
    document = {
        "format": "citygrow-assessment",
        "version": 1,
        "benchmark": ref,
        "city": {"name": name, "slug": name.lower(), "country": "DE", "population": 1000},
        "round": "2026",
        "respondents": {"agreed": {"role": "agreed answer of the city"}},
        "responses": {"agreed": {"KF1.Q1": answer}},
        "context": {"CF1": {"direction": -1, "comment": "x", "bears_on": ["KF1"]}},
        "actions": [{"id": "a1", "what": "do", "questions": ["KF1.Q1"]}],
        "mentoring": {"offers": [{"factor": "KF1", "capacity": 1}], "languages": ["de"]},
    }
    return json.dumps(document, indent=2)


def _compiled(toolkit: Path) -> bytes:
    from citygrow_nb import benchmarks

    return benchmarks.dump(benchmarks.load(toolkit))


def _xlsx() -> bytes:
    from openpyxl import Workbook

    book = Workbook()
    sheet: Any = book.active
    for row in _ROWS:
        sheet.append(list(row))
    sheet["D4"] = "=1+1"
    book.create_sheet("notes").append(["nothing"])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _ods() -> bytes:
    def cell(value: str | float | None) -> str:
        if value is None:
            return "<table:table-cell/>"
        if isinstance(value, str):
            return f'<table:table-cell office:value-type="string"><text:p>{value}</text:p></table:table-cell>'
        number = f'office:value-type="float" office:value="{value}"'
        return f"<table:table-cell {number}><text:p>{value}</text:p></table:table-cell>"

    rows = "".join(f"<table:table-row>{''.join(map(cell, row))}</table:table-row>" for row in _ROWS)
    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
    )
    rest = '<table:table-cell table:number-columns-repeated="16384"/>'
    end = f'<table:table-row table:number-rows-repeated="1048573">{rest}</table:table-row>'
    table = f'<table:table table:name="S">{rows}{end}</table:table>'
    content = f"<office:document-content {spaces}><office:body><office:spreadsheet>{table}"
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", f"{content}</office:spreadsheet></office:body></office:document-content>")
    return file.getvalue()


def _pdf() -> bytes:
    lines = (
        "Standard",
        "A city helps.",
        "Key factor 1: Strategy",
        "A strategy is there.",
        "Guide questions",
        "1. Is it?",
    )
    text = "BT /F1 12 Tf 72 720 Td 16 TL " + " ".join(f"({line}) Tj T*" for line in lines) + " ET"
    objects = (
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        f"<</Length {len(text)}>>stream\n{text}\nendstream",
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    )
    body = "".join(f"{number} 0 obj{each}endobj\n" for number, each in enumerate(objects, 1))
    return f"%PDF-1.4\n{body}trailer<</Root 1 0 R/Size 6>>\n%%EOF".encode()


# --- reading ---


def read(mutant: Mutant, folder: Path) -> str:
    """Read an input as every command does that reads such a file; return what is wrong with that, or nothing."""
    from citygrow_nb.exceptions import CitygrowError

    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    told: list[object] = []
    try:
        harmed = _read(mutant, folder, told)
    except CitygrowError as error:
        told += error.problems
        harmed = ""
    except Exception as error:  # noqa: BLE001 - it is what is looked for
        import traceback

        place = traceback.extract_tb(error.__traceback__)[-1]
        return f"{type(error).__name__} in {Path(place.filename).name}, line {place.lineno}"
    unexpected = [str(problem) for problem in told if "unexpected fault" in str(problem)]
    return harmed or "".join(unexpected[:1])[-120:]


def _read(mutant: Mutant, folder: Path, told: list[object]) -> str:
    from citygrow_nb import authoring, batch, benchmarks, drafting
    from citygrow_nb.workspace import Workspace

    path = folder / mutant.name
    if mutant.name.startswith("toolkit."):
        path.write_bytes(mutant.content)
        drafting.write(drafting.understand(drafting.read(path)), "x", path.name)
        return ""
    if mutant.name.endswith(".ipynb"):
        path.write_bytes(mutant.content)
        told += authoring.standing(benchmarks.load(next(iter(benchmarks.shipped().values()))), folder).problems
        return ""
    if mutant.name.endswith(".yaml") or mutant.name == "compiled.json":
        toolkit = folder / "quiet-nights"
        if mutant.name == "compiled.json":
            toolkit = folder / "quiet-nights.json"
            toolkit.write_bytes(mutant.content)
        else:
            shutil.copytree(_ROOT / "tests" / "benchmarks" / "data" / "quiet-nights", toolkit)
            (toolkit / mutant.name).write_bytes(mutant.content)
        told += benchmarks.check(toolkit)
        benchmarks.load(toolkit)
        return ""
    (folder / "healthy.json").write_text(_document("Healthy"), encoding="utf-8")
    path.write_bytes(mutant.content)
    workspace = Workspace(folder)
    gathered = batch.gather([folder], workspace, round_label="2026")
    lists = batch.Lists.read([folder], workspace)
    found = batch.read_all([folder], workspace, round_label="2026")
    told += [*gathered.problems, *lists.problems, *found.problems, *gathered.notes]
    whole = [item for item in gathered.assessments(told.append) if item.city.slug == "healthy"]
    if mutant.name in {"pins.csv", "expected.csv"} and not found.found:
        return "the healthy city was harmed"
    is_whole = any(item.responses["agreed"]["KF1.Q1"].level == 2 for item in whole)
    return (
        ""
        if is_whole and any(item.source.name == "healthy.json" for item in found.found)
        else "the healthy city was harmed"
    )


def _work(pipe: Connection, folder: str) -> None:
    sys.stderr = io.StringIO()
    while mutant := pipe.recv():
        begun = time.process_time()
        fault = read(mutant, Path(folder) / "inputs")
        seconds = time.process_time() - begun
        pipe.send(Outcome(fault, seconds, _most_memory()))


def _most_memory() -> int:
    """Return the most megabytes that this process had; what the system tells of usage begins with the parent's."""
    told = Path("/proc/self/status")
    if told.exists():
        return int(told.read_text("ascii").partition("VmHWM:")[2].split()[0]) >> 10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10


class Watched:
    """A process that reads inputs, begun anew after one that it did not survive or that took too much."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="citygrow-mutants-")
        self._begin()

    def _begin(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_work, args=(theirs, self._folder.name), daemon=True)
        self._process.start()
        theirs.close()

    def read(self, mutant: Mutant) -> Outcome:
        """Read an input."""
        self._pipe.send(mutant)
        try:
            outcome = self._pipe.recv() if self._pipe.poll(_PATIENCE) else Outcome("it never came to an end")
        except (EOFError, OSError):
            outcome = Outcome("the process died")
        if outcome.megabytes > MEGABYTES or outcome.fault in {"it never came to an end", "the process died"}:
            self._end()
            self._begin()
        if not outcome.fault and outcome.seconds > SECONDS:
            return Outcome(f"{outcome.seconds:.0f} s", outcome.seconds, outcome.megabytes)
        if not outcome.fault and outcome.megabytes > MEGABYTES:
            return Outcome(f"{outcome.megabytes} MB", outcome.seconds, outcome.megabytes)
        return outcome

    def _end(self) -> None:
        self._process.kill()
        self._process.join()

    def __enter__(self) -> Watched:
        return self

    def __exit__(self, *_: object) -> None:
        self._end()
        self._folder.cleanup()


def faults(count: int, seed: int) -> tuple[list[str], float, int]:
    """Return what was wrong with which input, the longest time in seconds, and the most memory in megabytes."""
    found, longest, most = [], 0.0, 0
    with Watched() as watched:
        for mutant in mutants(count, seed):
            outcome = watched.read(mutant)
            longest, most = max(longest, outcome.seconds), max(most, outcome.megabytes)
            if outcome.fault:
                found.append(f"seed {seed}, number {mutant.number}, {mutant.name}: {outcome.fault}")
    return found, longest, most


def main(arguments: Sequence[str]) -> None:
    """Print what was found."""
    count, seed = int(arguments[0]), int(arguments[1]) if len(arguments) > 1 else 1
    found, longest, most = faults(count, seed)
    for line in found:
        print(line)
    kinds = collections.Counter(line.partition(": ")[2] for line in found)
    print(f"{count:,} inputs: {len(found)} faults {dict(kinds)}; the longest {longest:.1f} s, the most {most} MB")


if __name__ == "__main__":
    main(sys.argv[1:])
