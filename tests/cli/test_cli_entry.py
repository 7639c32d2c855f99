"""The command as a whole: help, errors as sentences, exit codes, and a quick start."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from citygrow_nb import __version__, schemas
from citygrow_nb.cli import cli
from tests import tripwires
from tests.cli.conftest import Call

ROOT = Path(__file__).parents[2]


def commands(group: click.Group = cli, *above: str) -> Iterator[tuple[str, ...]]:
    for name, command in group.commands.items():
        yield (*above, name)
        if isinstance(command, click.Group):
            yield from commands(command, *above, name)


each_command = pytest.mark.parametrize("command", list(commands()), ids=" ".join)


def test_contract_has_these_commands() -> None:
    """Scripts call them; none is renamed or lost by accident."""
    assert sorted(map(" ".join, commands())) == [
        "answers",
        "answers count",
        "answers export",
        "answers forget",
        "answers import",
        "answers plan",
        "answers status",
        "answers template",
        "answers whom-to-ask",
        "batch",
        "benchmark",
        "benchmark check",
        "benchmark draft",
        "benchmark show",
        "demo",
        "init",
        "lab",
        "mentoring",
        "schema",
        "site",
        "workbooks",
        "workbooks build",
        "workbooks check",
        "workbooks new",
        "workbooks trust",
    ]


@each_command
def test_every_command_and_option_explains_itself(citygrow: Call, command: tuple[str, ...]) -> None:
    """Help says what a command does and what each of its options is for."""
    said = citygrow(*command, "--help")
    assert said.code == 0
    assert said.err == ""
    found: click.Command = cli
    for name in command:
        assert isinstance(found, click.Group)
        found = found.commands[name]
    assert found.help
    options = [parameter for parameter in found.params if isinstance(parameter, click.Option)]
    assert options
    assert [option.name for option in options if not option.help] == []


@each_command
def test_unknown_option_is_wrong_use_in_one_line(citygrow: Call, command: tuple[str, ...]) -> None:
    """Exit code 2 and one line that says where to look."""
    said = citygrow(*command, "--frobnicate")
    assert said.code == 2
    assert len(said.complaints) == 1
    assert f"see “citygrow {' '.join(command)} --help”" in said.err


def test_help_comes_at_once() -> None:
    """It takes at most 0.3 s; of the processor, where the system counts that, because machines are busy."""

    def spent() -> float:
        return time.perf_counter() if os.name == "nt" else os.times().children_user + os.times().children_system

    times = []
    for _ in range(5):
        begun = spent()
        subprocess.run([sys.executable, "-m", "citygrow_nb", "--help"], check=True, capture_output=True, cwd=ROOT)
        times.append(spent() - begun)
    assert 0 < min(times) <= 0.3


def test_module_imports_nothing_from_the_current_folder(tmp_path: Path) -> None:
    """``python -m citygrow_nb`` does as the command; what Python takes from there before us is out of our hands."""
    tripwires.lay(tmp_path)
    for name in {"citygrow_nb", *sys.stdlib_module_names}:
        (tmp_path / f"{name}.py").unlink(missing_ok=True)
    done = subprocess.run([sys.executable, "-m", "citygrow_nb", "--version"], cwd=tmp_path, capture_output=True)
    assert tripwires.sprung(tmp_path) == []
    assert done.returncode == 0


def test_version(citygrow: Call) -> None:
    """It is that of the package."""
    assert citygrow("--version").out == f"citygrow, version {__version__}\n"


def test_group_alone_shows_what_there_is(citygrow: Call) -> None:
    """Nothing to do is wrong use, with help."""
    said = citygrow("answers")
    assert said.code == 2
    assert "template" in said.err


def test_unexpected_fault_is_one_sentence_and_a_traceback_on_demand(
    citygrow: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    """People get a sentence that says what to do; --debug gives the rest."""

    def broken(name: str) -> str:
        raise ZeroDivisionError("by\nzero")

    monkeypatch.setattr(schemas, "text", broken)
    said = citygrow("schema", "run")
    assert (said.code, said.out) == (1, "")
    (line,) = said.complaints
    assert line.startswith("citygrow: unexpected fault: ZeroDivisionError: by zero; run the same command with --debug")
    for arguments in (("schema", "run", "--debug"), ("--debug", "schema", "run")):
        said = citygrow(*arguments)
        assert said.code == 1
        assert "Traceback" in said.err
        assert "in broken" in said.err


@pytest.mark.parametrize(
    ("error", "code", "told"),
    [
        (KeyboardInterrupt(), 130, "citygrow: stopped"),
        (PermissionError(13, "denied", "a.json"), 1, "citygrow: a.json: writing or reading is not permitted here; "),
        (BrokenPipeError(), 1, ""),
    ],
)
def test_what_stops_a_command_from_outside(
    citygrow: Call, monkeypatch: pytest.MonkeyPatch, error: BaseException, code: int, told: str
) -> None:
    """Ctrl-C, missing rights and a reader that has gone are no faults of ours, and told as what they are."""

    def stopped(name: str) -> str:
        raise error

    monkeypatch.setattr(schemas, "text", stopped)
    kept = sys.stdout
    said = citygrow("schema", "run")
    sys.stdout = kept
    assert said.code == code
    assert said.err.strip().startswith(told)
    assert "Traceback" not in said.err


@pytest.mark.parametrize("encoding", ["cp1252", "ascii", "cp437"])
def test_console_that_cannot_show_a_name_stops_nothing(tmp_path: Path, encoding: str) -> None:
    """A sentence with an Arabic name on an old Windows console is told with escapes, and the exit code is right."""
    done = subprocess.run(
        [sys.executable, "-m", "citygrow_nb", "batch", "مدينة.json"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONIOENCODING": encoding, "PYTHONUTF8": "0", "PYTHONPATH": str(ROOT)},
        capture_output=True,
    )
    assert done.returncode == 2
    # click itself speaks UTF-8 where only ASCII is set.
    assert b"\\u0645" in done.stderr or "مدينة".encode() in done.stderr
    assert b"Traceback" not in done.stderr


def test_streams_are_left_alone_where_they_are_no_consoles(monkeypatch: pytest.MonkeyPatch) -> None:
    """Notebooks and tests replace the streams by things of their own."""
    from citygrow_nb.cli.messages import prepare_streams

    monkeypatch.setattr(sys, "stdout", io.StringIO())
    monkeypatch.setattr(sys, "stderr", None)
    prepare_streams()


def test_every_command_is_documented() -> None:
    """The page of commands, to which the README leads, has a section for each, named as people type it."""
    assert "(docs/commands.md)" in (ROOT / "README.md").read_text(encoding="utf-8")
    told = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8").splitlines()
    groups = {command[0] for command in commands() if len(command) > 1}
    wanted = [
        f"## citygrow {' '.join(command)}" for command in commands() if command not in {(group,) for group in groups}
    ]
    assert [command for command in wanted if command not in told] == []
