"""CSV files as Excel, LibreOffice and hands write them."""

from __future__ import annotations

import codecs
import csv
import io
from pathlib import Path

import pytest
from hypothesis import given

from citygrow_nb import tables
from citygrow_nb.tables import csvfile
from citygrow_nb.tables.csvfile import open_csv
from tests.factories import benchmark, texts

DEMO = benchmark()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cities.csv"


def names(found: tables.Reading) -> list[str]:
    assert [str(problem) for problem in found.problems] == []
    return [assessment.city.name for assessment in found.assessments]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("newline", ["\r\n", "\n", "\r"])
@pytest.mark.parametrize("said", [True, False])
def test_ways_to_write_a_file(path: Path, delimiter: str, encoding: str, newline: str, said: bool) -> None:
    """Every delimiter, encoding and line end is found out, with and without a first line that names the delimiter."""
    rows = [
        ["city", "round", "KF1.Q1"],
        ["Müllheim – Süd", "2026", "1"],
        ["Łódź" if encoding != "cp1252" else "Orléans", "2026", "2"],
    ]
    first = f"sep={delimiter}{newline}" if said else ""
    path.write_bytes((first + newline.join(delimiter.join(row) for row in rows)).encode(encoding))
    assert names(tables.read(path, DEMO)) == [row[0] for row in rows[1:]]


@pytest.mark.parametrize("mark", [codecs.BOM_UTF16_LE + "city".encode("utf-16-le"), codecs.BOM_UTF16_BE])
def test_both_byte_orders(path: Path, mark: bytes) -> None:
    """UTF-16 is read in both byte orders."""
    encoding = "utf-16-le" if mark.startswith(codecs.BOM_UTF16_LE) else "utf-16-be"
    path.write_bytes(mark[:2] + "city\tround\tKF1.Q1\r\nŁódź\t2026\t1\r\n".encode(encoding))
    assert names(tables.read(path, DEMO)) == ["Łódź"]


def test_delimiter_that_only_the_file_knows(path: Path) -> None:
    """A first line names any delimiter, as Excel allows, and is no row."""
    path.write_text('"sep=|"\ncity|round|KF1.Q1\nX|2026|7\n', encoding="utf-8")
    assert "row 2 (X), column KF1.Q1" in str(tables.read(path, DEMO).problems[0])


def test_delimiter_comes_from_the_header(path: Path) -> None:
    """Commas in a comment do not make a semicolon file a comma file."""
    path.write_text("city;round;code;level;comment\nX;2026;KF1.Q1;1;a, b, c, d, e, f, g\n", encoding="utf-8")
    (found,) = tables.read(path, DEMO).assessments
    assert found.responses["agreed"]["KF1.Q1"].comment == "a, b, c, d, e, f, g"


def test_rows_are_counted_as_a_spreadsheet_does(path: Path) -> None:
    """Line ends within a cell make no new row, blank rows are rows, and the line that names the delimiter is none."""
    text = 'sep=,\ncity,round,code,level,comment\nX,2026,KF1.Q1,1,"a\nb\nc"\n\nX,2026,KF1.Q2,9,\n'
    path.write_text(text, encoding="utf-8")
    assert "row 4 (X), column level" in str(tables.read(path, DEMO).problems[0])


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"PK\x03\x04rest", "this is not a CSV file; if it is an XLSX file, name it .xlsx"),
        (b"city,round\0,KF1.Q1\nX,2026,1\n", "this is not a text file; save it again as “CSV UTF-8”, or as XLSX"),
        ("city,round\n".encode("utf-16-le"), "this is not a text file"),
        (b"\xff\xfec\0i\0t", "the text breaks off or is damaged"),
        (
            "city\nKöln Łódź Świdnica\n".encode() + "Köln".encode("cp1252"),
            "line 3: the text is UTF-8 except for some letters",
        ),
        (
            b"city,round,KF1.Q1\nK\xf6ln\x81,2026,1\n",
            "in an encoding that is not known here; save it as “CSV UTF-8”",
        ),
    ],
)
def test_file_that_is_no_csv(path: Path, content: bytes, sentence: str) -> None:
    """What would become other letters, or is no text at all, is refused with a sentence."""
    path.write_bytes(content)
    (problem,) = tables.read(path, DEMO).problems
    assert sentence in str(problem)


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ('"X"Y,2026,1\nZ,2026,1', "row 2: something stands behind a closing quote"),
        (
            'Z,2026,1\n"X,2026,1\nW,2026,1',
            "row 3: a quote is opened and never closed, so that the rows below became one text",
        ),
        (f'Z,2026,1\n"{"x" * 200_000}",2026,1', "row 3: a text of more than 131,072 characters; mostly a quote"),
    ],
)
def test_quotes_that_do_not_match(path: Path, row: str, sentence: str) -> None:
    """A broken row is told where it begins, and the good ones before and after are taken."""
    path.write_text(f"city,round,KF1.Q1\n{row}\n", encoding="utf-8")
    found = tables.read(path, DEMO)
    assert sentence in str(found.problems[0])
    assert [assessment.city.name for assessment in found.assessments] == ["Z"]


def test_broken_header(path: Path) -> None:
    """A header whose quotes do not match is told as such."""
    path.write_text('city,"round,KF1.Q1\nX,2026,1\n', encoding="utf-8")
    (problem,) = tables.read(path, DEMO).problems
    assert "row 1: a quote is opened and never closed" in str(problem)


def test_escaped_cells_are_read_as_they_were_meant(path: Path) -> None:
    """The apostrophe that keeps a text from being a formula goes; one that belongs to a name stays."""
    path.write_text("city\n'=1\n'-2\n''=1\n's-Hertogenbosch\n", encoding="utf-8")
    assert [row.cells[0] for row in open_csv(path).rows()] == ["city", "=1", "-2", "'=1", "'s-Hertogenbosch"]


PAIRS = [(one, other) for one in ",;\t" for other in ",;\t" if one != other]


@pytest.mark.parametrize(("delimiter", "parted"), PAIRS)
@given(comment=texts, name=texts)
def test_no_part_of_a_cell_becomes_a_formula(delimiter: str, parted: str, comment: str, name: str) -> None:
    """A program that expects another delimiter parts lines elsewhere: no cell is a formula then, and all comes back."""
    file = io.BytesIO()
    with csvfile.Columns(file, ("name", "comment"), delimiter) as table:
        table.put("", {"name": name, "comment": comment})
    text = file.getvalue().decode("utf-8-sig")
    for row in csv.reader(io.StringIO(text, newline=""), delimiter=parted):
        assert not [cell for cell in row if cell.startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠"))]
    [_, cells] = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    assert [csvfile.alive(cell, delimiter) for cell in cells] == [name, comment]
