"""How many workbooks stay open in a window of the site: each is a Python of its own."""

from __future__ import annotations

from typing import Any

import pytest

from citygrow_nb import authoring

SOURCE = authoring.EXTENSIONS / "citygrow-guide" / "static" / "site.js"

# Brings workbooks to the front one after the other, and returns which of them were closed.
TURNED = """async ([source, names, pending]) => {
  const module = await import(URL.createObjectURL(new Blob([source], { type: 'text/javascript' })));
  const options = { citygrowSite: 'true' };
  const site = module.siteOf({ getOption: (name) => options[name] ?? '', getBaseUrl: () => '/' });
  window.citygrowSession = { pending };
  const closed = [];
  const panels = new Map();
  for (const name of names) {
    const dispose = () => { closed.push(name); panels.delete(name); };
    if (!panels.has(name)) panels.set(name, { context: { path: name }, dispose });
    site.turned(panels.get(name), [...panels.values()]);
  }
  return closed;
}"""


@pytest.fixture(scope="module")
def page(browser: Any) -> Any:
    """Return an empty page of a site."""
    with browser.new_context() as context:
        made = context.new_page()
        made.route("**/*", lambda route: route.fulfill(body="<title>x</title>", content_type="text/html"))
        made.goto("http://site.example/lab/index.html")
        yield made


@pytest.mark.parametrize(
    ("names", "closed"),
    [
        ("abcd", ""),
        ("abcde", "a"),
        ("abcdaefg", "bcd"),
        ("abababab", ""),
        ("abcdea", "ab"),  # opened again, it is like any other
    ],
)
def test_those_that_were_not_seen_for_longest_are_closed(page: Any, names: str, closed: str) -> None:
    """Four stay open."""
    assert page.evaluate(TURNED, [SOURCE.read_text("utf-8"), list(names), {}]) == list(closed)


def test_none_is_closed_while_something_waits_to_be_saved(page: Any) -> None:
    """Whichever workbook it is in."""
    pending = {"port/2026": {"answer|agreed|KF1.Q1": {}}}
    assert page.evaluate(TURNED, [SOURCE.read_text("utf-8"), list("abcdefg"), pending]) == []
    assert page.evaluate(TURNED, [SOURCE.read_text("utf-8"), list("abcde"), {"port/2026": {}}]) == ["a"]
