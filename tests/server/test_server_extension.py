"""What our server makes of notebooks and kernels; `tests/cli/test_cli_lab.py` asks a real one."""

from __future__ import annotations

import asyncio
import inspect
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from jupyter_client.kernelspec import KernelSpec
from jupyter_lsp.manager import LanguageServerManager
from jupyter_server.services.contents.filemanager import AsyncFileContentsManager, FileContentsManager
from traitlets.config import Config

from citygrow_nb import server
from citygrow_nb.server.extension import with_safe_path
from tests.notebooks import code, content

OPTIONS = ["-f", "{connection_file}"]


@pytest.mark.parametrize(
    "before",
    [
        ["python"],
        ["/envs/of maps/bin/python3.12", "-Xfrozen_modules=off"],
        ["/envs/maps/pythonw.exe", "-X", "dev"],
        ["conda", "run", "-n", "maps", "python"],
    ],
)
def test_every_kernel_that_is_a_python_gets_a_safe_path(before: list[str]) -> None:
    """However it is started: a notebook names the kernel that opening it starts. Once is enough."""
    python = next(place for place, word in enumerate(before, 1) if "python" in word)
    safe = [*before[:python], "-P", *before[python:], "-m", "ipykernel_launcher", *OPTIONS]
    assert with_safe_path([*before, "-m", "ipykernel_launcher", *OPTIONS]) == safe
    assert with_safe_path(safe) == safe


@pytest.mark.parametrize("command", [["python3", "/opt/kernel/start.py", "-m"], ["ir", "-e", "IRkernel::main()"]])
def test_other_kernels_are_started_as_ever(command: list[str]) -> None:
    """Those of other languages, and scripts, which look for modules where they lie themselves."""
    assert with_safe_path([*command, *OPTIONS]) == [*command, *OPTIONS]


def test_no_language_server_is_looked_for_in_the_current_folder() -> None:
    """JupyterLab would take one from `node_modules` there, and start it when it is asked for help with code."""
    told = loaded(FileContentsManager(), Specs())
    assert LanguageServerManager().autodetect
    assert not LanguageServerManager(config=told.config).autodetect


def loaded(contents_manager: object, specs: object) -> Any:
    """Return a server that has loaded our extension."""
    app = SimpleNamespace(settings={"base_url": "/"}, add_handlers=lambda *_: None)
    told = SimpleNamespace(config=Config(), contents_manager=contents_manager, kernel_spec_manager=specs, web_app=app)
    server._load_jupyter_server_extension(told)  # type: ignore[arg-type]
    return told


class Specs:
    """Kernels that are known elsewhere: they have to be awaited, and the same object comes again."""

    def __init__(self) -> None:
        self.spec = KernelSpec(argv=["python", "-m", "ipykernel_launcher"])

    async def get_kernel_spec(self, name: str) -> KernelSpec:
        return self.spec


@pytest.mark.parametrize("kind", [FileContentsManager, AsyncFileContentsManager])
def test_managers_of_any_kind_give_nothing_that_runs(tmp_path: Path, kind: Any) -> None:
    """Those that answer at once and those that are awaited; everything else of a notebook stays."""
    manager, specs = kind(root_dir=str(tmp_path)), Specs()
    loaded(manager, specs)
    notebook = json.loads(content(code("1")))
    notebook["metadata"].update(widgets={"state": {}}, mine={"widgets": 1})
    (tmp_path / "a.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    (tmp_path / "a.json").write_text(json.dumps(notebook), encoding="utf-8")
    for name in ("a.ipynb", "a.json"):
        assert called(manager.get, name, type="notebook")["content"]["metadata"]["mine"] == {"widgets": 1}
        assert "widgets" not in called(manager.get, name, type="notebook")["content"]["metadata"]
    called(manager.save, {"type": "notebook", "format": "json", "content": notebook}, "b.ipynb")
    assert "widgets" not in json.loads((tmp_path / "b.ipynb").read_bytes())["metadata"]
    assert called(manager.get, "a.ipynb", content=False)["content"] is None
    assert len(called(manager.get, "")["content"]) == 3
    assert "widgets" in json.loads(called(manager.get, "a.json", type="file")["content"])["metadata"]
    for _ in range(2):
        spec = called(specs.get_kernel_spec, "python3")
        assert spec.argv == ["python", "-P", "-m", "ipykernel_launcher"]


def called(method: Any, *arguments: object, **options: object) -> Any:
    found = method(*arguments, **options)
    return asyncio.run(found) if inspect.iscoroutine(found) else found
