"""What shows all benchmarks together: the front page, and a page for each city. Made where the batch itself runs."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from citygrow_nb.batch.freshness import Key, Records, figures_of
from citygrow_nb.batch.toolkit_run import ToolkitRun
from citygrow_nb.exceptions import BenchmarkError, Problem, contained
from citygrow_nb.model import Benchmark, CityFigures
from citygrow_nb.model.city_facts import Told, differences, today
from citygrow_nb.model.fields import natural
from citygrow_nb.model.run import OverviewRecord
from citygrow_nb.storage import Outputs
from citygrow_nb.versions import code_sha256
from citygrow_nb.workspace import CITIES, INDEX, city_page

if TYPE_CHECKING:
    from citygrow_nb.rendering import FrontCity, FrontToolkit, Taken

_AT_ONCE = 200
"""Pages of cities published together."""


@dataclass
class Overview:
    """The reports on all benchmarks, as they stand in the output folder when all cities are done.

    Parameters
    ----------
    outputs
        The output folder.
    there
        Records of the reports that stood there before the run, by benchmark.
    runs
        What the run did on the benchmarks that its sources answer.
    load
        Loads a benchmark by its id.
    """

    outputs: Outputs
    there: Mapping[str, Records]
    runs: Sequence[ToolkitRun]
    load: Callable[[str], Benchmark]
    _benchmarks: dict[str, Benchmark] = field(default_factory=dict)

    def made(self, before: OverviewRecord | None, *, force: bool = False) -> OverviewRecord:
        """Make what would come out differently, and return the record of it.

        Parameters
        ----------
        before
            Record of what stands there.
        force
            Whether to make everything anew.
        """
        figures = self._figures()
        if not figures:
            return OverviewRecord(status="skipped", reason="no city has a report yet")
        front = len(self._benchmarks) > 1
        shape = f"{code_sha256()} {front} " + " ".join(f"{b.id} {b.version} {b.title}" for b in self._ordered())
        wanted = {city: _digest(shape, tests) for city, tests in figures.items()}
        whole = _digest(shape, {(city, ""): digest.encode() for city, digest in wanted.items()})
        known = {} if force or before is None else before.cities
        faults: list[Problem] = []
        with contained(lambda: "the pages over all cities", faults.append):
            there = set(self.outputs.names(CITIES))
            stale = [c for c, digest in wanted.items() if known.get(c) != digest or f"{c}.html" not in there]
            is_old = force or before is None or before.front_sha256 != whole or not self.outputs.read(INDEX)
            if not stale and not is_old:
                return OverviewRecord(status="unchanged", front_sha256=whole, cities=wanted)
            for some in (stale[begin : begin + _AT_ONCE] for begin in range(0, len(stale), _AT_ONCE)):
                pages = self._city_pages({city: figures[city] for city in some}, front=front)
                self.outputs.publish((city_page(city), page.encode()) for city, page in pages)
            gone = [name for name in there if name.removesuffix(".html") not in wanted]
            self.outputs.remove([f"{CITIES}/{name}" for name in gone])
            if is_old:
                from citygrow_nb import rendering

                fronts = rendering.front_page(*self._front(figures))
                self.outputs.publish((name, page.encode()) for name, page in reversed(list(fronts.items())))
            return OverviewRecord(status="made", front_sha256=whole, cities=wanted)
        return OverviewRecord(status="failed", reason="; ".join(map(str, faults)))

    def _ordered(self) -> list[Benchmark]:
        return [self._benchmarks[name] for name in sorted(self._benchmarks)]

    def _figures(self) -> dict[str, dict[Key, bytes]]:
        """Return the fingerprint of what is shown of each self-test, by benchmark and round, by city."""
        now: dict[str, Mapping[Key, bytes]] = {
            name: {key: record.figures for key, record in records.items() if record}
            for name, records in self.there.items()
        }
        for run in self.runs:
            now[run.benchmark.id] = {key: report.figures for key, report in run.reports.items() if report}
            self._benchmarks[run.benchmark.id] = run.benchmark
        found: dict[str, dict[Key, bytes]] = {}
        for name, reports in sorted(now.items()):
            if not reports or not self._is_known(name):
                continue
            for (city, label), figures in reports.items():
                found.setdefault(city, {})[name, label] = figures
        return dict(sorted(found.items()))

    def _is_known(self, name: str) -> bool:
        if name not in self._benchmarks:
            try:
                self._benchmarks[name] = self.load(name)
            except BenchmarkError:
                return False  # reports on a benchmark that is gone: kept, and not shown among those of today
        return True

    def _tests(self, figures: Mapping[str, Mapping[Key, bytes]]) -> Iterator[tuple[str, CityFigures]]:
        """Yield benchmark and figures of every self-test of these cities."""
        for name in sorted(self._benchmarks):
            keys = [(city, label) for city, tests in figures.items() for of, label in tests if of == name]
            for _, content in figures_of(self.outputs.within(name), keys):
                if content is not None:
                    yield name, CityFigures.model_validate_json(content)

    def _city_pages(self, figures: Mapping[str, Mapping[Key, bytes]], *, front: bool) -> Iterator[tuple[str, str]]:
        # Not before there is something to make: a run that finds all as it was shall end at once.
        from citygrow_nb import rendering

        by_city: dict[str, dict[str, list[CityFigures]]] = {}
        for name, test in self._tests(figures):
            by_city.setdefault(test.city.slug, {}).setdefault(name, []).append(test)
        for slug, tests in by_city.items():
            told = [Told(name, test.round, test.city) for name, each in tests.items() for test in each]
            if city := today(told):
                page = rendering.city_page(city, tests, self._benchmarks, differences(told), front=front)
                yield slug, page

    def _front(self, figures: Mapping[str, Mapping[Key, bytes]]) -> tuple[list[FrontToolkit], list[FrontCity]]:
        from citygrow_nb.rendering import FrontCity, FrontToolkit, Taken

        if len(self._benchmarks) == 1:
            (only,) = self._ordered()
            return [FrontToolkit(only, 0, 0, ())], []
        counted: dict[str, list[tuple[str, str]]] = {name: [] for name in self._benchmarks}
        cities: dict[str, list[Told]] = {}
        latest: dict[str, dict[str, Taken]] = {}
        for name, test in self._tests(figures):
            slug, label = test.city.slug, test.round
            counted[name].append((slug, label))
            cities.setdefault(slug, []).append(Told(name, label, test.city))
            taken = latest.setdefault(slug, {})
            if name not in taken or natural(taken[name].round) < natural(label):
                address = f"{name}/{slug}/{label}/{INDEX}"
                taken[name] = Taken(address, label, test.met, len(test.factors))
        toolkits = [
            FrontToolkit(
                benchmark,
                len({slug for slug, _ in counted[benchmark.id]}),
                len(counted[benchmark.id]),
                tuple(sorted({label for _, label in counted[benchmark.id]}, key=natural)),
            )
            for benchmark in self._ordered()
        ]
        known = {slug: city for slug, told in cities.items() if (city := today(told))}
        return toolkits, [FrontCity(city.name, slug, city.country, latest[slug]) for slug, city in known.items()]


def _digest(shape: str, parts: Mapping[Key, bytes]) -> str:
    total = hashlib.sha256(shape.encode())
    for (first, second), content in sorted(parts.items()):
        total.update(f"{first} {second} {content.hex()}\n".encode())
    return total.hexdigest()
