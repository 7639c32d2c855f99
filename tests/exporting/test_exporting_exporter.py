"""The exporter of a process: one, quick, and deaf to what lies in the current folder."""

from __future__ import annotations

from pathlib import Path

import pytest
from nbconvert.exporters import html

from citygrow_nb.exporting.exporter import exporter
from tests.notebooks import notebook, prose


def test_one_exporter_is_reused() -> None:
    """Building one is cheap, but the first conversion of each is not."""
    assert exporter() is exporter()


def test_page_is_not_parsed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """nbconvert's second look at the whole page, which also makes up alternative texts, is left out."""
    monkeypatch.setattr(html, "BeautifulSoup", lambda *_, **__: pytest.fail("parsed"))
    assert exporter().from_notebook_node(notebook(prose("# A")))[0] == "<h1>A</h1>"


def test_current_folder_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A template of the same name beside the answers is not taken."""
    (tmp_path / "citygrow").mkdir()
    (tmp_path / "citygrow" / "index.html.j2").write_text("HIJACKED", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    exporter.cache_clear()
    try:
        assert "HIJACKED" not in exporter().from_notebook_node(notebook(prose("# A")))[0]
    finally:
        exporter.cache_clear()
