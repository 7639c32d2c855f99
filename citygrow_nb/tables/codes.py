"""Codes of questions as people and survey tools write them: ``kf1.q1``, ``section/KF1_Q1``, ``KF 1 Q1``, or its text.

Knows no file and no row.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection

from citygrow_nb.model import Benchmark
from citygrow_nb.tables.cells import folded

_GAP = r"[\s._\-–—·]*"
# The number must end there: “KF1_Q1_comment” is no answer to KF1.Q1.
_WRITTEN = re.compile(
    rf"(?P<kind>KF|CF){_GAP}(?P<factor>\d{{1,2}})(?:{_GAP}Q{_GAP}(?P<question>\d{{1,2}}))?(?P<rest>.*)",
    re.IGNORECASE | re.DOTALL,
)
_CODE = re.compile(rf"[KC]F{_GAP}\d|\bQ{_GAP}\d", re.IGNORECASE)
_BESIDE = re.compile(
    rf"{_GAP}[\[(:]?{_GAP}(?:(?P<comment>comments?|reason|remarks?)|(?P<link>evidence{_GAP}(?:url|link)|url|link)|"
    rf"(?P<evidence>evidence(?:{_GAP}title)?|ev)){_GAP}[\])]?(?:{_GAP}\(.*\))?",
    re.IGNORECASE | re.DOTALL,
)
_BEHIND = re.compile(r".*\[\s*comment\s*\]\s*", re.IGNORECASE | re.DOTALL)
"""Where a tool writes the whole question before it."""

_COLUMNS = {"comment": "comment", "link": "evidence_url", "evidence": "evidence_title"}


def code_of(written: str, known: Collection[str]) -> str:
    """Return the code that a text means; empty if it means none of those that are known.

    Parameters
    ----------
    written
        A code, however its parts are parted, behind names of groups (``strategy/KF1_Q1``), before the question's text.
    known
        Codes of guide questions and context factors.

    Examples
    --------
    >>> known = {"KF1.Q1", "CF1"}
    >>> [code_of(text, known) for text in ("kf1_q1", "KF 1 Q 1", "KF1Q1", "strategy/KF1-Q1", "KF1.Q1 Does the city …")]
    ['KF1.Q1', 'KF1.Q1', 'KF1.Q1', 'KF1.Q1', 'KF1.Q1']
    >>> [code_of(text, known) for text in ("cf 1: Demography", "KF1_Q1_comment", "KF1.Q12", "KF1", "KF1.Q1 comment")]
    ['CF1', '', '', '', '']
    """
    code, rest = _parts(written)
    return code if code in known and (not rest or _is_said_about(rest)) else ""


def beside(written: str, known: Collection[str]) -> tuple[str, str]:
    """Return the code of the question beside whose answers a column stands, and which column of a long table it is.

    Both are empty if it is no such column.

    >>> known = {"KF1.Q1"}
    >>> [beside(text, known) for text in ("KF1_Q1_comment", "KF1Q1[comment]", "g/KF1.Q1: Comment")]
    [('KF1.Q1', 'comment'), ('KF1.Q1', 'comment'), ('KF1.Q1', 'comment')]
    >>> [beside(text, known) for text in ("KF1_Q1_evidence", "KF1Q1url", "KF1.Q1")]
    [('KF1.Q1', 'evidence_title'), ('KF1.Q1', 'evidence_url'), ('', '')]
    """
    code, rest = _parts(written)
    what = _what(rest) if code in known else ""
    return (code, what) if what else ("", "")


def _what(rest: str) -> str:
    if _BEHIND.fullmatch(rest):
        return "comment"
    match = _BESIDE.fullmatch(rest)
    return _COLUMNS[match.lastgroup or ""] if match else ""


def _parts(written: str) -> tuple[str, str]:
    """Return the first whole code of a text, behind names of groups, and what follows it."""
    text = unicodedata.normalize("NFKC", written).strip()
    # Groups stand before the code, and may be called as its factor is; a slash in the question's text stands behind it.
    starts = [0, *(match.end() for match in re.finditer("/|-(?=[KC]F)", text, re.IGNORECASE))]
    for match in (_WRITTEN.match(text, start) for start in starts):
        if match is not None and (match["kind"].upper() == "KF") == (match["question"] is not None):
            code = f"{match['kind'].upper()}{int(match['factor'])}"
            return (f"{code}.Q{int(match['question'])}" if match["question"] else code), match["rest"]
    return "", ""


def _is_said_about(rest: str) -> bool:
    """Tell whether what follows a code is the text of its question, not a part of a longer name."""
    if _CODE.search(rest):
        return False  # it could be meant as well
    # A digit there is a program's: “KF1.Q1 2” is the second column of this name.
    return re.match(r"[\s:.)–—·-]*[\s:)][¿“\"'«]?[^\W\d_]", rest) is not None and not _what(rest)


def texts(benchmark: Benchmark) -> dict[str, str]:
    """Return the codes of questions and context factors by folded text or title; what two have means none."""
    found: dict[str, list[str]] = {}
    asked = {code: item.text for code, item in benchmark.questions.items()}
    for code, text in (asked | {code: item.title for code, item in benchmark.contexts.items()}).items():
        found.setdefault(folded(text), []).append(code)
    alone = {text: codes[0] for text, codes in found.items() if len(codes) == 1}
    # As our forms label a question, whatever other codes its text mentions.
    return alone | {folded(f"{code} {text}"): code for code, text in asked.items()}
