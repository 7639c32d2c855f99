"""Where the time goes when our way makes a city: ``python -m bench.profiling WORKSPACE CITY CITY…``.

One city warms the process and is not counted.
"""

from __future__ import annotations

import cProfile
import pstats
import sys
import sysconfig
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from bench import tables
from bench.contenders import ROUND

if TYPE_CHECKING:
    from citygrow_nb.batch.jobs import CityJob

PACKAGES = Path(sysconfig.get_paths()["purelib"])
OWN = Path(__file__).resolve().parent.parent


def main(workspace: str, *cities: str) -> None:
    """Print two tables: own time by package, and the functions of ours that take longest with all they call."""
    from citygrow_nb import benchmarks
    from citygrow_nb.batch.city_report import make_city
    from citygrow_nb.batch.jobs import CityJob, Toolkit
    from citygrow_nb.workspace import Workspace

    place = Workspace(Path(workspace))
    benchmark = benchmarks.by_id(benchmarks.chosen(place), place)
    toolkit = Toolkit.of(benchmark)
    documents = (place.document(benchmark.id, city, ROUND).read_bytes() for city in cities)
    jobs = [CityJob(toolkit, city, ROUND, each) for city, each in zip(cities, documents, strict=True)]
    make_city(jobs[0])
    profiler = cProfile.Profile()
    profiler.enable()
    seconds, made = timed(jobs[1:])
    profiler.disable()
    stats = pstats.Stats(profiler).stats  # type: ignore[attr-defined]
    own: Counter[str] = Counter()
    for (file, _, name), (_, _, total, _, _) in stats.items():
        own[package(file, name)] += total
    spent = sum(own.values())
    shares = [
        [name, tables.figure(1000 * own[name] / made), f"{100 * own[name] / spent:.0f} %"]
        for name, _ in own.most_common(14)
    ]
    inside = {
        f"`{Path(file).relative_to(OWN).as_posix()}` {name}": (calls, together)
        for (file, _, name), (calls, _, _, together, _) in stats.items()
        if file.startswith(str(OWN / "citygrow_nb"))
    }
    longest = sorted(inside, key=lambda key: -inside[key][1])[:20]
    rows = [[key, f"{inside[key][0] / made:.0f}", tables.figure(1000 * inside[key][1] / made)] for key in longest]
    sys.stdout.write(
        f"{made} cities in one warm process, {seconds / made:.3f} s each under the profiler, which makes Python slower "
        f"and leaves waiting as it is.\n\n"
        f"{tables.table(['package', 'own ms/city', 'share'], shares)}\n\n"
        f"{tables.table(['function of ours, with all it calls', 'calls/city', 'ms/city'], rows)}\n"
    )


def timed(jobs: Sequence[CityJob]) -> tuple[float, int]:
    """Make some cities; return seconds, and how many there were."""
    from citygrow_nb.batch.city_report import make_city

    begun = time.perf_counter()
    for job in jobs:
        problems = make_city(job).problems
        if problems:
            raise SystemExit(f"a city failed: {problems[0]}")
    return time.perf_counter() - begun, len(jobs)


def package(file: str, name: str) -> str:
    """Return the package that a function belongs to."""
    path = Path(file)
    if file.startswith(("~", "<")):
        waiting = any(word in name for word in ("poll", "select", "acquire", "kevent", "read", "wait", "fork", "recv"))
        return "waiting, reading, forking" if waiting else "built into Python"
    if path.is_relative_to(PACKAGES):
        return path.relative_to(PACKAGES).parts[0].removesuffix(".py")
    if path.is_relative_to(OWN / "citygrow_nb"):
        return "citygrow"
    return "standard library"


if __name__ == "__main__":
    main(*sys.argv[1:])
