"""Persons of surveys: nobody twice, no two taken for one, whatever tools and spreadsheet programs make of them."""

from __future__ import annotations

import csv
import io
import random
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from citygrow_nb import tables
from citygrow_nb.model import Person
from citygrow_nb.tables import Whose
from tests.factories import benchmark
from tests.tables.survey_exports import Rows, as_csv, as_xlsx

DEMO = benchmark()

MICROSOFT = """\
ID,Start time,Completion time,Email,Name,City,KF1.Q1,KF1.Q2
1,3/4/26 10:11:12,3/4/26 10:21:12,anonymous,,Haven,2,
2,3/14/26 22:01:02,3/14/26 22:11:12,Ann@example.org,Ann,Haven,3,1
"""
LIMESURVEY = """\
id,submitdate,lastpage,startlanguage,seed,startdate,datestamp,city,kind,KF1Q1
1,2026-03-04 10:00:00,3,en,11,2026-03-04 09:00:00,2026-03-04 10:00:00,Haven,pers,A3
2,2026-03-05 11:00:00,3,en,22,2026-03-05 10:30:00,2026-03-05 11:00:00,Haven,pers,A1
"""
GOOGLE = """\
Timestamp,Email Address,City,KF1.Q1
3/14/2026 10:15:00,ann@example.org,Haven,2
3/14/2026 13:15:09,bob@example.org,Haven,1
"""
KOBO = """\
start,end,City,KF1/KF1_Q1,_id,_uuid,_submission_time,formhub/uuid
2026-03-14T10:15:00.000+01:00,2026-03-14T10:25:00.000+01:00,Haven,2,501,aa-1,2026-03-14T09:25:00,ffff
2026-03-14T11:15:00.000+01:00,2026-03-14T11:25:00.000+01:00,Haven,1,502,aa-2,2026-03-14T10:25:00,ffff
"""
TOOLS = {"microsoft": MICROSOFT, "limesurvey": LIMESURVEY, "google": GOOGLE, "kobo": KOBO}


def rows(text: str) -> Rows:
    return [list(row) for row in csv.reader(io.StringIO(text))]


def read(path: Path, **whose: str) -> tables.Reading:
    return tables.read_all(path, lambda: DEMO, lambda _: DEMO, round_label="2026", whose=Whose(**whose))


def levels(found: tables.Reading) -> dict[str, dict[str, int | None]]:
    """Return what each respondent of the only city said."""
    assert [str(problem) for problem in found.problems] == []
    (city,) = found.assessments
    said = {**city.responses, **{who: person.answers for who, person in everybody(found)}}
    return {who: {code: answer.level for code, answer in given.items()} for who, given in said.items()}


def everybody(found: tables.Reading) -> list[tuple[str, Person]]:
    """Return all persons of all cities, with their keys."""
    return [item for persons in found.persons.values() for item in persons.items()]


def people(text: str | Rows, tmp_path: Path, **whose: str) -> dict[str, dict[str, int | None]]:
    return levels(read(as_csv(rows(text) if isinstance(text, str) else text, tmp_path / "x.csv"), **whose))


# --- two are never one ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tool", "was", "other"),
    [
        ("microsoft", "3/4/26 10:21:12", "3/4/26 10:21:13"),
        ("microsoft", "3/4/26 10:11:12", "3/5/26 10:11:12"),
        ("microsoft", "Ann@example.org", "bob@example.org"),
        ("microsoft", "22:01:02", "10:01:02"),
        ("limesurvey", "1,2026-03-04 10:00:00,3,en,11", "1,2026-05-04 10:00:00,3,en,11"),
        ("limesurvey", "1,2026-03-04 10:00:00,3,en,11", "1,,3,en,12"),
        ("google", "10:15:00", "10:15:01"),
        ("google", "bob@", "anna@"),
        ("kobo", "aa-1", "aa-3"),
    ],
)
def test_two_surveys_that_count_from_one_have_nobody_in_common(tmp_path: Path, tool: str, was: str, other: str) -> None:
    """What tells two responses apart besides their number: each of them is enough."""
    first = set(people(TOOLS[tool], tmp_path))
    second = set(people(TOOLS[tool].replace(was, other), tmp_path))
    assert len(first) == len(second) == 2
    assert len(first & second) == 1


def test_an_anonymous_survey_of_limesurvey_is_told_apart_by_its_seeds(tmp_path: Path) -> None:
    """Its 1980-01-01 is no time; with nothing else than the number it is refused, and the cure is named."""
    text = "id,submitdate,seed,city,KF1Q1\n1,1980-01-01 00:00:00,{},Haven,A3\n"
    assert not set(people(text.format(1111111), tmp_path)) & set(people(text.format(2222222), tmp_path))
    found = read(as_csv(rows(text.format("")), tmp_path / "x.csv"))
    assert found.assessments == ()
    (problem,) = found.problems
    assert "x.csv, row 2: nothing tells these persons from those of another survey" in str(problem)
    assert "--survey NAME" in str(problem)


def test_a_number_is_no_uuid(tmp_path: Path) -> None:
    """Whatever its column is called; nor is what a spreadsheet program could not compute."""
    for cell in ("1", "2.0"):
        found = read(as_csv([["KEY", "city", "KF1.Q1"], [cell, "Haven", "1"]], tmp_path / "x.csv"))
        assert "a number alone does not" in str(found.problems[0]), cell
    path = as_xlsx([["_uuid", "city", "KF1.Q1"], ["=1/0", "Haven", 1]], tmp_path / "x.xlsx")
    assert "nothing tells these persons" in str(read(path).problems[0])


def test_a_form_that_all_rows_name_is_nobodys_id(tmp_path: Path) -> None:
    """KoboToolbox's formhub/uuid is the form's; without uuids, number and time tell persons apart."""
    without = [[cell for i, cell in enumerate(row) if i != 5] for row in rows(KOBO)]
    assert len(people(without, tmp_path)) == 2
    assert not any("-" in key[2:] for key in people(without, tmp_path))


def test_two_who_answered_in_one_second_are_two(tmp_path: Path) -> None:
    """An anonymous Google form in a full room; in any order of the rows the same ones have the same ids."""
    text = "Timestamp,City,KF1.Q1\n3/14/2026 10:15:00,Haven,2\n3/14/2026 10:15:00,Haven,1\n"
    first, *others = rows(text)
    both = people([first, *others], tmp_path)
    assert len(both) == 2
    assert people([first, *reversed(others)], tmp_path) == both


@pytest.mark.parametrize("text", ["KF1.Q1,KF1.Q2\n1,2\n3,0\n", "no,KF1.Q1,KF1.Q2\n1,1,2\n2,3,0\n"])
def test_what_tells_nobody_apart_needs_the_surveys_name(tmp_path: Path, text: str) -> None:
    """One sentence for all rows; with a name the same persons again, under another name other ones."""
    found = read(as_csv(rows(text), tmp_path / "x.csv"), city="Haven")
    assert found.assessments == ()
    (problem,) = found.problems
    assert "x.csv, rows 2, 3: nothing tells these persons" in str(problem)
    one = people(text, tmp_path, city="Haven", survey="Founders")
    assert len(one) == 2
    assert people(text, tmp_path, city="Haven", survey=" founders ") == one
    assert not set(one) & set(people(text, tmp_path, city="Haven", survey="Banks"))


def test_a_name_parts_what_seems_to_be_one_survey(tmp_path: Path) -> None:
    one = people(MICROSOFT, tmp_path, survey="Economy office")
    assert not set(one) & set(people(MICROSOFT, tmp_path, survey="Culture office"))
    assert not set(one) & set(people(MICROSOFT, tmp_path))


def test_only_persons_need_a_key(tmp_path: Path) -> None:
    """Institutions are known by their names; the city of a person who cannot be told apart is left out, alone."""
    text = "id,lastpage,city,kind,role,KF1Q1\n1,3,Haven,inst,Chamber,A3\n2,3,Oldtown,pers,,A3\n"
    found = read(as_csv(rows(text), tmp_path / "x.csv"))
    assert [city.city.name for city in found.assessments] == ["Haven"]
    assert len(found.problems) == 1
    assert len(people("KF1.Q1\n1\n", tmp_path, city="Haven", role="Chamber")) == 1


# --- nobody is two ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("tool", TOOLS)
def test_the_same_export_again_names_the_same_persons(tmp_path: Path, tool: str) -> None:
    """With more rows, in another order of rows and columns, with more columns, in another encoding."""
    head, *body = rows(TOOLS[tool])
    before = people([head, *body], tmp_path)
    assert len(before) == 2
    later = [[cell.replace("2026", "2027").replace("/26", "/27").replace("aa-", "bb-") for cell in row] for row in body]
    later = [[f"x{cell}" if "@" in cell else cell for cell in row] for row in later]
    columns = list(range(len(head)))
    random.Random(3).shuffle(columns)
    mixed = [[row[i] for i in columns] + [f"more {n}"] for n, row in enumerate([head, *later, *reversed(body)])]
    for encoding, delimiter in (("utf-8-sig", ","), ("utf-16", "\t"), ("cp1252", ";")):
        now = levels(read(as_csv(mixed, tmp_path / "y.csv", delimiter, encoding)))
        assert {who: now[who] for who in before} == before
        assert len(now) == 4


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("3/14/26 22:01:02", "14.03.2026 22:01:02"),
        ("3/14/26 22:01:02", "2026-03-14 22:01:02"),
        ("3/14/26 22:01:02", "14/03/2026 22:01:02"),
        ("3/14/26 22:01:02", "3/14/2026 10:01:02 PM"),
        ("3/4/26 22:01:02", "04/03/2026 22:01:02"),
        ("3/4/26 10:01:02 PM", "4.3.2026 klo 22.01.02"),
        ("2026/03/14 10:01:02 PM GMT+1", "3/14/2026 22:01:02"),
        ("2026-03-14T22:01:02.000+01:00", "14-03-2026 22:01:02"),
        ("3/14/2026 12:01:02 AM", "2026-03-14 00:01:02"),
        ("14/3/2026 10:01:02 μ.μ.", "14/03/2026 22:01:02"),
        ("14/3/2026 10:01:02 p. m.", "2026. 03. 14. 22:01:02"),
    ],
)
def test_a_time_is_the_same_in_every_country(tmp_path: Path, first: str, second: str) -> None:
    """Whatever a spreadsheet program makes of it when somebody opens the export and saves it."""
    text = "Timestamp,City,KF1.Q1\n{},Haven,2\n"
    assert people(text.format(first), tmp_path) == people(text.format(second), tmp_path)


@pytest.mark.parametrize("tool", ["microsoft", "limesurvey", "google"])
def test_dates_in_cells_are_the_dates_in_the_text(tmp_path: Path, tool: str) -> None:
    """An XLSX file has dates and numbers where the CSV file of the same responses has texts."""

    def typed(cell: str) -> Any:
        for form in ("%m/%d/%y %H:%M:%S", "%m/%d/%Y %H:%M:%S", "%Y-%m-%d %H:%M:%S"):
            try:
                return datetime.strptime(cell, form)  # noqa: DTZ007 - spreadsheets know no zone
            except ValueError:
                continue
        return int(cell) if cell.isdecimal() else cell

    there = rows(TOOLS[tool])
    found = read(as_xlsx([[typed(cell) for cell in row] for row in there], tmp_path / "x.xlsx"))
    assert levels(found) == people(there, tmp_path)


HEADS = {
    "microsoft": {
        "Start time": "Startzeit, Heure de début, Hora de inicio, Ora di inizio, Godzina rozpoczęcia",
        "Completion time": "Fertigstellungszeit, Heure de fin, Hora de finalización, Ora di completamento, "
        "Godzina ukończenia",
        "Email": "E-Mail, Adresse de messagerie, Correo electrónico, Posta elettronica, Adres e-mail",
        "Name": "Name, Nom, Nombre, Nome, Nazwa",
        "anonymous": "anonym, anonyme, anónimo, anonimo, anonimowy",
    },
    "limesurvey": {
        "id": "Response ID, Antwort ID, ID de la réponse, ID de respuesta, id. Response ID",
        "submitdate": "Date submitted, Datum Abgeschickt, Date de soumission, Fecha de envío, "
        "submitdate. Date submitted",
        "lastpage": "Last page, Letzte Seite, Dernière page, Última página, lastpage. Last page",
        "startlanguage": "Start language, Start-Sprache, Langue de départ, Lenguaje inicial, startlanguage. Language",
        "seed": "Seed, Zufallsstartwert, Tête de série, Semilla, seed. Seed",
        "startdate": "Date started, Datum gestartet, Date de lancement, Fecha de inicio, startdate. Date started",
        "datestamp": "Date last action, Datum letzte Aktivität, Date de la dernière action, "
        "Fecha de la última acción, datestamp. Date last action",
    },
    "google": {
        "Timestamp": "Zeitstempel, Horodateur, Marca temporal, Informazioni cronologiche, Sygnatura czasowa",
        "Email Address": "E-Mail-Adresse, Adresse e-mail, Dirección de correo electrónico, Indirizzo email, "
        "Adres e-mail",
    },
}


@pytest.mark.parametrize("language", range(5))
@pytest.mark.parametrize("tool", HEADS)
def test_exported_in_another_language(tmp_path: Path, tool: str, language: int) -> None:
    head, *body = rows(TOOLS[tool])
    words = {name: others.split(", ")[language] for name, others in HEADS[tool].items()}
    translated = [[words.get(cell, cell) for cell in row] for row in [head, *body]]
    assert people(translated, tmp_path) == people([head, *body], tmp_path)


@pytest.mark.parametrize("kept", ["seed", "seed startdate", "startdate datestamp", ""])
def test_limesurvey_exports_the_columns_that_somebody_chose(tmp_path: Path, kept: str) -> None:
    """Start, last action and seed may be in one export and missing in the next."""
    head, *body = rows(LIMESURVEY)
    gone = {head.index(name) for name in ("seed", "startdate", "datestamp") if name not in kept.split()}
    fewer = [[cell for i, cell in enumerate(row) if i not in gone] for row in [head, *body]]
    assert people(fewer, tmp_path) == people([head, *body], tmp_path)


def test_a_response_begun_and_completed_later_is_one(tmp_path: Path) -> None:
    """LimeSurvey's seed is there from the start, its date of submission only at the end."""
    text = "id,submitdate,lastpage,seed,city,KF1Q1\n1,{},3,1234567890,Haven,A3\n"
    assert people(text.format(""), tmp_path) == people(text.format("2026-03-04 10:00:00"), tmp_path)


@pytest.mark.parametrize("first", ["meta/rootUuid", "deprecatedID"])
def test_an_edited_response_is_the_same_persons(tmp_path: Path, first: str) -> None:
    """KoboToolbox gives it a new uuid, and says beside it which it had."""
    before = people(KOBO, tmp_path)
    head, *body = rows(KOBO.replace("aa-1", "cc-9"))
    body[0].append("uuid:aa-1")
    assert set(people([[*head, first], *body], tmp_path)) == set(before)


# --- who answered again -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("email", ["ann@example.org", " ANN@example.org"])
def test_the_later_answer_of_one_person_counts(tmp_path: Path, email: str) -> None:
    """Whole, in whatever order the rows stand, and it is said, without the address."""
    head, *body = rows(MICROSOFT + f"3,4/1/26 9:00:00,4/1/26 9:10:00,{email},,Haven,0,\n")
    found = read(as_csv([head, *body], tmp_path / "x.csv"))
    now = levels(found)
    before = people(MICROSOFT, tmp_path)
    (ann,) = [who for who in before if before[who]["KF1.Q1"] == 3]
    assert now == {**{who: said for who, said in before.items() if who != ann}, f"{ann}-r2": {"KF1.Q1": 0}}
    (said,) = [note for note in found.notes if "answered again" in note]
    assert "the later answers count: row 3 by row 4" in said
    assert "ann" not in said.casefold().replace("answer", "")
    assert people([head, *reversed(body)], tmp_path) == now


def test_days_tell_which_answer_is_later(tmp_path: Path) -> None:
    """Where a day beyond the twelfth shows that days come first, they do in all rows."""
    text = (
        "Timestamp,Email Address,City,KF1.Q1\n"
        "02/11/2026 10:15:00,ann@example.org,Haven,2\n"
        "03/10/2026 10:15:00,ann@example.org,Haven,1\n"
        "14/10/2026 10:15:00,bob@example.org,Haven,0\n"
    )
    assert sorted(said["KF1.Q1"] for said in people(text, tmp_path).values()) == [0, 2]


def test_without_times_the_last_row_counts(tmp_path: Path) -> None:
    text = "Email,KF1.Q1\nann@example.org,1\nbob@example.org,2\nann@example.org,3\n"
    assert sorted(said["KF1.Q1"] for said in people(text, tmp_path, city="Haven").values()) == [2, 3]


def test_a_form_opened_again_and_left_takes_nothing_back(tmp_path: Path) -> None:
    text = MICROSOFT + "3,4/1/26 9:00:00,4/1/26 9:10:00,ann@example.org,,Haven,,\n"
    assert sorted(said["KF1.Q1"] or 0 for said in people(text, tmp_path).values()) == [2, 3]


def test_an_address_that_a_form_of_kobotoolbox_asks_for(tmp_path: Path) -> None:
    """It is the person's; the account under which forms were sent is not."""
    head, *body = rows(KOBO)
    for name, count in (("contact/email", 1), ("username", 2), ("_submitted_by", 2)):
        asked = [[*head, name], *([*row, "ann@example.org"] for row in body)]
        assert len(people(asked, tmp_path)) == count, name


def test_hidden_columns_tell_persons_apart(tmp_path: Path) -> None:
    """People hide what a tool adds before they send a file on."""
    path = as_xlsx(rows(MICROSOFT), tmp_path / "x.xlsx")
    book = load_workbook(path)
    for letter in "ABCDE":
        book.worksheets[0].column_dimensions[letter].hidden = True
    book.save(path)
    assert set(levels(read(path))) == set(people(MICROSOFT, tmp_path))


def test_one_token_is_one_person(tmp_path: Path) -> None:
    text = (
        "id,submitdate,lastpage,seed,token,city,KF1Q1\n"
        "1,2026-03-04 10:00:00,3,1234567,Tok1,Haven,A3\n2,2026-03-05 10:00:00,3,7654321,Tok1,Haven,A1\n"
    )
    assert [said["KF1.Q1"] for said in people(text, tmp_path).values()] == [0]


def test_nobody_is_known_by_being_anonymous(tmp_path: Path) -> None:
    text = MICROSOFT.replace("Ann@example.org", "anonymous")
    assert len(people(text, tmp_path)) == 2


def test_one_person_may_answer_for_two_cities_and_an_institution(tmp_path: Path) -> None:
    text = (
        "Timestamp,Email Address,City,Kind,Role,KF1.Q1\n"
        "3/14/2026 10:15:00,ann@example.org,Haven,person,,2\n3/14/2026 10:16:00,ann@example.org,Oldtown,person,,1\n"
        "3/14/2026 10:17:00,ann@example.org,Haven,institution,Chamber,0\n"
        "3/14/2026 10:18:00,ann@example.org,Haven,institution,Chamber,3\n"
    )
    found = read(as_csv(rows(text), tmp_path / "x.csv"))
    assert found.problems == ()
    haven, oldtown = sorted(found.assessments, key=lambda assessment: assessment.city.name)
    assert haven.responses["chamber"]["KF1.Q1"].level == 3
    assert (len(haven.responses), len(oldtown.responses)) == (1, 0)
    assert [len(persons) for persons in found.persons.values()] == [1, 1]


def test_the_same_response_twice_in_a_file_is_one(tmp_path: Path) -> None:
    """As when somebody puts two exports under each other."""
    head, *body = rows(LIMESURVEY)
    assert people([head, *body, *body], tmp_path) == people([head, *body], tmp_path)
