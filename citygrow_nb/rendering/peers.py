"""Peer review: how a city sees itself and how reviewers from other cities see it, side by side."""

from __future__ import annotations

from collections.abc import Mapping

from citygrow_nb import scoring
from citygrow_nb.model import Assessment, Benchmark
from citygrow_nb.rendering.environment import number, render
from citygrow_nb.rendering.fragments import Fragment


def peer_review(
    benchmark: Benchmark, assessment: Assessment, links: Mapping[str, str] | None = None
) -> Fragment | None:
    """Show both views of every key factor, and the questions on which they differ most; None where nobody reviewed.

    Parameters
    ----------
    benchmark, assessment
        What was asked and answered.
    links
        Page of each key factor by code (optional).
    """
    views = scoring.self_and_peers(benchmark, assessment)
    if views is None:
        return None
    own, outside = views
    rows = [(factor, own.factor(factor.code), outside.factor(factor.code)) for factor in benchmark.key_factors]
    apart = [
        (benchmark.questions[mine.code], mine.level, theirs.level)
        for _, inner, outer in rows
        for mine, theirs in zip(inner.questions, outer.questions, strict=True)
        if mine.level is not None and theirs.level is not None and mine.level != theirs.level
    ]
    apart.sort(key=lambda row: -abs(row[1] - row[2]))
    names = [
        (respondent.role, respondent.from_city)
        for key, respondent in assessment.respondents.items()
        if respondent.from_city and assessment.responses.get(key)
    ]
    html = render("peers.html.j2", rows=rows, apart=apart, names=names, links=links or {})
    return Fragment(html, "\n".join(f"{f.code}: {number(a.score)}, {number(b.score)}" for f, a, b in rows))
