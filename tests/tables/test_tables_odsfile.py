"""ODS and XLS files, as LibreOffice 7.4 writes them; what else has such a name gets a sentence of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from citygrow_nb import benchmarks, tables
from citygrow_nb.model import AGREED, Benchmark

SAMPLES = Path(__file__).parent / "samples"


@pytest.mark.parametrize("name", ["answers.ods", "answers.xls"])
def test_spreadsheet_of_another_format(benchmark: Benchmark, name: str) -> None:
    """Numbers, texts in three scripts and results of formulas are read; hidden sheets are not."""
    found = tables.read(SAMPLES / name, benchmark)
    assert [str(problem) for problem in found.problems] == []
    assert [(item.city.name, item.round, item.city.country) for item in found.assessments] == [
        ("Żabia Góra", "2026", "PL"),
        ("Αθήνα", "2026", "GR"),
    ]
    first, second = (item.responses[AGREED] for item in found.assessments)
    assert [(code, answer.state.value, answer.level) for code, answer in first.items()] == [
        ("KF1.Q1", "rated", 2),
        ("KF1.Q2", "dont_know", None),
        ("KF1.Q3", "rated", 3),
    ]
    assert first["KF1.Q1"].comment == "As adopted."
    assert second["KF1.Q3"].level == 2  # =1+1
    assert [item.context["CF1"].direction for item in found.assessments] == [-1, 2]
    # ODS tells a formula with an error from an empty cell.
    assert any("a formula with an error reads as an empty cell" in note for note in found.notes) == (name[-3:] == "xls")


@pytest.mark.parametrize("name", ["faults.ods", "faults.xls"])
def test_date_is_a_fault(benchmark: Benchmark, name: str) -> None:
    found = tables.read(SAMPLES / name, benchmark)
    told = [str(problem).split(": ", 1)[1] for problem in found.problems]
    assert [each for each in told if "error #DIV/0!" not in each] == [
        "a date or time (2026-01-01); format the cell as text and type it again",
        "a date or time (2026-02-03); format the cell as text and type it again",
    ]


@pytest.mark.parametrize("ending", ["xlsx", "xls", "ods", "xlsb"])
def test_file_with_a_password(tmp_path: Path, benchmark: Benchmark, ending: str) -> None:
    """Whatever it is named."""
    path = tmp_path / f"answers.{ending}"
    path.write_bytes((SAMPLES / "password.xlsx").read_bytes())
    (problem,) = tables.read(path, benchmark).problems
    assert str(problem) == f"{path}: the file has a password; save it without one, as XLSX"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "the file is empty"),
        (b"\xef\xbb\xbf<html><table><tr>", "this is a web page or XML that somebody named “.xls”"),
        (b"city,round,KF1.Q1\n", "this is not an XLS file; if it is a CSV file, name it .csv"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest", "the file is damaged; open it in a spreadsheet program"),
        (b"PK\x03\x04rest", "this is not an XLS file"),
    ],
)
def test_file_that_is_none(tmp_path: Path, benchmark: Benchmark, content: bytes, sentence: str) -> None:
    path = tmp_path / "answers.xls"
    path.write_bytes(content)
    (problem,) = tables.read(path, benchmark).problems
    assert str(problem).startswith(f"{path}: {sentence}")


def test_xls_named_xlsx_is_read_as_what_it_is(tmp_path: Path, benchmark: Benchmark) -> None:
    path = tmp_path / "answers.xlsx"
    path.write_bytes((SAMPLES / "answers.xls").read_bytes())
    assert len(tables.read(path, benchmark).assessments) == 2


def test_damaged_files_are_one_sentence(
    tmp_path: Path, benchmark: Benchmark, capfd: pytest.CaptureFixture[str]
) -> None:
    """Cut off or overwritten anywhere, a file is read or refused, never a traceback."""
    for name in ("answers.ods", "answers.xls"):
        whole = (SAMPLES / name).read_bytes()
        path = tmp_path / name
        for cut in range(1, 40):
            at = len(whole) * cut // 40
            for content in (whole[:at], whole[:at] + b"\xff" * 64 + whole[at + 64 :]):
                path.write_bytes(content)
                assert tables.read(path, benchmark) is not None
    assert capfd.readouterr() == ("", "")


def test_shipped_benchmark_is_what_the_samples_answer() -> None:
    """They were made for it: a code that goes must go there, too."""
    shipped = benchmarks.load(next(iter(benchmarks.shipped().values())))
    assert {"KF1.Q1", "KF1.Q2", "KF1.Q3", "CF1"} <= {*shipped.questions, *shipped.contexts}
