"""Which answers a command is about."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from citygrow_nb.exceptions import one_line

if TYPE_CHECKING:
    from citygrow_nb.batch import Gathered
    from citygrow_nb.model import Assessment
    from citygrow_nb.workspace import Workspace


def selected(
    workspace: Workspace, sources: tuple[Path, ...], benchmark: str, label: str, cities: tuple[str, ...] = ()
) -> Gathered:
    """Return what of the sources a command is about; without sources the answers of the workspace.

    Parameters
    ----------
    workspace, sources, benchmark, label, cities
        Where to look, and for what: a benchmark's id, a round, some cities.
    """
    from citygrow_nb import batch

    where = sources or (workspace.answers,)
    if not sources:
        workspace.require_toolkit_first()
    gathered = batch.gather(where, workspace, round_label=label, benchmark_id=benchmark)
    return batch.select(gathered, one_line(where), round_label=label, benchmark=benchmark, cities=cities)


def last_rounds(found: list[Assessment]) -> list[Assessment]:
    """Return the last round of each city."""
    from citygrow_nb.model.fields import natural

    last: dict[str, Assessment] = {}
    for item in sorted(found, key=lambda item: natural(item.round)):
        last[item.city.slug] = item
    return list(last.values())
