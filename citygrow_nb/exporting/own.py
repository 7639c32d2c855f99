"""stub"""

from collections.abc import Mapping

from nbformat import NotebookNode

from citygrow_nb.exporting.pages import body


def own_body(notebook: NotebookNode, *, name: str, title: str, pages: Mapping[str, str | None]) -> str:
    return body(notebook, name=name, pages=pages)
