"""What cells of an action plan hold besides text: targets and how far an action has come. Knows no file format."""

from __future__ import annotations

import re
from collections.abc import Collection

from pydantic import ValidationError

from citygrow_nb.model import Action, ActionStatus, Target
from citygrow_nb.model.fields import nearest
from citygrow_nb.tables import cells
from citygrow_nb.tables.cells import Cell, CellError

_TARGETS = "a question, its level and, if you like, the month, as in KF6.Q3=2 or KF6.Q3=2@2027-12; several with blanks"
_STATUS = {status.value.replace("_", ""): status for status in ActionStatus}


def targets(cell: Cell, known: Collection[str]) -> tuple[Target, ...]:
    """Return the targets that a cell names.

    >>> targets("KF6.Q3=2@2027-12", {"KF6.Q3"})
    (Target(code='KF6.Q3', level=2, by='2027-12'),)
    """
    found = []
    for word in cells.words(cell):
        match = re.fullmatch(r"(.+?)=([1-3])(?:@(.+))?", word)
        if not match:
            raise CellError(f"{cells.shown(word)} is not a target", _TARGETS)
        code = match[1].upper()
        if code not in known:
            near = nearest(code, known)
            found_ = f"the benchmark has no guide question {cells.shown(code)}"
            raise CellError(found_, todo=f"did you mean “{near}”?" if near else "")
        try:
            found.append(Target.model_validate({"code": code, "level": int(match[2]), "by": match[3] or ""}))
        except ValidationError as error:
            raise CellError(f"{cells.shown(word)} is not a target", _TARGETS) from error
    if len({target.code for target in found}) < len(found):
        raise CellError("two targets are for the same question", todo="keep one of them")
    return tuple(found)


def targets_text(action: Action) -> str:
    """Return an action's targets as :func:`targets` reads them."""
    return " ".join(f"{item.code}={item.level}{item.by and '@'}{item.by}" for item in action.targets)


def status(cell: Cell) -> ActionStatus:
    """Return how far an action has come."""
    word = re.sub(r"[\s_-]+", "", cells.line(cell).casefold())
    if word not in _STATUS:
        raise CellError(f"{cells.shown(cell)} is not how far an action can be", ", ".join(ActionStatus))
    return _STATUS[word]
