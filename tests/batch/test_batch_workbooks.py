"""Reports are made of the workbooks that stand in the workspace: which run, how, and what is said of the others."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from citygrow_nb import authoring, batch, trust
from citygrow_nb.batch import Options
from citygrow_nb.batch.workbooks import MOST_DATA, Plan, lay_out, plan_workbooks
from citygrow_nb.exceptions import UsageError
from citygrow_nb.model import Benchmark
from citygrow_nb.model.run import ReportRecord, RunManifest
from citygrow_nb.workspace import Workspace
from tests.batch_fixtures import inline
from tests.notebooks import code, content, parameters, prose

Add = Callable[..., Path]


@pytest.fixture(autouse=True)
def nobody_trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let this machine's user have trusted nothing."""
    monkeypatch.setattr(trust, "_path", lambda: tmp_path / "config" / "trusted-workbooks.json")


@pytest.fixture
def folder(workspace: Workspace, tiny: Benchmark) -> Path:
    """Return the folder of workbooks, all as built."""
    folder = workspace.notebooks(tiny.id)
    folder.mkdir(parents=True)
    for name, notebook in authoring.build(tiny).items():
        (folder / name).write_bytes(notebook)
    return folder


def own(folder: Path, *cells: dict[str, Any], name: str = "90-own") -> Path:
    path = folder / f"{name}.ipynb"
    path.write_bytes(content(prose("# Our own"), parameters(), *cells))
    return path


def change(path: Path, source: str = "print('our chart')") -> None:
    notebook = json.loads(path.read_bytes())
    notebook["cells"].append(code(source) | {"id": "mine"})
    path.write_text(json.dumps(notebook), encoding="utf-8")


def keep(tiny: Benchmark, folder: Path, file: str) -> None:
    """Trust a workbook, as the command does."""
    standing = authoring.standing(tiny, folder)
    (mine,) = [each for each in standing.workbooks if each.name.file == file]
    trust.trust(trust.digest(mine.content, standing.beside), file)


def engines(plan: Plan) -> dict[str, str]:
    return {each.name.file: each.engine for each in plan.workbooks if each.engine == "kernel"}


def test_without_notebooks_and_as_built_are_the_same(workspace: Workspace, tiny: Benchmark, folder: Path) -> None:
    """Nothing to say, nothing to remember: reports hang on benchmark and code alone."""
    there = plan_workbooks(tiny, workspace)
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()
    assert there == plan_workbooks(tiny, workspace)
    assert (there.sha256, there.notices, there.problems, engines(there)) == ("", (), (), {})
    assert [each.name for each in there.workbooks] == list(authoring.plan(tiny))


def test_untrusted_ones_do_not_run_and_a_sentence_names_both_ways(
    workspace: Workspace, tiny: Benchmark, folder: Path
) -> None:
    """Own ones are left out; for changed ones stands what was built."""
    own(folder)
    changed = sorted(folder.iterdir())[1]
    built = changed.read_bytes()
    change(changed)
    plan = plan_workbooks(tiny, workspace)
    assert [each.name for each in plan.workbooks] == list(authoring.plan(tiny))
    assert plan.workbooks[1].content == built
    assert engines(plan) == {}
    assert len(plan.notices) == 2
    for name, notice in zip([changed.stem, "90-own"], plan.notices, strict=True):
        assert f"{name}.ipynb" in notice
        assert f"citygrow workbooks trust {name}" in notice
        assert "--own-workbooks" in notice


def test_trusted_ones_run_in_a_kernel_in_order_of_their_names(
    workspace: Workspace, tiny: Benchmark, folder: Path
) -> None:
    """By what their code says, or all of them when that was asked for; a changed one keeps its place and its page."""
    own(folder, name="00b-own")
    keep(tiny, folder, "00b-own.ipynb")
    assert engines(plan_workbooks(tiny, workspace)) == {"00b-own.ipynb": "kernel"}
    changed = max(folder.iterdir())
    change(changed)
    assert engines(plan_workbooks(tiny, workspace)) == {"00b-own.ipynb": "kernel"}
    plan = plan_workbooks(tiny, workspace, trust_all=True)
    assert engines(plan) == {"00b-own.ipynb": "kernel", changed.name: "kernel"}
    assert [each.name.file for each in plan.workbooks] == sorted(path.name for path in folder.iterdir())
    assert plan.workbooks[-1].name == authoring.plan(tiny)[-1]
    own(folder, code("import os"), name="00b-own")
    assert engines(plan_workbooks(tiny, workspace)) == {}


def test_missing_ones_are_said_and_the_page_of_all_cities_is_made_all_the_same(
    workspace: Workspace, tiny: Benchmark, folder: Path
) -> None:
    """Who removes one wants no such page; without the portfolio there would be no first page."""
    names = authoring.plan(tiny)
    for name in (names[1], next(name for name in names if name.kind == "portfolio")):
        (folder / name.file).unlink()
    plan = plan_workbooks(tiny, workspace)
    assert {each.name for each in plan.workbooks} == {name for name in names if name != names[1]}
    assert [names[1].file in notice for notice in plan.notices] == [True]


def test_what_cannot_be_read_is_a_problem_and_costs_only_itself(
    workspace: Workspace, tiny: Benchmark, folder: Path
) -> None:
    """It is named, and the others run."""
    (folder / "90-own.ipynb").write_bytes(b"{")
    plan = plan_workbooks(tiny, workspace)
    assert [Path(problem.where).name for problem in plan.problems] == ["90-own.ipynb"]
    assert len(plan.workbooks) == len(authoring.plan(tiny))


def test_reports_hang_on_content_modules_and_data(workspace: Workspace, tiny: Benchmark, folder: Path) -> None:
    """On code and prose of own workbooks, on modules beside them, on every file in data/; not on saved outputs."""
    path = own(folder)

    def shape() -> str:
        return plan_workbooks(tiny, workspace, trust_all=True).sha256

    prints = [shape()]
    notebook = json.loads(path.read_bytes())
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"], cell["execution_count"] = [{"output_type": "stream", "name": "stdout", "text": "x"}], 7
    path.write_text(json.dumps(notebook, indent=3), encoding="utf-8")
    assert shape() == prints[0]
    (folder / "helper.py").write_text("A = 1", encoding="utf-8")
    prints.append(shape())
    (workspace.data / "deep").mkdir(parents=True)
    (workspace.data / "deep" / "jobs.csv").write_text("1", encoding="utf-8")
    prints.append(shape())
    (workspace.data / "deep" / "jobs.csv").write_text("2", encoding="utf-8")
    prints.append(shape())
    own(folder, prose("More prose"))
    prints.append(shape())
    assert len(set(prints)) == 5


def test_to_workers_elsewhere_travels_what_they_need_up_to_a_limit(
    workspace: Workspace, tiny: Benchmark, folder: Path, tmp_path: Path
) -> None:
    """Modules and data are laid out there as here; above the limit nothing is begun."""
    own(folder)
    (folder / "helper.py").write_text("A = 1", encoding="utf-8")
    (workspace.data / "deep").mkdir(parents=True)
    (workspace.data / "deep" / "jobs.csv").write_text("1", encoding="utf-8")
    plan = plan_workbooks(tiny, workspace, trust_all=True, travels=True)
    cwd, modules = lay_out(plan.files, tmp_path / "there", tiny.id)
    assert modules is not None
    assert (modules / "helper.py").read_bytes() == b"A = 1"
    assert (cwd / ".." / ".." / "data" / "deep" / "jobs.csv").resolve().read_bytes() == b"1"
    with (workspace.data / "large.bin").open("wb") as file:
        file.truncate(MOST_DATA)
    with pytest.raises(UsageError, match=r"data: it holds 50 MB, .* run without --scheduler"):
        plan_workbooks(tiny, workspace, trust_all=True, travels=True)
    assert plan_workbooks(tiny, workspace, trust_all=True).files.folder == folder


def run(workspace: Workspace, **options: Any) -> RunManifest:
    return batch.run(Options(jobs=1, **options), workspace, opened=inline)


@pytest.fixture
def report(workspace: Workspace, add: Add, tiny: Benchmark) -> Iterator[Path]:
    """Return the folder of the report on a city."""
    add("a")
    return workspace.outputs / tiny.id / "a" / "2026"


@pytest.mark.slow
def test_own_and_changed_ones_are_in_every_citys_report(
    workspace: Workspace, add: Add, tiny: Benchmark, folder: Path, report: Path
) -> None:
    """With page, navigation, chapter and record; and made again when what they read changes, and only then."""
    add("b")
    own(folder, code("import pathlib\nprint(city, pathlib.Path('../../data/x.txt').read_text())"))
    change(sorted(folder.iterdir())[1])
    workspace.data.mkdir()
    (workspace.data / "x.txt").write_text("first", encoding="utf-8")
    manifest = run(workspace, own_workbooks=True)
    assert manifest.succeeded
    for city in "ab":
        there = report.parents[1] / city / "2026"
        assert f"{city} first" in (there / "90-own.html").read_text(encoding="utf-8")
        changed = there / sorted(folder.iterdir())[1].with_suffix(".html").name
        assert "our chart" in changed.read_text(encoding="utf-8")
        whole = (there / "report.html").read_text(encoding="utf-8")
        assert f"{city} first" in whole
        assert "our chart" in whole
        for page in ("index.html", "method.html"):
            assert 'href="90-own.html"' in (there / page).read_text(encoding="utf-8")
        record = ReportRecord.model_validate_json((there / "run.json").read_bytes())
        assert [each.engine for each in record.workbooks if each.name == "90-own.ipynb"] == ["kernel"]
        assert {each.engine for each in record.workbooks} == {"kernel", "citygrow"}
    assert run(workspace, own_workbooks=True).totals.unchanged == 2
    (workspace.data / "x.txt").write_text("second", encoding="utf-8")
    assert run(workspace, own_workbooks=True).totals.made == 2
    assert "a second" in (report / "90-own.html").read_text(encoding="utf-8")
    # Trusted no more: the page goes, and it is said.
    manifest = run(workspace)
    assert not (report / "90-own.html").exists()
    assert [name in notice for name, notice in zip(["01-", "90-own"], manifest.notices, strict=True)] == [True, True]


@pytest.mark.slow
def test_one_that_fails_costs_its_own_page_and_no_other(
    workspace: Workspace, tiny: Benchmark, folder: Path, report: Path
) -> None:
    """The others are complete, the broken notebook stands beside them, and the next run tries again."""
    own(folder, code("1 / 0"))
    own(folder, code("'<x>'"), name="91 Other one")
    manifest = run(workspace, own_workbooks=True)
    (city,) = manifest.cities
    assert (city.status, city.reason) == ("incomplete", "90-own.ipynb, In [3]: ZeroDivisionError: division by zero")
    assert not manifest.succeeded
    assert not (report / "90-own.html").exists()
    assert "ZeroDivisionError" in (report / "90-own.ipynb").read_text(encoding="utf-8")
    assert (report / "91-other-one.ipynb").exists()
    assert "&lt;x&gt;" in (report / "91-other-one.html").read_text(encoding="utf-8")
    assert "90-own" not in (report / "index.html").read_text(encoding="utf-8")
    assert run(workspace, own_workbooks=True).cities[0].status == "incomplete"
    own(folder, code("1 / 1"))
    assert run(workspace, own_workbooks=True).succeeded
    assert (report / "90-own.html").exists()


@pytest.mark.slow
def test_links_to_what_has_no_page_become_text(
    workspace: Workspace, tiny: Benchmark, folder: Path, report: Path
) -> None:
    """A workbook that is not there has no page, and nothing leads to it."""
    factor = next(name for name in authoring.plan(tiny) if name.kind == "factor")
    (folder / factor.file).unlink()
    assert run(workspace).cities[0].reason == ""
    assert not (report / factor.page).exists()
    for page in report.glob("*.html"):
        assert f'href="{factor.page}' not in page.read_text(encoding="utf-8"), page
