"""What shows all benchmarks together: the front page, and a page for each city. Made where the batch itself runs."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from citygrow_nb.batch.freshness import Key, Records, figures_of
from citygrow_nb.batch.manifest import noted
from citygrow_nb.batch.seals import Seal
from citygrow_nb.batch.toolkit_run import ToolkitRun
from citygrow_nb.exceptions import BenchmarkError, Problem, contained
from citygrow_nb.model import Benchmark, CityFigures
from citygrow_nb.model.city_facts import Told, differences, today
from citygrow_nb.model.fields import natural
from citygrow_nb.model.published import Said
from citygrow_nb.model.run import FileRecord, OverviewRecord
from citygrow_nb.slugs import is_slug
from citygrow_nb.storage import Outputs, Standing, is_half_written, is_stale_part
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
    seal
        When the record of what stands there was written.
    """

    outputs: Outputs
    there: Mapping[str, Records]
    runs: Sequence[ToolkitRun]
    load: Callable[[str], Benchmark]
    seal: Seal
    _benchmarks: dict[str, Benchmark] = field(default_factory=dict)

    def made(self, before: OverviewRecord | None) -> OverviewRecord:
        """Make what would come out differently, and return the record of it.

        Parameters
        ----------
        before
            Record of what stands there; None to make everything anew.
        """
        figures = self._figures()
        if not figures:
            return OverviewRecord(status="skipped", reason="no city has a report yet")
        front = len(self._benchmarks) > 1
        shape = f"{code_sha256()} {front} " + " ".join(f"{b.id} {b.version} {b.title}" for b in self._ordered())
        wanted = {city: _digest(shape, tests) for city, tests in figures.items()}
        whole = _digest(shape, {(city, ""): digest.encode() for city, digest in wanted.items()})
        before = before or OverviewRecord(status="failed")
        sealed = {file.name: file for file in before.files}
        faults: list[Problem] = []
        with contained(lambda: "the pages over all cities", faults.append):
            there = self.outputs.files(CITIES)
            intact = self._intact(sealed, CITIES, there)
            stale = [c for c, digest in wanted.items() if before.cities.get(c) != digest or city_page(c) not in intact]
            gone = [f"{CITIES}/{name}" for name in there if _is_gone(name, wanted)]
            fronts = {name for name in sealed if "/" not in name}
            top = self.outputs.files()
            is_old = (
                before.front_sha256 != whole
                or INDEX not in fronts
                or self._intact(sealed, "", top) != fronts
                or any(is_stale_part(name, fronts) for name in top)
            )
            if not (stale or gone or is_old):
                return before.model_copy(update={"status": "unchanged"})
            files = {name: sealed[name] for name in map(city_page, wanted) if name in intact}
            for some in (stale[begin : begin + _AT_ONCE] for begin in range(0, len(stale), _AT_ONCE)):
                pages = self._city_pages({city: figures[city] for city in some}, front=front)
                self.outputs.publish(noted(((city_page(city), page.encode()) for city, page in pages), files))
            self.outputs.remove(gone)
            if is_old:
                from citygrow_nb import rendering

                made = reversed(rendering.front_page(*self._front(figures)).items())
                self.outputs.publish(noted(((name, page.encode()) for name, page in made), files))
            else:
                files |= {name: sealed[name] for name in fronts}
            return OverviewRecord(
                status="made", front_sha256=whole, cities=wanted, files=tuple(files[name] for name in sorted(files))
            )
        return OverviewRecord(status="failed", reason=Said(*faults))

    def _intact(self, sealed: Mapping[str, FileRecord], folder: str, there: Mapping[str, Standing]) -> set[str]:
        """Return the paths of those files in a folder that are as they were sealed."""
        parts = {path: path.rpartition("/") for path in sealed}
        own = {name: sealed[path] for path, (within, _, name) in parts.items() if within == folder}
        return {own[name].name for name in self.seal.intact(self.outputs, folder, own, there)}

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


def _is_gone(name: str, wanted: Collection[str]) -> bool:
    """Tell whether a file is the page of a city without a report, or left by a run that was killed; others stay."""
    city = name.removesuffix(".html")
    return is_half_written(name) or (name.endswith(".html") and is_slug(city) and city not in wanted)


def _digest(shape: str, parts: Mapping[Key, bytes]) -> str:
    total = hashlib.sha256(shape.encode())
    for (first, second), content in sorted(parts.items()):
        total.update(f"{first} {second} {content.hex()}\n".encode())
    return total.hexdigest()
