"""What of a page's style sheet reaches a chart on paper."""

from __future__ import annotations

import pytest

from citygrow_nb.exporting.chart_styles import chart_style
from citygrow_nb.rendering.environment import FRAGMENTS, stylesheet


@pytest.mark.parametrize(
    ("style", "expected"),
    [
        (":root { --a: #111 } .x { fill: var(--a) }", ".x {fill: #111}"),
        (":root { --a: var(--b); --b: #222 } .x { stroke: var( --a ) }", ".x {stroke: #222}"),
        (".x { fill: var(--none, #333) }", ".x {fill: #333}"),
        (".x { fill: var(--none) }", ".x {fill: inherit}"),
        (":root { --a: var(--b); --b: var(--a) } .x { fill: var(--a) }", ".x {fill: var(--a)}"),
        (
            ":root { --a: #111 } @media (prefers-color-scheme: dark) { :root { --a: #eee } } .x { fill: var(--a) }",
            ".x {fill: #111}",
        ),
        (":root { --a: #111 } @media print { :root { --a: #000 } } .x { fill: var(--a) }", ".x {fill: #000}"),
        (".x { margin: 0 } .y { fill: red; padding: 0 }", ".y {fill: red}"),
        (
            '.x { font: bold 14px/1 "Segoe UI", sans-serif }',
            '.x {font-weight: bold; font-size: 14px; font-family: "Segoe UI", sans-serif}',
        ),
        (".x::before { color: red } .y:nonsense { fill: red } .z { fill: red }", ".z {fill: red}"),
    ],
)
def test_rules_are_written_out(style: str, expected: str) -> None:
    """Variables get their light value, print wins, what cannot be read is left out."""
    assert chart_style(style) == expected


def test_our_own_style_sheet_leaves_no_variable() -> None:
    """Every variable that our charts use has a value on paper."""
    inks = chart_style(str(stylesheet("page.css", *FRAGMENTS)))
    assert "fill: #" in inks
    assert "var(" not in inks
