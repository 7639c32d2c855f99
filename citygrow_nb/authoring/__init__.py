"""From a benchmark to its workbooks: which there are, what stands in them, and what has become of them in a folder."""

from citygrow_nb.authoring.building import build
from citygrow_nb.authoring.cells import fingerprint
from citygrow_nb.authoring.fingerprints import EXTENSIONS, fingerprints, fingerprints_of
from citygrow_nb.authoring.own_workbook import EXAMPLE_TABLE, first_own
from citygrow_nb.authoring.standing import BUILT, Standing, StandingWorkbook, standing
from citygrow_nb.plan import WorkbookName, plan

__all__ = [
    "BUILT",
    "EXAMPLE_TABLE",
    "EXTENSIONS",
    "Standing",
    "StandingWorkbook",
    "WorkbookName",
    "build",
    "fingerprint",
    "fingerprints",
    "fingerprints_of",
    "first_own",
    "plan",
    "standing",
]
