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
from citygrow_nb.answers.documents import split
from citygrow_nb.exceptions import UsageError
from citygrow_nb.model import Assessment, Benchmark, City, Person
from citygrow_nb.workspace import Workspace
from tests.factories import assessment_of, rated

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
    add("a")
    add("a", path=workspace.document(benchmark.id, "a", "2026")).write_bytes(
        answers.dump(assessment_of(benchmark, "Aa", "a"))
    )
    gathered = batch.gather([workspace.answers], workspace)
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
    parsed = []

    def count(content: bytes, where: str, benchmark: Benchmark) -> tuple[Assessment, dict[str, Person]]:
        parsed.append(where)
        return split(content, where, benchmark)

    monkeypatch.setattr("citygrow_nb.batch.sources.split", count)
    again = batch.gather([first, second], workspace, known=lambda _: {known.digest})
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


@pytest.mark.skipif(os.name != "posix", reason="making links takes rights on Windows, and there are no pipes")
def test_links_and_pipes_among_the_answers_are_named_and_not_followed(
    workspace: Workspace, add: Add, tmp_path: Path
) -> None:
    """A folder from others may hold a link to anything: its lines must not be told, and a pipe never ends."""
    add("a")
    other = tmp_path / "other"
    outside = add("b", path=other / "2026.json")
    (other / "private.csv").write_text("city,code\nroot:x:0,KF1\n", encoding="utf-8")
    links = {"file.json": outside, "table.csv": other / "private.csv", "folder": other, "lost.json": other / "none"}
    for name, target in links.items():
        (workspace.answers / name).symlink_to(target)
    (workspace.answers / "README.md").symlink_to(outside)
    os.mkfifo(workspace.answers / "pipe.csv")
    gathered = batch.gather([workspace.answers], workspace)
    assert keys(gathered) == [("a", "2026")]
    assert sorted(Path(problem.where).name for problem in gathered.problems) == sorted([*links, "pipe.csv"])
    assert "root:x" not in "".join(map(str, gathered.problems))


@pytest.mark.skipif(os.name != "posix", reason="making links takes rights on Windows")
@pytest.mark.parametrize("name", ["pins.csv", "expected.csv"])
def test_a_list_beside_answers_that_is_a_link_is_named_and_not_read(
    workspace: Workspace, tmp_path: Path, name: str
) -> None:
    (tmp_path / "private").write_text("city,decision,factor,mentor,mentee\nroot:x:0,,,,\n", encoding="utf-8")
    (workspace.answers / name).symlink_to(tmp_path / "private")
    (problem,) = batch.Lists.read([workspace.answers], workspace).problems
    assert (Path(problem.where).name, "root:x" in str(problem)) == (name, False)
    assert "link" in problem.found


@pytest.mark.skipif(os.name != "posix", reason="making links takes rights on Windows")
def test_a_folder_of_answers_on_another_disk_is_read(workspace: Workspace, add: Add, tmp_path: Path) -> None:
    """Its user chose it, and reaches it by a link."""
    add("a")
    (tmp_path / "link").symlink_to(workspace.root)
    gathered = batch.gather([tmp_path / "link" / "answers"], Workspace(tmp_path / "link"))
    assert (keys(gathered), gathered.problems) == ([("a", "2026")], ())


# --- two taken for one ----------------------------------------------------------------------------------------------


def of(city: City, benchmark: Benchmark, path: Path, round_label: str = "2026", level: int = 1) -> Path:
    """Save a document of a city anywhere."""
    made = assessment_of(benchmark, city=city, round_label=round_label)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(answers.dump(made.with_answer("KF1.Q1", rated(level))))
    return path


@pytest.mark.parametrize(("label", "kind"), [("2026", "json"), ("2027", "json"), ("2026", "csv"), ("2027", "csv")])
def test_another_city_of_the_same_folder_name_is_left_out(
    workspace: Workspace, tiny: Benchmark, label: str, kind: str
) -> None:
    """In the same round and in another, from documents and tables: it is named with the cure, and no row is to go."""
    first = of(City(name="Halle", slug="halle", country="DE"), tiny, workspace.root / "de.json")
    second = workspace.root / f"be.{kind}"
    if kind == "json":
        of(City(name="Halle", slug="halle", country="BE"), tiny, second, label)
    else:
        second.write_text(f"city,round,country,KF1.Q1\nHalle,{label},BE,2\nGraz,{label},AT,2\n", "utf-8")
    gathered = batch.gather([first, second], workspace, benchmark_id=tiny.id)
    assert [item.identity.country for item in gathered.found if item.identity.city == "halle"] == ["DE"]
    (problem,) = gathered.problems
    assert problem.where == str(second)
    assert '--same "Halle (BE)=halle-be"' in problem.todo
    assert "column slug" in problem.todo
    assert len(gathered.found) == (1 if kind == "json" else 2)


def test_one_city_under_two_folder_names_is_asked(workspace: Workspace, tiny: Benchmark) -> None:
    """A table without the slug of another table would make a third city of two."""
    told = workspace.root / "a.csv"
    told.write_text("city,round,country,slug,KF1.Q1\nHalle,2026,DE,halle-de,2\nHalle,2026,BE,halle-be,3\n", "utf-8")
    plain = workspace.root / "b.csv"
    plain.write_text("city,round,country,KF1.Q1\nHalle,2025,DE,1\n", "utf-8")
    gathered = batch.gather([told, plain], workspace, benchmark_id=tiny.id)
    assert [item.identity.city for item in gathered.found] == ["halle-be", "halle-de"]
    (problem,) = gathered.problems
    assert '--same "Halle (DE)=halle-de"' in problem.todo


def test_renamed_city_of_one_folder_of_answers_is_one(workspace: Workspace, tiny: Benchmark) -> None:
    """The folder has said so; what differs is named."""
    for label, name in (("2025", "Old"), ("2026", "New")):
        of(City(name=name, slug="x"), tiny, workspace.document(tiny.id, "x", label), label)
    gathered = batch.gather([workspace.answers], workspace)
    assert len(gathered.found) == 2
    assert gathered.problems == ()


# --- copies ---------------------------------------------------------------------------------------------------------

COPIES = (
    "2026 (conflicted copy).json",
    "2026 (1).json",
    "2026-DESKTOP-AB12.json",
    "2026-copy.json",
    "2026 - Kopie.json",
    "2026.sync-conflict-20261201-101010-ABCDEFG.json",
    "Copy of 2026.json",
    "1.json",
)


@pytest.mark.parametrize("copy", COPIES)
@pytest.mark.parametrize("place", ["answers/quiet-nights/a", "docs/quiet-nights/a", "docs/a"])
def test_file_named_by_its_round_counts_and_the_copy_is_named(
    workspace: Workspace, add: Add, tiny: Benchmark, copy: str, place: str
) -> None:
    """Whichever name comes first; the sentence says how to bring the copy in, for reports as for an import."""
    folder = workspace.root / place
    original = add("a", path=folder / "2026.json")
    other = of(City(name="A", slug="a"), tiny, folder / copy, level=3)
    gathered = batch.gather([folder.parent], workspace)
    assert [item.source for item in gathered.found] == [str(original)]
    (problem,) = gathered.problems
    assert problem.where == str(other)
    assert f'citygrow answers import "{other}"' in problem.todo
    read = batch.read_all([folder.parent], workspace)
    assert [held.source for held in read.found] == [original]
    assert read.problems == gathered.problems
    assert [held.source for held in batch.read_all([other], workspace).found] == [other], "named itself, it is read"


def test_copy_that_says_the_same_is_no_fault(workspace: Workspace, add: Add) -> None:
    """Nothing is left aside."""
    add("a")
    add("a", path=workspace.answers / "quiet-nights" / "a" / "2026 (1).json")
    gathered = batch.gather([workspace.answers], workspace)
    assert (len(gathered.found), gathered.problems) == (1, ())
    read = batch.read_all([workspace.answers], workspace)
    assert (len(read.found), read.problems) == (1, ())


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("quiet-nights/b/2026.json", "these are answers of quiet-nights/a"),
        ("other/a/2026.json", "these are answers of quiet-nights/a"),
        ("quiet-nights/a/2025.json", "not named by its round, 2026"),
        ("quiet-nights/a/2026 (1).json", "not named by its round, 2026"),
    ],
)
def test_document_in_the_wrong_place_does_not_count(workspace: Workspace, add: Add, path: str, told: str) -> None:
    """Forms would not find it, so nothing else takes it either; it is named, and the others are complete."""
    add("c")
    stray = add("a", path=workspace.answers / path)
    gathered = batch.gather([workspace.answers], workspace)
    assert keys(gathered) == [("c", "2026")]
    (problem,) = gathered.problems
    assert problem.where == str(stray)
    assert told in problem.found
    assert "citygrow answers import" in problem.todo


@pytest.mark.parametrize("name", ["2026~", "2026.json~", "2026.json.orig", "2026.json.bak"])
def test_leftover_of_a_program_is_named(workspace: Workspace, add: Add, name: str) -> None:
    """What may hold answers is not passed over without a word."""
    add("a").with_name(name).write_bytes(b"{}")
    (add("a").parent / "2026.history.jsonl").write_bytes(b"")
    (problem,) = batch.gather([workspace.answers], workspace).problems
    assert problem.where.endswith(name)


def test_document_in_its_place_counts_before_one_elsewhere(workspace: Workspace, add: Add, tiny: Benchmark) -> None:
    """In whatever order they are named."""
    home = add("a")
    other = of(City(name="A", slug="a"), tiny, workspace.root / "mine.json", level=3)
    for sources in ([home, other], [other, home], [other, workspace.answers]):
        gathered = batch.gather(sources, workspace)
        assert [item.source for item in gathered.found] == [str(home)]
        (problem,) = gathered.problems
        assert problem.where == str(other)
        assert f'citygrow answers import "{other}"' in problem.todo


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


def test_persons_of_a_table_are_left_aside_and_said(workspace: Workspace, tmp_path: Path) -> None:
    """Once a file, with the cure. Nothing that a run knows of the city depends on what they said, or on who did."""
    head = "city,round,respondent,kind,KF1.Q1,KF1.Q1 comment\nX,2026,econ,institution,2,\n"
    found = []
    for number, rows in enumerate(("X,2026,p1,person,0,mine\n", "X,2026,p2,,3,\nX,2026,p1,person,1,\n", "")):
        (folder := tmp_path / str(number)).mkdir()
        (folder / "x.csv").write_text(head + rows, encoding="utf-8")
        gathered = batch.gather([folder], workspace)
        (item,) = gathered.found
        found.append((item.identity, item.digest, gathered.document(item)))
        said = "answers of persons were left aside; to keep and count them: citygrow answers import FILE"
        assert [note for note in gathered.notes if said in note] == ([f"{folder / 'x.csv'}: {said}"] if rows else [])
    assert found[0] == found[1] == found[2]


def test_persons_of_an_older_document_are_left_aside_and_said(workspace: Workspace, add: Add) -> None:
    """As those of a table; its own bytes, which hold what they said, are nowhere told by a fingerprint."""
    path = add("x")
    own = batch.gather([path], workspace).found[0].digest
    for level in (0, 3):
        raw = json.loads(path.read_bytes())
        raw["respondents"]["p1"] = {"role": "Founder"}
        raw["responses"]["p1"] = {"KF1.Q1": {"state": "rated", "level": level, "comment": "mine"}}
        path.write_text(json.dumps(raw), encoding="utf-8")
        gathered = batch.gather([path], workspace)
        assert gathered.problems == ()
        (item,) = gathered.found
        assert (item.digest, b"mine" in gathered.document(item)) == (own, False)
        assert ["persons were left aside" in note for note in gathered.notes] == [True]
        (read,) = batch.read_all([path], workspace).found
        assert (read.persons["p1"].role, "p1" in read.assessment.respondents) == ("Founder", False)
