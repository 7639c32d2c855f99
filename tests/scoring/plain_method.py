"""The method of docs/method.md once more, programmed from that page alone: plain functions of JSON, in exact fractions.

It knows nothing of citygrow. A test compares it with citygrow over thousands of made-up self-tests; where the two
differ, the page, the product or this file is wrong.
"""

from __future__ import annotations

from fractions import Fraction


def voices(document, code):
    """Return the voices on one question: name → (level or None, lower quartile, upper quartile, state)."""
    found = {}
    for key, who in document.get("respondents", {}).items():
        answer = document.get("responses", {}).get(key, {}).get(code)
        if key != "agreed" and not who.get("from_city") and answer:
            level = None if answer["state"] != "rated" else Fraction(answer["level"])
            found["institution", key] = level, level, level, answer["state"]
    persons = {}
    for group in document.get("groups", ()):
        if group["code"] == code:
            there = persons.setdefault(group["role"].casefold(), [0, 0, 0, 0])
            for level, count in enumerate(group["levels"]):
                there[level] += count
    for role, counts in persons.items():
        people = sum(counts)
        mean = Fraction(sum(level * count for level, count in enumerate(counts)), people)
        low = min(level for level in range(4) if 4 * sum(counts[: level + 1]) >= people)
        high = max(level for level in range(4) if 4 * sum(counts[level:]) >= people)
        found["persons", role] = mean, Fraction(low), Fraction(high), "rated"
    return found


def contests(voice, kind, agreed):
    """Tell whether one voice differs from the agreed answer."""
    level, state = voice[0], voice[3]
    if state == "dont_know":
        return False
    if (state == "not_applicable") != (agreed["state"] == "not_applicable"):
        return True
    if state == "not_applicable":
        return False
    return level != agreed["level"] if kind == "institution" else abs(level - agreed["level"]) >= Fraction(1, 2)


def question(document, code):
    """Return what counts on a question: state, level, l, h, disputed."""
    said = voices(document, code)
    agreed = document.get("responses", {}).get("agreed", {}).get(code)
    knows = [name for name, voice in said.items() if voice[3] != "dont_know"]
    rated = {name: voice for name, voice in said.items() if voice[3] == "rated"}
    if agreed and not (agreed["state"] == "dont_know" and knows):
        over = agreed.get("over") or {}
        moved = [
            voice
            for (kind, name), voice in said.items()
            if (name not in over or over[name] != (None if voice[0] is None else float(voice[0])))
            and contests(voice, kind, agreed)
        ]
        if agreed["state"] == "dont_know":
            return "dont_know", None, 0, 3, False
        if agreed["state"] == "not_applicable":
            return ("not_applicable", None, 0, 3, True) if moved else ("not_applicable", None, None, None, False)
        level = Fraction(agreed["level"])
        if not moved:
            return "rated", level, level, level, False
        if any(voice[3] == "not_applicable" for voice in moved):
            return "rated", level, 0, 3, True
        low = min([level, *(voice[1] for voice in rated.values())])
        high = max([level, *(voice[2] for voice in rated.values())])
        return "rated", level, low, high, True
    if rated:
        level = sum(voice[0] for voice in rated.values()) / len(rated)
        if any(voice[3] == "not_applicable" for voice in said.values()):
            return "rated", level, 0, 3, True
        low, high = min(voice[1] for voice in rated.values()), max(voice[2] for voice in rated.values())
        return "rated", level, low, high, low < high
    if said and all(voice[3] == "not_applicable" for voice in said.values()):
        return "not_applicable", None, None, None, False
    return ("dont_know" if said or agreed else "unanswered"), None, 0, 3, False


def factor(document, codes, limits):
    """Return the figures of a key factor."""
    found = [question(document, code) for code in codes]
    counts = [item for item in found if item[2] is not None]
    rated = [item for item in counts if item[0] == "rated"]
    n, r = len(counts), len(rated)
    lower = Fraction(100 * sum(item[2] for item in counts), 3 * n) if n else None
    upper = Fraction(100 * sum(item[3] for item in counts), 3 * n) if n else None
    return {
        "score": Fraction(100 * sum(item[1] for item in rated), 3 * r) if r else None,
        "lower": lower,
        "upper": upper,
        "coverage": Fraction(r, n) if n else None,
        "standing": standing(n, r, lower, upper, [item[2] for item in counts], limits),
        "could_be": could_be(n, upper, [item[3] for item in counts], limits),
        "questions": found,
    }


def standing(n, r, lower, upper, lows, limits):
    if not n:
        return "not_applicable"
    if lower >= limits["met"] and 0 not in lows and 2 * r >= n:
        return "met"
    if lower >= limits["close"]:
        return "close"
    return "gap" if upper < limits["close"] else "unknown"


def could_be(n, upper, highs, limits):
    if not n:
        return "not_applicable"
    if upper >= limits["met"] and 0 not in highs:
        return "met"
    return "close" if upper >= limits["close"] else "gap"
