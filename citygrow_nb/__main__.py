"""``python -m citygrow_nb`` is ``citygrow``."""

from citygrow_nb.cli import main

# Guarded, because worker processes import this module again.
if __name__ == "__main__":
    main()
