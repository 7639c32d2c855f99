"""Persons in a file of their own: saved, counted, moved out of older documents, forgotten."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from citygrow_nb import answers, atomic, batch
from citygrow_nb.answers import AnswerStore
from citygrow_nb.exceptions import DocumentError, StoreError
from citygrow_nb.model import Person
from citygrow_nb.workspace import Workspace
from tests.factories import QUESTIONS, assessment, benchmark, rated

PLACE = ("zabia-gora", "2026")


@pytest.fixture
def store(tmp_path: Path) -> AnswerStore:
    made = AnswerStore(Workspace(tmp_path), benchmark())
    made.create(assessment())
    return made


def asked(*levels: int, first: int = 0, role: str = "Founders") -> dict[str, Person]:
    return {
        f"p-{number}": Person(role=role, answers={QUESTIONS[0]: rated(level, f"word {number}")})
        for number, level in enumerate(levels, start=first)
    }


def test_persons_stand_beside_the_assessment_for_their_user_alone(store: AnswerStore) -> None:
    """No list of rounds, no batch and no status knows the file."""
    assert store.add_persons(*PLACE, asked(1, 2)) == 2
    assert store.add_persons(*PLACE, asked(1, 2)) == 0
    path = store.workspace.persons("demo", *PLACE)
    assert path.name == "2026.persons.json"
    if os.name == "posix":
        assert path.stat().st_mode & 0o777 == 0o600
    assert list(store.documents()) == [PLACE]
    gathered = batch.gather([store.workspace.answers], store.workspace)
    assert "persons.json" not in "".join(map(str, (*gathered.problems, *gathered.notes)))


def test_counting_puts_groups_into_the_assessment_once(store: AnswerStore) -> None:
    store.add_persons(*PLACE, asked(0, 1, 2, 3))
    assert (store.count(*PLACE).groups, store.count(*PLACE).waiting) == ((), {"Founders": 4})
    store.add_persons(*PLACE, asked(3, first=4))
    counted = store.count(*PLACE)
    assert [group.levels for group in counted.groups] == [(1, 1, 1, 2)]
    assert store.load(*PLACE).groups == counted.groups
    before = store.document(*PLACE).read_bytes()
    store.add_persons(*PLACE, asked(0, 0, 0, 0, 0), replace=True)
    assert store.count(*PLACE).groups == ()
    assert store.document(*PLACE).read_bytes() == before


@pytest.mark.parametrize("killed_at", [0, 1, 2])
def test_a_count_that_is_killed_counts_nobody_twice_and_loses_nobody(
    store: AnswerStore, monkeypatch: pytest.MonkeyPatch, killed_at: int
) -> None:
    store.add_persons(*PLACE, asked(0, 1, 2, 3, 3))
    real, calls = atomic.write, []

    def killed(path: Path, content: bytes, **more: Any) -> None:
        if len(calls) == killed_at:
            raise KeyboardInterrupt
        calls.append(path)
        real(path, content, **more)

    with monkeypatch.context() as patch:
        patch.setattr(atomic, "write", killed)
        with pytest.raises(KeyboardInterrupt):
            store.count(*PLACE)
    store.count(*PLACE)
    store.count(*PLACE)
    assert [group.levels for group in store.load(*PLACE).groups] == [(1, 1, 1, 2)]
    assert store.persons(*PLACE).pending == ()


def test_persons_of_an_older_document_go_to_their_own_file_once(store: AnswerStore) -> None:
    """With all their answers; departments stay. Their own file counts where they are in both."""
    old = json.loads(store.document(*PLACE).read_bytes())
    old["respondents"] = {
        "econ": {"role": "Economy", "kind": "institution"},
        "p0": {"role": "Founders", "kind": "person"},
    }
    old["respondents"]["p1"] = {"role": "Founders"}
    old["responses"] = {
        key: {QUESTIONS[0]: {"state": "rated", "level": level, "comment": "mine"}}
        for level, key in enumerate(old["respondents"])
    }
    store.document(*PLACE).write_text(json.dumps(old), encoding="utf-8")
    found = store.load(*PLACE)
    assert (set(found.respondents), set(found.responses)) == ({"econ"}, {"econ"})
    persons = store.persons(*PLACE).persons
    assert {key: person.answers[QUESTIONS[0]].level for key, person in persons.items()} == {"p0": 1, "p1": 2}
    assert b"p0" not in store.document(*PLACE).read_bytes()
    assert answers.parse(store.document(*PLACE).read_bytes(), "", benchmark()) == found


def test_who_answers_in_a_form_is_saved_unless_somebody_else_was(store: AnswerStore) -> None:
    first = store.put_person(*PLACE, "h-1", asked(1)["p-0"], None)
    later = Person(role="Founders", answers={QUESTIONS[0]: rated(3)}, finished=True)
    assert store.put_person(*PLACE, "h-1", later, first) == later
    with pytest.raises(StoreError, match="meanwhile"):
        store.put_person(*PLACE, "h-1", asked(0)["p-0"], first)
    assert store.persons(*PLACE).persons["h-1"] == later


def test_who_is_forgotten_stays_so(store: AnswerStore) -> None:
    """Her answers and her comment in a group go; her level stays counted, and she is not counted again."""
    store.add_persons(*PLACE, asked(0, 1, 2, 3, 3))
    store.count(*PLACE)
    assert store.forget("zabia-gora", "p-2") == 1
    assert store.forget("zabia-gora", "nobody") == 0
    (group,) = store.load(*PLACE).groups
    assert (group.people, group.comments) == (5, ("word 0", "word 1", "word 3", "word 4"))
    assert b"word 2" not in store.workspace.persons("demo", *PLACE).read_bytes()
    assert store.add_persons(*PLACE, asked(0, 1, 2, 3, 3)) == 0
    assert store.count(*PLACE).groups == ()


def test_who_answers_again_takes_the_place_of_her_earlier_response(store: AnswerStore) -> None:
    """And stays counted."""
    key = "p-0123456789abcdef"
    store.add_persons(*PLACE, {key: asked(0)["p-0"]})
    assert store.add_persons(*PLACE, {f"{key}-r2": asked(3)["p-0"]}) == 1
    assert set(store.persons(*PLACE).persons) == {f"{key}-r2"}
    assert store.add_persons(*PLACE, {key: asked(0)["p-0"]}) == 0


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b'{"format": "citygrow-persons", "version": 1, "city": "x"}'])
def test_damaged_file_of_persons_is_named_and_left_as_it_is(store: AnswerStore, content: bytes) -> None:
    path = store.workspace.persons("demo", *PLACE)
    path.write_bytes(content)
    with pytest.raises(DocumentError, match=r"2026\.persons\.json"):
        store.persons(*PLACE)
    with pytest.raises(DocumentError):
        store.count(*PLACE)
    assert path.read_bytes() == content
