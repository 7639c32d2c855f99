"""Where things are in a workspace, and what may become part of a path."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from citygrow_nb.exceptions import UsageError
from citygrow_nb.workspace import (
    Workspace,
    checked_benchmark,
    checked_round,
    checked_slug,
    city_folder,
    city_page,
    is_among_answers,
)


def test_document_and_report_paths(tmp_path: Path) -> None:
    """A city's answers and report have the places that the grammar gives them."""
    space = Workspace(tmp_path)
    assert space.document("jobs", "zabia-gora", "2026") == tmp_path / "answers" / "jobs" / "zabia-gora" / "2026.json"
    assert city_folder(space.outputs / "jobs", "zabia-gora", "2026") == tmp_path / "outputs/jobs/zabia-gora/2026"
    assert city_page("zabia-gora") == "cities/zabia-gora.html"
    assert space.notebooks("jobs") == tmp_path / "workbooks" / "jobs"
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
        path = tmp_path / "answers" / "jobs" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")
    space = Workspace(tmp_path)
    assert list(space.documents("jobs")) == [("a", "2026"), ("a", "2027"), ("b", "2026")]
    assert list(space.documents("parks")) == list(Workspace(tmp_path / "nowhere").documents("jobs")) == []
    assert list(space.documents_of("a")) == [("jobs", "2026"), ("jobs", "2027")]
    assert space.answered() == ["jobs"]


def test_copies_beside_a_document_are_no_rounds(tmp_path: Path) -> None:
    """Their names may be those of rounds; what the document says decides, and a damaged one is still listed."""
    folder = tmp_path / "answers" / "jobs" / "a"
    folder.mkdir(parents=True)
    for name, label in (("2026", "2026"), ("2026-copy", "2026"), ("2026.1", "2026"), ("2026-2", "2026-2")):
        (folder / f"{name}.json").write_text(json.dumps({"round": label}), "utf-8")
    (folder / "2026-3.json").write_text("{", "utf-8")
    (folder / "2026 (1).json").write_text("{}", "utf-8")
    listed = ["2026-2", "2026-3", "2026"]
    assert [label for _, label in Workspace(tmp_path).documents("jobs")] == listed
    assert [label for _, label in Workspace(tmp_path).documents_of("a")] == listed


def test_answers_without_their_benchmark_are_refused(tmp_path: Path) -> None:
    """One sentence says where they belong; answers in their place are left in peace."""
    path = tmp_path / "answers" / "graz" / "2026.json"
    path.parent.mkdir(parents=True)
    path.touch()
    found = r"without their benchmark: graz/2026\.json; allowed: answers/<benchmark>/<city>/<round>\.json; move"
    with pytest.raises(UsageError, match=found):
        Workspace(tmp_path).require_toolkit_first()
    path.parent.rename(tmp_path / "graz")
    (tmp_path / "answers" / "jobs").mkdir()
    (tmp_path / "graz").rename(tmp_path / "answers" / "jobs" / "graz")
    Workspace(tmp_path).require_toolkit_first()


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
    (tmp_path / "workbooks" / "jobs").mkdir(parents=True)
    for folder in ("workbooks", "workbooks/jobs"):
        assert Workspace.find(tmp_path / folder).root == tmp_path.resolve()


@pytest.mark.parametrize("name", ["", "..", "a/b", "cities", "Jobs"])
def test_nothing_but_an_id_becomes_a_folder_of_a_benchmark(name: str) -> None:
    """What could leave the folder, or is the folder of cities, is refused."""
    with pytest.raises(UsageError, match="cannot be the id of a benchmark"):
        checked_benchmark(name)


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
