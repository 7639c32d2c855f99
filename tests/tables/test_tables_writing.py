"""Writing tables: what people see when they open them, and what they are told is missing."""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import Literal

import pytest
from openpyxl import load_workbook

from citygrow_nb import tables
from citygrow_nb.exceptions import StoreError, TableError
from citygrow_nb.model import Action, Assessment, BenchmarkRef, City, ContextReading, Group, Respondent
from tests.factories import MORNING, assessment, benchmark, dont_know, not_applicable, rated

DEMO = benchmark()


def city() -> Assessment:
    answers = {
        "KF1.Q1": rated(2, "=1+1", evidence=[{"title": "Report"}, {"title": "", "url": "https://x.example"}]),
        "KF1.Q2": not_applicable("no port"),
        "KF1.Q9": rated(0),
    }
    return assessment(
        city=City(name="Żabia Góra", slug="zabia-gora", country="PL", population=655_000),
        respondents={
            "econ": Respondent(role="Economy", kind="institution"),
            "agreed": Respondent(role="agreed answer of the city"),
        },
        responses={"econ": {"KF2.Q1": dont_know()}, "agreed": answers},
        context={"CF1": ContextReading(direction=-1, bears_on=("KF1", "KF2"), updated_at=MORNING)},
        actions=(Action(id="a1", what="-go"),),
    )


def test_long_csv_as_people_see_it(tmp_path: Path) -> None:
    """Agreed answers come first, further evidence has its own row, and nothing can run as a formula."""
    written = tables.write(tmp_path / "a.csv", [city()], DEMO)
    raw = written.path.read_bytes()
    assert raw.startswith(b"\xef\xbb\xbfcity,round,respondent,code,state,level,comment,evidence_title,evidence_url,")
    rows = list(csv.DictReader(raw.decode("utf-8-sig").splitlines()))
    assert [(row["respondent"], row["code"], row["state"], row["level"]) for row in rows] == [
        ("agreed", "KF1.Q1", "rated", "2"),
        ("agreed", "KF1.Q1", "rated", "2"),
        ("agreed", "KF1.Q2", "not_applicable", ""),
        ("agreed", "KF1.Q9", "rated", "0"),
        ("econ", "KF2.Q1", "dont_know", ""),
        ("", "CF1", "", "-1"),
    ]
    assert [row["comment"] for row in rows[:3]] == ["'=1+1", "", "no port"]
    assert {row["country"] for row in rows} == {"PL"}
    assert (rows[5]["bears_on"], rows[5]["updated_at"]) == ("KF1 KF2", "2026-11-22T10:15:00Z")
    assert (written.assessments, written.rows) == (1, 6)


def test_wide_csv_as_people_see_it(tmp_path: Path) -> None:
    """One row a respondent, with readings in the first; what has no place is told, kind by kind."""
    written = tables.write(tmp_path / "a.csv", [city()], DEMO, layout="wide", delimiter=";")
    assert written.path.read_text(encoding="utf-8-sig").splitlines() == [
        (
            "city;round;respondent;slug;country;population;role;kind;from_city;KF1.Q1;KF1.Q2;KF1.Q3;KF2.Q1;KF2.Q2;CF1;CF2;"
            "KF1.offer;KF1.need;KF2.offer;KF2.need;languages;not_with"
        ),
        "Żabia Góra;2026;agreed;zabia-gora;PL;655000;agreed answer of the city;;;2;na;;;;-1;;;;;;;",
        "Żabia Góra;2026;econ;zabia-gora;PL;655000;Economy;institution;;;;;dk;;;;;;;;;",
    ]
    assert set(written.left_out) == {
        f"{what}: a wide CSV table has no place for them"
        for what in (
            "actions (1)",
            "answers to retired questions (1)",
            "comments (2)",
            "pieces of evidence (2)",
            "times of change (1)",
            "links of context factors to key factors (1)",
        )
    }


@pytest.mark.parametrize("name", ["a.csv", "a.xlsx"])
@pytest.mark.parametrize("layout", ["long", "wide"])
def test_groups_are_left_out_and_said(tmp_path: Path, name: str, layout: Literal["long", "wide"]) -> None:
    """And what an answer was agreed over, where reading the table again gives something else."""
    groups = [Group(role="Founders", code="KF1.Q1", levels=(0, 5, n, 0)) for n in (0, 1)]
    said = {"agreed": {"KF1.Q1": rated(2, over={"founders": 1.0})}, "econ": {"KF1.Q1": rated(2)}}
    made = city().model_copy(update={"groups": tuple(groups), "responses": {}, "actions": ()})
    made = Assessment.model_validate({**made.model_dump(), "responses": said})
    left_out = tables.write(tmp_path / name, [made], DEMO, layout=layout).left_out
    kind = ("wide " if layout == "wide" else "") + name[2:].upper()
    assert f"groups of persons (2): a {kind} table has no place for them" in left_out
    assert f"notes on what was agreed over (1): a {kind} table has no place for them" in left_out
    (again,) = tables.read(tmp_path / name, DEMO).assessments
    assert again.responses["agreed"]["KF1.Q1"].over == {"econ": 2}


def test_xlsx_as_people_see_it(tmp_path: Path) -> None:
    """The header is set off and stays in view, columns have widths, numbers are numbers and texts are texts."""
    tables.write(tmp_path / "a.xlsx", [city()], DEMO)
    book = load_workbook(tmp_path / "a.xlsx")
    assert book.sheetnames == ["answers", "cities", "respondents", "actions"]
    sheet = book["answers"]
    assert sheet.freeze_panes == "B2"
    assert sheet["A1"].font.b
    assert sheet["A1"].fill.fgColor.rgb == "001F4E5F"
    assert sheet.column_dimensions["G"].width == 60
    assert sheet.auto_filter.ref == f"A1:L{sheet.max_row}"
    row = {str(head.value): cell for head, cell in zip(sheet[1], sheet[2], strict=True)}
    assert (row["level"].value, row["level"].data_type) == (2, "n")
    assert (row["comment"].value, row["comment"].data_type, row["comment"].quotePrefix) == ("=1+1", "s", True)
    assert (row["round"].value, row["round"].data_type) == ("2026", "s")
    assert book["actions"]["E2"].value == "-go"
    assert book["actions"]["E2"].quotePrefix
    assert book["cities"]["E2"].value == 655_000


def test_no_cities_is_a_table_too(tmp_path: Path) -> None:
    """A table of nothing has its header."""
    written = tables.write(tmp_path / "a.csv", [], DEMO)
    assert (written.assessments, written.rows, written.left_out) == (0, 0, ())
    assert written.path.read_text(encoding="utf-8-sig").startswith("city,round,respondent")


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_failed_export_leaves_the_old_file(tmp_path: Path, ending: str) -> None:
    """If the cities stop coming in the middle, the file of before stands."""
    path = tmp_path / f"a.{ending}"
    path.write_bytes(b"old")

    def cities() -> object:
        yield city()
        raise StoreError("gone")

    with pytest.raises(StoreError, match="gone"):
        tables.write(path, cities(), DEMO)  # type: ignore[arg-type]
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_what_cannot_be_written(tmp_path: Path) -> None:
    """Unknown endings, odd delimiters and answers to another benchmark are sentences."""
    with pytest.raises(TableError, match=re.escape("the ending “.ods” is not that of a table; allowed: .csv or .xlsx")):
        tables.write(tmp_path / "a.ods", [], DEMO)
    with pytest.raises(TableError, match=re.escape("“|” cannot part columns; allowed: comma, semicolon or tab")):
        tables.write(tmp_path / "a.csv", [], DEMO, delimiter="|")
    other = assessment(benchmark=BenchmarkRef(id="other", version="1.0.0"))
    with pytest.raises(TableError, match="Żabia Góra answered the benchmark “other”; allowed: only answers to “demo”"):
        tables.write(tmp_path / "a.csv", [other], DEMO)
    assert list(tmp_path.iterdir()) == []
