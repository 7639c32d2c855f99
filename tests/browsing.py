"""The browser that tests and measurements drive."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome")


@contextmanager
def launched() -> Iterator[Any]:
    """Launch the browser that ``CITYGROW_BROWSER`` names, or the first that is found; without one raise an error."""
    from playwright.sync_api import sync_playwright

    found = os.environ.get("CITYGROW_BROWSER") or next(filter(None, map(shutil.which, NAMES)), None)
    arguments = ["--disable-background-networking"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        arguments.append("--no-sandbox")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=found, args=arguments)
        yield chromium
        chromium.close()
