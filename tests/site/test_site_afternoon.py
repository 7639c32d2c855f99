"""The analyst's afternoon, by keyboard alone, on a site without a server."""

from __future__ import annotations

from pathlib import Path

import pytest

from citygrow_nb import answers
from citygrow_nb.model import Benchmark
from citygrow_nb.plan import plan
from tests.lab.test_whole_afternoon import NAME, SLUG, Keyboard, everything, given
from tests.proof import WHOLE
from tests.site.conftest import Visitor
from tests.site.test_site_browser import downloaded, in_a_thread, report_of, without_versions

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(1800),
    pytest.mark.skipif(not WHOLE, reason="takes many minutes, with CITYGROW_PROOF=1; test_site_browser.py is shorter"),
]


def test_whole_afternoon_and_its_report(visitor: Visitor, benchmark: Benchmark, tmp_path: Path) -> None:
    """Forty answers, ten readings and a plan, by keyboard; the report is the batch's but for versions; all is kept."""
    wanted = {code: given(number, code) for number, code in enumerate(benchmark.questions)}
    page = visitor.open("00-start.ipynb")
    keyboard = Keyboard(page)
    everything(keyboard, benchmark, wanted)

    keyboard.go_to("Make the HTML report", form="Report and downloads")
    keyboard.press("Enter")
    page.locator(f'a:focus:has-text("Download {SLUG}-2026-report.html")').wait_for()
    with page.expect_download() as download:
        keyboard.press("Enter")
    report = Path(download.value.path()).read_bytes()
    with page.expect_download() as download:
        page.get_by_role("region", name="Guide").get_by_role("button", name="Download my answers").click()
    document = Path(download.value.path()).read_bytes()
    saved = answers.parse(document, "download", benchmark)
    assert (saved.city.name, saved.city.population, len(saved.context), len(saved.actions)) == (NAME, 41200, 10, 1)
    for code, answer in wanted.items():
        assert answer.says_the_same(saved.answer(code)), code
    made = in_a_thread(lambda: report_of(tmp_path, document))
    assert without_versions(report) == without_versions(made)

    visitor.kill()
    visitor.start()
    again = visitor.open(plan(benchmark)[1].file)
    again.locator('form[aria-label="Answer to KF1.Q1"]').wait_for()
    assert downloaded(again, benchmark) == saved
