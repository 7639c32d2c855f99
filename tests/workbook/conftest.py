"""A workspace with one city that has one answer."""

from pathlib import Path

import pytest

from citygrow_nb.answers import AnswerStore
from citygrow_nb.model import Benchmark
from citygrow_nb.workspace import Workspace
from tests.factories import assessment_of, rated


@pytest.fixture
def store(tmp_path: Path, benchmark: Benchmark, monkeypatch: pytest.MonkeyPatch) -> AnswerStore:
    """Return the store of a workspace with one city."""
    (tmp_path / "answers").mkdir()
    monkeypatch.delenv("CITYGROW_CITY", raising=False)
    store = AnswerStore(Workspace(tmp_path), benchmark)
    store.create(assessment_of(benchmark).with_answer("KF1.Q1", rated(2, "As adopted.")))
    return store


@pytest.fixture
def place(store: AnswerStore) -> Path:
    """Return its folder."""
    return store.workspace.root
