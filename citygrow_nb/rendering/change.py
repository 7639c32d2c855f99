"""What changed since the round before, in words that claim no more than the test of docs/method.md allows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from citygrow_nb.model import Benchmark, Direction, FactorResult, Scorecard
from citygrow_nb.rendering.environment import count, interval, number, percent, render
from citygrow_nb.rendering.fragments import Fragment
from citygrow_nb.scoring import Changes


def changes_table(
    benchmark: Benchmark,
    changes: Changes,
    round_label: str,
    links: Mapping[str, str] | None = None,
    *,
    brief: bool = False,
) -> Fragment:
    """Show each key factor then and now, which questions moved, and what makes the comparison unsure.

    Parameters
    ----------
    benchmark, changes
        What was asked, and what changed.
    round_label
        Label of the present round.
    links
        Page of each key factor by code (optional).
    brief
        Whether the table is left out, because what stands beside it says the same.
    """
    moves = (
        ("higher", [item for item in changes.moved if item.now > item.then]),
        ("lower", [item for item in changes.moved if item.now < item.then]),
    )
    sentence = change_sentence(changes)
    html = render(
        "changes.html.j2",
        changes=changes,
        brief=brief,
        round=round_label,
        rows=[(benchmark.factors[change.code], change) for change in changes.factors],
        sentence=sentence,
        moves=moves,
        bounds=_bounds,
        cautions=list(_cautions(changes)),
        links=links or {},
    )
    return Fragment(html, sentence)


def change_sentence(changes: Changes) -> str:
    """Say in one sentence what became of the overall score and of how many key factors."""
    tally = Counter(change.direction for change in changes.factors)
    words: dict[Direction | None, str] = {
        Direction.UP: "went up",
        Direction.DOWN: "went down",
        Direction.SAME: "show no change that this test can tell",
        Direction.UNCLEAR: "are not clear",
        None: "cannot be compared",
    }
    one = {"show no": "shows no", "are not": "is not"}
    told = ", ".join(
        f"{tally[way]} {word if tally[way] > 1 else one.get(word[:7], word[:7]) + word[7:]}"
        for way, word in words.items()
        if tally[way]
    )
    then, now = number(changes.then.score), number(changes.now.score)
    scores = f"overall score {then} then, {now} now"
    overall = {
        Direction.UP: f"All questions together went up ({scores}).",
        Direction.DOWN: f"All questions together went down ({scores}).",
        Direction.SAME: f"All questions together show no change that this test can tell ({scores}).",
        Direction.UNCLEAR: f"Whether all questions together changed is not clear: {_span(changes.then)} then, "
        f"{_span(changes.now)} now.",
        None: f"The two rounds as a whole cannot be compared: {_span(changes.then)} then, {_span(changes.now)} now.",
    }[changes.direction]
    return f"{overall} Of {count(len(changes.factors), 'key factor')}, {told}."


def _span(card: Scorecard) -> str:
    return "no score" if card.score is None else f"{number(card.score)}{_bounds(card)}"


def _bounds(result: FactorResult | Scorecard) -> str:
    written = interval(result.lower, result.upper)
    return "" if written == number(result.score) or result.lower is None else f" (bounds {written})"


def _cautions(changes: Changes) -> Iterator[str]:
    then, now = changes.then.coverage, changes.now.coverage
    if then != now:
        yield f"Coverage was {percent(then)} then and is {percent(now)} now, so scores rest on different questions."
    if changes.other_questions:
        yield "Questions that do not apply are not the same in both rounds."
    if changes.version:
        yield (
            f"The round before was answered with version {changes.version} of the benchmark. Wordings may have changed "
            "in between, so read the change with care."
        )
    if changes.other_voices:
        yield (
            "For some questions not the same voices count: the city's agreed answer in one round and the mean over "
            "voices in the other, or other institutions or roles. Those key factors cannot be compared."
        )
