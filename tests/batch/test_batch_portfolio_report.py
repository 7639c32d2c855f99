"""Everything that shows all cities is made from the portfolio alone, the same bytes each time."""

from __future__ import annotations

import re
import zlib
from pathlib import Path
from typing import Any

import pytest

from citygrow_nb.batch.jobs import Pages, PortfolioJob, Toolkit
from citygrow_nb.batch.manifest import records
from citygrow_nb.batch.portfolio_report import make_portfolio
from citygrow_nb.model import Benchmark, Matching
from citygrow_nb.rendering.portfolio import PAGE
from citygrow_nb.storage import open_outputs
from tests.factories import crowd, figures, portfolio

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def job(benchmark: Benchmark) -> PortfolioJob:
    old = figures(benchmark, "Old")
    old = old.model_copy(update={"factors": old.factors[1:]})
    whole = portfolio(benchmark, *crowd(benchmark, PAGE + 1), old, left_out=("x/2026 cannot be read",))
    return PortfolioJob(benchmark.id, zlib.compress(whole.model_dump_json().encode()))


@pytest.fixture(scope="module")
def toolkit(benchmark: Benchmark) -> Toolkit:
    return Toolkit.of(benchmark)


@pytest.fixture(scope="module")
def made(job: PortfolioJob, toolkit: Toolkit) -> Pages:
    return make_portfolio(job, toolkit)


def test_pages_and_tables_are_made(made: Pages, job: PortfolioJob, benchmark: Benchmark) -> None:
    """A first page, pages of cities, advice on every key factor, three files of figures."""
    assert made.problems == ()
    advice = {f"advice-{code.lower()}.html" for code in benchmark.factors}
    tables = {"portfolio.csv", "portfolio.xlsx", "portfolio.json"}
    assert made.files.keys() == {"index.html", "status.html", "cities-01.html", "cities-02.html", *advice, *tables}
    assert made.files["portfolio.json"] == job.portfolio


def test_who_mentors_whom_and_who_is_expected_stand_beside(benchmark: Benchmark, toolkit: Toolkit) -> None:
    """Where somebody has looked, the page of all cities leads there; addresses of a list of reminders stay at home."""
    nobody: dict[str, Any] = {"cities": 1, "offering": 0, "matches": (), "unserved": (), "total": 0}
    found = Matching(benchmark=benchmark.id, benchmark_version="1.0.0", **nobody)
    whole = portfolio(benchmark, figures(benchmark, "Alpha", 2)).model_dump_json().encode()
    expected = b'[{"name": "Atlantis", "country": null, "benchmark": null}]'
    job = PortfolioJob(benchmark.id, zlib.compress(whole), found.model_dump_json().encode(), expected)
    files = make_portfolio(job, toolkit).files
    assert {"mentoring.html", "mentoring.csv", "mentoring.xlsx", "mentoring.json"} <= files.keys()
    assert 'href="mentoring.html"' in files["index.html"].decode()
    assert "Atlantis" in files["status.html"].decode()


def test_every_link_leads_to_a_file_or_a_report(made: Pages) -> None:
    """Nothing that the pages name is missing."""
    for name in (name for name in made.files if name.endswith(".html")):
        for address in re.findall(r'href="([^"#]+)', made.files[name].decode()):
            assert address in made.files or re.fullmatch(r"town-\d+/2026/index\.html", address), (name, address)


def test_the_script_stands_in_the_frame_with_its_fingerprint(made: Pages) -> None:
    """The policy allows this one script and no other; pages without a script allow none."""
    index, advice = (made.files[name].decode() for name in ("index.html", "advice-kf1.html"))
    assert re.search(r"script-src 'sha256-[^']+';", index)
    assert re.findall(r"<script\b[^>]*>", index) == ['<script type="application/json" id="cg-data">', "<script>"]
    assert "script" not in advice


def test_what_was_left_out_is_said(made: Pages) -> None:
    """Both what could not be read and what cannot be compared."""
    index = made.files["index.html"].decode()
    assert "x/2026 cannot be read" in index
    assert "old/2026: made with other key factors" in index


def test_the_first_page_stays_small(made: Pages) -> None:
    """Above what one page holds, it grows with the names of cities alone."""
    assert len(made.files["index.html"]) <= 60_000 + 150 * (PAGE + 1)


def test_equal_portfolios_give_equal_files(made: Pages, job: PortfolioJob, toolkit: Toolkit) -> None:
    """Nothing of time or machine."""
    assert make_portfolio(job, toolkit).files == made.files


def test_pages_that_are_published_at_once_are_the_same(
    made: Pages, job: PortfolioJob, toolkit: Toolkit, tmp_path: Path
) -> None:
    """A worker that reaches the output folder puts each page there, and hands back their records alone."""
    outputs = open_outputs(tmp_path / "out")
    published = make_portfolio(job, toolkit, outputs)
    assert published.files == {}
    assert published.published == records(made.files)
    assert {name: outputs.read(name) for name in made.files} == made.files


def test_folder_that_cannot_be_written_is_said(job: PortfolioJob, toolkit: Toolkit, tmp_path: Path) -> None:
    """What went wrong comes back from the worker as a sentence."""
    (tmp_path / "out").write_bytes(b"a file")
    (problem,) = make_portfolio(job, toolkit, open_outputs(tmp_path / "out")).problems
    assert "out" in problem.where
