"""What a secretariat takes along of a whole network: matches, and how far cities are, as tables."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from citygrow_nb.model import Benchmark, Decision, Fit, Matching
from citygrow_nb.model.mentoring import PRIORITIES
from citygrow_nb.model.status import CityStatus
from citygrow_nb.tables.csvfile import Columns
from citygrow_nb.tables.lists import DECISIONS
from citygrow_nb.tables.spreadsheet import Spreadsheet
from citygrow_nb.workspace import MENTORING_XLSX

_MATCHES = (
    *("factor", "key_factor", "mentee", "mentee_slug", "priority", "mentor", "mentor_slug", "pinned", "points"),
    *Fit.model_fields,
    "reasons",
)
_UNSERVED = ("factor", "key_factor", "mentee", "mentee_slug", "priority", "reason")
_STATUS = ("city", "slug", "country", "round", "state", "answered", "questions", "missing", "last_change", "last_round")


def mentoring_csv(benchmark: Benchmark, matching: Matching) -> bytes:
    """Return all matches as a CSV file: UTF-8 with a byte order mark, no formula, one row a match."""
    return _csv(_MATCHES, _matches(benchmark, matching))


def mentoring_xlsx(benchmark: Benchmark, matching: Matching) -> bytes:
    """Return all matches as an XLSX file, with a sheet for the needs that nobody serves; equal matches, equal bytes."""
    file = io.BytesIO()
    with Spreadsheet(
        file, Path(MENTORING_XLSX), {"matches": _MATCHES, "without a mentor": _UNSERVED}, frozen=1
    ) as book:
        for line in _matches(benchmark, matching):
            book.put("matches", line)
        for item in matching.unserved:
            book.put(
                "without a mentor",
                {
                    "factor": item.factor,
                    "key_factor": benchmark.factors[item.factor].title,
                    "mentee": item.mentee.name,
                    "mentee_slug": item.mentee.slug,
                    "priority": PRIORITIES[item.priority],
                    "reason": item.reason,
                },
            )
    return file.getvalue()


def _matches(benchmark: Benchmark, matching: Matching) -> Iterator[dict[str, Any]]:
    for match in matching.matches:
        yield {
            "factor": match.factor,
            "key_factor": benchmark.factors[match.factor].title,
            "mentee": match.mentee.name,
            "mentee_slug": match.mentee.slug,
            "priority": PRIORITIES[match.priority],
            "mentor": match.mentor.name,
            "mentor_slug": match.mentor.slug,
            "pinned": "yes" if match.pinned else "no",
            "points": match.fit.total,
            **match.fit.model_dump(),
            "reasons": " ".join(match.reasons),
        }


def status_csv(benchmark: Benchmark, cities: Sequence[CityStatus]) -> bytes:
    """Return how far cities are as a CSV file to write reminders from, with what a list of expected cities says more.

    Parameters
    ----------
    benchmark
        What is asked.
    cities
        The cities, in the order of the rows.
    """
    more = dict.fromkeys(name for city in cities for name in city.more)
    columns = (*_STATUS, *(name for name in more if name not in _STATUS))
    return _csv(
        columns,
        (
            {
                **city.more,
                "city": city.name,
                "slug": city.slug,
                "country": city.country,
                "round": city.round,
                "state": city.begun.replace("_", " "),
                "answered": city.answered,
                "questions": city.questions,
                "missing": ", ".join(
                    f"{benchmark.factors[part.factor].short_title} {part.questions}" for part in city.missing
                ),
                "last_change": city.changed_on,
                "last_round": city.before,
            }
            for city in cities
        ),
    )


def decisions_csv(decisions: Sequence[Decision]) -> bytes:
    """Return decisions as the list that :func:`~citygrow_nb.tables.decisions` reads."""
    return _csv(DECISIONS, (item.model_dump() for item in decisions))


def _csv(columns: Sequence[str], lines: Iterator[dict[str, Any]]) -> bytes:
    file = io.BytesIO()
    with Columns(file, columns, ",") as table:
        for line in lines:
            table.put("", line)
    return file.getvalue()
