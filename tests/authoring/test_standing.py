"""What became of built workbooks in a folder, and which ones people put beside them."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest

from citygrow_nb import authoring, trust
from citygrow_nb.authoring import standing
from citygrow_nb.model import Benchmark
from tests.notebooks import code, content, prose


@pytest.fixture
def folder(tmp_path: Path, tiny: Benchmark) -> Path:
    """Return a folder with all workbooks as built."""
    for file, notebook in authoring.build(tiny).items():
        (tmp_path / file).write_bytes(notebook)
    return tmp_path


def states(tiny: Benchmark, folder: Path) -> dict[str, str]:
    """Return how those are that are not as built."""
    found = standing(tiny, folder)
    return {each.name.file: each.state for each in found.workbooks if each.state != "as built"}


def edited(path: Path, change: Any) -> None:
    notebook = json.loads(path.read_bytes())
    change(notebook)
    path.write_text(json.dumps(notebook), encoding="utf-8")


def test_all_are_as_built_and_where_there_are_none_too(tiny: Benchmark, folder: Path, tmp_path: Path) -> None:
    """In order of their names, with what is built now."""
    found = standing(tiny, folder)
    assert [each.content for each in found.workbooks] == list(authoring.build(tiny).values())
    assert [each.name for each in found.workbooks] == list(authoring.plan(tiny))
    assert (found.missing, found.problems, found.beside) == ((), (), {})
    assert standing(tiny, tmp_path / "nowhere") == found


def test_what_programs_do_to_a_file_does_not_change_it(tiny: Benchmark, folder: Path) -> None:
    """Run, saved by Jupyter, indented anew, with line ends of Windows: nobody has changed what its cells say."""
    paths = sorted(folder.iterdir())
    notebook = nbformat.read(paths[0], 4)
    for cell in notebook.cells:
        cell["id"] = f"x{cell['id']}"[:64]
        cell.metadata["editable"] = True
        if cell.cell_type == "code":
            cell.execution_count = 7
            cell.outputs = [nbformat.v4.new_output("stream", text="x")]
    notebook.metadata["widgets"] = {"application/vnd.jupyter.widget-state+json": {}}
    nbformat.write(notebook, paths[0])
    paths[1].write_text(json.dumps(json.loads(paths[1].read_bytes()), indent=7), encoding="utf-8")
    paths[2].write_bytes(paths[2].read_bytes().replace(b"\n", b"\r\n"))
    assert states(tiny, folder) == {}


@pytest.mark.parametrize("change", ["added", "reworded", "moved"])
def test_changed_on_purpose_is_theirs(tiny: Benchmark, folder: Path, change: str) -> None:
    """A cell added, a text reworded, another order; it keeps name and page, and comes without outputs."""
    path = sorted(folder.iterdir())[1]

    def do(notebook: dict[str, Any]) -> None:
        cells = notebook["cells"]
        if change == "added":
            cells.append(code("print('x')") | {"id": "x", "outputs": [{"output_type": "stream", "name": "stdout"}]})
        elif change == "reworded":
            cells[0]["source"] = "# Ours"
        else:
            cells[0], cells[1] = cells[1], cells[0]
        notebook["metadata"]["widgets"] = {"some": "state"}

    edited(path, do)
    assert states(tiny, folder) == {path.name: "changed"}
    mine = standing(tiny, folder).workbooks[1]
    assert mine.name == authoring.plan(tiny)[1]
    told = json.loads(mine.content)
    assert "widgets" not in told["metadata"]
    assert all(not cell.get("outputs") for cell in told["cells"])


def test_of_another_version_and_intact_gives_way_to_what_is_built_now(tiny: Benchmark, folder: Path) -> None:
    """Known by the mark of its own cells; one that is built no more is left out, and an update loses no page."""
    older = tiny.model_copy(update={"title": "Another title"})
    for file, notebook in authoring.build(older).items():
        (folder / file).write_bytes(notebook)
    gone = folder / "77-gone.ipynb"  # a sentence says that no report is made of it
    gone.write_bytes((folder / authoring.plan(tiny)[0].file).read_bytes())
    (folder / authoring.plan(tiny)[2].file).unlink()
    found = standing(tiny, folder)
    assert [each.content for each in found.workbooks] == list(authoring.build(tiny).values())
    assert found.workbooks[0].state == "older"
    assert found.missing == ()
    assert found.idle == (gone.name,)


def test_copy_under_another_name_is_own(tiny: Benchmark, folder: Path) -> None:
    """As JupyterLab's “Duplicate” makes it, to begin with; and what somebody removed is still missing."""
    first, second = authoring.plan(tiny)[:2]
    (folder / "01-copy.ipynb").write_bytes((folder / first.file).read_bytes())
    (folder / second.file).unlink()
    found = standing(tiny, folder)
    assert states(tiny, folder) == {"01-copy.ipynb": "own"}
    assert (found.missing, found.idle) == ((second,), ())


def test_forged_mark_runs_nothing(tiny: Benchmark, folder: Path) -> None:
    """One that bears the mark of its own cells is replaced, and never run; with another mark it is a changed one."""
    path = min(folder.iterdir())
    before = path.read_bytes()

    def forge(notebook: dict[str, Any]) -> None:
        notebook["cells"] = [code("import os; os.system('x')") | {"id": "x"}]
        notebook["metadata"]["citygrow"]["build"] = authoring.fingerprint(notebook["cells"])

    edited(path, forge)
    assert [(each.state, each.content) for each in standing(tiny, folder).workbooks[:1]] == [("older", before)]
    edited(path, lambda notebook: notebook["cells"].append(code("1") | {"id": "y"}))
    assert states(tiny, folder) == {path.name: "changed"}


def test_missing_is_named(tiny: Benchmark, folder: Path) -> None:
    """One that somebody removed."""
    (folder / authoring.plan(tiny)[1].file).unlink()
    assert standing(tiny, folder).missing == (authoring.plan(tiny)[1],)


@pytest.mark.parametrize(
    ("file", "cells", "title", "page"),
    [
        ("15-own", [prose("Text"), prose("# *Jobs* in `our` [city](x)\nMore")], "Jobs in our city", "15-own.html"),
        (
            "15-own",
            [prose("```\n# code\n```\nJobs \\*&amp; <b>more</b>\n==="), code("1")],
            "Jobs *& more",
            "15-own.html",
        ),
        ("Jobs & more #1 100%", [code("1")], "Jobs & more #1 100%", "jobs-more-1-100.html"),
        ("مدينة", [code("1")], "مدينة", "mdynh.html"),
        ("15-jobs_in-our_city", [code("# no heading")], "jobs in our city", "15-jobs-in-our-city.html"),
        ("index", [code("1")], "index", "own-index.html"),
        ("Method", [code("1")], "Method", "own-method.html"),
        ("!!", [code("1")], "!!", "workbook.html"),
        ("con", [code("1")], "con", "city-con.html"),
        ("15-a", [code("# A comment")], "a", "15-a.html"),
    ],
)
def test_own_ones_have_titles_and_pages(
    tiny: Benchmark, folder: Path, file: str, cells: list[dict[str, Any]], title: str, page: str
) -> None:
    """Of their heading, else of their file; a page's name is safe in an address, and none that is taken."""
    (folder / f"{file}.ipynb").write_bytes(content(*cells))
    (own,) = [each.name for each in standing(tiny, folder).workbooks if each.state == "own"]
    assert (own.title, own.page, own.file, own.kind) == (title, page, f"{file}.ipynb", "own")


@pytest.mark.parametrize("source", ["# " + "#" * 500_000 + "x", "# a" + " " * 500_000 + "b", "# " + "[" * 500_000])
def test_endless_headings_take_no_time(tiny: Benchmark, folder: Path, source: str) -> None:
    """Nobody has trusted the file that is looked at; with a pattern that tries again and again it would take hours."""
    (folder / "90-own.ipynb").write_bytes(content(prose(source)))
    (own,) = [each.name for each in standing(tiny, folder).workbooks if each.state == "own"]
    assert len(own.title) <= 200


def test_no_two_have_one_page(tiny: Benchmark, folder: Path) -> None:
    """Also where names differ in what an address cannot hold."""
    built = authoring.plan(tiny)[1]
    for file in ("Own", "own", "own!", built.stem.upper()):
        (folder / f"{file}.ipynb").write_bytes(content(code("1")))
    pages = [each.name.page for each in standing(tiny, folder).workbooks]
    assert len(set(pages)) == len(pages) == len(authoring.plan(tiny)) + 4
    assert built.page in pages


def test_what_is_no_notebook_is_named_and_the_others_stand(tiny: Benchmark, folder: Path, tmp_path: Path) -> None:
    """Damaged, of an old format, a link, a pipe; what is hidden or deeper is none of ours."""
    (folder / "90-a.ipynb").write_bytes(b"{")
    (folder / "91-b.ipynb").write_bytes(b'{"nbformat": 3, "metadata": {}, "worksheets": []}')
    (folder / "92-c.ipynb").write_bytes(b'{"nbformat": 4, "metadata": {}, "cells": [{}]}')
    (folder / "93-d.ipynb").mkdir()
    (folder / "94-e.ipynb").write_bytes(content(code("x")).replace(b'"x"', b'"\\ud800"'))
    with (folder / "94-f.ipynb").open("wb") as large:
        large.truncate(trust.LARGEST + 1)
    (folder / ".94-hidden.ipynb").write_bytes(b"{")
    (folder / ".ipynb_checkpoints").mkdir()
    (folder / ".ipynb_checkpoints" / "90-a-checkpoint.ipynb").write_bytes(b"{")
    expected = ["90-a.ipynb", "91-b.ipynb", "92-c.ipynb", "93-d.ipynb", "94-e.ipynb", "94-f.ipynb"]
    if sys.platform != "win32":
        (folder / "95-link.ipynb").symlink_to(min(folder.glob("00-*")))
        os.mkfifo(folder / "96-pipe.ipynb")
        expected += ["95-link.ipynb", "96-pipe.ipynb"]
    found = standing(tiny, folder)
    assert [Path(problem.where).name for problem in found.problems] == expected
    assert [each.name for each in found.workbooks] == list(authoring.plan(tiny))


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere names are letters")
def test_name_that_is_no_text_is_named(tiny: Benchmark, folder: Path) -> None:
    """It could stand in no page and no record."""
    Path(os.fsdecode(os.fsencode(folder) + b"/99-\xff.ipynb")).write_bytes(content(code("1")))
    found = standing(tiny, folder)
    assert ["give the file another name" in str(problem) for problem in found.problems] == [True]
    assert [each.name for each in found.workbooks] == list(authoring.plan(tiny))


def test_odd_titles_are_one_line_that_hides_nothing(tiny: Benchmark, folder: Path) -> None:
    """Of metadata or headings; and a heading of a hundred thousand letters takes no time."""
    odd = content(code("1"), title="a\n\n \x1b\u202eb").replace(b"\\u202e", b"\\u202e\\ud800")
    (folder / "95-odd.ipynb").write_bytes(odd)
    (folder / "96-long.ipynb").write_bytes(content(prose(f"# a{' ' * 50_000}b{' ' * 50_000}c")))
    (folder / "97-list.ipynb").write_bytes(content(prose("# Words"), title=["x"]))
    titles = [each.name.title for each in standing(tiny, folder).workbooks if each.state == "own"]
    assert titles == ["a \\x1b\\u202e\\ud800b", "a", "Words"]


def test_first_own_workbook_is_own_and_says_whose(tiny: Benchmark, folder: Path) -> None:
    """Its title may hold anything, and is what its heading says; it has parameters, and is checked by nbformat."""
    title = "Jobs *in* <our> city"
    made = authoring.first_own(tiny, title)
    nbformat.validate(nbformat.reads(made.decode(), 4))
    (folder / "15-jobs.ipynb").write_bytes(made)
    (own,) = [each for each in standing(tiny, folder).workbooks if each.state == "own"]
    assert own.name.title == title
    edited(folder / "15-jobs.ipynb", lambda notebook: notebook["cells"][0].update(source="# Work"))
    (own,) = [each for each in standing(tiny, folder).workbooks if each.state == "own"]
    assert own.name.title == "Work"
    assert authoring.EXAMPLE_TABLE[0] in made.decode()
