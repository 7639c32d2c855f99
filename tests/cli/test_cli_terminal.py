"""No text of others steers the terminal that shows it, whichever way it comes."""

from __future__ import annotations

import json
import logging
import os
import re
import runpy
import shutil
import sys
import warnings
from pathlib import Path
from types import SimpleNamespace

import pytest

from citygrow_nb import benchmarks, schemas
from citygrow_nb.answers import dump
from citygrow_nb.cli import jupyterlab_server
from citygrow_nb.cli.jupyterlab_server import SLOW_AND_UNUSED
from citygrow_nb.cli.messages import prepare_streams, print_line
from citygrow_nb.cli.progress import Progress
from citygrow_nb.model import Benchmark
from tests.cli.conftest import Call, Said
from tests.cli.test_cli_progress import RECORD
from tests.factories import assessment_of

BAD = "\x1b[2J\x9b31m\x07\x08\x7f\u202e\u2066\u061c\u200b\u2028\U000e0041"
STEERS = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\U000e0000-\U000e0fff]"
)


def check(said: Said, shown: str = r"\u202e") -> None:
    """Nothing steers; what would is there to be seen."""
    assert STEERS.findall(said.out + said.err) == []
    assert shown in said.out + said.err


def document(toolkit: Benchmark, **changes: object) -> str:
    """Return an assessment as JSON, with some fields changed."""
    return json.dumps(json.loads(dump(assessment_of(toolkit))) | changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"city": {"name": f"Ha{BAD}ven", "slug": "haven", "country": BAD}},
        {f"key{BAD}": 1},
        {"benchmark": {"id": f"x{BAD}", "version": BAD}},
        {"round": BAD},
        {"responses": {"agreed": {f"KF1.Q1{BAD}": {"state": BAD}}}},
        {"format": BAD},
    ],
    ids=lambda changes: ascii(next(iter(changes)))[:10],
)
def test_documents(citygrow: Call, place: Path, benchmark: Benchmark, changes: dict[str, object]) -> None:
    """Values and keys of JSON, with a traceback, too."""
    (place / "a.json").write_text(document(benchmark, **changes), encoding="utf-8")
    said = citygrow("answers", "import", "a.json", "--debug")
    assert said.code == 1
    check(said)


@pytest.mark.parametrize(
    "table",
    [
        f"city,round,KF1.Q1,co{BAD}mment\nA{BAD}b,2026,1{BAD},z\n",
        f"city,round,code,level\nA,20{BAD},KF1{BAD},1\nB,2026,KF1.Q1{BAD},9\n",
    ],
    ids=["wide", "long"],
)
def test_tables(citygrow: Call, place: Path, table: str) -> None:
    """Headers, names, rounds, codes and levels."""
    (place / "a.csv").write_text(table, encoding="utf-8")
    check(citygrow("answers", "import", "a.csv", "--dry-run"))


def test_pins_and_expected_cities(citygrow: Call, place: Path, benchmark: Benchmark) -> None:
    """Lists that a secretariat gets from others."""
    (place / "a.json").write_text(document(benchmark), encoding="utf-8")
    (place / "pins.csv").write_text(f"decision,factor,mentor,mentee\np{BAD},K{BAD},a,b\n", encoding="utf-8")
    (place / "expected.csv").write_text(f"city,country\nC{BAD}x,\nD,X{BAD}\n", encoding="utf-8")
    check(citygrow("mentoring", ".", "--pins", "pins.csv", "--out", "o"))
    check(citygrow("answers", "status", "."))


def test_status_as_json_stays_json(citygrow: Call, place: Path, benchmark: Benchmark) -> None:
    """Programs read the same; a terminal is not steered."""
    (place / "a.json").write_text(
        document(benchmark, city={"name": "Ha\u202even مدينة", "slug": "haven"}), encoding="utf-8"
    )
    said = citygrow("answers", "status", "a.json", "--json")
    check(said)
    (item,) = json.loads(said.out)
    assert item["name"] == r"Ha\u202even مدينة"


def test_benchmarks(citygrow: Call, place: Path) -> None:
    """Keys and texts of YAML."""
    shutil.copytree(next(iter(benchmarks.shipped().values())), place / "toolkit")
    path = place / "toolkit" / "key-factors" / "KF1.yaml"
    path.write_text('"x\\e[2J\\u202e": 1\n' + path.read_text(encoding="utf-8"), encoding="utf-8")
    check(citygrow("benchmark", "check", "toolkit", "--debug"))


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names of files")
def test_names_of_files(citygrow: Call, place: Path, benchmark: Benchmark) -> None:
    """Also those that are no text; a path of several lines is one line."""
    name = "b\x1b[31m\u202e\n.json"
    (place / name).write_text("{", encoding="utf-8")
    said = citygrow("answers", "import", name)
    check(said)
    assert len(said.complaints) == 1
    check(citygrow("answers", "import", os.fsdecode(b"\xff\x9b.json")), r"\udcff\udc9b")
    (place / "a.json").write_text(document(benchmark), encoding="utf-8")
    said = citygrow("answers", "export", "a.json", "-o", f"x{name}")
    assert said.code == 0
    check(said)
    assert len(said.out.splitlines()) == 1


@pytest.mark.parametrize(
    "arguments",
    [
        (BAD,),
        (f"--{BAD}",),
        ("batch", "--engine", BAD),
        ("batch", "--jobs", BAD),
        ("batch", "--city", BAD, "a.json"),
        ("batch", "--benchmark", BAD, "a.json"),
        ("benchmark", "show", BAD),
        ("schema", BAD),
        ("answers", "import", BAD),
        ("answers", "import", "a.json", "--same", BAD),
    ],
    ids=ascii,
)
def test_what_was_typed_is_not_obeyed_when_it_is_repeated(
    citygrow: Call, place: Path, benchmark: Benchmark, arguments: tuple[str, ...]
) -> None:
    """People paste what others sent them; the parser of the command line repeats it."""
    (place / "a.json").write_text(document(benchmark), encoding="utf-8")
    said = citygrow(*arguments)
    assert said.code != 0
    check(said)


def test_errors_of_libraries_and_what_is_logged(citygrow: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    """An unexpected error, its traceback, a log and a warning."""

    def broken(name: str) -> str:
        logging.getLogger("somebody").warning("logged %s", BAD)
        logging.getLogger("citygrow_nb.batch").debug("told %s", BAD)
        warnings.warn(f"warned {BAD}", UserWarning, stacklevel=1)
        raise ValueError(f"raised {BAD}")

    monkeypatch.setattr(schemas, "text", broken)
    monkeypatch.setattr(logging, "lastResort", None)
    # What pytest does with logs and warnings is not what people have.
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        said = citygrow("schema", "run", "--debug")
    check(said)
    for word in ("logged", "told", "warned", "ValueError: raised"):
        assert rf"{word} \x1b[2J\x9b31m" in said.err


def test_progress_and_results(capsys: pytest.CaptureFixture[str]) -> None:
    """Names that are written while a batch goes on, and lines of results."""
    with Progress() as progress:
        progress(RECORD.model_copy(update={"city": BAD}), 1, 2)
    print_line(f"made {BAD}")
    told = capsys.readouterr()
    check(Said(0, told.out, told.err))
    assert len(told.out.splitlines()) == len(told.err.splitlines()) == 1


def test_readable_names_stay(capsys: pytest.CaptureFixture[str]) -> None:
    """Other scripts and emoji are shown as they are."""
    prepare_streams()
    line = "مدينة می\u200cخواهم עברית Żabia Góra 👩\u200d👩\u200d👧 ❤️"
    print_line(line)
    assert capsys.readouterr().out == f"{line}\n"


def test_log_of_the_server(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """JupyterLab tells on the terminal which files it opens; it colours its lines itself, afterwards."""

    def jupyterlab() -> int:
        logging.getLogger("ServerApp").warning("delete /%s", BAD)
        return 0

    monkeypatch.setitem(sys.modules, "jupyterlab.labapp", SimpleNamespace(main=jupyterlab))
    monkeypatch.setitem(sys.modules, SLOW_AND_UNUSED, None)
    before = logging.getLogRecordFactory()
    try:
        with pytest.raises(SystemExit):
            runpy.run_path(jupyterlab_server.__file__, run_name="__main__")
    finally:
        logging.setLogRecordFactory(before)
    (record,) = caplog.records
    assert STEERS.findall(record.getMessage()) == []
    assert record.getMessage().startswith(r"delete /\x1b[2J\x9b31m")
