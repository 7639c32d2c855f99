"""A process that runs notebooks with the warm engine, as a batch's worker does: not inside pytest."""

from __future__ import annotations

import json
import select
import subprocess
import sys
from pathlib import Path
from typing import Any

PATIENCE = 200.0
"""Seconds that a notebook may take, its limit for cells included."""

RUN = """
import json, sys
from pathlib import Path
from citygrow_nb import engine
from citygrow_nb.engine import forking
forking.POSSIBLE = sys.argv[2] == "apart"
for line in sys.stdin:
    job = json.loads(line)
    done = engine.run(job["source"].encode(), {}, name="n.ipynb", cwd=Path(job["cwd"]), engine="warm")
    print(json.dumps([engine.dump(done.notebook).decode(), str(done.failure)]), flush=True)
assert "ipykernel" not in sys.modules
"""


class Runner:
    """The process.

    Parameters
    ----------
    how
        ``apart``: forking for each notebook; ``here``: in the process itself, as on systems that cannot fork.
    """

    def __init__(self, how: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", RUN, "-", how], stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8"
        )

    def run(self, source: bytes, cwd: Path) -> tuple[dict[str, Any], str]:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps({"source": source.decode(), "cwd": str(cwd)}) + "\n")
        self.process.stdin.flush()
        if not select.select([self.process.stdout], [], [], PATIENCE)[0]:
            self.process.kill()
        notebook, failure = json.loads(self.process.stdout.readline())
        return json.loads(notebook), failure

    def close(self) -> int:
        assert self.process.stdin
        self.process.stdin.close()
        try:
            return self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()
