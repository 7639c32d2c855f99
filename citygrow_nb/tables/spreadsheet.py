"""XLSX files as citygrow writes them: header, widths, frozen panes, and texts that are never formulas."""

from __future__ import annotations

import io
import shutil
import zipfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, Self

from citygrow_nb.exceptions import Problem, TableError
from citygrow_nb.tables.cells import Cell, harmless
from citygrow_nb.tables.header import Line
from citygrow_nb.tables.sheet import letter
from citygrow_nb.tables.tally import MAX_ROWS
from citygrow_nb.tables.xlsxfile import MAX_CELL, coded

_WIDTHS = {
    **dict.fromkeys(("city", "respondent", "role", "who"), 24),
    **dict.fromkeys(("comment", "what", "question", "text"), 60),
    **dict.fromkeys(("evidence_title", "evidence_url", "indicator"), 36),
    **dict.fromkeys(("slug", "updated_at", "by_when", "budget", "questions"), 22),
    **dict.fromkeys(("round", "code", "level", "country"), 10),
}
_MADE = datetime(1980, 1, 1)  # noqa: DTZ001 - ZIP files and this property know no zone
"""When every file says it was made, so that equal contents give equal bytes; the first moment that ZIP files know."""
_WIDTH = 16
_CODE_WIDTH = 9


class Spreadsheet:
    """A file with several sheets, written row by row; it is complete at the end of the ``with`` block.

    Parameters
    ----------
    file
        Where to write.
    path
        Its name, for error messages.
    sheets
        Columns of each sheet; the first is the one people see first.
    frozen
        How many columns of the first sheet stay in view.
    """

    def __init__(self, file: BinaryIO, path: Path, sheets: Mapping[str, Sequence[str]], frozen: int) -> None:
        from openpyxl import Workbook

        self._file = file
        self._path = path
        self._columns = sheets
        self._book = Workbook(write_only=True)
        self._sheets: dict[str, Any] = {}
        self._rows = dict.fromkeys(sheets, 1)
        for name, columns in sheets.items():
            sheet = self._book.create_sheet(name)
            dress(sheet, columns, frozen if not self._sheets else 1)
            sheet.append([heading(sheet, column) for column in columns])
            self._sheets[name] = sheet

    def put(self, name: str, line: Line) -> None:
        """Add a row to a sheet.

        Raises
        ------
        TableError
            If the sheet is full, or a text is longer than a cell can hold.
        """
        self._rows[name] += 1
        if self._rows[name] > MAX_ROWS:
            raise TableError(
                Problem(
                    str(self._path), f"an XLSX sheet ends at row {MAX_ROWS:,}", todo="write a CSV file, or fewer cities"
                )
            )
        sheet = self._sheets[name]
        sheet.append([self._cell(sheet, line.get(column)) for column in self._columns[name]])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        for name, sheet in self._sheets.items():
            sheet.auto_filter.ref = f"A1:{letter(len(self._columns[name]) - 1)}{self._rows[name]}"
            if kind is not None:
                # openpyxl would complain, later, of a sheet left open, and leave its temporary file until the end.
                sheet.close()
                sheet._writer.cleanup()
        if kind is None:
            save(self._book, self._file)

    def _cell(self, sheet: Any, value: Cell) -> Any:
        if not isinstance(value, str):
            return value
        if len(value) > MAX_CELL or len(coded(value)) > MAX_CELL:
            raise TableError(
                Problem(
                    str(self._path),
                    f"a text has more characters than an XLSX cell holds ({MAX_CELL:,})",
                    todo="write CSV",
                )
            )
        return text_cell(sheet, value) if value else None


def save(book: Any, file: BinaryIO) -> None:
    """Write a book into a file; equal books give equal bytes.

    By way of memory: on a full disk a ZIP archive would complain once more, later, of a file that is closed by then.
    """
    from openpyxl.writer.excel import ExcelWriter

    book.properties.created = book.properties.modified = _MADE
    packed = io.BytesIO()
    with _Archive(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        ExcelWriter(book, archive).write_data()
    file.write(packed.getbuffer())


class _Archive(zipfile.ZipFile):
    """A ZIP archive whose entries tell nothing of the moment or the machine."""

    def writestr(self, zinfo_or_arcname: Any, data: Any, *_: Any, **__: Any) -> None:
        with self.open(self._entry(zinfo_or_arcname), "w") as entry:
            entry.write(data.encode() if isinstance(data, str) else data)

    def write(self, filename: Any, arcname: Any = None, *_: Any, **__: Any) -> None:
        with Path(filename).open("rb") as source, self.open(self._entry(arcname), "w") as entry:
            shutil.copyfileobj(source, entry, 1 << 20)

    def _entry(self, name: str) -> zipfile.ZipInfo:
        entry = zipfile.ZipInfo(name, _MADE.timetuple()[:6])
        entry.compress_type, entry.create_system, entry.external_attr = self.compression, 3, 0o600 << 16
        return entry


def text_cell(sheet: Any, value: str) -> Any:
    """Return a cell that is a text whatever it looks like."""
    from openpyxl.cell import WriteOnlyCell

    cell: Any = WriteOnlyCell(sheet, coded(value))
    cell.data_type = "s"
    if harmless(value) != value:
        # Without it, a spreadsheet program makes a formula of the text as soon as somebody edits the cell.
        cell.quotePrefix = True
    return cell


def dress(sheet: Any, columns: Sequence[str], frozen: int) -> None:
    """Set the widths of columns, and keep the header and the first columns in view."""
    for i, column in enumerate(columns):
        width = _CODE_WIDTH if column[:1].isupper() else _WIDTHS.get(column, _WIDTH)
        sheet.column_dimensions[letter(i)].width = width
    sheet.freeze_panes = f"{letter(frozen)}2"


def heading(sheet: Any, name: str) -> Any:
    """Return a cell of the header."""
    from openpyxl.styles import Alignment, Font, PatternFill

    cell = text_cell(sheet, name)
    cell.font = Font(bold=True, color="FFFFFF")
    cell.fill = PatternFill("solid", fgColor="1F4E5F")
    cell.alignment = Alignment(vertical="top", wrap_text=True)
    return cell
