"""Cells after the opening one, and cells that are run alone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from citygrow_nb import workbook
from citygrow_nb.exceptions import UsageError
from citygrow_nb.workbook.opened import NotOpened, Opened, settings


def test_what_was_opened_last_is_what_cells_belong_to(place: Path, benchmark: object) -> None:
    book = workbook.open_workbook("migrant-entrepreneurs", {"form": False}, folder=place)
    assert workbook.current() is book
    cities = workbook.open_portfolio("migrant-entrepreneurs", {"form": False}, folder=place)
    assert workbook.current_portfolio() is cities
    assert workbook.current() is book


def test_cell_that_is_run_alone_shows_a_sentence() -> None:
    """IPython shows what `_render_traceback_` gives: no NameError, no traceback."""
    with pytest.raises(NotOpened) as caught:
        Opened[int]().get()
    said = "this workbook is not open yet; in the menu Run, choose Run All Cells"
    assert caught.value._render_traceback_() == [said]
    assert isinstance(caught.value, UsageError)


def test_opening_cell_run_without_the_settings_takes_their_defaults(place: Path) -> None:
    """After a restart the parameters cell may not have run."""
    assert workbook.open_workbook("migrant-entrepreneurs", {}, form=False, folder=place).assessment.city.name
    assert settings({"round": "2025", "other": 1}, city="", round="") == {"city": "", "round": "2025"}
    assert settings(None, city="x") == {"city": "x"}


def test_workbooks_load_only_what_they_need() -> None:
    """A kernel in a browser compiles what it imports: no YAML, no spreadsheets, no locks, no names of countries."""
    code = "import sys, citygrow_nb.workbook.session; print(*{name.partition('.')[0] for name in sys.modules})"
    loaded = set(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.split())
    assert "citygrow_nb" in loaded
    assert not loaded & {"ruamel", "openpyxl", "filelock", "babel", "icalendar", "papermill", "nbconvert", "numpy"}
