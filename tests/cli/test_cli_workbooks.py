"""``citygrow workbooks``: built from the benchmark, and compared with it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from citygrow_nb import authoring, trust
from citygrow_nb.model import Benchmark
from tests.cli.conftest import Call
from tests.notebooks import code, content, prose


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let this machine's user have trusted nothing."""
    monkeypatch.setattr(trust, "_path", lambda: tmp_path / "config" / "trusted-workbooks.json")


TINY = Path(__file__).parents[1] / "benchmarks" / "data" / "quiet-nights"


def test_built_workbooks_are_up_to_date(citygrow: Call, place: Path, benchmark: Benchmark) -> None:
    """Exactly those of the benchmark; a changed or missing one is named, with exit code 1."""
    assert citygrow("workbooks", "build").code == 0
    folder = place / "workbooks" / benchmark.id
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == authoring.build(benchmark)
    assert citygrow("workbooks", "check").code == 0
    (folder / "00-start.ipynb").write_bytes(b"{}")
    (folder / "12-results.ipynb").unlink()
    said = citygrow("workbooks", "check")
    assert said.code == 1
    assert [("no notebook" in line or "not a notebook" in line, "missing" in line) for line in said.complaints] == [
        (True, False),
        (False, True),
    ]


def change(path: Path) -> None:
    notebook = json.loads(path.read_bytes())
    notebook["cells"].append(code("print('our chart')") | {"id": "mine"})
    path.write_text(json.dumps(notebook), encoding="utf-8")


def test_changed_workbook_is_replaced_only_by_force_and_kept_then(
    citygrow: Call, place: Path, benchmark: Benchmark
) -> None:
    """Own ones stay in any case."""
    citygrow("workbooks", "build")
    folder = place / "workbooks" / benchmark.id
    path, own = folder / "06-access-to-money.ipynb", folder / "99-own.ipynb"
    change(path)
    own.write_bytes(content(prose("# Own")))
    before = path.read_bytes(), own.read_bytes()
    said = citygrow("workbooks", "build")
    assert said.code == 1
    assert ["use --force" in line for line in said.complaints] == [True]
    assert (path.read_bytes(), own.read_bytes()) == before
    assert citygrow("workbooks", "build", "--force").code == 0
    assert path.read_bytes() == authoring.build(benchmark)[path.name]
    assert (folder / f"{path.name}.changed-1").read_bytes() == before[0]
    assert own.read_bytes() == before[1]
    change(path)
    assert citygrow("workbooks", "build", "--force").code == 0
    assert (folder / f"{path.name}.changed-2").exists()
    assert citygrow("workbooks", "trust", "99-own").code == 0
    assert citygrow("workbooks", "check").code == 0


def test_trust_holds_for_the_code_that_was_there(citygrow: Call, place: Path, benchmark: Benchmark) -> None:
    """It is said what is trusted; other code, or a module that changed, is asked for again; prose is not."""
    citygrow("workbooks", "build")
    folder = place / "workbooks" / benchmark.id
    own = folder / "99-own.ipynb"
    own.write_bytes(content(prose("# Own"), code("import helper")))
    (folder / "helper.py").write_text("A = 1", encoding="utf-8")
    said = citygrow("workbooks", "check")
    assert said.code == 1
    assert ["own, not trusted on this machine" in line for line in said.complaints] == [True]
    said = citygrow("workbooks", "trust", "99-own.ipynb")
    assert said.code == 0
    assert "its 1 code cell may run for reports from now on, with helper.py beside it" in said.out
    assert citygrow("workbooks", "check").code == 0
    own.write_bytes(content(prose("# Own, reworded"), code("import helper")))
    assert citygrow("workbooks", "check").code == 0
    (folder / "helper.py").write_text("A = 2", encoding="utf-8")
    assert citygrow("workbooks", "check").code == 1
    citygrow("workbooks", "trust", "99-own")
    own.write_bytes(content(prose("# Own"), code("import helper, os")))
    assert citygrow("workbooks", "check").code == 1


@pytest.mark.parametrize("name", ["06-access-to-money", "nothing", "../../etc/passwd", ""])
def test_what_cannot_be_trusted_is_a_sentence(citygrow: Call, place: Path, name: str) -> None:
    """One as built needs no trust; what is not there is named, with those that are."""
    citygrow("workbooks", "build")
    (place / "workbooks" / "migrant-entrepreneurs" / "99-own.ipynb").write_bytes(content(prose("# Own")))
    said = citygrow("workbooks", "trust", name)
    assert said.code == 2
    assert ["no own or changed workbook of this name" in line and "99-own" in line for line in said.complaints] == [
        True
    ]


def test_first_own_workbook_is_begun_and_trusted(citygrow: Call, place: Path, benchmark: Benchmark) -> None:
    """With a number after the last, a table to begin with, and nothing that was there written over."""
    said = citygrow("workbooks", "new", "Jobs in our city", "--benchmark", benchmark.id)
    assert said.code == 2
    assert ["this is no workspace" in line for line in said.complaints] == [True]
    (place / "answers").mkdir()
    assert citygrow("workbooks", "new", "Jobs in our city", "--benchmark", benchmark.id).code == 0
    folder = place / "workbooks" / benchmark.id
    path = folder / "15-jobs-in-our-city.ipynb"
    assert json.loads(path.read_bytes())["cells"][0]["source"][0] == "# Jobs in our city\n"
    (table,) = (place / "data").iterdir()
    assert citygrow("workbooks", "check", "--benchmark", benchmark.id).code == 0
    table.write_bytes(b"mine")
    assert citygrow("workbooks", "new", "Jobs in our city", "--benchmark", benchmark.id).code == 2
    assert citygrow("workbooks", "new", "مدينة", "--benchmark", benchmark.id).code == 0
    assert citygrow("workbooks", "new", "!!", "--benchmark", benchmark.id).code == 2
    assert len(list(folder.glob("16-*.ipynb"))) == 1
    assert table.read_bytes() == b"mine"
    (folder / "99-last.ipynb").write_bytes(content(code("1")))
    (folder / "2026-report.ipynb").write_bytes(content(code("1")))
    assert citygrow("workbooks", "new", "Rents", "--benchmark", benchmark.id).code == 0
    assert (folder / "100-rents.ipynb").exists()
    assert citygrow("workbooks", "new", "Rents", "--benchmark", benchmark.id).code == 2
    assert citygrow("workbooks", "new", "Trade", "--benchmark", benchmark.id).code == 0
    assert (folder / "101-trade.ipynb").exists()
    assert citygrow("workbooks", "new", "long " * 100, "--benchmark", benchmark.id).code == 0


def test_path_means_that_file_and_no_other_of_its_name(citygrow: Call, place: Path, benchmark: Benchmark) -> None:
    """Who names a file elsewhere does not trust one here that is called the same."""
    citygrow("workbooks", "build")
    folder = place / "workbooks" / benchmark.id
    elsewhere = place.parent / "elsewhere"
    elsewhere.mkdir(exist_ok=True)
    for own in (folder / "99-own.ipynb", elsewhere / "99-own.ipynb"):
        own.write_bytes(content(code("1")))
    assert citygrow("workbooks", "trust", str(elsewhere / "99-own.ipynb")).code == 2
    assert citygrow("workbooks", "check").code == 1
    assert citygrow("workbooks", "trust", f"{benchmark.id}/99-own").code == 0
    assert citygrow("workbooks", "trust", f"workbooks/{benchmark.id}/99-own.ipynb").code == 0
    assert citygrow("workbooks", "check").code == 0


def test_what_no_report_is_made_of_is_said(citygrow: Call, place: Path, benchmark: Benchmark) -> None:
    """One that an earlier citygrow built, and today's does not; older ones are replaced."""
    older = authoring.build(benchmark.model_copy(update={"title": "Before"}))["00-start.ipynb"]
    folder = place / "workbooks" / benchmark.id
    citygrow("workbooks", "build")
    for name in ("00-start.ipynb", "77-gone.ipynb"):
        (folder / name).write_bytes(older)
    said = citygrow("workbooks", "check")
    assert said.code == 1
    assert [("00-start" in line, "77-gone" in line and "remove it" in line) for line in said.complaints] == [
        (True, False),
        (False, True),
    ]
    assert citygrow("workbooks", "build").code == 0
    (folder / "77-gone.ipynb").unlink()
    assert citygrow("workbooks", "check").code == 0


def test_another_benchmark_elsewhere(citygrow: Call, place: Path, tiny: Benchmark) -> None:
    """Nothing in the command knows the shipped one."""
    assert citygrow("workbooks", "build", "--benchmark", TINY, "--to", "elsewhere").code == 0
    assert sorted(path.name for path in (place / "elsewhere" / tiny.id).iterdir()) == sorted(authoring.build(tiny))
    assert citygrow("workbooks", "check", "--benchmark", TINY).code == 1


def test_wrong_use(citygrow: Call, place: Path) -> None:
    """A benchmark that does not exist, and a file in the way."""
    (place / "file").write_bytes(b"")
    assert citygrow("workbooks", "build", "--benchmark", "nowhere").code == 2
    assert citygrow("workbooks", "build", "--to", "file").code == 2
    assert citygrow("workbooks", "check", "--benchmark", "nowhere").code == 2
