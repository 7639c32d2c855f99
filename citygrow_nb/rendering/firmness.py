"""How firm a result is, in words: what other weights, thresholds or one answer would turn."""

from __future__ import annotations

from collections.abc import Sequence

from citygrow_nb import scoring
from citygrow_nb.model import Assessment, Benchmark, Scorecard, Sensitivity
from citygrow_nb.rendering.cards import card_of
from citygrow_nb.rendering.environment import interval, render
from citygrow_nb.rendering.fragments import Fragment

NAMED = 3
"""Most key factors that the sentence names."""


def how_firm(benchmark: Benchmark, card: Scorecard, found: Sensitivity) -> str:
    """Say in one line what could turn a result.

    Parameters
    ----------
    benchmark, card, found
        What was asked, how it was scored, and what could turn that.
    """
    if card.score is None:
        return ""
    title = {factor.code: factor.short_title for factor in benchmark.key_factors}
    by_level = [title[factor.code] for factor in found.factors if factor.by_level]
    by_thresholds = [title[f.code] for f in found.factors if f.by_thresholds and not f.by_level]
    points = f"{scoring.SHIFT:g} points"
    told = [f"{card.met} of {len(card.factors)} met: holds for all weights"]
    if by_level:
        told.append(f"{_named(by_level)} with one answer one level off")
    if by_thresholds:
        told.append(f"{_named(by_thresholds)} with thresholds {points} lower or higher")
    if not (by_level or by_thresholds):
        told[0] += f", for thresholds {points} lower or higher, and with any one answer one level off"
    told.append(f"overall {interval(found.lowest, found.highest)} for all weights between half and double")
    return "; ".join(told) + "."


def _named(titles: Sequence[str]) -> str:
    shown, rest = list(titles[:NAMED]), len(titles) - NAMED
    if rest > 0:
        shown.append(f"{rest} more")
    names = shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"
    return f"{names} {'turns' if len(titles) == 1 else 'turn'}"


def firmness(benchmark: Benchmark, assessment: Assessment) -> Fragment:
    """Show for each key factor what would turn its standing, and how far the overall score can move.

    Parameters
    ----------
    benchmark, assessment
        What was asked and answered.
    """
    card = card_of(benchmark, assessment)
    found = scoring.sensitivity(benchmark, assessment, card)
    rows = [
        (factor, card.factor(factor.code), turns)
        for factor, turns in zip(benchmark.key_factors, found.factors, strict=True)
        if turns.turns
    ]
    sentence = how_firm(benchmark, card, found)
    html = render(
        "firmness.html.j2",
        sentence=sentence,
        rows=rows,
        found=found,
        rest=len(found.factors) - len(rows),
        shift=scoring.SHIFT,
        card=card,
    )
    return Fragment(html, sentence or "nothing is rated yet")
