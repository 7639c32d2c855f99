"""A first workbook of one's own, that runs: a table from ``data/``, and a chart of it beside the city's scores."""

from __future__ import annotations

from typing import Any

from citygrow_nb.authoring.cells import Cell, escaped, notebook
from citygrow_nb.model import Benchmark

EXAMPLE_TABLE = (
    "people-in-work.csv",
    b"year,born here,born elsewhere\n2022,71.8,58.1\n2023,72.4,60.3\n2024,72.9,61.0\n2025,73.1,62.7\n",
)
"""Name and content of a table to begin with; its figures are invented."""

_ABOUT = (
    "What this workbook shows stands in every city's report. Change it as you like: citygrow checks nothing here. "
    "The table is `data/{table}`; its figures are invented, so put your own in their place."
)

_PARAMETERS = """# Settings: when reports are made, each city's own stand here
city = ""  # folder name of the city; empty: the city that is being worked on
round = ""  # label of the self-test; empty: the latest
form = False"""

_OPEN = """from citygrow_nb import workbook

book = workbook.open_workbook("{benchmark}", globals())
book"""

_TABLE = """import pandas

people = pandas.read_csv("../../data/{table}", index_col="year")
people"""

_CHART = """#| alt: Left, people in work by year, born here and elsewhere. Right, the city's score on each key factor.
import matplotlib.pyplot as plt

scores = book.scores_frame().dropna(subset="score")
figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
people.plot(ax=left, marker="o", ylabel="people in work, %", xticks=people.index)
right.barh(scores["title"], scores["score"].astype(float))
right.invert_yaxis()
right.set(xlim=(0, 100), xlabel="score, 0 to 100", title="This city")
plt.show()"""


def first_own(benchmark: Benchmark, title: str) -> bytes:
    """Return a workbook to begin with, as its file's content.

    Parameters
    ----------
    benchmark
        For whose cities it is.
    title
        Its heading.
    """
    table = EXAMPLE_TABLE[0]
    cells = [
        _cell("markdown", "title", f"# {escaped(title)}\n\n{_ABOUT.format(table=table)}"),
        _cell("code", "parameters", _PARAMETERS, tags=["parameters"]),
        _cell("code", "opening", _OPEN.format(benchmark=benchmark.id)),
        _cell("markdown", "table-heading", "## People in work"),
        _cell("code", "table", _TABLE.format(table=table)),
        _cell("markdown", "chart-heading", "## Beside the city's scores"),
        _cell("code", "chart", _CHART),
    ]
    return notebook(cells, title, benchmark.id, built=False)


def _cell(kind: str, cell_id: str, source: str, **metadata: Any) -> Cell:
    cell: dict[str, Any] = {
        "cell_type": kind,
        "id": cell_id,
        "metadata": metadata,
        "source": source.splitlines(keepends=True),
    }
    return {**cell, "execution_count": None, "outputs": []} if kind == "code" else cell
