"""What a batch is asked to do."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from citygrow_nb.running import IN_PROCESS
from citygrow_nb.running.workers import LIMIT


@dataclass(frozen=True)
class Options:
    """What a run is asked to do.

    Parameters
    ----------
    sources
        Files and folders of answers; none for the workspace's answers.
    benchmark
        Only what answers this benchmark, and the benchmark of table rows that name none; empty for all.
    out
        Output folder, or URL of one; None for the workspace's.
    round
        Only this round, and the round of table rows that name none.
    cities
        Only these, by folder name or name.
    jobs
        Number of workers; 0 for one per core.
    engine
        How workbooks as built run: one of :data:`citygrow_nb.running.ENGINES`.
    force
        Make everything anew.
    verify
        Compare the hashes of all files that stand there, and check all answers again.
    pdf
        Make PDF files as well.
    scheduler
        Address of a Dask scheduler to work on; empty for processes of this machine.
    own_workbooks
        Run own workbooks though nobody has trusted them here.
    limit
        Seconds that one city may take.
    """

    sources: tuple[Path, ...] = ()
    benchmark: str = ""
    out: Path | str | None = None
    round: str = ""
    cities: tuple[str, ...] = ()
    jobs: int = 0
    engine: str = IN_PROCESS
    force: bool = False
    verify: bool = False
    pdf: bool = False
    scheduler: str = ""
    own_workbooks: bool = False
    limit: float = LIMIT
