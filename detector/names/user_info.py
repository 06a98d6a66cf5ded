"""User names in addresses: ``https://bank.example@evil.example/`` looks like bank.example and leads to evil.example."""

from __future__ import annotations

import re
from urllib.parse import unquote

from detector.hosts import ascii_host

LONGEST = 512
"""Characters of a user name and password that are read."""
_USER_INFO = re.compile(r"\s*(?:[A-Za-z][A-Za-z0-9+.\-]*\s*:)?\s*[/\\]{0,9}([^/\\?#]*)@")
_MARKS = (("[.]", "."), ("(.)", "."), ("[@]", "@"), ("[:]", ":"))
_WORD = re.compile(r"[a-z0-9_\u0080-\U0010ffff-]+(?:\.[a-z0-9_\u0080-\U0010ffff-]+)*")


def user_info(url: str) -> str:
    """Return user name and password of ``url``, unquoted and in lower case; empty where it has none.

    Reads any text, also a defanged address, and never raises; at most :data:`LONGEST` characters.
    """
    if "@" not in url:
        return ""
    for mark, plain in _MARKS:
        url = url.replace(mark, plain)
    found = _USER_INFO.match(url[:4096])
    text = found[1] if found else ""
    for _ in range(2):
        text = unquote(text)
    return text[-LONGEST:].lower()


def words_of(text: str) -> tuple[str, ...]:
    """Return the words of a user name, those with dots as they are (``www.bank.example``), each once, spelled as hosts are."""
    return tuple(dict.fromkeys(ascii_host(word).strip(".") for word in _WORD.findall(text)))
