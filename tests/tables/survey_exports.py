"""Survey tools as far as their files go: each takes our form, has people answer it, and exports what they said.

Layouts after the documentation: KoboToolbox “Exporting and downloading your data”, ODK Central “Submissions CSV”,
LimeSurvey “Export responses”, Google Forms' linked spreadsheet, Microsoft Forms “Open results in Excel”.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from openpyxl import Workbook, load_workbook

from citygrow_nb.model import Answer, Benchmark, State
from citygrow_nb.tables.labels import INSTITUTION, INSTITUTION_CODE, PERSON, PERSON_CODE

Rows = list[list[Any]]


@dataclass
class Filled:
    """One form that somebody filled in."""

    answers: dict[str, Answer]
    city: str = "Żabia Góra"
    role: str = "Chamber of commerce"
    kind: str = "institution"
    number: int = 1
    more: dict[str, Any] = field(default_factory=dict)


def choice(answer: Answer | None) -> str:
    """Return the name of what was chosen."""
    if answer is None:
        return ""
    return {State.DONT_KNOW: "dk", State.NOT_APPLICABLE: "na"}.get(answer.state) or str(answer.level)


def beside(answer: Answer | None) -> dict[str, str]:
    """Return what stands beside an answer: comment, evidence and link."""
    if answer is None:
        return {"comment": "", "evidence": "", "url": ""}
    first = answer.evidence[0] if answer.evidence else None
    return {"comment": answer.comment, "evidence": first.title if first else "", "url": first.url if first else ""}


class XlsForm:
    """What KoboToolbox and ODK know of a form."""

    def __init__(self, path: Path) -> None:
        book = load_workbook(path)
        self.survey = self._sheet(book["survey"])
        self.choices = {
            (line["list_name"], str(line["name"])): str(line["label"]) for line in self._sheet(book["choices"])
        }
        self.settings = self._sheet(book["settings"])[0]

    @staticmethod
    def _sheet(sheet: Any) -> list[dict[str, Any]]:
        names, *rows = sheet.iter_rows(values_only=True)
        return [dict(zip(names, row, strict=True)) for row in rows]

    def columns(self, separator: str) -> list[tuple[str, dict[str, Any]]]:
        """Return name and line of all that is exported, with the names of groups in front."""
        groups: list[str] = []
        found = []
        for line in self.survey:
            if line["type"] == "begin_group":
                groups.append(line["name"])
            elif line["type"] == "end_group":
                groups.pop()
            elif line["type"] != "note":
                found.append((separator.join((*groups, line["name"])), line))
        return found

    def value(self, line: dict[str, Any], filled: Filled, *, labels: bool) -> str:
        """Return what stands in one cell."""
        name = str(line["name"])
        if line["calculation"]:
            return str(line["calculation"]).strip("'\"")
        if line["type"] in {"start", "end"}:
            return f"2026-11-2{filled.number % 10}T10:15:00.000+01:00"
        if name in {"city", "role", "kind"}:
            said = getattr(filled, name)
        else:
            code, _, about = name.replace("_", ".", 1).partition("_")
            answer = filled.answers.get(code)
            said = beside(answer)[about] if about else choice(answer)
        if labels and line["type"].startswith("select_one") and said:
            return self.choices[line["type"].split()[1], said]
        return str(said)


def kobo(form: Path, people: Sequence[Filled], *, labels: bool = False, groups: bool = True) -> Rows:
    """Return KoboToolbox's export: names or labels, with or without groups."""
    made = XlsForm(form)
    columns = made.columns("/" if groups else "")
    heads = [line["label"] or name if labels else name if groups else line["name"] for name, line in columns]
    own = ["_id", "_uuid", "_submission_time", "_validation_status", "_notes", "_status", "_submitted_by"]
    rows: Rows = [[*heads, *own, "__version__", "_tags", "_index"]]
    for place, filled in enumerate(people, start=1):
        said = [made.value(line, filled, labels=labels) for _, line in columns]
        uuid = f"4f1c-{filled.number:06}"
        rows.append(
            [*said, 5000 + place, uuid, "2026-11-22T10:15:00", "", "", "submitted_via_web", "", "v1", "", place]
        )
    return rows


def odk(form: Path, people: Sequence[Filled]) -> Rows:
    """Return ODK Central's export: groups parted by hyphens."""
    made = XlsForm(form)
    columns = made.columns("-")
    after = ["meta-instanceID", "KEY", "SubmitterID", "SubmitterName", "AttachmentsPresent", "Status", "ReviewState"]
    rows: Rows = [["SubmissionDate", *(name for name, _ in columns), *after, "DeviceID", "Edits", "FormVersion"]]
    for filled in people:
        said = [made.value(line, filled, labels=False) for _, line in columns]
        key = f"uuid:{filled.number:06}"
        rows.append(["2026-11-22T10:15:00.000Z", *said, key, key, "7", "Ann", "0", "", "", "", "0", "1.0.0"])
    return rows


def limesurvey(form: Path, people: Sequence[Filled], *, full: bool = False) -> Rows:
    """Return LimeSurvey's export: codes, or full questions and answers."""
    lines = list(csv.DictReader(io.StringIO(form.read_bytes().decode("utf-8-sig")), delimiter="\t"))
    answers: dict[tuple[str, str], str] = {}
    questions = []
    for line in lines:
        if line["class"] == "Q":
            questions.append(line)
        elif line["class"] == "A":
            answers[questions[-1]["name"], line["name"]] = line["text"]
    own = ["Response ID", "Date submitted", "Last page", "Start language", "Seed"]
    rows: Rows = [own if full else ["id", "submitdate", "lastpage", "startlanguage", "seed"]]
    for line in questions:
        rows[0].append(line["text"] if full else line["name"])
        if line["type/scale"] == "O":
            rows[0].append(f"{line['text']} [Comment]" if full else f"{line['name']}[comment]")
    for filled in people:
        row: list[Any] = [filled.number, "1980-01-01 00:00:00", 10, "en", 1_234_567 + filled.number]
        for line in questions:
            row += _of_limesurvey(line, filled, answers if full else {})
        rows.append(row)
    return rows


def _of_limesurvey(line: dict[str, str], filled: Filled, texts: dict[tuple[str, str], str]) -> list[str]:
    name = line["name"]
    if line["default"]:
        return [line["default"]]
    if name in {"city", "role"}:
        return [getattr(filled, name)]
    if name == "kind":
        code = INSTITUTION_CODE if filled.kind == "institution" else PERSON_CODE
        return [texts.get((name, code), code)]
    code, about = name[:3] + "." + name[3:5], name[5:]
    answer = filled.answers.get(code)
    if about:
        return [beside(answer)[{"ev": "evidence", "url": "url"}[about]]]
    place = ["0", "1", "2", "3", "dk", "na"]
    chosen = f"A{place.index(choice(answer)) + 1}" if answer else ""
    return [texts.get((name, chosen), chosen), beside(answer)["comment"]]


def google(benchmark: Benchmark, people: Sequence[Filled]) -> Rows:
    """Return the spreadsheet of a Google form that somebody made by hand: texts of questions, sentences of levels."""
    rows: Rows = [["Timestamp", "Email Address", "City", "Kind", "Role"]]
    for code, question in benchmark.questions.items():
        rows[0] += [question.text, f"{code} comment"]
    for filled in people:
        row: list[Any] = [f"11/{filled.number % 27 + 1}/2026 10:15:00", f"x{filled.number}@example.org"]
        row += [filled.city, filled.kind, filled.role]
        row += [cell for code in benchmark.questions for cell in _by_hand(benchmark, code, filled.answers.get(code))]
        rows.append(row)
    return rows


def microsoft(benchmark: Benchmark, people: Sequence[Filled]) -> Rows:
    """Return the workbook of a Microsoft form that somebody made by hand."""
    rows: Rows = [["ID", "Start time", "Completion time", "Email", "Name", "City", "Kind", "Role"]]
    for code, question in benchmark.questions.items():
        rows[0] += [f"{code} {question.text}", f"{code}: Comment"]
    for filled in people:
        row: list[Any] = [filled.number, "2026-11-22 10:15", "2026-11-22 10:45", "anonymous", "", filled.city]
        row += [INSTITUTION if filled.kind == "institution" else PERSON, filled.role]
        row += [cell for code in benchmark.questions for cell in _by_hand(benchmark, code, filled.answers.get(code))]
        rows.append(row)
    return rows


def _by_hand(benchmark: Benchmark, code: str, answer: Answer | None) -> list[str]:
    if answer is None:
        return ["", ""]
    words = {"dk": "Don’t know", "na": "Not applicable"}
    said = words.get(choice(answer)) or benchmark.questions[code].levels[answer.level or 0]
    return [said, answer.comment]


def as_csv(rows: Rows, path: Path, delimiter: str = ",", encoding: str = "utf-8") -> Path:
    """Write rows as a CSV file."""
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows(rows)
    path.write_bytes(text.getvalue().encode(encoding))
    return path


def as_xlsx(rows: Rows, path: Path) -> Path:
    """Write rows as an XLSX file."""
    book = Workbook()
    sheet: Any = book.active
    for row in rows:
        sheet.append(row)
    book.save(path)
    return path
