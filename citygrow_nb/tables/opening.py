"""Opening a table, whatever program wrote it. Knows no column."""

from __future__ import annotations

import contextlib
from pathlib import Path

from citygrow_nb import atomic
from citygrow_nb.exceptions import Problem, TableError
from citygrow_nb.tables.compound import SIGNATURE
from citygrow_nb.tables.csvfile import open_csv
from citygrow_nb.tables.odsfile import CONTENT, open_ods, protected
from citygrow_nb.tables.packed import packed_parts
from citygrow_nb.tables.sheet import Sheet
from citygrow_nb.tables.xlsfile import WORKBOOK, open_xls, open_xlsb
from citygrow_nb.tables.xlsxfile import open_xlsx

_TEXT = frozenset({".csv", ".tsv", ".txt"})
_SPREADSHEETS = frozenset({".xlsx", ".xlsm", ".ods", ".xls", ".xlsb"})
MAX_TEXT, MAX_SPREADSHEET = 512 << 20, 128 << 20
"""Bytes of a file; a hundred thousand cities take less."""
_LOOK = 1 << 16
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
"""Part of a file that holds another one behind a password."""


def opened(path: Path, stack: contextlib.ExitStack, encoding: str) -> list[Sheet]:
    """Return the sheets of a file, whatever kind of table it is.

    Parameters
    ----------
    path
        The file; its ending says what it should be.
    stack
        Keeps open what the sheets need.
    encoding
        What a CSV file is in; empty to find it out.

    Raises
    ------
    TableError
        If it is no table that can be read.
    OSError
        If it cannot be read at all.
    """
    ending = path.suffix.lower()
    if ending not in _TEXT | _SPREADSHEETS:
        allowed = ".csv, .xlsx, .ods, .xls or .xlsb"
        raise TableError(Problem(str(path), f"the ending “{path.suffix}” is not that of a table", allowed))
    atomic.require_plain(path, MAX_TEXT if ending in _TEXT else MAX_SPREADSHEET)
    if ending in _TEXT:
        return [open_csv(path, encoding)]
    with path.open("rb") as file:
        start = file.read(_LOOK)
        if not start:
            raise TableError(Problem(str(path), "the file is empty"))
        if start.startswith(SIGNATURE):
            if _ENCRYPTED in start:
                raise TableError(protected(path))
            return open_xls(path, stack)
        if start.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
            found = f"this is a web page or XML that somebody named “{path.suffix}”, as some programs export it"
            raise TableError(Problem(str(path), found, todo="open it in a spreadsheet program and save it as XLSX"))
        # What is packed tells by its parts which format it is, whatever its name.
        parts = packed_parts(path, file)
    if WORKBOOK in parts:
        return open_xlsb(path, stack)
    return open_ods(path, stack) if CONTENT in parts else open_xlsx(path, stack)
