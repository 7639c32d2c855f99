"""What a form asks, and of whom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from citygrow_nb.exceptions import Problem, UsageError
from citygrow_nb.model import Benchmark, ContextFactor, GuideQuestion, KeyFactor
from citygrow_nb.model.fields import nearest


@dataclass(frozen=True)
class Selection:
    """What a form asks, and of whom.

    Parameters
    ----------
    factors
        Key factors with those of their questions that are asked.
    contexts
        Context factors that are asked.
    role
        Institution that is asked; empty for a form that asks who answers.
    city, round
        City and round that every answer is for; empty where the form or the import says it.
    """

    factors: tuple[tuple[KeyFactor, tuple[GuideQuestion, ...]], ...]
    contexts: tuple[ContextFactor, ...] = ()
    role: str = ""
    city: str = ""
    round: str = ""

    @property
    def questions(self) -> tuple[GuideQuestion, ...]:
        """All questions that are asked, in order."""
        return tuple(question for _, questions in self.factors for question in questions)

    @property
    def codes(self) -> tuple[str, ...]:
        """Codes of all that is asked, in order."""
        return (*(question.code for question in self.questions), *(factor.code for factor in self.contexts))


def select(
    benchmark: Benchmark, only: Sequence[str] = (), *, role: str = "", city: str = "", round_label: str = ""
) -> Selection:
    """Choose what a form asks.

    Parameters
    ----------
    benchmark
        What can be asked.
    only
        Codes of key factors, guide questions and context factors; everything when empty.
    role, city, round_label
        As in :class:`Selection`.

    Raises
    ------
    UsageError
        If the benchmark has no such code.
    """
    wanted = {code.strip().upper() for code in only}
    known = [*benchmark.factors, *benchmark.questions, *benchmark.contexts]
    for code in sorted(wanted - set(known)):
        near = nearest(code, known)
        todo = f"did you mean “{near}”?" if near else ""
        raise UsageError(Problem(f"code “{code}”", f"the benchmark “{benchmark.id}” has no such code", todo=todo))
    chosen = [
        (factor, tuple(q for q in factor.questions if not wanted or {factor.code, q.code} & wanted))
        for factor in benchmark.key_factors
    ]
    return Selection(
        tuple(pair for pair in chosen if pair[1]),
        tuple(factor for factor in benchmark.context_factors if not wanted or factor.code in wanted),
        role,
        city,
        round_label,
    )
