"""Benchmarks are loaded whole and sound, or refused with every fault, its file and its line."""

from __future__ import annotations

import os
import re
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from citygrow_nb import benchmarks
from citygrow_nb.exceptions import BenchmarkError
from tests.benchmarks.tiny import TINY, tiny

SHIPPED = next(iter(benchmarks.shipped().values()))


@dataclass(frozen=True)
class Break:
    """A small edit that breaks a benchmark: the first match of a pattern in a file gets another text."""

    file: str
    pattern: str
    by: str
    says: str
    """What the problem must say."""
    below: int | None = 0
    """How many lines below the edit the problem is; None where that follows from the file's content."""

    def make(self, folder: Path) -> str:
        """Break the copy and return where the problem must be."""
        path = folder / self.file
        text = path.read_text(encoding="utf-8")
        match = re.search(self.pattern, text, re.MULTILINE)
        assert match, f"{self.pattern} matches nothing in {self.file}"
        path.write_text(text[: match.start()] + match.expand(self.by) + text[match.end() :], encoding="utf-8")
        return f"{path}, line {text.count(chr(10), 0, match.start()) + 1 + (self.below or 0)}"


# Patterns lean on the form of the files alone, so that rewording a text breaks no test.
HEAD, SCALE, CONTEXT, KF1, KF3 = (
    "benchmark.yaml",
    "scale.yaml",
    "context-factors.yaml",
    "key-factors/KF1.yaml",
    "key-factors/KF3.yaml",
)
BREAKS = {
    "missing field": Break(KF3, r"^title:.*\n", "", "“title” is missing", -1),
    "missing field of a question": Break(KF1, r"^    who_knows:.*\n", "", "“who_knows” is missing", None),
    "misspelt field": Break(KF1, r"^rationale:", "rationnale:", "did you mean “rationale”?"),
    "misspelt field of a question": Break(KF1, r"^    text:", "    txet:", "did you mean “text”?"),
    "key twice": Break(KF1, r"^(code: .*\n)", r"\1\1", "“code” stands here twice, first in line 1", 1),
    "tab": Break(KF1, r"^    text:", "\t text:", "spaces, never with tabs"),
    "open quote": Break(SCALE, r"^note: .*", 'note: "never closed', "not valid YAML"),
    "number for text": Break(HEAD, r"^version: .*", "version: 1.0", "“version” is the number 1.0"),
    "text for number": Break(SCALE, r"close_score: \S+?([,}])", r'close_score: "half"\1', "“close_score” is “half”"),
    "codes in wrong order": Break(KF1, r'code: "KF1\.Q2"', 'code: "KF1.Q4"', "KF1.Q4 stands where KF1.Q2 is due"),
    "code twice": Break(KF1, r'code: "KF1\.Q2"', 'code: "KF1.Q1"', "the code KF1.Q1 is used twice"),
    "code of another factor": Break(KF1, r'code: "KF1\.Q1"', 'code: "KF3.Q1"', "KF3.Q1 stands among the KF1.Q"),
    "code and file name": Break(KF3, r'^code: "KF3"', 'code: "KF1"', "the file of KF3 holds the code “KF1”"),
    "retired code in use": Break(HEAD, r"^retired: .*", 'retired: ["KF1.Q1"]', "KF1.Q1 is retired", None),
    "listed without file": Break(HEAD, r'^(key_factors: .*)"\]', r'\1", "KF77"]', "KF77 is listed, but there is no"),
    "not listed": Break(HEAD, r'^(key_factors: .*), "KF\d+"\]', r"\1]", "belongs to no part of the benchmark", None),
    "inspires nothing": Break(KF1, r'inspires: \["[^"]*"', 'inspires: ["KF1.Q77"', "there is no KF1.Q77"),
    "inspires elsewhere": Break(KF1, r'inspires: \["[^"]*"', 'inspires: ["KF3.Q1"', "belongs to another key factor"),
    "bears on nothing": Break(CONTEXT, r'often_bears_on: \["[^"]*"', 'often_bears_on: ["KF77"', "there is no KF77"),
    "no such publication": Break(KF1, r'publication: "[^"]*"', 'publication: "another"', "no publication “another”"),
    "no weight": Break(SCALE, r"\{KF1: \S+?, ", "{", "KF1 has no weight"),
    "weight of nothing": Break(SCALE, r"\{KF1: ", "{KF77: 1, KF1: ", "there is no key factor “KF77”"),
    "weight zero": Break(SCALE, r"\{KF1: [^,]+", "{KF1: 0", "allowed: above 0"),
    "thresholds crossed": Break(SCALE, r"close_score: \S+?([,}])", r"close_score: 99\1", "above “met_lower_bound”"),
    "levels in wrong order": Break(SCALE, r"level: 1", "level: 2", "2 stands where 1 is due"),
    "directions in wrong order": Break(SCALE, r"value: -1", "value: 1", "1 stands where -1 is due"),
    "link without scheme": Break(KF1, r'url: "https?://', 'url: "', "is neither http nor https"),
    "no such country": Break(KF1, r'country: "[A-Z]+"', 'country: "QQ"', "“QQ” is no country; allowed"),
    "no question": Break(KF1, r"^(    text: .*)\?$", r"\1.", "does not end with a question mark"),
    "left over": Break(KF1, r"^    who_knows: ", "    who_knows: TODO ", "“TODO” was left in the text"),
    "empty text": Break(KF1, r"^    who_knows: .*", '    who_knows: " "', "“who_knows” is empty"),
    "alias": Break(KF1, r"^    who_knows: .*", "    who_knows: *same", "alias"),
    "newer format": Break(HEAD, r"^format_version: .*", "format_version: 2", "install a newer citygrow"),
}


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SHIPPED, tmp_path / SHIPPED.name))


@pytest.mark.parametrize("folder", [SHIPPED, TINY], ids=["shipped", "tiny"])
def test_sound_benchmark_has_no_problems(folder: Path) -> None:
    """The shipped benchmark and the second one are without a fault."""
    assert [str(problem) for problem in benchmarks.check(folder)] == []


@pytest.mark.parametrize("name", BREAKS)
def test_broken_copy_is_refused_with_file_and_line(copy: Path, name: str) -> None:
    """Each small fault in the shipped benchmark is told with its file, its line and what to do."""
    edit = BREAKS[name]
    where = edit.make(copy)
    found = [str(problem) for problem in benchmarks.check(copy)]
    (told,) = [problem for problem in found if edit.says in problem]
    if edit.below is not None:
        assert re.match(rf"{re.escape(where)}[: ]", told), told
    assert re.match(rf"{re.escape(str(copy))}.+\.yaml, line \d+( \(\S+\))?: ", told), told
    with pytest.raises(BenchmarkError) as caught:
        benchmarks.load(copy)
    assert [str(problem) for problem in caught.value.problems] == found


def test_missing_field_is_told_at_its_question(copy: Path) -> None:
    """What is missing has no line; the line is that of the item that lacks it, and its code is named."""
    BREAKS["missing field of a question"].make(copy)
    (problem,) = benchmarks.check(copy)
    text = (copy / KF1).read_text(encoding="utf-8")
    line = text[: text.index('code: "KF1.Q1"')].count("\n") + 1
    assert problem.where == f"{copy / KF1}, line {line} (KF1.Q1)"


@pytest.mark.parametrize("name", [HEAD, SCALE, CONTEXT, KF1])
def test_missing_file_is_the_only_problem(copy: Path, name: str) -> None:
    """What leans on a missing file is not reported besides."""
    (copy / name).unlink()
    (problem,) = benchmarks.check(copy)
    assert Path(name).name in str(problem)


def test_repeated_level_text_is_told_with_both_places(copy: Path) -> None:
    """Two questions never share the wording of a level."""
    path = copy / KF3
    lines = path.read_text(encoding="utf-8").splitlines()
    starts = [number for number, line in enumerate(lines) if line == "      - >-"]
    lines[starts[5] : starts[6]] = ["      - >-", "        The same."]
    lines[starts[0] : starts[1]] = ["      - >-", "        The same."]
    path.write_text("\n".join(lines), encoding="utf-8")
    (problem,) = benchmarks.check(copy)
    assert f"as in KF3.yaml, line {starts[0] + 1}" in str(problem)
    assert f"{path}, line " in problem.where


def test_all_faults_come_at_once_and_in_order(copy: Path) -> None:
    """Faults of the files, of the model and between the parts stand in one list, file by file."""
    wanted = ["number for text", "misspelt field", "left over", "no such country", "code and file name"]
    wanted += ["bears on nothing", "weight zero", "directions in wrong order"]
    places = [BREAKS[name].make(copy) for name in wanted]
    told = [problem.where.split(" (")[0] for problem in benchmarks.check(copy)]
    # Where a field is misspelt, the right one is missing besides.
    assert [where for where in told if not where.endswith("KF1.yaml, line 1")] == places


def test_one_unreadable_file_hides_no_other_fault(copy: Path) -> None:
    """A syntax error in one file is one problem, and the other files are checked all the same."""
    places = [BREAKS["tab"].make(copy), BREAKS["bears on nothing"].make(copy), BREAKS["no weight"].make(copy)]
    assert [problem.where.split(" (")[0] for problem in benchmarks.check(copy)] == places


def test_folder_in_a_workspace_has_the_name_of_its_benchmark(tmp_path: Path) -> None:
    """A workspace finds a benchmark by its folder's name, so another name there is a fault; elsewhere it is none."""
    outside = Path(shutil.copytree(TINY, tmp_path / "draft"))
    inside = Path(shutil.copytree(TINY, tmp_path / "benchmark" / "draft"))
    assert benchmarks.check(outside) == []
    (problem,) = benchmarks.check(inside)
    assert str(problem) == (
        f"{inside / HEAD}, line 4: the id is “quiet-nights”, but the name on disk is “draft”; give both the same name"
    )


@pytest.mark.parametrize("folder", [SHIPPED, TINY], ids=["shipped", "tiny"])
def test_compiled_benchmark_is_the_same(folder: Path, tmp_path: Path) -> None:
    """Compiling and loading again loses nothing."""
    benchmark = benchmarks.load(folder)
    file = tmp_path / "compiled.json"
    file.write_bytes(benchmarks.dump(benchmark))
    assert benchmarks.load(file) == benchmark


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "this is not JSON"),
        (b'{"id":\n\n', "line 3: this is not JSON"),
        (b"\xff\xfe", "this is not JSON"),
        (b"[]", "the file holds an empty list"),
        (b'{"format_version": 2}', "install a newer citygrow"),
        (benchmarks.dump(tiny()).replace(b"?", b"."), "key_factors[0].questions[0].text KF1.Q1"),
        (benchmarks.dump(tiny()).replace(b'"KF2":0.5', b'"KF2":true'), "“KF2” is true; allowed: a number"),
    ],
)
def test_broken_compiled_file(tmp_path: Path, content: bytes, says: str) -> None:
    """A compiled file is not trusted either; having no lines, its problems name the place in the document."""
    file = tmp_path / "compiled.json"
    file.write_bytes(content)
    with pytest.raises(BenchmarkError) as caught:
        benchmarks.load(file)
    assert says in str(caught.value)
    assert str(caught.value).startswith(str(file))


def test_missing_compiled_file(tmp_path: Path) -> None:
    """A path that leads nowhere is one sentence."""
    with pytest.raises(BenchmarkError, match="there is no such file"):
        benchmarks.load(tmp_path / "none.json")


def test_shipped_benchmark_loads_in_good_time() -> None:
    """Below half a second of processor time on a small machine; the bound here leaves room for a busy one."""
    start = time.process_time()
    benchmarks.load(SHIPPED)
    assert time.process_time() - start < 1.5


@pytest.mark.skipif(os.name != "posix", reason="making links takes rights on Windows, and there are no pipes")
@pytest.mark.timeout(20)
@pytest.mark.parametrize("name", ["benchmark.yaml", "key-factors/KF1.yaml", "key-factors", "CHANGELOG.md"])
@pytest.mark.parametrize("kind", ["link", "lost", "pipe"])
def test_nothing_is_read_or_told_over_a_link_or_from_a_pipe(copy: Path, tmp_path: Path, name: str, kind: str) -> None:
    """A benchmark that somebody sent may link to anything: its lines are neither told nor copied."""
    other = tmp_path / "other"
    other.mkdir()
    (other / "KF1.yaml").write_text("root:x:0: private\nprivate", encoding="utf-8")
    target = {"link": other if name == "key-factors" else other / "KF1.yaml", "lost": other / "none"}
    (copy / name).rename(tmp_path / "before") if (copy / name).exists() else None
    os.mkfifo(copy / name) if kind == "pipe" else (copy / name).symlink_to(target[kind])
    told = "\n".join(map(str, benchmarks.check(copy)))
    assert "private" not in told
    if name != "CHANGELOG.md":
        assert name.split("/", maxsplit=1)[0] in told
        with pytest.raises(BenchmarkError):
            benchmarks.load(copy)
    if name != "key-factors":
        with pytest.raises(BenchmarkError, match=name):
            benchmarks.files(copy)


@pytest.mark.skipif(os.name != "posix", reason="making links takes rights on Windows")
def test_benchmark_among_others_is_no_link_but_a_folder_that_was_named_may_be(copy: Path, tmp_path: Path) -> None:
    """What stands in a workspace may have been sent; what somebody names is his own choice."""
    named = tmp_path / "named"
    named.symlink_to(copy, target_is_directory=True)
    assert benchmarks.load(named) == benchmarks.load(copy)
    own = tmp_path / "workspace" / "benchmark" / copy.name
    own.parent.mkdir(parents=True)
    own.symlink_to(copy, target_is_directory=True)
    with pytest.raises(BenchmarkError, match="link"):
        benchmarks.load(own)
