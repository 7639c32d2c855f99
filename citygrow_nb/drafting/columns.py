"""The order in which people read a page: what spans it from side to side, and in between column after column."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

GAP = 0.35
"""White space between two lines, in heights of a line, from which on a new paragraph begins."""


@dataclass(frozen=True)
class _Piece:
    """A piece of text on a page; the origin is its lower left corner, in points."""

    text: str
    left: float
    bottom: float
    right: float
    top: float


def in_order(page: Any, width: float) -> Iterator[str]:
    """Yield the lines of a page in reading order; a blank line stands for a gap.

    Parameters
    ----------
    page
        The text page of pypdfium2.
    width
        Width of the page, in points.
    """
    pieces = _pieces(page)
    if not pieces:
        return
    middle = _gutter(pieces, width)
    for band in _bands(pieces, middle):
        yield from _lines(band)
        yield ""


def _pieces(page: Any) -> list[_Piece]:
    found = []
    for number in range(page.count_rects()):
        left, bottom, right, top = page.get_rect(number)
        # A hair wider, so that no letter at the edge is lost.
        text = page.get_text_bounded(left - 0.5, bottom - 0.5, right + 0.5, top + 0.5).replace("\x02", "-")
        if text.strip():
            bottom, top = _line_box(page, left, bottom, top)
            found.append(_Piece(" ".join(text.split()), left, bottom, right, top))
    return found


def _line_box(page: Any, left: float, bottom: float, top: float) -> tuple[float, float]:
    """Return the bottom and top of the line that letters stand in: as high as their font, not as they are."""
    index = page.get_index(left, (bottom + top) / 2, 6, 6)
    if index is None:
        return bottom, top
    _, low, _, high = page.get_charbox(index, loose=True)
    return min(low, bottom), max(high, top)


def _gutter(pieces: Sequence[_Piece], width: float) -> float | None:
    """Return where the gap between two columns is: the place around the middle that fewest pieces cross."""
    places = [width * (0.3 + 0.005 * step) for step in range(81)]
    crossed = {x: sum(piece.left < x < piece.right for piece in pieces) for x in places}
    fewest = min(crossed.values())
    best = [x for x in places if crossed[x] == fewest]
    x = best[len(best) // 2]
    left = sum(piece.right <= x for piece in pieces)
    right = sum(piece.left >= x for piece in pieces)
    return x if min(left, right) >= 3 and fewest < left + right else None


def _bands(pieces: Sequence[_Piece], middle: float | None) -> Iterator[list[_Piece]]:
    """Yield runs of pieces that belong together: full width, left column, right column, and so on."""
    ordered = sorted(pieces, key=lambda piece: (-piece.top, piece.left))
    if middle is None:
        yield ordered
        return
    full: list[_Piece] = []
    left: list[_Piece] = []
    right: list[_Piece] = []
    for piece in ordered:
        spans = piece.left < middle < piece.right or (bool(full) and _ends(full[-1], piece))
        if spans and (left or right):
            yield from filter(None, (left, right))
            left, right = [], []
        if not spans and full:
            yield full
            full = []
        (full if spans else left if piece.right <= middle else right).append(piece)
    yield from filter(None, (full, left, right))


def _ends(above: _Piece, piece: _Piece) -> bool:
    """Tell whether a short line is the last one of the paragraph above it."""
    near = above.bottom - piece.top <= GAP * (piece.top - piece.bottom)
    return near and abs(above.left - piece.left) < 2 * GAP * (piece.top - piece.bottom)


def _lines(pieces: Sequence[_Piece]) -> Iterator[str]:
    """Yield lines of text, with a blank one where the gap to the line above is wide."""
    rows: list[list[_Piece]] = []
    for piece in sorted(pieces, key=lambda piece: (-piece.top, piece.left)):
        if rows and abs(rows[-1][0].bottom - piece.bottom) < 0.5 * (piece.top - piece.bottom):
            rows[-1].append(piece)
        else:
            rows.append([piece])
    for number, row in enumerate(rows):
        below = row[0]
        if number and rows[number - 1][0].bottom - below.top > GAP * (below.top - below.bottom):
            yield ""
        yield " ".join(piece.text for piece in sorted(row, key=lambda piece: piece.left))
