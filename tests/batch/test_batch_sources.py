"""What the sources hold, and what of them cannot be used."""

from __future__ import annotations

import errno
import gc
import hashlib
import json
import os
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from citygrow_nb import answers, batch, benchmarks, tables
from citygrow_nb.exceptions import UsageError
from citygrow_nb.model import Assessment, Benchmark
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
    assert [item.source for item in gathered.found] == [str(first)]
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


def test_one_city_on_two_benchmarks_is_two_documents(workspace: Workspace, benchmark: Benchmark, add: Add) -> None:
    """They are told apart by benchmark, and facts of the city that they tell differently are named."""
    other = workspace.root / "other.json"
    other.write_bytes(answers.dump(assessment_of(benchmark, "Aa", "a")))
    gathered = batch.gather([add("a"), other], workspace)
    assert [toolkit.id for toolkit in gathered.toolkits()] == ["migrant-entrepreneurs", "quiet-nights"]
    assert keys(gathered) == [("a", "2026"), ("a", "2026")]
    assert keys(gathered.on("quiet-nights")) == [("a", "2026")]
    (said,) = gathered.differences()
    assert "name: Aa (migrant-entrepreneurs 2026), A (quiet-nights 2026)" in said


def test_folder_of_answers_brings_its_own_benchmark(workspace: Workspace, tiny: Benchmark, tmp_path: Path) -> None:
    """What others send can be read without putting their benchmark anywhere."""
    theirs = Workspace(tmp_path / "theirs")
    own = tiny.model_copy(update={"id": "loud-nights"})
    theirs.benchmarks.mkdir(parents=True)
    (theirs.benchmarks / "loud-nights.json").write_bytes(benchmarks.dump(own))
    (theirs.root / "a.json").write_bytes(answers.dump(assessment_of(own, "A", "a")))
    assert [toolkit.id for toolkit in batch.gather([theirs.root], workspace).toolkits()] == ["loud-nights"]


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


def test_folder_that_cannot_be_opened_is_a_problem(
    workspace: Workspace, add: Add, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is named, and what stands beside it is read."""
    add("a")
    add("b")
    scandir = os.scandir

    def refuse(path: str) -> Any:
        if Path(path).name == "b":
            raise PermissionError(errno.EACCES, "no", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    gathered = batch.gather([workspace.answers], workspace)
    assert keys(gathered) == [("a", "2026")]
    assert [problem.where for problem in gathered.problems] == [str(workspace.answers / "quiet-nights" / "b")]


# --- an index, not a heap -------------------------------------------------------------------------------------------


def test_documents_are_fetched_as_citygrow_writes_them(workspace: Workspace, add: Add, tmp_path: Path) -> None:
    """A document of another layout, or with a byte order mark, gives the same bytes as the one citygrow wrote."""
    written = add("a")
    plain = written.read_bytes()
    laid_out = json.dumps(json.loads(plain), indent=7).encode("utf-8-sig")
    other = tmp_path / "b.json"
    other.write_bytes(laid_out)
    for path, content in ((written, plain), (other, laid_out)):
        gathered = batch.gather([path], workspace)
        (item,) = gathered.found
        assert gathered.document(item) == plain
        assert item.digest == hashlib.sha256(content).digest()
        assert list(gathered.assessments(pytest.fail)) == [Assessment.model_validate_json(plain)]


def test_rows_of_a_table_are_put_aside_and_fetched(workspace: Workspace, tiny: Benchmark, tmp_path: Path) -> None:
    """Each city's document is that of its own rows, in whatever order they are asked for."""
    path = tmp_path / "cities.csv"
    rows = "".join(f"City {number},2026,{number % 4}\n" for number in range(30))
    path.write_text(f"city,round,KF1.Q1\n{rows}", encoding="utf-8")
    gathered = batch.gather([path], workspace)
    expected = {item.city.slug: item for item in tables.read(path, tiny).assessments}
    for item in reversed(gathered.found):
        assert gathered.assessment(item) == expected[item.identity.city]
        assert gathered.document(item) == answers.dump(expected[item.identity.city])


def test_document_that_was_checked_before_is_not_parsed_again(
    workspace: Workspace, add: Add, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its bytes are enough to know whose it is, wherever the file stands."""
    first, second = add("a"), add("b", path=workspace.root / "elsewhere.json")
    (known, unknown) = batch.gather([first, second], workspace).found
    parse, parsed = answers.parse, []

    def count(content: bytes, where: str, benchmark: Benchmark) -> Assessment:
        parsed.append(where)
        return parse(content, where, benchmark)

    monkeypatch.setattr(answers, "parse", count)
    again = batch.gather([first, second], workspace, known=lambda _: {known.digest: known.identity})
    assert [item.key for item in again.found] == [known.key, unknown.key]
    assert parsed == [str(second)]
    assert again.document(again.found[0]) == first.read_bytes()


def test_index_does_not_grow_with_the_documents(workspace: Workspace, tmp_path: Path) -> None:
    """A city takes less than a kilobyte of memory, however much it wrote."""
    few, many, long = (
        _memory(workspace, tmp_path / f"{cities}-{length}.csv", cities, length)
        for cities, length in ((50, 10), (250, 10), (50, 4_000))
    )
    assert (many - few) / 200 < 1_000
    assert (long - few) / 50 < 100


def _memory(workspace: Workspace, path: Path, cities: int, length: int) -> int:
    rows = "".join(f"City {number},2026,KF1.Q1,1,{'x' * length}\n" for number in range(cities))
    path.write_text(f"city,round,code,level,comment\n{rows}", encoding="utf-8")
    gc.collect()
    tracemalloc.start()
    gathered = batch.gather([path], workspace)
    gc.collect()
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(gathered.found) == cities
    return held


@pytest.mark.parametrize("name", ["big.json", "big.csv", "big.xlsx", "big.ods", "big.xls", "big.xlsb"])
def test_file_that_is_too_large_costs_only_itself(
    workspace: Workspace, add: Callable[..., Path], tmp_path: Path, name: str
) -> None:
    """Here it holds nothing and takes no room; it is told by its size before it is opened."""
    path = tmp_path / name
    with path.open("wb") as file:
        file.truncate(20 << 30)
    add("small")
    gathered = batch.gather([path, workspace.answers], workspace, round_label="2026", benchmark_id="quiet-nights")
    assert [item.identity.city for item in gathered.found] == ["small"]
    assert [str(problem) for problem in gathered.problems if "the file has 20,480 MB" in problem.found]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has none")
@pytest.mark.parametrize("name", ["pipe.json", "pipe.csv"])
def test_pipe_costs_only_itself(workspace: Workspace, add: Callable[..., Path], tmp_path: Path, name: str) -> None:
    """Nobody waits for what somebody may write into it, whether it is named or stands in a folder."""
    os.mkfifo(tmp_path / name)
    add("small")
    for sources in ([tmp_path / name, workspace.answers], [tmp_path]):
        gathered = batch.gather(sources, workspace, round_label="2026", benchmark_id="quiet-nights")
        assert [item.identity.city for item in gathered.found] == ["small"]
    assert batch.read_all([tmp_path / name], workspace).problems[0].found == "this is a device or a pipe, not a file"
