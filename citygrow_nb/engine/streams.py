"""Where the text of a running cell goes: what Python prints, and what is written past Python to a file descriptor."""

from __future__ import annotations

import codecs
import io
import json
import os
import tempfile
import threading
from collections.abc import Callable
from typing import Any

Event = dict[str, Any]
"""What a running notebook has to emit, such as an output; can be written as JSON. ``type`` says what it is."""

Emit = Callable[[Event], None]

_ENOUGH = 1 << 14
"""Characters after which text is handed on before its cell has ended."""


def pack(event: Event) -> bytes:
    """Return an event as bytes, by the rules for a kernel's messages: dates, bytes and foreign numbers become JSON.

    Parameters
    ----------
    event
        What a cell tells.
    """
    # papermill has imported it with nbclient already.
    from jupyter_client.session import json_packer

    try:
        return json_packer(event)
    except UnicodeError:
        return json.dumps(event, ensure_ascii=False).encode(errors="replace")


def unpack(content: bytes) -> Event:
    """Return the event that was packed."""
    event: Event = json.loads(content.decode(errors="replace"))
    return event


class Spill:
    """A file that takes the place of a file descriptor: libraries and other programs write into it.

    A file and not a pipe, because nobody has to empty it while they write, and what was written is there at once.
    """

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 - closed by close()
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._at = 0

    def fileno(self) -> int:
        """Return its own file descriptor."""
        return self._file.fileno()

    def fresh(self) -> str:
        """Return what has been written since the last call."""
        size = os.fstat(self._file.fileno()).st_size
        if size == self._at:
            return ""
        # Smaller than it was: a program opened /dev/stdout anew.
        start, self._at = (self._at if size > self._at else 0), size
        return self._decoder.decode(self._read(start, size - start))

    def close(self) -> None:
        """Give the file up."""
        self._file.close()

    def _read(self, start: int, length: int) -> bytes:
        if hasattr(os, "pread"):
            return os.pread(self._file.fileno(), length, start)
        # Writers share this file's position; reading to the end leaves it where they expect it.
        self._file.seek(start)
        return self._file.read(length) or b""


class Stream(io.TextIOBase):
    """Stands in for ``sys.stdout`` or ``sys.stderr`` while cells run.

    Parameters
    ----------
    name
        ``stdout`` or ``stderr``.
    descriptor
        The file descriptor of that name: 1 or 2.
    spill
        What is written to the descriptor.
    emit
        Takes the text.
    """

    encoding = "UTF-8"
    errors = "strict"

    def __init__(self, name: str, descriptor: int, spill: Spill, emit: Emit) -> None:
        self.name = name
        self._descriptor, self._spill, self._emit = descriptor, spill, emit
        self._owner = os.getpid()
        self._lock = threading.RLock()
        self._parts: list[str] = []
        self._size = 0

    def fileno(self) -> int:
        """Return the descriptor, so that programs started with this stream are heard as well."""
        return self._descriptor

    def writable(self) -> bool:
        """Return that it can be written to."""
        return True

    def write(self, text: str) -> int:
        """Take text, in order with what was written to the descriptor before.

        Parameters
        ----------
        text
            Any text.
        """
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text)}")
        if os.getpid() != self._owner:
            # A process that the cell forked off: it has no other way to be heard.
            os.write(self._descriptor, text.encode(errors="replace"))
            return len(text)
        with self._lock:
            self._add(self._spill.fresh())
            self._add(text)
            if self._size > _ENOUGH:
                self.flush()
        return len(text)

    def flush(self) -> None:
        """Hand on all there is."""
        if os.getpid() != self._owner:
            return
        with self._lock:
            self._add(self._spill.fresh())
            text = "".join(self._parts)
            self._parts.clear()
            self._size = 0
            if text:
                self._emit({"type": "stream", "name": self.name, "text": text})

    def _add(self, text: str) -> None:
        self._parts.append(text)
        self._size += len(text)
