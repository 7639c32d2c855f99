"""One table, several benchmarks."""

from __future__ import annotations

from pathlib import Path

import pytest

from citygrow_nb import benchmarks, tables
from citygrow_nb.exceptions import BenchmarkError, Problem
from citygrow_nb.model import Assessment, Benchmark
from tests.factories import assessment_of, dont_know, rated


@pytest.fixture
def both(benchmark: Benchmark, tiny: Benchmark) -> dict[str, Benchmark]:
    return {benchmark.id: benchmark, tiny.id: tiny}


def read(path: Path, both: dict[str, Benchmark]) -> tables.Reading:
    def find(name: str) -> Benchmark:
        if name not in both:
            raise BenchmarkError(Problem(f"benchmark “{name}”", "there is no such benchmark here"))
        return both[name]

    def default() -> Benchmark:
        raise AssertionError

    return tables.read_all(path, default, find)


def saved(path: Path, *rows: str) -> Path:
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize("name", ["all.csv", "all.xlsx"])
@pytest.mark.parametrize("layout", ["long", "wide"])
def test_what_is_written_is_read_again(
    tmp_path: Path,
    benchmark: Benchmark,
    tiny: Benchmark,
    both: dict[str, Benchmark],
    name: str,
    layout: tables.writing.Form,
) -> None:
    """The same city on two benchmarks, and one on the second alone."""
    given: list[Assessment] = [
        assessment_of(benchmark, "Alpha", "alpha").with_answer("KF9.Q4", rated(3)).with_answer("KF1.Q1", dont_know()),
        assessment_of(tiny, "Alpha", "alpha").with_answer("KF1.Q1", rated(0)),
        assessment_of(tiny, "Beta", "beta").with_answer("KF2.Q1", rated(1)),
    ]
    tables.write_all(tmp_path / name, [(benchmark, given[:1]), (tiny, given[1:])], layout=layout)
    reading = read(tmp_path / name, both)
    assert reading.problems == ()
    assert sorted(reading.assessments, key=lambda item: (item.benchmark.id, item.city.slug)) == given


def test_every_row_must_say_which(tmp_path: Path, both: dict[str, Benchmark]) -> None:
    """A row that does not, one that names a benchmark nobody knows, and a question of another one are faults."""
    path = saved(
        tmp_path / "t.csv",
        "benchmark,city,round,KF1.Q1,KF9.Q4",
        "quiet-nights,A,2026,1,",
        ",B,2026,1,",
        "loud-nights,C,2026,1,",
        "quiet-nights,D,2026,1,2",
        "Migrant-Entrepreneurs,E,2026,1,2",
    )
    reading = read(path, both)
    assert [(item.city.name, item.benchmark.id) for item in reading.assessments] == [
        ("A", "quiet-nights"),
        ("E", "migrant-entrepreneurs"),
    ]
    told = "\n".join(map(str, reading.problems))
    assert "row 3, column benchmark: it does not say which benchmark the row answers" in told
    assert "row 4, column benchmark: there is no such benchmark here" in told
    assert "column KF9.Q4: the benchmark of these rows has no KF9.Q4" in told
    assert "left out, because something stands there: D" in told
    assert len(reading.problems) == 3


def test_table_for_one_benchmark_refuses_rows_of_another(tmp_path: Path, tiny: Benchmark) -> None:
    """Where only one can be meant, as in a workbook, the others are named."""
    path = saved(tmp_path / "t.csv", "benchmark,city,round,KF1.Q1", "quiet-nights,A,2026,1", "other,B,2026,2")
    reading = tables.read(path, tiny)
    assert [item.city.name for item in reading.assessments] == ["A"]
    (problem,) = reading.problems
    assert "row 3, column benchmark: these rows answer the benchmark “other”; allowed: “quiet-nights”" in str(problem)


def test_table_without_the_column_is_of_the_default(tmp_path: Path, tiny: Benchmark) -> None:
    """Nobody is asked for a benchmark that is clear."""
    path = saved(tmp_path / "t.csv", "city,round,KF1.Q1", "A,2026,1")
    reading = tables.read_all(path, lambda: tiny, benchmarks.by_id)
    assert [item.benchmark.id for item in reading.assessments] == ["quiet-nights"]


def test_columns_in_other_words(tmp_path: Path, both: dict[str, Benchmark]) -> None:
    """Each benchmark's own codes are known in other spellings; what the other one lacks must be empty in its rows."""
    ours, other = both
    only_ours = next(code for code in both[ours].questions if code not in both[other].questions)
    spelt = only_ours.lower().replace(".", "_")
    rows = (f"{ours},Graz,2026,1,2", f"{other},Graz,2026,3,")
    found = read(saved(tmp_path / "both.csv", f"benchmark,Stadt,Jahr,kf1_q1,{spelt}", *rows), both)
    assert [str(problem) for problem in found.problems] == []
    assert [item.benchmark.id for item in found.assessments] == [ours, other]
    wrong = read(saved(tmp_path / "both.csv", f"benchmark,Stadt,Jahr,kf1_q1,{spelt}", rows[0], f"{rows[1]}1"), both)
    assert f"the benchmark of these rows has no {only_ours}" in str(wrong.problems[0])
