"""The page on method: how the scores come about, what they cannot say, and from what exactly the report was made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from citygrow_nb import scoring
from citygrow_nb.model import SMALLEST_GROUP, Assessment, Benchmark
from citygrow_nb.rendering.environment import render
from citygrow_nb.rendering.firmness import firmness
from citygrow_nb.rendering.fragments import Fragment
from citygrow_nb.scoring import Changes

_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


@dataclass(frozen=True)
class Provenance:
    """From what a report was made.

    Parameters
    ----------
    document, benchmark
        SHA-256 of the assessment document and of the compiled benchmark.
    versions
        Version of each piece of software by name.
    """

    document: str
    benchmark: str
    versions: Mapping[str, str] = field(default_factory=dict)


def date_of(assessment: Assessment) -> str:
    """Return the day on which anything was last changed, or ``""``: a report's date, whenever it is made.

    >>> from citygrow_nb.model import Answer, BenchmarkRef, City, State
    >>> city = Assessment(benchmark=BenchmarkRef(id="demo", version="1.0.0"), city=City(name="A", slug="a"), round="1")
    >>> date_of(city.with_answer("KF1.Q1", Answer(state=State.RATED, level=1, updated_at="2026-11-22T23:30:00-02:00")))
    '23 November 2026'
    """
    last = scoring.last_change(assessment)
    return f"{last.day} {_MONTHS[last.month - 1]} {last.year}" if last else ""


def method(
    benchmark: Benchmark, assessment: Assessment, provenance: Provenance, changes: Changes | None = None
) -> Fragment:
    """Explain the figures, beginning with the page's main heading.

    Parameters
    ----------
    benchmark, assessment
        What was asked and answered.
    provenance
        From what the report was made.
    changes
        What changed since the round before, where the report shows it.
    """
    scale = benchmark.scale
    weights = [(factor, scale.weights.get(factor.code, 1.0)) for factor in benchmark.key_factors]
    html = render(
        "method.html.j2",
        city=assessment.city,
        round=assessment.round,
        benchmark=benchmark,
        answered_version=assessment.benchmark.version,
        scale=scale,
        thresholds=scale.thresholds,
        weights=weights,
        equal=len({weight for _, weight in weights}) == 1,
        smallest=SMALLEST_GROUP,
        legend=Fragment(render("legend.html.j2", thresholds=scale.thresholds), ""),
        date=date_of(assessment),
        document=provenance.document,
        compiled=provenance.benchmark,
        versions=provenance.versions,
        changes=changes,
        firmness=firmness(benchmark, assessment),
        shift=scoring.SHIFT,
    )
    return Fragment(html, "How the scores come about")
