"""The best assignment of needs to places on one key factor: exact, and the same for the same network.

On each key factor a need takes one place of one mentor, so key factors do not touch each other, and each is an
assignment problem with a table of points. It is solved by the shortest augmenting paths of
:func:`scipy.optimize.linear_sum_assignment` (D. F. Crouse, *On implementing 2D rectangular assignment algorithms*,
IEEE Transactions on Aerospace and Electronic Systems 52, 2016), which finds the optimum and not an approximation.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Table = NDArray[Any]

Solver = Callable[["Table", "Table"], list[int]]
"""Takes points of needs (rows) with mentors (columns), below 0 where the two must not meet, and the places of each
mentor; returns for each need its mentor, or -1."""


def is_available() -> bool:
    """Tell whether what the solver needs is installed."""
    return find_spec("scipy") is not None


def best(points: Table, places: Table) -> list[int]:
    """Return the assignment with the most points; among equals that of mentors who stand further to the left.

    Parameters
    ----------
    points
        Whole numbers, needs by mentors; below 0 where the two must not meet.
    places
        How many needs each mentor can take.

    Returns
    -------
    list of int
        Mentor of each need, or -1.
    """
    needs, mentors = points.shape
    if not needs or not mentors:
        return [-1] * needs
    import numpy as np
    from scipy.optimize import linear_sum_assignment

    # All that a tie can add up to stays below one unit of points. To be served is worth something in itself.
    ties = np.arange(mentors, 0, -1)
    worth = np.where(points < 0, 0, points * (needs * mentors + 1) + ties)
    columns = np.repeat(np.arange(mentors), np.minimum(places, needs))
    rows, found = linear_sum_assignment(worth[:, columns].astype(float), maximize=True)
    chosen = [-1] * needs
    for row, column in zip(rows.tolist(), columns[found].tolist(), strict=True):
        if points[row, column] >= 0:
            chosen[row] = column
    return chosen


def greedy(points: Table, places: Table) -> list[int]:
    """Return the assignment that takes the best pair first, again and again; otherwise as :func:`best`."""
    import numpy as np

    left = places.copy()
    chosen = [-1] * len(points)
    mentors = points.shape[1]
    for pair in np.argsort(-points, axis=None, kind="stable").tolist():
        need, mentor = divmod(pair, mentors)
        if points[need, mentor] < 0:
            break
        if chosen[need] < 0 and left[mentor] > 0:
            chosen[need] = mentor
            left[mentor] -= 1
    return chosen


def bound(points: Table, places: Table) -> int:
    """Return what no assignment can exceed: every need with its best mentor, or every place with its best need."""
    import numpy as np

    open_ = np.maximum(points, 0)
    if not open_.size:
        return 0
    by_need = int(open_.max(axis=1).sum())
    best_first = -np.sort(-open_, axis=0)
    by_place = sum(int(best_first[:count, mentor].sum()) for mentor, count in enumerate(places.tolist()))
    return min(by_need, by_place)
