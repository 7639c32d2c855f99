"""An XLSForm, for KoboToolbox and ODK: one group a key factor, a level to choose for each question.

Source: the XLSForm specification (xlsform.org).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from citygrow_nb import atomic
from citygrow_nb.model import Benchmark, GuideQuestion
from citygrow_nb.tables.forms import wording
from citygrow_nb.tables.forms.selection import Selection
from citygrow_nb.tables.spreadsheet import Spreadsheet

_SURVEY = (
    *("type", "name", "label", "hint", "required", "required_message", "relevant"),
    *("constraint", "constraint_message", "calculation", "appearance"),
)
_CHOICES = ("list_name", "name", "label")
_SETTINGS = ("form_title", "form_id", "version", "default_language", "style")
_Line = dict[str, str]


def write(path: Path, benchmark: Benchmark, selection: Selection) -> None:
    """Write an XLSForm; parameters and errors as of :func:`citygrow_nb.tables.forms.template`."""
    sheets = {"survey": _SURVEY, "choices": _CHOICES, "settings": _SETTINGS}
    with atomic.replacing(path) as file, Spreadsheet(file, path, sheets, frozen=1) as book:
        for line in _survey(benchmark, selection):
            book.put("survey", line)
        for line in _choices(benchmark, selection):
            book.put("choices", line)
        settings = {
            "form_title": f"{benchmark.title}: {selection.role or 'self-test'}",
            "form_id": f"citygrow-{benchmark.id}",
            "version": benchmark.version,
            "default_language": benchmark.language,
            "style": "pages",
        }
        book.put("settings", settings)


def _survey(benchmark: Benchmark, selection: Selection) -> Iterator[_Line]:
    yield {"type": "start", "name": "start"}
    yield {"type": "end", "name": "end"}
    yield {"type": "note", "name": "introduction", "label": _plain(wording.introduction(benchmark, selection))}
    yield {"type": "calculate", "name": "benchmark", "calculation": _quoted(benchmark.id)}
    if selection.city:
        yield {"type": "calculate", "name": "city", "calculation": _quoted(selection.city)}
    else:
        yield {"type": "text", "name": "city", "label": "City", "required": "yes"}
    if selection.round:
        yield {"type": "calculate", "name": "round", "calculation": _quoted(selection.round)}
    if selection.role:
        yield {"type": "calculate", "name": "role", "calculation": _quoted(selection.role)}
        yield {"type": "calculate", "name": "kind", "calculation": _quoted("institution")}
    else:
        yield {"type": "select_one kind", "name": "kind", "label": wording.WHOM, "required": "yes"}
        yield {"type": "text", "name": "role", "label": wording.WHO, "required": "yes"}
    for factor, questions in selection.factors:
        yield {"type": "begin_group", "name": factor.code, "label": _plain(factor.title), "appearance": "field-list"}
        yield {"type": "note", "name": f"{factor.code}_statement", "label": _plain(factor.statement)}
        for question in questions:
            yield from _question(question)
        yield {"type": "end_group"}


def _question(question: GuideQuestion) -> Iterator[_Line]:
    name = question.code.replace(".", "_")
    yield {
        "type": f"select_one {name}",
        "name": name,
        "label": _plain(f"{question.code} {question.text}"),
        "hint": _plain(question.help),
        "required": "no",
    }
    yield {
        "type": "text",
        "name": f"{name}_comment",
        "label": f"{question.code} {wording.COMMENT}",
        "relevant": f"${{{name}}} != ''",
        "required": f"${{{name}}} = 'na'",
        "required_message": "Please say why it does not apply.",
        "appearance": "multiline",
    }
    yield {
        "type": "text",
        "name": f"{name}_evidence",
        "label": f"{question.code} {wording.EVIDENCE}",
        "hint": _plain(question.evidence_hint),
        "relevant": " or ".join(f"${{{name}}} = '{level}'" for level in range(1, 4)),
        "required": "no",
    }
    yield {
        "type": "text",
        "name": f"{name}_url",
        "label": f"{question.code} {wording.LINK}",
        "relevant": f"${{{name}_evidence}} != ''",
        "constraint": "regex(., '^https?://[^/@]+(/.*)?$')",
        "constraint_message": "A link begins with https:// or http://, and has no “@” in front of its next slash",
        "required": "no",
    }


def _choices(benchmark: Benchmark, selection: Selection) -> Iterator[_Line]:
    if not selection.role:
        yield {"list_name": "kind", "name": "institution", "label": wording.INSTITUTION}
        yield {"list_name": "kind", "name": "person", "label": wording.PERSON}
    for question in selection.questions:
        for value, label in wording.levels(benchmark, question):
            yield {"list_name": question.code.replace(".", "_"), "name": value, "label": _plain(label)}


def _plain(text: str) -> str:
    """Return a text in which nothing is a reference to another question."""
    return text.replace("${", "$ {")


def _quoted(text: str) -> str:
    """Return a text as XPath writes it, which knows no escapes."""
    if "'" not in text:
        return f"'{_plain(text)}'"
    if '"' not in text:
        return f'"{_plain(text)}"'
    return "concat(" + ', "\'", '.join(f"'{_plain(part)}'" for part in text.split("'")) + ")"
