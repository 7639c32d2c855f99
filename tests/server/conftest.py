"""A workspace whose workbooks the guide asks about, and a user with settings of their own."""

from __future__ import annotations

from pathlib import Path

import pytest

from citygrow_nb import authoring
from citygrow_nb.model import Benchmark
from citygrow_nb.workspace import Workspace


@pytest.fixture
def _own_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(name, str(tmp_path / "home"))


@pytest.fixture
def folder(tmp_path: Path, benchmark: Benchmark, _own_settings: None) -> Path:
    """Return a folder of workbooks as they were built."""
    workspace = Workspace((tmp_path / "workspace").resolve())
    folder = workspace.notebooks(benchmark.id)
    folder.mkdir(parents=True)
    workspace.answers.mkdir()
    for name, content in authoring.build(benchmark).items():
        (folder / name).write_bytes(content)
    return folder
