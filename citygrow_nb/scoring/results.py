"""What a program needs to know of a self-test: scores, what could turn them, what became of the round before."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from citygrow_nb.model import Assessment, Benchmark, BenchmarkRef, CityFigures, Results
from citygrow_nb.scoring.change import Changes, compare, since
from citygrow_nb.scoring.scorecard import score
from citygrow_nb.scoring.sensitivity import sensitivity


def results(
    benchmark: Benchmark,
    assessment: Assessment,
    earlier: Assessment | None = None,
    *,
    changes: Changes | None = None,
) -> Results:
    """Return the scorecard with what a program needs to know about it (``results.json``).

    Parameters
    ----------
    benchmark, assessment
        What was asked and answered.
    earlier
        The city's round before, if there was one.
    changes
        What :func:`~citygrow_nb.scoring.compare` says of the two, where that is known already.
    """
    moved = changes or (compare(benchmark, earlier, assessment) if earlier else None)
    card = moved.now if moved else score(benchmark, assessment)
    last = last_change(assessment)
    return Results(
        benchmark=BenchmarkRef(id=benchmark.id, version=benchmark.version),
        answered=assessment.benchmark.version,
        city=assessment.city,
        round=assessment.round,
        changed_on=last.date().isoformat() if last else "",
        scorecard=card,
        sensitivity=sensitivity(benchmark, assessment, card),
        since=since(moved) if moved else None,
        context={code: assessment.context[code] for code in benchmark.contexts if code in assessment.context},
        # With whom a city does not want to work is for those who find mentors, and for no page.
        mentoring=assessment.mentoring.model_copy(update={"not_with": ()}),
    )


def figures(benchmark: Benchmark, assessment: Assessment) -> CityFigures:
    """Return what a portfolio shows of a self-test, without a comparison with the round before."""
    return CityFigures.of(results(benchmark, assessment))


def last_change(assessment: Assessment) -> datetime | None:
    """Return when anything was last changed, in UTC; None where nothing says so."""
    return max(_times(assessment), default=None)


def _times(assessment: Assessment) -> Iterator[datetime]:
    given = [answer.updated_at for answers in assessment.responses.values() for answer in answers.values()]
    given += [group.counted_at for group in assessment.groups]
    given += [reading.updated_at for reading in assessment.context.values()]
    given += [action.updated_at for action in assessment.actions]
    yield from (moment.astimezone(UTC) for moment in given if moment is not None)
