"""Wishes, plans and lists in tables: read as people write them, faults say where, nothing comes out as a formula."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from icalendar import Calendar
from openpyxl import load_workbook

from citygrow_nb import tables
from citygrow_nb.exceptions import TableError
from citygrow_nb.model import Action, ActionStatus, Assessment, Decision, Mentoring, Need, Offer, Target
from citygrow_nb.model.status import CityStatus
from tests.factories import assessment, benchmark
from tests.rendering.test_network_pages import matches

DEMO = benchmark()


def read(path: Path, text: str, name: str = "a.csv") -> tables.Reading:
    (path / name).write_text(text, encoding="utf-8")
    return tables.read(path / name, DEMO)


# --- wishes ---------------------------------------------------------------------------------------------------------

WISHES = Mentoring(
    offers=(Offer(factor="KF1", capacity=2),),
    needs=(Need(factor="KF2", priority=1),),
    languages=("en", "pl"),
    not_with=("Nowy Kąt", "Graz, Austria"),
)
LONG = """city,round,code,state,level,languages,not_with
Łódź,2026,KF1,offer,2,"English, Polish",Nowy Kąt; Graz\\, Austria
Łódź,2026,kf2,Need,1,,
""".replace("Nowy Kąt; Graz\\, Austria", '"Nowy Kąt; Graz, Austria"')
WIDE = """city,round,KF1.offer,kf2 need,languages,not_with
Łódź,2026,2,1,en pl,"Nowy Kąt; Graz, Austria"
"""


@pytest.mark.parametrize("text", [LONG, WIDE], ids=["long", "wide"])
def test_wishes_are_read_from_either_layout(tmp_path: Path, text: str) -> None:
    reading = read(tmp_path, text)
    assert reading.problems == ()
    assert reading.assessments[0].mentoring == WISHES


@pytest.mark.parametrize("layout", ["long", "wide"])
@pytest.mark.parametrize("ending", [".csv", ".xlsx"])
def test_wishes_come_back(tmp_path: Path, layout: str, ending: str) -> None:
    path = tmp_path / f"a{ending}"
    written = tables.write(path, [assessment(mentoring=WISHES)], DEMO, layout=layout)  # type: ignore[arg-type]
    assert written.left_out == ()
    (again,) = tables.read(path, DEMO).assessments
    assert again.mentoring == WISHES


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("KF7,offer,1,,", "column code: the benchmark has no key factor “KF7”"),
        ("KF1,rated,1,,", "column state: “rated” cannot stand with a key factor; allowed: offer or need"),
        ("KF1,offer,0,,", "column level: “0” does not say how many; allowed: how many cities, 1 to 20"),
        ("KF1,offer,21,,", "column level: “21” does not say how many"),
        ("KF2,need,4,,", "column level: “4” does not say how urgent; allowed: 1 (urgent), 2 (soon) or 3"),
        ("KF2,need,,,", "column level: the number is missing"),
        ("KF1,offer,1,martian,", "column languages: “martian” is not a language"),
    ],
)
def test_faults_of_wishes_say_where(tmp_path: Path, row: str, said: str) -> None:
    reading = read(tmp_path, f"city,round,code,state,level,languages,not_with\nŁódź,2026,{row}\n")
    assert reading.assessments == ()
    assert said in str(reading.problems[0])
    assert "row 2 (Łódź)" in str(reading.problems[0])


def test_same_wish_in_two_columns_is_a_fault(tmp_path: Path) -> None:
    reading = read(tmp_path, "city,round,KF1.offer,KF1 offer\nŁódź,2026,1,2\n")
    assert "there are two columns of this name" in str(reading.problems[0])


# --- plans ----------------------------------------------------------------------------------------------------------

PLAN = (
    Action(
        id="a1",
        what="=Ask",
        by_when="2027-03",
        targets=(Target(code="KF1.Q1", level=3, by="2027-12"), Target(code="KF1.Q2", level=2)),
        status=ActionStatus.UNDER_WAY,
        with_city="Graz",
    ),
    Action(id="a2", what="Over", by_when="2027-03", status=ActionStatus.DONE),
)


def test_plans_come_back_with_targets(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    tables.write(path, [assessment(actions=PLAN)], DEMO)
    (again,) = tables.read(path, DEMO).assessments
    assert again.actions == PLAN


def plan_book(tmp_path: Path, **cells: str) -> Path:
    """Write an XLSX file with one action whose cells are spoilt."""
    path = tmp_path / "a.xlsx"
    tables.write(path, [assessment(actions=PLAN[:1])], DEMO)
    book = load_workbook(path)
    sheet = book["actions"]
    heads = [cell.value for cell in sheet[1]]
    for name, value in cells.items():
        sheet.cell(2, heads.index(name) + 1, value)
    book.save(path)
    return path


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"targets": "KF1.Q1=5"}, "“KF1.Q1=5” is not a target"),
        ({"targets": "KF1.Q1=2@soon"}, "is not a target"),
        ({"targets": "KF1.Q8=2"}, "the benchmark has no guide question “KF1.Q8”; did you mean"),
        ({"targets": "KF1.Q1=2 KF1.Q1=3"}, "two targets are for the same question"),
        ({"status": "maybe"}, "“maybe” is not how far an action can be; allowed: planned, under_way, done, given_up"),
    ],
)
def test_faults_of_plans_say_where(tmp_path: Path, cells: dict[str, str], said: str) -> None:
    reading = tables.read(plan_book(tmp_path, **cells), DEMO)
    assert said in str(reading.problems[0])


def test_calendar_has_a_day_for_each_date_that_is_ahead() -> None:
    """The last of a target's month, and of the month of an action; nothing of what is over or has no date."""
    content, days = tables.plan_ics(DEMO, [assessment(actions=PLAN)])
    events = list(Calendar.from_ical(content).walk("VEVENT"))
    assert days == len(events) == 2
    assert [str(event["dtstart"].dt) for event in events] == ["2027-03-31", "2027-12-31"]
    assert str(events[0]["summary"]) == "Żabia Góra: =Ask"
    assert "KF1.Q1 shall be at level 3, in place" in str(events[1]["summary"])
    assert tables.plan_ics(DEMO, [assessment(actions=PLAN)])[0] == content


@pytest.mark.parametrize(
    ("text", "day"),
    [("2027-02", "2027-02-28"), ("2027-02-31", "2027-02-28"), ("2027-2", ""), ("June 2027", ""), ("0000-01", "")],
)
def test_only_what_is_a_date_becomes_one(text: str, day: str) -> None:
    content, _ = tables.plan_ics(DEMO, [assessment(actions=(Action(id="a", what="Ask", by_when=text),))])
    assert [str(e["dtstart"].dt) for e in Calendar.from_ical(content).walk("VEVENT")] == ([day] if day else [])


def test_plan_as_a_spreadsheet_says_levels_in_words() -> None:
    book = load_workbook(io.BytesIO(tables.plan_xlsx(DEMO, [assessment(actions=PLAN)])))
    rows = list(book["targets"].iter_rows(values_only=True))
    assert [row[5] for row in rows[1:]] == ["KF1.Q1", "KF1.Q2"]
    assert "KF1.Q1 is at three." in rows[1]
    assert (book["actions"]["E2"].value.lstrip("'"), book["actions"]["E2"].data_type) == ("=Ask", "s")


# --- lists ----------------------------------------------------------------------------------------------------------


def test_expected_cities_keep_what_else_is_said(tmp_path: Path) -> None:
    path = tmp_path / "expected.csv"
    path.write_text("City;country;E-mail\nGraz;Austria;a@x\n;PL;\nOslo;Norwich;\n", encoding="cp1252")
    found, problems = tables.expected_cities(path)
    assert [(item.name, item.country, item.more) for item in found] == [("Graz", "AT", {"e-mail": "a@x"})]
    assert [str(problem).split(": ", 1)[0].rsplit(", ", 2)[1:] for problem in problems] == [
        ["row 3", "column city"],
        ["row 4", "column country"],
    ]


def test_decisions_are_read_and_written(tmp_path: Path) -> None:
    made = [
        Decision(decision="pin", factor="KF1", mentor="=Graz", mentee="Łódź"),
        Decision(decision="ban", factor="KF2", mentor="Oslo", mentee="Łódź", benchmark="demo"),
    ]
    path = tmp_path / "pins.csv"
    path.write_bytes(tables.decisions_csv(made))
    assert "\n'=Graz" in path.read_text("utf-8-sig") or ",'=Graz," in path.read_text("utf-8-sig")
    assert tables.decisions(path) == (tuple(made), ())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("decision,factor,mentor\npin,KF1,Graz\n", "there is no column “mentee”"),
        ("", "the file is empty"),
    ],
)
def test_list_that_cannot_be_read_says_why(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "pins.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(TableError, match=said):
        tables.decisions(path)


def test_faults_of_decisions_say_where(tmp_path: Path) -> None:
    path = tmp_path / "pins.csv"
    path.write_text("decision,factor,mentor,mentee\nkeep,1,Graz,\n", encoding="utf-8")
    found, problems = tables.decisions(path)
    assert found == ()
    assert [str(problem).removeprefix(f"{path}, ") for problem in problems] == [
        "row 2, column decision: found “keep”; allowed: pin, ban",
        "row 2, column factor: “1” is no code; allowed: codes such as KF1",
        "row 2, column mentee: this is empty; fill it in",
    ]


# --- out ------------------------------------------------------------------------------------------------------------


def rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def test_matches_are_one_row_each_and_points_add_up() -> None:
    found = matches(3, name="=City")
    told = rows(tables.mentoring_csv(DEMO, found))
    assert len(told) == 3
    parts = ("distance", "context", "size", "language", "urgency")
    assert all(float(row["points"]) == pytest.approx(sum(float(row[part]) for part in parts)) for row in told)
    assert {row["mentee"][:2] for row in told} == {"'="}
    book = load_workbook(io.BytesIO(tables.mentoring_xlsx(DEMO, found)))
    assert [sheet.max_row for sheet in book] == [4, 2]
    assert tables.mentoring_xlsx(DEMO, found) == tables.mentoring_xlsx(DEMO, found)


def test_reminders_carry_what_the_list_of_expected_cities_says() -> None:
    status = CityStatus(
        name="+Graz",
        slug="graz",
        round="2026",
        begun="not_begun",
        questions=5,
        more={"email": "=cmd|x", "city": "other"},
    )
    (row,) = rows(tables.status_csv(DEMO, [status]))
    assert (row["city"], row["state"], row["email"]) == ("'+Graz", "not begun", "'=cmd|x")


def test_nothing_of_an_assessment_without_wishes_changes(tmp_path: Path) -> None:
    """An older table knows no wishes, and says none."""
    (city,) = read(tmp_path, "city,round,KF1.Q1\nŁódź,2026,1\n").assessments
    assert isinstance(city, Assessment)
    assert city.mentoring.is_empty
