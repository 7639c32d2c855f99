"""Forms to fill in: what goes out to people without Jupyter, and comes back as a table."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from citygrow_nb.exceptions import Problem, UsageError
from citygrow_nb.model import Benchmark
from citygrow_nb.tables.forms import limesurvey, table, xlsform
from citygrow_nb.tables.forms.selection import Selection, select
from citygrow_nb.tables.forms.sheet import question_sheet

_MAKERS: dict[str, tuple[tuple[str, ...], Callable[[Path, Benchmark, Selection], None]]] = {
    "table": ((".csv", ".xlsx"), table.write),
    "xlsform": ((".xlsx",), xlsform.write),
    "limesurvey": ((".txt", ".tsv"), limesurvey.write),
}
FORMATS = tuple(_MAKERS)
"""A table of ours; XLSForm for KoboToolbox and ODK; LimeSurvey's tab-separated structure."""


def template(path: Path, benchmark: Benchmark, kind: str = "table", selection: Selection | None = None) -> None:
    """Write an empty form.

    Parameters
    ----------
    path
        The file.
    benchmark
        What is asked.
    kind
        One of :data:`FORMATS`.
    selection
        Which questions, and who is asked; everything when None.

    Raises
    ------
    UsageError
        If the ending does not fit the kind, or a survey would ask nothing.
    StoreError
        If it cannot be written; a file of this name then stands as it was.
    """
    endings, write = _MAKERS[kind]
    if path.suffix.lower() not in endings:
        raise UsageError(
            Problem(
                str(path), f"a form of the format {kind} ends otherwise", " or ".join(endings), "give it this ending"
            )
        )
    selection = selection or select(benchmark)
    if kind != "table" and not selection.factors:
        found = "only context factors were chosen, and the city as a whole reads these"
        raise UsageError(Problem(str(path), found, "key factors and guide questions", "choose one with --only"))
    write(path, benchmark, selection)


__all__ = ["FORMATS", "Selection", "question_sheet", "select", "template"]
