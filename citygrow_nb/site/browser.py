"""What a kernel of the site does before the first cell of a workbook: it fetches the answers that the browser keeps.

The guide runs :func:`begin` in every kernel, before anything else.
"""

from __future__ import annotations

import os
from hashlib import sha256
from pathlib import Path

from citygrow_nb import authoring, benchmarks
from citygrow_nb.answers import AnswerStore, browser_storage
from citygrow_nb.exporting import CityPages, direct
from citygrow_nb.model import Assessment
from citygrow_nb.workbook import Workbook
from citygrow_nb.workbook.exports import make_reports_by
from citygrow_nb.workspace import ANSWERS, OUTPUTS


async def begin(address: str) -> None:
    """Make this kernel's workspace, and bring the answers that the browser has into it.

    Parameters
    ----------
    address
        Path of the site on its host: several sites may share a host, and each keeps its own answers.

    Raises
    ------
    StoreError
        If the browser refuses storage; workbooks run all the same, and every save is refused with the same sentence.
    """
    root = Path.home() / f"site-{sha256(address.encode()).hexdigest()[:8]}"
    for folder in (ANSWERS, OUTPUTS):
        (root / folder).mkdir(parents=True, exist_ok=True)
    os.chdir(root)
    make_reports_by(report)
    await browser_storage.begin(root / ANSWERS, f"citygrow {address}")


def report(store: AnswerStore, assessment: Assessment) -> bytes:
    """Return a city's whole report in one file, as ``citygrow batch`` makes it.

    Parameters
    ----------
    store
        Where the city's answers are.
    assessment
        Which city and round.
    """
    city, label = assessment.city.slug, assessment.round
    earlier = [store.document(city, each.round).read_bytes() for each in store.rounds_before(city, label)]
    own = [name for name in authoring.plan(store.benchmark) if name.kind != "portfolio"]
    opened = Workbook(store.workspace, form=False)
    opened.start(store.benchmark.id, city, label)
    fingerprint = sha256(benchmarks.dump(store.benchmark)).hexdigest()
    pages = CityPages(store.benchmark, fingerprint, city, store.document(city, label).read_bytes(), tuple(earlier))
    return pages.report(own, direct.bodies(opened, own, authoring.build(store.benchmark)))
