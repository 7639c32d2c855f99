"""One benchmark's part in a batch: which reports are stale, their making, and the page of all cities."""

from __future__ import annotations

import hashlib
import io
import json
import logging
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property, partial
from typing import TYPE_CHECKING

from citygrow_nb.batch import mentors
from citygrow_nb.batch.city_work import CityDone, CityTask, CityWork, published
from citygrow_nb.batch.freshness import (
    Imprint,
    Key,
    Records,
    Report,
    digest_of,
    figures_of,
    made_from,
    standing,
    together,
)
from citygrow_nb.batch.jobs import Pages, PortfolioJob, Toolkit
from citygrow_nb.batch.manifest import Written, records
from citygrow_nb.batch.mentors import Lists
from citygrow_nb.batch.options import Options
from citygrow_nb.batch.seals import Seal
from citygrow_nb.batch.source_index import Found, Gathered
from citygrow_nb.exceptions import CitygrowError, Problem, StoreError, contained
from citygrow_nb.model import Benchmark, BenchmarkRef, Portfolio
from citygrow_nb.model.fields import natural
from citygrow_nb.model.published import Said
from citygrow_nb.model.run import CityRecord, PortfolioRecord, ToolkitRecord, WorkbookRecord
from citygrow_nb.storage import Outputs, is_half_written, is_stale_part
from citygrow_nb.workspace import MANIFEST

if TYPE_CHECKING:
    from citygrow_nb.batch.workbooks import Plan
    from citygrow_nb.running.workers import Workers

_log = logging.getLogger(__name__)

NOTHING = "no city has a report yet"


class ToolkitRun:
    """What is to be done for one benchmark, and what came of it; lives while the output folder is locked.

    Parameters
    ----------
    options
        What the run is asked to do.
    outputs
        Where the reports on this benchmark are.
    records
        Of the reports that stand there.
    everything, wanted
        What the sources hold on this benchmark, and what of it the run is about.
    benchmark
        The benchmark.
    plan
        Its workbooks.
    lists
        What the secretariat keeps beside the answers.
    before, seal
        Record of the pages over many cities that stand there, and when it was written.
    """

    def __init__(
        self,
        options: Options,
        outputs: Outputs,
        records: Records,
        everything: Gathered,
        wanted: Gathered,
        benchmark: Benchmark,
        plan: Plan,
        lists: Lists,
        before: PortfolioRecord | None,
        seal: Seal,
    ) -> None:
        self.written = Written()
        self.benchmark = benchmark
        self._options, self._outputs = options, outputs
        self._everything, self._wanted = everything, wanted
        self._plan = plan
        self.imprint = Imprint.of(benchmark, engine=options.engine, pdf=options.pdf, own=plan.sha256)
        self._earlier = _rounds_before(everything.found)
        self._lists, self._before, self._seal = lists, before, seal
        wanted_keys = {item.key for item in wanted.found}
        looked_at = set(records) if options.verify else set() if options.force else wanted_keys
        self._reports = standing(outputs, records, looked_at, verify=options.verify)
        self._changed = tuple(
            "/".join(key)
            for key, report in self._reports.items()
            if key in looked_at - wanted_keys and (report is None or not report.made_from)
        )
        present = {item.key for item in everything.found}
        self.without_source = tuple("/".join(key) for key in self._reports if key not in present)
        self.problems: list[Problem] = list(plan.problems)
        self._mentors = mentors.Mentors()
        with contained(lambda: f"{benchmark.id}, mentors", self.problems.append):
            self._mentors = mentors.find(
                benchmark,
                everything,
                lists.decided(benchmark),
                outputs,
                before,
                self.imprint.sha256,
                anew=options.force,
                complete=not self.without_source,
            )
        self.stale = tuple(item for item in wanted.found if options.force or not self._is_fresh(item))
        self._done: dict[Key, CityRecord] = {}

    @property
    def notices(self) -> tuple[str, ...]:
        """What somebody should look at, though nothing failed."""
        return (*self._plan.notices, *self._notices_of_mentors(), *self._notices_of_changed())

    def _notices_of_changed(self) -> Iterator[str]:
        for name in self._changed:
            found = "its files are not what its record says, and this run is not about it"
            yield f"{self.benchmark.id}/{name}: {found}; make it anew from its answers, or delete its folder"

    def _notices_of_mentors(self) -> tuple[str, ...]:
        if not (self.without_source and (self._mentors.content or self._mentors.is_left_out)):
            return ()
        cities = len({city.partition("/")[0] for city in self.without_source})
        lack = f"the sources lack {cities} {'city' if cities == 1 else 'cities'} whose reports stand there"
        if self._mentors.is_left_out:
            todo = "run “citygrow batch” over all cities to find them"
            return (f"{self.benchmark.id}: reports tell of no mentors, because {lack}; {todo}",)
        return (f"{self.benchmark.id}: mentors stay as they were found before, because {lack}",)

    def work(self, shares_disk: bool) -> CityWork:
        """Return what workers do for this benchmark.

        Parameters
        ----------
        shares_disk
            Whether they see this machine's folders.
        """
        # They hand the pages back if they cannot reach the output folder.
        outputs = self._outputs if shares_disk or self._outputs.everywhere else None
        return CityWork(Toolkit.of(self.benchmark, self._plan), self.imprint, self._options.pdf, outputs)

    @property
    def reports(self) -> Mapping[Key, Report | None]:
        """The reports that stand in the output folder now, by city and round."""
        return self._reports

    def cities(self, workers: Workers, progress: Callable[[CityRecord], None]) -> tuple[CityRecord, ...]:
        """Make the reports of all cities that need one, and return the records of all that are wanted."""

        def done(item: Found, outcome: CityDone) -> None:
            self._done[item.key] = record = _recorded(item, outcome)
            self.written.add(outcome.files, outcome.size)
            if record.status in {"made", "incomplete"}:
                self._reports[item.key] = Report(self._made_from(item), outcome.figures)
            progress(record)

        if self.stale:
            items = {item.key: item for item in self.stale}
            for task, outcome in workers.each(self._tasks(done)):
                made = CityDone(_problems(outcome)) if isinstance(outcome, Exception) else outcome
                done(items[task.key], published(made, task.key, self._outputs) if made.pages or made.broken else made)
        return tuple(self._done.get(item.key) or _unchanged(item) for item in self._wanted.found)

    def portfolio(self, workers: Workers, *, front: bool) -> PortfolioRecord:
        """Make the page of all reports that stand in the output folder, unless it would come out the same.

        Parameters
        ----------
        workers
            Do the work.
        front
            Whether there is a front page over several benchmarks to lead back to.
        """
        self._reports = dict(sorted(self._reports.items()))
        if not any(self._reports.values()):
            return PortfolioRecord(status="skipped", reason=NOTHING)
        inputs, before = self._inputs(front), self._before
        if before and not self._options.force and self._is_whole(before, inputs):
            same = {"status": "unchanged", "reason": "", "seconds": 0.0, "mentors_sha256": self._mentors.inputs}
            return before.model_copy(update=same)
        packed, shown, complete = self._figures()
        job = PortfolioJob(self.benchmark.id, packed, self._mentors.content, self._expected, front)
        ((_, outcome),) = workers.each([job])
        pages = Pages(problems=_problems(outcome)) if isinstance(outcome, Exception) else outcome
        problems = pages.problems
        try:
            failed = {f"failed-{name}": notebook for name, notebook in pages.broken.items()}
            self._outputs.publish((failed if problems else pages.files).items())
        except StoreError as error:
            problems = (*problems, *error.problems)
        return PortfolioRecord(
            status="failed" if problems else "made",
            reason=Said(*problems),
            cities=shown,
            # Made anew the next time if something could not be read that had been there a moment before.
            inputs_sha256=inputs if complete else "",
            mentors_sha256="" if problems else self._mentors.inputs,
            files=() if problems else pages.published or records(pages.files),
            seconds=round(pages.seconds, 3),
        )

    def _tasks(self, done: Callable[[Found, CityDone], None]) -> Iterator[CityTask]:
        for item in self.stale:
            before = self._earlier[item.key]
            problems: list[Problem] = []
            task = None
            with contained(partial(str, item.source), problems.append):
                document = self._wanted.document(item)
                earlier = tuple(self._everything.document(each) for each in before)
                told = together([each.digest for each in before])
                task = CityTask(
                    self.benchmark.id, *item.key, document, item.digest, earlier, told, self._mentors.of(*item.key)
                )
            if task is None:
                done(item, CityDone(tuple(problems)))
            else:
                yield task

    def _is_fresh(self, item: Found) -> bool:
        report = self._reports.get(item.key)
        return report is not None and report.made_from == self._made_from(item)

    def _made_from(self, item: Found) -> bytes:
        before = together([each.digest for each in self._earlier[item.key]])
        told = digest_of(self._mentors.of(*item.key))
        return made_from(item.identity, self.imprint.sha256, item.digest, before, told)

    @cached_property
    def _expected(self) -> bytes:
        if self._lists.expected is None:
            return b""
        # Addresses and the like stay where they are.
        return json.dumps([item.model_dump(mode="json", exclude={"more"}) for item in self._lists.expected]).encode()

    def _inputs(self, front: bool) -> str:
        total = hashlib.sha256(f"{self.imprint.sha256} {front}".encode())
        total.update(self._expected + b" " + self._mentors.content)
        for key, report in self._reports.items():
            total.update(f"{key} {report.figures.hex() if report else None}\n".encode())
        return total.hexdigest()

    def _is_whole(self, before: PortfolioRecord, inputs: str) -> bool:
        """Tell whether the portfolio that stands there was made from the same, and just this stands there."""
        if not before.files or before.inputs_sha256 != inputs:
            return False
        there, files = self._outputs.files(), {file.name: file for file in before.files}
        if any(is_half_written(name) or is_stale_part(name, files) for name in there):
            return False
        return self._seal.intact(self._outputs, "", files, there) == files.keys()

    def _figures(self) -> tuple[bytes, int, bool]:
        """Return ``portfolio.json``, packed piece by piece, the number of reports in it, and if none is missing.

        A report whose record could not be read at the beginning either is not missing, but left out.
        """
        ref = BenchmarkRef(id=self.benchmark.id, version=self.benchmark.version)
        frame = Portfolio(benchmark=ref, cities=())
        packer, packed = zlib.compressobj(1), io.BytesIO()
        packed.write(packer.compress(frame.around_cities()[0]))
        count, left_out, complete = 0, [], True
        for key, figures in figures_of(self._outputs, self._reports):
            if figures is None:
                left_out.append(f"{'/'.join((*key, MANIFEST))} cannot be read")
                complete = complete and self._reports[key] is None
            else:
                packed.write(packer.compress(b"," + figures if count else figures))
                count += 1
        end = frame.model_copy(update={"left_out": tuple(left_out)}).around_cities()[1] + b"\n"
        packed.write(packer.compress(end) + packer.flush())
        return packed.getvalue(), count, complete

    def record(self, portfolio: PortfolioRecord) -> ToolkitRecord:
        """Return the record of this part of the run."""
        return ToolkitRecord(
            benchmark=self.imprint.benchmark,
            shaped_by=self.imprint.sha256,
            workbooks=tuple(
                WorkbookRecord(name=each.name.file, sha256=each.sha256, engine=each.engine)
                for each in self._plan.workbooks
            ),
            portfolio=portfolio,
            without_source=self.without_source,
        )


def _rounds_before(found: Sequence[Found]) -> dict[Key, tuple[Found, ...]]:
    """Return for each self-test those of the same city before it, the earliest first."""
    rounds: dict[str, list[Found]] = {}
    for item in sorted(found, key=lambda item: natural(item.identity.round)):
        rounds.setdefault(item.identity.city, []).append(item)
    return {item.key: tuple(own[:place]) for own in rounds.values() for place, item in enumerate(own)}


def _recorded(item: Found, outcome: CityDone) -> CityRecord:
    return _unchanged(item).model_copy(
        update={
            "status": "failed" if outcome.problems else "incomplete" if outcome.left_out else "made",
            "reason": Said(*(outcome.problems or outcome.left_out)),
            "seconds": round(outcome.seconds, 3),
        }
    )


def _unchanged(item: Found) -> CityRecord:
    return CityRecord(
        benchmark=item.identity.benchmark,
        city=item.identity.city,
        name=item.identity.name,
        round=item.identity.round,
        source=item.source,
        document_sha256=item.digest.hex(),
        status="unchanged",
    )


def _problems(error: Exception) -> tuple[Problem, ...]:
    if isinstance(error, CitygrowError):
        return error.problems
    _log.debug("a job failed", exc_info=error)
    return (Problem("", f"unexpected fault: {type(error).__name__}: {' '.join(str(error).split())}"),)
