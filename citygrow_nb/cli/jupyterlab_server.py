"""What ``citygrow lab`` starts: JupyterLab, without the seconds that it does not need."""

from __future__ import annotations

import sys

SLOW_AND_UNUSED = "rfc3987_syntax"
"""Builds its grammars on import, for two seconds and more, to check kinds of addresses that the server never gets."""

if __name__ == "__main__":
    sys.modules[SLOW_AND_UNUSED] = None  # type: ignore[assignment]  # as if it were not installed
    from jupyterlab.labapp import main

    sys.exit(main())
