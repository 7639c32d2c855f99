"""Which workbooks the guide may run unasked."""

from __future__ import annotations

import json

import pytest

from citygrow_nb import authoring
from citygrow_nb.model import Benchmark


def test_list_of_a_site_names_every_workbook_of_its_benchmarks(benchmark: Benchmark, tiny: Benchmark) -> None:
    """Its guide has no server to ask; each workbook bears its own hash as well."""
    listed = json.loads(authoring.fingerprints([benchmark, tiny]))
    assert len(listed) == len(authoring.plan(benchmark)) + len(authoring.plan(tiny))
    marks = {json.loads(content)["metadata"]["citygrow"]["build"] for content in authoring.build(tiny).values()}
    assert marks == authoring.fingerprints_of(tiny) <= set(listed)


@pytest.mark.parametrize("change", ["source", "kind", "order", "left out", "added"])
def test_any_change_of_the_cells_gives_another_hash(benchmark: Benchmark, change: str) -> None:
    """What a kernel would run, and in which order, is all in it."""
    cells = json.loads(authoring.build(benchmark)["00-start.ipynb"])["cells"]
    before = authoring.fingerprint(cells)
    if change == "source":
        cells[2]["source"] = [line.replace('city = ""', 'city = "x"') for line in cells[2]["source"]]
    elif change == "kind":
        cells[0]["cell_type"] = "code"
    elif change == "order":
        cells[3], cells[4] = cells[4], cells[3]
    elif change == "left out":
        del cells[-1]
    else:
        cells.append({"cell_type": "code", "source": "import os"})
    assert authoring.fingerprint(cells) != before


def test_outputs_and_metadata_do_not_change_it(benchmark: Benchmark) -> None:
    """A workbook that was run and saved runs by itself again."""
    cells = json.loads(authoring.build(benchmark)["00-start.ipynb"])["cells"]
    before = authoring.fingerprint(cells)
    for cell in cells:
        cell["metadata"] = {"editable": True}
        cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "x"}]
    cells[0]["source"] = "".join(cells[0]["source"])
    assert authoring.fingerprint(cells) == before
