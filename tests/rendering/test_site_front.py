"""The first page of a site leads to every toolkit and says where answers are kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from citygrow_nb.model import Benchmark
from citygrow_nb.rendering import site_front
from tests.checking import faults
from tests.looking import in_views, violations


def test_every_toolkit_has_a_link(benchmark: Benchmark, tiny: Benchmark) -> None:
    """By title, in the language of the toolkit; a title from outside is text."""
    strange = tiny.model_copy(update={"title": "<b>Quiet</b>"})
    page = site_front({"lab/a": benchmark, "lab/b?x=1&y": strange})
    assert f'<a href="lab/a">{benchmark.title}</a>' in page
    assert '<a href="lab/b?x=1&amp;y">&lt;b&gt;Quiet&lt;/b&gt;</a>' in page
    assert "They stay in this browser, on this computer" in page
    assert "<script" not in page


@pytest.mark.slow
def test_page_is_sound_and_for_everyone(browser: Any, benchmark: Benchmark, tiny: Benchmark, tmp_path: Path) -> None:
    """The HTML checker and axe find nothing, and nothing is wider than a phone."""
    (tmp_path / "index.html").write_text(site_front({"lab/a": benchmark, "lab/b": tiny}), "utf-8")
    assert faults(tmp_path) == []
    page = browser.new_page(bypass_csp=True)
    page.goto((tmp_path / "index.html").as_uri())
    for width, _ in in_views(page):
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.close()
