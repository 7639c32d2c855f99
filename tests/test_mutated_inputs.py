"""Whatever stands in a file, it is read or refused in a sentence, soon, and costs nobody else anything."""

from __future__ import annotations

import pytest

from tests import mutated_inputs
from tests.proof import times


@pytest.mark.slow
def test_mutated_inputs_cost_only_themselves() -> None:
    """No traceback, no unexpected fault, none longer than 5 s or above 500 MB, and a healthy city beside is whole."""
    found, longest, most = mutated_inputs.faults(times(300, 10_000), seed=1)
    assert found == []
    assert longest <= mutated_inputs.SECONDS
    assert most <= mutated_inputs.MEGABYTES


def test_seeds_are_healthy() -> None:
    """What is mutated is read as it stands, so that a mutant tells of its faults and of no others."""
    with mutated_inputs.Watched() as watched:
        for name, content in mutated_inputs.seeds().items():
            outcome = watched.read(mutated_inputs.Mutant(0, name, content))
            assert outcome.fault == "", name
