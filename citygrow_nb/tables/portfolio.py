"""The portfolio as tables: one row for each self-test, and in XLSX one sheet more for what was left out."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from citygrow_nb.model import Benchmark, CityFigures, Standing, latest, size_group
from citygrow_nb.tables.csvfile import Columns
from citygrow_nb.tables.spreadsheet import Spreadsheet

SELF_TESTS, FACTORS, LEFT_OUT = "self-tests", "key factors", "left out"

_CITY = ("city", "slug", "country", "population", "size_group", "round", "latest")
_WHOLE = (
    *("score", "lower", "upper", "coverage", "met", "open", "disputed", "could_turn", "lowest", "highest"),
    "direction",
)
_FIGURES = ("score", "lower", "upper", "coverage", "standing", "open", "disputed", "could_turn", "direction")
_COUNTS = ("code", "key_factor", *Standing)


def portfolio_records(cities: Sequence[CityFigures]) -> list[dict[str, Any]]:
    """Return one flat row for each self-test.

    Parameters
    ----------
    cities
        Self-tests; rows stand in their order.

    Returns
    -------
    list of dict
        ``city``, ``slug``, ``country``, ``population``, ``size_group``, ``round``, ``latest`` (whether it is the city's
        last round); of the whole ``score``, ``lower``, ``upper`` (0 to 100), ``coverage`` (0 to 1), ``met``, and
        the numbers of questions ``open`` and ``disputed``, how many key factors ``could_turn``, the ``lowest`` and
        ``highest`` overall score over all weights, and the ``direction`` since the round before; the same for every key
        factor, as in ``KF1_score``, with ``KF1_standing``. What is unknown is None.
    """
    return list(_records(cities))


def portfolio_csv(benchmark: Benchmark, cities: Sequence[CityFigures]) -> bytes:
    """Return a portfolio as a CSV file: UTF-8 with a byte order mark, no formula, one row for each self-test.

    Parameters
    ----------
    benchmark
        What was asked.
    cities
        Self-tests of this benchmark, in the order of the rows.
    """
    file = io.BytesIO()
    with Columns(file, _columns(benchmark), ",") as table:
        for record in _records(cities):
            table.put(SELF_TESTS, _written(record))
    return file.getvalue()


def portfolio_xlsx(benchmark: Benchmark, cities: Sequence[CityFigures], left_out: Sequence[str] = ()) -> bytes:
    """Return a portfolio as an XLSX file; equal portfolios give equal bytes.

    Parameters
    ----------
    benchmark
        What was asked.
    cities
        Self-tests of this benchmark, in the order of the rows.
    left_out
        Sentences on what could not be read; they get a sheet of their own.

    Raises
    ------
    TableError
        If there are more self-tests than a sheet has rows.
    """
    sheets: dict[str, Sequence[str]] = {SELF_TESTS: _columns(benchmark), FACTORS: _COUNTS}
    if left_out:
        sheets[LEFT_OUT] = ("what",)
    file = io.BytesIO()
    with Spreadsheet(file, Path("portfolio.xlsx"), sheets, frozen=1) as book:
        for record in _records(cities):
            book.put(SELF_TESTS, _written(record))
        last = latest(cities)
        for position, factor in enumerate(benchmark.key_factors):
            counts: dict[str, Any] = dict.fromkeys(Standing, 0)
            for item in cities:
                counts[item.factors[position].standing] += (item.city.slug, item.round) in last
            book.put(FACTORS, {"code": factor.code, "key_factor": factor.title, **counts})
        for sentence in left_out:
            book.put(LEFT_OUT, {"what": sentence})
    return file.getvalue()


def _columns(benchmark: Benchmark) -> tuple[str, ...]:
    return (*_CITY, *_WHOLE, *(f"{code}_{name}" for code in benchmark.factors for name in _FIGURES))


def _records(cities: Sequence[CityFigures]) -> Iterator[dict[str, Any]]:
    last = latest(cities)
    return (_record(item, (item.city.slug, item.round) in last) for item in cities)


def _record(item: CityFigures, is_latest: bool) -> dict[str, Any]:
    group = size_group(item.city.population)
    row: dict[str, Any] = {
        "city": item.city.name,
        "slug": item.city.slug,
        "country": item.city.country,
        "population": item.city.population,
        "size_group": group and group.name,
        "round": item.round,
        "latest": is_latest,
        **{name: getattr(item, name) for name in _WHOLE},
    }
    for factor in item.factors:
        row |= {f"{factor.code}_{name}": getattr(factor, name) for name in _FIGURES}
        row[f"{factor.code}_standing"] = str(factor.standing)
    return row


def _written(record: dict[str, Any]) -> dict[str, Any]:
    """Return a record as people read it: rounded to what the measure can bear, and yes or no in words."""
    rounded = {name: round(value, 3) if isinstance(value, float) else value for name, value in record.items()}
    return rounded | {"latest": "yes" if record["latest"] else "no"}
