"""What a batch is asked to do."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from citygrow_nb.engine import DEFAULT_ENGINE, TIMEOUT
from citygrow_nb.executors import LIMIT


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
        One of :data:`citygrow_nb.engine.ENGINES`.
    force
        Make everything anew.
    verify
        Compare the hashes of all files that stand there, and check all answers again.
    pdf
        Make PDF files as well.
    scheduler
        Address of a Dask scheduler to work on; empty for processes of this machine.
    timeout
        Seconds that one cell may take.
    limit
        Seconds that one city may take.
    """

    sources: tuple[Path, ...] = ()
    benchmark: str = ""
    out: Path | str | None = None
    round: str = ""
    cities: tuple[str, ...] = ()
    jobs: int = 0
    engine: str = DEFAULT_ENGINE
    force: bool = False
    verify: bool = False
    pdf: bool = False
    scheduler: str = ""
    timeout: int = TIMEOUT
    limit: float = LIMIT
