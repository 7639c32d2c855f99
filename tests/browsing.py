"""The browser that tests and measurements drive."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome")


def program() -> str | None:
    """Return the browser that ``CITYGROW_BROWSER`` names, or the first that is found."""
    return os.environ.get("CITYGROW_BROWSER") or next(filter(None, map(shutil.which, NAMES)), None)


def arguments() -> list[str]:
    """Return what the browser is started with."""
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    # Without drawing on a graphics card that is not there, and without movements that nobody watches.
    quiet = ("--disable-background-networking", "--disable-gpu", "--force-prefers-reduced-motion")
    return [*quiet, *(["--no-sandbox"] if root else [])]


@contextmanager
def launched() -> Iterator[Any]:
    """Launch the browser of :func:`program`; without one raise an error."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program(), args=arguments())
        yield chromium
        chromium.close()
