"""Countries: the codes of ISO 3166-1 and ``XK`` for Kosovo, their names, and what people write for them.

Names and codes come from Babel, which has them from the Unicode CLDR; it is loaded when the first country is looked at.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache
from types import MappingProxyType

ALSO = {"UK": "GB", "EL": "GR"}
"""Codes that the European institutions write, and those of the standard that they stand for."""

_NO_COUNTRY = frozenset(["AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"])
"""What CLDR names besides countries: unions, pseudo regions, and islands that the standard counts to a country."""

LANGUAGES = (
    *("bg", "cs", "da", "de", "el", "es", "et", "fi", "fr", "ga", "hr", "hu", "it", "lt", "lv", "mt", "nl", "pl", "pt"),
    *("ro", "sk", "sl", "sv", "nb", "is", "uk", "sr", "sq", "mk", "bs", "tr"),
)
"""Languages besides English in which a country's name is understood."""


@cache
def names() -> Mapping[str, str]:
    """Return the English name of every country by its code, in the order of the names."""
    return MappingProxyType(dict(sorted(_named("en").items(), key=lambda item: _folded(item[1]))))


def choices() -> list[tuple[str, str]]:
    """Return code and English name of every country, in the order of the names."""
    return list(names().items())


def normalised(text: str) -> str:
    """Return a country's code in capital letters, and in that of the standard.

    Parameters
    ----------
    text
        A code, also ``UK`` or ``EL``.

    Raises
    ------
    ValueError
        If there is no such country; the sentence says what is allowed.

    Examples
    --------
    >>> normalised("pl"), normalised("UK"), normalised("EL")
    ('PL', 'GB', 'GR')
    """
    code = text.strip().upper()
    code = ALSO.get(code, code)
    if code in names():
        return code
    raise ValueError(f"“{text}” is no country; allowed: a code of two letters, such as PL, ISO 3166-1{_hint(text)}")


def find(text: str) -> str:
    """Return the code of the country that a person means.

    Parameters
    ----------
    text
        Code or name, in English or another language of Europe.

    Raises
    ------
    ValueError
        If there is no such country; the sentence says what is allowed.

    Examples
    --------
    >>> find("Czechia"), find("uk"), find("Österreich")
    ('CZ', 'GB', 'AT')
    """
    if re.fullmatch(r"\s*[A-Za-z]{2}\s*", text):
        return normalised(text)
    wanted = _folded(text)
    for language in ("en", *LANGUAGES):
        if code := _by_name(language).get(wanted):
            return code
    raise ValueError(f"“{text}” is no country; allowed: its name, or a code of two letters, such as PL{_hint(text)}")


def _hint(text: str) -> str:
    known = _by_name("en")
    near = get_close_matches(_folded(text), known, n=1, cutoff=0.75)
    return f"; did you mean {known[near[0]]}, {names()[known[near[0]]]}?" if near else ""


@cache
def _named(language: str) -> dict[str, str]:
    from babel import Locale

    territories = Locale(language).territories
    return {code: name for code, name in territories.items() if len(code) == 2 and code not in _NO_COUNTRY}


@cache
def _by_name(language: str) -> dict[str, str]:
    return {_folded(name): code for code, name in _named(language).items()}


def _folded(name: str) -> str:
    plain = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
    return re.sub(r"\W+", " ", plain.casefold().replace("&", " and ")).strip()
