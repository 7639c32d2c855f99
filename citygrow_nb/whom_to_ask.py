"""Whom to ask: for each department or partner that knows, a sheet with its open questions, to fill in or to print."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from citygrow_nb import atomic, rendering, scoring, tables
from citygrow_nb.model import Assessment, Benchmark, GuideQuestion
from citygrow_nb.slugs import slugify


@dataclass(frozen=True)
class Asked:
    """A department or partner, and what it is asked.

    Parameters
    ----------
    name
        Who.
    questions
        Open questions that it usually can answer, in order.
    """

    name: str
    questions: tuple[GuideQuestion, ...]


def whom_to_ask(benchmark: Benchmark, assessment: Assessment) -> tuple[Asked, ...]:
    """Return everybody who usually knows an answer that is open, those with most questions first.

    Parameters
    ----------
    benchmark, assessment
        What was asked and answered. A question that an institution of this name has answered is not asked again.
    """
    card = scoring.score(benchmark, assessment)
    answered = {
        (respondent.role.casefold(), code)
        for key, respondent in assessment.respondents.items()
        for code in assessment.responses.get(key, {})
    }
    found: dict[str, Asked] = {}
    for item in (item for result in card.factors for item in scoring.unknown(result)):
        question = benchmark.questions[item.code]
        for name in question.whom_to_ask:
            if (name.casefold(), item.code) not in answered:
                known = found.get(name.casefold(), Asked(name, ()))
                found[name.casefold()] = Asked(known.name, (*known.questions, question))
    return tuple(sorted(found.values(), key=lambda asked: (-len(asked.questions), asked.name)))


def write(folder: Path, benchmark: Benchmark, assessment: Assessment) -> Iterator[tuple[Asked, Path]]:
    """Write the sheets: for each an XLSX file that can be imported as it comes back, and a page to print.

    Parameters
    ----------
    folder
        Where to; made if it is not there.
    benchmark, assessment
        What was asked and answered.

    Yields
    ------
    tuple
        Who is asked, and the XLSX file; the page stands beside it, ending in ``.html``.

    Raises
    ------
    StoreError
        If a file cannot be written.
    """
    for asked in whom_to_ask(benchmark, assessment):
        path = folder / f"{assessment.city.slug}-{slugify(asked.name)}.xlsx"
        tables.question_sheet(path, assessment, asked.name, asked.questions)
        page = rendering.sheet_to_fill_in(benchmark, assessment, asked.name, asked.questions)
        atomic.write(path.with_suffix(".html"), page.encode())
        yield asked, path
