"""How calls and their outcomes travel between the processes of a run."""

from __future__ import annotations

import contextlib
import pickle
from collections.abc import Callable
from typing import Any


class Stopped(SystemExit):
    """Raised in a worker that is told to stop."""


def call_and_pack(work: Callable[..., object], *args: Any, **kwargs: Any) -> bytes:
    """Call a function, and return what it returned or raised as it travels."""
    try:
        return pickle.dumps((True, work(*args, **kwargs)))
    except Stopped:
        raise
    except BaseException as error:  # noqa: BLE001 - it goes to whoever asked
        return _failure(error)


def _failure(error: BaseException) -> bytes:
    with contextlib.suppress(Exception):
        content = pickle.dumps((False, error))
        unpack(content)
        return content
    return pickle.dumps((False, RuntimeError(f"{type(error).__name__}: {error}")))


def unpack(content: bytes) -> Any:
    """Return what another process of this run packed."""
    return pickle.loads(content)  # noqa: S301
