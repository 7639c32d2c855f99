"""Links between workbooks become links between pages."""

from __future__ import annotations

import pytest

from citygrow_nb.exporting.links import between_pages


@pytest.mark.parametrize(
    ("link", "becomes"),
    [
        ('<a href="01-a.ipynb">x</a>', '<a href="01-a.html">x</a>'),
        ('<a id="b" href="01-a.ipynb#KF1.Q1" rel="x">x</a>', '<a id="b" href="01-a.html#KF1.Q1" rel="x">x</a>'),
        ('<a href="12-p.ipynb">x</a>', '<a href="../../index.html">x</a>'),
        ('<a href="12-p.ipynb#top">x</a>', '<a href="../../index.html#top">x</a>'),
        ('<a href="11-r.ipynb">x <b>y</b></a>', "x <b>y</b>"),
        ('<a href="https://example.org/a.ipynb">x</a>', '<a href="https://example.org/a.ipynb">x</a>'),
        ('<a href="other/a.ipynb">x</a>', '<a href="other/a.ipynb">x</a>'),
        ("<p>01-a.ipynb</p>", "<p>01-a.ipynb</p>"),
    ],
)
def test_link(link: str, becomes: str) -> None:
    """Only links to workbooks beside this one change, and only where they lead."""
    assert between_pages(link, {"12-p.ipynb": "../../index.html", "11-r.ipynb": None}) == becomes
