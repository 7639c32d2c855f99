"""A folder in which every module that anybody could import is a stranger's, which leaves a sign when it runs."""

from __future__ import annotations

import sys
from importlib.metadata import packages_distributions
from pathlib import Path

INSTALLED = {*packages_distributions(), "citygrow_nb", "sitecustomize", "usercustomize"}
_SIGN = ".ran"
_PROGRAM = f'open(__file__ + "{_SIGN}", "w").close()\n'


def lay(folder: Path, *more: str) -> None:
    """Put a stranger's module in place of each in the standard library, of all that is installed, and of some more."""
    for name in {*sys.stdlib_module_names, *INSTALLED, *more}:
        if name.isidentifier():
            (folder / f"{name}.py").write_text(_PROGRAM, encoding="utf-8")


def sprung(folder: Path) -> list[str]:
    """Return the names of the strangers' modules that ran."""
    return sorted(path.name.partition(".")[0] for path in folder.glob(f"*{_SIGN}"))


def command(folder: Path) -> Path:
    """Make a script like the one that an installer makes for ``citygrow``: Python looks for modules beside it first."""
    script = folder / "citygrow"
    text = 'from citygrow_nb.cli import main\n\nif __name__ == "__main__":\n    main()\n'
    script.write_text(text, encoding="utf-8")
    return script
