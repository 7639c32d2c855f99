"""What a page looks like in a browser: in wide and narrow windows, light and dark, to everyone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

# From each to the next either width or scheme changes.
VIEWS = [(1280, "light"), (1280, "dark"), (320, "dark"), (320, "light")]
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"]
COLOURS = ["color-contrast"]
"""What colours may violate; two thirds of what axe takes for a page. The rest does not depend on the colour scheme."""

# Only what is wrong comes back; the rest would be hundreds of kilobytes for each page.
AXE = """async (options) => (await axe.run(options)).violations.map(
  (rule) => `${rule.id}: ${rule.nodes[0].target} ${rule.nodes[0].failureSummary}`)"""


def in_views(page: Any, views: list[tuple[int, str]] = VIEWS) -> Iterator[tuple[int, str]]:
    """Show a page in all views without loading it for each: what differs is only style."""
    seen: tuple[int, str] | None = None
    for width, scheme in views:
        if not seen or seen[0] != width:
            page.set_viewport_size({"width": width, "height": 900})
        if not seen or seen[1] != scheme:
            page.emulate_media(color_scheme=scheme)
        seen = width, scheme
        yield width, scheme


def violations(page: Any, *, colours: bool = True, structure: bool = True) -> list[str]:
    """Return what axe finds on a page: violations of WCAG 2.2 AA or best practice.

    Parameters
    ----------
    page
        Playwright's page.
    colours, structure
        Whether to look at the contrast of colours, and at all the rest.
    """
    from axe_playwright_python.base import AXE_SCRIPT

    if not (colours or structure):
        return []
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    rules = {} if colours else {rule: {"enabled": False} for rule in COLOURS}
    asked = {"runOnly": RULES if structure else COLOURS, "rules": rules, "resultTypes": ["violations"]}
    found: list[str] = page.evaluate(AXE, asked)
    return found
