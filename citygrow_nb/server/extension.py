"""Opening a notebook runs nothing by others: no widget that was saved with it, and no program that lies beside it.

The guide asks which workbooks may run by themselves: see :mod:`citygrow_nb.server.workbooks`.

Whatever classes a server was told to use for notebooks and kernels, their objects are followed: what they give is
changed before anybody has seen it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from inspect import isawaitable
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jupyter_client.kernelspec import KernelSpec
    from jupyter_server.serverapp import ServerApp

_PYTHON = re.compile(r"pythonw?[\d.]*(\.exe)?", re.IGNORECASE)

# Taken from the current folder otherwise: templates, which are programs, when a notebook is exported; language servers.
_SETTINGS = {"TemplateExporter": {"extra_template_basedirs": []}, "LanguageServerManager": {"autodetect": False}}


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "citygrow_nb.server"}]


def _load_jupyter_server_extension(server: ServerApp) -> None:
    from jupyter_server.utils import url_path_join
    from traitlets.config import Config

    from citygrow_nb.server import workbooks

    server.config.merge(Config(_SETTINGS))  # in place: others hold it already
    _follow(server.contents_manager, "get", remove_widget_state)
    server.contents_manager.register_pre_save_hook(_before_saving)  # type: ignore[no-untyped-call]
    _follow(server.kernel_spec_manager, "get_kernel_spec", _make_safe)
    address = url_path_join(server.web_app.settings["base_url"], workbooks.ADDRESS)
    server.web_app.add_handlers(".*$", [(address, workbooks.WorkbooksHandler)])  # type: ignore[no-untyped-call]


def remove_widget_state(model: dict[str, Any]) -> dict[str, Any]:
    """Take the saved state of widgets out of a notebook: JupyterLab would make them again, and run their scripts.

    Parameters
    ----------
    model
        A file, folder or notebook, as Jupyter's contents API has it; returned, changed.
    """
    content = model.get("content")
    if model.get("type") == "notebook" and isinstance(content, dict) and isinstance(content.get("metadata"), dict):
        content["metadata"].pop("widgets", None)
    return model


def with_safe_path(command: Sequence[str]) -> list[str]:
    """Return the command that starts a kernel, such that a Python does not look for modules in the current folder.

    By an option rather than in the environment, which would reach the programs that a notebook starts, too.

    Examples
    --------
    >>> with_safe_path(["python3.12", "-m", "ipykernel_launcher", "-f", "{connection_file}"])
    ['python3.12', '-P', '-m', 'ipykernel_launcher', '-f', '{connection_file}']
    """
    words = list(command)
    for place, word in enumerate(words, 1):
        if _PYTHON.fullmatch(PurePath(word).name):
            # A script has its own folder in the path, not the current one; some managers give the same object again.
            what = next((each for each in words[place:] if each in {"-P", "-m", "-c"} or each.endswith(".py")), "")
            return [*words[:place], "-P", *words[place:]] if what in {"-m", "-c"} else words
    return words


def _make_safe(spec: KernelSpec) -> KernelSpec:
    spec.argv = with_safe_path(spec.argv)
    return spec


def _before_saving(model: dict[str, Any], **_: object) -> None:
    remove_widget_state(model)


def _follow(owner: object, name: str, change: Callable[[Any], Any]) -> None:
    """Have what a method of an object gives changed, whether it gives it at once or is to be awaited."""
    method = getattr(owner, name)

    async def changed(coming: Any) -> Any:
        return change(await coming)

    def follow(*args: Any, **options: Any) -> Any:
        found = method(*args, **options)
        return changed(found) if isawaitable(found) else change(found)

    setattr(owner, name, follow)
