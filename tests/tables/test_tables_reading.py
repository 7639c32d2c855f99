"""Reading tables: what people write is understood, and all faults of a file are told at once, with row and column."""

from __future__ import annotations

import csv
import io
import random
import re
import time
from collections.abc import Iterable
from pathlib import Path

import pytest

from citygrow_nb import scoring, tables
from citygrow_nb.exceptions import UsageError
from citygrow_nb.model import AGREED, Assessment, Benchmark, Evidence, Person, State
from citygrow_nb.model.assessment import AGREED_ROLE, NO_REASON
from tests.factories import CONTEXTS, MORNING, QUESTIONS, benchmark, dont_know, not_applicable, rated

DEMO = benchmark()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cities.csv"


def reading(path: Path, text: str, round_label: str | None = None) -> tables.Reading:
    path.write_text(text, encoding="utf-8")
    return tables.read(path, DEMO, round_label=round_label)


def told(found: tables.Reading, path: Path) -> list[str]:
    """Return the sentences without the file's name."""
    return [str(problem).replace(f"{path}, ", "").replace(f"{path}: ", "") for problem in found.problems]


def only(found: tables.Reading) -> Assessment:
    assert [str(problem) for problem in found.problems] == []
    (assessment,) = found.assessments
    return assessment


# --- the wide layout ------------------------------------------------------------------------------------------------


def test_wide(path: Path) -> None:
    """One row is one city; levels, don't know, not applicable, nothing, and context readings are told apart."""
    city = only(reading(path, "city,round,KF1.Q1,KF1.Q2,KF1.Q3,KF2.Q1,CF1,CF2\nŻabia Góra,2026,2,dk,na,,-1,\n"))
    assert (city.city.name, city.city.slug, city.round) == ("Żabia Góra", "zabia-gora", "2026")
    assert city.responses == {AGREED: {"KF1.Q1": rated(2), "KF1.Q2": dont_know(), "KF1.Q3": not_applicable(NO_REASON)}}
    assert {code: reading.direction for code, reading in city.context.items()} == {"CF1": -1}
    assert city.respondents[AGREED].role == AGREED_ROLE
    assert city.benchmark.version == DEMO.version


@pytest.mark.parametrize(
    ("cell", "state", "level"),
    [
        *((text, State.RATED, 2) for text in ("2", " 2 ", "2.0", '"2,0"', "+2", "２", "02")),
        *((text, State.DONT_KNOW, None) for text in ("dk", "DK", "Don't know", "don’t know", "dont_know", "not known")),
        *((text, State.NOT_APPLICABLE, None) for text in ("na", "N/A", "n.a.", "Not applicable", "not_applicable")),
    ],
)
def test_ways_to_write_an_answer(path: Path, cell: str, state: State, level: int | None) -> None:
    """What people and spreadsheet programs make of an answer is understood."""
    answer = only(reading(path, f"city,round,KF1.Q1\nX,2026,{cell}\n")).answer("KF1.Q1")
    assert answer is not None
    assert (answer.state, answer.level) == (state, level)


@pytest.mark.parametrize("cell", ["4", "-1", "2.5", "1e0", "yes", "rated", "?", "x", "TRUE", "1-2", "٢ ٣", "²"])
def test_ways_not_to_write_an_answer(path: Path, cell: str) -> None:
    """Everything else is a fault that says what is allowed, and leaves the city out."""
    found = reading(path, f"city,round,KF1.Q1\nX,2026,{cell}\n")
    assert told(found, path) == [
        (
            f"row 2 (X), column KF1.Q1: “{cell}” is not an answer; "
            "allowed: 0 to 3, dk (don't know), na (not applicable), or empty (no answer)"
        )
    ]
    assert found.assessments == ()


def test_wide_with_respondents(path: Path) -> None:
    """Several respondents of one city are several rows, which need not stand together."""
    text = (
        "City;Round;Respondent;Kind;KF1.Q1;CF1\nX;2026;agreed;;1;-1\nY;2026;;;2;\n"
        "X;2026;Economic development;institution;3;-1\nX;2027;;;0;\nX;2026;ngo;institution;;\nX;2026;ann;;2;\n"
    )
    found = reading(path, text)
    assert found.problems == ()
    assert [(a.city.name, a.round) for a in found.assessments] == [("Y", "2026"), ("X", "2026"), ("X", "2027")]
    x = found.assessments[1]
    assert {key: person.role for key, person in x.respondents.items()} == {
        "agreed": AGREED_ROLE,
        "economic-development": "Economic development",
        "ngo": "ngo",
    }
    assert x.answer("KF1.Q1", "economic-development") == rated(3)
    assert found.persons == {("demo", "x", "2026"): {"ann": Person(role="ann", answers={"KF1.Q1": rated(2)})}}


def test_agreed_answers_are_agreed_over_the_voices_of_the_file(path: Path) -> None:
    """By their keys, with none for one that gave no level. Persons and reviewers are none, and a round has its own."""
    text = (
        "city,round,respondent,kind,from_city,KF1.Q1,KF1.Q2\nX,2026,agreed,,,1,2\nX,2026,econ,institution,,3,\n"
        "X,2026,jobs,institution,,dk,\nX,2026,zug,institution,Zug,2,2\nX,2026,ann,person,,0,0\n"
        "X,2027,econ,institution,,2,\nX,2027,agreed,,,2,2\n"
    )
    now, then = reading(path, text).assessments
    assert [now.responses[AGREED][code].over for code in ("KF1.Q1", "KF1.Q2")] == [{"econ": 3, "jobs": None}, {}]
    assert then.responses[AGREED]["KF1.Q1"].over == {"econ": 2}
    assert not scoring.question_result("KF1.Q1", now).contested


def test_city_without_answers_is_one(path: Path) -> None:
    """A city that has barely begun is taken, and blank rows are passed over."""
    city = only(reading(path, "city,round,KF1.Q1\n\nX,2026,\n,,\n"))
    assert (city.respondents, city.responses) == ({}, {})


def test_facts_about_the_city(path: Path) -> None:
    """Slug, country and population are read as people write them."""
    text = 'city,round,slug,country,population,KF1.Q1\nX,2026,x-town,pl,"655 000",1\nY,2026,,,,1\n'
    found = reading(path, text)
    assert [(a.city.slug, a.city.country, a.city.population) for a in found.assessments] == [
        ("x-town", "PL", 655_000),
        ("y", None, None),
    ]


def test_retired_codes_may_have_columns(path: Path) -> None:
    """Answers to a question that is no longer asked are kept."""
    city = only(reading(path, "city,round,KF1.Q9,CF9\nX,2026,1,2\n"))
    assert city.answer("KF1.Q9") == rated(1)
    assert city.context["CF9"].direction == 2


# --- the long layout ------------------------------------------------------------------------------------------------


def test_long_with_the_fewest_columns(path: Path) -> None:
    """City, code and level are enough when the round is named from outside."""
    city = only(reading(path, "city,code,level\nX,KF1.Q1,2\nX,kf1.q2,dk\nX,KF1.Q3,na\nX,CF1,-2\n", "2026"))
    assert city.round == "2026"
    assert city.responses[AGREED] == {
        "KF1.Q1": rated(2),
        "KF1.Q2": dont_know(),
        "KF1.Q3": not_applicable(NO_REASON),
    }
    assert city.context["CF1"].direction == -2


def test_long_with_all_columns(path: Path) -> None:
    """Comments, evidence in several rows, respondents, times and readings are read; rows may stand in any order."""
    text = (
        "city,round,respondent,code,state,level,comment,evidence_title,evidence_url,"
        "slug,country,population,role,kind,bears_on,updated_at\n"
        'X,2026,econ,KF1.Q1,rated,2,"a\nb",Report,https://x.example,x,PL,5,Economy,inst,,2026-11-22T10:15:00Z\n'
        "X,2026,,CF1,,-1,hm,,,x,,,,,KF2 kf1,\n"
        "X,2026,econ,KF1.Q1,,,,,https://y.example,x,,,,,,\n"
        "X,2026,agreed,KF1.Q2,N/A,,no port,,,x,,,,,,\n"
        "X,2026,ngo,,,,,,,x,,,NGOs,inst,,\n"
    )
    city = only(reading(path, text))
    evidence = (Evidence(title="Report", url="https://x.example"), Evidence(title="", url="https://y.example"))
    assert city.answer("KF1.Q1", "econ") == rated(2, "a\nb", evidence=evidence, updated_at=MORNING)
    assert city.answer("KF1.Q2") == not_applicable("no port")
    assert city.context["CF1"].bears_on == ("KF2", "KF1")
    assert {key: person.role for key, person in city.respondents.items()} == {
        "econ": "Economy",
        "agreed": AGREED_ROLE,
        "ngo": "NGOs",
    }


@pytest.mark.parametrize("column", ["evidence_url", "KF1.Q1 link"])
def test_a_link_that_deceives_is_named_with_its_cell(path: Path, column: str) -> None:
    """It is neither saved nor the end of the whole file, in a long table and in a wide one."""
    rest = ("code,level", "KF1.Q1,2") if column == "evidence_url" else ("KF1.Q1", "2")
    row = "http://bank.example@evil.example"
    found = reading(path, f"city,round,{rest[0]},{column}\nX,2026,{rest[1]},{row}\nY,2026,{rest[1]},http://y.example\n")
    (problem,) = told(found, path)
    assert problem.startswith("row 2 (X), column")
    assert "leads to another host than it seems" in problem
    assert [city.city.name for city in found.assessments] == ["Y"]


def test_round_of_the_row_comes_first(path: Path) -> None:
    """The round named from outside is only for rows that name none."""
    found = reading(path, "city,round,code,level\nX,2027,KF1.Q1,2\nY,,KF1.Q1,2\n", "2026")
    assert [assessment.round for assessment in found.assessments] == ["2027", "2026"]


def test_impossible_round_from_outside(path: Path) -> None:
    """A round that cannot be one is wrong use, told before anything is read."""
    with pytest.raises(UsageError, match=re.escape("did you mean “2026-27”?")):
        reading(path, "city,code,level\nX,KF1.Q1,2\n", "2026/27")


@pytest.mark.parametrize(
    ("rows", "sentences"),
    [
        (
            "X,KF1.Q1,,,why",
            ["row 2 (X), column code: there is neither a state nor a level; fill one in, or empty the row"],
        ),
        ("X,KF1.Q1,rated,,", ["row 2 (X), column state: the state is “rated”, but there is no level; allowed: 0 to 3"]),
        (
            "X,KF1.Q1,dk,2,",
            ["row 2 (X), column level: there is a level, but the state is “dont_know”; keep one of them"],
        ),
        (
            "X,KF1.Q1,na,,",
            ["row 2 (X), column state: “not applicable” needs its reason; write it into the column “comment”"],
        ),
        (
            "X,KF1.Q1,perhaps,7,",
            ["column state: “perhaps” is not a state; allowed: rated,", "column level: “7” is not an"],
        ),
        ("X,KF1.Q1,,7,why", ["row 2 (X), column level: “7” is not an answer"]),
        ("X,,rated,2,", ["row 2 (X), column code: the code is missing; fill it in"]),
        (
            "X,KF1.Q7,,5,",
            ["column code: the benchmark has no code “KF1.Q7”; did you mean “KF1.Q3”?", "column level: “5”"],
        ),
        ("X,CF1,rated,2,", ["row 2 (X), column state: “rated” cannot stand with a context factor; empty this cell"]),
        (
            "X,CF1,,dk,",
            ["row 2 (X), column level: “dk” is not a reading of a context factor; allowed: -2, -1, 0, 1, 2"],
        ),
        (
            "X,CF3,,9,",
            ["column code: the benchmark has no code “CF3”; did you mean “CF2”?", "column level: “9” is not a r"],
        ),
        (
            "X,KF1.Q1,,1,\nX,KF1.Q1,,2,",
            ["row 3 (X), column level: “2” contradicts “1” in row 2; write the same in both"],
        ),
        ("X,KF1.Q1,,1,a\nX,KF1.Q1,,1,b", ["row 3 (X), column comment: “b” contradicts “a” in row 2"]),
        ("X,KF1.Q1,dk,,\nX,KF1.Q1,,1,", ["row 3 (X), column level: there is a level, but the state is “dont_know”"]),
    ],
)
def test_long_fault(path: Path, rows: str, sentences: list[str]) -> None:
    """Each fault of a long table is told in its place; the city is left out, the others are taken."""
    found = reading(path, f"city,code,state,level,comment\n{rows}\nY,KF1.Q1,,1,\n", "2026")
    assert len(found.problems) == len(sentences)
    for sentence, problem in zip(sentences, told(found, path), strict=True):
        assert sentence in problem
    assert [assessment.city.name for assessment in found.assessments] == ["Y"]


@pytest.mark.parametrize(
    ("column", "cell", "sentence"),
    [
        ("round", "2026/27", "“2026/27” cannot name a round; allowed: small letters, digits, and single dots, hyphens"),
        (
            "slug",
            "X Y",
            "“X Y” is not a city's folder name; allowed: small letters a-z, digits and single hyphens; did",
        ),
        (
            "country",
            "Polnad",
            "“Polnad” is no country; allowed: its name, or a code of two letters, such as PL",
        ),
        ("population", "many", "“many” is not a number of inhabitants; allowed: a whole number"),
        ("population", "-5", "“-5” is not a number of inhabitants"),
        ("bears_on", "KF1 KF8", "the benchmark has no key factor “KF8”; did you mean “KF2”?"),
        (
            "updated_at",
            "yesterday",
            "“yesterday” is not a time; allowed: date, time and zone, as in 2026-11-22T10:15:00Z",
        ),
        ("updated_at", "2026-11-22", "“2026-11-22” is a time without a zone"),
        ("comment", "x" * 20_001, "20,001 characters are too many; allowed: at most 20,000; shorten the text"),
        ("city", "x" * 501, "501 characters are too many; allowed: at most 500"),
    ],
)
def test_fault_of_a_value(path: Path, column: str, cell: str, sentence: str) -> None:
    """Each column says what it may hold."""
    columns = {"city": "X", "round": "2026", "code": "CF1", "level": "1", column: cell}
    found = reading(path, f"{','.join(columns)}\n{','.join(columns.values())}\n")
    assert len(found.problems) == 1
    assert f"column {column}: {sentence}" in told(found, path)[0]
    assert found.assessments == ()


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ("X,econ,CF1,1,,", "column respondent: the city as a whole reads context factors; leave this empty"),
        ("X,,CF1,1,Report,", "column evidence_title: “Report” cannot stand with a context factor"),
        ("X,,KF1.Q1,1,,KF1", "column bears_on: “KF1” cannot stand with a guide question; empty this cell"),
    ],
)
def test_what_does_not_go_together(path: Path, rows: str, sentence: str) -> None:
    """Evidence and respondents belong to questions, key factors that are borne on to context factors."""
    found = reading(path, f"city,respondent,code,level,evidence_title,bears_on\n{rows}\n", "2026")
    assert [sentence in problem for problem in told(found, path)] == [True]


# --- cities ---------------------------------------------------------------------------------------------------------


def test_similar_names_have_different_slugs(path: Path) -> None:
    """Two cities whose names fold to one slug get two; two spellings of one name are one city."""
    text = "city,round,code,level\nZürich,2026,KF1.Q1,1\nZurich,2026,KF1.Q1,2\nZÜRICH,2026,KF1.Q2,3\n"
    found = reading(path, text)
    assert found.problems == ()
    assert {a.city.name: (a.city.slug, len(a.responses[AGREED])) for a in found.assessments} == {
        "Zürich": ("zurich", 2),
        "Zurich": ("zurich-811dae", 1),
    }


def test_slugs_tell_namesakes_apart(path: Path) -> None:
    """Two cities of one name are told apart by their slugs; a row without one is then a fault."""
    text = "city,slug,round,KF1.Q1\nFrankfurt,frankfurt-main,2026,1\nFrankfurt,frankfurt-oder,2026,2\n"
    found = reading(path, text)
    assert [assessment.city.slug for assessment in found.assessments] == ["frankfurt-main", "frankfurt-oder"]
    assert found.problems == ()
    found = reading(path, text + "Frankfurt,,2027,1\n")
    assert len(found.assessments) == 2
    assert told(found, path) == [
        (
            "row 4 (Frankfurt), column city: several cities have this name; "
            "write which one in the column “slug”: frankfurt-main, frankfurt-oder"
        )
    ]


@pytest.mark.parametrize(
    "rows",
    [
        ["Halle,2026,DE,1", "Halle,2026,BE,2"],
        ["Halle,2026,DE,1", "HALLE,2027,BE,2"],
        ["Halle,2026,,1", "Halle,2027,Deutschland,1", "Halle,2026,Belgien,2"],
        ["Halle,2026,BE,1", "Halle,2027,DE,1", "Halle,2026,,2"],
    ],
)
def test_one_name_in_two_countries_is_asked(path: Path, rows: list[str]) -> None:
    """Whatever the round and the order: all its rows wait, the way out is the column slug, and no row is to go."""
    found = reading(path, "\n".join(["city,round,country,KF1.Q1", "Graz,2026,AT,3", *rows]) + "\n")
    assert [assessment.city.name for assessment in found.assessments] == ["Graz"]
    said = told(found, path)
    assert said
    for sentence in said:
        assert "several cities have this name, in BE and DE; write which one in the column “slug”: halle-be" in sentence


@pytest.mark.parametrize(
    ("rows", "slugs"),
    [
        (["Halle,halle-de,2026,DE,1", "Halle,halle-be,2026,BE,2"], ["halle-de", "halle-be"]),
        (["Halle,,2026,GB,1", "Halle,,2027,UK,2", "Halle,,2028,United Kingdom,2"], ["halle"] * 3),
        (["Halle,,2026,,1", "Halle,,2027,DE,2"], ["halle"] * 2),
        (["Halle,,2026,DE,1", "Halle,halle-be,2026,BE,2", "Halle,,2027,DE,1"], ["halle-be", "halle", "halle"]),
    ],
)
def test_where_it_is_clear_nothing_is_asked(path: Path, rows: list[str], slugs: list[str]) -> None:
    """A slug tells two apart; one country in two spellings is one, and one that is not told contradicts none."""
    found = reading(path, "\n".join(["city,slug,round,country,KF1.Q1", *rows]) + "\n")
    assert found.problems == ()
    assert [item.city.slug for item in found.assessments] == slugs


@pytest.mark.parametrize("order", [(0, 1, 2), (1, 0, 2), (2, 1, 0), (0, 2, 1)])
@pytest.mark.parametrize("countries", [("", ""), ("DE", "DE"), ("DE", "BE")])
def test_row_without_slug_among_namesakes_is_a_fault_in_any_order(
    path: Path, order: tuple[int, ...], countries: tuple[str, str]
) -> None:
    """Its answers are nobody's, and land with neither city."""
    one, two = countries
    rows = [f"Frankfurt,frankfurt-main,2026,{one},1", f"Frankfurt,frankfurt-oder,2026,{two},2", "Frankfurt,,2027,,3"]
    found = reading(path, "\n".join(["city,slug,round,country,KF1.Q1", *(rows[i] for i in order)]) + "\n")
    assert all(item.round == "2026" for item in found.assessments)
    assert sum("several cities have this name" in sentence for sentence in told(found, path)) == 1


def test_chosen_slugs_come_before_derived_ones(path: Path) -> None:
    """A slug that is written for one city is not given to another, whichever comes first."""
    found = reading(path, "city,slug,round,KF1.Q1\nZürich,,2026,1\nElsewhere,zurich,2026,1\n")
    assert [a.city.slug for a in found.assessments if a.city.name == "Elsewhere"] == ["zurich"]
    assert [a.city.slug for a in found.assessments if a.city.name == "Zürich"] != ["zurich"]


def test_slug_in_one_row_is_enough(path: Path) -> None:
    """A slug stands for all rows of its city, before and after."""
    text = "city,slug,round,code,level\nX,,2026,KF1.Q1,1\nX,my-x,2026,KF1.Q2,1\nX,,2026,KF1.Q3,1\n"
    assert only(reading(path, text)).city.slug == "my-x"


def test_renamed_city_keeps_its_slug(path: Path) -> None:
    """One slug may have a name for each round, but not two in one round."""
    text = "city,slug,round,KF1.Q1\nOld,x,2026,1\nNew,x,2027,1\n"
    assert [a.city.name for a in reading(path, text).assessments] == ["Old", "New"]
    found = reading(path, "city,slug,round,code,level\nOld,x,2026,KF1.Q1,1\nNew,x,2026,KF1.Q2,1\n")
    assert told(found, path) == [
        "row 3 (New), column city: “New” contradicts “Old” in row 2; write the same in both rows, or leave one empty"
    ]


def test_city_twice_in_a_wide_table(path: Path) -> None:
    """The same city, round and respondent in two rows is a fault that names both; neither row is taken."""
    text = "city,round,KF1.Q1\nX,2026,1\nY,2026,1\nx,2026,2\nX,2027,1\n"
    found = reading(path, text)
    assert told(found, path) == [
        (
            "row 4 (x), column city: city, round and respondent are the same as in row 2; if they are two cities, "
            "give each a folder name in a column “slug”; if not, make them one row"
        )
    ]
    assert [assessment.city.name for assessment in found.assessments] == ["Y"]


# --- header ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("", ["the file is empty"]),
        ("\ufeff \n\n", ["the file is empty"]),
        (",,\n,,\n", ["nothing stands in it"]),
        ("city,round,KF1.Q1\n", ["there are column names, but no rows below them"]),
        ("city,round,KF1.Q1\n,,\n\n", ["there are column names, but no rows below them"]),
        (
            "place,round,KF1.Q1\nX,2026,1\n",
            [
                "row 1: there is no column “city”; allowed: the first row holds the",
                "column place: there is no column of this",
            ],
        ),
        (
            "city,KF1.Q1\nX,1\n",
            ["row 1: there is no column “round”; add it, or name the round when you import the file"],
        ),
        (
            "city,round\nX,2026\n",
            ["row 1: there is no column of answers; allowed: a column “code” (one answer a row), or"],
        ),
        (
            "Self-test of our cities,,\n,,\ncity,round,KF1.Q1\nX,2026,1\n",
            ["row 1: these are not the names of the columns; they seem to stand in row 3; delete the rows above row 3"],
        ),
        (
            "city,round,KF1.Q1\nX,,1\n",
            ["row 2 (X), column round: the round is missing; fill it in, or name it when you"],
        ),
        (
            "city,round,KF1.Q1\n,2026,1\n",
            ["row 2, column city: the name of the city is missing; fill it in, in every row"],
        ),
    ],
)
def test_file_without_what_is_needed(path: Path, text: str, sentences: list[str]) -> None:
    """A file in which something needed is missing is told in sentences, and nothing is taken from it."""
    found = reading(path, text)
    assert len(found.problems) == len(sentences)
    for sentence, problem in zip(sentences, told(found, path), strict=True):
        assert sentence in problem
    assert found.assessments == ()


def test_cells_are_checked_even_if_a_column_is_missing(path: Path) -> None:
    """Who has to mend the header hears of the wrong cells at the same time."""
    found = reading(path, "place,KF1.Q1\nX,7\n")
    assert [problem.split(":")[0] for problem in told(found, path)] == [
        "row 1",
        "row 1, column place",
        "row 2, column KF1.Q1",
    ]


@pytest.mark.parametrize(
    ("column", "nearest"),
    [("KF1.Q7", "KF1.Q3"), ("kf2-q9", "KF2.Q2"), ("Respondant", "respondent"), ("Contry", "country")],
)
def test_unknown_column_names_the_nearest(path: Path, column: str, nearest: str) -> None:
    """An unknown column is told with the nearest one; cities that have something in it are left out and named."""
    found = reading(path, f"city,round,KF1.Q2,{column}\nX,2026,1,1\nY,2026,1,\nZ,2026,1,2\n")
    assert told(found, path) == [
        (
            f"row 1, column {column}: there is no column of this name; "
            f"rename it (the nearest is “{nearest}”) or delete it; "
            "left out, because something stands there: X, Z"
        )
    ]
    assert [assessment.city.name for assessment in found.assessments] == ["Y"]


def test_columns_that_stand_twice_or_have_no_name(path: Path) -> None:
    """A second column of a name, and values below no name, are faults."""
    found = reading(path, "city,round,KF1.Q1,,kf1.q1\nX,2026,1\nY,2026,1,,2\nZ,2026,1,note\nW,2026,1,,,,5\n")
    assert told(found, path) == [
        (
            "row 1, column D: this column has no name, but something stands in it; name it, or empty it; "
            "left out, because something stands there: Z"
        ),
        (
            "row 1, column kf1.q1: there are two columns of this name; keep one of them; "
            "left out, because something stands there: Y"
        ),
        (
            "row 1, column G: this column has no name, but something stands in it; name it, or empty it; "
            "left out, because something stands there: W"
        ),
    ]
    assert [assessment.city.name for assessment in found.assessments] == ["X"]


@pytest.mark.parametrize("unseen", ["\u200b", "\u00ad", "\ufeff", "\u2060", "\u200e"])
def test_what_nobody_sees_makes_no_other_city(path: Path, unseen: str) -> None:
    """Soft hyphens, zero-width spaces and marks of direction come along when names are copied from web pages."""
    found = reading(path, f"city,round,code,level\nGraz,2026,KF1.Q1,1\nGr{unseen}az{unseen},2026,KF1.Q2,2\n")
    city = only(found)
    assert (city.city.name, len(city.responses[AGREED])) == ("Graz", 2)


def test_joiners_that_belong_to_a_name_stay(path: Path) -> None:
    """In Persian a zero-width non-joiner is spelling; with and without it, it is one city all the same."""
    name = "نجف\u200cآباد"
    assert only(reading(path, f"city,round,KF1.Q1\n{name},2026,1\n")).city.name == name
    found = reading(path, f"city,round,code,level\n{name},2026,KF1.Q1,1\nنجفآباد,2026,KF1.Q2,2\n")
    assert len(only(found).responses[AGREED]) == 2


@pytest.mark.parametrize("written", ["2026", "2026.0", "2026,00", " 2026.0 "])
def test_round_that_went_through_a_spreadsheet(path: Path, written: str) -> None:
    assert only(reading(path, f'city,round,KF1.Q1\nX,"{written}",1\n')).round == "2026"


@pytest.mark.parametrize("written", ["01/01/2026", "1.1.2026", "31-12-2026"])
def test_date_is_no_round(path: Path, written: str) -> None:
    found = reading(path, f"city,round,KF1.Q1\nX,{written},1\n")
    wanted = (
        f"row 2 (X), column round: “{written}” is a date, not a round; allowed: the round's label, usually the year"
    )
    assert told(found, path) == [f"{wanted}, as in 2026"]


def test_two_spellings_that_may_be_one_city_are_named(path: Path) -> None:
    """A warning, not a fault: they may be two."""
    names = ("München", "Munchen", "Muenchen", "Łódź", "Lodz", "Graz")
    found = reading(path, "city,round,KF1.Q1\n" + "".join(f"{name},2026,1\n" for name in names))
    assert len(found.assessments) == len(names)
    assert [note.split(": ", 1)[1] for note in found.notes] == [
        (
            "“München” and “Munchen” and “Muenchen” are read as 3 cities; if they are one, write it in one way, "
            'or import with --same "Munchen=München" --same "Muenchen=München"'
        ),
        (
            "“Łódź” and “Lodz” are read as 2 cities; if they are one, write it in one way, or import with "
            '--same "Lodz=Łódź"'
        ),
    ]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters(path: Path, delimiter: str) -> None:
    found = reading(path, "city,round,KF1.Q1\nŁódź,2026,3\n".replace(",", delimiter))
    assert only(found).city.name == "Łódź"


# --- files ----------------------------------------------------------------------------------------------------------


def test_file_that_cannot_be_opened(tmp_path: Path) -> None:
    """A missing file, a folder and an unknown ending are problems, not tracebacks."""
    (tmp_path / "folder.csv").mkdir()
    for name, sentence in (
        ("none.csv", "there is no such file or folder; check the path"),
        ("none.xlsx", "there is no such file or folder; check the path"),
        ("folder.csv", "a folder stands where a file is needed"),
        ("none.ods", "there is no such file or folder; check the path"),
        ("answers.pdf", "the ending “.pdf” is not that of a table; allowed: .csv, .xlsx, .ods, .xls or .xlsb"),
    ):
        (problem,) = tables.read(tmp_path / name, DEMO).problems
        assert str(problem).startswith(f"{tmp_path / name}: {sentence}")


def faulty(faults: int, good: int) -> str:
    """Return a wide table in which each of the first rows has one fault."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["city", "round", "country", "population", *QUESTIONS, *CONTEXTS])
    for i in range(faults + good):
        row = [f"City {i}", "2026", "PL", "1000", *"01230", "1", "-1"]
        if i < faults:
            row[1 + i % 10] = ["2026/27", "Polnad", "few", "4", "-1", "x", "yes", "9", "3", "low"][i % 10]
        writer.writerow(row)
    return text.getvalue()


def test_thirty_faults_are_all_named(path: Path) -> None:
    """A file with 30 faults names all 30 with row and column, and its 70 good cities are taken."""
    found = reading(path, faulty(30, 70))
    columns = ["round", "country", "population", *QUESTIONS, *CONTEXTS]
    assert [problem.split(":")[0] for problem in told(found, path)] == [
        f"row {i + 2} (City {i}), column {columns[i % 10]}" for i in range(30)
    ]
    assert [assessment.city.name for assessment in found.assessments] == [f"City {i}" for i in range(30, 100)]


def test_many_faults_of_one_row_are_all_named(path: Path) -> None:
    """Faults are told in the order of the file, also within one row."""
    found = reading(path, "city,round,country,KF1.Q1,KF1.Q2,CF1\nX,a b,Polnad,7,x,5\n,2026,,8,,\n")
    assert [problem.split(":")[0] for problem in told(found, path)] == [
        *(f"row 2 (X), column {name}" for name in ("round", "country", "KF1.Q1", "KF1.Q2", "CF1")),
        "row 3, column city",
        "row 3, column KF1.Q1",
    ]


def test_stream_hands_over_city_by_city(path: Path) -> None:
    """Each city comes as soon as its last row is read, before the file is at its end."""
    path.write_text("city,round,KF1.Q1\nA,2026,1\nB,2026,9\nC,2026,1\n", encoding="utf-8")
    events = tables.stream(path, DEMO)
    assert isinstance(first := next(events), Assessment)
    assert first.city.name == "A"
    assert "row 3 (B), column KF1.Q1" in str(next(events))
    assert isinstance(third := next(events), Assessment)
    assert third.city.name == "C"
    assert list(events) == []


def test_file_changed_while_it_is_read(path: Path) -> None:
    """A file that grows under the reader is told, instead of mixing up cities."""
    path.write_text("city,round,KF1.Q1\nA,2026,1\nB,2026,1\n", encoding="utf-8")
    events = tables.stream(path, DEMO)
    next(events)
    path.write_text("city,round,KF1.Q1\nA,2026,1\nB,2026,1\nC,2026,1\n" + "D,2026,1\n" * 9_999, encoding="utf-8")
    # What is in the buffer may still come.
    assert all("changed while it was read" in str(event) for event in events if not isinstance(event, Assessment))


def shipped() -> Benchmark:
    from citygrow_nb import benchmarks

    return benchmarks.load(benchmarks.find("migrant-entrepreneurs", None))


def wide_rows(benchmark: Benchmark, cities: int) -> Iterable[list[str]]:
    chance = random.Random(1)
    yield ["city", "round", *benchmark.questions, *benchmark.contexts]
    for i in range(cities):
        levels = chance.choices(["0", "1", "2", "3", "dk", "na", ""], k=len(benchmark.questions))
        yield [f"Città {i}", "2026", *levels, *chance.choices(["-2", "0", "1", ""], k=len(benchmark.contexts))]


def test_two_thousand_cities_are_read_in_seconds(path: Path) -> None:
    """A wide file of 2,000 cities and all questions of the shipped benchmark is read well under a minute."""
    benchmark = shipped()
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(wide_rows(benchmark, 2_000))
    start = time.perf_counter()
    found = tables.read(path, benchmark)
    assert time.perf_counter() - start < 30
    assert found.problems == ()
    assert len(found.assessments) == 2_000
    assert {len(benchmark.questions), len(benchmark.contexts)} == {40, 10}


def test_strange_column_of_nameless_cities(path: Path) -> None:
    """Where no city is named, none is listed."""
    sentences = told(reading(path, "place,round,KF1.Q1\nA,2026,1\n"), path)
    assert any("place" in sentence and "left out" not in sentence for sentence in sentences)
