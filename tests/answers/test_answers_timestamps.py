"""Times of change."""

from __future__ import annotations

from hypothesis import given

from citygrow_nb.answers.merge import items, same
from citygrow_nb.answers.timestamps import stamp, stamped
from citygrow_nb.model import Assessment
from tests.factories import MORNING, assessments, few, later, rated

versions = assessments(say=few, round_label="2026")
NOON = later(105).replace(microsecond=1)  # documents that are drawn were changed at whole seconds


def test_one_answer() -> None:
    """A changed answer gets the time of the save, unless its writer gave another; an unchanged one keeps its own."""
    seen = rated(1, updated_at=MORNING)
    assert stamp(rated(2), seen, NOON).updated_at == NOON
    assert stamp(rated(2, updated_at=MORNING), seen, NOON).updated_at == NOON
    assert stamp(rated(2, updated_at=later(5)), seen, NOON).updated_at == later(5)
    assert stamp(rated(1, updated_at=later(5)), seen, NOON) == seen
    assert stamp(rated(1), None, NOON).updated_at == NOON
    assert stamp(rated(1, updated_at=MORNING), None, NOON).updated_at == MORNING


@given(versions, versions)
def test_stamps_change_nothing_else(mine: Assessment, base: Assessment) -> None:
    """Everything that differs from the base has a time afterwards, and no content is touched."""
    before = dict(items(base))
    after = stamped(mine, base, NOON)
    assert [key for key, value in items(mine) if not same(value, dict(items(after))[key])] == []
    for key, value in items(after):
        if key.what in {"answer", "context", "action"} and not same(value, before.get(key)):
            assert getattr(value, "updated_at", None) is not None
    assert stamped(after, base, later(999)) == stamped(after, base, NOON)
