"""The lines of a document with their places: a text layer, or a PDF file whose columns are read one after the other."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from citygrow_nb import atomic
from citygrow_nb.exceptions import DraftError, Problem, UsageError, problem_of

ENDINGS = (".pdf", ".txt")
MAX_PDF, MAX_TEXT = 64 << 20, 4 << 20
"""Bytes of a toolkit; published ones have a hundred pages, most with pictures."""
MAX_LINE = 10_000
"""Characters of a line; whole paragraphs have a tenth of that."""


@dataclass(frozen=True)
class Line:
    """One line of a document.

    Parameters
    ----------
    text
        Without space around it; empty for a blank line.
    page
        Number of its page, from 1.
    number
        Number of the line: in the whole document of a text file, on the page of a PDF file.
    first
        Whether it is the first line of its page that is not blank.
    """

    text: str
    page: int
    number: int
    first: bool = False

    @property
    def place(self) -> str:
        """Where it stands, in words."""
        return f"page {self.page}, line {self.number}"


def read(path: Path) -> tuple[Line, ...]:
    """Return the lines of a toolkit.

    Parameters
    ----------
    path
        A ``.txt`` file in UTF-8 (form feeds, or a space before the first line of a page, part its pages) or a ``.pdf``.

    Raises
    ------
    UsageError
        If there is no such file, it is of another kind, or reading it takes more than is installed.
    DraftError
        If nothing in it can be read.
    """
    ending = path.suffix.lower()
    if not path.exists():
        raise UsageError(Problem(str(path), "there is no such file", todo="check the path"))
    if ending not in ENDINGS:
        raise UsageError(Problem(str(path), "this is no kind of document that can be read", ", ".join(ENDINGS)))
    try:
        content = atomic.read(path, MAX_PDF if ending == ".pdf" else MAX_TEXT)
    except OSError as error:
        raise DraftError(problem_of(error, path)) from error
    lines = tuple(_of_pdf(content, path) if ending == ".pdf" else _of_text(content, path))
    if not any(line.text for line in lines):
        found = "there is no text in it"
        todo = "if its pages are pictures, have a program recognise their text first" if ending == ".pdf" else ""
        raise DraftError(Problem(str(path), found, todo=todo))
    return lines


def _of_text(content: bytes, path: Path) -> Iterator[Line]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        found = f"this is not text in UTF-8 (byte {error.start + 1})"
        raise DraftError(Problem(str(path), found, todo="save it as text in UTF-8")) from error
    if "\0" in text:
        raise DraftError(Problem(str(path), "this is no text file", todo="choose the toolkit's text, or its PDF file"))
    page, first = 1, True
    for number, raw in enumerate(re.split(r"\r\n|\r|\n", text), start=1):
        if len(raw) > MAX_LINE:
            found, allowed = f"the line has {len(raw):,} characters", f"up to {MAX_LINE:,}"
            raise DraftError(Problem(f"{path}, line {number}", found, allowed, "break it into lines"))
        parts = raw.split("\f")
        # Text layers put a space before the first line of each page, or a form feed.
        turned = len(parts) > 1 or (raw[:1] == " " and raw[1:2] not in {"", " "} and number > 1)
        page += max(1, len(parts) - 1) if turned else 0
        first = first or turned
        line = " ".join(parts[-1].split())
        yield Line(line, page, number, first and bool(line))
        first = first and not line


def _of_pdf(content: bytes, path: Path) -> Iterator[Line]:
    try:
        import pypdfium2
    except ImportError as error:
        todo = 'install it: pip install "citygrow-nb[draft]"'
        raise UsageError(Problem(str(path), "it takes more to read PDF files", todo=todo)) from error
    from citygrow_nb.drafting.columns import in_order

    try:
        document = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        locked = "password" in str(error).lower()
        found = "it is locked with a password" if locked else f"this is no PDF file that can be read ({error})"
        todo = "save a copy without a password" if locked else "open it in a PDF reader and save it again"
        raise DraftError(Problem(str(path), found, todo=todo)) from error
    try:
        for number, page in enumerate(document, start=1):
            first = True
            for place, text in enumerate(in_order(page.get_textpage(), page.get_width()), start=1):
                yield Line(text, number, place, first and bool(text))
                first = first and not text
    except pypdfium2.PdfiumError as error:
        found = f"a page cannot be read ({error})"
        raise DraftError(Problem(str(path), found, todo="open it in a PDF reader and save it again")) from error
    finally:
        document.close()
