"""XLSX files as spreadsheet programs write them."""

from __future__ import annotations

import contextlib
import datetime as dt
import errno
import gc
import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from citygrow_nb import tables
from citygrow_nb.exceptions import TableError
from citygrow_nb.tables import packed, spreadsheet
from tests.factories import assessment, benchmark, rated

DEMO = benchmark()
DAY = dt.datetime(2026, 2, 1)  # noqa: DTZ001 - a spreadsheet knows no zones


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cities.xlsx"


def save(path: Path, **sheets: list[list[Any]]) -> Path:
    book = Workbook()
    assert book.active is not None
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def change(path: Path, old: bytes, new: bytes) -> None:
    """Change the XML of the first sheet, as another program would have written it."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    parts[sheet], count = re.subn(old, new, parts[sheet], flags=re.DOTALL)
    assert count == 1
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)


def told(path: Path) -> list[str]:
    return [str(problem).replace(f"{path}, sheet ", "") for problem in tables.read(path, DEMO).problems]


def test_numbers_and_texts(path: Path) -> None:
    """Numbers typed as numbers are read, also those that Excel keeps as 2.0, and a year that is a number."""
    rows = [
        ["city", "round", "population", "KF1.Q1", "KF1.Q2", "CF1"],
        ["X", 2026, 655000.0, 2.0, "2", -1],
        ["Y", 2026.0],
    ]
    found = tables.read(save(path, Answers=rows), DEMO)
    assert found.problems == ()
    x, y = found.assessments
    assert (x.round, x.city.population, x.context["CF1"].direction) == ("2026", 655_000, -1)
    assert x.responses["agreed"] == {"KF1.Q1": rated(2), "KF1.Q2": rated(2)}
    assert (y.round, y.responses) == ("2026", {})


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        (DAY, "a date or time (2026-02-01T00:00:00); format the cell as text and type it again"),
        (dt.date(2026, 2, 1), "a date or time (2026-02-01"),
        (dt.time(10, 15), "a date or time (10:15:00)"),
        (dt.timedelta(hours=30), "a date or time (1 day, 6:00:00)"),
        (True, "“TRUE” is not an answer"),
        (2.5, "“2.5” is not an answer"),
        (1e300, "“1e+300” is not an answer"),
        ("#N/A", "the formula's error #N/A; correct the formula or type the value"),
        ("=1+1", "a formula without a result; open the file in a spreadsheet program and save it again"),
    ],
)
def test_what_is_no_answer(path: Path, value: object, sentence: str) -> None:
    """Dates, yes and no, errors and formulas that nobody has calculated are told with their cell."""
    save(path, Answers=[["city", "round", "KF1.Q1"], ["X", 2026, value], ["Y", 2026, 1]])
    assert told(path)[0].startswith(f"“Answers”, row 2 (X), column KF1.Q1: {sentence}")
    assert [a.city.name for a in tables.read(path, DEMO).assessments] == ["Y"]


@pytest.mark.parametrize("column", ["city", "round", "comment"])
def test_dates_are_refused_in_texts_too(path: Path, column: str) -> None:
    """A date in a text is a text that a spreadsheet program has changed."""
    row = {"city": "X", "round": "2026", "code": "KF1.Q1", "level": 1, column: DAY}
    save(path, Answers=[list(row), list(row.values())])
    (problem,) = told(path)
    assert f"column {column}: a date or time (2026-02-01T00:00:00); format the cell as text" in problem


def test_results_of_formulas_are_read(path: Path) -> None:
    """A formula that a spreadsheet program has calculated is its result."""
    save(path, Answers=[["city", "round", "KF1.Q1", "KF1.Q2"], ["X", 2026, "=1+1", 3]])
    change(path, rb"<f>1\+1</f><v ?/?>(</v>)?", b"<f>1+1</f><v>2</v>")
    (found,) = tables.read(path, DEMO).assessments
    assert found.answer("KF1.Q1") == rated(2)


def test_wrong_dimensions_hide_nothing(path: Path) -> None:
    """Some programs write that a sheet has one cell; all of it is read."""
    save(path, Answers=[["city", "round", "KF1.Q1"], ["X", 2026, 1], ["Y", 2026, 1]])
    change(path, rb'<dimension ref="[^"]*"', b'<dimension ref="A1"')
    assert [a.city.name for a in tables.read(path, DEMO).assessments] == ["X", "Y"]


def test_sheets_without_answers_are_passed_over(path: Path) -> None:
    """Notes before and contacts after the answers do not matter; answers in several sheets are read together."""
    save(
        path,
        ReadMe=[["How to fill this in"], ["Slowly."]],
        North=[["city", "round", "KF1.Q1"], ["X", "2026", 1]],
        South=[["City", "Round", "code", "level"], ["X", "2026", "KF1.Q2", 2], ["Y", "2026", "KF1.Q2", 2]],
        Contacts=[["City", "Phone"], ["X", "+49 30"]],
        cities=[["City", "Mayor"], ["X", "somebody"]],
    )
    found = tables.read(path, DEMO)
    assert found.problems == ()
    assert {a.city.name: sorted(a.responses["agreed"]) for a in found.assessments} == {
        "X": ["KF1.Q1", "KF1.Q2"],
        "Y": ["KF1.Q2"],
    }


def test_contradiction_between_sheets_names_both(path: Path) -> None:
    """The same city in two wide sheets is a fault that names the other sheet."""
    head = ["city", "round", "KF1.Q1"]
    save(path, North=[head, ["X", "2026", 1]], South=[head, ["X", "2026", 2]])
    (problem,) = told(path)
    assert problem == (
        "“South”, row 2 (X), column city: city, round and respondent are the same as in “North”, row 2; "
        "if they are two cities, give each a folder name in a column “slug”; if not, make them one row"
    )


def test_own_sheet_without_its_answers(path: Path) -> None:
    """A misspelt header is told even where a further sheet of our own could be read."""
    save(
        path,
        answers=[["place", "round", "KF1.Q1"], ["X", 2026, 1]],
        cities=[["city", "slug", "round"], ["X", "x", 2026]],
    )
    assert "there is no column “city”" in told(path)[0]


def test_hidden_sheets_are_not_read(path: Path) -> None:
    """What nobody sees is not taken for an answer."""
    save(path, Old=[["city", "round", "KF1.Q1"], ["X", 2026, 1]], New=[["city", "round", "KF1.Q1"], ["Y", 2026, 1]])
    from openpyxl import load_workbook

    book = load_workbook(path)
    book["Old"].sheet_state = "hidden"
    book.save(path)
    assert [a.city.name for a in tables.read(path, DEMO).assessments] == ["Y"]


def test_faults_in_further_sheets_are_told(path: Path) -> None:
    """Cities, respondents and actions are checked like answers."""
    save(
        path,
        answers=[["city", "round", "code", "level"], ["X", "2026", "KF1.Q1", 1], ["Y", "2026", "KF1.Q1", 1]],
        cities=[["city", "slug", "round", "country", "benchmark_version"], ["X", "x", "2026", "Polnad", "2.0.0"]],
        respondents=[["city", "slug", "round", "respondent", "role", "kind"], ["Y", "y", "2026", "econ", "A", "inst"]],
        actions=[
            ["city", "slug", "round", "action", "what", "questions"],
            ["X", "x", "2026", "A 1", "Go", "KF1.Q7"],
            ["X", "x", "2026", "a1", None, "KF1.Q1"],
            ["Y", "y", "2026", None, "Do it", "KF1.Q1, KF2.Q2"],
        ],
    )
    assert [problem.split(";")[0] for problem in told(path)] == [
        "“cities”, row 2 (X), column country: “Polnad” is no country",
        "“cities”, row 2 (X), column benchmark_version: the answers were given to version 2.0.0 of the benchmark",
        "“actions”, row 2 (X), column action: “A 1” is not the id of an action",
        "“actions”, row 3 (X), column action: the action does not say what will be done",
    ]
    (y,) = tables.read(path, DEMO).assessments
    assert [(action.what, action.questions) for action in y.actions] == [("Do it", ("KF1.Q1", "KF2.Q2"))]
    assert y.respondents["econ"].role == "A"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "the file is empty"),
        (b"city,round,KF1.Q1\n", "this is not an XLSX file; if it is a CSV file, name it .csv"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest", "the file is damaged"),
        (b" <html><table>", "this is a web page or XML that somebody named “.xlsx”, as some programs export it"),
    ],
)
def test_file_that_is_no_xlsx(path: Path, content: bytes, sentence: str) -> None:
    """A file of another kind is told as what it is."""
    path.write_bytes(content)
    (problem,) = tables.read(path, DEMO).problems
    assert str(problem).startswith(f"{path}: {sentence}")


@pytest.mark.parametrize("damage", ["cut", "no workbook", "sheet", "bomb"])
def test_damaged_file(path: Path, damage: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that breaks off, lacks parts or holds nonsense is told as damaged."""
    save(path, Answers=[["city", "round", "KF1.Q1"], *(["X", 2026, 1] for _ in range(200))])
    sentence = "the file is damaged; open it in a spreadsheet program and save it again"
    if damage == "cut":
        path.write_bytes(path.read_bytes()[:-200])
        sentence = "this is not an XLSX file"
    elif damage == "bomb":
        monkeypatch.setattr(packed, "_MAX_UNPACKED", 1_000)
        sentence = "the file is too large to be unpacked; save it as CSV"
    elif damage == "sheet":
        change(path, rb"(.{2000}).*", rb"\1")
    else:
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("xl/styles.xml", "<styles/>")
    (problem,) = tables.read(path, DEMO).problems
    assert sentence in str(problem)


def test_what_a_sheet_cannot_hold(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """More rows than the format allows, or a text too long for a cell, is a sentence, and no file appears."""
    monkeypatch.setattr(spreadsheet, "MAX_ROWS", 3)
    city = assessment().with_answer("KF1.Q1", rated(1)).with_answer("KF1.Q2", rated(1))
    tables.write(path, [city], DEMO)
    path.unlink()
    with pytest.raises(TableError, match="an XLSX sheet ends at row 3; write a CSV file, or fewer cities"):
        tables.write(path, [city.with_answer("KF1.Q3", rated(1))], DEMO)
    with pytest.raises(TableError, match=r"a text has more characters than an XLSX cell holds \(32,767\); write CSV"):
        tables.write(path, [assessment().with_answer("KF1.Q1", rated(1, "_x0041_" * 2_800))], DEMO)
    assert list(path.parent.iterdir()) == []


def test_row_beyond_the_last(path: Path) -> None:
    """A row number that no spreadsheet has would keep the reader busy for minutes."""
    save(path, answers=[["city", "round", "KF1.Q1"], ["A", 2026, 1]])
    change(path, b"</sheetData>", b'<row r="2000000000"><c r="A2000000000"><v>1</v></c></row></sheetData>')
    (problem,) = tables.read(path, DEMO).problems
    assert "damaged" in problem.found


def test_file_made_to_fill_the_memory(path: Path) -> None:
    """A few hundred kilobytes that unpack to gigabytes are refused before they are unpacked."""
    save(path, answers=[["city", "round", "KF1.Q1"]])
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/bomb.xml", b"A" * (65 << 20))
    (problem,) = tables.read(path, DEMO).problems
    assert "far too much" in problem.found


def test_no_sheet_to_be_seen(path: Path) -> None:
    """A file without a visible sheet is a fault, not an empty file."""
    save(path, answers=[["city", "round", "KF1.Q1"], ["A", 2026, 1]])
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist() if not name.startswith("xl/worksheets/")}
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    (problem,) = tables.read(path, DEMO).problems
    assert "no sheet" in problem.found


def test_full_disk_is_told_once(
    path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The archive that could not be written does not complain again when it is cleared away."""

    class Full(io.BytesIO):
        def write(self, _: object) -> int:
            raise OSError(errno.ENOSPC, "full")

    @contextlib.contextmanager
    def full(_: Path) -> Iterator[io.BytesIO]:
        with Full() as file:
            yield file

    monkeypatch.setattr("citygrow_nb.atomic.replacing", full)
    with pytest.raises(OSError, match="full"):
        tables.write(path, [assessment()], DEMO)
    gc.collect()
    assert capsys.readouterr().err == ""
