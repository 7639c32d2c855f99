"""Whatever a worker did before, and in whichever order: a workbook of a city gives the same bytes."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import pytest

from citygrow_nb import answers, authoring, benchmarks, demo, engine
from citygrow_nb.batch import Toolkit
from citygrow_nb.batch.temporary_workspace import stage
from citygrow_nb.engine import forking
from citygrow_nb.workspace import Workspace
from tests.hostile import hostile_city
from tests.proof import seeded, times

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

ORDERS = times(50, 200)
LENGTH = 4
"""Workbooks that one process runs in an order."""


@pytest.mark.skipif(not forking.POSSIBLE, reason="processes cannot be forked here")
def test_orders_of_workbooks_and_cities_give_the_same_bytes() -> None:
    """Shipped workbooks that share a process come out as each does in a process of its own, city after city."""
    chance = seeded()
    benchmark = benchmarks.load(next(iter(benchmarks.shipped().values())))
    toolkit = Toolkit.of(benchmark)
    names = [name.file for name in authoring.plan(benchmark) if name.kind != "portfolio"]
    assert all(authoring.is_shipped(toolkit.workbooks[name]) for name in names)
    with ExitStack() as stack:
        places: dict[str, tuple[Path, dict[str, object]]] = {}
        for city in (*demo.cities(benchmark, 3), hostile_city(benchmark)):
            workspace, _ = stack.enter_context(stage(toolkit))
            _answer(workspace, benchmark.id, city.city.slug, city.round, answers.dump(city))
            places[city.city.slug] = workspace.root, {"city": city.city.slug, "round": city.round, "form": False}
        expected: dict[tuple[str, str], bytes] = {}
        for number in range(ORDERS):
            slug = chance.choice(list(places))
            order = chance.sample(names, LENGTH)
            books = [engine.Workbook(name, toolkit.workbooks[name], trusted=True) for name in order]
            root, parameters = places[slug]
            for name, run in zip(order, engine.run_all(books, parameters, cwd=root), strict=True):
                if (slug, name) not in expected:
                    alone = engine.run(toolkit.workbooks[name], parameters, name=name, cwd=root)
                    assert alone.failure is None
                    expected[slug, name] = engine.dump(alone.notebook)
                assert engine.dump(run.notebook) == expected[slug, name], (number, slug, order, name)
        # Nothing went wrong that would have been run once more by itself.
        assert len(expected) > LENGTH


def _answer(workspace: Workspace, benchmark: str, city: str, round_label: str, document: bytes) -> None:
    path = workspace.document(benchmark, city, round_label)
    path.parent.mkdir(parents=True)
    path.write_bytes(document)
