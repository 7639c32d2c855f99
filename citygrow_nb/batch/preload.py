"""Load what every worker needs, once for all of them: a process that imports this module forks the workers.

Only imports and templates. No thread may run and nothing may be opened before they fork.
"""

from importlib import import_module

from citygrow_nb.model.fields import build_documents
from citygrow_nb.rendering.environment import load_templates
from citygrow_nb.running.notebooks import papermill

MODULES = (
    "citygrow_nb.batch.city_report",
    "citygrow_nb.workbook",
    "citygrow_nb.batch.portfolio_report",
    "nbconvert.exporters",
)
"""Slow to import, and used for every city."""

# papermill first, in the way that leaves out what is slow and never used.
papermill()
for name in MODULES:
    import_module(name)
build_documents()
load_templates()
