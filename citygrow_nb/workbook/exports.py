"""Files out of a workbook and back into it: report, table and answers; restoring what was downloaded."""

from __future__ import annotations

import base64
import contextlib
import io
import json
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from citygrow_nb import answers, rendering, tables, whom_to_ask
from citygrow_nb.answers import AnswerStore, Saved
from citygrow_nb.answers.documents import split
from citygrow_nb.answers.importing import bring_in
from citygrow_nb.exceptions import CitygrowError, Problem, ReportError, TableError, UsageError
from citygrow_nb.model import Assessment, Benchmark, Person, Persons
from citygrow_nb.workspace import PERSONS_ENDING, city_folder

REPORT_SECONDS = 280
ReportMaker = Callable[[AnswerStore, Assessment], bytes]
_report_makers: list[ReportMaker] = []


def make_reports_by(maker: ReportMaker) -> None:
    """Let reports be made within this process, each as one HTML file: where there are no others, as in a browser."""
    _report_makers[:] = [maker]


def make(what: str, store: AnswerStore, assessment: Assessment) -> dict[str, Any]:
    """Make a file to download.

    Parameters
    ----------
    what
        ``report`` (a ZIP of the city's pages; one HTML file after :func:`make_reports_by`), ``xlsx``, ``json``,
        ``ask`` (a ZIP of sheets with open questions), ``plan`` (the action plan as XLSX) or ``calendar`` (its dates).
    store
        Where the answers are.
    assessment
        What to export.

    Returns
    -------
    dict
        ``file`` (name), ``type`` (media type), ``base64`` (content) and ``text`` (a sentence).
    """
    name = f"{assessment.city.slug}-{assessment.round}"
    if what == "json":
        return _file(f"{name}.json", "application/json", answers.dump(assessment))
    if what == "backup":
        return _file(f"{name}-with-persons.zip", "application/zip", _backup(store, assessment, name))
    if what == "xlsx":
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"{name}.xlsx"
            tables.write(path, [assessment], store.benchmark)
            kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
            return _file(path.name, kind, path.read_bytes())
    if what == "plan":
        kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        return _file(f"{name}-plan.xlsx", kind, tables.plan_xlsx(store.benchmark, [assessment]))
    if what == "calendar":
        content, days = tables.plan_ics(store.benchmark, [assessment])
        if not days:
            found = "no target or action has a date"
            raise UsageError(Problem("calendar", found, todo="write years and months, as in 2027-12"))
        return _file(f"{name}-plan.ics", "text/calendar", content)
    if what == "report" and _report_makers:
        return _file(f"{name}-report.html", "text/html", _report_makers[0](store, assessment))
    if what == "report":
        return _file(f"{name}-report.zip", "application/zip", _report(store, assessment))
    if what == "ask":
        return _file(f"{name}-whom-to-ask.zip", "application/zip", _sheets(store.benchmark, assessment))
    raise UsageError(
        Problem(f"“{what}”", "there is no such download", "report, xlsx, json, backup, ask, plan, calendar")
    )


def _backup(store: AnswerStore, assessment: Assessment, name: str) -> bytes:
    content = io.BytesIO()
    persons = store.persons(assessment.city.slug, assessment.round)
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{name}.json", answers.dump(assessment))
        archive.writestr(f"{name}{PERSONS_ENDING}", persons.model_dump_json(indent=1))
    return content.getvalue()


def _file(name: str, kind: str, content: bytes) -> dict[str, Any]:
    return {"file": name, "type": kind, "base64": base64.b64encode(content).decode(), "text": "Ready."}


def _report(store: AnswerStore, assessment: Assessment) -> bytes:
    # The same command that people use, in a process of its own: this kernel keeps its memory, folder and output.
    city, label = assessment.city.slug, assessment.round
    documents = [str(store.document(city, each)) for each in _rounds(store, city, label)]
    options = ["--city", city, "--round", label, "--jobs", "1", "--json"]
    command = [sys.executable, "-P", "-m", "citygrow_nb", "batch", *documents, *options]
    try:
        done = subprocess.run(  # noqa: S603 -- our own command, and arguments that are checked slugs
            command,
            cwd=store.workspace.root,
            capture_output=True,
            encoding="utf-8",
            timeout=REPORT_SECONDS,
            check=False,
        )
        told = json.loads(done.stdout)
    except subprocess.TimeoutExpired as error:
        raise ReportError(Problem("report", "it took too long", todo="try again, or use “citygrow batch”")) from error
    except ValueError as error:
        raise ReportError(Problem("report", "it could not be made", todo="use “citygrow batch” to see why")) from error
    reasons = [*told.get("problems", ()), *(each["reason"] for each in told.get("cities", ()) if each["reason"])]
    if done.returncode and not _is_made(told):
        raise ReportError(Problem("report", "; ".join(reasons) or "it could not be made"))
    folder = city_folder(store.workspace.outputs / store.benchmark.id, city, label)
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.glob("*.html")):
            # The page of all cities is not among them.
            archive.writestr(f"{city}-{label}/{path.name}", rendering.standalone(path.read_bytes()))
    return content.getvalue()


def _is_made(told: Mapping[str, Any]) -> bool:
    """Tell whether a record of a run says that there is a report, though own workbooks may have failed."""
    return {each["status"] for each in told.get("cities", ())} == {"incomplete"}


def _sheets(benchmark: Benchmark, assessment: Assessment) -> bytes:
    content = io.BytesIO()
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        written = list(whom_to_ask.write(Path(folder), benchmark, assessment))
        if not written:
            raise UsageError(Problem("whom to ask", "no question is open"))
        for _, path in written:
            for each in (path, path.with_suffix(".html")):
                archive.write(each, each.name)
    return content.getvalue()


def _rounds(store: AnswerStore, city: str, label: str) -> list[str]:
    """Return a round, and those of the same city to compare it with: what other files there hold must not matter."""
    rounds = [label]
    for slug, other in store.documents():
        if slug == city and other != label:
            with contextlib.suppress(CitygrowError):
                rounds += [other] if store.load(slug, other).round == other else []
    return rounds


def restore(store: AnswerStore, name: str, content: str) -> tuple[str, Saved, bool]:
    """Take answers from a downloaded file into the workspace.

    Parameters
    ----------
    store
        Where the answers go.
    name
        Name of the file; its ending says what it is.
    content
        The file, base64.

    Returns
    -------
    tuple
        A sentence, what was saved of the last assessment in the file, and whether all of the file was taken.
    """
    data = base64.b64decode(content)
    notes: list[str] = []
    ending = Path(name).suffix.lower()
    if ending == ".json":
        found = [split(data, name, store.benchmark)]
    elif ending == ".zip":
        found = [_from_backup(data, name, store.benchmark)]
    else:
        found, notes = _from_table(data, Path(name).name, store.benchmark)
    if not found:
        raise UsageError(Problem(name, "there are no answers in this file", todo="choose another file"))
    folders = store.folders()
    folders.tell_apart(assessment.city.slug for assessment, _ in found)
    saved, refused, persons = [], [], 0
    for assessment, people in found:
        try:
            brought = bring_in(store, assessment, people, folders=folders)
            saved.append(brought.saved)
            persons += brought.persons
        except CitygrowError as error:
            refused.append(error)
    if not saved:
        raise refused[0]
    changed = sum(item.changed for item in saved)
    taken = "1 entry" if changed == 1 else f"{changed} entries"
    sentence = f"{name}: {taken} taken over."
    if persons:
        sentence += f" {persons} {'person' if persons == 1 else 'persons'} who answered for themselves came along."
    sentence = " ".join([sentence, *(f"Please look: {note}." for note in notes)])
    conflicts = [str(conflict) for item in saved for conflict in item.conflicts]
    if conflicts:
        sentence = f"{sentence} Kept as they were: {'; '.join(conflicts)}."
    if refused:
        sentence = f"{sentence} Not taken: {'; '.join(map(str, refused))}."
    return sentence, saved[-1], not (conflicts or refused)


_Found = tuple[Assessment, Mapping[str, Person]]


def _from_backup(data: bytes, name: str, benchmark: Benchmark) -> _Found:
    """Return the assessment and the persons in a backup."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            there = {info.filename: info for info in archive.infolist() if info.file_size <= answers.MAX_DOCUMENT}
            persons = next((each for each in there if each.endswith(PERSONS_ENDING)), "")
            document = f"{persons.removesuffix(PERSONS_ENDING)}.json"
            if not persons or document not in there:
                raise UsageError(Problem(name, "this ZIP is no backup with persons", todo="choose another file"))
            assessment, older = split(archive.read(document), document, benchmark)
            found = Persons.model_validate_json(archive.read(persons))
    except (zipfile.BadZipFile, ValidationError, OSError, RuntimeError) as error:
        raise UsageError(Problem(name, "the file is damaged", todo="choose another file")) from error
    if (found.benchmark.id, found.round) != (assessment.benchmark.id, assessment.round):
        raise UsageError(Problem(name, "assessment and persons are of different rounds", todo="choose another file"))
    return assessment, {**older, **found.persons}


def _from_table(data: bytes, name: str, benchmark: Benchmark) -> tuple[list[_Found], list[str]]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(data)
        try:
            reading = tables.read(path, benchmark)
            problems = reading.problems
        except TableError as error:
            problems = error.problems
        if problems:
            # Nobody knows the folder that the file was put into.
            raise TableError(*(replace(item, where=item.where.replace(str(path), name)) for item in problems))
    found = [
        (each, reading.persons.get((each.benchmark.id, each.city.slug, each.round), {})) for each in reading.assessments
    ]
    return found, [note.replace(str(path), name) for note in reading.notes]
