"""From places in a benchmark's data to files and lines, and so from faults to problems."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from citygrow_nb.benchmarks.drafts import Todo
from citygrow_nb.benchmarks.faults import Fault, Loc
from citygrow_nb.exceptions import Problem


class Places:
    """Where the data of one benchmark came from, and what is wrong there.

    Parameters
    ----------
    root
        Folder or file that is read.

    Attributes
    ----------
    lines
        File and line of fields and list items; empty for compiled JSON, which nobody edits.
    unread
        Places in the data whose file could not be read: their emptiness is no further fault.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.lines: dict[Loc, tuple[Path, int]] = {}
        self.unread: set[Loc] = set()
        self._found: list[tuple[Path, int, Problem]] = []

    def note(self, file: Path, line: int, found: str, allowed: str = "", todo: str = "", *, code: str = "") -> None:
        """Note what is wrong in one line of a file; line 0 stands for the file as a whole."""
        where = f"{file}, line {line}" if line else str(file)
        self._found.append((file, line, Problem(f"{where} ({code})" if code else where, found, allowed, todo)))

    def note_faults(self, faults: Iterable[Fault], data: dict[str, Any]) -> None:
        """Note faults of the content, except where nothing could be read anyway."""
        for fault in faults:
            if any(fault.loc[:length] in self.unread for length in range(len(fault.loc) + 1)):
                continue
            found = fault.found if fault.other is None else f"{fault.found}, as in {self._short(fault.other)}"
            place, code = self._place(fault.loc), _code_around(data, fault.loc)
            if place is None:
                code = " ".join(filter(None, (_dotted(fault.loc), code)))
            self.note(*(place or (self.root, 0)), found, fault.allowed, fault.todo, code=code)

    def problems(self) -> list[Problem]:
        """Return everything noted, each once, file by file and line by line."""
        files = {file: number for number, file in enumerate(dict.fromkeys(file for file, _ in self.lines.values()))}
        ordered = sorted(self._found, key=lambda found: (files.get(found[0], len(files)), found[1]))
        return list(dict.fromkeys(problem for _, _, problem in ordered))

    def todos(self, todos: Iterable[Todo]) -> list[Problem]:
        """Return what is still to do as sentences with file and line."""
        files = {file: number for number, file in enumerate(dict.fromkeys(file for file, _ in self.lines.values()))}
        placed = [(self._place(todo.loc) or (self.root, 0), todo.what) for todo in todos]
        placed.sort(key=lambda item: (files.get(item[0][0], len(files)), item[0][1]))
        return [Problem(f"{file}, line {line}" if line else str(file), what) for (file, line), what in placed]

    def _place(self, loc: Loc) -> tuple[Path, int] | None:
        # A missing field has no line of its own; what should hold it has.
        return next((self.lines[loc[:n]] for n in range(len(loc), -1, -1) if loc[:n] in self.lines), None)

    def _short(self, loc: Loc) -> str:
        place = self._place(loc)
        return f"{place[0].name}, line {place[1]}" if place else _dotted(loc)


def _dotted(loc: Loc) -> str:
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in loc).lstrip(".")


def _code_around(data: Any, loc: Loc) -> str:
    code, value = "", data
    for step in loc:
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            break
        if isinstance(value, dict) and isinstance(value.get("code"), str):
            code = value["code"]
    return code
