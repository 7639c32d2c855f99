"""A benchmark on a terminal."""

from __future__ import annotations

from citygrow_nb.cli.outline import WIDTH, item, outline
from citygrow_nb.model import Benchmark


def test_question_is_shown_whole(benchmark: Benchmark) -> None:
    """Its text, all four levels, what counts as evidence, who knows, and where it comes from."""
    question = benchmark.questions["KF1.Q1"]
    shown = " ".join(item("KF1.Q1", question, benchmark).split())
    for text in (question.text, *question.levels, question.evidence_hint, question.who_knows, question.source.part):
        assert " ".join(text.split()) in shown


def test_practice_is_shown_with_its_links(benchmark: Benchmark) -> None:
    """City, what it did, and where to read on."""
    for factor in benchmark.key_factors:
        for practice in factor.practices:
            shown = " ".join(item(practice.code, practice, benchmark).split())
            assert practice.city in shown
            assert " ".join(practice.text.split()) in shown
            assert all(link.url in shown for link in practice.links)


def test_lines_fit_a_terminal(benchmark: Benchmark, tiny: Benchmark) -> None:
    """Only an address may be longer."""
    for shown in (outline(benchmark), outline(tiny), *(item(*pair, benchmark) for pair in benchmark.items())):
        assert [line for line in shown.splitlines() if len(line) > WIDTH and "://" not in line] == []
