"""Answers and scores as pandas tables, for people who analyse: one row one thing, codes and words beside each other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from citygrow_nb import scoring
from citygrow_nb.answers import AnswerStore
from citygrow_nb.exceptions import CitygrowError, Problem, UsageError
from citygrow_nb.model import AGREED, Assessment, Benchmark, Standing
from citygrow_nb.rendering import STANDING_WORDS
from citygrow_nb.workbook.place import find_benchmark
from citygrow_nb.workspace import Workspace

if TYPE_CHECKING:
    from types import ModuleType

    from pandas import DataFrame

STANDINGS = (Standing.NOT_APPLICABLE, Standing.UNKNOWN, Standing.GAP, Standing.CLOSE, Standing.MET)
"""In this order a standing is greater than those before it."""

_ANSWERS = {
    "benchmark": "string", "city": "string", "name": "string", "round": "string", "factor": "string",
    "title": "string", "code": "string", "question": "string", "kind": "string", "voice": "string", "role": "string",
    "people": "Int64", "state": "string", "level": "Int64", "level_name": "category", "mean_level": "Float64",
    "comment": "string", "updated_at": "datetime64[us, UTC]",
}  # fmt: skip
_SCORES = {
    "benchmark": "string", "city": "string", "name": "string", "country": "string", "population": "Int64",
    "round": "string", "factor": "string", "title": "string", "score": "Float64", "lower": "Float64",
    "upper": "Float64", "coverage": "Float64", "standing": "category", "standing_words": "category",
}  # fmt: skip


def answers_frame(folder: Path | str = "", *, benchmark: str) -> DataFrame:
    """Return the answers of all cities of a workspace.

    Parameters
    ----------
    folder
        The workspace, or a folder in it; empty for the one around the current folder.
    benchmark
        Id of the benchmark that was answered.

    Returns
    -------
    pandas.DataFrame
        As :meth:`Workbook.answers_frame`. A document that cannot be read is left out, and ``frame.attrs["left_out"]``
        says why.

    Examples
    --------
    Who rated what in every city, with ``workbook`` from ``citygrow_nb``::

        answers = workbook.answers_frame("..", benchmark="my-benchmark")
        answers.groupby(["factor", "level_name"], observed=True).size()
    """
    found, assessments, left_out = _all(folder, benchmark)
    return frame_of_answers(found, assessments, left_out)


def scores_frame(folder: Path | str = "", *, benchmark: str) -> DataFrame:
    """Return the scores of all cities of a workspace; parameters as for :func:`answers_frame`.

    Returns
    -------
    pandas.DataFrame
        As :meth:`Workbook.scores_frame`, with ``frame.attrs["left_out"]``.

    Examples
    --------
    The mean score of each key factor::

        scores = workbook.scores_frame("..", benchmark="my-benchmark")
        scores.groupby("factor")["score"].mean()
    """
    found, assessments, left_out = _all(folder, benchmark)
    return frame_of_scores(found, assessments, left_out)


def frame_of_answers(
    benchmark: Benchmark, assessments: Iterable[Assessment], left_out: Sequence[str] = ()
) -> DataFrame:
    """Return a row for each answer of a voice: an institution, the city's agreed answer, or a group of persons."""
    rows = (row for assessment in assessments for row in _answers(benchmark, assessment))
    frame = _frame(rows, _ANSWERS, left_out)
    frame["level_name"] = _pandas().Categorical(frame["level_name"], _level_names(benchmark), ordered=True)
    return frame


def frame_of_scores(benchmark: Benchmark, assessments: Iterable[Assessment], left_out: Sequence[str] = ()) -> DataFrame:
    """Return a row for each key factor of each self-test."""
    rows = (row for assessment in assessments for row in _scores(benchmark, assessment))
    frame = _frame(rows, _SCORES, left_out)
    for column, values in (("standing", STANDINGS), ("standing_words", [STANDING_WORDS[each] for each in STANDINGS])):
        frame[column] = _pandas().Categorical(frame[column], list(map(str, values)), ordered=True)
    return frame


def _level_names(benchmark: Benchmark) -> list[str]:
    """Return what levels are called, each by another name: with its number where two share one."""
    names = [level.name for level in benchmark.scale.levels]
    return names if len(set(names)) == len(names) else [f"{number} {name}" for number, name in enumerate(names)]


def _answers(benchmark: Benchmark, assessment: Assessment) -> Iterator[dict[str, Any]]:
    about = {
        question.code: {
            **_whose(benchmark, assessment),
            "factor": factor.code,
            "title": factor.short_title,
            "code": question.code,
            "question": question.text,
        }
        for factor in benchmark.key_factors
        for question in factor.questions
    }
    names = _level_names(benchmark)
    for voice, given in assessment.responses.items():
        who = assessment.respondents[voice]
        for code, answer in given.items():
            if code in about:  # context factors are read, not scored
                yield {
                    **about[code],
                    "kind": "agreed" if voice == AGREED else "reviewer" if who.from_city else "institution",
                    "voice": voice,
                    "role": f"{who.role} ({who.from_city})" if who.from_city else who.role,
                    "state": str(answer.state),
                    "level": answer.level,
                    "level_name": None if answer.level is None else names[answer.level],
                    "mean_level": answer.level,
                    "comment": answer.comment or None,
                    "updated_at": _in_utc(answer.updated_at),
                }
    for group in assessment.groups:
        if group.code in about:
            total = sum(level * count for level, count in enumerate(group.levels))
            yield {
                **about[group.code],
                "kind": "group",
                "role": group.role,
                "people": group.people,
                "state": "rated",
                "mean_level": total / group.people,
                "updated_at": _in_utc(group.counted_at),
            }


def _in_utc(moment: datetime | None) -> datetime | None:
    try:
        return moment and moment.astimezone(UTC)
    except OverflowError:  # the last hours of the year 9999
        return None


def _scores(benchmark: Benchmark, assessment: Assessment) -> Iterator[dict[str, Any]]:
    city = assessment.city
    for result in scoring.score(benchmark, assessment).factors:
        yield {
            **_whose(benchmark, assessment),
            "country": city.country,
            "population": city.population,
            "factor": result.code,
            "title": benchmark.factors[result.code].short_title,
            "score": result.score,
            "lower": result.lower,
            "upper": result.upper,
            "coverage": result.coverage,
            "standing": str(result.standing),
            "standing_words": STANDING_WORDS[result.standing],
        }


def _whose(benchmark: Benchmark, assessment: Assessment) -> dict[str, Any]:
    city = assessment.city
    return {"benchmark": benchmark.id, "city": city.slug, "name": city.name, "round": assessment.round}


def _frame(rows: Iterable[dict[str, Any]], columns: dict[str, str], left_out: Sequence[str]) -> DataFrame:
    pandas = _pandas()
    frame: DataFrame = pandas.DataFrame(list(rows), columns=list(columns), dtype=object)
    for column, kind in columns.items():
        if kind != "category":
            frame[column] = pandas.array(frame[column], dtype=kind)
    frame.attrs["left_out"] = list(left_out)
    return frame


def _all(folder: Path | str, benchmark: str) -> tuple[Benchmark, list[Assessment], list[str]]:
    workspace = Workspace.find(Path(folder) if folder else None)
    if not workspace.answers.is_dir():
        what, todo = "this is no workspace: it has no folder answers", "name one, or a folder in one"
        raise UsageError(Problem(str(workspace.root), what, todo=todo))
    found = find_benchmark(benchmark, workspace)
    store = AnswerStore(workspace, found)
    assessments, left_out = [], []
    for city, label in store.documents():
        try:
            assessments.append(store.load(city, label))
        except CitygrowError as error:
            left_out.append(str(error))
    return found, assessments, left_out


def _pandas() -> ModuleType:
    try:
        import pandas
    except ImportError as error:
        todo = 'install them: pip install "citygrow-nb[analysis]"'
        raise UsageError(Problem("tables", "they take pandas, which is not installed", todo=todo)) from error
    return pandas
