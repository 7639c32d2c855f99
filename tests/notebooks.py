"""Small notebooks to run and to export."""

from __future__ import annotations

import json
from typing import Any

import nbformat
from nbformat import NotebookNode


def prose(text: str, *tags: str) -> dict[str, Any]:
    """Return a markdown cell."""
    return {"cell_type": "markdown", "metadata": {"tags": list(tags)}, "source": text}


def code(source: str, *outputs: dict[str, Any], tags: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return a code cell with what it shows."""
    return {
        "cell_type": "code",
        "metadata": {"tags": list(tags)},
        "source": source,
        "outputs": list(outputs),
        "execution_count": None,
    }


def shows(**data: object) -> dict[str, Any]:
    """Return an output; ``text_html`` stands for ``text/html``."""
    bundle = {kind.replace("_", "/", 1): value for kind, value in data.items()}
    return {"output_type": "display_data", "data": bundle, "metadata": {}}


def parameters(source: str = 'city = ""') -> dict[str, Any]:
    """Return the cell that papermill looks for."""
    return code(source, tags=("parameters",))


def notebook(*cells: dict[str, Any], **metadata: object) -> NotebookNode:
    """Return a notebook; its cells are called c0, c1 and so on."""
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    document = {
        "cells": [{"id": f"c{number}", **cell} for number, cell in enumerate(cells)],
        "metadata": {"kernelspec": kernel, "language_info": {"name": "python"}, **metadata},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return nbformat.from_dict(document)


def content(*cells: dict[str, Any], **metadata: object) -> bytes:
    """Return a notebook as the bytes of its file."""
    return json.dumps(notebook(*cells, **metadata)).encode()
