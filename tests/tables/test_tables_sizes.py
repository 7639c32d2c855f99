"""A small file that takes the machine is refused in a sentence, before it has taken anything."""

from __future__ import annotations

import io
import os
import struct
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from citygrow_nb import answers, benchmarks, tables
from citygrow_nb.drafting import document
from citygrow_nb.exceptions import TableError
from citygrow_nb.model import Benchmark
from citygrow_nb.tables import compound, csvfile, opening, packed, reading, tally
from tests import binary_tables, mutated_inputs

FAR = "a few cells stand so far away, or repeat so often, that they take more than 4,000,000 others"
DAMAGED = "the file is damaged"
SPACES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
)
CELL = '<table:table-cell office:value-type="string"{}><text:p>x</text:p></table:table-cell>'
HEAD = f"<table:table-row>{CELL.format('')}</table:table-row>"
OFFICE = "http://schemas.openxmlformats.org"
KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
BOOK = {
    "[Content_Types].xml": f'<Types xmlns="{OFFICE}/package/2006/content-types">'
    f'<Override PartName="/xl/workbook.xml" ContentType="{KIND}"/></Types>',
    "xl/workbook.xml": f'<workbook xmlns="{OFFICE}/spreadsheetml/2006/main" '
    f'xmlns:r="{OFFICE}/officeDocument/2006/relationships">'
    '<sheets><sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{OFFICE}/package/2006/relationships"><Relationship Id="rId1" '
    f'Type="{OFFICE}/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
}


def pack(parts: Mapping[str, str | bytes]) -> bytes:
    """Return a packed file."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return file.getvalue()


def ods(rows: str) -> bytes:
    """Return an ODS file."""
    table = f'<table:table table:name="S">{rows}</table:table>'
    body = f"<office:body><office:spreadsheet>{table}</office:spreadsheet></office:body>"
    content = f"<office:document-content {SPACES}>{body}</office:document-content>"
    return pack({"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": content})


def row(cells: str, repeated: object = 1) -> str:
    """Return a row of an ODS file."""
    return f'<table:table-row table:number-rows-repeated="{repeated}">{cells}</table:table-row>'


def wide(repeated: object) -> str:
    """Return a cell of an ODS file that repeats."""
    return CELL.format(f' table:number-columns-repeated="{repeated}"')


def xlsx(rows: str, **parts: str | bytes) -> bytes:
    """Return an XLSX file."""
    sheet = f'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">{rows}</worksheet>'
    return pack({**BOOK, "xl/worksheets/sheet1.xml": sheet, **{f"xl/{k}.xml": v for k, v in parts.items()}})


def data(rows: str) -> str:
    """Return rows as a sheet of an XLSX file has them."""
    return f"<sheetData>{rows}</sheetData>"


def circle() -> bytes:
    """Return an XLS file whose list of sectors never ends."""
    content = bytearray(binary_tables.xls({(0, 0): "city"}))
    at = 512 + 512 * (4096 // 512 + 1)
    content[at : at + 4 * 128] = struct.pack("<128I", *[0] * 128)
    return bytes(content)


def lying() -> bytes:
    """Return an XLSB file of whose sheet it says that it is small when it is unpacked."""
    content = bytearray(pack({**binary_tables.xlsb_parts({}), "xl/worksheets/sheet1.bin": bytes(64 << 20)}))
    at = content.rfind(b"PK\x01\x02")
    content[at + 24 : at + 28] = (100).to_bytes(4, "little")
    return bytes(content)


def long_record() -> bytes:
    """Return an XLSB file with a record that claims to have 256 MB."""
    parts = binary_tables.xlsb_parts({(0, 0): "city"})
    return pack({**parts, "xl/workbook.bin": b"\x83\x01\xff\xff\xff\x7f"})


def sheet_elsewhere() -> bytes:
    """Return an XLSB file whose sheet stands under a name that programs write in other letters."""
    parts = binary_tables.xlsb_parts({(0, 0): "city", (10**6, 9999): 1.0})
    parts["XL\\Worksheets\\Sheet1.BIN"] = parts.pop("xl/worksheets/sheet1.bin")
    return pack(parts)


def sheets_in_one_place() -> bytes:
    """Return an XLS file all of whose three hundred sheets are the same one."""
    stream = bytearray(compound.stream(binary_tables.xls(*[{(0, 0): "city"}] * 300), ("Workbook",)))
    return compound.file_of(bytes(stream))


NUMBERED = "".join(f'<row r="{i}"><c r="A{i}"><v>1</v></c><c r="XFD{i}"><v>1</v></c></row>' for i in range(1, 400))
BOMBS: Mapping[str, tuple[str, Callable[[], bytes], str]] = {
    "a row that repeats": ("a.ods", lambda: ods(HEAD + row(wide(1), 1_000_000)), "rows only repeat"),
    "many rows that repeat": ("a.ods", lambda: ods(row(wide(1), 999) * 20), "rows only repeat"),
    "rows in a group": ("a.ods", lambda: ods(f"<table:table-row-group>{row(CELL.format(''), 99_999)}"
                                            "</table:table-row-group>"), "rows only repeat"),
    "a cell that repeats": ("a.ods", lambda: ods(HEAD + row(wide(900), 9_000)), FAR),
    "a cell that repeats beyond the sheet": ("a.ods", lambda: ods(row(wide(10**9))), "goes on beyond column 16,384"),
    "a covered cell": ("a.ods", lambda: ods(row(wide(10**9).replace("table-cell", "covered-table-cell"))), "beyond"),
    "an empty cell between": ("a.ods", lambda: ods(row(f'<table:table-cell table:number-columns-repeated="{10**12}"/>'
                                                       + CELL.format(""))), "goes on beyond column 16,384"),
    "something below the sheet": ("a.ods", lambda: ods(row("<table:table-cell/>", 10**30) + HEAD), "where sheets end"),
    "thousands of digits": ("a.ods", lambda: ods(row(wide("9" * 5000))), "goes on beyond column 16,384"),
    "less than nothing": ("a.ods", lambda: ods(row(wide(-5))), DAMAGED),
    "blanks without end": ("a.ods", lambda: ods(row('<table:table-cell office:value-type="string"><text:p><text:s '
                                                    'text:c="999999999999"/></text:p></table:table-cell>')), ""),
    "elements within elements": ("a.ods", lambda: ods("<table:table-row-group>" * 1000), DAMAGED),
    "far cells": ("a.xlsx", lambda: xlsx(data(NUMBERED)), FAR),
    "a far column": ("a.xlsx", lambda: xlsx(data('<row r="1"><c r="ZZZ1"><v>1</v></c></row>')), DAMAGED),
    "a far row": ("a.xlsx", lambda: xlsx(data('<row r="999999999"><c r="A999999999"><v>1</v></c></row>')), DAMAGED),
    "cells without a place": ("a.xlsx", lambda: xlsx(data(f"<row>{'<c/>' * 20_000}</row>")), DAMAGED),
    "one cell again and again": ("a.xlsx", lambda: xlsx(data('<row>' + '<c r="A1"/>' * 20_000 + '</row>')), DAMAGED),
    "a size that is said": ("a.xlsx", lambda: xlsx('<dimension ref="A1:XFD1048576"/>' + data("")), "nothing stands"),
    "texts that no cell has": (
        "a.xlsx",
        lambda: xlsx(data('<row r="1"><c r="A1"><v>1</v></c></row>'), sharedStrings=f"<sst>{'<si/>' * 150_000}</sst>"),
        "150,000 texts in it, and 1 cells",
    ),
    "one part that is huge": ("a.xlsx", lambda: xlsx(data(""), styles=bytes(30 << 20)), "unpack to far too much"),
    "parts without number": ("a.xlsx", lambda: pack({f"{i:060}": "" for i in range(10_000)}), "far too many files"),
    "entities": ("a.xlsx", lambda: xlsx(data(""), x='<!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>'), DAMAGED),
    "a far cell in XLS": ("a.xls", lambda: binary_tables.xls({(0, 0): "city", (65535, 255): 1.0}), FAR),
    "far cells on many sheets": ("a.xls", lambda: binary_tables.xls(*[{(0, 0): "c", (5000, 99): 1.0}] * 20), FAR),
    "a size that is said in XLS": ("a.xls", lambda: binary_tables.xls({}, claimed=(65536, 256)), "nothing"),
    "a size beyond all in XLS": ("a.xls", lambda: binary_tables.xls({}, claimed=(2**32 - 1, 65535)), "nothing stands"),
    "a chain without end": ("a.xls", circle, DAMAGED),
    "many sheets": ("a.xls", sheets_in_one_place, "more than 250 sheets"),
    "a far cell in XLSB": ("a.xlsb", lambda: binary_tables.xlsb({(0, 0): "city", (10**6, 9999): 1.0}), "20,000,000"),
    "a record that is longer than it can be": ("a.xlsb", long_record, DAMAGED),
    "a far cell on a sheet that is named otherwise": ("a.xlsb", sheet_elsewhere, "20,000,000"),
    "a part that is larger than it says": ("a.xlsb", lying, DAMAGED),
    "a line without end": ("a.csv", lambda: b"city,round\n" + b"," * (20 << 20), "goes on for more than 8,388,608"),
    "a quote without end": ("a.csv", lambda: b"city,round\n" + (b'"' + b"a" * 200 + b'\n",') * 50_000, "for more"),
    "columns without end": ("a.csv", lambda: b"city," + b"a," * (1 << 17) + b"\nX", "and sheets at most 16,384"),
    "no text": ("a.csv", lambda: b"city,round\n" + bytes(20 << 20), "this is not a text file"),
}  # fmt: skip


@pytest.fixture(scope="module")
def watched() -> Iterator[mutated_inputs.Watched]:
    """Return a process whose time and memory are watched."""
    with mutated_inputs.Watched() as process:
        yield process


@pytest.mark.parametrize("kind", BOMBS)
def test_small_file_that_takes_the_machine(
    tmp_path: Path, benchmark: Benchmark, watched: mutated_inputs.Watched, kind: str
) -> None:
    """It is refused within 2 s and 300 MB, and the healthy city beside it is read."""
    name, content, sentence = BOMBS[kind]
    outcome = watched.read(mutated_inputs.Mutant(0, name, content()))
    assert outcome.fault == ""
    # It is read twice there.
    assert outcome.seconds < 4
    assert outcome.megabytes < 300
    (tmp_path / name).write_bytes(content())
    found = tables.read(tmp_path / name, benchmark, round_label="2026")
    assert sentence in " ".join(map(str, found.problems))


@pytest.mark.parametrize("ending", ["csv", "xlsx", "ods", "xls", "xlsb"])
def test_huge_file_is_not_opened(tmp_path: Path, benchmark: Benchmark, ending: str) -> None:
    """A table of 20 GB, here without anything in it, is refused by its size."""
    path = tmp_path / f"a.{ending}"
    with path.open("wb") as file:
        file.truncate(20 << 30)
    (problem,) = tables.read(path, benchmark).problems
    most = "512 MB" if ending == "csv" else "128 MB"
    assert f"the file has 20,480 MB; a file of this kind may have {most}" in str(problem)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has none")
@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_pipe_is_not_opened(tmp_path: Path, benchmark: Benchmark, ending: str) -> None:
    """Opening it would wait until somebody writes into it."""
    path = tmp_path / f"a.{ending}"
    os.mkfifo(path)
    (problem,) = tables.read(path, benchmark).problems
    assert str(problem) == f"{path}: this is a device or a pipe, not a file; copy what it gives into a file"


def test_sheet_with_more_cells_than_any(tmp_path: Path, benchmark: Benchmark, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that are there count, too, in a CSV file as in a spreadsheet."""
    monkeypatch.setattr("citygrow_nb.tables.tally.MAX_CELLS", 100)
    path = tmp_path / "a.csv"
    path.write_text("city,round,KF1.Q1\n" + "X,2026,1\n" * 40)
    (problem,) = tables.read(path, benchmark).problems
    assert str(problem).startswith(f"{path}: the sheet has more than 100 cells")


def test_blank_lines_count(tmp_path: Path, benchmark: Benchmark, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file of nothing but ends of lines goes on for ever, and has no cell."""
    monkeypatch.setattr("citygrow_nb.tables.tally.MAX_ADDED", 100)
    path = tmp_path / "a.csv"
    path.write_text("city,round,KF1.Q1\nX,2026,1\n" + "\n" * 101)
    (problem,) = tables.read(path, benchmark).problems
    assert "take more than 100 others" in problem.found


@pytest.mark.parametrize("cell", ["1", "9"])
def test_faults_of_one_city_do_not_pile_up(
    tmp_path: Path, benchmark: Benchmark, monkeypatch: pytest.MonkeyPatch, cell: str
) -> None:
    """It is left out after as many as somebody reads, whether cells or rows are wrong; the others are read."""
    monkeypatch.setattr(reading, "MAX_FAULTS", 5)
    kept: list[int] = []
    finish = reading.CityDraft.finish
    monkeypatch.setattr(
        reading.CityDraft, "finish", lambda draft, asked: kept.append(len(draft.faults)) or finish(draft, asked)
    )
    path = tmp_path / "a.csv"
    path.write_text("city,round,country,KF1.Q1\n" + f"X,2026,Nowhere,{cell}\n" * 40 + "Y,2026,DE,2\n")
    found = tables.read(path, benchmark)
    assert [assessment.city.name for assessment in found.assessments] == ["Y"]
    assert max(kept) < 5 + 4
    assert str(found.problems[-1]).startswith(f"{path}: more faults than these 5 are not listed")


def test_elements_that_are_no_rows_count(tmp_path: Path, benchmark: Benchmark, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are kept in memory until the sheet ends."""
    monkeypatch.setattr("citygrow_nb.tables.xlsxfile.MAX_ADDED", 100)
    path = tmp_path / "a.xlsx"
    path.write_bytes(xlsx(data("<x/>" * 200)))
    (problem,) = tables.read(path, benchmark).problems
    assert problem.found == DAMAGED


def test_empty_rows_and_cells_to_the_end_of_the_sheet_count_nothing(tmp_path: Path, benchmark: Benchmark) -> None:
    """Programs fill up each sheet so."""
    cells = "".join(f'<table:table-cell office:value-type="string"><text:p>{text}</text:p></table:table-cell>'
                    for text in ("city", "round", "KF1.Q1"))  # fmt: skip
    values = cells.replace("city", "X").replace("round", "2026").replace("KF1.Q1", "2")
    rest = '<table:table-cell table:number-columns-repeated="16381"/>'
    path = tmp_path / "a.ods"
    path.write_bytes(ods(row(cells + rest) + row(values + rest) + row(rest, 1_048_574)))
    found = tables.read(path, benchmark)
    assert (len(found.assessments), found.problems) == (1, ())


@pytest.mark.parametrize("count", [1, 40, 4000])
def test_stream_of_an_ole_file_comes_back(count: int) -> None:
    """A file of one stream holds that stream, however long its table of sectors gets."""
    content = os.urandom(512) * 8 * count
    assert compound.stream(compound.file_of(content), ("Workbook",)) == content


def test_limits_of_packed_files_are_those_of_the_parts(tmp_path: Path) -> None:
    """What packs to a hundredth, as tables do, is no bomb; what packs to a thousandth is."""
    for content, refused in ((os.urandom(3000) * 1000, False), (bytes(3 << 20), True)):
        path = tmp_path / "a.xlsx"
        path.write_bytes(pack({"x": content}))
        with path.open("rb") as file:
            if refused:
                with pytest.raises(TableError, match="far too much"):
                    packed.packed_parts(path, file)
            else:
                assert packed.packed_parts(path, file) == {"x"}
    assert csvfile.MAX_RECORD > 16_384 * 500


def test_limits_are_those_that_the_pages_name() -> None:
    page = (Path(__file__).parents[2] / "docs" / "commands.md").read_text("utf-8")
    sizes = {
        "CSV": opening.MAX_TEXT,
        "other tables": opening.MAX_SPREADSHEET,
        "JSON": answers.MAX_DOCUMENT,
        "each YAML file of a benchmark": benchmarks.MAX_FILE,
        "PDF": document.MAX_PDF,
        "text of a toolkit": document.MAX_TEXT,
    }
    numbers = (
        *(tally.MAX_CELLS, tally.MAX_ADDED, tally.MAX_COPIES, tally.MAX_ROWS, tally.MAX_COLUMNS, tally.MAX_SHEETS),
        *(csvfile.MAX_RECORD, reading.MAX_FAULTS),
    )
    for kind, size in sizes.items():
        assert f"{size >> 20} MB\n({kind})" in page or f"{size >> 20} MB ({kind})" in page
    for number in numbers:
        assert f"{number:,}" in page
