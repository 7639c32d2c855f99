"""``citygrow answers``: tables in and out, without loss and without surprises."""

from __future__ import annotations

import csv
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from citygrow_nb import demo
from citygrow_nb.answers import AnswerStore
from citygrow_nb.model import Benchmark
from citygrow_nb.workspace import Workspace
from tests.cli.conftest import Call

SEED = 5
"""Of the fictitious cities: with it, one of three has groups."""
HOSTILE = "<script>alert(1)</script>"


@pytest.fixture
def cities(place: Path, benchmark: Benchmark) -> Workspace:
    """Return a workspace of three fictitious cities, which is the current folder."""
    workspace = Workspace(place)
    for folder in (workspace.answers, workspace.outputs):
        folder.mkdir()
    list(demo.write(AnswerStore(workspace, benchmark), 3, seed=SEED))
    return workspace


def table(path: Path, *rows: str) -> Path:
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize("name", ["all.csv", "all.xlsx", "all"])
def test_out_and_in_again(citygrow: Call, cities: Workspace, place: Path, name: str) -> None:
    """What is exported and imported elsewhere is the same there; once more changes nothing.

    A table has no groups, and in it an answer is agreed over the voices beside it.
    """
    said = citygrow("answers", "export", "-o", name)
    assert (said.code, "left out: groups of persons" in said.out) == (0, name != "all")
    said = citygrow("answers", "import", name, "--to", "copy")
    assert (said.code, said.err) == (0, "")
    copies = sorted(path.relative_to(place / "copy") for path in (place / "copy").rglob("*.json"))
    assert copies == sorted(path.relative_to(place) for path in cities.answers.rglob("*.json"))
    for path in copies:
        mine, theirs = (json.loads((folder / path).read_bytes()) for folder in (place, place / "copy"))
        if name == "all":
            assert mine == theirs
        for answer in (*mine["responses"].get("agreed", {}).values(), *theirs["responses"].get("agreed", {}).values()):
            answer.pop("over", None)
        assert mine["responses"] == theirs["responses"]
        assert mine["context"] == theirs["context"]
        assert mine["city"] == theirs["city"]
    assert "0 items new or changed" in citygrow("answers", "import", name, "--to", "copy/answers").out


def test_dry_run_says_what_each_answer_is_read_as_and_saves_nothing(citygrow: Call, place: Path) -> None:
    rows = ["Stadt,Jahr,kf1_q1,KF1.Q2,KF1.Q3,CF1", "Żabia Góra,2026.0,3 · in place,don't know,na,-1", "B,2026,9,1,1,"]
    said = citygrow("answers", "import", table(place / "survey.csv", *rows), "--dry-run")
    assert said.code == 1
    assert "“Stadt” as city, “Jahr” as round" in said.out
    assert "Żabia Góra, round 2026, agreed answer of the city: KF1.Q1 3, KF1.Q2 dk, KF1.Q3 na\n" in said.out
    assert "Żabia Góra, round 2026, context: CF1 -1\n" in said.out
    assert "1 assessment read; nothing was saved" in said.out
    assert "row 3 (B), column kf1_q1: “9” is not an answer" in said.err
    assert not list(place.rglob("*.json"))


def test_import_keeps_what_is_saved(citygrow: Call, place: Path) -> None:
    """A different answer is named with both values and not taken, unless --replace says so."""
    first = table(place / "first.csv", "city,round,code,state,level,comment", f"A,2026,KF1.Q1,rated,1,{HOSTILE}")
    second = table(place / "second.csv", "city,round,KF1.Q1,KF1.Q2", "A,2026,3,2")
    assert citygrow("answers", "import", first).code == 0
    said = citygrow("answers", "import", second)
    assert said.code == 1
    (line,) = said.complaints
    assert line.startswith(f"citygrow: {second}, A, round 2026: ")
    assert "KF1.Q1" in line
    assert "--replace" in line
    saved = place / "answers" / "migrant-entrepreneurs" / "a" / "2026.json"
    answers = json.loads(saved.read_bytes())["responses"]["agreed"]
    assert (answers["KF1.Q1"]["level"], answers["KF1.Q2"]["level"]) == (1, 2)
    assert answers["KF1.Q1"]["comment"] == HOSTILE
    assert citygrow("answers", "import", second, "--replace").code == 0
    assert json.loads(saved.read_bytes())["responses"]["agreed"]["KF1.Q1"]["level"] == 3


def test_two_tables_of_one_city_add_up(citygrow: Call, place: Path) -> None:
    """Two departments may each fill in their own."""
    one = table(place / "one.csv", "city,round,respondent,kind,KF1.Q1", "A,2026,econ,institution,1")
    two = table(place / "two.csv", "city,round,respondent,kind,KF1.Q1", "A,2026,bank,institution,2")
    assert citygrow("answers", "import", one, two).code == 0
    assert set(
        json.loads((place / "answers" / "migrant-entrepreneurs" / "a" / "2026.json").read_bytes())["responses"]
    ) == {"econ", "bank"}


def test_faults_are_all_named_and_good_cities_taken(citygrow: Call, place: Path) -> None:
    """One line for each fault with row and column; nothing lands outside the answers."""
    rows = [
        "city,round,KF1.Q1,KF1.Q2",
        "../../etc,2026,2,3",
        "Far Off,2026,7,x",
        "مدينة,,1,1",
        '"=HYPERLINK(""x"")",2026,1,',
    ]
    said = citygrow("answers", "import", table(place / "t.csv", *rows))
    assert said.code == 1
    assert len(said.complaints) == 3
    assert sum("row 3" in line for line in said.complaints) == 2
    assert sorted(path.parent.name for path in place.rglob("2026.json")) == ["etc", "hyperlink-x"]
    assert citygrow("answers", "import", "t.csv", "--round", "2026").out.startswith("3 assessments imported")


def test_formula_stays_text(citygrow: Call, place: Path) -> None:
    """A comment that looks like a formula is none when Excel opens the export, and comes back as it was."""
    formula = '=HYPERLINK("https://example.org")'
    row = 'A,2026,KF1.Q1,rated,1,"' + formula.replace('"', '""') + '"'
    citygrow("answers", "import", table(place / "t.csv", "city,round,code,state,level,comment", row))
    citygrow("answers", "export", "-o", "out.csv")
    with (place / "out.csv").open(encoding="utf-8-sig", newline="") as file:
        (written,) = csv.DictReader(file)
    assert not written["comment"].startswith("=")
    citygrow("answers", "import", "out.csv", "--to", "copy")
    copied = json.loads((place / "copy" / "answers" / "migrant-entrepreneurs" / "a" / "2026.json").read_bytes())
    assert copied["responses"]["agreed"]["KF1.Q1"]["comment"] == formula


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("import", "nowhere.csv"), "no such file or folder"),
        (("import",), "Missing argument"),
        (("import", "outputs"), "outputs: there are no answers in it"),
        (("import", ""), "a file or folder without a name"),
        (("export", "-o", "answers"), "an export would replace them"),
        (("export", "-o", "answers/x.csv"), "an export would replace them"),
        (("export", "-o", "x.pdf"), "names no format"),
        (("export", "-o", "x.csv", "--format", "xlsx"), "ends in .xlsx"),
        (("export", "-o", "x.json"), "name a folder"),
        (("export", "-o", "x.csv", "--round", "1999"), "no city has a round"),
        (("template", "-o", "x.json"), "ends otherwise"),
    ],
)
@pytest.mark.usefixtures("cities")
def test_wrong_use(citygrow: Call, place: Path, arguments: tuple[str, ...], told: str) -> None:
    """Exit code 2, one line, and no file is made."""
    said = citygrow("answers", *arguments)
    assert said.code == 2
    assert len(said.complaints) == 1
    assert told in said.err
    assert not list(place.glob("x.*"))


def test_export_keeps_off_the_answers_of_another_workspace(citygrow: Call, cities: Workspace, place: Path) -> None:
    """Without this, documents would be replaced without a lock, a merge or a word."""
    citygrow("answers", "import", cities.answers, "--to", "theirs")
    theirs = min((place / "theirs" / "answers").glob("*/*/*.json"))
    before = theirs.read_bytes()
    changed = table(place / "t.csv", "city,round,KF1.Q1", f"{json.loads(before)['city']['name']},{theirs.stem},0")
    said = citygrow("answers", "export", changed, "--format", "json", "-o", "theirs/answers")
    assert said.code == 2
    assert theirs.read_bytes() == before


def test_broken_source_does_not_keep_the_others_from_the_export(citygrow: Call, cities: Workspace, place: Path) -> None:
    """What could be read is written, what could not is named, and the exit code says so."""
    broken = cities.document("migrant-entrepreneurs", "broken", "2026")
    broken.parent.mkdir()
    broken.write_bytes(b"{")
    said = citygrow("answers", "export", "-o", "all.csv")
    assert said.code == 1
    assert "broken/2026.json" in said.err.replace("\\", "/")
    assert (place / "all.csv").exists()


@pytest.mark.parametrize("name", ["empty.csv", "empty.xlsx"])
def test_template_comes_back_filled_in(citygrow: Call, place: Path, name: str) -> None:
    """A table is made once, and never over another file."""
    assert citygrow("answers", "template", "-o", name).code == 0
    before = (place / name).read_bytes()
    assert citygrow("answers", "template", "-o", name).code == 2
    assert (place / name).read_bytes() == before


def test_several_json_documents_keep_their_layout(citygrow: Call, cities: Workspace, place: Path) -> None:
    """The folder can serve as a workspace's answers; one assessment alone may become one file."""
    assert citygrow("answers", "export", "--format", "json", "-o", "docs").code == 0
    assert len(list((place / "docs").glob("*/*/2026.json"))) == 3
    source = next(cities.answers.rglob("*.json"))
    assert citygrow("answers", "export", source, "-o", "one.json").code == 0
    assert json.loads((place / "one.json").read_bytes()) == json.loads(source.read_bytes())


def test_older_encodings_are_said_refused_or_named(citygrow: Call, place: Path) -> None:
    """What is sure is taken and said, by import and by batch; what is not is refused until somebody says which."""
    sure = f"city,country,round,KF1.Q1\n{'Αθήνα'},GR,2026,1\n{'Λάρισα'},GR,2026,1\n{'Ηράκλειο'},GR,2026,1\n"
    (place / "sure.csv").write_bytes(sure.encode("cp1253"))
    said = citygrow("answers", "import", "sure.csv")
    assert said.code == 0, said.err
    assert "sure.csv: read as Windows-1253 (Greek)" in said.out
    made = citygrow("batch", "sure.csv", "--out", "pages", "--jobs", 1)
    assert made.code == 0, made.err
    assert "please look: sure.csv: read as Windows-1253 (Greek)" in made.err
    (place / "unsure.csv").write_bytes("city,round,KF1.Q1\nČeské Budějovice,2026,1\n".encode("cp1250"))
    refused = citygrow("answers", "import", "unsure.csv")
    assert refused.code == 1
    assert "“Èeské Budìjovice” in Windows-1252" in refused.err
    assert "“České Budějovice” in Windows-1250" in refused.err
    assert citygrow("answers", "import", "unsure.csv", "--encoding", "cp1250").code == 0
    assert "České Budějovice" in (
        place / "answers" / "migrant-entrepreneurs" / "ceske-budejovice" / "2026.json"
    ).read_text("utf-8")
    wrong = citygrow("answers", "import", "unsure.csv", "--encoding", "klingon")
    assert wrong.code == 1
    assert "encoding “klingon”: there is no encoding of this name; allowed: utf-8" in wrong.err


def test_city_called_otherwise(citygrow: Call, place: Path) -> None:
    """Spellings beside each other are named, in one file and beside the workspace; --same says which are one."""
    (place / "x.csv").write_text("city,round,KF1.Q1\nDüsselau,2026,1\nDuesselau,2025,2\n", "utf-8")
    said = citygrow("answers", "import", "x.csv")
    assert 'import with --same "Duesselau=Düsselau"' in said.out
    said = citygrow("answers", "import", "x.csv", "--same", "duesselau=Düsselau", "--dry-run")
    assert "2 assessments read" in said.out
    assert "Duesselau" not in said.out
    (place / "y.csv").write_text("city,round,KF1.Q1\nFraenkisch Neustadt,2026,1\n", "utf-8")
    assert citygrow("answers", "import", "y.csv").code == 0
    (place / "z.csv").write_text("city,round,KF1.Q1\nFränkisch Neustadt,2026,1\n", "utf-8")
    assert (
        "“Fränkisch Neustadt” is new beside"
        in citygrow("answers", "import", "z.csv", "--dry-run").out + citygrow("answers", "import", "z.csv").out
    )
    assert "two names with =" in citygrow("answers", "import", "z.csv", "--same", "Munich").err


DE, BE = ("city,round,country,KF1.Q1", "Halle,2026,DE,2"), ("city,round,country,KF2.Q1", "Halle,2026,BE,3")


def folders(place: Path) -> list[str]:
    """Return the folder names of all cities with answers."""
    return sorted(path.parent.name for path in (place / "answers").glob("*/*/*.json"))


@pytest.mark.parametrize("label", ["2026", "2027"])
@pytest.mark.parametrize("together", [False, True])
def test_another_city_of_the_same_name_is_asked_about(citygrow: Call, place: Path, label: str, together: bool) -> None:
    """In the same round and in another, in one import and in two: nothing of it is saved, all others are."""
    one = table(place / "de.csv", *DE)
    other = table(place / "be.csv", *(row.replace("2026", label) for row in BE), f"Graz,{label},AT,1")
    if not together:
        assert citygrow("answers", "import", one).code == 0
    files = (one, other) if together else (other,)
    for options in (("--dry-run",), ()):
        said = citygrow("answers", "import", *files, *options)
        assert said.code == 1
        (line,) = said.complaints
        asked = f"citygrow: {other}, city “Halle (BE)”: its folder “halle” holds the answers of “Halle” (DE)"
        assert line.startswith(asked)
        assert '--same "Halle (BE)=halle-be"' in line
        assert "column slug" in line
    assert folders(place) == ["graz", "halle"]
    assert citygrow("answers", "import", other, "--same", "Halle (BE)=halle-be").code == 0
    assert folders(place) == ["graz", "halle", "halle-be"]
    halle = json.loads(next((place / "answers").glob("*/halle/2026.json")).read_bytes())
    assert (halle["city"]["country"], list(halle["responses"]["agreed"])) == ("DE", ["KF1.Q1"])


def test_the_cure_that_is_named_works(citygrow: Call, place: Path) -> None:
    """A column slug tells it apart, --same makes it the city that is there; both come in again without a question."""
    citygrow("answers", "import", table(place / "de.csv", *DE))
    apart = table(place / "slug.csv", "city,round,country,slug,KF2.Q1", "Halle,2026,BE,halle-be,3")
    for _ in range(2):
        assert citygrow("answers", "import", apart).code == 0
    assert folders(place) == ["halle", "halle-be"]
    one = table(place / "x.csv", "city,round,KF3.Q1", "Halle an der Saale,2026,1")
    assert citygrow("answers", "import", one, "--same", "Halle an der Saale=halle").code == 0
    document = json.loads(next((place / "answers").glob("*/halle/2026.json")).read_bytes())
    assert sorted(document["responses"]["agreed"]) == ["KF1.Q1", "KF3.Q1"]
    assert document["city"]["name"] == "Halle"
    nobody = table(place / "y.csv", "city,round,KF4.Q1", "Halle,2026,1")
    said = citygrow("answers", "import", nobody)
    assert said.code == 1, "one of two, and nobody says which"
    assert "halle (Halle (DE)), halle-be (Halle (BE))" in said.err


def test_two_cities_of_one_table_are_told_apart_by_same(citygrow: Call, place: Path) -> None:
    """As the sentence says it; no row is lost."""
    both = table(place / "x.csv", "city,round,country,KF1.Q1", "Halle,2026,DE,2", "Halle,2026,BE,3")
    said = citygrow("answers", "import", both)
    assert said.code == 1
    assert 'import with --same "Halle (BE)=halle-be" --same "Halle (DE)=halle-de"' in said.err
    assert folders(place) == []
    options = ("--same", "Halle (BE)=halle-be", "--same", "Halle (DE)=halle-de")
    assert citygrow("answers", "import", both, *options).code == 0
    assert folders(place) == ["halle-be", "halle-de"]


@pytest.mark.skipif(shutil.which("bash") is None, reason="types a command into bash")
@pytest.mark.parametrize(
    "name", ["Halle", "H$(touch x)", "H`touch x`", 'H"; touch x; "', "H“; touch x", "H!x", "a=b", "H%PATH%", "H\\\\x"]
)
@pytest.mark.parametrize("together", [False, True])
def test_a_cure_does_in_a_shell_what_it_says(citygrow: Call, place: Path, name: str, together: bool) -> None:
    """Whatever a city that somebody sent is called: typed as it stands, its command makes two cities, and no third."""
    cell = name.replace('"', '""')
    rows = ["city,round,country,KF1.Q1", f'"{cell}",2026,DE,2', f'"{cell}",2026,BE,3']
    assert citygrow("answers", "import", table(place / "de.csv", *rows[:2])).code == 0
    file = table(place / "t.csv", rows[0], *rows[1 if together else 2 :])
    cure = re.split(r"import with (?=--same)|; if ", citygrow("answers", "import", file).err.splitlines()[0])
    options = next(part for part in reversed(cure) if part.startswith("--same"))
    shell = ["bash", "-c", rf"printf '%s\n' {options}"]
    typed = subprocess.run(shell, cwd=place, capture_output=True, text=True, check=True).stdout.splitlines()
    assert citygrow("answers", "import", file, *typed).code == 0
    assert not (place / "x").exists()
    countries = [json.loads(path.read_bytes())["city"]["country"] for path in (place / "answers").glob("*/*/2026.json")]
    assert sorted(countries) == ["BE", "DE"]


def test_one_slug_in_two_countries_is_asked_about(citygrow: Call, place: Path) -> None:
    """Also over two rounds of one table, where a city may have corrected its country."""
    both = table(place / "x.csv", "city,slug,round,country,KF1.Q1", "Halle,x,2026,DE,1", "Halle,x,2027,BE,2")
    said = citygrow("answers", "import", both)
    assert said.code == 1
    assert "its folder “x” holds the answers of “Halle” (DE)" in said.err
    assert citygrow("answers", "import", both, "--same", "Halle=x").code == 0
    assert folders(place) == ["x", "x"]


def test_table_without_the_slug_makes_no_third_city(citygrow: Call, place: Path) -> None:
    """Name and country agree with one that has another folder name: somebody has to say that it is the same."""
    rows = "Halle,2026,DE,halle-de,2", "Halle,2026,BE,halle-be,3"
    assert citygrow("answers", "import", table(place / "s.csv", "city,round,country,slug,KF1.Q1", *rows)).code == 0
    one = table(place / "de.csv", *DE)
    said = citygrow("answers", "import", one)
    assert said.code == 1
    assert '--same "Halle (DE)=halle-de"' in said.err
    assert citygrow("answers", "import", one, "--same", "Halle=halle-de").code == 0
    assert folders(place) == ["halle-be", "halle-de"]


@pytest.mark.parametrize(("name", "country"), [("Halle", "BE"), ("Köthen", "DE"), ("Köthen", None)])
def test_document_of_another_city_with_the_same_slug_is_asked_about(
    citygrow: Call, place: Path, name: str, country: str | None
) -> None:
    """Whatever its folder name: name and country have to agree, too, also for a round that is new."""
    citygrow("answers", "import", table(place / "de.csv", *DE))
    saved = next((place / "answers").rglob("2026.json"))
    document = json.loads(saved.read_bytes())
    document["city"] |= {"name": name, "country": country}
    document["round"] = "2027"
    (place / "other.json").write_text(json.dumps(document), "utf-8")
    before = saved.read_bytes()
    said = citygrow("answers", "import", "other.json")
    assert said.code == 1
    assert "holds the answers of “Halle” (DE)" in said.err
    assert folders(place) == ["halle"]
    if name == "Köthen" and country:
        copy = ("answers", "import", "other.json", "--to", "copy")
        citygrow("answers", "import", saved, "--to", "copy")
        assert citygrow(*copy, "--same", "Köthen=halle").code == 0
        renamed = json.loads(next((place / "copy").rglob("2027.json")).read_bytes())["city"]
        assert renamed["name"] == "Halle", "what the file calls so is the city that is here"
    assert citygrow("answers", "import", "other.json", "--same", f"{name}=halle-2").code == 0
    assert folders(place) == ["halle", "halle-2"]
    assert saved.read_bytes() == before


def test_country_that_is_not_told_contradicts_none_and_is_said(citygrow: Call, place: Path) -> None:
    """Other spellings of the country, the case and spaces of the name are the same city, without a word."""
    citygrow("answers", "import", table(place / "a.csv", "city,round,country,KF1.Q1", "Foo  Bar,2026,UK,2"))
    said = citygrow("answers", "import", table(place / "b.csv", "city,round,country,KF1.Q2", "FOO bar,2026,GB,2"))
    assert (said.code, said.err) == (0, "")
    assert "no country" not in said.out
    said = citygrow("answers", "import", table(place / "c.csv", "city,round,KF1.Q3", "Foo Bar,2026,2"))
    assert said.code == 0
    assert "no country stands on one side, so taken for the city of the same name: Foo Bar" in said.out
    assert folders(place) == ["foo-bar"]


def test_survey_of_a_city_that_is_there(citygrow: Call, place: Path) -> None:
    """By its name or folder name; an institution by --role."""
    (place / "x.csv").write_text("city,round,KF1.Q1\nŻabia Góra,2026,1\n", "utf-8")
    assert citygrow("answers", "import", "x.csv").code == 0
    (place / "y.csv").write_text("_uuid,KF1.Q1\na,2\nb,3\n", "utf-8")
    assert citygrow("answers", "import", "y.csv", "--city", "zabia-gora", "--round", "2026").code == 0
    (place / "z.csv").write_text("KF1.Q1\n0\n", "utf-8")
    said = citygrow("answers", "import", "z.csv", "--city", "Żabia Góra", "--round", "2026", "--role", "Bank")
    assert said.code == 0
    document = json.loads(next((place / "answers").rglob("2026.json")).read_text("utf-8"))
    assert len(list((place / "answers").rglob("2026.json"))) == 1
    assert set(document["responses"]) == {"agreed", "bank"}
    assert document["respondents"]["bank"] == {"role": "Bank", "kind": "institution"}
    assert citygrow("answers", "import", "z.csv", "--city", "\u200b", "--round", "2026").code == 2


@pytest.mark.usefixtures("cities")
def test_sheets_for_those_to_ask(citygrow: Call, place: Path) -> None:
    said = citygrow("answers", "whom-to-ask", "-o", "sheets")
    assert said.code == 0
    assert "sheets made in sheets" in said.out
    assert len(list((place / "sheets").rglob("*.xlsx"))) == len(list((place / "sheets").rglob("*.html"))) > 0
    assert citygrow("answers", "whom-to-ask", "nowhere", "-o", "sheets").code == 2


RESPONSES = (
    "ID,Start time,Completion time,Email,City,KF1.Q1,KF1.Q2",
    "1,3/4/26 10:11:12,3/4/26 10:21:12,ann@example.org,Haven,0,2",
    "2,3/5/26 10:11:12,3/5/26 10:21:12,anonymous,Haven,1,1",
)
AGAIN = "3,3/6/26 10:11:12,3/6/26 10:21:12,Ann@example.org,Haven,3,"


def persons(place: Path) -> list[dict[str, int]]:
    """Return what each person of the only city said."""
    (path,) = place.rglob("answers/*/haven/2026.persons.json")
    said = json.loads(path.read_bytes())["persons"].values()
    found = [{code: answer["level"] for code, answer in each["answers"].items()} for each in said]
    return sorted(found, key=lambda each: each["KF1.Q1"])


def test_two_surveys_that_count_from_one_are_two_people(citygrow: Call, place: Path) -> None:
    """Also with --replace, and also when both come again."""
    first = RESPONSES[1].replace("ann@example.org", "anonymous")
    table(place / "a.csv", RESPONSES[0], first)
    table(place / "b.csv", RESPONSES[0], first.replace("3/4/26", "5/4/26").replace("Haven,0,2", "Haven,1,1"))
    for _ in range(2):
        said = citygrow("answers", "import", "a.csv", "b.csv", "--round", "2026", "--replace")
        assert (said.code, said.err) == (0, "")
        assert persons(place) == [{"KF1.Q1": 0, "KF1.Q2": 2}, {"KF1.Q1": 1, "KF1.Q2": 1}]
    assert "0 items new or changed" in said.out


def test_who_answers_again_counts_once_across_imports(citygrow: Call, place: Path) -> None:
    """With the later answers, and with no address in the workspace; an older export changes nothing afterwards."""
    for rows in (RESPONSES, (*RESPONSES, AGAIN), (*RESPONSES, AGAIN), RESPONSES):
        said = citygrow("answers", "import", table(place / "x.csv", *rows), "--round", "2026")
        assert (said.code, said.err) == (0, "")
    assert "0 items new or changed" in said.out
    assert persons(place) == [{"KF1.Q1": 1, "KF1.Q2": 1}, {"KF1.Q1": 3}]
    assert "example.org" not in "".join(path.read_text("utf-8") for path in place.rglob("*.json"))


def test_a_survey_without_times_is_told_apart_by_its_name(citygrow: Call, place: Path) -> None:
    """Without the name nothing of it is saved, and the sentence names the option."""
    for name, level in (("a", 1), ("b", 3)):
        table(place / f"{name}.csv", "id,lastpage,city,KF1.Q1", f"1,3,Haven,{level}")
    said = citygrow("answers", "import", "a.csv", "--round", "2026")
    assert (said.code, list(place.rglob("*.json"))) == (1, [])
    assert "a.csv, row 2: nothing tells these persons from those of another survey" in said.err
    assert "citygrow answers import --survey NAME" in said.err
    for name in "abab":
        assert citygrow("answers", "import", f"{name}.csv", "--round", "2026", "--survey", f"Office {name}").code == 0
    assert persons(place) == [{"KF1.Q1": 1}, {"KF1.Q1": 3}]
    assert "nothing of this name can be seen" in citygrow("answers", "import", "a.csv", "--survey", "\u200b").err


def survey(place: Path, name: str, *levels: int, role: str = "Founders") -> Path:
    """Write a survey with one question, in which each person of a role gave one level."""
    rows = [f"{name}-{number},Haven,{role},{level},said {number}" for number, level in enumerate(levels)]
    return table(place / f"{name}.csv", "_uuid,city,role,KF1.Q1,KF1.Q1 comment", *rows)


def haven(place: Path) -> dict[str, Any]:
    (path,) = place.rglob("answers/*/haven/2026.json")
    document: dict[str, Any] = json.loads(path.read_bytes())
    return document


def test_an_import_counts_and_says_so_for_each_city(citygrow: Call, place: Path) -> None:
    """Five of a role are a group; fewer wait, which stands on the terminal only; the same again changes nothing."""
    files = survey(place, "a", 0, 1, 1, 3, 3), survey(place, "b", 2, 2, role="Bakers")
    for _ in range(2):
        said = citygrow("answers", "import", *files, "--round", "2026", "--dry-run")
        assert "Haven, round 2026: 1 group would be counted" in said.out
        assert not list(place.rglob("*.json"))
    said = citygrow("answers", "import", *files, "--round", "2026")
    assert (said.code, said.err) == (0, "")
    assert "Haven, round 2026: 1 group counted\n" in said.out
    assert "Haven, round 2026: 0 groups counted; 2 persons of Bakers wait\n" in said.out
    ((group,), responses) = haven(place)["groups"], haven(place)["responses"]
    assert (group["role"], group["code"], group["levels"], responses) == ("Founders", "KF1.Q1", [1, 2, 0, 2], {})
    assert group["comments"] == [f"said {number}" for number in range(5)]
    before = {path: path.read_bytes() for path in place.rglob("*.json")}
    assert "0 items new or changed" in citygrow("answers", "import", *files, "--round", "2026", "--replace").out
    assert before == {path: path.read_bytes() for path in place.rglob("*.json")}
    # One who has changed her mind changes what the city keeps of her, and no group.
    citygrow("answers", "import", survey(place, "a", 3, 1, 1, 3, 3), "--round", "2026", "--replace")
    assert haven(place)["groups"] == [group]


def test_what_the_city_agreed_is_agreed_over_the_groups_of_the_import(citygrow: Call, place: Path) -> None:
    """The same file again leaves it so; an institution named without its kind stays one."""
    rows = [f"X,2026,p{number},person,Founders,{level}" for number, level in enumerate((0, 0, 0, 0, 3))]
    head = "city,round,respondent,kind,role,KF1.Q1"
    file = table(place / "x.csv", head, "X,2026,agreed,,,2", "X,2026,econ,institution,Economy,1", *rows)
    for _ in range(2):
        assert citygrow("answers", "import", file).code == 0
        document = json.loads(next(place.rglob("answers/*/x/2026.json")).read_bytes())
        assert document["responses"]["agreed"]["KF1.Q1"]["over"] == {"econ": 1.0, "founders": 0.6}
    said = citygrow("answers", "import", table(place / "y.csv", "city,round,respondent,KF1.Q2", "X,2026,econ,3"))
    assert "wait" not in said.out
    document = json.loads(next(place.rglob("answers/*/x/2026.json")).read_bytes())
    assert document["responses"]["econ"]["KF1.Q2"]["level"] == 3


def test_count_is_asked_for_by_city_and_round(citygrow: Call, place: Path) -> None:
    """Those who wait of several roles are the last group when the city ends asking."""
    files = survey(place, "a", 0, 1, 1), survey(place, "b", 2, 2, role="Bakers")
    citygrow("answers", "import", *files, "--round", "2026")
    waits = "Haven, round 2026: 0 groups counted; 2 persons of Bakers wait; 3 persons of Founders wait\n"
    assert citygrow("answers", "count", "haven").out == waits
    assert (
        citygrow("answers", "count", "Haven", "--round", "2026", "--last").out == "Haven, round 2026: 1 group counted\n"
    )
    assert [group["role"] for group in haven(place)["groups"]] == ["persons of several roles"]
    said = citygrow("answers", "count", "Heaven")
    assert (said.code, said.out) == (2, "")
    assert "there are no answers of this city here; allowed: haven" in said.err


def test_forget_asks_before_it_erases_and_says_what_stays(citygrow: Call, place: Path) -> None:
    """Her answers go, and her comments in groups; the level stays in the group, and she is not counted again."""
    file = survey(place, "a", 0, 1, 1, 3, 2)
    citygrow("answers", "import", file, "--round", "2026")
    (path,) = place.rglob("*.persons.json")
    key = next(key for key, each in json.loads(path.read_bytes())["persons"].items() if "said 4" in str(each))
    before = {each: each.read_bytes() for each in place.rglob("*.json")}
    said = citygrow("answers", "forget", "haven", key)
    assert "Erased for good: 1 answer in 1 round, and 1 comment in groups" in said.out
    assert "copies and backups of answers/" in said.out
    assert (said.code, before) == (1, {each: each.read_bytes() for each in place.rglob("*.json")})
    assert citygrow("answers", "forget", "haven", key, "--yes").code == 0
    assert "said 4" not in "".join(each.read_text("utf-8") for each in place.rglob("answers/**/*.json"))
    ((group,),) = [haven(place)["groups"]]
    assert group["levels"] == [1, 2, 1, 1]
    citygrow("answers", "import", file, "--round", "2026", "--replace")
    assert (haven(place)["groups"], "said 4" in path.read_text("utf-8")) == ([group], False)
    said = citygrow("answers", "forget", "haven", "nobody", "--yes")
    assert (said.code, "no person of Haven is kept under this name" in said.err) == (2, True)
