"""Folder names for cities and rounds: safe on every system, readable, stable.

A slug is a pure function of the name, so the same name gives the same folder on every machine. Where two different
names fold to the same slug, :func:`unique_slug` adds a fingerprint of the name. This module knows nothing of files.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping

from anyascii import anyascii

SLUG_PATTERN = r"^[a-z0-9]+(-[a-z0-9]+)*$"
ROUND_PATTERN = r"^[a-z0-9]+([._-][a-z0-9]+)*$"
MAX_SLUG = 64
MAX_ROUND = 32

# Names that Windows keeps for devices, whatever the ending.
RESERVED = frozenset({"con", "prn", "aux", "nul", *(f"{device}{n}" for device in ("com", "lpt") for n in range(10))})


def is_slug(text: str) -> bool:
    """Tell whether a text may be a city's folder name.

    >>> is_slug("zabia-gora"), is_slug("Żabia"), is_slug("con")
    (True, False, False)
    """
    return len(text) <= MAX_SLUG and re.fullmatch(SLUG_PATTERN, text) is not None and not is_reserved(text)


def is_round(text: str) -> bool:
    """Tell whether a text may be the label of a round.

    >>> is_round("2026.1"), is_round("2026..1"), is_round("con.1")
    (True, False, False)
    """
    return len(text) <= MAX_ROUND and re.fullmatch(ROUND_PATTERN, text) is not None and not is_reserved(text)


def is_reserved(name: str) -> bool:
    """Tell whether Windows keeps a name for a device, and so would not keep a file of it."""
    return name.partition(".")[0] in RESERVED


def same_name(name: str) -> str:
    r"""Return the form in which two spellings of one city's name are equal.

    Case, width, accents written in two ways, runs of spaces and what nobody sees do not make a different city;
    different accents do.

    >>> same_name("ŻABIA  Góra") == same_name("Żabia\u200b góra")
    True
    """
    seen = "".join(letter for letter in name if unicodedata.category(letter) != "Cf")
    return " ".join(unicodedata.normalize("NFKC", seen).casefold().split())


def _fingerprint(name: str, length: int = 6) -> str:
    return hashlib.sha256(same_name(name).encode()).hexdigest()[:length]


def slugify(name: str) -> str:
    """Return a folder name for a city, whatever script its name is written in.

    Parameters
    ----------
    name
        The city's name as people write it.

    Returns
    -------
    str
        1 to 64 of ``a-z``, ``0-9`` and single hyphens; never a name that Windows reserves.

    Examples
    --------
    >>> slugify("Żabia Góra")
    'zabia-gora'
    >>> slugify("../../etc")
    'etc'
    >>> slugify("CON")
    'city-con'
    """
    folded = anyascii(same_name(name)).lower().replace("'", "")
    slug = re.sub(r"[^a-z0-9]+", "-", folded).strip("-")
    if not slug:
        return f"city-{_fingerprint(name)}"
    if slug in RESERVED:
        return f"city-{slug}"
    if len(slug) > MAX_SLUG:
        return f"{slug[: MAX_SLUG - 7].rstrip('-')}-{_fingerprint(name)}"
    return slug


def unique_slug(name: str, taken: Mapping[str, str]) -> str:
    """Return a slug that no other city has.

    Parameters
    ----------
    name
        The city's name.
    taken
        Slugs in use and the names they stand for.

    Returns
    -------
    str
        The plain slug if it is free or already this city's, else the slug with a fingerprint of the name.

    Examples
    --------
    >>> unique_slug("Zürich", {"zurich": "Zurich"})
    'zurich-201f10'
    """
    slug = slugify(name)
    holder = taken.get(slug)
    if holder is None or same_name(holder) == same_name(name):
        return slug
    return f"{slug[: MAX_SLUG - 7].rstrip('-')}-{_fingerprint(name)}"


def suggest_round(label: str) -> str:
    """Return the nearest label that may name a round, for the advice in an error.

    >>> suggest_round("2026/27 Spring")
    '2026-27-spring'
    >>> suggest_round("con")
    'round-con'
    """
    folded = re.sub(r"[^a-z0-9._]+", "-", anyascii(label).lower())
    folded = re.sub(r"([._-])[._-]+", r"\1", folded).strip("._-")
    suggested = folded[:MAX_ROUND].strip("._-") or "2026"
    return f"round-{suggested}"[:MAX_ROUND].strip("._-") if is_reserved(suggested) else suggested
