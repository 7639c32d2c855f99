"""The empty table to fill in."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import load_workbook

from citygrow_nb import benchmarks, tables
from citygrow_nb.exceptions import UsageError
from citygrow_nb.model import Benchmark
from tests.factories import benchmark, rated

DEMO = benchmark()


def test_csv_template(tmp_path: Path) -> None:
    """In CSV the template is its header, in an encoding that Excel knows."""
    tables.template(tmp_path / "t.csv", DEMO)
    assert (tmp_path / "t.csv").read_bytes() == (
        b"\xef\xbb\xbfcity,round,country,population,KF1.Q1,KF1.Q2,KF1.Q3,KF2.Q1,KF2.Q2,CF1,CF2\r\n"
    )


def test_xlsx_template_offers_the_answers(tmp_path: Path) -> None:
    """In XLSX each column has its list to choose from, and the question as a hint."""
    tables.template(tmp_path / "t.xlsx", DEMO)
    sheet = load_workbook(tmp_path / "t.xlsx")["answers"]
    rules = {str(rule.sqref).split(":")[0]: rule for rule in sheet.data_validations.dataValidation}
    assert [cell.value for cell in sheet[1]][4] == "KF1.Q1"
    assert (rules["E2"].formula1, rules["E2"].prompt) == ('"0,1,2,3,dk,na"', "Does the city do what KF1.Q1 asks?")
    assert rules["J2"].formula1 == '"-2,-1,0,1,2"'
    assert rules["E2"].error == "Allowed: 0, 1, 2, 3, dk, na, or empty."
    assert rules["A2"].type is None
    assert sheet.freeze_panes == "C2"


def test_xlsx_template_explains_the_codes(tmp_path: Path) -> None:
    """A second sheet has, for each code, the question and the wording of its levels."""
    tables.template(tmp_path / "t.xlsx", DEMO)
    sheet = load_workbook(tmp_path / "t.xlsx")["codes"]
    rows = {row[0]: row[1:] for row in sheet.iter_rows(min_row=2, values_only=True)}
    assert list(rows) == ["dk", "na", *DEMO.questions, *DEMO.contexts]
    question = DEMO.questions["KF1.Q1"]
    assert rows["KF1.Q1"] == (question.text, *question.levels, question.evidence_hint, question.who_knows)
    assert rows["CF1"][0] == "Ground.\n– How is it?\n-2: Bad.\n2: Good."


@pytest.mark.parametrize("of", ["demo", "shipped"])
def test_filled_template_is_read(tmp_path: Path, of: str) -> None:
    """Who fills in one row of the template has a table that is read; the sheet of codes does not disturb."""
    asked: Benchmark = DEMO if of == "demo" else benchmarks.load(benchmarks.find("migrant-entrepreneurs", None))
    path = tmp_path / "t.xlsx"
    tables.template(path, asked)
    assert "no rows below" in str(tables.read(path, asked).problems[0])
    book = load_workbook(path)
    book["answers"].append(
        ["Żabia Góra", 2026, "PL", 655_000, *[2] * len(asked.questions), *[-1] * len(asked.contexts)]
    )
    book.save(path)
    found = tables.read(path, asked)
    assert found.problems == ()
    assert found.assessments[0].responses["agreed"] == dict.fromkeys(asked.questions, rated(2))
    assert all(len(rule.prompt) <= 255 for rule in book["answers"].data_validations.dataValidation)


def test_template_of_another_ending(tmp_path: Path) -> None:
    """Only CSV and XLSX have templates."""
    with pytest.raises(UsageError, match=r"a form of the format table ends otherwise; allowed: \.csv or \.xlsx"):
        tables.template(tmp_path / "t.pdf", DEMO)
