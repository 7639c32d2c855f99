"""Figures as tables, for the screen and for a page of the docs, and a curve as a drawing."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from html import escape
from pathlib import Path

from bench.measuring import Sample


def table(heads: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Return a Markdown table; all columns but the first stand at the right.

    >>> print(table(["way", "s"], [["ours", 1.25]]))
    | way  |    s |
    | ---- | ---: |
    | ours | 1.25 |
    """
    cells = [[str(value) for value in row] for row in [heads, *rows]]
    widths = [max(4, *(len(row[column]) for row in cells)) for column in range(len(heads))]

    def line(row: Sequence[str]) -> str:
        texts = [
            text.rjust(width) if column else text.ljust(width)
            for column, (text, width) in enumerate(zip(row, widths, strict=True))
        ]
        return f"| {' | '.join(texts)} |"

    rule = [("-" * (width - 1) + ":") if column else "-" * width for column, width in enumerate(widths)]
    return "\n".join([line(cells[0]), line(rule), *map(line, cells[1:])])


def figure(value: float | None) -> str:
    """Write a figure with two or three digits that count; a dash for none.

    >>> figure(123.4), figure(12.34), figure(1.234), figure(0.01234), figure(None)
    ('123', '12.3', '1.23', '0.012', '–')
    """
    if value is None:
        return "–"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}" if abs(value) >= 0.1 else f"{value:.3f}"


def ratio(slow: float | None, fast: float | None) -> str:
    """Say how many times as long the slow one takes.

    >>> ratio(30.0, 0.25), ratio(0.3, 0.2), ratio(None, 1.0)
    ('120×', '1.5×', '–')
    """
    if slow is None or not fast:
        return "–"
    times = slow / fast
    return f"{times:,.0f}×" if times >= 10 else f"{times:.1f}×"


def tell(table: str, where: str, page: Path | None, name: str) -> None:
    """Print a table with where it was measured, and put both into a section of a page, if one is given.

    Parameters
    ----------
    table
        The table.
    where
        Machine and load.
    page, name
        As for :func:`insert`.
    """
    text = f"{table}\n\nMeasured on {where}"
    sys.stdout.write(f"{text}\n\n")
    if page:
        insert(page, name, text)


def insert(page: Path, name: str, text: str) -> None:
    """Replace what stands in a page between the marks of a section.

    Parameters
    ----------
    page
        The page; it has the two marks ``<!-- bench: NAME -->`` and ``<!-- end: NAME -->``.
    name, text
        The section, and its new content.

    Raises
    ------
    ValueError
        If the page has no such marks.
    """
    marks = re.compile(rf"(<!-- bench: {re.escape(name)} -->\n).*?(<!-- end: {re.escape(name)} -->)", re.DOTALL)
    source = page.read_text(encoding="utf-8")
    made, count = marks.subn(lambda match: f"{match[1]}{text.strip()}\n{match[2]}", source)
    if count != 1:
        raise ValueError(f"{page} has no section “{name}”")
    page.write_text(made, encoding="utf-8")


def thinned(samples: Sequence[Sample], most: int = 400) -> list[Sample]:
    """Return so few samples that a curve stays small: of each stretch the one with most memory."""
    stretch = -(-len(samples) // most) or 1
    return [max(samples[at : at + stretch], key=lambda s: s.megabytes) for at in range(0, len(samples), stretch)]


def csv(samples: Sequence[Sample]) -> str:
    """Return a curve as CSV."""
    lines = [f"{s.seconds:.1f},{s.done},{s.megabytes:.1f},{s.processes}" for s in samples]
    return "\n".join(["seconds,cities,megabytes,processes", *lines, ""])


def curve(samples: Sequence[Sample], title: str, limit: float) -> str:
    """Draw memory over cities, with the limit it must not reach.

    Parameters
    ----------
    samples
        In the order of time; at least one.
    title
        What is shown.
    limit
        In megabytes.
    """
    width, height, left, top, bottom = 720, 260, 56, 34, 40
    most = max(1, *(s.done for s in samples))
    roof = 1.1 * max(limit, *(s.megabytes for s in samples))

    def at(done: float, megabytes: float) -> tuple[float, float]:
        return left + (width - left - 12) * done / most, top + (height - top - bottom) * (1 - megabytes / roof)

    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in (at(s.done, s.megabytes) for s in samples))
    x0, y0 = at(0, 0)
    x1, ceiling = at(most, limit)
    peak = max(s.megabytes for s in samples)
    told = f"Peak {peak:.0f} MB; limit {limit:.0f} MB; {most:,} cities in {samples[-1].seconds:.0f} seconds."
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}"
  role="img" aria-labelledby="t d" font-family="system-ui, sans-serif" font-size="13">
<title id="t">{escape(title)}</title>
<desc id="d">{escape(told)}</desc>
<rect width="{width}" height="{height}" fill="#fff"/>
<text x="{left}" y="20" fill="#1d2529">{escape(title)}</text>
<path d="M{x0:.1f} {top}V{y0:.1f}H{x1:.1f}" fill="none" stroke="#566067"/>
<path d="M{x0:.1f} {ceiling:.1f}H{x1:.1f}" stroke="#a8331f" stroke-dasharray="4 3"/>
<text x="{x0 - 6:.1f}" y="{ceiling + 4:.1f}" text-anchor="end" fill="#a8331f">{limit:.0f}</text>
<text x="{x0 - 6:.1f}" y="{y0:.1f}" text-anchor="end" fill="#566067">0 MB</text>
<text x="{x0:.1f}" y="{height - 14}" fill="#566067">0</text>
<text x="{x1:.1f}" y="{height - 14}" text-anchor="end" fill="#566067">{most:,} cities</text>
<polyline points="{points}" fill="none" stroke="#0a5570" stroke-width="2"/>
</svg>
"""
