"""Links: which addresses may be led to, and how they stand in HTML and Markdown.

A link leads where its reader thinks it leads, and does nothing but lead there. What may not be a link, but is harmless
as a text (a place on a shelf, another scheme), stays a text.
"""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import unquote, urlsplit

SAFE_SCHEMES = frozenset({"http", "https", "mailto"})

_HOST = re.compile(r"""[^\s"'$()<>\[\\\]^`{|}%#?/\x00-\x20]+""")
# What no address may hold as it is, by the URL standard, and what ends a link in Markdown; a per cent sign only before
# two digits.
_UNFIT = re.compile(
    r"""[\x00-\x20"'#$()<>\[\\\]^`{|}\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]|%(?![0-9A-Fa-f]{2})"""
)
_LINKED = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:(?P<slashes>[/\\]{2})?(?P<rest>.*)", re.DOTALL)
_ONE_MAILBOX = re.compile(r"[^\s@,;:<>()\[\]\\\"?&]+@[^\s@,;:<>()\[\]\\\"?&]+")
_MORE_THAN_MAIL = re.compile(r"%0[ad]|[?&;,](?:to|b?cc|body|attach)=", re.IGNORECASE)
_LOOK_ALIKE = ({"LATIN", "CYRILLIC"}, {"LATIN", "GREEK"}, {"CYRILLIC", "GREEK"}, {"LATIN", "ARMENIAN"})


def fault_of_link(url: str) -> str:
    """Say why an address may stand nowhere, not even as a text: it would deceive its reader; ``""`` if it may.

    >>> fault_of_link("http://bank.example@evil.example/")
    'this address has something before an “@”, and leads to another host than it seems'
    >>> fault_of_link("https://example.org/@somebody"), fault_of_link("third shelf, green folder")
    ('', '')
    """
    linked = _LINKED.match(url.strip())
    if linked is None:
        mailbox = "@" in url and not re.search(r"\s", url)
        return _MORE if mailbox and _MORE_THAN_MAIL.search(url) else ""
    if any(unicodedata.category(letter) in {"Cc", "Cf", "Zl", "Zp"} for letter in url):
        return "this address holds characters that nobody sees, such as marks of direction"
    if url.strip()[:7].lower() == "mailto:":
        return _fault_of_mail(linked["rest"])
    if not linked["slashes"]:
        return ""
    authority = re.split(r"[/?#]", linked["rest"], maxsplit=1)[0]
    if "@" in authority or "@" in unicodedata.normalize("NFKC", unquote(authority)):
        return "this address has something before an “@”, and leads to another host than it seems"
    if "\\" in authority or linked["slashes"] != "//":
        return "this address has a backslash where its host ends, and leads to another host than it seems"
    if unicodedata.normalize("NFKC", authority).lower() != authority.lower() or any(
        map(_is_mixed, authority.split("."))
    ):
        return "the host of this address is written with letters that look like others"
    if any(map(_is_foreign_sign, unquote(authority))):
        return "the host of this address holds a sign that may be taken for its end"
    return ""


_NAMED_HOST = re.compile(r"(?:[a-z][a-z0-9+.-]*://(?:www\.)?|\bwww\.)([^\s/?#]+)", re.IGNORECASE)

_MORE = "this address would do more than open a letter to one mailbox"


def _fault_of_mail(rest: str) -> str:
    mailbox, _, query = rest.partition("?")
    names = {part.partition("=")[0].lower() for part in re.split("[&;]", query) if part}
    fits = _ONE_MAILBOX.fullmatch(unquote(mailbox)) and names <= {"subject"} and not _MORE_THAN_MAIL.search(rest)
    return "" if fits else _MORE


def _is_foreign_sign(letter: str) -> bool:
    """Tell whether a character is none that names of hosts are made of, such as the slash of fractions."""
    return not (letter.isascii() or letter in "·。" or unicodedata.category(letter)[0] in "LMN")


def _is_mixed(label: str) -> bool:
    """Tell whether a part of a host mixes scripts whose letters look alike."""
    scripts = {unicodedata.name(letter, "").partition(" ")[0] for letter in label if letter.isalpha()}
    return any(pair <= scripts for pair in _LOOK_ALIKE)


def not_deceiving(url: str) -> str:
    """Return an address that may stand in a document; a validator.

    Raises
    ------
    ValueError
        With the fault, and what to do.
    """
    if fault := fault_of_link(url):
        raise ValueError(f"{fault}; {LINK_ADVICE}")
    return url


LINK_ADVICE = "write the plain address, as in https://example.org/page or mailto:office@example.org"


def safe_url(url: str) -> str:
    """Return a link's address as a page or Markdown may hold it, or ``""`` if it may not lead there.

    >>> safe_url("https://example.org/a b"), safe_url("javascript:alert(1)")
    ('https://example.org/a%20b', '')
    >>> safe_url("http://a.example/)![x](http://b.example/p.png")
    'http://a.example/%29!%5Bx%5D%28http://b.example/p.png'
    """
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return ""
    known = parts.scheme.lower() in SAFE_SCHEMES and not fault_of_link(url)
    if not known or not (parts.path if parts.scheme.lower() == "mailto" else _HOST.fullmatch(parts.netloc)):
        return ""
    begin = url.index(parts.netloc) + len(parts.netloc) if parts.netloc else len(parts.scheme) + 1
    path, mark, anchor = url[begin:].partition("#")
    return url[:begin] + _UNFIT.sub(_encoded, path) + mark + _UNFIT.sub(_encoded, anchor)


def link_text(title: str, url: str) -> str:
    """Return what people read of a link: its title, and the address as well where the title names another host.

    >>> link_text("Strategy", "https://example.org/a"), link_text("https://bank.example", "https://evil.example")
    ('Strategy', 'https://bank.example (https://evil.example)')
    """
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        host = ""
    named = {found[1].lower().rstrip(".,;:)") for found in _NAMED_HOST.finditer(title)}
    return title if named <= {host, host.removeprefix("www.")} else f"{title} ({url})"


def _encoded(match: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in match[0].encode("utf-8", "replace"))
