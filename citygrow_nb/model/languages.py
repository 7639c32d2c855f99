"""Languages by ISO 639 code: what people write, and what they are called in English."""

from __future__ import annotations

from functools import cache


def code_of(written: str) -> str:
    """Return the code of a language that somebody wrote as a code, in English or in the language itself; else "".

    >>> code_of("EN"), code_of("Polish"), code_of("deutsch"), code_of("Klingonish")
    ('en', 'pl', 'de', '')
    """
    word = written.strip().casefold()
    return word if word in _names() else _known().get(word, "")


def name_of(code: str) -> str:
    """Return the English name of a language, or its code where none is known.

    >>> name_of("pl")
    'Polish'
    """
    return _names().get(code, code)


@cache
def _names() -> dict[str, str]:
    from babel import Locale

    return {code: str(name) for code, name in Locale("en").languages.items() if code.isalpha() and len(code) <= 3}


@cache
def _known() -> dict[str, str]:
    from babel import Locale, UnknownLocaleError

    found = {name.casefold(): code for code, name in _names().items()}
    for code in [code for code in _names() if len(code) == 2]:
        try:
            own = Locale(code).language_name
        except UnknownLocaleError:
            continue
        found.setdefault((own or code).casefold(), code)
    return found
