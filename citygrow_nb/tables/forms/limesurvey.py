"""LimeSurvey's tab-separated survey structure: a list with comment for each question, in one group a key factor.

Source: LimeSurvey manual, “Tab Separated Value survey structure”. Only columns that its importer reads are written.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from html import escape
from pathlib import Path

from citygrow_nb import atomic
from citygrow_nb.model import Benchmark, GuideQuestion
from citygrow_nb.tables.forms import wording
from citygrow_nb.tables.forms.selection import Selection
from citygrow_nb.tables.labels import INSTITUTION_CODE, PERSON_CODE

_COLUMNS = (
    *("class", "type/scale", "name", "relevance", "text", "help", "language"),
    *("mandatory", "other", "default", "hidden"),
)
_Line = dict[str, str]
_HIDDEN = {"class": "Q", "type/scale": "S", "relevance": "1", "mandatory": "N", "hidden": "1"}


def write(path: Path, benchmark: Benchmark, selection: Selection) -> None:
    """Write a survey structure; parameters and errors as of :func:`citygrow_nb.tables.forms.template`."""
    text = io.StringIO(newline="")
    table = csv.DictWriter(text, _COLUMNS, delimiter="\t", lineterminator="\r\n")
    table.writeheader()
    for line in _lines(benchmark, selection):
        table.writerow({"language": "" if line["class"] == "S" else benchmark.language, **line})
    atomic.write(path, text.getvalue().encode("utf-8-sig"))


def _lines(benchmark: Benchmark, selection: Selection) -> Iterator[_Line]:
    settings = {"language": benchmark.language, "format": "G", "anonymized": "Y", "datestamp": "N", "ipaddr": "N"}
    for name, value in settings.items():
        yield {"class": "S", "name": name, "text": value}
    title = f"{benchmark.title}: {selection.role or 'self-test'}"
    yield {"class": "SL", "name": "surveyls_title", "text": _html(title)}
    yield {
        "class": "SL",
        "name": "surveyls_welcometext",
        "text": _html(wording.introduction(benchmark, selection)),
    }
    yield {"class": "G", "type/scale": "1", "name": "About you", "relevance": "1", "text": ""}
    yield {**_HIDDEN, "name": "benchmark", "text": "Benchmark", "default": benchmark.id}
    if selection.city:
        yield {**_HIDDEN, "name": "city", "text": "City", "default": _html(selection.city)}
    else:
        yield {"class": "Q", "type/scale": "S", "name": "city", "relevance": "1", "text": "City", "mandatory": "Y"}
    if selection.round:
        yield {**_HIDDEN, "name": "round", "text": "Round", "default": selection.round}
    if selection.role:
        yield {**_HIDDEN, "name": "role", "text": "Who answers", "default": _html(selection.role)}
        yield {**_HIDDEN, "name": "kind", "text": "Kind", "default": "institution"}
    else:
        kind = {"class": "Q", "type/scale": "L", "name": "kind", "relevance": "1", "text": wording.WHOM}
        yield {**kind, "mandatory": "Y", "other": "N"}
        # An answer's code has five characters at most.
        yield {"class": "A", "type/scale": "0", "name": INSTITUTION_CODE, "relevance": "0", "text": wording.INSTITUTION}
        yield {"class": "A", "type/scale": "0", "name": PERSON_CODE, "relevance": "0", "text": wording.PERSON}
        yield {"class": "Q", "type/scale": "S", "name": "role", "relevance": "1", "text": wording.WHO, "mandatory": "Y"}
    for number, (factor, questions) in enumerate(selection.factors, start=2):
        group = {"class": "G", "type/scale": str(number), "name": _html(factor.title), "relevance": "1"}
        yield {**group, "text": _html(factor.statement)}
        for question in questions:
            yield from _question(benchmark, question)


def _question(benchmark: Benchmark, question: GuideQuestion) -> Iterator[_Line]:
    name = question.code.replace(".", "")
    asked = {"class": "Q", "type/scale": "O", "name": name, "relevance": "1", "mandatory": "N", "other": "N"}
    help_ = " ".join(filter(None, (question.help, "The reason, if it is not applicable, belongs into the comment.")))
    yield {**asked, "text": _html(f"{question.code} {question.text}"), "help": _html(help_)}
    for number, (_, label) in enumerate(wording.levels(benchmark, question), start=1):
        yield {"class": "A", "type/scale": "0", "name": f"A{number}", "relevance": "0", "text": _html(label)}
    some = " || ".join(f'{name}.NAOK == "A{number}"' for number in range(2, 5))
    text = {"class": "Q", "type/scale": "S", "mandatory": "N"}
    evidence, link = (_html(f"{question.code} {label}") for label in (wording.EVIDENCE, wording.LINK))
    hint = _html(question.evidence_hint)
    yield {**text, "name": f"{name}ev", "relevance": some, "text": evidence, "help": hint}
    yield {**text, "name": f"{name}url", "relevance": f"!is_empty({name}ev.NAOK)", "text": link}


def _html(text: str) -> str:
    """Return a text as LimeSurvey's fields hold it: HTML, in which braces would be an expression."""
    return escape(text, quote=False).replace("{", "&#123;").replace("}", "&#125;")
