"""Whatever a worker did before, and in whichever order: a workbook of a city gives the same bytes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from citygrow_nb import answers, authoring, benchmarks, demo
from citygrow_nb.model import Benchmark
from citygrow_nb.running.in_process import run_built
from citygrow_nb.running.notebooks import dump
from citygrow_nb.workspace import VARIABLE, Workspace, working_in
from tests.hostile import hostile_city
from tests.proof import seeded, times

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

ORDERS = times(50, 200)
LENGTH = 4
"""Workbooks that run one after the other in an order."""

SOME = times(5, 14)
"""Workbooks to choose from: for each city a process of its own runs each of them once."""

ALONE = """
import json, sys
from citygrow_nb.running.in_process import run_built
from citygrow_nb.running.notebooks import dump
content, parameters = sys.stdin.buffer.read(), json.loads(sys.argv[1])
sys.stdout.buffer.write(dump(run_built(content, parameters, name=sys.argv[2]).notebook))
"""


def test_orders_of_workbooks_and_cities_give_the_same_bytes(tmp_path: Path) -> None:
    """Workbooks that share a process come out as each does in a process of its own, city after city."""
    chance = seeded()
    benchmark = benchmarks.load(next(iter(benchmarks.shipped().values())))
    everything = [each for each in authoring.build(benchmark).items() if "portfolio" not in each[0]]
    built = dict(chance.sample(everything, SOME))
    cities = [*demo.cities(benchmark, 2), hostile_city(benchmark)]
    places: dict[str, tuple[Workspace, dict[str, object]]] = {}
    for city in cities:
        slug = city.city.slug
        places[slug] = _workspace(tmp_path / slug, benchmark), {"city": slug, "round": city.round, "form": False}
        path = places[slug][0].document(benchmark.id, slug, city.round)
        path.parent.mkdir(parents=True)
        path.write_bytes(answers.dump(city))
    expected: dict[tuple[str, str], bytes] = {}
    for number in range(ORDERS):
        slug = chance.choice(list(places))
        workspace, parameters = places[slug]
        for name in chance.sample(list(built), LENGTH):
            if (slug, name) not in expected:
                expected[slug, name] = _alone(built[name], workspace, parameters, name)
            with working_in(workspace):
                run = run_built(built[name], parameters, name=name)
            assert run.failure is None
            assert dump(run.notebook) == expected[slug, name], (number, slug, name)
    assert len(expected) > LENGTH


def _workspace(root: Path, benchmark: Benchmark) -> Workspace:
    workspace = Workspace(root)
    for folder in (workspace.answers, workspace.outputs, workspace.benchmarks):
        folder.mkdir(parents=True)
    (workspace.benchmarks / f"{benchmark.id}.json").write_bytes(benchmarks.dump(benchmark))
    return workspace


def _alone(content: bytes, workspace: Workspace, parameters: dict[str, object], name: str) -> bytes:
    """Run a workbook in a process that runs nothing else."""
    command = [sys.executable, "-c", ALONE, json.dumps(parameters), name]
    environment = {**os.environ, VARIABLE: str(workspace.root)}
    return subprocess.run(command, input=content, env=environment, capture_output=True, check=True).stdout
