"""The file of persons beside an assessment: ``<round>.persons.json``. Whoever writes it holds the assessment's lock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from citygrow_nb import atomic
from citygrow_nb.answers.documents import MAX_DOCUMENT
from citygrow_nb.answers.validation_messages import model_problems
from citygrow_nb.exceptions import DocumentError, Problem, StoreError, problem_of
from citygrow_nb.model import Benchmark, BenchmarkRef, Group, Person, Persons
from citygrow_nb.model.persons import outdated
from citygrow_nb.workspace import Workspace


@dataclass(frozen=True)
class PersonsFile:
    """The persons of a benchmark's assessments.

    Parameters
    ----------
    workspace
        Where they are.
    benchmark
        What they answered.
    """

    workspace: Workspace
    benchmark: Benchmark

    def read(self, document: Path) -> Persons:
        """Return the persons beside an assessment; none where there is no file.

        Parameters
        ----------
        document
            Path of the assessment.

        Raises
        ------
        StoreError
            If the file cannot be read.
        DocumentError
            If it cannot be understood, or is of another city or round than its path says.
        """
        city, label = document.parent.name, document.stem
        path = self._path(document)
        name = path.relative_to(self.workspace.root).as_posix()
        try:
            content = atomic.read(path, MAX_DOCUMENT, within=self.workspace.answers)
        except FileNotFoundError:
            version = self.benchmark.version
            return Persons(benchmark=BenchmarkRef(id=self.benchmark.id, version=version), city=city, round=label)
        except OSError as error:
            raise StoreError(problem_of(error, path)) from error
        try:
            found = Persons.model_validate_json(content)
        except ValidationError as error:
            todo = "put back an earlier copy of the file"
            problems = list(model_problems(error, Persons, name)) or [Problem(name, "this is not JSON", todo=todo)]
            raise DocumentError(*problems) from error
        if (found.benchmark.id, found.city, found.round) != (self.benchmark.id, city, label):
            said = f"these are persons of {found.benchmark.id}/{found.city}, round {found.round}"
            raise DocumentError(Problem(name, said, todo="move the file to its own folder"))
        return found

    def write(self, document: Path, persons: Persons) -> None:
        """Write the persons beside an assessment."""
        ordered = persons.model_copy(update={"persons": dict(sorted(persons.persons.items()))})
        content = ordered.model_dump_json(indent=1, exclude_defaults=True)
        # The name of the format is a default, too, and the first thing that a reader looks for.
        frame = f'{{\n "format": "{persons.format}",\n "version": {persons.version},'
        atomic.write(self._path(document), f"{frame}{content.removeprefix('{')}\n".encode())

    def put(self, document: Path, key: str, person: Person, seen: Person | None) -> Person:
        """Save one person; raise StoreError if she is another than was seen."""
        there = self.read(document)
        known = there.persons.get(key)
        if known != seen and known != person:
            found = "meanwhile somebody else has answered under this name, and nothing was saved"
            raise StoreError(Problem("persons", found, todo="reload the page and answer again"))
        if known is not None:
            person = person.model_copy(update={"counted": known.counted, "forgotten": known.forgotten})
        if known != person:
            self.write(document, there.with_person(key, person))
        return person

    def add(self, document: Path, persons: Mapping[str, Person], *, replace: bool) -> int:
        """Add persons; see :meth:`~citygrow_nb.answers.AnswerStore.add_persons`."""
        there = self.read(document)
        result, changed = with_added(there, persons, replace=replace)
        if result != there:
            self.write(document, result)
        return changed

    def forget(self, document: Path, key: str) -> Mapping[str, str] | None:
        """Erase one person; return her comments as they were counted, by question, or None if she was not there."""
        there = self.read(document)
        person = there.persons.get(key)
        if person is None:
            return None
        counted = dict.fromkeys(person.counted, "")
        erased = Person(role=person.role, counted=counted, finished=True, forgotten=True)
        self.write(document, there.with_person(key, erased))
        return person.counted

    def _path(self, document: Path) -> Path:
        return self.workspace.persons(self.benchmark.id, document.parent.name, document.stem)


def with_added(there: Persons, persons: Mapping[str, Person], *, replace: bool) -> tuple[Persons, int]:
    """Return a copy with persons added, and how many are new or have changed; see :meth:`PersonsFile.add`."""
    result, changed = dict(there.persons), 0
    for key, came in persons.items():
        person = came
        old = next((other for other in outdated(result, [key])), "")
        if outdated([key], result):
            continue  # she has answered again since
        known = result.pop(old, None) if old else result.get(key)
        if known is not None:
            if known.forgotten:
                result[key] = known
                continue
            kept = person.answers if replace or old else {**person.answers, **known.answers}
            person = person.model_copy(update={"answers": kept, "counted": known.counted})
        changed += person != known
        result[key] = person
    return there.model_copy(update={"persons": result}), changed


def without_comment(group: Group, words: Mapping[str, str]) -> Group:
    """Return a group without one of its comments, if it is the one that was counted on this question."""
    comments = list(group.comments)
    if (said := words.get(group.code)) and said in comments:
        comments.remove(said)
    return group.model_copy(update={"comments": tuple(comments)})
