"""From a benchmark to its workbooks: which there are, and what stands in them."""

from citygrow_nb.authoring.building import build, stale
from citygrow_nb.authoring.fingerprints import EXTENSIONS, SHIPPED, fingerprint, fingerprints, is_shipped
from citygrow_nb.plan import WorkbookName, plan

__all__ = [
    "EXTENSIONS",
    "SHIPPED",
    "WorkbookName",
    "build",
    "fingerprint",
    "fingerprints",
    "is_shipped",
    "plan",
    "stale",
]
