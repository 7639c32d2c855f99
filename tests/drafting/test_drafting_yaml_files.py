"""The files of a draft: usable at once, open where the document says nothing, and nothing invented."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from citygrow_nb import authoring, benchmarks, drafting
from citygrow_nb.benchmarks.drafts import NOT_SAID
from citygrow_nb.model import Benchmark
from tests.drafting.published import LIBRARIES, run_together

OURS = {"format", "format_version", "id", "version", "status", "language", "provenance", "code", "check", "source"}
OURS |= {"key_factors"}
"""Fields that tell of the draft and not of the subject."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return the draft of the fictitious toolkit."""
    source = tmp_path / "toolkit.txt"
    source.write_text(run_together(LIBRARIES), encoding="utf-8")
    made = tmp_path / "benchmark" / "libraries"
    drafting.save(drafting.write(drafting.understand(drafting.read(source)), "libraries", source.name), made)
    return made


@pytest.fixture
def draft(folder: Path) -> Benchmark:
    return benchmarks.load(folder)


def texts(value: Any, name: str = "") -> Iterator[str]:
    if name in OURS or name == "publication":
        return
    if isinstance(value, dict):
        for key, item in value.items():
            yield from texts(item, key)
    elif isinstance(value, list):
        for item in value:
            yield from texts(item, name)
    elif isinstance(value, str) and name not in {"url", "year"}:
        yield value


def squeezed(text: str) -> str:
    return re.sub(r"[\s-]", "", text).casefold()


def test_nothing_is_invented(folder: Path) -> None:
    """Every text of the draft stands in the document, but for space, hyphens at line ends and capital letters."""
    source = squeezed(run_together(LIBRARIES))
    for file in folder.rglob("*.yaml"):
        if file.name != "scale.yaml":
            for text in texts(YAML(typ="safe").load(file)):
                assert squeezed(text) in source, (file, text)


def test_what_the_document_does_not_say_is_left_open(folder: Path) -> None:
    """No levels, no hints, no short titles, no countries."""
    factor = YAML(typ="safe").load(folder / "key-factors" / "KF1.yaml")
    assert set(factor["questions"][0]) == {"code", "text", "source"}
    assert set(factor["practices"][0]) == {"code", "city", "text", "year", "links", "source"}
    assert factor["practices"][0]["year"] == "2019; 2020-2022"
    assert {"short_title", "notes"}.isdisjoint(factor)


def test_draft_is_usable_at_once(draft: Benchmark) -> None:
    """With the four general levels, and words that say what is open."""
    assert draft.is_draft
    assert len(draft.questions) == sum(len(factor.questions) for factor in LIBRARIES.factors)
    question = draft.questions["KF1.Q1"]
    assert question.levels == tuple(level.meaning for level in draft.scale.levels)
    assert question.who_knows == NOT_SAID
    assert len({factor.short_title for factor in draft.key_factors}) == len(draft.key_factors)
    assert draft.key_factors[1].practices[0].contact == "desk@nowhere.example"
    assert authoring.build(draft)


def test_to_do_is_told_apart_from_faults(folder: Path) -> None:
    """Each with its file and line; a fault stays one."""
    assert benchmarks.check(folder) == []
    todos = [str(todo) for todo in benchmarks.todos(folder)]
    assert any("KF1.yaml" in todo and todo.endswith("open: levels, evidence_hint, who_knows") for todo in todos)
    assert any("context-factors.yaml" in todo and "word the point as a question" in todo for todo in todos)
    path = folder / "key-factors" / "KF1.yaml"
    path.write_text(path.read_text("utf-8").replace("code: KF1.Q2", "code: KF1.Q9"), encoding="utf-8")
    assert any("KF1.Q9 stands where KF1.Q2 is due" in str(fault) for fault in benchmarks.check(folder))


def test_marks_are_to_do_and_keep_a_benchmark_from_being_final(folder: Path) -> None:
    """Whoever writes “final” has looked at all of them, and filled in what was open."""
    path = folder / "key-factors" / "KF1.yaml"
    path.write_text(path.read_text("utf-8").replace("title:", "check: [is it so?]\ntitle:", 1), encoding="utf-8")
    assert any("check: is it so?" in str(todo) for todo in benchmarks.todos(folder))
    head = folder / "benchmark.yaml"
    head.write_text(head.read_text("utf-8").replace("status: draft", "status: final"), encoding="utf-8")
    faults = [str(fault) for fault in benchmarks.check(folder)]
    assert any("there is still a mark to check something" in fault for fault in faults)
    assert any("“levels” is missing" in fault for fault in faults)
    assert any("“country” is missing" in fault for fault in faults)
    assert benchmarks.todos(folder) == []
