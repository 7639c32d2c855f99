"""Which code and which libraries pages depend on."""

from __future__ import annotations

from pathlib import Path

import pytest

from citygrow_nb import versions


def test_fingerprint_of_the_code_changes_with_any_part_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A line of Python, a template, a style sheet or a script, and their names; nothing that Python leaves behind."""
    monkeypatch.setattr(versions, "__file__", str(tmp_path / "__init__.py"))
    seen = set()
    for name in ("__init__.py", "page.html.j2", "page.css", "form.js", "other.js"):
        (tmp_path / name).write_bytes(b"x")
        seen.add(versions.code_sha256.__wrapped__())
    (tmp_path / "__init__.cpython-311.pyc").write_bytes(b"x")
    seen.add(versions.code_sha256.__wrapped__())
    assert len(seen) == 5


def test_versions_name_every_library() -> None:
    """A report says what shaped it; WeasyPrint counts only where it is used."""
    assert set(versions.versions()) == set(versions.LIBRARIES)
    assert set(versions.versions(pdf=True)) == {*versions.LIBRARIES, "weasyprint"}
    assert "unknown" not in versions.versions().values()
