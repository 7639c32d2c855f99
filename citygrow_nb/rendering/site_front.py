"""The first page of a site on which workbooks run in the browser: the way into them, and where answers are kept."""

from __future__ import annotations

from collections.abc import Mapping

from citygrow_nb.model import Benchmark
from citygrow_nb.rendering.environment import render
from citygrow_nb.rendering.pages import draft_notice, page


def site_front(benchmarks: Mapping[str, Benchmark]) -> str:
    """Return the page.

    Parameters
    ----------
    benchmarks
        What can be answered, by the relative address of its first workbook.
    """
    toolkits = [
        {"title": each.title, "language": each.language, "link": link}
        for link, each in sorted(benchmarks.items(), key=lambda item: item[1].title)
    ]
    body = render("site-front.html.j2", toolkits=toolkits)
    title = "Test your city, in this browser"
    return page(title=title, body=body, look="narrow", notice=draft_notice(*benchmarks.values()))
