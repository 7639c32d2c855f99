"""Sentences and documents on every console."""

from __future__ import annotations

import io
import json
import sys

import pytest

from citygrow_nb.cli.messages import print_json, print_problem


def test_problem_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever stands in a name or message, a program can count on one line for each problem."""
    print_problem("a\nb\r\n  c")
    assert capsys.readouterr().err == "citygrow: a b c\n"


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252"])
def test_json_survives_every_console(monkeypatch: pytest.MonkeyPatch, encoding: str) -> None:
    """What a console cannot show is escaped as JSON does it, so that programs read the same."""
    document = {"name": "مدينة 🏙️"}
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding=encoding, errors="backslashreplace"))
    print_json(json.dumps(document, ensure_ascii=False))
    sys.stdout.flush()
    assert json.loads(raw.getvalue().decode(encoding)) == document
