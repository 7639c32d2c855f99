"""From the path or URL that a person names to the place for reports that it stands for."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

from citygrow_nb.exceptions import Problem, UsageError, require_no_password
from citygrow_nb.storage.folder import Folder
from citygrow_nb.storage.outputs import Outputs

_URL = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]+)://(?P<rest>.*)", re.DOTALL)
"""At least two letters before the colon, because one is a drive of Windows."""


def open_outputs(where: str | Path) -> Outputs:
    """Return the place that a path or URL names; nothing is written or asked yet.

    Parameters
    ----------
    where
        A path, or a URL such as ``s3://bucket/reports``.

    Raises
    ------
    UsageError
        If there is no such kind of place, or what it needs is not installed.
    """
    url = _URL.fullmatch(where) if isinstance(where, str) else None
    if url is None:
        return Folder(Path(where))
    if url["scheme"].lower() in {"file", "local"}:
        return Folder(Path(url["rest"]))
    require_no_password(str(where))
    if importlib.util.find_spec("fsspec") is None:
        raise UsageError(
            Problem(
                str(where), "it takes more to write there", todo='install it with pip install "citygrow-nb[cluster]"'
            )
        )
    from citygrow_nb.storage.object_store import ObjectStore

    return ObjectStore.at(str(where))
