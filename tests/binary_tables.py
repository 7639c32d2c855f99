"""Small XLS and XLSB files, made record by record: no program that writes them is at hand."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Iterable, Mapping, Sequence

from citygrow_nb.tables import compound

Cells = Mapping[tuple[int, int], str | float]
"""What stands where: row and column, from 0."""


def grid(rows: Sequence[Sequence[str | float | None]]) -> Cells:
    """Return rows as cells."""
    return {(i, j): cell for i, row in enumerate(rows) for j, cell in enumerate(row) if cell is not None}


def xls(*sheets: Cells, claimed: tuple[int, int] = (1, 1)) -> bytes:
    """Return an XLS file; ``claimed`` is the size that each sheet says it has."""

    def sheet(cells: Cells) -> bytes:
        return b"".join(
            (
                _xls(0x809, struct.pack("<HHHHII", 0x600, 0x10, 0, 0, 0, 0)),
                _xls(0x200, struct.pack("<IIHHH", 0, claimed[0], 0, claimed[1], 0)),
                *(_xls_cell(row, column, value) for (row, column), value in cells.items()),
                _xls(0x0A, b""),
            )
        )

    parts = [sheet(cells) for cells in sheets]
    names = [f"S{i}".encode() for i in range(len(parts))]
    begin = _xls(0x809, struct.pack("<HHHHII", 0x600, 5, 0, 0, 0, 0)) + _xls(0x42, struct.pack("<H", 1200))
    place = len(begin) + sum(4 + 8 + len(name) for name in names) + 4
    listed = b""
    for name, part in zip(names, parts, strict=True):
        listed += _xls(0x85, struct.pack("<IHBB", place, 0, len(name), 0) + name)
        place += len(part)
    return compound.file_of(begin + listed + _xls(0x0A, b"") + b"".join(parts))


def _xls(kind: int, content: bytes) -> bytes:
    return struct.pack("<HH", kind, len(content)) + content


def _xls_cell(row: int, column: int, value: str | float) -> bytes:
    place = struct.pack("<HHH", row, column, 0)
    if isinstance(value, str):
        return _xls(0x204, place + struct.pack("<HB", len(value), 1) + value.encode("utf-16-le"))
    return _xls(0x203, place + struct.pack("<d", value))


def xlsb(*sheets: Cells) -> bytes:
    """Return an XLSB file."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in xlsb_parts(*sheets).items():
            archive.writestr(name, content)
    return file.getvalue()


def xlsb_parts(*sheets: Cells) -> dict[str, bytes]:
    """Return the parts of an XLSB file."""
    numbers = range(1, len(sheets) + 1)
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"
    links = "".join(f'<Relationship Id="rId{i}" Type="{kind}" Target="worksheets/sheet{i}.bin"/>' for i in numbers)
    bundle = b"".join(_xlsb(0x9C, struct.pack("<II", 0, i) + _wide(f"rId{i}") + _wide(f"S{i}")) for i in numbers)
    end = _xlsb(0x90, b"") + _xlsb(0x9D, bytes(4)) + _xlsb(0x84, b"")
    return {
        "[Content_Types].xml": b'<?xml version="1.0"?><Types/>',
        "xl/workbook.bin": _xlsb(0x83, b"") + _xlsb(0x8F, b"") + bundle + end,
        "xl/_rels/workbook.bin.rels": f'<?xml version="1.0"?><Relationships>{links}</Relationships>'.encode(),
        **{f"xl/worksheets/sheet{i}.bin": _xlsb_sheet(cells) for i, cells in enumerate(sheets, 1)},
    }


def _xlsb_sheet(cells: Cells) -> bytes:
    def rows() -> Iterable[bytes]:
        last = -1
        for (row, column), value in sorted(cells.items(), key=lambda item: item[0]):
            if row != last:
                yield _xlsb(0, struct.pack("<I", row) + bytes(13))
                last = row
            place = struct.pack("<II", column, 0)
            yield (
                _xlsb(6, place + _wide(value)) if isinstance(value, str) else _xlsb(5, place + struct.pack("<d", value))
            )

    return b"".join(
        (_xlsb(0x81, b""), _xlsb(0x94, bytes(16)), _xlsb(0x91, b""), *rows(), _xlsb(0x92, b""), _xlsb(0x82, b""))
    )


def _xlsb(kind: int, content: bytes) -> bytes:
    first = bytes([kind]) if kind < 0x80 else bytes([kind & 0x7F | 0x80, kind >> 7])
    size = len(content)
    return first + (bytes([size]) if size < 0x80 else bytes([size & 0x7F | 0x80, size >> 7])) + content


def _wide(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")
