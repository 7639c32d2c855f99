"""Which encoding a CSV file is in that is neither UTF-8 nor UTF-16: recognised where it is sure, else refused.

The same bytes are letters in many encodings. A reading counts as possible when its words look like words of some
language; it is sure when all possible readings are the same text. Where the file has a column of countries, a cell must
also be spelt with letters of the languages of its country. Nothing is taken in silence, and nothing is guessed.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import pairwise

from citygrow_nb.exceptions import Problem, TableError
from citygrow_nb.model import countries
from citygrow_nb.tables.sheet import Row

NAMES = {
    "cp1252": "Windows-1252 (Western Europe)",
    "cp1250": "Windows-1250 (Central Europe)",
    "cp1251": "Windows-1251 (Cyrillic)",
    "cp1253": "Windows-1253 (Greek)",
    "cp1254": "Windows-1254 (Turkish)",
    "cp1257": "Windows-1257 (Baltic)",
    "mac_roman": "Mac Roman",
    "mac_latin2": "Mac Central European",
    "mac_cyrillic": "Mac Cyrillic",
    "mac_greek": "Mac Greek",
    "mac_turkish": "Mac Turkish",
    "iso8859_2": "ISO 8859-2 (Central Europe)",
    "iso8859_5": "ISO 8859-5 (Cyrillic)",
    "iso8859_7": "ISO 8859-7 (Greek)",
    "iso8859_9": "ISO 8859-9 (Turkish)",
    "iso8859_13": "ISO 8859-13 (Baltic)",
    "iso8859_15": "ISO 8859-15 (Western Europe)",
    "koi8_r": "KOI8-R (Cyrillic)",
    "koi8_u": "KOI8-U (Ukrainian)",
    "cp437": "DOS 437",
    "cp850": "DOS 850 (Western Europe)",
    "cp852": "DOS 852 (Central Europe)",
    "cp866": "DOS 866 (Cyrillic)",
}
"""Encodings that programs of Europe write, the likeliest first, by the name that Python knows."""

_BETWEEN_LETTERS = frozenset("’–—ʼ")
_BESIDE_WORDS = frozenset("’‘“”„«»…·\u00a0")
_APART = frozenset("–—€°§´\u00a0")
_LETTERS = {
    "AL": "çë",
    "AT": "äöüß",
    "BE": "àâçéèêëïîôûùüäöß",
    "BG": "бг",
    "BY": "бгў",
    "CH": "àâäçéèêëîïôöùûüß",
    "CY": "ελ",
    "CZ": "áčďéěíňóřšťúůýžäöü",
    "DE": "äöüß",
    "DK": "æøåéöäü",
    "EE": "äöõüšž",
    "ES": "áéíóúüñçàèòï·",
    "FI": "äöåšž",
    "FR": "àâæçéèêëîïôœùûüÿñ",
    "GB": "âêîôûŵŷéèòàù",
    "GR": "ελ",
    "HR": "čćđšž",
    "HU": "áéíóöőúüű",
    "IE": "áéíóú",
    "IS": "áéíóúýðþæö",
    "IT": "àèéìíîòóùúäöüß",
    "LT": "ąčęėįšųūž",
    "LU": "äéëöüàâçèêîôû",
    "LV": "āčēģīķļņšūž",
    "ME": "čćđšžбгђј",
    "MK": "бгѓќѕј",
    "MT": "ċġħżàèìòù",
    "NL": "éèëïöüáóúêâ",
    "NO": "æøåéèêóòôâáčđŋšŧž",
    "PL": "ąćęłńóśźż",
    "PT": "áàâãçéêíóôõúü",
    "RO": "ăâîșşțţáéíóöőúüű",
    "RS": "čćđšžбгђј",
    "RU": "бгё",
    "SE": "åäöéàáčđŋšŧž",
    "SI": "čšž",
    "SK": "áäčďéíĺľňóôŕšťúýž",
    "TR": "çğıiöşüâîû",
    "UA": "бгіїєґ",
    "XK": "çëčćđšž",
}
"""Letters beyond a to z with which names are written in a country; Greek and Cyrillic ones stand for their script."""

_SHOWN = 60

RAW = "latin-1"
"""Reads every byte as one letter, so that rows can be told apart before it is known what the letters are."""

_SAVE_AGAIN = "save it as “CSV UTF-8”, or import it with “citygrow answers import --encoding"


def recognise(rows: Iterable[Row], where: str) -> str:
    """Return the encoding of a CSV file that is in none of Unicode's.

    Parameters
    ----------
    rows
        The file, read as :data:`RAW`.
    where
        What to call it in errors.

    Raises
    ------
    TableError
        If several readings are possible, with the two likeliest of a sample cell; or none is.
    """
    cells = _cells(rows)
    readings = {name: read for name in NAMES if (read := _read(cells, name)) and all(map(_is_possible, read))}
    if not readings:
        found = "the text is in an encoding that is not known here"
        raise TableError(Problem(where, found, todo=f"{_SAVE_AGAIN} …”"))
    if len(set(readings.values())) > 1:
        lands = list(cells.values())
        fitting = {name: read for name, read in readings.items() if all(map(_fits, read, lands))}
        readings = fitting or readings
    first, *others = readings
    second = next((name for name in others if readings[name] != readings[first]), "")
    if not second:
        return first
    one, other = next((a, b) for a, b in zip(readings[first], readings[second], strict=True) if a != b)
    found = (
        f"the file is not in UTF-8, and it is not sure what it says: “{one[:_SHOWN]}” in {NAMES[first]}, "
        f"“{other[:_SHOWN]}” in {NAMES[second]}"
    )
    raise TableError(Problem(where, found, todo=f"{_SAVE_AGAIN} {first}” or “… {second}”, whichever is right"))


def checked(name: str) -> str:
    """Return an encoding that somebody named, as Python knows it.

    Raises
    ------
    TableError
        If there is none of this name.
    """
    try:
        found = codecs.lookup(name.strip().replace(" ", "")).name
        # There are codecs of other things than letters.
        "".encode(found)
    except (LookupError, ValueError) as error:
        allowed = "utf-8, utf-16, cp1252, cp1250, cp1251, cp1253, mac_roman and others that Python knows"
        raise TableError(Problem(f"encoding “{name}”", "there is no encoding of this name", allowed)) from error
    return "utf-8-sig" if found == "utf-8" else found


def _cells(rows: Iterable[Row]) -> dict[tuple[bytes, str], str]:
    """Return the letters of a country for each cell with other signs than ASCII; empty where none is named."""
    found: dict[tuple[bytes, str], str] = {}
    column = None
    for row in rows:
        texts = [cell if isinstance(cell, str) else "" for cell in row.cells]
        if column is None and not row.is_blank:
            names = [text.strip().casefold() for text in texts]
            column = names.index("country") if "country" in names else -1
        land = texts[column] if column is not None and 0 <= column < len(texts) else ""
        for text in texts:
            if not text.isascii():
                found.setdefault((text.encode(RAW), land), _letters(land))
    return found


@lru_cache
def _letters(land: str) -> str:
    try:
        return _LETTERS.get(countries.find(land), "") if land else ""
    except ValueError:
        return ""


def _read(cells: Iterable[tuple[bytes, str]], encoding: str) -> tuple[str, ...]:
    try:
        return tuple(content.decode(encoding) for content, _ in cells)
    except UnicodeDecodeError:
        return ()


def _is_possible(text: str) -> bool:
    """Tell whether all words that hold more than ASCII could be words, and quotes are closed."""
    return text.count("«") == text.count("»") and all(
        _is_word(word) for word in set(re.split(r"[ \t\r\n]+", text)) if not word.isascii()
    )


def _is_word(word: str) -> bool:
    for place, sign in enumerate(word):
        if sign.isascii():
            continue
        before, after = word[place - 1 : place], word[place + 1 : place + 2]
        if unicodedata.category(sign)[0] not in "LM":
            touching = before.isalpha() + after.isalpha()
            if sign not in (_APART | _BESIDE_WORDS, _BESIDE_WORDS, _BETWEEN_LETTERS)[touching] and not (
                sign == "·" and before == after == "l"
            ):
                return False
    return all(_is_spelt(part) for part in _parts(word))


def _parts(word: str) -> Iterator[str]:
    """Yield the runs of letters of a word."""
    run = ""
    for sign in f"{word} ":
        if sign.isalpha() or unicodedata.category(sign)[0] == "M":
            run += sign
        elif run:
            yield run
            run = ""


def _is_spelt(part: str) -> bool:
    if part.isascii():
        return True
    if len({_script(letter) for letter in part}) > 1:
        return False
    for one, other in pairwise(part):
        if one.islower() and other.isupper() and not (one.isascii() and other.isascii()):
            return False
    for one, other, third in zip(part, part[1:], part[2:], strict=False):
        if one.isupper() and other.isupper() and third.islower() and not (one.isascii() and other.isascii()):
            return False
    # In no language of Latin letters does a longer word do without all of a to z.
    return not (_script(part[0]) == "LATIN" and len(part) >= 4 and not any(letter.isascii() for letter in part))


def _script(letter: str) -> str:
    name = unicodedata.name(letter, "")
    return (
        "LATIN" if letter.isascii() or name.startswith(("LATIN", "FEMININE", "MASCULINE")) else name.partition(" ")[0]
    )


def _fits(text: str, letters: str) -> bool:
    """Tell whether a text is spelt as people of its country spell."""
    return not letters or all(_is_of(letter, letters) for letter in text.casefold())


def _is_of(letter: str, letters: str) -> bool:
    if letter.isascii() or not letter.isalpha():
        return True
    script, scripts = _script(letter), {_script(each) for each in letters if each.isalpha()}
    if script == "LATIN":
        # Where another script is at home, names in Latin letters are spelt in all ways.
        return letter in letters or scripts != {"LATIN"}
    return script in scripts
