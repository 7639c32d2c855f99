"""YAML to plain values, with the line of each. Knows YAML 1.2 and nothing of benchmarks.

Of YAML only what a careful writer needs is accepted: no aliases, no tags, no directives, no key twice.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.composer import Composer, ComposerError
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import AliasEvent
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.reader import ReaderError

from citygrow_nb.benchmarks.faults import Loc

_TAG = "tag:yaml.org,2002:"


@dataclass(frozen=True)
class LineFault:
    """Something in a YAML text that cannot be taken as it stands."""

    line: int
    found: str
    allowed: str = ""
    todo: str = ""


@dataclass
class Lined:
    """Plain values of one YAML text.

    Parameters
    ----------
    value
        Strings, numbers, booleans, None, lists and dictionaries.
    lines
        Line of every field and list item, counted from 1.
    faults
        What could not be taken; where ``value`` is None besides, nothing could be read at all.
    """

    value: object = None
    lines: dict[Loc, int] = field(default_factory=dict)
    faults: list[LineFault] = field(default_factory=list)


_WITHOUT_END = LineFault(1, "this cannot be read as YAML: brackets within brackets without end")


def read(content: bytes) -> Lined:
    """Read one YAML text.

    Parameters
    ----------
    content
        UTF-8, with or without a byte order mark.

    Returns
    -------
    Lined
        Values with their lines, and all faults; a text that is not YAML has one, where the reader gave up.
    """
    lined = Lined()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        lined.faults.append(LineFault(line, "this is not UTF-8", todo="save the file as UTF-8"))
        return lined
    # A directive could switch the reader to YAML 1.1, where NO means false.
    if directive := re.search(r"^%.*$", text, re.MULTILINE):
        found = f"a directive stands here: {directive[0]}"
        lined.faults.append(LineFault(_line(text, directive.start()), found, todo="remove it"))
        return lined
    try:
        yaml = YAML(typ="safe", pure=True)
        yaml.Composer = _Composer
        node = yaml.compose(text)
    except MarkedYAMLError as error:
        lined.faults.append(_syntax(error))
    except ReaderError as error:
        found = f"the character U+{ord(text[error.position]):04X} may not stand in YAML"
        lined.faults.append(LineFault(_line(text, error.position), found, todo="remove it"))
    except RecursionError:
        lined.faults.append(_WITHOUT_END)
    except (YAMLError, ArithmeticError, AssertionError, LookupError, ValueError) as error:
        # What the library makes of nonsense such as \\UFFFFFFFF.
        lined.faults.append(LineFault(1, f"this cannot be read as YAML ({type(error).__name__})"))
    else:
        if node is None:
            lined.faults.append(LineFault(1, "the file is empty"))
        else:
            lined.lines[()] = 1
            try:
                lined.value = _Values(lined).value(node, (), 1)
            except RecursionError:
                lined.faults.append(_WITHOUT_END)
    return lined


def _line(text: str, position: int) -> int:
    return text.count("\n", 0, position) + 1


def _syntax(error: MarkedYAMLError) -> LineFault:
    problem = str(error.problem or "")
    # A quote or bracket that is never closed is found at the end of the file and mended where it was opened.
    marks = (
        (error.context_mark, error.problem_mark) if "stream" in problem else (error.problem_mark, error.context_mark)
    )
    mark = marks[0] or marks[1]
    found = " ".join(part for part in (str(error.context or ""), problem) if part)
    tab = "\\t" in problem
    todo = "indent with spaces, never with tabs" if tab else "check indentation, colons and quotes around here"
    return LineFault(mark.line + 1 if mark else 1, f"this is not valid YAML ({found})", todo=todo)


class _Composer(Composer):
    """Refuses aliases: they can make a small file endless, and hide from a reader what stands where."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.parser.check_event(AliasEvent):
            raise ComposerError("an alias (*) stands here", None, None, self.parser.peek_event().start_mark)
        return super().compose_node(parent, index)


class _Values:
    """Turns nodes into values, noting lines and faults."""

    def __init__(self, lined: Lined) -> None:
        self.lined = lined

    def value(self, node: Node, loc: Loc, line: int) -> object:
        if isinstance(node, MappingNode):
            return self._mapping(node, loc)
        if isinstance(node, SequenceNode):
            return self._sequence(node, loc)
        return self._scalar(node, line)

    def _mapping(self, node: MappingNode, loc: Loc) -> dict[str, object]:
        values: dict[str, object] = {}
        for key, item in node.value:
            line = key.start_mark.line + 1
            if not isinstance(key, ScalarNode) or key.tag == f"{_TAG}merge":
                self._refuse(line, "this cannot name a field", "write a name and a colon")
            elif key.value in values:
                first = self.lined.lines[*loc, key.value]
                self._refuse(line, f"“{key.value}” stands here twice, first in line {first}", "remove one of the two")
            else:
                self.lined.lines[*loc, key.value] = line
                values[key.value] = None
                values[key.value] = self.value(item, (*loc, key.value), line)
        return values

    def _sequence(self, node: SequenceNode, loc: Loc) -> list[object]:
        values = []
        for number, item in enumerate(node.value):
            line = item.start_mark.line + 1
            self.lined.lines[*loc, number] = line
            values.append(self.value(item, (*loc, number), line))
        return values

    def _scalar(self, node: Node, line: int) -> object:
        kind, text = str(node.tag).removeprefix(_TAG), str(node.value)
        if kind in {"str", "timestamp", "value"}:
            if any("\ud800" <= char <= "\udfff" for char in text):
                self._refuse(line, "half a character stands here", "write the character itself")
            return text.encode("utf-8", "replace").decode()
        if kind == "null":
            return None
        if kind == "bool":
            return text.lower() == "true"
        digits = text.replace("_", "").lower()
        try:
            if kind == "float":
                return float(digits.replace(".inf", "inf").replace(".nan", "nan"))
            if kind == "int":
                return int(digits) if re.fullmatch(r"[-+]?\d+", digits) else int(digits, 0)
        except ValueError:
            # A tag says so, or it has thousands of digits.
            self._refuse(line, f"this cannot be read as a number: {text[:20]}", "write a number that people can read")
            return None
        self._refuse(line, f"the tag {node.tag} stands here", "write the value without it")
        return None

    def _refuse(self, line: int, found: str, todo: str) -> None:
        self.lined.faults.append(LineFault(line, found, todo=todo))
