"""OLE files, which old XLS files are: the one stream that matters out of them, and a file of just that stream.

A chain of sectors that runs in a circle would be followed without end by whoever trusts it.
"""

from __future__ import annotations

import struct
from collections.abc import Collection, Sequence

SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

_FREE, _END, _FAT, _LISTS = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD, 0xFFFFFFFC
_SIZE, _MINI, _SMALL, _ENTRY = 512, 64, 4096, 128
_NUMBERS = _SIZE // 4
_IN_HEADER = 109


def stream(content: bytes, names: Collection[str]) -> bytes:
    """Return the first stream that has one of some names.

    Parameters
    ----------
    content
        The whole file.
    names
        In the order in which they are looked for.

    Raises
    ------
    ValueError, IndexError, StopIteration, struct.error
        If there is none, or the file is damaged.
    """
    (shift,) = struct.unpack_from("<H", content, 30)
    directory, _, _, small_table, _, more, _ = struct.unpack_from("<7I", content, 48)
    if shift not in {9, 12}:
        raise ValueError(shift)
    sectors = _parts(content, 1 << shift)[1:]
    listed = list(struct.unpack_from(f"<{_IN_HEADER}I", content, 76))
    for _ in sectors:
        if more >= _LISTS:
            break
        *numbers, more = _numbers(sectors[more])
        listed += numbers
    table = [number for at in listed if at < len(sectors) for number in _numbers(sectors[at])]
    entries = [each for sector in _chain(sectors, table, directory) for each in _parts(sector, _ENTRY)]
    found = {_name(entry): entry for entry in reversed(entries)}
    start, length = struct.unpack_from("<II", next(found[name] for name in names if name in found), 116)
    if length < _SMALL:
        # What is small stands within another stream, and has a table of its own.
        (inner,) = struct.unpack_from("<I", entries[0], 116)
        small = [part for sector in _chain(sectors, table, inner) for part in _parts(sector, _MINI)]
        table = [number for sector in _chain(sectors, table, small_table) for number in _numbers(sector)]
        sectors = small
    return b"".join(_chain(sectors, table, start))[:length]


def _name(entry: bytes) -> str:
    return entry[:64].decode("utf-16-le", "replace").partition("\0")[0]


def file_of(content: bytes, name: str = "Workbook") -> bytes:
    """Return a file that holds one stream and nothing else."""
    content = content.ljust(_SMALL, b"\0")
    parts = [part.ljust(_SIZE, b"\0") for part in _parts(content, _SIZE)]
    # First the stream, then the directory, then the table of what follows on what, and the lists of the table's own
    # places, as far as they don't fit into the header.
    fats = lists = 0
    while True:
        count = len(parts) + 1 + fats + lists
        wanted = -(-count // _NUMBERS), max(0, -(-(fats - _IN_HEADER) // (_NUMBERS - 1)))
        if wanted == (fats, lists):
            break
        fats, lists = wanted
    directory, first = len(parts), len(parts) + 1
    table = [*range(1, directory), _END, _END, *[_FAT] * fats, *[_LISTS] * lists]
    table += [_FREE] * (fats * _NUMBERS - len(table))
    places = list(range(first, first + fats))
    beyond = [places[at : at + _NUMBERS - 1] for at in range(_IN_HEADER, fats, _NUMBERS - 1)]
    header = SIGNATURE + bytes(16) + struct.pack("<5H6x", 0x3E, 3, 0xFFFE, 9, 6)
    header += struct.pack("<9I", 0, fats, directory, 0, _SMALL, _END, 0, first + fats if lists else _END, lists)
    header += struct.pack(f"<{_IN_HEADER}I", *_filled(places[:_IN_HEADER], _IN_HEADER))
    entries = _entry("Root Entry", 5, _END, 0, 1) + _entry(name, 2, 0, len(content), _FREE)
    chain = b"".join(
        struct.pack(f"<{_NUMBERS}I", *_filled(own, _NUMBERS - 1), first + fats + i + 1 if i + 1 < lists else _END)
        for i, own in enumerate(beyond)
    )
    return b"".join((header, *parts, entries.ljust(_SIZE, b"\0"), struct.pack(f"<{len(table)}I", *table), chain))


def _filled(numbers: Sequence[int], count: int) -> list[int]:
    return [*numbers, *[_FREE] * (count - len(numbers))]


def _entry(name: str, kind: int, start: int, size: int, child: int) -> bytes:
    written = f"{name}\0".encode("utf-16-le")
    links = struct.pack("<HBB3I", len(written), kind, 1, _FREE, _FREE, child)
    return written.ljust(64, b"\0") + links + bytes(36) + struct.pack("<IQ", start, size)


def _parts(content: bytes, size: int) -> list[bytes]:
    return [content[at : at + size] for at in range(0, len(content), size)]


def _numbers(sector: bytes) -> tuple[int, ...]:
    return struct.unpack(f"<{len(sector) // 4}I", sector[: len(sector) // 4 * 4])


def _chain(sectors: Sequence[bytes], table: Sequence[int], start: int) -> list[bytes]:
    """Return the sectors of a chain; raise ValueError if it has more than there are."""
    found: list[bytes] = []
    while start != _END:
        if len(found) >= len(sectors):
            raise ValueError(start)
        found.append(sectors[start])
        start = table[start]
    return found
