"""Writes the schemas anew: ``python -m citygrow_nb.schemas``."""

from __future__ import annotations

from citygrow_nb.schemas import FOLDER, making

if __name__ == "__main__":
    for name in making.PUBLISHED:
        (FOLDER / making.file_name(name)).write_text(making.make(name), encoding="utf-8", newline="\n")
