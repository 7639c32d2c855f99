"""What a kernel of the site begins with: its own place, and the report in one file as the batch makes it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from click.testing import CliRunner

from citygrow_nb import benchmarks
from citygrow_nb.answers import AnswerStore, browser_storage
from citygrow_nb.cli.entry import cli
from citygrow_nb.site import browser
from citygrow_nb.workbook import exports
from citygrow_nb.workspace import Workspace


def test_report_is_the_one_of_the_batch(tmp_path: Path) -> None:
    """For a city with three rounds, a plan and wishes: the same bytes."""
    outcome = CliRunner().invoke(cli, ["demo", str(tmp_path), "--cities", "1", "--rounds", "3"])
    assert outcome.exit_code == 0, outcome.output
    workspace = Workspace(tmp_path)
    (benchmark_id,) = workspace.answered()
    store = AnswerStore(workspace, benchmarks.by_id(benchmark_id, workspace))
    *_, (city, label) = store.documents()
    command = ["batch", str(workspace.answers), "--city", city, "--round", label, "--jobs", "1"]
    outcome = CliRunner().invoke(cli, [*command, "--out", str(tmp_path / "elsewhere")])
    assert outcome.exit_code == 0, outcome.output
    made = (tmp_path / "elsewhere" / benchmark_id / city / label / "report.html").read_bytes()
    assert browser.report(store, store.load(city, label)) == made


def test_sites_at_one_host_have_places_of_their_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Drafts and answers of one are nothing to the other, and beginning twice is beginning once."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(exports, "_report_makers", [])
    begun: list[tuple[Path, str]] = []

    async def begin(folder: Path, name: str) -> None:
        begun.append((folder, name))

    monkeypatch.setattr(browser_storage, "begin", begin)
    monkeypatch.chdir(tmp_path)
    for address in ("/one/", "/other/", "/one/"):
        asyncio.run(browser.begin(address))
        assert Workspace.find().answers == begun[-1][0]
    assert begun[0] == begun[2]
    assert len(set(begun)) == 2
