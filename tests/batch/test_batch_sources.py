"""What the sources hold, and what of them cannot be used."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from citygrow_nb import batch
from citygrow_nb.exceptions import UsageError
from citygrow_nb.model import Benchmark
from citygrow_nb.workspace import Workspace
from tests.factories import assessment_of

Add = Callable[..., Path]


def keys(gathered: batch.Gathered) -> list[tuple[str, str]]:
    return [item.key for item in gathered.found]


def test_folder_is_read_to_the_bottom_without_hidden_files(workspace: Workspace, add: Add) -> None:
    """Temporary files, locks and Excel's own lock files are no answers."""
    add("a")
    add("b", path=workspace.root / "deep" / "er" / "b.json")
    add("c", path=workspace.answers / "c" / ".2026.json.0123456789abcdef.tmp")
    add("d", path=workspace.answers / ".hidden" / "2026.json")
    (workspace.answers / "~$table.xlsx").write_bytes(b"x")
    (workspace.answers / "README.md").write_bytes(b"x")
    gathered = batch.gather([workspace.answers, workspace.root / "deep"], workspace)
    assert keys(gathered) == [("a", "2026"), ("b", "2026")]
    assert gathered.problems == ()


def test_workspace_stands_for_its_answers(workspace: Workspace, add: Add) -> None:
    """Reports, records and benchmarks in it are not taken for answers."""
    add("a")
    (workspace.outputs / "run.json").write_text("{}", encoding="utf-8")
    gathered = batch.gather([workspace.root], workspace)
    assert keys(gathered) == [("a", "2026")]
    assert gathered.problems == ()


def test_same_file_named_twice_counts_once(workspace: Workspace, add: Add) -> None:
    """A file, its folder, and another way to write its path are one source."""
    path = add("a")
    gathered = batch.gather([path, workspace.answers, path.parent / ".." / "a" / "2026.json"], workspace)
    assert len(gathered.found) == 1
    assert gathered.problems == ()


def test_of_two_documents_for_one_city_the_first_counts(workspace: Workspace, add: Add) -> None:
    """The second is named with the first; one that says the same is no fault."""
    first = add("a", "A")
    same = add("a", "A", path=workspace.root / "same.json")
    other = add("a", "Á", path=workspace.root / "other.json")
    gathered = batch.gather([first, same, other], workspace)
    assert [item.source for item in gathered.found] == [first]
    (problem,) = gathered.problems
    assert problem.where == str(other)
    assert "“Á”, which shares its folder name with “A”" in problem.found
    assert str(first) in problem.found


def test_sources_that_do_not_exist_or_are_of_no_kind_are_wrong_use(workspace: Workspace, add: Add) -> None:
    """All of them are named at once, before anything is read."""
    (workspace.root / "a.docx").write_bytes(b"")
    with pytest.raises(UsageError) as caught:
        batch.gather([Path("nowhere"), workspace.root / "a.docx", add("a"), Path("neither.csv")], workspace)
    assert [problem.found for problem in caught.value.problems] == [
        "there is no such file or folder",
        "there is no such file or folder",
        "this is no kind of file that holds answers",
    ]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", ""),
        (b"{", "JSON"),
        (b"[]", ""),
        (b'{"format": "citygrow-results", "benchmark": {"id": "quiet-nights"}}', ""),
        (b'{"format": "citygrow-assessment", "version": 99, "benchmark": {"id": "quiet-nights"}}', ""),
        (b'{"format": "citygrow-assessment", "version": 1, "benchmark": {"id": "quiet-night"}}', "quiet-nights"),
        (b'{"benchmark": {"id": ["x"]}}', ""),
        (b"\x00\xff" * 100, ""),
    ],
)
def test_document_that_cannot_be_read_is_a_problem(workspace: Workspace, add: Add, content: bytes, told: str) -> None:
    """It is named, and the sound one beside it is read."""
    path = workspace.answers / "b" / "2026.json"
    path.parent.mkdir()
    path.write_bytes(content)
    gathered = batch.gather([add("a"), path], workspace)
    assert keys(gathered) == [("a", "2026")]
    assert gathered.problems
    assert all(told in str(problem) for problem in gathered.problems)


def test_slug_that_would_leave_the_folder_is_refused(workspace: Workspace, add: Add) -> None:
    """No document can make its reports land elsewhere."""
    path = add("a")
    path.write_bytes(path.read_bytes().replace(b'"slug": "a"', b'"slug": "../../etc"'))
    gathered = batch.gather([path], workspace)
    assert gathered.found == ()
    assert "slug" in str(gathered.problems[0])


def test_different_benchmarks_do_not_share_a_run(workspace: Workspace, benchmark: Benchmark, add: Add) -> None:
    """Their cities could not stand side by side."""
    from citygrow_nb import answers

    other = workspace.root / "other.json"
    other.write_bytes(answers.dump(assessment_of(benchmark, "B", "b")))
    with pytest.raises(UsageError, match="different benchmarks: migrant-entrepreneurs, quiet-nights"):
        batch.gather([add("a"), other], workspace)


def test_table_and_documents_come_together(workspace: Workspace, benchmark: Benchmark, tmp_path: Path) -> None:
    """A table is read with the shipped benchmark; its sound cities come along, its faults are named."""
    path = tmp_path / "cities.csv"
    path.write_text("city,round,KF1.Q1\nمدينة الخيال,,3\n../../etc,,2\nFar Off,,7\n", encoding="utf-8")
    gathered = batch.gather([path], workspace, round_label="2026")
    assert keys(gathered) == [("etc", "2026"), ("mdynh-lkhyl", "2026")]
    assert len(gathered.problems) == 1
    assert "row 4" in str(gathered.problems[0])


def test_everything_is_read_for_an_import(workspace: Workspace, add: Add) -> None:
    """Several documents for one city all count there: each adds its answers."""
    first, second = add("a"), add("a", path=workspace.root / "more.json")
    read = batch.read_all([first, second], workspace)
    assert len(read.found) == 2
    assert list(read.benchmarks) == ["quiet-nights"]


@pytest.mark.parametrize("content", ["[" * 100_000, '{"benchmark": {"id": "other"}}'])
def test_document_that_cannot_be_used_is_named_and_the_others_taken(
    workspace: Workspace, add: Add, content: str
) -> None:
    """Neither brackets without end nor answers to an unknown benchmark keep the others from their reports."""
    add("a")
    bad = workspace.root / "bad.json"
    bad.write_text(content, encoding="utf-8")
    gathered = batch.gather([workspace.answers, bad], workspace)
    assert keys(gathered) == [("a", "2026")]
    (problem,) = gathered.problems
    assert str(problem).startswith(str(bad))
