"""What became of the targets that a city set itself in the round before. Pure functions."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from citygrow_nb.model import Action, Assessment, Target
from citygrow_nb.scoring.voices import Exact, take_together


class Reached(StrEnum):
    """What became of one target."""

    REACHED = "reached"
    NEARER = "nearer"
    NOT_YET = "not_yet"
    NOT_KNOWN = "not_known"


@dataclass(frozen=True)
class FollowUp:
    """One target of the round before, and where its question stands now.

    Parameters
    ----------
    action, target
        What was planned.
    then, now
        Level 0 to 3 in either round; None where it is not known or does not apply.
    reached
        What became of it: ``nearer`` only where both levels are known.
    """

    action: Action
    target: Target
    then: float | None
    now: float | None
    reached: Reached


def follow_up(earlier: Assessment, assessment: Assessment) -> tuple[FollowUp, ...]:
    """Return what became of each target of the round before, in the order of its plan.

    Parameters
    ----------
    earlier, assessment
        The round before, and this one.
    """
    return tuple(
        _followed(action, target, earlier, assessment) for action in earlier.actions for target in action.targets
    )


def _followed(action: Action, target: Target, earlier: Assessment, assessment: Assessment) -> FollowUp:
    # Exact: of 201 persons one may be below.
    then = take_together(target.code, earlier).level
    now = take_together(target.code, assessment).level
    if now is None:
        reached = Reached.NOT_KNOWN
    elif now >= target.level:
        reached = Reached.REACHED
    else:
        reached = Reached.NEARER if then is not None and now > then else Reached.NOT_YET
    return FollowUp(action, target, _rounded(then), _rounded(now), reached)


def _rounded(level: Exact | None) -> float | None:
    return None if level is None else round(float(level), 6)


def is_overdue(action: Action, today: str) -> bool:
    """Tell whether an action that is not over has a target whose month has passed.

    Parameters
    ----------
    action
        The action.
    today
        The day, as in 2026-11-22.
    """
    return not action.status.is_over and any(target.by and target.by < today[:7] for target in action.targets)
