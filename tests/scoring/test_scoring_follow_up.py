"""What became of targets is said from the answers alone, and nothing is called reached that is not known."""

from __future__ import annotations

import pytest

from citygrow_nb.model import Action, ActionStatus, Answer, Target
from citygrow_nb.scoring import Reached, follow_up, is_overdue
from tests.factories import assessment, dont_know, rated


@pytest.mark.parametrize(
    ("then", "now", "reached"),
    [
        (rated(1), rated(2), Reached.REACHED),
        (rated(1), rated(3), Reached.REACHED),
        (rated(0), rated(1), Reached.NEARER),
        (rated(1), rated(1), Reached.NOT_YET),
        (rated(1), rated(0), Reached.NOT_YET),
        (None, rated(1), Reached.NOT_YET),
        (rated(1), dont_know(), Reached.NOT_KNOWN),
        (rated(1), None, Reached.NOT_KNOWN),
    ],
)
def test_each_target_is_followed_up(then: Answer | None, now: Answer | None, reached: Reached) -> None:
    plan = Action(id="a", what="Ask", targets=(Target(code="KF1.Q1", level=2),))
    before = assessment(round_label="2024", actions=(plan,)).with_answer("KF1.Q1", then)
    after = assessment(round_label="2026").with_answer("KF1.Q1", now)
    (found,) = follow_up(before, after)
    assert found.reached is reached
    assert (found.then, found.now) == (then and then.level, now and now.level)


@pytest.mark.parametrize(
    ("by", "status", "late"),
    [
        ("2026-10", ActionStatus.PLANNED, True),
        ("2026-10", ActionStatus.UNDER_WAY, True),
        ("2026-10", ActionStatus.DONE, False),
        ("2026-10", ActionStatus.GIVEN_UP, False),
        ("2026-11", ActionStatus.PLANNED, False),
        ("", ActionStatus.PLANNED, False),
    ],
)
def test_overdue_is_what_is_not_over_and_past_its_month(by: str, status: ActionStatus, late: bool) -> None:
    action = Action(id="a", what="Ask", targets=(Target(code="KF1.Q1", level=2, by=by),), status=status)
    assert is_overdue(action, "2026-11-29") is late
