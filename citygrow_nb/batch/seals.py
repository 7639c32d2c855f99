"""Whether files are still what the record that vouches for them says: it was written after them, with their hashes.

Sizes and times cost nothing, so they are always compared: nothing that a record vouches for is younger than the record.
Where something is, as after copying, or where all is to be looked at, the hashes decide.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from citygrow_nb.exceptions import CitygrowError
from citygrow_nb.model.run import FileRecord
from citygrow_nb.storage import Outputs, Standing


@dataclass(frozen=True)
class Seal:
    """When a record was written, and how closely what it vouches for is looked at.

    Parameters
    ----------
    written
        When, by the clock of the place.
    verify
        Whether hashes are to be compared in any case.
    """

    written: float
    verify: bool = False

    def trusts_times(self, names: Iterable[str], there: Mapping[str, Standing]) -> bool:
        """Tell whether files of the right size need no closer look."""
        return not self.verify and all(there[name].written <= self.written for name in names)

    def intact(
        self, outputs: Outputs, folder: str, files: Mapping[str, FileRecord], there: Mapping[str, Standing]
    ) -> set[str]:
        """Return the names of those files in a folder that are what their records say.

        Parameters
        ----------
        outputs, folder
            Where they are.
        files
            Their records, by the names that they have there.
        there
            What stands in the folder.
        """
        sized = [name for name, file in files.items() if name in there and there[name].size == file.size]
        return {
            name
            for name in sized
            if self.trusts_times([name], there)
            or _sha256(outputs, f"{folder}/{name}".lstrip("/")) == files[name].sha256
        }


def _sha256(outputs: Outputs, path: str) -> str:
    try:
        return hashlib.sha256(outputs.read(path) or b"").hexdigest()
    except CitygrowError:
        return ""
