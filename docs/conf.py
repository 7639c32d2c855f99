"""The docs site: the same Markdown pages that are read in the repository. Build it with ``make docs``."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent

project = "citygrow"
author = "The citygrow contributors"
copyright = "the citygrow contributors; texts CC BY 4.0"  # noqa: A001 - Sphinx's name
version = release = re.search(r'^version = "(.+)"', (ROOT / "pyproject.toml").read_text("utf-8"), re.MULTILINE)[1]

extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_site", "pictures/README.md"]
myst_heading_anchors = 3
html_theme = "furo"
html_title = "citygrow"
html_copy_source = False
html_show_sphinx = False
# A page of these docs asks no other host for anything, like the reports themselves.
html_theme_options = {"footer_icons": []}


def _outside(_app: object, _docname: str, source: list[str]) -> None:
    # What lies outside docs/ is no page of the site; the repository has it.
    source[0] = re.sub(r"\[([^\]]+)\]\(\.\./[^)]*\)", r"\1", source[0])


def setup(app: object) -> None:
    """Have every page read by :func:`_outside` first."""
    from pygments.lexers.special import TextLexer

    app.connect("source-read", _outside)  # type: ignore[attr-defined]
    app.add_lexer("csv", TextLexer)  # type: ignore[attr-defined]
