"""The server dies in mid-answer: what was typed can be downloaded, and restored on another server."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from citygrow_nb.model import Benchmark
from tests.lab.laboratory import Laboratory, at_work

pytestmark = pytest.mark.slow


def test_answers_outlive_their_server(browser: Any, tmp_path: Path, benchmark: Benchmark) -> None:
    first = Laboratory(tmp_path / "first", benchmark)
    first.begin()
    first.start()
    with at_work(browser, first) as analyst:
        analyst.open("01-strategy.ipynb")
        analyst.run_all()
        form = analyst.form("KF1.Q1")
        form.get_by_label("1 · ").check()
        analyst.status(form, r"Saved \d\d:\d\d")
        first.kill()
        late = analyst.form("KF1.Q2")
        late.get_by_label("3 · ").check()
        analyst.status(late, "does not answer", timeout=20_000)
        assert late.get_by_label("3 · ").is_checked()
        head = analyst.page.locator(".cgw-desk")
        analyst.page.evaluate("document.querySelectorAll('.jp-Dialog').forEach((dialog) => dialog.remove())")
        analyst.reach(head)
        with analyst.page.expect_download() as download:
            head.get_by_role("link", name="Download my answers").click()
        file = tmp_path / download.value.suggested_filename
        download.value.save_as(file)

    second = Laboratory(tmp_path / "second", benchmark)
    second.start()
    try:
        with at_work(browser, second) as analyst:
            analyst.open("00-start.ipynb")
            analyst.run_all()
            upload = analyst.page.get_by_label("Go on from answers you downloaded")
            analyst.reach(upload)
            upload.set_input_files(file)
            analyst.page.locator(".cgw-status").filter(has_text="taken over").wait_for(timeout=20_000)
        saved = second.on_disk()
        assert saved.answer("KF1.Q1").level == 1  # type: ignore[union-attr]
        assert saved.answer("KF1.Q2").level == 3  # type: ignore[union-attr]
    finally:
        second.kill()
