"""How often a test does what chance decides: a few times in every run, and often enough for a proof when asked.

``CITYGROW_PROOF=1`` asks for the proof, ``CITYGROW_SEED`` for one certain run; a test that fails prints its seed.
"""

from __future__ import annotations

import os
import random

WHOLE = bool(os.environ.get("CITYGROW_PROOF"))
"""Whether the whole proof is asked for; it takes an hour and more."""


def times(usual: int, proof: int) -> int:
    """Return how often to do something."""
    return proof if WHOLE else usual


def seeded(seed: int | None = None) -> random.Random:
    """Return a source of random numbers, another one in each run unless it is given, and print its seed."""
    if seed is None:
        seed = int(os.environ.get("CITYGROW_SEED", random.SystemRandom().randrange(2**32)))
    print(f"seed {seed}; run again with CITYGROW_SEED={seed}")
    return random.Random(seed)
