"""``python -m citygrow_nb`` is ``citygrow``."""

import os
import sys

# Guarded, because worker processes import this module again.
if __name__ == "__main__":
    # Python looks for modules in the current folder first, where files of others may lie; we stay if it found us there.
    if not sys.flags.safe_path and sys.path[0] != os.path.dirname(os.path.dirname(__file__)):  # noqa: PTH120
        del sys.path[0]
    from citygrow_nb.cli import main

    main()
