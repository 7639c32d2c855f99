"""The Nu HTML checker, the one of the W3C: a Java program that npm brings."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

CHECKER = Path(__file__).parent / "checker" / "node_modules" / "vnu-jar" / "build" / "dist" / "vnu.jar"


def faults(folder: Path) -> list[str]:
    """Return every fault that the checker finds in the pages of a folder; skip the test where there is no checker."""
    java = shutil.which("java")
    if not java or not CHECKER.is_file():
        missing = "there is no java" if not java else "there is no checker: run “npm ci” in tests/checker"
        assert not os.environ.get("CITYGROW_REQUIRE_BROWSER"), missing
        pytest.skip(missing)
    command = [
        java,
        # Its own stack is too small for the largest pages; it ends before what it compiles thoroughly would pay.
        *("-Xss8m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"),
        "-jar",
        str(CHECKER),
        "--errors-only",
        "--format",
        "json",
        "--skip-non-html",
        str(folder),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    messages = json.loads(done.stderr)["messages"]
    assert messages or done.returncode == 0, done.stderr
    return [f"{item.get('url')}: {item['message']}" for item in messages]
