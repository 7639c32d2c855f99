"""A batch, in a process of its own, whose workers wait before they publish: to kill it just then."""

from __future__ import annotations

import signal
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from citygrow_nb import batch
from citygrow_nb.batch import Options
from citygrow_nb.batch.city_work import CityWork
from citygrow_nb.batch.toolkit_run import ToolkitRun
from citygrow_nb.exceptions import CitygrowError
from citygrow_nb.running import worker
from citygrow_nb.storage import Outputs
from citygrow_nb.workspace import Workspace

READY, GO, TOLD = "ready", "go", "told"
"""Files by which a worker says that it is about to publish, is told to do so, and says what came of it."""


@dataclass(frozen=True)
class Late:
    """A place for reports to which one waits to publish, whatever happens to the run.

    Parameters
    ----------
    outputs
        The place.
    signs
        Folder of the three files.
    """

    outputs: Outputs
    signs: Path

    def publish_city(self, city: str, round_label: str, files: Mapping[str, bytes]) -> None:
        """Wait, publish, and tell."""
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        worker.GRACE = 600.0
        (self.signs / READY).touch()
        while not (self.signs / GO).exists():
            time.sleep(0.01)
        told = "published"
        try:
            self.outputs.publish_city(city, round_label, files)
        except CitygrowError as error:
            told = str(error)
        (self.signs / "telling").write_text(told, encoding="utf-8")
        (self.signs / "telling").replace(self.signs / TOLD)


def main(workspace: str, signs: str) -> None:
    """Run it."""
    work = ToolkitRun.work

    def late(self: ToolkitRun, shares_disk: bool) -> CityWork:
        found = work(self, shares_disk)
        assert found.outputs is not None
        return replace(found, outputs=Late(found.outputs, Path(signs)))  # type: ignore[arg-type]

    ToolkitRun.work = late  # type: ignore[method-assign]
    batch.run(Options(jobs=1), Workspace(Path(workspace)))
