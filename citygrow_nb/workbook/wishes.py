"""What a city offers to others and would like from them, between its form and the model."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from citygrow_nb.exceptions import DocumentError, Problem
from citygrow_nb.model import Assessment, Benchmark, Mentoring, languages
from citygrow_nb.model.mentoring import MOST_MENTEES, PRIORITIES
from citygrow_nb.widgets import validated


def state(benchmark: Benchmark, assessment: Assessment) -> dict[str, Any]:
    """Return what the form shows."""
    return {
        "wishes": plain(assessment.mentoring),
        "factors": [{"code": factor.code, "title": factor.short_title} for factor in benchmark.key_factors],
        "priorities": [[str(number), words] for number, words in PRIORITIES.items()],
        "most": MOST_MENTEES,
    }


def plain(wishes: Mentoring) -> dict[str, Any] | None:
    """Return wishes as the form knows them; None where nothing is wished."""
    if wishes.is_empty:
        return None
    return {
        "offers": {item.factor: item.capacity for item in wishes.offers},
        "needs": {item.factor: item.priority for item in wishes.needs},
        "languages": ", ".join(map(languages.name_of, wishes.languages)),
        "not_with": "\n".join(wishes.not_with),
    }


def wishes_of(data: Mapping[str, Any] | None) -> Mentoring:
    """Return the wishes that a form sent.

    Raises
    ------
    DocumentError
        In words fit to stand beside the form.
    """
    if data is None:
        return Mentoring()
    spoken = []
    for word in filter(None, (part.strip() for part in re.split(r"[,;\n]", data["languages"]))):
        code = languages.code_of(word)
        if not code:
            found = f"“{word}” is no language that is known here"
            raise DocumentError(Problem("languages", found, "names in English, or codes such as pl, with commas"))
        spoken.append(code)
    wishes = {
        "offers": [{"factor": factor, "capacity": number} for factor, number in data["offers"].items()],
        "needs": [{"factor": factor, "priority": number} for factor, number in data["needs"].items()],
        "languages": tuple(dict.fromkeys(spoken)),
        "not_with": tuple(filter(None, map(str.strip, data["not_with"].splitlines()))),
    }
    return validated(Mentoring, wishes, "mentoring")
