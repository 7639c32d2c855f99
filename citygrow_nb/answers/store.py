"""The answer store: the only writer of assessment documents.

Every save reads what is on disk, merges and replaces the file, under a lock. So two open workbooks, or two people,
never undo each other, and a killed process leaves the document as it was before or after a save.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from citygrow_nb import atomic, borders
from citygrow_nb.answers.adopt import adopt
from citygrow_nb.answers.city_documents import folders_of, told_of
from citygrow_nb.answers.counting import Counted, count, waiting
from citygrow_nb.answers.documents import MAX_DOCUMENT, dump, split, unknown_codes
from citygrow_nb.answers.folders import CityFolders, another_city
from citygrow_nb.answers.merge import Conflict, items, merge, newest, same, settle
from citygrow_nb.answers.persons_file import PersonsFile, without_comment
from citygrow_nb.answers.timestamps import stamp, stamped
from citygrow_nb.exceptions import (
    CitygrowError,
    DocumentError,
    Problem,
    StoreError,
    UnknownCode,
    UsageError,
    one_line,
    problem_of,
)
from citygrow_nb.model import Answer, Assessment, Benchmark, BenchmarkRef, ContextReading, Person, Persons
from citygrow_nb.model.city_facts import is_same
from citygrow_nb.model.fields import RespondentKey, natural, nearest
from citygrow_nb.slugs import slugify
from citygrow_nb.workspace import Workspace, checked_round

_RESPONDENT: TypeAdapter[str] = TypeAdapter(RespondentKey)


@dataclass(frozen=True)
class Saved:
    """What a save has come to.

    Parameters
    ----------
    document
        What stands on disk now.
    conflicts
        What was not saved, because something else stands on disk.
    changed
        Number of items that are now different on disk.
    """

    document: Assessment
    conflicts: tuple[Conflict, ...] = ()
    changed: int = 0


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


class AnswerStore:
    """Assessments of one benchmark in one workspace.

    Parameters
    ----------
    workspace
        Where the documents are.
    benchmark
        What was asked.
    patience
        Seconds to wait while somebody else is saving the same document.
    clock
        Gives the time of change that answers get where their writer gives none; whole seconds, UTC.
    """

    def __init__(
        self,
        workspace: Workspace,
        benchmark: Benchmark,
        *,
        patience: float = atomic.PATIENCE,
        clock: Callable[[], datetime] = _now,
    ) -> None:
        self.workspace = workspace
        self.benchmark = benchmark
        self._patience = patience
        self._clock = clock

    @property
    def _people(self) -> PersonsFile:
        return PersonsFile(self.workspace, self.benchmark)

    def document(self, city: str, round_label: str) -> Path:
        """Return the path of a city's document; raises StoreError if the way there leads over a link."""
        path = self.workspace.document(self.benchmark.id, city, round_label)
        return borders.checked(self.workspace.answers, path)

    def documents(self) -> Iterator[tuple[str, str]]:
        """Yield city slug and round of every document, sorted."""
        return self.workspace.documents(self.benchmark.id)

    def load(self, city: str, round_label: str) -> Assessment:
        """Return a city's assessment.

        Parameters
        ----------
        city
            The city's slug.
        round_label
            The round.

        Raises
        ------
        StoreError
            If there is none, or the file cannot be read.
        DocumentError
            If the file is damaged, or of another city or round than its path says.
        """
        found = self.load_or_none(city, round_label)
        if found is None:
            raise StoreError(self._missing(city, checked_round(round_label)))
        return found

    def load_or_none(self, city: str, round_label: str) -> Assessment | None:
        """Return a city's assessment, or None if there is none; errors as in :meth:`load`."""
        path = self.document(city, round_label)
        found = self._read(path)
        if found is None or not found[1]:
            return found and found[0]
        with contextlib.suppress(StoreError), atomic.locked(path, self._patience):
            return self._parted(path)
        return found[0]  # where nothing can be written

    def _parted(self, path: Path) -> Assessment | None:
        """Return an assessment whose lock is held; persons whom an older citygrow kept in it go to their own file."""
        found = self._read(path)
        if found is None or not found[1]:
            return found and found[0]
        assessment, persons = found
        people = self._people
        there = people.read(path)
        people.write(path, there.model_copy(update={"persons": {**persons, **there.persons}}))
        atomic.write(path, dump(assessment))
        return assessment

    def _read(self, path: Path) -> tuple[Assessment, Mapping[str, Person]] | None:
        try:
            content = atomic.read(path, MAX_DOCUMENT)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StoreError(problem_of(error, path)) from error
        found, persons = split(content, self._name(path), self.benchmark)
        for what, said, meant in (
            ("benchmark.id", found.benchmark.id, self.benchmark.id),
            ("city.slug", found.city.slug, path.parent.name),
            ("round", found.round, path.stem),
        ):
            if said != meant:
                raise DocumentError(
                    Problem(
                        f"{self._name(path)}, {what}",
                        f"the document is of “{said}”",
                        f"“{meant}”, as its path says",
                        "move the file to its own folder, or correct the entry",
                    )
                )
        return found, persons

    def before(self, city: str, round_label: str) -> Assessment | None:
        """Return a city's assessment of the round before, by the order of the labels; None if this is the first.

        Errors as in :meth:`load`.
        """
        rounds = self._labels_before(city, round_label)
        return self.load(city, rounds[-1]) if rounds else None

    def rounds_before(self, city: str, round_label: str) -> list[Assessment]:
        """Return a city's assessments of all rounds before one, the earliest first; left out is what cannot be read."""
        found = []
        for label in self._labels_before(city, round_label):
            with contextlib.suppress(CitygrowError):
                found.append(self.load(city, label))
        return found

    def create(self, assessment: Assessment) -> Saved:
        """Save the first version of an assessment.

        Parameters
        ----------
        assessment
            What to save.

        Raises
        ------
        StoreError
            If the city already has answers for this round, or the file cannot be written.
        """
        self._check(assessment)
        path = self._path(assessment)
        with self._open(path) as theirs:
            if theirs is not None:
                raise StoreError(
                    Problem(
                        self._name(path),
                        f"{theirs.city.name} already has answers for the round {theirs.round}",
                        todo="open them, or choose another round",
                    )
                )
            return self._written(path, None, stamped(assessment, None, self._clock()))

    def save(self, mine: Assessment, base: Assessment | None) -> Saved:
        """Merge an assessment into what is on disk and save the result.

        Parameters
        ----------
        mine
            What the writer has.
        base
            What the writer began with, as loaded; None if the writer began with nothing.

        Returns
        -------
        Saved
            With conflicts, where somebody else changed the same item since ``base``; the disk keeps the other's value.

        Raises
        ------
        StoreError
            If the document was deleted since it was loaded, or cannot be written, or if somebody has begun another city
            there meanwhile; the file is then as it was.
        DocumentError
            If ``mine`` does not fit the benchmark, or the file on disk is damaged; it is left as it is.
        """
        self._check(mine)
        path = self._path(mine)
        with self._open(path, must_exist=base is not None) as theirs:
            mine = stamped(mine, base, self._clock())
            if theirs is None:
                return self._written(path, None, mine)
            if base is None and not is_same(mine.city, theirs.city):
                raise StoreError(another_city(mine.city, theirs.city, self.folders().new_slug(mine.city)))
            merged = merge(base, mine, theirs)
            return self._written(path, theirs, merged.document, merged.conflicts)

    def record(
        self, city: str, round_label: str, respondent: str, code: str, answer: Answer | None, seen: Answer | None
    ) -> Saved:
        """Save one answer.

        Parameters
        ----------
        city, round_label
            Slug and round of an assessment that exists.
        respondent
            Whose answer; ``agreed`` for the city's agreed answer. A new respondent is added.
        code
            Guide question.
        answer
            The answer; None takes it back.
        seen
            What the writer had on screen before; None for no answer.

        Returns
        -------
        Saved
            With one conflict, and nothing changed, if somebody else answered the question differently meanwhile.

        Raises
        ------
        StoreError
            If there is no such assessment, or it cannot be written.
        DocumentError
            If the benchmark does not ask the question, or the file on disk is damaged.
        UsageError
            If the respondent's short name cannot be one.
        """
        _known(code, self.benchmark.questions, "question")
        _check_respondent(respondent)
        with self._existing(city, round_label) as (path, theirs):
            there = theirs.answer(code, respondent)
            if seen is not None and there is not None:
                seen = seen.model_copy(update={"over": there.over})  # what it was agreed over, no form knows
            mine = answer and stamp(answer, seen, self._clock())
            settled, agreed = settle(seen, mine, there)
            conflicts = () if agreed else (Conflict("answer", code, respondent, mine, there),)
            document = theirs if same(settled, there) else theirs.with_answer(code, settled, respondent)
            return self._written(path, theirs, document, conflicts)

    def record_context(
        self, city: str, round_label: str, code: str, reading: ContextReading | None, seen: ContextReading | None
    ) -> Saved:
        """Save one context reading; parameters, result and errors as in :meth:`record`."""
        _known(code, self.benchmark.contexts, "context factor")
        with self._existing(city, round_label) as (path, theirs):
            there, seen, wanted = (
                None if r is None or r.is_empty else r for r in (theirs.context.get(code), seen, reading)
            )
            mine = wanted and stamp(wanted, seen, self._clock())
            settled, agreed = settle(seen, mine, there)
            conflicts = () if agreed else (Conflict("context", code, "", mine, there),)
            document = theirs if same(settled, there) else theirs.with_context(code, settled)
            self._check(document)
            return self._written(path, theirs, document, conflicts)

    def merge_in(self, assessment: Assessment, *, replace: bool = False, folders: CityFolders | None = None) -> Saved:
        """Add answers that come from elsewhere, such as a table. Nothing on disk is taken back.

        Parameters
        ----------
        assessment
            What came. With a slug derived from its name, the city finds its own folder, even where another city of a
            similar name came first. What it leaves out (a wide table has no comments) stays as it is on disk.
        replace
            Whether it wins where the disk holds something else; otherwise the disk keeps its value and the other is
            reported.
        folders
            The cities here, if they are known already, and what was said of those that come; what is saved is noted.

        Returns
        -------
        Saved
            With conflicts, unless ``replace``.

        Raises
        ------
        StoreError
            If slug, name and country do not all agree with those of a city here, or the file cannot be written.
        DocumentError
            If the answers do not fit the benchmark, or the file on disk is damaged; it is left as it is.
        """
        here = folders or self.folders()
        assessment = here.housed(assessment)
        self._check(assessment)
        path = self._path(assessment)
        with self._open(path) as theirs:
            # Another process may have begun another city of this name since we looked.
            here.look_again(assessment.city.slug, told_of(self.workspace, assessment.city.slug))
            here.housed(assessment)
            if theirs is None:
                saved = self._written(path, None, stamped(assessment, None, self._clock()))
            else:
                adopted = adopt(assessment, theirs, replace=replace)
                document = stamped(adopted.document, theirs, self._clock())
                saved = self._written(path, theirs, document, adopted.conflicts)
        here.take(saved.document)
        return saved

    def persons(self, city: str, round_label: str) -> Persons:
        """Return the persons who answered for themselves; errors as in :meth:`load`."""
        self.load_or_none(city, round_label)  # those whom an older citygrow kept in the assessment come along
        return self._people.read(self.document(city, round_label))

    def put_person(self, city: str, round_label: str, key: str, person: Person, seen: Person | None) -> Person:
        """Save what one person answered; she is new where ``seen`` is None.

        Raises
        ------
        StoreError
            If there is no such assessment, it cannot be written, or she has answered elsewhere meanwhile.
        """
        with self._existing(city, round_label) as (path, _):
            return self._people.put(path, key, person, seen)

    def add_persons(self, city: str, round_label: str, persons: Mapping[str, Person], *, replace: bool = False) -> int:
        """Add persons who come from elsewhere, such as a survey; return how many are new or have changed.

        Parameters
        ----------
        city, round_label
            Slug and round of an assessment that exists.
        persons
            By key. Who answered again later takes the place of her earlier response; who was forgotten stays so; who
            was counted stays counted.
        replace
            Whether what comes wins where she has answered otherwise.
        """
        with self._existing(city, round_label) as (path, _):
            return self._people.add(path, persons, replace=replace)

    def count(self, city: str, round_label: str, *, last: bool = False) -> Counted:
        """Count the persons who wait, where they are enough, into groups of the assessment.

        Parameters
        ----------
        city, round_label
            Slug and round of an assessment that exists.
        last
            Whether the city ends asking, as in :func:`~citygrow_nb.answers.counting.count`.
        """
        with self._existing(city, round_label) as (path, theirs):
            persons, groups = count(self._people.read(path), self._clock(), last=last)
            # The marks first, with the groups themselves: killed in between, nobody is counted twice, and nobody lost.
            pending = (*persons.pending, *groups)
            if pending:
                self._people.write(path, persons.model_copy(update={"pending": pending}))
                new = tuple(group for group in pending if group not in theirs.groups)
                self._written(path, theirs, theirs.model_copy(update={"groups": (*theirs.groups, *new)}))
                persons = persons.model_copy(update={"pending": ()})
                self._people.write(path, persons)
            return Counted(groups, waiting(persons))

    def forget(self, city: str, key: str) -> int:
        """Erase a person from all rounds: her answers, and her comments in groups; return in how many she was.

        That she was there is kept, so that her response is not counted a second time when it comes again.
        """
        found = 0
        for slug, label in self.documents():
            if slug == city:
                with self._existing(city, label) as (path, theirs):
                    words = self._people.forget(path, key)
                    if words is not None:
                        found += 1
                        groups = tuple(without_comment(group, words) for group in theirs.groups)
                        if groups != theirs.groups:
                            atomic.write(path, dump(theirs.model_copy(update={"groups": groups})))
        return found

    def folders(self) -> CityFolders:
        """Return the cities here by folder name, from their documents on all benchmarks."""
        return folders_of(self.workspace)

    def mark(self, city: str, round_label: str) -> None:
        """Make an assessment the one that was worked on last.

        Raises
        ------
        StoreError
            If the file cannot be touched.
        """
        path = self.document(city, round_label)
        try:
            # Finer than the file system's own clock, whose ticks two clicks may share.
            os.utime(path, ns=(time.time_ns(),) * 2)
        except OSError as error:
            raise StoreError(problem_of(error, path)) from error

    def _labels_before(self, city: str, round_label: str) -> list[str]:
        rounds = [label for slug, label in self.documents() if slug == city]
        return sorted((label for label in rounds if natural(label) < natural(round_label)), key=natural)

    def _path(self, assessment: Assessment) -> Path:
        return self.document(assessment.city.slug, assessment.round)

    def _name(self, path: Path) -> str:
        return path.relative_to(self.workspace.root).as_posix()

    @contextlib.contextmanager
    def _open(self, path: Path, *, must_exist: bool = False) -> Iterator[Assessment | None]:
        # Asked before locking too: the lock would make a deleted city's folder again.
        if must_exist and not path.exists():
            raise StoreError(self._gone(path))
        with atomic.locked(path, self._patience):
            try:
                theirs = self._parted(path)
            except DocumentError as error:
                first = Problem(self._name(path), "nothing was saved, because the file on disk cannot be understood")
                raise type(error)(first, *error.problems) from error
            if must_exist and theirs is None:
                raise StoreError(self._gone(path))
            yield theirs

    @contextlib.contextmanager
    def _existing(self, city: str, round_label: str) -> Iterator[tuple[Path, Assessment]]:
        path = self.document(city, round_label)
        with self._open(path, must_exist=True) as theirs:
            if theirs is not None:
                yield path, theirs

    def _written(
        self, path: Path, theirs: Assessment | None, document: Assessment, conflicts: tuple[Conflict, ...] = ()
    ) -> Saved:
        before, after = dict(items(theirs)) if theirs else {}, dict(items(document))
        changed = sum(1 for key in before.keys() | after.keys() if not same(before.get(key), after.get(key)))
        if theirs is not None and not changed and _order(theirs) == _order(document):
            return Saved(theirs, conflicts)
        version = newest(document.benchmark.version, self.benchmark.version)
        document = document.model_copy(update={"benchmark": BenchmarkRef(id=self.benchmark.id, version=version)})
        atomic.write(path, dump(document))
        return Saved(document, conflicts, changed)

    def _check(self, mine: Assessment) -> None:
        where = f"{mine.city.slug}, round {mine.round}"
        if mine.benchmark.id != self.benchmark.id:
            raise DocumentError(
                Problem(where, f"these are answers to the benchmark “{mine.benchmark.id}”", f"“{self.benchmark.id}”")
            )
        raw = mine.model_dump(include={"benchmark", "responses", "context", "actions", "mentoring"})
        if unknown := list(unknown_codes(raw, where, self.benchmark)):
            raise UnknownCode(*unknown)

    def _missing(self, city: str, round_label: str) -> Problem:
        known: dict[str, list[str]] = {}
        for slug, label in self.documents():
            known.setdefault(slug, []).append(label)
        where = f"city “{city}”, round “{round_label}”"
        if city in known:
            rounds = f"rounds with answers: {one_line(known[city])}"
            return Problem(where, "there are no answers for this round", todo=rounds)
        if known:
            return Problem(where, "there are no answers of this city", todo=f"cities with answers: {one_line(known)}")
        return Problem(where, f"there are no answers in {self.workspace.answers} yet", todo="start a self-test first")

    def _gone(self, path: Path) -> Problem:
        return Problem(
            self._name(path),
            "the answers of this city and round are not there (deleted, moved or renamed), and nothing was saved",
            todo="put the file back, or save them as a new city",
        )


def _order(assessment: Assessment) -> list[str]:
    return [action.id for action in assessment.actions]


def _known(code: str, codes: Mapping[str, object], what: str) -> None:
    if code not in codes:
        near = nearest(code, codes)
        raise UnknownCode(
            Problem(
                f"{what} “{code}”", "the benchmark has no such code", todo=f"did you mean “{near}”?" if near else ""
            )
        )


def _check_respondent(respondent: str) -> None:
    try:
        _RESPONDENT.validate_python(respondent)
    except ValidationError as error:
        raise UsageError(
            Problem(
                f"respondent “{respondent}”",
                "this is not a respondent's short name",
                "small letters a-z, digits and single hyphens",
                f"did you mean “{slugify(respondent)}”?",
            )
        ) from error
