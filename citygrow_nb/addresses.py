"""How an address is shown: without the secrets that people write into it, and that others' errors repeat.

Stands below everything, so that whatever is told passes through it.
"""

from __future__ import annotations

import re
from urllib.parse import unquote

# One slash is what a path makes of two, and a path of Windows turns them round; one letter before them is a drive.
_ADDRESS = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]+):(?P<slashes>[/\\]{1,2})(?P<rest>\S+)")
_VALUE = re.compile(r"([?&;#][^=&;#\s]*=)[^&;#\s]*?(?=[.,:”’\"')\]]*(?:[&;#]|$))")
_WEB = frozenset({"http", "https", "ws", "wss"})
_LEAST = 4
"""Letters of a part of a secret that is looked for by itself; a shorter one stands in other words, too."""


def without_secrets(text: str, *addresses: str) -> str:
    """Return a text in which every address stands without user name, password and the values behind its “?”.

    Parameters
    ----------
    text
        What is to be told.
    addresses
        Addresses whose secrets are taken out even where the text repeats them alone.

    Examples
    --------
    >>> without_secrets("s3://KEY:SEC/RET@bucket/reports: there is no such bucket")
    's3://…@bucket/reports: there is no such bucket'
    >>> without_secrets("https://example.org/a?sig=SECRET&n=1, row 2")
    'https://example.org/a?sig=…&n=…, row 2'
    >>> without_secrets('no bucket "KEY:SECRET@bucket"', "s3://KEY:SECRET@bucket")
    'no bucket "…@bucket"'
    """
    for secret in sorted({part for address in addresses for part in _secrets(address)}, key=len, reverse=True):
        text = text.replace(secret, "…")
    return _ADDRESS.sub(_shown, text) if ":/" in text or ":\\" in text else text


def has_password(address: str) -> bool:
    """Tell whether somebody wrote a password into an address.

    >>> has_password("tcp://me:SECRET@host:8786"), has_password("abfs://container@account/folder")
    (True, False)
    """
    found = _ADDRESS.fullmatch(address)
    return found is not None and ":" in _user(found["scheme"], found["rest"])


def _user(scheme: str, rest: str) -> str:
    """Return what stands before the host; a password may hold what otherwise ends it."""
    if scheme.lower() in _WEB:
        authority = re.split(r"[/\\?#]", rest, maxsplit=1)[0]
        if "@" in authority or not re.match(r"[^/:]*:(?!\d*(?:[/?#]|$))", rest):
            return authority.rpartition("@")[0]
    return rest.rpartition("@")[0]


def _shown(found: re.Match[str]) -> str:
    scheme, rest = found["scheme"], found["rest"]
    user = _user(scheme, rest)
    # Azure writes its container before the host.
    if user and (":" in user or not scheme.lower().startswith(("abfs", "wasb"))):
        rest = f"…{rest[len(user) :]}"
    return f"{scheme}:{found['slashes']}" + _VALUE.sub(r"\1…", rest)


def _secrets(address: str) -> set[str]:
    found = _ADDRESS.fullmatch(address)
    if found is None:
        return set()
    user = _user(found["scheme"], found["rest"])
    behind = found["rest"][len(user) :].partition("?")[2]
    parts = {*user.split(":"), user.partition(":")[2], *(part.partition("=")[2] for part in re.split("[&;#]", behind))}
    parts |= {unquote(part) for part in parts}
    return {part for part in parts if len(part) >= _LEAST} | ({user} if ":" in user else set())
