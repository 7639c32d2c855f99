"""Which rules of a page's style sheet a chart needs on paper, with every variable written out.

WeasyPrint lets a page's style sheet end at the edge of an SVG, and reads no ``var()`` inside. So each chart gets a
style sheet of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

PROPERTIES = frozenset(
    {"color", "display", "dominant-baseline", "fill", "fill-opacity", "font", "font-family", "font-size", "font-style"}
    | {"font-weight", "letter-spacing", "opacity", "stop-color", "stop-opacity", "stroke", "stroke-dasharray"}
    | {"stroke-linecap", "stroke-linejoin", "stroke-opacity", "stroke-width", "text-anchor", "visibility"}
)
"""What a drawing takes from a style sheet."""

_DEPTH = 4  # variables within variables
_PRINT = ("media", "print")
_VARIABLE = re.compile(r"var\(\s*(--[\w-]+)\s*(?:,\s*([^()]*))?\)")
_FONT = re.compile(r"(?:(?:normal|italic|(?P<weight>bold|\d00))\s+)*(?P<size>[\d.]+\w+)(?:/\S+)?\s+(?P<family>.+)")


@lru_cache(maxsize=8)
def chart_style(style: str) -> str:
    r"""Return the style sheet of a page's charts.

    Parameters
    ----------
    style
        The page's style sheet.

    Returns
    -------
    str
        Its rules for drawings in light colours, those for print last.

    >>> chart_style(":root { --ink: #123 } .bar { fill: var(--ink); margin: 0 } @media print { .bar { fill: #000 } }")
    '.bar {fill: #123}\n.bar {fill: #000}'
    """
    import tinycss2

    rules = list(_rules(tinycss2.parse_stylesheet(style, skip_comments=True, skip_whitespace=True)))
    palette: dict[str, str] = {}
    lines = []
    for selector, declarations in rules:
        if selector == ":root":
            palette |= {name: value for name, value in declarations if name.startswith("--")}
    for selector, declarations in rules:
        kept = [pair for name, value in declarations if name in PROPERTIES for pair in _plain(name, value, palette)]
        if kept and _is_understood(selector):
            lines.append(f"{selector} {{{'; '.join(f'{name}: {value}' for name, value in kept)}}}")
    return "\n".join(lines)


def _rules(nodes: Iterable[Any]) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    import tinycss2

    later = []
    for node in nodes:
        if node.type == "qualified-rule":
            declared = tinycss2.parse_blocks_contents(node.content, skip_comments=True, skip_whitespace=True)
            yield (
                tinycss2.serialize(node.prelude).strip(),
                [(d.name, tinycss2.serialize(d.value).strip()) for d in declared if d.type == "declaration"],
            )
        elif node.type == "at-rule" and (node.lower_at_keyword, tinycss2.serialize(node.prelude).strip()) == _PRINT:
            later.append(node)
    for node in later:
        yield from _rules(tinycss2.parse_rule_list(node.content, skip_comments=True, skip_whitespace=True))


def _plain(name: str, value: str, palette: dict[str, str]) -> Iterator[tuple[str, str]]:
    for _ in range(_DEPTH):
        value = _VARIABLE.sub(lambda m: palette.get(m[1], m[2] or "inherit"), value)
    if name != "font":
        yield name, value
    elif font := _FONT.fullmatch(value):
        # WeasyPrint takes all but the first word of the shorthand for the family.
        yield from ((f"font-{part}", found) for part, found in font.groupdict().items() if found)


def _is_understood(selector: str) -> bool:
    # One selector that it cannot read makes WeasyPrint drop all rules behind it.
    import cssselect2

    try:
        compiled = cssselect2.compile_selector_list(selector)
    except cssselect2.SelectorError:
        return False
    return all(one.pseudo_element is None for one in compiled)
