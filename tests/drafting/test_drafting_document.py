"""Documents that can be read, and a sentence for those that cannot."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pikepdf
import pytest

from citygrow_nb import drafting
from citygrow_nb.exceptions import CitygrowError, DraftError, UsageError


def saved(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("name", "content", "kind", "told"),
    [
        ("empty.txt", b"", DraftError, "there is no text in it"),
        ("blank.txt", b"\n \n\f\n", DraftError, "there is no text in it"),
        ("binary.txt", b"a\0b", DraftError, "this is no text file"),
        ("latin.txt", "Köln".encode("latin-1"), DraftError, "not text in UTF-8 (byte 2)"),
        ("no.pdf", b"%PDF-1.7 but no more", DraftError, "no PDF file that can be read"),
        ("long.txt", b"Standard\n" + b"x" * 40_000, DraftError, "long.txt, line 2: the line has 40,000 characters"),
        ("toolkit.docx", b"PK", UsageError, "allowed: .pdf, .txt"),
    ],
)
def test_what_cannot_be_read_is_a_sentence(
    tmp_path: Path, name: str, content: bytes, kind: type[CitygrowError], told: str
) -> None:
    """Where, what was found, and what to do; never a traceback."""
    with pytest.raises(kind) as caught:
        drafting.read(saved(tmp_path / name, content))
    assert told in str(caught.value)
    assert name in str(caught.value)


def test_missing_file_is_wrong_use(tmp_path: Path) -> None:
    """Nothing is begun."""
    with pytest.raises(UsageError, match="no such file"):
        drafting.read(tmp_path / "nowhere.pdf")


def blank_pdf(password: str = "") -> bytes:
    with pikepdf.new() as made:
        made.add_blank_page()
        out = io.BytesIO()
        made.save(out, encryption=pikepdf.Encryption(user=password, owner=password) if password else False)
    return out.getvalue()


def test_pages_without_text_ask_for_recognition(tmp_path: Path) -> None:
    """A scanned toolkit has pictures only."""
    with pytest.raises(DraftError, match="there is no text in it; if its pages are pictures"):
        drafting.read(saved(tmp_path / "scan.pdf", blank_pdf()))


def test_locked_file_says_so(tmp_path: Path) -> None:
    """A password is named as the reason."""
    with pytest.raises(DraftError, match="locked with a password; save a copy without"):
        drafting.read(saved(tmp_path / "locked.pdf", blank_pdf("secret")))


def test_missing_library_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """PDF files take an extra; text does not."""
    monkeypatch.setitem(sys.modules, "pypdfium2", None)
    with pytest.raises(UsageError, match=r'pip install "citygrow-nb\[draft\]"'):
        drafting.read(saved(tmp_path / "a.pdf", blank_pdf()))
    assert drafting.read(saved(tmp_path / "a.txt", b"Standard\n"))


def test_pages_of_a_text_are_counted(tmp_path: Path) -> None:
    """By form feeds, or by the space that text layers put before the first line of a page."""
    text = "One\ntwo\n\fThree\n\n Four\nfive\n"
    lines = [line for line in drafting.read(saved(tmp_path / "a.txt", text.encode())) if line.text]
    told = [(line.text, line.page, line.number, line.first) for line in lines]
    assert told == [
        ("One", 1, 1, True),
        ("two", 1, 2, False),
        ("Three", 2, 3, True),
        ("Four", 3, 5, True),
        ("five", 3, 6, False),
    ]
