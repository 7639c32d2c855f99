"""`citygrow mentoring`, `answers status` and `answers plan` as scripts and people call them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from citygrow_nb import demo
from citygrow_nb.answers import AnswerStore
from citygrow_nb.matching import assignment
from citygrow_nb.model import Benchmark, Matching
from citygrow_nb.workspace import Workspace
from tests.cli.conftest import Call


@pytest.fixture
def network(place: Path, benchmark: Benchmark) -> Path:
    """Return a workspace with thirty cities in two rounds."""
    (place / "answers").mkdir()
    (place / "outputs").mkdir()
    list(demo.write(AnswerStore(Workspace(place), benchmark), 30, rounds=2))
    return place


def test_mentoring_writes_pages_and_tables(citygrow: Call, network: Path) -> None:
    said = citygrow("mentoring")
    assert said.code == 0
    assert "needs have a mentor" in said.out + said.err
    made = {path.name for path in (network / "outputs" / "migrant-entrepreneurs").iterdir() if path.name[0] != "."}
    assert {"mentoring.html", "mentoring.csv", "mentoring.xlsx", "mentoring.json"} <= made
    again = (network / "outputs" / "migrant-entrepreneurs" / "mentoring.json").read_bytes()
    assert citygrow("mentoring").code == 0
    assert (network / "outputs" / "migrant-entrepreneurs" / "mentoring.json").read_bytes() == again


def test_json_is_what_was_found(citygrow: Call, network: Path) -> None:
    said = citygrow("mentoring", "--json", "--out", "elsewhere")
    found = json.loads(said.out)
    assert Matching.model_validate(found).matches
    assert (network / "elsewhere" / "migrant-entrepreneurs" / "mentoring.json").is_file()


def test_a_pin_counts_and_one_that_cannot_is_named(citygrow: Call, network: Path) -> None:
    before = json.loads(citygrow("mentoring", "--json").out)
    match = next(item for item in before["matches"] if item["alternatives"])
    other = match["alternatives"][0]["mentor"]["name"]
    pins = network / "mine.csv"
    pins.write_text(
        f"decision,factor,mentor,mentee\npin,{match['factor']},{other},{match['mentee']['name']}\n"
        "pin,KF1,Atlantis,Utopia\n",
        encoding="utf-8",
    )
    said = citygrow("mentoring", "--pins", "mine.csv", "--json")
    assert said.code == 1
    assert "there is no city “Utopia” in the network" in said.err
    after = json.loads(said.out)
    (now,) = [m for m in after["matches"] if (m["factor"], m["mentee"]) == (match["factor"], match["mentee"])]
    assert (now["mentor"]["name"], now["pinned"]) == (other, True)
    assert after["total"] <= before["total"]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("mentoring", "--pins", "nope.csv"), 2, "nope.csv: there is no such file"),
        (("mentoring", "nope"), 2, "nope: there is no such file or folder"),
        (("mentoring", "--round", "1999"), 2, "no city has a round “1999”"),
        (("mentoring", "--benchmark", "other"), 2, "other"),
        (("answers", "status", "-o", "x.pdf"), 2, "the list is written as CSV"),
        (("answers", "status", "--round", "../x"), 2, "this cannot name a round"),
        (("answers", "plan", "-o", "x.txt"), 2, "this ending names no format"),
        (("answers", "plan", "-o", "answers/x.ics"), 2, "only answers are saved here"),
        (("answers", "plan", "-o", "x.ics", "--city", "../../etc"), 2, "there is no city “../../etc”"),
    ],
)
def test_wrong_use_is_one_line(citygrow: Call, network: Path, arguments: tuple[str, ...], code: int, said: str) -> None:
    told = citygrow(*arguments)
    assert told.code == code
    assert said in told.err
    assert len(told.err.strip().splitlines()) == 1
    assert not (network / "x.txt").exists()


def test_without_the_solver_it_says_what_to_install(
    citygrow: Call, network: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(assignment, "find_spec", lambda _: None)
    said = citygrow("mentoring")
    assert said.code == 2
    assert "pip install citygrow-nb[mentoring]" in said.err


def test_wish_not_to_work_with_a_stranger_is_told_and_not_published(citygrow: Call, network: Path) -> None:
    path = next((network / "answers").rglob("2026.json"))
    raw = json.loads(path.read_text("utf-8"))
    raw["mentoring"] = {"needs": [{"factor": "KF1"}], "not_with": ["Strangeville"]}
    path.write_text(json.dumps(raw), encoding="utf-8")
    said = citygrow("mentoring")
    assert said.code == 1
    assert "“Strangeville”, which is not in the network" in said.err
    for made in (network / "outputs").rglob("mentoring*"):
        assert b"Strangeville" not in made.read_bytes()


def test_status_lists_everybody_and_writes_reminders(citygrow: Call, network: Path) -> None:
    (network / "expected.csv").write_text("city,email\nAtlantis,a@example.org\n", encoding="utf-8")
    said = citygrow("answers", "status", "-o", "reminders.csv")
    assert said.code == 0
    assert "Atlantis: not begun, never answered" in said.out + said.err
    assert "a@example.org" in (network / "reminders.csv").read_text("utf-8-sig")
    told = json.loads(citygrow("answers", "status", "--json").out)
    assert len(told) == 31
    future = json.loads(citygrow("answers", "status", "--round", "2028", "--json").out)
    assert {item["begun"] for item in future} == {"not_begun"}


def test_faulty_list_of_expected_cities_is_named(citygrow: Call, network: Path) -> None:
    (network / "expected.csv").write_text("town\nAtlantis\n", encoding="utf-8")
    said = citygrow("answers", "status")
    # “town” is no column of this list.
    assert said.code == 1
    assert "there is no column “city”" in said.err


def test_plan_goes_into_a_spreadsheet_and_the_calendar(citygrow: Call, network: Path) -> None:
    assert citygrow("answers", "plan", "-o", "plan.xlsx").code == 0
    said = citygrow("answers", "plan", "-o", "plan.ics", "--round", "2026")
    assert said.code == 0
    assert "dates of" in said.out + said.err
    assert (network / "plan.ics").read_bytes().startswith(b"BEGIN:VCALENDAR")
    assert (network / "plan.xlsx").read_bytes().startswith(b"PK")
