"""The benchmark that ships holds the whole published toolkit, and nothing in the code knows it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from citygrow_nb import benchmarks
from citygrow_nb.model import Benchmark, Source

ROOT = Path(__file__).parents[2]
SHIPPED = benchmarks.shipped()["migrant-entrepreneurs"]


@pytest.fixture(scope="module")
def benchmark() -> Benchmark:
    return benchmarks.load(SHIPPED)


def test_counts_are_those_of_the_publication(benchmark: Benchmark) -> None:
    """9 key factors, 40 questions, 21 practices, 10 context factors, 23 prompts, 2 terms."""
    assert [len(factor.questions) for factor in benchmark.key_factors] == [6, 4, 5, 4, 5, 5, 2, 5, 4]
    assert [len(factor.practices) for factor in benchmark.key_factors] == [3, 2, 2, 2, 2, 2, 3, 3, 2]
    assert [len(factor.prompts) for factor in benchmark.context_factors] == [3, 1, 3, 3, 2, 4, 2, 1, 1, 3]
    assert [term.code for term in benchmark.terms] == ["T1", "T2"]
    assert (len(benchmark.questions), len(benchmark.context_factors)) == (40, 10)


def test_scale_is_the_documented_one(benchmark: Benchmark) -> None:
    """Levels, thresholds and weights as every report explains them."""
    scale = benchmark.scale
    assert [level.name for level in scale.levels] == ["not in place", "first steps", "partly in place", "in place"]
    thresholds = scale.thresholds
    assert (thresholds.met_lower_bound, thresholds.close_score, thresholds.known_coverage) == (75, 50, 50)
    assert set(scale.weights.values()) == {1}


def test_every_level_is_worded_concretely(benchmark: Benchmark) -> None:
    """Each of the 160 level texts is a sentence or more, long enough to be checked and short enough to be read."""
    lengths = {
        f"{question.code} level {number}": len(text.split())
        for question in benchmark.questions.values()
        for number, text in enumerate(question.levels)
        if not (text.endswith(".") and 8 <= len(text.split()) <= 45)
    }
    assert lengths == {}


def test_every_item_names_its_place_in_the_publication(benchmark: Benchmark) -> None:
    """No two items of one kind claim the same place."""
    sources: dict[tuple[type, Source], str] = {}
    for code, item in benchmark.items():
        key = (type(item), item.source)  # type: ignore[attr-defined]
        assert key not in sources, f"{code} and {sources[key]}"
        sources[key] = code


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("KF1", r"Key Factor 3"),
        ("KF1.P2", r"2DqTCvA"),
        ("KF2.P2", r"29gQNfa"),
    ],
)
def test_known_faults_of_the_source_are_noted(benchmark: Benchmark, code: str, words: str) -> None:
    """They stand as notes on the item concerned, and are not silently mended."""
    item = dict(benchmark.items())[code]
    notes = " ".join(item.notes)  # type: ignore[attr-defined]
    # A question of the key factor may carry the note in its place.
    if code in benchmark.factors:
        notes += " ".join(note for question in benchmark.factors[code].questions for note in question.notes)
    assert re.search(words, notes)


def test_change_log_names_the_version(benchmark: Benchmark) -> None:
    """The benchmark has a change log of its own, whose newest entry is the version that ships."""
    text = (SHIPPED / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.findall(r"^## \[?v?([\d.]+)", text, re.MULTILINE)[0] == benchmark.version


def test_no_code_knows_this_benchmark() -> None:
    """No module names the benchmark, its subject or its numbers of items."""
    words = r"entrepreneur|\b40 questions|\b(?:nine|9) (?:key )?factors"
    told = {
        str(path.relative_to(ROOT)): sorted(set(re.findall(words, text, re.IGNORECASE)))
        for path in sorted((ROOT / "citygrow_nb").rglob("*"))
        if path.suffix in {".py", ".j2", ".js", ".css"} and (text := path.read_text(encoding="utf-8"))
    }
    assert {path: found for path, found in told.items() if found} == {}
