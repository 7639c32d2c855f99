r"""What nobody sees in a text of others, or what changes the order of its letters: written out, so that it is seen.

Terminals obey such characters, readers are deceived by them, and two names may differ in nothing else. Written out as
Python writes them, ``\x1b`` or ``\u202e``, they do nothing. Letters of every script stay as they are.
"""

from __future__ import annotations

import re

# Control characters; separators of lines; embeddings, overrides and isolates of direction; annotations, halves of
# characters, tags. No text needs them, and none is right on a page.
_STEERING = (
    r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u206f\ufff0-\ufffb\ud800-\udfff"
    r"\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e00ff\U000e01f0-\U000e0fff"
)
# Tabs, places where a word may part, marks of direction, fillers: a page may hold them.
_UNSEEN = r"\t\r\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u2060-\u2065\u3164\ufeff\uffa0"
# Persian and the scripts of India are spelt with joiners, and emoji made with them; selectors choose between two looks.
# Both belong to a sign before them, of another script than ours (or a digit, in “1️⃣”), and never twice.
_JOINERS = r"\u200c\u200d"
_SELECTORS = r"\u180b-\u180d\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef"
_SIGN = rf"[^\x00-\x7f{_STEERING}{_UNSEEN}{_JOINERS}"

_ON_PAGES = re.compile(f"[{_STEERING}]")
_ANYWHERE = re.compile(
    f"[{_STEERING}{_UNSEEN}]|(?<!{_SIGN}])[{_JOINERS}]|(?<!{_SIGN}{_SELECTORS}])(?<![0-9#*])[{_SELECTORS}]"
)


def write_out(text: str) -> str:
    r"""Return a text as a terminal may show it, and as a name may stand: only ends of lines are left to obey.

    >>> print(write_out("\x1b[2JHa\u202even می\u200cخواهم ❤️"))
    \x1b[2JHa\u202even می‌خواهم ❤️
    """
    return _ANYWHERE.sub(_written, text)


def write_out_on_page(text: str) -> str:
    r"""Return a text or markup as a page may show it: nothing changes the order of its letters.

    Marks of direction and what parts words stay, which some scripts need; every text stands in an element of its own.

    >>> print(write_out_on_page("Ha\u202even"))
    Ha\u202even
    """
    # Three times as quick as the pattern, and enough for nearly every page.
    if text.replace("\n", "").replace("\u00a0", "").isprintable():
        return text
    return _ON_PAGES.sub(_written, text)


def write_out_in_json(text: str) -> str:
    r"""Return a JSON document as a terminal may show it, with the same content.

    >>> print(write_out_in_json('{"name": "Ha\u202even"}'))
    {"name": "Ha\u202even"}
    """
    import json

    return _ANYWHERE.sub(lambda found: json.dumps(found[0])[1:-1], text)


def _written(found: re.Match[str]) -> str:
    return found[0].encode("ascii", "backslashreplace").decode() if found[0] > "\x7f" else f"\\x{ord(found[0]):02x}"
