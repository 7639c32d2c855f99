"""What a page looks like in a browser: in wide and narrow windows, light and dark, to everyone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

VIEWS = [(1280, "light"), (1280, "dark"), (320, "light"), (320, "dark")]
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"]
# Only what is wrong comes back; the rest would be hundreds of kilobytes for each page.
AXE = """async (options) => (await axe.run(options)).violations.map(
  (rule) => `${rule.id}: ${rule.nodes[0].target} ${rule.nodes[0].failureSummary}`)"""


def in_views(page: Any, views: list[tuple[int, str]] = VIEWS) -> Iterator[tuple[int, str]]:
    """Show a page in all views without loading it for each: what differs is only style."""
    for width, scheme in views:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)
        yield width, scheme


def violations(page: Any) -> list[str]:
    """Return what axe finds on a page: violations of WCAG 2.2 AA or best practice."""
    from axe_playwright_python.base import AXE_SCRIPT

    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    found: list[str] = page.evaluate(AXE, {"runOnly": RULES, "resultTypes": ["violations"]})
    return found
