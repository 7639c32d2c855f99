"""A fault in one row, city or file is named, and costs only that row, city or file; whatever it is."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from citygrow_nb import answers, scoring, tables, whom_to_ask
from citygrow_nb.answers import AnswerStore
from citygrow_nb.batch import Gathered, mentors, sources
from citygrow_nb.matching import Member
from citygrow_nb.model import Benchmark, Mentoring, Need, Offer
from citygrow_nb.tables.drafts import CityDraft
from citygrow_nb.tables.rows import Table
from citygrow_nb.workspace import Workspace
from tests.cli.conftest import Call
from tests.factories import assessment_of

CITIES = ("alpha", "beta", "gamma")
PLANTED = (ValueError("what a person wrote"), RecursionError(), MemoryError(), AttributeError("x"))
TABLE = "city,round,code,level\nAlpha,2026,KF1.Q1,1\nBeta,2026,KF1.Q1,2\nGamma,2026,KF1.Q1,3\n"


@pytest.fixture
def network(place: Path, benchmark: Benchmark) -> Path:
    """Return a workspace with three cities, of which one offers what another needs."""
    (place / "outputs").mkdir()
    wishes = {
        "alpha": Mentoring(offers=(Offer(factor="KF1"),)),
        "beta": Mentoring(needs=(Need(factor="KF1", priority=1),)),
    }
    for slug in CITIES:
        path = Workspace(place).document(benchmark.id, slug, "2026")
        path.parent.mkdir(parents=True)
        made = assessment_of(benchmark, slug.title(), slug, mentoring=wishes.get(slug, Mentoring()))
        path.write_bytes(answers.dump(made))
    return place


def plant(
    monkeypatch: pytest.MonkeyPatch, owner: Any, name: str, is_meant: Callable[..., bool], error: BaseException
) -> None:
    """Let a function fail for those arguments that are meant."""
    real = getattr(owner, name)

    def failing(*arguments: Any, **options: Any) -> Any:
        if is_meant(*arguments):
            raise error
        return real(*arguments, **options)

    monkeypatch.setattr(owner, name, staticmethod(failing) if isinstance(owner, type) and name == "of" else failing)


def saved(place: Path) -> list[str]:
    """Return the cities whose answers are saved."""
    return sorted({path.parent.name for path in (place / "answers").rglob("*.json")})


@pytest.mark.parametrize("error", PLANTED, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize(
    ("owner", "name", "is_meant", "where"),
    [
        (Table, "put", lambda table, row, city: city.entry.name == "Beta", "row 3 (Beta)"),
        (Table, "city", lambda table, row: row.cells[0] == "Beta", "row 3"),
        (CityDraft, "finish", lambda city, benchmark: city.entry.name == "Beta", "row 3 (Beta)"),
        (AnswerStore, "merge_in", lambda store, made: made.city.name == "Beta", "table.csv, Beta, round 2026"),
    ],
)
def test_import_saves_the_other_cities(
    citygrow: Call,
    place: Path,
    monkeypatch: pytest.MonkeyPatch,
    owner: Any,
    name: str,
    is_meant: Callable[..., bool],
    where: str,
    error: Exception,
) -> None:
    """The fault is told by its place and kind, not by its words, which may be a person's."""
    (place / "table.csv").write_text(TABLE, encoding="utf-8")
    plant(monkeypatch, owner, name, is_meant, error)
    said = citygrow("answers", "import", "table.csv")
    assert said.code == 1
    assert saved(place) == ["alpha", "gamma"]
    (fault,) = [line for line in said.complaints if "unexpected fault" in line]
    assert where in fault
    assert f"an unexpected fault ({type(error).__name__} in test_cli_one_fault.py, line" in fault
    assert "what a person wrote" not in said.err


def test_debug_shows_the_traceback(citygrow: Call, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (place / "table.csv").write_text(TABLE, encoding="utf-8")
    plant(monkeypatch, Table, "put", lambda table, row, city: True, ValueError("what a person wrote"))
    assert "Traceback" in citygrow("answers", "import", "table.csv", "--debug").err


def test_stopping_is_no_fault(citygrow: Call, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C ends a command, however deep it is in one city."""
    (place / "table.csv").write_text(TABLE, encoding="utf-8")
    plant(monkeypatch, Table, "put", lambda table, row, city: True, KeyboardInterrupt())
    assert citygrow("answers", "import", "table.csv").code == 130


@pytest.mark.parametrize(
    "command",
    [
        "answers status",
        "mentoring",
        "batch",
        "answers export -o all.csv",
        "answers whom-to-ask -o asked",
        "answers plan -o p.ics",
    ],
)
def test_document_that_cannot_be_read_costs_only_itself(
    citygrow: Call, network: Path, monkeypatch: pytest.MonkeyPatch, quick: None, command: str
) -> None:
    plant(monkeypatch, sources, "split", lambda content, where, benchmark: "beta" in where, RecursionError())
    said = citygrow(*command.split())
    assert said.code == 1
    (fault,) = [line for line in said.complaints if "beta" in line]
    assert "answers/migrant-entrepreneurs/beta/2026.json: an unexpected fault" in fault.replace(os.sep, "/")
    if command == "batch":
        made = {path.parents[1].name for path in (network / "outputs").rglob("2026/run.json")}
        assert made == {"alpha", "gamma"}
    else:
        assert said.out


@pytest.mark.parametrize(
    ("command", "owner", "name", "is_meant", "where"),
    [
        ("answers status", scoring, "figures", lambda benchmark, made: made.city.name == "Beta", "Beta"),
        ("answers whom-to-ask -o asked", whom_to_ask, "write", lambda to, of, made: made.city.name == "Beta", "Beta"),
        ("mentoring", Member, "of", lambda benchmark, made: made.city.name == "Gamma", "gamma"),
        ("answers export -o all --format json", Gathered, "document", lambda of, item: "beta" in item.source, "beta"),
        ("batch", Gathered, "document", lambda of, item: "beta" in item.source, "beta"),
        ("batch", mentors, "find", lambda *_: True, "migrant-entrepreneurs, mentors"),
        ("batch", tables, "expected_cities", lambda *_: True, "expected.csv"),
        ("answers status", tables, "expected_cities", lambda *_: True, "expected.csv"),
        ("mentoring", tables, "decisions", lambda *_: True, "pins.csv"),
    ],
)
def test_fault_in_one_city_or_list(
    citygrow: Call,
    network: Path,
    monkeypatch: pytest.MonkeyPatch,
    quick: None,
    command: str,
    owner: Any,
    name: str,
    is_meant: Callable[..., bool],
    where: str,
) -> None:
    """Commands over many cities end with the others' results."""
    (network / "expected.csv").write_text("city\nAlpha\n", encoding="utf-8")
    (network / "pins.csv").write_text("decision,factor,mentor,mentee\n", encoding="utf-8")
    plant(monkeypatch, owner, name, is_meant, ValueError("what a person wrote"))
    said = citygrow(*command.split())
    assert said.code == 1
    assert any(where in line and "an unexpected fault (ValueError" in line for line in said.complaints)
    assert "what a person wrote" not in said.err
    assert "Alpha" in said.out + said.err or "alpha" in {path.name for path in network.rglob("*")}
    if command == "batch":
        assert (network / "outputs/migrant-entrepreneurs/alpha/2026/run.json").is_file()


# --- rows that did end everything ---

LONG = "z" * 600
WISHES = (
    "city,round,code,state,level,respondent,languages,not_with,what\n"
    "Alpha,2026,KF1.Q1,,1,,,,\n"
    "Beta,2026,{row}\n"
    "Gamma,2026,KF1.Q1,,3,,,,\n"
)


@pytest.mark.parametrize("command", ["answers import wishes.csv", "batch wishes.csv --out outputs"])
@pytest.mark.parametrize(
    "row",
    [
        f"KF1,{LONG},1,,,,",
        f"KF1,offer,{LONG},,,,",
        f"KF1,offer,1,{LONG},,,",
        f"KF1,offer,1,,{LONG},,",
        f"KF1,offer,1,,,{'a;' * 300},",
        f"{LONG},offer,1,,,,",
        f"KF1.Q1,{LONG},1,,,,",
    ],
)
def test_wish_that_is_too_long_costs_only_itself(
    citygrow: Call, place: Path, quick: None, command: str, row: str
) -> None:
    text = WISHES.replace(",what", "").replace("1,,,,\nB", "1,,,\nB").replace("3,,,,\n", "3,,,\n")
    (place / "wishes.csv").write_text(text.format(row=row[:-1]), encoding="utf-8")
    said = citygrow(*command.split())
    assert said.code == 1
    assert "unexpected fault" not in said.err
    assert any("row 3 (Beta)" in line for line in said.complaints)
    found = (
        saved(place)
        if "import" in command
        else sorted(path.parents[1].name for path in (place / "outputs").rglob("2026/run.json"))
    )
    assert found == ["alpha", "gamma"]


def test_formula_without_a_result_costs_only_its_city(citygrow: Call, place: Path) -> None:
    """In any column of a wish, an answer or an action."""
    from openpyxl import Workbook

    for column in ("state", "level", "code", "comment", "respondent"):
        book = Workbook()
        sheet: Any = book.active
        sheet.append(names := ["city", "round", "code", "state", "level", "comment", "respondent"])
        sheet.append(["Alpha", 2026, "KF1.Q1", "rated", 1, "", ""])
        wish: dict[str, Any] = {"city": "Beta", "round": 2026, "code": "KF1", "state": "offer", "level": 1}
        sheet.append([{**wish, column: "=1+1"}.get(name) for name in names])
        book.save(place / "wishes.xlsx")
        said = citygrow("answers", "import", "wishes.xlsx", "--to", column)
        assert said.code == 1
        assert "unexpected fault" not in said.err
        assert "row 3 (Beta)" in said.err
        assert saved(place / column) == ["alpha"]


@pytest.mark.parametrize("header", ["x" * 30_000, "\0" * 3, " "])
def test_header_of_a_list_costs_only_its_column(citygrow: Call, network: Path, header: str) -> None:
    (network / "expected.csv").write_text(f"city,{header}\nAlpha,x\nOmega,y\n", encoding="utf-8")
    said = citygrow("answers", "status")
    assert "unexpected fault" not in said.err
    assert "Omega: not begun" in said.out or "not a text file" in said.err
    if len(header) > 500:
        assert "expected.csv, row 1, column B: 30,000 characters are too many" in said.err


def test_row_of_a_list_costs_only_itself(citygrow: Call, network: Path) -> None:
    (network / "expected.csv").write_text(f'city,mail\n{LONG},x\nOmega,{LONG}\nPsi,y\nKhi,"z\n', encoding="utf-8")
    said = citygrow("answers", "status")
    assert "Psi: not begun" in said.out
    assert [line.partition("expected.csv, ")[2][:22] for line in said.complaints] == [
        "row 2, column city: 60",
        "row 3, column mail: 60",
        "row 5: a quote is open",
    ]
