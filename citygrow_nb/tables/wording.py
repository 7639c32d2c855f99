"""Answers in words: a level by its name or by the sentence that describes it. Knows no file and no row."""

from __future__ import annotations

from functools import cached_property

from citygrow_nb.model import Benchmark, State
from citygrow_nb.tables import cells
from citygrow_nb.tables.cells import Cell, CellError, folded


class Wording:
    """What the cells of each question may say besides a level's number.

    Parameters
    ----------
    benchmark
        Names and describes the levels.
    """

    def __init__(self, benchmark: Benchmark) -> None:
        self._benchmark = benchmark
        self._answers: dict[str, dict[str, int]] = {}

    def answer(self, code: str, cell: Cell) -> tuple[State, int | None]:
        """Return the state and level that a cell of a question holds.

        Parameters
        ----------
        code
            The question; a retired one has only numbers.
        cell
            What :func:`citygrow_nb.tables.cells.answer` takes; a level's name; the sentence that describes it; or both
            or one of them behind the number.

        Raises
        ------
        CellError
            If it says none of these, or what two levels have in common.
        """
        try:
            return cells.answer(cell)
        except CellError:
            if (level := self._of(code).get(_said(cell))) is not None:
                return State.RATED, level
            raise

    def direction(self, cell: Cell) -> int:
        """Return the reading that a cell of a context factor holds: a number, its name, or both; errors as above."""
        try:
            return cells.direction(cell)
        except CellError:
            if (value := self._directions.get(_said(cell))) is not None:
                return value
            raise

    def _of(self, code: str) -> dict[str, int]:
        if code not in self._answers:
            question = self._benchmark.questions.get(code)
            levels = self._benchmark.scale.levels
            self._answers[code] = (
                {}
                if question is None
                else _numbered(
                    [(level.level, (level.name, text)) for level, text in zip(levels, question.levels, strict=True)]
                )
            )
        return self._answers[code]

    @cached_property
    def _directions(self) -> dict[str, int]:
        return _numbered([(item.value, (item.name,)) for item in self._benchmark.scale.directions])


def _numbered(named: list[tuple[int, tuple[str, ...]]]) -> dict[str, int]:
    """Return values by what stands for them; what stands for two stands for none."""
    found: dict[str, set[int]] = {}
    for value, texts in named:
        number = str(abs(value))  # a sign is no letter, and is not kept
        for text in (*texts, " ".join(texts)):
            for said in (text, f"{number} {text}"):
                found.setdefault(folded(said), set()).add(value)
    return {said: values.pop() for said, values in found.items() if len(values) == 1}


def _said(cell: Cell) -> str:
    try:
        return folded(cells.text(cell))
    except CellError:
        return ""
