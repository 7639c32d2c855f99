"""What nobody sees in texts of others is written out, and every script stays readable."""

from __future__ import annotations

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from citygrow_nb.invisible import write_out, write_out_in_json, write_out_on_page

READABLE = [
    "مدينة الخيال",
    "می\u200cخواهم",
    "क्\u200dष न\u200cे",
    "עִבְרִית",
    "Żabia Góra",
    "葛\U000e0100城市",
    "👩\u200d👩\u200d👧 ❤️\u200d🔥 🏙️ 1️⃣ 🇪🇺",
    "a\nb",
]
OBEYED = [chr(code) for code in (*range(0x0A), *range(0x0B, 0x20), *range(0x7F, 0xA0))]
DIRECTIONS = [chr(code) for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))]
MARKS = ["\u200e", "\u200f", "\u061c"]
UNSEEN = ["\u200b", "\u00ad", "\u2060", "\ufeff", "\u034f", "\u115f", "\u3164", "\uffa0", "\u180e"]
SEPARATORS = ["\u2028", "\u2029"]
TAGS = ["\U000e0001", "\U000e0041", "\U000e007f"]
HALVES = ["\ud800", "\udcff"]


@pytest.mark.parametrize("text", READABLE)
def test_scripts_and_emoji_stay(text: str) -> None:
    """Joiners and selectors belong to the sign before them, so that nobody's name becomes unreadable."""
    assert write_out(text) == write_out_on_page(text) == text
    assert write_out_in_json(json.dumps(text, ensure_ascii=False)) == json.dumps(text, ensure_ascii=False)


@pytest.mark.parametrize("sign", [*OBEYED, *DIRECTIONS, *MARKS, *UNSEEN, *SEPARATORS, *TAGS, *HALVES], ids=ascii)
def test_what_is_obeyed_or_not_seen_is_written_out(sign: str) -> None:
    """As Python writes it, in ASCII; in JSON as JSON writes it, with the same content."""
    seen = write_out(f"a{sign}b")
    assert seen.isascii()
    assert seen.isprintable()
    assert seen.encode().decode("unicode_escape") == f"a{sign}b"
    document = write_out_in_json(json.dumps([f"a{sign}b"], ensure_ascii=False))
    assert document.isascii()
    assert document.isprintable()
    assert json.loads(document) == [f"a{sign}b"]


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("ad\u200dmin", r"ad\u200dmin"),
        ("\u200cא", r"\u200cא"),
        ("א\u200d\u200dא", "א\u200d\\u200dא"),
        ("a\ufe0f", r"a\ufe0f"),
        ("🏙\ufe0f\ufe0f", "🏙\ufe0f\\ufe0f"),
        ("🏙\U000e0101\U000e0102", "🏙\U000e0101\\U000e0102"),
    ],
)
def test_joiners_and_selectors_hide_nothing(text: str, seen: str) -> None:
    """Where no script needs them, and in rows, they are written out."""
    assert write_out(text) == seen


@pytest.mark.parametrize("sign", [*DIRECTIONS, *SEPARATORS, *TAGS, "\x1b", "\x9b"], ids=ascii)
def test_a_page_keeps_the_order_of_letters(sign: str) -> None:
    """What would change it is written out, in text and in attributes."""
    assert sign not in write_out_on_page(f'<p title="a{sign}">b{sign}c</p>')


@given(st.text())
def test_no_text_is_obeyed(text: str) -> None:
    """Only ends of lines, and what belongs to the spelling; and written out once is enough."""
    seen = write_out(text)
    left = {char for char in seen if unicodedata.category(char) in {"Cc", "Cs", "Zl", "Zp"}}
    assert left <= {"\n"}
    assert not set(seen) & {*DIRECTIONS, *MARKS}
    assert write_out(seen) == seen
