"""Packed files, as XLSX, ODS and XLSB are: what may be unpacked, and the XML in it. Knows no sheet."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO
from xml.parsers import expat

from citygrow_nb.exceptions import Problem, TableError

DAMAGED = (
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    NotImplementedError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    expat.ExpatError,
    zipfile.BadZipFile,
    zlib.error,
)
"""What a damaged file makes openpyxl, an XML parser or zipfile raise."""

_MAX_UNPACKED = 1 << 30
_SUSPICIOUS, _MAX_RATIO = 1 << 20, 250
"""What spreadsheets hold packs to a tenth or a fiftieth; only what is made to fill the memory packs to a thousandth."""
_MAX_DIRECTORY = 1 << 20
_END, _END_SIZE, _ENDS_WITHIN = b"PK\x05\x06", 22, 1 << 16
_CHUNK = 1 << 18


def packed_parts(path: Path, file: IO[bytes]) -> frozenset[str]:
    """Return which parts a packed file has; raise TableError if it is none, or would fill the memory."""
    if not zipfile.is_zipfile(file):
        kind = path.suffix.removeprefix(".").upper()
        raise TableError(Problem(str(path), f"this is not an {kind} file", todo="if it is a CSV file, name it .csv"))
    if _directory_size(file) > _MAX_DIRECTORY:
        raise TableError(Problem(str(path), "there are far too many files in it", todo="save the table as XLSX"))
    try:
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
            _check_sizes(path, entries)
            for entry in entries:
                _check_end(archive, entry)
    except DAMAGED as error:
        raise TableError(damaged(path)) from error
    return frozenset(entry.filename for entry in entries)


def damaged(path: Path) -> Problem:
    """Return the problem of a file that is damaged."""
    return Problem(str(path), "the file is damaged", todo="open it in a spreadsheet program and save it again")


def _check_sizes(path: Path, entries: Sequence[zipfile.ZipInfo]) -> None:
    if any(entry.file_size > max(_SUSPICIOUS, _MAX_RATIO * entry.compress_size) for entry in entries):
        raise TableError(
            Problem(str(path), "the file would unpack to far too much", todo="ask whoever sent it for another one")
        )
    if sum(entry.file_size for entry in entries) > _MAX_UNPACKED:
        raise TableError(Problem(str(path), "the file is too large to be unpacked", todo="save it as CSV"))


def _check_end(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
    """Make sure that a part ends where it says; raise BadZipFile if not.

    Libraries unpack what is there, and look only then whether it is more than was said. One byte more is asked for than
    there should be: if there is one, the sum over all bytes is wrong.
    """
    entry.file_size += 1
    with archive.open(entry) as part:
        while part.read(_CHUNK):
            pass


def _directory_size(file: IO[bytes]) -> int:
    """Return how long the list of entries says it is: it is read whole before anything in it can be looked at."""
    size = file.seek(0, 2)
    file.seek(max(0, size - _END_SIZE - _ENDS_WITHIN))
    tail = file.read()
    places = {tail.rfind(_END), len(tail) - _END_SIZE}
    # A longer form of the list, for files beyond 4 GB, says 0xFFFFFFFF here.
    return max(int.from_bytes(tail[at + 12 : at + 16], "little") for at in places if tail[at : at + 4] == _END)


def parse(
    part: IO[bytes],
    start: Callable[[str, Mapping[str, str]], object],
    end: Callable[[str], object] | None = None,
    text: Callable[[str], object] | None = None,
) -> None:
    """Read XML piece by piece.

    Parameters
    ----------
    part
        Where from.
    start, end
        Told of each element's beginning and end, by its name as it is written, with its prefix.
    text
        Told of text between.

    Raises
    ------
    ExpatError, ValueError
        If it is damaged, or defines entities.
    """
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse
    parser.StartElementHandler = start
    if end is not None:
        parser.EndElementHandler = end
    if text is not None:
        parser.CharacterDataHandler = text
    while chunk := part.read(_CHUNK):
        parser.Parse(chunk, False)
    parser.Parse(b"", True)


def _refuse(*_: object) -> None:
    raise ValueError("a document type")
