"""What ``citygrow lab`` starts: JupyterLab, without the seconds that it does not need, its log written out."""

from __future__ import annotations

import logging
import sys

from citygrow_nb.invisible import write_out

SLOW_AND_UNUSED = "rfc3987_syntax"
"""Builds its grammars on import, for two seconds and more, to check kinds of addresses that the server never gets."""


class Told(logging.LogRecord):
    """What the server tells of requests and files, on the terminal from which it was started."""

    def getMessage(self) -> str:  # noqa: N802 -- the name that logging calls
        """Return it as a terminal may show it: names of files are the texts of whoever sent them."""
        return write_out(super().getMessage())


if __name__ == "__main__":
    logging.setLogRecordFactory(Told)
    sys.modules[SLOW_AND_UNUSED] = None  # type: ignore[assignment]  # as if it were not installed
    from jupyterlab.labapp import main

    sys.exit(main())
