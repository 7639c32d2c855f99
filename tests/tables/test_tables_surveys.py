"""Forms out and answers back, by way of each survey tool: the same answers, comments and evidence."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from pyxform.xls2xform import convert

from citygrow_nb import tables
from citygrow_nb.exceptions import UsageError
from citygrow_nb.model import Answer, Benchmark, Respondent
from citygrow_nb.tables import Whose
from tests.factories import benchmark, dont_know, not_applicable, rated
from tests.tables import survey_exports as tools
from tests.tables.survey_exports import Filled, as_csv, as_xlsx

DEMO = benchmark()
EVIDENCE = ({"title": "Report; =1+1", "url": "https://example.org/ü?a=1&b=2"},)
ANSWERS: dict[str, Answer] = {
    "KF1.Q1": rated(2, 'Über "uns";\nsaid =1+1', evidence=EVIDENCE),
    "KF1.Q2": dont_know("Asked."),
    "KF1.Q3": not_applicable("There is no port, ever."),
    "KF2.Q1": rated(0),
}
CHAMBER = Filled(ANSWERS)
FOUNDER = Filled({"KF2.Q2": rated(3, "मेरी राय")}, role="Founder", kind="person", number=2)
Read = Callable[[Path], tables.Reading]


def read(path: Path, asked: Benchmark = DEMO, **whose: str) -> tables.Reading:
    return tables.read_all(path, lambda: asked, lambda _: asked, round_label="2026", whose=Whose(**whose))


def form(path: Path, kind: str, asked: Benchmark = DEMO, **choice: str) -> Path:
    tables.template(path, asked, kind, tables.select(asked, **choice))  # type: ignore[arg-type]
    return path


def exported(tmp_path: Path, tool: str, people: list[Filled], asked: Benchmark = DEMO) -> Path:
    """Return what a tool exports after these people have answered our form."""
    name = tool.split(maxsplit=1)[0]
    if name == "limesurvey":
        out = form(tmp_path / "form.txt", "limesurvey", asked)
        rows = tools.limesurvey(out, people, full="full" in tool)
    elif name in {"google", "microsoft"}:
        rows = getattr(tools, name)(asked, people)
    else:
        out = form(tmp_path / "form.xlsx", "xlsform", asked)
        rows = (
            tools.odk(out, people)
            if name == "odk"
            else tools.kobo(out, people, labels="labels" in tool, groups="flat" not in tool)
        )
    if tool.endswith("xlsx"):
        return as_xlsx(rows, tmp_path / "export.xlsx")
    return as_csv(rows, tmp_path / "export.csv", ";" if name == "kobo" else ",")


TOOLS = (
    *("kobo names csv", "kobo names xlsx", "kobo labels csv", "kobo labels xlsx", "kobo flat csv", "odk csv"),
    *("limesurvey codes csv", "limesurvey full csv", "limesurvey codes xlsx", "google csv", "google xlsx"),
    "microsoft xlsx",
)


@pytest.mark.parametrize("tool", TOOLS)
def test_round_trip(tmp_path: Path, tool: str) -> None:
    """Template, filled in, exported, imported: institutions and persons with the same answers and evidence."""
    found = read(exported(tmp_path, tool, [CHAMBER, FOUNDER]))
    assert [str(problem) for problem in found.problems] == []
    (city,) = found.assessments
    assert (city.city.name, city.round) == ("Żabia Góra", "2026")
    assert city.respondents["chamber-of-commerce"] == Respondent(role="Chamber of commerce", kind="institution")
    (persons,) = found.persons.values()
    ((key, person),) = persons.items()
    assert (key[:2], person.role, list(city.respondents)) == ("p-", "Founder", ["chamber-of-commerce"])
    by_hand = tool.split(maxsplit=1)[0] in {"google", "microsoft"}
    sent = {code: a.model_copy(update={"evidence": ()}) if by_hand else a for code, a in ANSWERS.items()}
    assert city.responses["chamber-of-commerce"] == sent
    assert person.answers == FOUNDER.answers
    (said, *_) = [note for note in found.notes if "each row a respondent" in note]
    assert {
        "kobo": "KoboToolbox",
        "odk": "ODK",
        "limesurvey": "LimeSurvey",
        "google": "Google",
        "microsoft": "Microsoft",
    }[tool.split(maxsplit=1)[0]] in said
    assert "left aside" in said


@pytest.mark.parametrize("tool", TOOLS)
def test_exported_again_with_more_rows(tmp_path: Path, tool: str) -> None:
    """Who answered before has the same short name in a later export, so that nobody is counted twice."""
    (first,) = read(exported(tmp_path, tool, [FOUNDER])).persons.values()
    later = Filled({"KF1.Q1": rated(1)}, role="Founder", kind="person", number=1)
    (both,) = read(exported(tmp_path, tool, [later, FOUNDER])).persons.values()
    assert set(first) < set(both)
    assert len(both) == 2


def test_two_persons_who_said_the_same_are_two(tmp_path: Path) -> None:
    """Where no column tells them apart, and the survey is named."""
    path = tmp_path / "x.csv"
    path.write_text("KF1.Q1,KF1.Q2\n1,2\n1,2\n1,2\n", "utf-8")
    ((address, persons),) = read(path, city="Żabia Góra", slug="zabia", survey="Founders").persons.items()
    assert (len(persons), address[1]) == (3, "zabia")
    assert {person.role for person in persons.values()} == {"participants of the survey"}


def test_role_makes_a_row_an_institutions(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("city,KF1.Q1\nX,1\nY,2\n", "utf-8")
    found = read(path, role="Chamber of commerce")
    assert [city.respondents for city in found.assessments] == [
        {"chamber-of-commerce": Respondent(role="Chamber of commerce", kind="institution")}
    ] * 2
    path.write_text("city,KF1.Q1\nX,1\nX,2\n", "utf-8")
    assert "the same as in row 2" in str(read(path, role="Chamber of commerce").problems[0])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("_uuid,KF1.Q1\na,1\n", "there is no column “city”"),
        ("_uuid,KF1.Q1\na,1\n", "name the city when you import the file: --city"),
        ("_uuid,city,KF1.Q1\na,X,9\n", "row 2 (X), column KF1.Q1"),
        ("_uuid,city,KF1.Q1,KF1_Q1\na,X,1,1\n", "this means “KF1.Q1”, as another column does"),
        ("_uuid,city,KF1.Q1,KF9.Q9\na,X,1,1\n", "there is no column of this name; rename it"),
        ("_uuid,city,kind,KF1.Q1\na,X,robot,1\n", "is no kind of respondent; allowed: institution, person"),
        ("_uuid,city,KF1_Q1_url\na,X,https://x.org\n", "neither a state nor a level"),
        ("_uuid,city,round,KF1.Q1\na,X,01/01/2026,1\n", "is a date, not a round"),
    ],
)
def test_faults_of_surveys_are_named(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "x.csv"
    path.write_text(text, "utf-8")
    found = read(path)
    assert any(said in str(problem) for problem in found.problems), found.problems
    assert found.assessments == ()


def test_city_named_twice_is_a_fault(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("city,KF1.Q1\nX,1\n", "utf-8")
    found = read(path, city="Y")
    assert "leave --city out" in str(found.problems[0])
    assert found.assessments == ()


def test_what_nobody_asked_is_left_aside_by_name(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("_uuid,city,Would you come again?,KF1.Q1\na,X,yes,1\n", "utf-8")
    found = read(path)
    assert found.problems == ()
    assert "“Would you come again?”" in found.notes[0]


# --- the forms themselves ---------------------------------------------------------------------------------------------


def pyxform_warnings(path: Path) -> list[str]:
    return list(convert(str(path)).warnings or ())


def test_xlsform_is_one(tmp_path: Path, benchmark: Benchmark) -> None:
    """By pyxform, which KoboToolbox and ODK use; with every question, and its levels with their sentences."""
    path = form(tmp_path / "form.xlsx", "xlsform", benchmark)
    result = convert(str(path))
    assert [w for w in result.warnings or () if "translation" not in w] == []
    xml = result.xform
    for code, question in benchmark.questions.items():
        assert f"/{code.split('.')[0]}/{code.replace('.', '_')}" in xml
        assert question.levels[3][:40].replace("&", "&amp;").replace("<", "&lt;") in xml
    assert xml.count("<group") == len(benchmark.key_factors)


@pytest.mark.parametrize("role", ['Chamber\'s "own"', "O'Hara", 'The "House"', "${KF1_Q1}", "<b>&"])
def test_xlsform_for_one_institution(tmp_path: Path, role: str) -> None:
    """The institution stands in the form, whatever characters it has, and nobody is asked who answers."""
    path = form(tmp_path / "form.xlsx", "xlsform", role=role, city="Żabia Góra", round_label="2026")
    xml = convert(str(path)).xform
    assert "calculate=\"'institution'\"" in xml
    assert "For whom" not in xml
    rows = tools.kobo(path, [Filled({"KF1.Q1": rated(1)})])
    (city,) = read(as_csv(rows, tmp_path / "x.csv", ";")).assessments
    assert [person.kind for person in city.respondents.values()] == ["institution"]


def test_limesurvey_structure(tmp_path: Path, benchmark: Benchmark) -> None:
    """Its importer's rules: tab-separated UTF-8, codes of letters and digits, 20 and 5 of them, texts as HTML."""
    path = form(tmp_path / "form.txt", "limesurvey", benchmark, role="<b>{1+1}")
    content = path.read_bytes()
    assert content.startswith(b"\xef\xbb\xbfclass\ttype/scale\tname\t")
    text = content.decode("utf-8-sig")
    lines = [line.split("\t") for line in text.split("\r\n") if line]
    assert all(len(line) == len(lines[0]) for line in lines)
    names = [line[2] for line in lines if line[0] == "Q"]
    assert all(re.fullmatch(r"[A-Za-z][A-Za-z0-9]{0,19}", name) for name in names)
    assert len(set(names)) == len(names)
    assert all(len(line[2]) <= 5 for line in lines if line[0] == "A")
    assert "&lt;b&gt;&#123;1+1&#125;" in text
    assert sum(line[0] == "Q" and line[1] == "O" for line in lines) == len(benchmark.questions)


def test_only_some_questions_are_asked(tmp_path: Path) -> None:
    selection = tables.select(DEMO, ["kf2", "KF1.Q2"])
    assert selection.codes == ("KF1.Q2", "KF2.Q1", "KF2.Q2")
    tables.template(tmp_path / "t.csv", DEMO, "table", selection)
    header = (tmp_path / "t.csv").read_text("utf-8-sig").strip()
    assert header == "city,round,country,population,KF1.Q2,KF2.Q1,KF2.Q2"
    tables.template(tmp_path / "t.xlsx", DEMO, "xlsform", selection)
    assert "KF1_Q1" not in convert(str(tmp_path / "t.xlsx")).xform
    with pytest.raises(UsageError, match=r"did you mean “KF1\.Q1”"):
        tables.select(DEMO, ["KF1.Q11"])
    with pytest.raises(UsageError, match="the city as a whole reads these"):
        tables.template(tmp_path / "u.xlsx", DEMO, "xlsform", tables.select(DEMO, ["CF1"]))


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_table_for_one_institution_comes_back_as_its(tmp_path: Path, ending: str) -> None:
    """Its row is begun, and nothing in it is a formula."""
    path = tmp_path / f"t.{ending}"
    selection = tables.select(DEMO, ["KF1"], role="=Chamber", city="Żabia Góra", round_label="2026")
    tables.template(path, DEMO, "table", selection)
    if ending == "csv":
        text = path.read_text("utf-8-sig")
        path.write_text(text.replace(",,,\r\n", ",2,,\r\n").replace(",,,\n", ",2,,\n"), "utf-8")
    else:
        from openpyxl import load_workbook

        book = load_workbook(path)
        assert book["answers"]["E2"].data_type == "s"
        book["answers"].cell(2, 7, 2)
        book.save(path)
    found = read(path)
    assert [str(problem) for problem in found.problems] == []
    (city,) = found.assessments
    assert [(person.role, person.kind) for person in city.respondents.values()] == [("=Chamber", "institution")]


@pytest.mark.slow
def test_two_thousand_respondents(tmp_path: Path, benchmark: Benchmark) -> None:
    """In one export of KoboToolbox, with 30 faults: every one named with its row, and all others read."""
    codes = list(benchmark.questions)
    people = [
        Filled(
            {code: rated((n + i) % 4, f"Said {n}") for i, code in enumerate(codes)},
            role="Founder",
            kind="person",
            number=n,
        )
        for n in range(2000)
    ]
    rows = tools.kobo(form(tmp_path / "form.xlsx", "xlsform", benchmark), people)
    path = as_csv(rows, tmp_path / "export.csv", ";")
    begun = time.monotonic()
    found = read(path, benchmark)
    print(f"2,000 respondents read in {time.monotonic() - begun:.1f} s")
    assert [len(persons) for persons in found.persons.values()] == [2000]
    place = rows[0].index("KF6/KF6_Q2")
    for n in range(30):
        rows[60 * n + 1][place] = f"wrong {n}"
    found = read(as_csv(rows, path, ";"), benchmark)
    assert len(found.problems) == 30
    assert all(f"row {60 * n + 2} " in str(found.problems[n]) for n in range(30))
