"""The portfolio's tables hold everything its pages show, and nothing that a spreadsheet program would run."""

from __future__ import annotations

import csv
import io
import zipfile
from unittest.mock import patch

import pytest
from openpyxl import load_workbook

from citygrow_nb import tables
from citygrow_nb.model import Benchmark, CityFigures
from citygrow_nb.tables.cells import original
from tests.factories import HOSTILE, figures


@pytest.fixture(scope="module")
def cities(benchmark: Benchmark) -> list[CityFigures]:
    return [
        figures(benchmark, "Alpha", 3, 2, None, country="PL", population=655_000),
        figures(benchmark, "Alpha", 1, round_label="2024"),
        figures(benchmark, HOSTILE, 0),
    ]


def rows_of(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_csv_has_a_row_for_each_self_test_with_every_figure(benchmark: Benchmark, cities: list[CityFigures]) -> None:
    """Score, bounds, coverage and standing of every key factor stand in the row, in the order given."""
    first, second, _ = rows_of(tables.portfolio_csv(benchmark, cities))
    assert (first["city"], first["country"], first["size_group"]) == ("Alpha", "PL", "500,000 to 999,999")
    assert (first["round"], first["latest"], second["round"], second["latest"]) == ("2026", "yes", "2024", "no")
    assert [first[f"KF1_{name}"] for name in ("score", "lower", "upper", "coverage", "standing")] == [
        "100.0",
        "100.0",
        "100.0",
        "1.0",
        "met",
    ]
    assert (first["KF3_score"], first["KF3_lower"], first["KF3_standing"]) == ("", "0.0", "unknown")
    assert {f"{code}_standing" for code in benchmark.factors} <= first.keys()


def test_csv_opens_in_excel_with_its_letters(benchmark: Benchmark, cities: list[CityFigures]) -> None:
    """The file begins with a byte order mark, without which Excel takes UTF-8 for something else."""
    assert tables.portfolio_csv(benchmark, cities).startswith(b"\xef\xbb\xbfcity,")


def test_no_name_becomes_a_formula(benchmark: Benchmark, cities: list[CityFigures]) -> None:
    """A name that begins like a formula is text in both files, and can be had back unchanged."""
    written = rows_of(tables.portfolio_csv(benchmark, cities))[2]["city"]
    assert written.startswith("'=")
    assert original(written) == HOSTILE
    split = cities[0].model_copy(update={"city": cities[0].city.model_copy(update={"name": "Alpha; =1+1;x"})})
    # Programs of many countries part cells at semicolons, whatever the quotes.
    assert b"Alpha;' =1+1;x" in tables.portfolio_csv(benchmark, [split])
    book = load_workbook(io.BytesIO(tables.portfolio_xlsx(benchmark, cities, ("=1+1",))))
    cell = book["self-tests"]["A4"]
    assert (cell.value, cell.data_type, cell.quotePrefix) == (HOSTILE, "s", True)
    assert (book["left out"]["A2"].value, book["left out"]["A2"].data_type) == ("=1+1", "s")
    assert [cell.coordinate for sheet in book for row in sheet for cell in row if cell.data_type == "f"] == []


def test_both_files_hold_the_same_rows(benchmark: Benchmark, cities: list[CityFigures]) -> None:
    """XLSX has numbers where CSV has their digits, and the same columns."""
    header, *rows = load_workbook(io.BytesIO(tables.portfolio_xlsx(benchmark, cities)))["self-tests"].values
    for row, record in zip(rows, rows_of(tables.portfolio_csv(benchmark, cities)), strict=True):
        found = dict(zip(header, row, strict=True))
        assert list(found) == list(record)
        assert found["KF1_score"] == float(record["KF1_score"])
        assert found["city"] == original(record["city"])


def test_counts_are_of_latest_rounds(benchmark: Benchmark, cities: list[CityFigures]) -> None:
    """The second sheet counts each city once."""
    header, first, *_ = load_workbook(io.BytesIO(tables.portfolio_xlsx(benchmark, cities)))["key factors"].values
    counts = dict(zip(header, first, strict=True))
    assert (counts["code"], counts["met"], counts["gap"], counts["close"]) == ("KF1", 1, 1, 0)


def test_equal_portfolios_give_equal_bytes(benchmark: Benchmark, cities: list[CityFigures]) -> None:
    """Neither the moment nor the machine shows in the file."""
    first = tables.portfolio_xlsx(benchmark, cities)
    with patch("time.time", return_value=2e9):
        assert tables.portfolio_xlsx(benchmark, cities) == first
    with zipfile.ZipFile(io.BytesIO(first)) as archive:
        assert {(info.date_time, info.create_system) for info in archive.infolist()} == {((1980, 1, 1, 0, 0, 0), 3)}
        assert b"1980-01-01T00:00:00Z" in archive.read("docProps/core.xml")


def test_records_hold_what_is_unknown_as_none(benchmark: Benchmark, cities: list[CityFigures]) -> None:
    """pandas gets flat rows with true and false, numbers and None."""
    first, second, third = tables.portfolio_records(cities)
    assert first["latest"] is True
    assert second["latest"] is False
    assert (first["KF3_score"], third["population"], third["size_group"]) == (None, None, None)
    assert all(not isinstance(value, dict | list) for value in first.values())
