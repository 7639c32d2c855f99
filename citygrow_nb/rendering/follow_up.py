"""What became of the plan of the round before, and which actions are overdue."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from citygrow_nb.model import Benchmark
from citygrow_nb.rendering.environment import count, render
from citygrow_nb.rendering.fragments import Fragment
from citygrow_nb.scoring import FollowUp, Reached

REACHED_WORDS = {
    Reached.REACHED: "reached",
    Reached.NEARER: "nearer",
    Reached.NOT_YET: "not yet",
    Reached.NOT_KNOWN: "not known",
}


def followed_up(
    benchmark: Benchmark, found: Sequence[FollowUp], before: str, links: Mapping[str, str] | None = None
) -> Fragment:
    """Show for each target of the round before what became of it.

    Parameters
    ----------
    benchmark, found
        What was asked, and what became of the targets.
    before
        Label of the round before.
    links
        Page of each key factor by code (optional).
    """
    sentence = follow_up_sentence(found, before)
    html = render(
        "follow-up.html.j2",
        rows=found,
        sentence=sentence,
        before=before,
        words=REACHED_WORDS,
        questions=benchmark.questions,
        links=links or {},
    )
    return Fragment(html, sentence)


def follow_up_sentence(found: Sequence[FollowUp], before: str) -> str:
    """Say how many targets of the round before were reached, and how many not.

    >>> follow_up_sentence([], "2024")
    'The plan of 2024 had no targets.'
    """
    if not found:
        return f"The plan of {before} had no targets."
    tally = Counter(item.reached for item in found)
    told = [f"{tally[way]} {words}" for way, words in REACHED_WORDS.items() if tally[way]]
    return f"Of {count(len(found), 'target')} set in {before}: {', '.join(told)}."
