"""How a workbook runs: one as built in this process, any other in a kernel; and where jobs run."""

from citygrow_nb.exceptions import Problem, UsageError, one_line

IN_PROCESS = "citygrow"
IN_KERNEL = "kernel"

ENGINES = (IN_PROCESS, IN_KERNEL)
"""How workbooks as built run: in this process, or, to compare, in a kernel each. Own ones always run in a kernel."""

__all__ = ["ENGINES", "IN_KERNEL", "IN_PROCESS", "checked_engine"]


def checked_engine(name: str) -> str:
    """Return an engine's name unchanged if there is one.

    Raises
    ------
    UsageError
        If there is none.
    """
    if name in ENGINES:
        return name
    todo = f"use --engine {IN_PROCESS}"
    raise UsageError(Problem(f"engine “{name}”", "there is no such engine", one_line(ENGINES), todo))
