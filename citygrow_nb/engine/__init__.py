"""Run one workbook: papermill puts the parameters in, an engine executes it; the outcome is the same on every machine.

An engine is a name registered with papermill. ``warm`` is this package's own: cells run in an IPython shell, in a
process forked off this one, which has everything imported. ``kernel`` is papermill's: nbclient, and a fresh Jupyter
kernel for each notebook. This package knows workbooks as bytes and parameters as a mapping; nothing of cities, pages
or reports.
"""

from citygrow_nb.engine.running import (
    DEFAULT_ENGINE,
    ENGINES,
    TIMEOUT,
    Run,
    Workbook,
    checked_engine,
    dump,
    run,
    run_all,
    warming,
)
from citygrow_nb.engine.traces import WIDGET_VIEW

__all__ = [
    "DEFAULT_ENGINE",
    "ENGINES",
    "TIMEOUT",
    "WIDGET_VIEW",
    "Run",
    "Workbook",
    "checked_engine",
    "dump",
    "run",
    "run_all",
    "warming",
]
