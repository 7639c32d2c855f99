"""CSV files as they occur: which encoding, which delimiter, which rows. Knows no column.

UTF-8 with or without a byte order mark, UTF-16 with one, or another encoding where it is sure; comma, semicolon, tab,
bar, or what a first line ``sep=;`` says. Rows are read one by one.
"""

from __future__ import annotations

import codecs
import csv
import io
import itertools
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, Self, TextIO

from citygrow_nb.exceptions import Problem, TableError
from citygrow_nb.tables import encodings
from citygrow_nb.tables.cells import RISKY, harmless, original
from citygrow_nb.tables.header import Line
from citygrow_nb.tables.sheet import Row, Sheet
from citygrow_nb.tables.tally import MAX_COLUMNS, Tally

DELIMITERS = ",;\t"
"""What may part the columns of a table that is written; a bar is read as well."""

MAX_RECORD = 1 << 23
"""Characters of a row: as many cells as a sheet has columns, with hundreds of characters in each."""

_CHUNK = 1 << 20
_SAVE_AGAIN = "save it again as “CSV UTF-8”"
_UTF8_LETTER = re.compile(rb"[\xc3-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_HIGH = re.compile(rb"[\x80-\xff]")
_SEP = re.compile(r'"?sep=(.)"?\s*', re.IGNORECASE)


_PARTS = {delimiter: f"[;\\t\\r\\n{'' if delimiter == ',' else ','}]" for delimiter in ",;\t|"}
"""What parts cells for a program that expects another delimiter, and then no longer honours quotes."""

_WITHIN = {
    delimiter: (re.compile(rf"(?<={part})(?='*[\" ]*{RISKY})"), re.compile(rf"(?<={part})'(?='*[\" ]*{RISKY})"))
    for delimiter, part in _PARTS.items()
}


def inert(text: str, delimiter: str = ",") -> str:
    """Return a cell of which no spreadsheet program makes a formula, wherever it parts it.

    >>> inert("x;=1+1"), inert("=1"), inert("one, -2", ","), inert("one,-2", ";")
    ("x;'=1+1", "'=1", 'one, -2', "one,'-2")
    """
    return _WITHIN[delimiter][0].sub("'", harmless(text))


def alive(text: str, delimiter: str = ",") -> str:
    r"""Undo :func:`inert`.

    >>> [alive(inert(text)) for text in ("x;=1+1", "x;'=1", ";;'", "a\n- b", "it's")]
    ['x;=1+1', "x;'=1", ";;'", 'a\n- b', "it's"]
    """
    return original(_WITHIN[delimiter][1].sub("", text) if "'" in text else text)


def open_csv(path: Path, encoding: str = "") -> Sheet:
    """Find out how a CSV file is written.

    Parameters
    ----------
    path
        The file.
    encoding
        What somebody says that it is in; empty to find it out.

    Returns
    -------
    Sheet
        Its rows, numbered as a spreadsheet program numbers them.

    Raises
    ------
    TableError
        If it is empty, or no CSV file; or its encoding is not sure.
    OSError
        If it cannot be read.
    """
    known = _encoding(path, encodings.checked(encoding) if encoding else "")
    with path.open(encoding=known or encodings.RAW, newline="") as file:
        delimiter = _delimiter(file)

    def rows(encoding: str) -> Iterator[Row]:
        with path.open(encoding=encoding, newline="") as file:
            yield from _rows(file, delimiter)

    if known:
        return Sheet(str(path), lambda: rows(known))
    found = encodings.recognise(rows(encodings.RAW), str(path))
    return Sheet(str(path), lambda: rows(found), note=f"{path}: read as {encodings.NAMES[found]}")


class Columns:
    """A CSV file, written row by row: UTF-8 with a byte order mark, and no text that a program would run as a formula.

    Parameters
    ----------
    file
        Where to write.
    names
        Its columns.
    delimiter
        What parts them.
    """

    def __init__(self, file: BinaryIO, names: Sequence[str], delimiter: str) -> None:
        self._text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
        self._writer = csv.writer(self._text, delimiter=delimiter)
        self._delimiter = delimiter
        self._names = names
        self._writer.writerow(names)

    def put(self, _: str, line: Line) -> None:
        """Add a row."""
        cells = (line.get(name) for name in self._names)
        self._writer.writerow([inert(cell, self._delimiter) if isinstance(cell, str) else cell for cell in cells])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        # The file itself stays open.
        self._text.detach()


def _encoding(path: Path, said: str) -> str:
    """Return the encoding that is said, or the one of Unicode's that it is in; else nothing."""
    with path.open("rb") as file:
        start = file.read(8)
        if not start.strip(b"\xef\xbb\xbf\xff\xfe \t\r\n") and not file.read(_CHUNK).strip():
            raise TableError(Problem(str(path), "the file is empty"))
        if start.startswith(b"PK\x03\x04"):
            raise TableError(Problem(str(path), "this is not a CSV file", todo="if it is an XLSX file, name it .xlsx"))
        if said:
            if (wrong := _wrong_from(file, said)) is not None:
                found = f"the text cannot be in {said}"
                raise TableError(Problem(f"{path}, line {wrong}", found, todo="name another encoding with --encoding"))
            return said
        if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            if _wrong_from(file, "utf-16") is not None:
                raise TableError(Problem(str(path), "the text breaks off or is damaged", todo=_SAVE_AGAIN))
            return "utf-16"
        wrong = _wrong_from(file, "utf-8")
        if wrong is None:
            return "utf-8-sig"
        _check_damaged(path, file, wrong)
    return ""


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    file.seek(0)
    yield from iter(lambda: file.read(_CHUNK), b"")


def _wrong_from(file: BinaryIO, encoding: str) -> int | None:
    """Return the line in which the bytes stop being of the encoding, or None."""
    decoder = codecs.getincrementaldecoder(encoding)()
    lines = 1
    for chunk in itertools.chain(_chunks(file), [b""]):
        try:
            decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError as error:
            return lines + chunk[: error.start].count(b"\n")
        lines += chunk.count(b"\n")
        if encoding == "utf-8" and b"\0" in chunk:
            raise TableError(Problem(file.name, "this is not a text file", todo=f"{_SAVE_AGAIN}, or as XLSX"))
    return None


def _check_damaged(path: Path, file: BinaryIO, wrong: int) -> None:
    """Refuse what is UTF-8 for the most part, and what is no text."""
    letters = others = 0
    for chunk in _chunks(file):
        others += len(_HIGH.findall(_UTF8_LETTER.sub(b"", chunk)))
        letters += len(_UTF8_LETTER.findall(chunk))
        if b"\0" in chunk:
            raise TableError(Problem(str(path), "this is not a text file", todo=f"{_SAVE_AGAIN}, or as XLSX"))
    if letters > others:
        where, found = f"{path}, line {wrong}", "the text is UTF-8 except for some letters, here the first"
        raise TableError(Problem(where, found, todo=_SAVE_AGAIN))


def _delimiter(file: TextIO) -> str:
    """Return the delimiter: what the file says, else the one that gives the first telling row the most cells."""
    reader, lines = _Lines(file), list[str]()
    for line in itertools.islice(reader, 200):
        lines.append(line)
        if reader.taken > MAX_RECORD // 2:
            break
    if lines and (said := _SEP.fullmatch(lines[0])):
        return said[1]
    for count in range(1, 11):
        width = {d: len(_record(lines, d, count)) for d in f"{DELIMITERS}|"}
        if max(width.values()) > 1:
            return max(width, key=width.__getitem__)
    return DELIMITERS[0]


def _record(lines: list[str], delimiter: str, number: int) -> list[str]:
    try:
        return next(itertools.islice(csv.reader(lines, delimiter=delimiter), number - 1, None), [])
    except csv.Error:
        return []


def _rows(file: TextIO, delimiter: str) -> Iterator[Row]:
    lines = _Lines(file)
    first = next(lines, "")
    reader = csv.reader(
        lines if _SEP.fullmatch(first) else itertools.chain([first], lines), delimiter=delimiter, strict=True
    )
    tally = Tally(file.name)
    for number in itertools.count(1):
        lines.begin_record()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield Row(number, (), _broken(error))
        else:
            tally.add(len(cells), max(len(cells), 1))
            if len(cells) > MAX_COLUMNS:
                found = f"the row has {len(cells):,} cells, and sheets at most {MAX_COLUMNS:,}"
                yield Row(number, (), Problem("", found, todo="delete what stands to the right of the answers"))
                continue
            yield Row(number, [alive(cell, delimiter) if "'" in cell else cell for cell in cells])


class _Lines:
    """The lines of a file, as long as rows do not grow without end."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self.taken = 0
        self._number = 0

    def begin_record(self) -> None:
        """Note that what comes next belongs to another row."""
        self.taken = 0

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> str:
        line = self._file.readline(MAX_RECORD + 1)
        if not line:
            raise StopIteration
        self._number += 1
        self.taken += len(line)
        if self.taken > MAX_RECORD:
            found = f"a row goes on for more than {MAX_RECORD:,} characters; mostly a quote is opened and never closed"
            raise TableError(Problem(f"{self._file.name}, line {self._number}", found, todo="close the quote"))
        return line


def _broken(error: csv.Error) -> Problem:
    if "field limit" in str(error):
        found = f"a text of more than {csv.field_size_limit():,} characters; mostly a quote is opened and never closed"
        return Problem("", found, todo="close the quote, or shorten the text")
    if "expected after" in str(error):
        return Problem(
            "", "something stands behind a closing quote", todo='write a quote within a text twice, as in “""”'
        )
    return Problem("", "a quote is opened and never closed, so that the rows below became one text", todo="close it")
