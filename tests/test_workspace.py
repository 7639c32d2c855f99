"""Where things are in a workspace, and what may become part of a path."""

from __future__ import annotations

from pathlib import Path

import pytest

from citygrow_nb.exceptions import UsageError
from citygrow_nb.workspace import Workspace, checked_round, checked_slug, city_folder, is_among_answers


def test_document_and_report_paths(tmp_path: Path) -> None:
    """A city's answers and report have the places that the grammar gives them."""
    space = Workspace(tmp_path)
    assert space.document("zabia-gora", "2026") == tmp_path / "answers" / "zabia-gora" / "2026.json"
    assert city_folder(space.outputs, "zabia-gora", "2026") == tmp_path / "outputs" / "zabia-gora" / "2026"
    assert space.workbooks == tmp_path / "workbooks"
    assert space.benchmarks == tmp_path / "benchmark"


def test_documents_are_listed_in_order(tmp_path: Path) -> None:
    """Only files that can be assessments are listed, by city and round."""
    strays = (
        "a/.2026.json.lock",
        "A B/2026.json",
        "a/x y.json",
        "c.json",
        f"{'a' * 65}/2026.json",
        f"a/{'1' * 33}.json",
    )
    for name in ("b/2026.json", "a/2027.json", "a/2026.json", *strays):
        path = tmp_path / "answers" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")
    assert list(Workspace(tmp_path).documents()) == [("a", "2026"), ("a", "2027"), ("b", "2026")]
    assert list(Workspace(tmp_path / "nowhere").documents()) == []


def test_find_looks_upwards(tmp_path: Path) -> None:
    """From a folder inside a workspace the workspace is found; elsewhere the folder itself is one."""
    (tmp_path / "answers").mkdir()
    inside = tmp_path / "outputs" / "x"
    inside.mkdir(parents=True)
    assert Workspace.find(inside).root == tmp_path.resolve()


def test_answers_of_any_workspace_are_recognised(tmp_path: Path) -> None:
    """Those of the given one, and of the one around the path, but no folder above that happens to be named so."""
    here, there = Workspace(tmp_path / "here"), Workspace(tmp_path / "answers" / "there")
    for each in (here, there):
        each.answers.mkdir(parents=True)
    assert is_among_answers(here.answers, there)
    assert is_among_answers(there.answers / "a" / "b.json", here)
    assert not is_among_answers(there.outputs / "x", here)


def test_find_from_workbooks_without_answers(tmp_path: Path) -> None:
    """Before the first answer, a notebook in `workbooks/` belongs to the folder above."""
    (tmp_path / "workbooks").mkdir()
    assert Workspace.find(tmp_path / "workbooks").root == tmp_path.resolve()


@pytest.mark.parametrize("slug", ["", "..", "a/b", "a\\b", "Żabia", "a--b", "a-", "a" * 65, "a\n"])
def test_nothing_but_a_slug_becomes_a_folder(slug: str) -> None:
    """What could leave the folder, or is no slug, is refused with a suggestion."""
    with pytest.raises(UsageError, match="did you mean"):
        checked_slug(slug)


@pytest.mark.parametrize("label", ["", ".", "..", "../2026", "2026/1", "2026 Spring", "A", "a..b", "1" * 33, "2026\n"])
def test_nothing_but_a_round_label_becomes_a_file(label: str) -> None:
    """What could leave the folder, or is no round label, is refused with a suggestion."""
    with pytest.raises(UsageError, match="did you mean"):
        checked_round(label)


@pytest.mark.parametrize(("label", "text"), [(2026, "2026"), ("2026.10", "2026.10"), ("spring_26", "spring_26")])
def test_round_labels(label: object, text: str) -> None:
    """A round is text; a number, as papermill hands it over, becomes text."""
    assert checked_round(label) == text
