"""``citygrow benchmark draft``: from paper to reports."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Call
from tests.drafting.published import LIBRARIES, in_one_column, run_together


@pytest.fixture
def document(place: Path) -> Path:
    path = place / "toolkit.txt"
    path.write_text(run_together(LIBRARIES), encoding="utf-8")
    return path


def test_counts_and_next_step_are_told(citygrow: Call, place: Path, document: Path) -> None:
    """What was found, what was left aside, and what to do now."""
    said = citygrow("benchmark", "draft", document, "--id", "libraries")
    assert (said.code, said.err) == (0, "")
    assert said.out.splitlines()[-1] == (
        f"{place / 'benchmark' / 'libraries'}: 3 key factors, 8 guide questions, 5 practices, 3 context factors, "
        f"5 points, 2 terms; next: citygrow benchmark check {place / 'benchmark' / 'libraries'}"
    )
    assert "left aside: page 1, line 1: About" in said.out
    checked = citygrow("benchmark", "check", "benchmark/libraries")
    assert checked.code == 0
    assert "no faults, a draft, " in checked.out.splitlines()[-1]


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("toolkit.txt", "--id", "../x"), 2, "cannot be the id of a benchmark"),
        (("toolkit.txt", "--id", "cities"), 2, "cannot be the id of a benchmark"),
        (("toolkit.txt", "--id", "x", "--to", "."), 2, "something stands here already"),
        (("toolkit.txt", "--id", "x", "--to", "toolkit.txt"), 2, "something stands here already"),
        (("nowhere.txt", "--id", "x"), 2, "there is no such file"),
        (("toolkit.txt",), 2, "Missing option"),
        (("letter.txt", "--id", "x"), 1, "no key factor was found in it; head the key factors “Key factor 1: …”"),
    ],
)
@pytest.mark.usefixtures("document")
def test_wrong_use(citygrow: Call, place: Path, arguments: tuple[str, ...], code: int, told: str) -> None:
    """One sentence, and nothing is made."""
    (place / "letter.txt").write_text("Dear all,\n\nplease find the toolkit attached.\n", encoding="utf-8")
    before = sorted(place.rglob("*"))
    said = citygrow("benchmark", "draft", *arguments)
    assert said.code == code
    assert told in said.err
    assert len(said.complaints) == 1
    assert sorted(place.rglob("*")) == before


@pytest.mark.slow
def test_from_paper_to_reports(citygrow: Call, place: Path) -> None:
    """Draft, workbooks, table, answers and reports; and every page says that it is a draft."""
    (place / "toolkit.txt").write_text(in_one_column(LIBRARIES), encoding="utf-8")
    assert citygrow("benchmark", "draft", "toolkit.txt", "--id", "libraries").code == 0
    assert citygrow("init", ".").code == 0
    assert [path.name for path in (place / "workbooks").iterdir()] == ["libraries"]
    assert citygrow("answers", "template", "-o", "answers.csv").code == 0
    (place / "wide.csv").write_text("city,round,KF1.Q1,KF2.Q2,CF1\nFictionford,2026,2,0,1\n", encoding="utf-8")
    assert citygrow("answers", "import", "wide.csv").code == 0
    said = citygrow("batch", "--jobs", 1)
    assert said.code == 0, said.err
    pages = sorted((place / "outputs" / "libraries").rglob("*.html"))
    assert len(pages) >= 8
    for page in (*pages, place / "outputs" / "cities" / "fictionford.html"):
        assert "Draft: people have still to finish" in page.read_text(encoding="utf-8"), page
    start = (place / "outputs/libraries/fictionford/2026/00-start.ipynb").read_text(encoding="utf-8")
    assert "<strong>Draft.</strong>" in start
